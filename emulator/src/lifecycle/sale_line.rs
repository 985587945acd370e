//! The life of one line of a sale: refunded once, in whole or in part, or voided with the sale.
//!
//! ```text
//!        refund ──────────▶ Refunded
//!  Sold ─ void of the sale ▶ Voided
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{Sale, SaleFacts, SaleItem},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Sold,
    /// A part counts as the once (SALE-47).
    Refunded,
    Voided,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Change,
    Refund,
}

/// What can be done with a line in which state (rulebook 15.6).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 2> = Grid { verbs: [
    (Verb::Change, "changed"), (Verb::Refund, "refunded"),
], rows: &[
    //                change     refund
    (State::Sold,     [OK,        OK]),
    (State::Refunded, ["SALE-35", "SALE-47"]),
    (State::Voided,   ["SALE-36", "SALE-36"]),
] };

pub fn state(line: &SaleItem, sale: &Sale, facts: &SaleFacts) -> State {
    match () {
        () if sale.deleted => State::Voided,
        () if facts.refunded.contains(&line.item_number) => State::Refunded,
        () => State::Sold,
    }
}

/// Whether a verb may be used on a line now.
pub fn permit(line: &SaleItem, sale: &Sale, facts: &SaleFacts, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(line, sale, facts), verb)
        .map_or(Ok(()), |rule| Err(refuse(rule).with("n", line.item_number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Voided as usize + 1, Verb::Refund as usize + 1));
    }
}
