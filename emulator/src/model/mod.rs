//! Values that are checked at the door, and the records made of them. No HTTP, no disk, no time of day.

mod barcode;
mod blank;
mod conversion;
mod goods;
mod harvest;
mod invoice;
mod key;
pub mod listed;
mod manifest;
mod moment;
mod people;
mod place;
mod plants;
mod quantity;
mod record;
mod sale;
mod transfer;
mod unit;

pub use barcode::Barcode;
pub use conversion::{ConversionFacts, ConversionItem, InventoryConversion, InventoryIngredient};
pub use goods::{
    Destruction, Drying, Former, FormerResults, Inventory, InventoryAdjustment, ItemFacts,
    LabSample, QaStatus, Round, SampleFacts, Status, TestResult, TestValue, Testing, TestingData,
};
pub use harvest::{
    BatchFacts, BatchState, CureDerivative, Harvest, HarvestBatch, HarvestDerivative, PlantCure,
};
pub use invoice::{Invoice, InvoiceFacts, InvoiceLine, InvoicePayment};
pub use key::{Key, Kind, Link, Scope, Stamp};
pub use manifest::{
    Embedded, Manifest, ManifestDriver, ManifestFacts, ManifestItem, ManifestStop, ManifestType,
    ManifestVehicle, NextCall, StopFacts, ThirdPartyTransporter,
};
pub use moment::{Day, Moment};
pub use people::{Employee, LabUser, Login, Member, Permissions, User, Vehicle};
pub use place::{GrowRoom, InventoryRoom, Lab, Standing, Vendor};
pub use plants::{Growth, Plant, PlantAdditive, PlantFacts};
pub use quantity::Quantity;
pub use record::Record;
pub use sale::{Sale, SaleFacts, SaleItem, SaleType, TaxCollected};
pub use transfer::{InventoryTransfer, TransferFacts, TransferItem, TransferType};
pub use unit::{Unit, UnitKind, convert, to_base, unit};
