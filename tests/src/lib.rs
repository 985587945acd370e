//! What the tests of the whole share: `tests/simulate` and `tests/market` play random calls, `tests/it`
//! holds the rest, `benches` the measurements.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

pub mod amount;
pub mod dice;
pub mod listing;
pub mod pages;
pub mod race;
pub mod shrink;
pub mod verdict;
pub mod wire;
pub mod world;
