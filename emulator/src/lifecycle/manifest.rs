//! The life of a manifest.
//!
//! ```text
//!             accept (transporter)          ship               last stop settled
//!  Planned ─────────────────────▶ Accepted ─────▶ InTransit ─────────────────────▶ Completed
//!     │  ───────────────── ship ──────────────────▶   │
//!     │  ◀──────── last live transfer voided ─────────┤
//!     └── void, declined ──▶ Voided ◀── void ─────────┘
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{Manifest, ManifestType},
    refusal::{Refusal, refuse, require},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Planned,
    /// A transporter took it on.
    Accepted,
    InTransit,
    Completed,
    Voided,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// Other stops, drivers or transporter, by the sender.
    Change,
    /// Another driver or vehicle of a pickup.
    Modify,
    Accept,
    Decline,
    /// Another driver or vehicle of the transporter.
    Drive,
    /// Park or resume at a stop.
    Park,
    Void,
    Ship,
}

/// What can be done with a manifest in which state (rulebook 13.10). Where its stops decide, the cell
/// permits.
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 8> = Grid { verbs: [
    (Verb::Change, "change"), (Verb::Modify, "modify"), (Verb::Accept, "accept"), (Verb::Decline, "reject"),
    (Verb::Drive, "change"), (Verb::Park, "park"), (Verb::Void, "void"), (Verb::Ship, "ship"),
], rows: &[
    //                  change    modify    accept    decline   drive     park      void      ship
    (State::Planned,   [OK,       OK,       OK,       OK,       "MAN-72", "MAN-72", OK,       OK]),
    (State::Accepted,  ["MAN-71", OK,       "MAN-76", OK,       OK,       OK,       OK,       OK]),
    (State::InTransit, ["MAN-44", "MAN-66", "MAN-76", "MAN-78", OK,       OK,       OK,       OK]),
    (State::Completed, ["MAN-44", "MAN-66", "MAN-76", "MAN-78", "MAN-74", "MAN-74", "MAN-48", "XFER-12"]),
    (State::Voided,    ["MAN-49", "MAN-49", "MAN-49", "MAN-49", "MAN-49", "MAN-49", "MAN-49", "XFER-10"]),
] };

pub fn state(manifest: &Manifest) -> State {
    match () {
        () if manifest.deleted => State::Voided,
        () if manifest.completed => State::Completed,
        () if manifest.in_transit => State::InTransit,
        () if manifest.is_accepted => State::Accepted,
        () => State::Planned,
    }
}

/// Whether a verb may be used on a manifest now.
pub fn permit(manifest: &Manifest, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(manifest), verb).map_or(Ok(()), |rule| Err(refuse(rule)))
}

/// Nobody but the system touches what the system made (MAN-52).
pub fn by_people(manifest: &Manifest) -> Result<(), Refusal> {
    require(manifest.kind != ManifestType::Rejected, || refuse("MAN-52"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Voided as usize + 1, Verb::Ship as usize + 1));
    }
}
