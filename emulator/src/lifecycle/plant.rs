//! The life of a plant.
//!
//! ```text
//!              into / out of an open batch          last cut           last cure
//!   plant  ┌──────────┐      ┌─────────┐  schedule  ┌─────────┐  cut  ┌────────┐  cure  ┌───────┐
//!  ──────▶ │   Free   │◀────▶│ InBatch │◀──────────▶│ Batched │──────▶│ Drying │───────▶│ Cured │
//!          └─┬──────┬─┘      └─────────┘            └─────────┘◀──────└────────┘◀───────└───────┘
//!            │      │ convert                                   undo            undo
//!       undo │      └────────▶ Converted (an item)
//!            ▼
//!         Removed ◀── destroy ── any of them that stands, once it is scheduled for destruction
//! ```

use super::grid::{Grid, OK};
use crate::{
    model::{Growth, Plant},
    refusal::{Refusal, refuse},
};

/// The first that applies decides (rulebook 7, states and verbs).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Undone or destroyed.
    Removed,
    Converted,
    Cured,
    /// Scheduled for destruction, cut.
    DryingScheduled,
    /// Scheduled for destruction, not cut.
    Scheduled,
    Drying,
    /// In a batch whose cut is announced.
    Batched,
    /// In an open batch.
    InBatch,
    Free,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Update,
    Move,
    Treat,
    Propagate,
    Sample,
    Convert,
    Undo,
    Join,
    Leave,
    Schedule,
    Unschedule,
    Destroy,
}

/// What can be done with a plant in which state. `Propagate` is giving cuttings or seed (PLT-28).
#[rustfmt::skip]
pub const GRID: Grid<State, Verb, 12> = Grid { verbs: [
    (Verb::Update, "modified"),  (Verb::Move, "moved"),           (Verb::Treat, "treated"),
    (Verb::Propagate, "used"),    (Verb::Sample, "sampled"),         (Verb::Convert, "converted"),    (Verb::Undo, "un-done"),
    (Verb::Join, "harvested"),   (Verb::Leave, "harvested"),      (Verb::Schedule, "destroyed"),
    (Verb::Unschedule, "destroyed"), (Verb::Destroy, "destroyed"),
], rows: &[
    //                       update     move       treat      propagate  sample     convert    undo       join       leave      schedule   unsched.   destroy
    (State::Removed,         ["WIRE-53", "WIRE-53", "WIRE-53", "WIRE-32", "LAB-18" , "WIRE-53", "WIRE-53", "WIRE-53", "HARV-15", "PLT-42" , "PLT-42" , "PLT-42"]),
    (State::Converted,       ["PLT-16" , "PLT-20" , "PLT-22" , "INV-25" , "LAB-18" , "PLT-45" , "PLT-47" , "HARV-04", "HARV-15", "PLT-34" , "PLT-39" , "PLT-39"]),
    (State::Cured,           ["PLT-16" , "PLT-20" , "PLT-22" , "INV-25" , "LAB-18" , "PLT-45" , "PLT-48" , "HARV-04", "HARV-14", "PLT-34" , "PLT-39" , "PLT-39"]),
    (State::DryingScheduled, ["PLT-33" , "PLT-33" , "PLT-33" , "INV-25" , "PLT-33" , "PLT-33" , "PLT-33" , "HARV-04", "HARV-14", "PLT-37" , OK       , OK]),
    (State::Scheduled,       ["PLT-33" , "PLT-33" , "PLT-33" , "INV-25" , "PLT-33" , "PLT-33" , "PLT-33" , "HARV-05", OK       , "PLT-37" , OK       , OK]),
    (State::Drying,          [OK       , OK       , "PLT-22" , "INV-25" , "LAB-18" , "PLT-45" , "PLT-48" , "HARV-04", "HARV-14", OK       , "PLT-39" , "PLT-39"]),
    (State::Batched,         [OK       , OK       , OK       , OK       , OK       , "PLT-45" , "PLT-48" , "HARV-06", "HARV-14", OK       , "PLT-39" , "PLT-39"]),
    (State::InBatch,         [OK       , OK       , OK       , OK       , OK       , "PLT-45" , "PLT-48" , "HARV-06", OK       , OK       , "PLT-39" , "PLT-39"]),
    (State::Free,            [OK       , OK       , OK       , OK       , OK       , OK       , OK       , OK       , "HARV-15", OK       , "PLT-39" , "PLT-39"]),
] };

pub fn state(plant: &Plant) -> State {
    let scheduled = plant.destroy_scheduled;
    match plant.state {
        _ if plant.deleted => State::Removed,
        _ if plant.converted => State::Converted,
        Growth::Cured => State::Cured,
        Growth::Drying if scheduled => State::DryingScheduled,
        Growth::Growing if scheduled => State::Scheduled,
        Growth::Drying => State::Drying,
        Growth::Growing if plant.harvest_scheduled => State::Batched,
        Growth::Growing if plant.harvest_batch_id.is_some() => State::InBatch,
        Growth::Growing => State::Free,
    }
}

/// Whether a verb may be used on a plant now.
pub fn permit(plant: &Plant, verb: Verb) -> Result<(), Refusal> {
    GRID.refusing(state(plant), verb).map_or(Ok(()), |rule| {
        let batch = plant.harvest_batch_id.map(|id| id.to_string()).unwrap_or_default();
        Err(refuse(rule).with("id", plant.id).with("kind", "plant").with("batch", batch))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lifecycle::grid::assert_total, model::Barcode};

    #[test]
    fn the_grid_has_a_cell_for_every_state_and_verb() {
        assert_total(&GRID, (State::Free as usize + 1, Verb::Destroy as usize + 1));
    }

    #[test]
    fn a_plant_that_is_to_be_destroyed_is_refused_first() {
        let mut plant = Plant::growing(Barcode::parse("4153246887212437").unwrap());
        assert_eq!(state(&plant), State::Free);
        plant.destroy_scheduled = true;
        assert_eq!(state(&plant), State::Scheduled);
        assert_eq!(permit(&plant, Verb::Move).unwrap_err().rule, "PLT-33");
        plant.state = Growth::Drying;
        assert_eq!(permit(&plant, Verb::Join).unwrap_err().rule, "HARV-04");
        plant.deleted = true;
        assert_eq!(permit(&plant, Verb::Schedule).unwrap_err().rule, "PLT-42");
    }
}
