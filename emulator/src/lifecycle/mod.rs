//! The life of each thing in one place: states, verbs, guards, refusals. No HTTP, no disk, no time of day.

pub mod directory;
pub mod item;
pub mod room;
