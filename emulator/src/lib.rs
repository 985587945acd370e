//! An offline sandbox that behaves like the BioTrack NY licensee API, as a library.
//!
//! ```text
//! http      sockets, requests, sessions, decoding, answers
//! control   the control plane under /_tagtrail
//! portal    pages, and what comes before a call: keys, consent, passwords, tags
//! api       one row per live route, one action per write
//! lifecycle states, verbs, guards
//! world     a store with its clock, identifiers, people and journal; the writer
//! store     four ordered tables; the only one who knows redb
//! model     values and records
//! ```
//!
//! Imports point down. `lifecycle` and `model` know no HTTP, no disk and no time of day.

mod api;
mod clock;
mod control;
mod fault;
mod http;
pub mod ids;
mod lifecycle;
mod model;
mod password;
mod portal;
mod profile;
mod refusal;
mod sandbox;
mod store;
mod world;

pub use clock::Clock;
pub use http::router::planned;
pub use lifecycle::printed_grids;
pub use model::{Barcode, Moment};
pub use portal::printed_doors;
pub use profile::Profile;
pub use sandbox::{Config, Sandbox, StartError};
