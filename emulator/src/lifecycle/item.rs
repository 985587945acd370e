//! The life of an inventory item.
//!
//! ```text
//!              adjust up          schedule
//!  Depleted ◀──────────▶ Available ─────────▶ Scheduled for Destruction ──▶ Destroyed
//!            adjust, use             ◀─────────                     destroy
//!                                   unschedule
//! ```
//!
//! An item has no single state: it may be scheduled and lie in quarantine and be on an invoice. The
//! topmost row of [`GRID`] that applies decides, and it decides for every verb: the grid is total.

use super::grid::{Grid, OK};
use crate::{
    model::{Barcode, Inventory, ItemFacts},
    refusal::{Refusal, refuse, require},
};

/// The rows of the grid, in order: the first that applies decides (rulebook 9.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Deleted,
    Destroyed,
    Transferred,
    Seized,
    Scheduled,
    OnManifest,
    OnInvoice,
    Sample,
    Restocked,
    Quarantined,
    Depleted,
    Available,
}

/// What can be done with an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Describe,
    Adjust,
    Move,
    Ingredient,
    Dry,
    Use,
    Sublot,
    Sample,
    Schedule,
    Unschedule,
    Destroy,
    Invoice,
    Manifest,
    Sell,
}

/// What can be done with an item in which state. What an invoice asks has no column in the rulebook's
/// grid; BILL-13 and BILL-15 say it in words.
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 14> = Grid { verbs: [
    (Verb::Describe, "modified"), (Verb::Adjust, "adjusted"),    (Verb::Move, "moved"),
    (Verb::Ingredient, "mixed"),  (Verb::Dry, "dried"),          (Verb::Use, "used"),
    (Verb::Sublot, "split"),      (Verb::Sample, "sampled"),     (Verb::Schedule, "scheduled"),
    (Verb::Unschedule, "unscheduled"), (Verb::Destroy, "destroyed"), (Verb::Invoice, "invoiced"),
    (Verb::Manifest, "shipped"), (Verb::Sell, "sold"),
], rows: &[
    //                    describe  adjust     move      ingred.   dry        use        sublot     sample     schedule   unsched.  destroy   invoice    manifest  sell
    (State::Deleted,     ["INV-12", "INV-12",  "INV-12", "INV-12", "INV-12",  "INV-12",  "INV-12",  "INV-12",  "INV-12",  "INV-12", "INV-12", "INV-12",  "INV-12", "INV-12"]),
    (State::Destroyed,   ["INV-13", "INV-13",  "INV-13", "INV-13", "INV-13",  "INV-13",  "INV-13",  "INV-13",  "INV-13",  "INV-13", "INV-13", "INV-13",  "INV-13", "INV-13"]),
    (State::Transferred, ["INV-12", "INV-12",  "INV-12", "INV-12", "INV-12",  "INV-12",  "INV-12",  "INV-12",  "INV-12",  "INV-12", "INV-12", "INV-12",  "INV-12", "INV-12"]),
    (State::Seized,      ["INV-14", "INV-14",  "INV-14", "INV-14", "INV-14",  "INV-14",  "INV-14",  "INV-14",  "INV-14",  "INV-14", "INV-14", "INV-14",  "INV-14", "INV-14"]),
    (State::Scheduled,   ["INV-15", "INV-15",  "INV-15", "INV-15", "INV-15",  "INV-15",  "INV-15",  "INV-15",  "INV-63",  OK,       OK,       "INV-15",  "INV-15", "INV-15"]),
    (State::OnManifest,  ["INV-16", "INV-16",  "INV-16", "INV-16", "INV-16",  "INV-16",  "INV-16",  "INV-16",  "INV-16",  "INV-65", "INV-66", "INV-16",  "INV-16", "INV-16"]),
    (State::OnInvoice,   [OK,       "BILL-22", OK,       OK,       "BILL-22", "BILL-22", "BILL-22", "BILL-22", "BILL-22", "INV-65", "INV-66", "BILL-15", OK,       "BILL-22"]),
    (State::Sample,      ["INV-17", "INV-17",  OK,       "INV-17", "INV-17",  "INV-17",  "INV-17",  "INV-17",  "LAB-34",  "INV-65", "INV-66", "INV-17",  OK,       "INV-17"]),
    (State::Restocked,   ["INV-18", "INV-18",  OK,       "INV-18", "INV-18",  "INV-18",  "INV-18",  "INV-18",  OK,        "INV-65", "INV-66", "INV-18",  "INV-18", "INV-18"]),
    (State::Quarantined, [OK,       OK,        OK,       OK,       OK,        OK,        OK,        OK,        OK,        "INV-65", "INV-66", OK,        "INV-19", "INV-19"]),
    (State::Depleted,    [OK,       OK,        OK,       OK,       "INV-20",  "INV-20",  "INV-20",  "INV-20",  "INV-20",  "INV-65", "INV-66", "INV-20",  "INV-20", "INV-20"]),
    (State::Available,   [OK,       OK,        OK,       OK,       OK,        OK,        OK,        OK,        OK,        "INV-65", "INV-66", OK,        OK,       OK]),
] };

