//! The life of a sale: what was refunded of it, line by line, decides.
//!
//! ```text
//!        refund a line              refund the last line
//!  Live ──────────────▶ PartRefunded ──────────────────▶ Refunded
//!    └── void ──▶ Voided
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{Sale, SaleFacts, SaleType},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Live,
    PartRefunded,
    Refunded,
    Voided,
    /// It is the refund of another sale.
    IsRefund,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Change,
    Void,
    Refund,
    /// A stop of a Delivery names it.
    Deliver,
}

/// What can be done with a sale in which state (rulebook 15.6). Where its lines decide, the cell permits.
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 4> = Grid { verbs: [
    (Verb::Change, "changed"), (Verb::Void, "voided"), (Verb::Refund, "refunded"), (Verb::Deliver, "delivered"),
], rows: &[
    //                     change     void       refund     deliver
    (State::Live,         [OK,        OK,        OK,        OK]),
    (State::PartRefunded, [OK,        "SALE-40", OK,        "SALE-62"]),
    (State::Refunded,     [OK,        "SALE-40", OK,        "SALE-62"]),
    (State::Voided,       ["SALE-36", "SALE-36", "SALE-36", "SALE-62"]),
    (State::IsRefund,     ["SALE-37", "SALE-37", "SALE-37", "SALE-62"]),
] };

pub fn state(sale: &Sale, facts: &SaleFacts) -> State {
    match () {
        () if sale.kind == SaleType::Refund => State::IsRefund,
        () if sale.deleted => State::Voided,
        () if facts.refunded.is_empty() => State::Live,
        () if facts.refunded.len() < sale.item.len() => State::PartRefunded,
        () => State::Refunded,
    }
}

/// Whether a verb may be used on a sale now.
pub fn permit(sale: &Sale, facts: &SaleFacts, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(sale, facts), verb)
        .map_or(Ok(()), |rule| Err(refuse(rule).with("id", sale.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::IsRefund as usize + 1, Verb::Deliver as usize + 1));
    }
}
