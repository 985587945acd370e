//! A market of many companies and laboratories that trade at random, and clients that race for the same
//! goods and documents.
//!
//! `TAGTRAIL_SIMULATE_SECONDS` makes the market longer, `TAGTRAIL_SIMULATE_SEED` repeats a run.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod act;
mod audit;
mod calendar;
mod cast;
mod commitment;
mod embedded;
mod kind;
mod ledger;
mod market;
mod mirror;
mod moves;
mod post;
mod race;
mod run;
mod scene;
mod sight;
mod trade;
