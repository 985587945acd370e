//! The player and its reports against a target that gives canned answers.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod complaints;
mod double;
mod play;
mod reports;
mod rulebook;
mod schema;
mod specimen;
