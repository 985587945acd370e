//! The life of one stop of a manifest.
//!
//! ```text
//!             ship             arrive             receive
//!  Planned ────────▶ Shipped ──────────▶ Arrived ─────────▶ Settled
//!      ▲             │  ▲  ▲ ◀────────── │
//!      │        park ▼  │ resume  undo    │
//!      │            Parked                │
//!      └──────── transfer voided ─────────┘
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{ManifestStop, StopFacts},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Planned,
    Shipped,
    Parked,
    Arrived,
    Settled,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Ship,
    Park,
    Resume,
    Arrive,
    UndoArrive,
}

/// What can be done at a stop in which state (rulebook 13.10).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 5> = Grid { verbs: [
    (Verb::Ship, "shipped"), (Verb::Park, "parked"), (Verb::Resume, "resumed"), (Verb::Arrive, "arrived"),
    (Verb::UndoArrive, "un-done"),
], rows: &[
    //                ship       park      resume    arrive    undo
    (State::Planned, [OK,        "MAN-81", "MAN-82", "MAN-55", "MAN-62"]),
    (State::Shipped, ["XFER-12", OK,       "MAN-82", OK,       "MAN-62"]),
    (State::Parked,  ["XFER-12", "MAN-81", OK,       "MAN-58", "MAN-62"]),
    (State::Arrived, ["XFER-12", "MAN-81", "MAN-82", "MAN-56", OK]),
    (State::Settled, ["XFER-12", "MAN-81", "MAN-82", "MAN-57", "MAN-57"]),
] };

pub fn state(stop: &ManifestStop, facts: &StopFacts) -> State {
    match () {
        () if facts.settled => State::Settled,
        () if facts.shipped_on.is_none() => State::Planned,
        () if stop.driver_arrived => State::Arrived,
        () if stop.transporter_parked => State::Parked,
        () => State::Shipped,
    }
}

/// Whether a verb may be used at a stop now.
pub fn permit(stop: &ManifestStop, facts: &StopFacts, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(stop, facts), verb)
        .map_or(Ok(()), |rule| Err(refuse(rule).with("n", stop.stop_number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Settled as usize + 1, Verb::UndoArrive as usize + 1));
    }
}
