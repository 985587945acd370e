//! The tests of the whole: golden files, rules, tidiness, contract, doors and scenarios.

mod contract;
mod doors;
mod example;
mod fuzz;
mod golden;
mod rules;
mod scenarios;
mod source;
mod stand;
mod tidy;
mod worlds;
