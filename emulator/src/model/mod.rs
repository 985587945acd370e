//! Values that are checked at the door, and the records made of them. No HTTP, no disk, no time of day.

mod barcode;
mod blank;
mod goods;
mod key;
pub mod listed;
mod moment;
mod people;
mod place;
mod quantity;
mod record;
mod unit;

pub use barcode::Barcode;
pub use goods::{
    Destruction, Inventory, InventoryAdjustment, ItemFacts, LabSample, QaStatus, Status,
    TestResult, TestValue, TestingData,
};
pub use key::{Key, Kind, Link, Scope, Stamp};
pub use moment::{Day, Moment};
pub use people::{Employee, LabUser, Login, User, Vehicle};
pub use place::{GrowRoom, InventoryRoom, Lab, Standing, Vendor};
pub use quantity::Quantity;
pub use record::Record;
pub use unit::{Unit, UnitKind, convert, to_base, unit};
