//! The life of a harvest batch.
//!
//! ```text
//!  create   ┌──────┐ schedule ┌───────┐ cut, more to come ┌─────┐
//!  ───────▶ │ Open │ ◀──────▶ │ Uncut │ ────────────────▶ │ Cut │──┐
//!           └──┬───┘          └───┬───┘                   └──┬──┘◀─┘
//!              │ delete           └──────── last cut ────────┤
//!              ▼                                             ▼
//!           Removed     CuredAtCut ◀── no flower left ── Harvested ── cure ──▶ PartlyCured ──▶ Cured
//! ```
//!
//! Its state is never set: it follows from its live cuts and cures (HARV-02), and so do the states of
//! its plants. Undoing a cut or a cure needs nothing else.

use super::grid::{Grid, OK};
use crate::{
    model::{Barcode, BatchState, Growth, Harvest, HarvestBatch, PlantCure},
    refusal::{Refusal, refuse},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Open,
    /// Announced.
    Uncut,
    /// Cut, with more to come.
    Cut,
    /// Cut for the last time.
    Harvested,
    /// Cured, with more to come.
    PartlyCured,
    Cured,
    /// No cure follows the last cut.
    CuredAtCut,
    Removed,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Add,
    Remove,
    Schedule,
    Unschedule,
    Cut,
    CorrectCut,
    UndoCut,
    Cure,
    Delete,
}

/// What can be done with a batch in which state (rulebook 8). Where a batch can have no cut or cure to
/// correct, the cell permits: the cut was not found before that is asked.
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 9> = Grid { verbs: [
    (Verb::Add, "changed"), (Verb::Remove, "changed"), (Verb::Schedule, "scheduled"), (Verb::Unschedule, "un-done"),
    (Verb::Cut, "harvested"), (Verb::CorrectCut, "un-done"), (Verb::UndoCut, "un-done"), (Verb::Cure, "cured"),
    (Verb::Delete, "deleted"),
], rows: &[
    //                    add        remove     schedule   unsched.   cut        correct    undo       cure       delete
    (State::Open,        [OK,        OK,        OK,        "HARV-23", "HARV-25", OK,        OK,        "HARV-50", OK]),
    (State::Uncut,       ["HARV-12", "HARV-14", "HARV-20", OK,        OK,        OK,        OK,        "HARV-50", "HARV-17"]),
    (State::Cut,         ["HARV-12", "HARV-14", "HARV-20", "HARV-23", OK,        OK,        OK,        "HARV-50", "HARV-17"]),
    (State::Harvested,   ["HARV-12", "HARV-14", "HARV-20", "HARV-23", "HARV-25", OK,        OK,        OK,        "HARV-17"]),
    (State::PartlyCured, ["HARV-12", "HARV-14", "HARV-20", "HARV-23", "HARV-25", "HARV-43", "HARV-43", OK,        "HARV-17"]),
    (State::Cured,       ["HARV-12", "HARV-14", "HARV-20", "HARV-23", "HARV-25", "HARV-43", "HARV-43", "HARV-50", "HARV-17"]),
    (State::CuredAtCut,  ["HARV-12", "HARV-14", "HARV-20", "HARV-23", "HARV-25", OK,        OK,        "HARV-50", "HARV-17"]),
    (State::Removed,     ["WIRE-53", "WIRE-53", "WIRE-53", "WIRE-53", "WIRE-53", OK,        OK,        "WIRE-53", "WIRE-53"]),
] };

/// Where a batch stands, by its live cuts and cures (HARV-02).
pub fn state<'a>(
    batch: &HarvestBatch,
    cuts: impl Iterator<Item = &'a Harvest> + Clone,
    mut cures: impl Iterator<Item = &'a PlantCure> + Clone,
) -> State {
    let cured_once = cures.clone().next().is_some();
    match () {
        () if batch.deleted => State::Removed,
        () if cures.any(|cure| !cure.additional_collections) => State::Cured,
        () if cuts.clone().any(|cut| cut.finalize_harvest_cure) => State::CuredAtCut,
        () if cured_once => State::PartlyCured,
        () if cuts.clone().any(|cut| !cut.additional_collections) => State::Harvested,
        () if cuts.clone().next().is_some() => State::Cut,
        () if batch.harvest_scheduled => State::Uncut,
        () => State::Open,
    }
}

impl State {
    /// What the wire calls it.
    pub fn shown(self) -> BatchState {
        match self {
            Self::Open | Self::Removed => BatchState::Open,
            Self::Uncut | Self::Cut => BatchState::Scheduled,
            Self::Harvested | Self::PartlyCured => BatchState::Harvested,
            Self::Cured | Self::CuredAtCut => BatchState::Cured,
        }
    }

    /// The state of its plants.
    pub fn growth(self) -> Growth {
        match self.shown() {
            BatchState::Open | BatchState::Scheduled => Growth::Growing,
            BatchState::Harvested => Growth::Drying,
            BatchState::Cured => Growth::Cured,
        }
    }
}

/// Whether a verb may be used on a batch now; the message names the batch or its cut by `id`.
pub fn permit(id: Barcode, state: State, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state, verb)
        .map_or(Ok(()), |rule| Err(refuse(rule).with("id", id).with("kind", "harvest batch")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::grid::assert_total;

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Removed as usize + 1, Verb::Delete as usize + 1));
    }
}
