//! The life of an invoice.
//!
//! ```text
//!          named by a stop          shipped            something accepted
//!  Open ───────────────────▶ Planned ─────▶ Shipped ─────────────────────▶ Accepted
//!   │  ◀───────────────────          ◀─────    │
//!   │  dropped, manifest voided       voided   │ nothing accepted
//!   └── void ──▶ Voided ◀──────────────────────┘
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{Invoice, InvoiceFacts},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Open,
    /// On an open manifest.
    Planned,
    /// Its goods are on the road.
    Shipped,
    Accepted,
    Voided,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// Other lines, or another buyer.
    Change,
    Reprice,
    Void,
    /// A stop of a manifest names it.
    Name,
    Pay,
}

/// What can be done with an invoice in which state (rulebook 12.4).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 5> = Grid { verbs: [
    (Verb::Change, "changed"), (Verb::Reprice, "repriced"), (Verb::Void, "voided"), (Verb::Name, "named"),
    (Verb::Pay, "paid"),
], rows: &[
    //                 change     reprice    void       name      pay
    (State::Open,     [OK,        OK,        OK,        OK,       OK]),
    (State::Planned,  ["BILL-24", OK,        "BILL-33", "MAN-33", OK]),
    (State::Shipped,  ["BILL-24", OK,        "BILL-33", "MAN-33", OK]),
    (State::Accepted, ["BILL-25", OK,        "BILL-34", "MAN-33", OK]),
    (State::Voided,   ["BILL-37", "BILL-37", "BILL-37", "MAN-33", "BILL-37"]),
] };

pub fn state(invoice: &Invoice, facts: &InvoiceFacts) -> State {
    match () {
        () if invoice.deleted => State::Voided,
        () if invoice.accepted => State::Accepted,
        () if facts.shipped => State::Shipped,
        () if facts.manifest.is_some() => State::Planned,
        () => State::Open,
    }
}

/// Whether a verb may be used on an invoice now.
pub fn permit(invoice: &Invoice, facts: &InvoiceFacts, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(invoice, facts), verb).map_or(Ok(()), |rule| {
        let manifest = facts.manifest.map(|id| id.to_string()).unwrap_or_default();
        Err(refuse(rule).with("n", invoice.invoice_id).with("m", manifest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Voided as usize + 1, Verb::Pay as usize + 1));
    }
}
