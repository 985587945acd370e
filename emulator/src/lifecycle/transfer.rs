//! The life of a transfer: one shipped stop, settled once.
//!
//! ```text
//!            arrive           receive
//!  InTransit ──────▶ Arrived ─────────▶ Received, or Rejected when nothing was accepted
//!      └── void ──▶ Voided ◀── void ──┘           │
//!                                                 ▼ what was refused
//!                                  ComingBack ── receive (its sender) ──▶ TakenBack
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{InventoryTransfer, TransferFacts, TransferType},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    InTransit,
    Arrived,
    /// All or part of it was accepted.
    Received,
    /// Nothing was accepted.
    Rejected,
    Voided,
    /// Refused goods on the way back.
    ComingBack,
    TakenBack,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Receive,
    /// The same at a laboratory.
    ReceiveSamples,
    Void,
}

/// What can be done with a transfer in which state (rulebook 14.5).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 3> = Grid { verbs: [
    (Verb::Receive, "received"), (Verb::ReceiveSamples, "received"), (Verb::Void, "voided"),
], rows: &[
    //                   receive    samples   void
    (State::InTransit,  ["XFER-32", "LAB-31", OK]),
    (State::Arrived,    [OK,        OK,       OK]),
    (State::Received,   ["XFER-31", "LAB-30", "XFER-56"]),
    (State::Rejected,   ["XFER-31", "LAB-30", "XFER-56"]),
    (State::Voided,     ["XFER-31", "LAB-30", "XFER-58"]),
    (State::ComingBack, [OK,        "LAB-29", "XFER-51"]),
    (State::TakenBack,  ["XFER-31", "LAB-29", "XFER-51"]),
] };

pub fn state(transfer: &InventoryTransfer, facts: &TransferFacts) -> State {
    let back = transfer.transfer_type == TransferType::Rejected;
    match () {
        () if transfer.deleted => State::Voided,
        () if back && transfer.received => State::TakenBack,
        () if back => State::ComingBack,
        () if transfer.received => State::Received,
        () if transfer.is_rejected => State::Rejected,
        () if facts.arrived => State::Arrived,
        () => State::InTransit,
    }
}

/// Whether a verb may be used on a transfer now.
pub fn permit(
    transfer: &InventoryTransfer,
    facts: &TransferFacts,
    verb: Verb,
) -> Result<(), Refusal> {
    GRID.refusing(state(transfer, facts), verb)
        .map_or(Ok(()), |rule| Err(refuse(rule).with("n", transfer.manifest_stop_number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::TakenBack as usize + 1, Verb::Void as usize + 1));
    }
}