/// The row that applies to an item.
pub fn state(item: &Inventory, facts: &ItemFacts) -> State {
    let nothing_left = !item.remaining_amount.is_positive();
    match () {
        () if item.deleted => State::Deleted,
        () if item.destroyed => State::Destroyed,
        () if facts.transferred => State::Transferred,
        () if item.seized => State::Seized,
        () if facts.destruction.is_some() => State::Scheduled,
        () if facts.manifest.is_some() => State::OnManifest,
        () if facts.invoice.is_some() => State::OnInvoice,
        () if item.is_sample => State::Sample,
        () if item.restocked => State::Restocked,
        () if facts.is_quarantined() => State::Quarantined,
        () if nothing_left => State::Depleted,
        () => State::Available,
    }
}

/// Whether a verb may be used on an item now.
pub fn permit(item: &Inventory, facts: &ItemFacts, verb: Verb) -> Result<(), Refusal> {
    let state = state(item, facts);
    // A sample that came back can only be destroyed (LAB-34).
    if state == State::Sample && verb == Verb::Schedule && facts.came_back {
        return Ok(());
    }
    GRID.refusing(state, verb).map_or(Ok(()), |rule| {
        let invoice = facts.invoice.map(|id| id.to_string()).unwrap_or_default();
        Err(refuse(rule).with("id", item.id).with("verb", GRID.word(verb)).with("n", invoice))
    })
}

/// Whether an item may go on a manifest, or stay on its `own`. The invoice is asked for by itself
/// (MAN-35), and what is held may go `back` to its sender (INV-19).
pub fn permit_shipment(
    item: &Inventory,
    facts: &ItemFacts,
    own: Option<Barcode>,
    back: bool,
) -> Result<(), Refusal> {
    let manifest = facts.manifest.filter(|on| Some(*on) != own);
    let facts = ItemFacts { manifest, invoice: None, ..facts.clone() };
    let held = state(item, &facts) == State::Quarantined && item.remaining_amount.is_positive();
    if held && back {
        return Ok(());
    }
    permit(item, &facts, Verb::Manifest)
}

/// Whether what made an item may be undone in its state: the last column of the grid in rulebook 9.3.
pub fn permit_undo(item: &Inventory, facts: &ItemFacts) -> Result<(), Refusal> {
    let rule = match state(item, facts) {
        State::Deleted => "LOT-41",
        State::Seized => "INV-14",
        State::Quarantined | State::Available => return Ok(()),
        State::Destroyed
        | State::Transferred
        | State::Scheduled
        | State::OnManifest
        | State::OnInvoice
        | State::Sample
        | State::Restocked
        | State::Depleted => "LOT-42",
    };
    Err(refuse(rule).with("id", item.id))
}

/// The one guard of every undo: nothing used the item after the write that is to be undone (WIRE-54).
pub fn unused_since(
    write: u64,
    item: &Inventory,
    facts: &ItemFacts,
    rule: &'static str,
) -> Result<(), Refusal> {
    let open = !item.deleted && !item.destroyed && !facts.transferred && !item.seized;
    require(open && !facts.uses.any_since(write), || refuse(rule).with("id", item.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::{OK, assert_total};

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Available as usize + 1, Verb::Sell as usize + 1));
    }

    #[test]
    fn the_grid_says_what_the_rulebook_says() {
        let check = |state, verb, expected| assert_eq!(GRID.cell(state, verb), expected);
        check(State::Destroyed, Verb::Move, "INV-13");
        check(State::Scheduled, Verb::Schedule, "INV-63");
        check(State::Scheduled, Verb::Destroy, OK);
        check(State::OnInvoice, Verb::Describe, OK);
        check(State::OnInvoice, Verb::Adjust, "BILL-22");
        check(State::Available, Verb::Destroy, "INV-66");
        check(State::Depleted, Verb::Schedule, "INV-20");
    }
}
