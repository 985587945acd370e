//! The life of each thing in one place: states, verbs, guards, refusals. No HTTP, no disk, no time of day.

pub mod batch;
pub mod certificate;
pub mod directory;
pub mod grid;
pub mod invoice;
pub mod item;
pub mod item_type;
pub mod manifest;
pub mod matrix;
pub mod panel;
pub mod payment;
pub mod plant;
pub mod room;
pub mod sale;
pub mod sale_line;
pub mod stop;
pub mod testing;
pub mod trade;
pub mod transfer;
pub mod transfer_item;

/// The grids of states and verbs as people read them, each with its name.
pub fn printed_grids() -> Vec<(&'static str, String)> {
    vec![
        ("item", item::GRID.printed()),
        ("plant", plant::GRID.printed()),
        ("harvest-batch", batch::GRID.printed()),
        ("invoice", invoice::GRID.printed()),
        ("payment", payment::GRID.printed()),
        ("manifest", manifest::GRID.printed()),
        ("stop", stop::GRID.printed()),
        ("transfer", transfer::GRID.printed()),
        ("transfer-item", transfer_item::GRID.printed()),
        ("sale", sale::GRID.printed()),
        ("sale-line", sale_line::GRID.printed()),
    ]
}
