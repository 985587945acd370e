//! What is cut: harvest batches, their cuts and cures, and what these yield.

use serde::{Deserialize, Serialize};

use super::{Barcode, Kind, Link, Moment, Quantity, Record, blank};

/// Plants that are cut, dried and cured together.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HarvestBatch {
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub current_state: BatchState,
    pub deleted: bool,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "HarvestBatchID")]
    pub harvest_batch_id: Barcode,
    #[serde(with = "blank")]
    pub harvest_schedule_date: Option<Moment>,
    pub harvest_scheduled: bool,
    pub location_license: String,
    /// Its plants that are not removed (HARV-01).
    pub plant_count: u32,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(with = "blank")]
    pub updated_on: Option<Moment>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum BatchState {
    #[default]
    Open,
    Scheduled,
    Harvested,
    Cured,
}

/// What the world knows of a batch and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct BatchFacts {
    /// What the last cure left of the wet weight, in grams (HARV-57).
    pub moisture: Quantity,
    /// The cultivar of the plants that joined it last while it held none.
    pub strain: String,
}

impl Record for HarvestBatch {
    const KIND: Kind = Kind::HarvestBatch;
    type Facts = BatchFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.updated_on = Moment::from_second(second);
    }
}

/// The link that all have that belong to a batch, from a list's filter.
pub(super) fn batch_link(field: &str, value: &str) -> Option<Link> {
    let batch = Barcode::parse(value).filter(|_| field == "HarvestBatchID");
    batch.map(|id| Link::to_barcode(Kind::HarvestBatch, id))
}

/// One cut of a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Harvest {
    /// The same plants give more later.
    pub additional_collections: bool,
    pub deleted: bool,
    pub derivative: Vec<HarvestDerivative>,
    /// The flower of this cut: the most that cures may yield of it.
    pub dry_weight_max: Quantity,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    /// No cure follows.
    pub finalize_harvest_cure: bool,
    #[serde(rename = "HarvestBatchID")]
    pub harvest_batch_id: Barcode,
    #[serde(rename = "HarvestID")]
    pub harvest_id: Barcode,
    pub location_license: String,
    pub total_harvest_weight: Quantity,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "UOM")]
    pub uom: String,
}

impl Record for Harvest {
    const KIND: Kind = Kind::Harvest;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }

    fn links(&self) -> Vec<Link> {
        vec![Link::to_barcode(Kind::HarvestBatch, self.harvest_batch_id)]
    }

    fn link_of(field: &str, value: &str) -> Option<Link> {
        batch_link(field, value)
    }
}

/// One wet weight that a cut yielded.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HarvestDerivative {
    pub deleted: bool,
    #[serde(rename = "HarvestID")]
    pub harvest_id: Barcode,
    #[serde(rename = "ID")]
    pub id: Barcode,
    /// Empty for flower, which is only a weight until it is cured.
    #[serde(rename = "InventoryID", with = "blank")]
    pub inventory_id: Option<Barcode>,
    pub inventory_type: u32,
    pub location_license: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub weight: Quantity,
}

impl Record for HarvestDerivative {
    const KIND: Kind = Kind::HarvestDerivative;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// One curing of a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlantCure {
    /// The same plants give more later.
    pub additional_collections: bool,
    #[serde(rename = "CureID")]
    pub cure_id: Barcode,
    pub deleted: bool,
    pub derivative: Vec<CureDerivative>,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "HarvestBatchID")]
    pub harvest_batch_id: Barcode,
    pub location_license: String,
    pub total_weight: Quantity,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "UOM")]
    pub uom: String,
}

impl Record for PlantCure {
    const KIND: Kind = Kind::PlantCure;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }

    fn links(&self) -> Vec<Link> {
        vec![Link::to_barcode(Kind::HarvestBatch, self.harvest_batch_id)]
    }

    fn link_of(field: &str, value: &str) -> Option<Link> {
        batch_link(field, value)
    }
}

/// One dry weight that a cure yielded.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CureDerivative {
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: Barcode,
    #[serde(rename = "InventoryID", with = "blank")]
    pub inventory_id: Option<Barcode>,
    pub inventory_type: u32,
    pub location_license: String,
    #[serde(rename = "PlantCureID")]
    pub plant_cure_id: Barcode,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub weight: Quantity,
}

impl Record for CureDerivative {
    const KIND: Kind = Kind::CureDerivative;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}
