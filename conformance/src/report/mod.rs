//! What a run looks like to a reader: each reporter consumes events and writes.

pub mod coverage;
pub mod finding;
pub mod github;
pub mod json;
pub mod junit;
pub mod plural;
pub mod terminal;

pub use coverage::Untouched;
pub use github::GitHub;
pub use json::Json;
pub use junit::JUnit;
pub use terminal::Terminal;
