//! The life of each thing in one place: states, verbs, guards, refusals. No HTTP, no disk, no time of day.

pub mod batch;
pub mod certificate;
pub mod directory;
pub mod grid;
pub mod item;
pub mod item_type;
pub mod matrix;
pub mod panel;
pub mod plant;
pub mod room;
pub mod testing;

/// The grids of states and verbs as people read them, each with its name.
pub fn printed_grids() -> Vec<(&'static str, String)> {
    vec![
        ("item", item::GRID.printed()),
        ("plant", plant::GRID.printed()),
        ("harvest-batch", batch::GRID.printed()),
    ]
}
