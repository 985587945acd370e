//! The life of one item of a transfer: it is settled with the transfer, once.
//!
//! ```text
//!        named with the whole ──▶ Accepted
//!  Sent ─ named with less ──────▶ PartAccepted   the rest is a new item on the way back
//!        named with 0, unnamed ─▶ Rejected       it is on the way back itself
//!        transfer voided ───────▶ Released
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::TransferItem,
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Sent,
    Accepted,
    PartAccepted,
    Rejected,
    Released,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// In whole, in part or not at all.
    Settle,
    /// The transfer is voided.
    Release,
}

/// What can happen to an item of a transfer in which state (rulebook 14.5).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 2> = Grid { verbs: [
    (Verb::Settle, "received"), (Verb::Release, "voided"),
], rows: &[
    //                     settle     release
    (State::Sent,         [OK,        OK]),
    (State::Accepted,     ["XFER-31", "XFER-56"]),
    (State::PartAccepted, ["XFER-31", "XFER-56"]),
    (State::Rejected,     ["XFER-31", "XFER-56"]),
    (State::Released,     ["XFER-31", "XFER-58"]),
] };

pub fn state(item: &TransferItem) -> State {
    match () {
        () if item.deleted => State::Released,
        () if item.received && item.received_amount < item.amount => State::PartAccepted,
        () if item.received => State::Accepted,
        // What comes back is marked as rejected from the beginning, and is taken back once.
        () if item.is_rejected && !item.is_return => State::Rejected,
        () => State::Sent,
    }
}

/// Whether an item of a transfer may be settled or released now.
pub fn permit(item: &TransferItem, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(item), verb).map_or(Ok(()), |rule| Err(refuse(rule)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Released as usize + 1, Verb::Release as usize + 1));
    }
}
