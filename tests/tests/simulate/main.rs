//! Random calls against a naive model, racing calls, and identifiers by the million.
//!
//! `TAGTRAIL_SIMULATE_SECONDS` makes the simulation longer, `TAGTRAIL_SIMULATE_SEED` repeats a run.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod act;
mod books;
mod conserve;
mod ids;
mod judge;
mod kind;
mod model;
mod race;
mod replica;
mod run;
mod settle;
mod take;
