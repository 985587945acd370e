//! The life of a room.
//!
//! ```text
//!            rename              rename
//!   create  ┌──────┐   goods    ┌──────┐
//!  ───────▶ │ Live │ ─ in/out ─▶│ Live │
//!           │ empty│ ◀───────── │ holds│
//!           └──┬───┘            └──────┘
//!              │ remove
//!              ▼
//!           Removed (for good)
//! ```

use crate::refusal::{Refusal, refuse, require};

/// A removed room cannot be changed or removed again; it cannot come back (ROOM-15).
pub fn live(deleted: bool, id: &str) -> Result<(), Refusal> {
    require(!deleted, || refuse("ROOM-15").with("id", id))
}

pub fn named(name: &str) -> Result<(), Refusal> {
    require(!name.trim().is_empty(), || refuse("ROOM-03"))
}
