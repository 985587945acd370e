//! Plays scenarios against a target and tells what happens as events.

pub mod client;
pub mod compare;
pub mod people;
pub mod target;

mod call;
mod capture;
mod check;
mod evidence;
mod judge;
mod play;
mod run;
mod world;

pub use run::{Options, run};
