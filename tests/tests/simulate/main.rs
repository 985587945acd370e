//! Random calls against a naive model, racing calls, and identifiers by the million.
//!
//! `TAGTRAIL_SIMULATE_SECONDS` makes the simulation longer, `TAGTRAIL_SIMULATE_SEED` repeats a run.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod act;
mod dice;
mod ids;
mod judge;
mod model;
mod race;
mod run;
mod wire;
