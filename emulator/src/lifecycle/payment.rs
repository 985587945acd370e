//! The life of a payment: the buyer records it, the seller decides, once.
//!
//! ```text
//!            accept ──▶ Accepted
//!  Pending ─ reject ──▶ Rejected
//!            withdraw ─▶ Withdrawn
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::InvoicePayment,
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Pending,
    Accepted,
    Rejected,
    Withdrawn,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Change,
    Withdraw,
    Accept,
    Reject,
}

/// What can be done with a payment in which state (rulebook 12.4).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 4> = Grid { verbs: [
    (Verb::Change, "changed"), (Verb::Withdraw, "withdrawn"), (Verb::Accept, "accepted"), (Verb::Reject, "rejected"),
], rows: &[
    //                  change     withdraw   accept     reject
    (State::Pending,   [OK,        OK,        OK,        OK]),
    (State::Accepted,  ["BILL-56", "BILL-56", "BILL-56", "BILL-56"]),
    (State::Rejected,  ["BILL-57", "BILL-57", "BILL-57", "BILL-57"]),
    (State::Withdrawn, ["BILL-58", "BILL-58", "BILL-58", "BILL-58"]),
] };

pub fn state(payment: &InvoicePayment) -> State {
    match () {
        () if payment.deleted => State::Withdrawn,
        () if payment.accepted => State::Accepted,
        () if payment.rejected => State::Rejected,
        () => State::Pending,
    }
}

/// Whether a verb may be used on a payment now.
pub fn permit(payment: &InvoicePayment, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(payment), verb).map_or(Ok(()), |rule| Err(refuse(rule)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Withdrawn as usize + 1, Verb::Reject as usize + 1));
    }
}
