//! The tests of the whole: golden files, rules, tidiness, contract, doors and scenarios.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop; clippy only knows this inside #[test]"
)]

mod contract;
mod documentation;
mod doors;
mod example;
mod fuzz;
mod golden;
mod matrix;
mod people;
mod portal;
mod rules;
mod scenarios;
mod source;
mod stand;
mod strangers;
mod tidy;
mod worlds;
