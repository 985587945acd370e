//! Plays scenario files against any target that speaks the API, and reports how it conforms.
//!
//! The map, from the file to the report:
//!
//! - [`scenario`]: what a file says, with the place of every word; read and checked before anything is played.
//! - [`player`]: turns steps into calls and replies into findings; knows HTTP and the contract, never the emulator.
//! - [`contract`]: the published interface: routes, reply schemas, rules.
//! - [`event`]: what the player tells; the only thing that reporters see.
//! - [`report`]: terminal, JSON, JUnit and annotations, each a consumer of events.
//! - [`coverage`]: which routes and rules a run touched.
//! - [`exit`]: the exit codes.
//!
//! A finding is a difference in the target. Trouble on the way to the target is an error and never a finding.

pub mod contract;
pub mod coverage;
pub mod event;
pub mod exit;
pub mod player;
pub mod report;
pub mod scenario;

pub use event::{Event, Reporter, Summary};
pub use exit::Exit;
pub use player::people::People;
pub use player::target::Target;
pub use player::{Options, run};
pub use scenario::load::{Source, builtin, load};
