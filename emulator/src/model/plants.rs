//! What grows: plants, and what was given to them.

use serde::{Deserialize, Serialize};

use super::{Barcode, Day, Kind, Link, Moment, Quantity, Record, blank, harvest};

/// One plant under its own identifier.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plant {
    #[serde(with = "blank")]
    pub birth_date: Option<Day>,
    /// It became an item of type Mature Plant, under the same identifier (PLT-44).
    pub converted: bool,
    pub cure_collections: u32,
    pub deleted: bool,
    pub destroy_reason: String,
    #[serde(rename = "DestroyReasonID")]
    pub destroy_reason_id: u32,
    pub destroy_scheduled: bool,
    /// From when on it may be destroyed.
    #[serde(with = "blank")]
    pub destroy_scheduled_time: Option<Moment>,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "HarvestBatchID", with = "blank")]
    pub harvest_batch_id: Option<Barcode>,
    pub harvest_collections: u32,
    /// Mirrors the batch.
    pub harvest_scheduled: bool,
    #[serde(rename = "ID")]
    pub id: Barcode,
    pub location: String,
    pub mother: bool,
    /// The company's UBI as a number.
    #[serde(rename = "OrgID")]
    pub org_id: u32,
    #[serde(rename = "ParentPlantID", with = "blank")]
    pub parent_plant_id: Option<Barcode>,
    #[serde(rename = "RoomID")]
    pub room_id: u64,
    pub session_time: i64,
    #[serde(rename = "SourceInventoryID", with = "blank")]
    pub source_inventory_id: Option<Barcode>,
    pub state: Growth,
    #[serde(rename = "StateID")]
    pub state_id: u8,
    pub strain: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// How far a plant has come. Whether it flowers is told by its room, not by its state.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum Growth {
    #[default]
    Growing,
    Drying,
    Cured,
}

/// What the world knows of a plant and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PlantFacts {
    /// It was treated or sampled, or gave cuttings: its planting stands (PLT-48).
    pub used: bool,
    /// Entered by the initial upload of its license (INIT-22).
    pub uploaded: bool,
}

impl Plant {
    /// A growing plant, of which only the identifier is said.
    pub fn growing(id: Barcode) -> Self {
        Self {
            birth_date: None,
            converted: false,
            cure_collections: 0,
            deleted: false,
            destroy_reason: String::new(),
            destroy_reason_id: 0,
            destroy_scheduled: false,
            destroy_scheduled_time: None,
            external_id: String::new(),
            harvest_batch_id: None,
            harvest_collections: 0,
            harvest_scheduled: false,
            id,
            location: String::new(),
            mother: false,
            org_id: 0,
            parent_plant_id: None,
            room_id: 0,
            session_time: 0,
            source_inventory_id: None,
            state: Growth::Growing,
            state_id: 0,
            strain: String::new(),
            transaction_id: 0,
        }
    }

    /// Whether it counts as a plant: neither gone, nor cured, nor turned into an item (ROOM-13, BAL-15).
    pub fn stands(&self) -> bool {
        !self.deleted && !self.converted && self.state != Growth::Cured
    }
}

impl Record for Plant {
    const KIND: Kind = Kind::Plant;
    type Facts = PlantFacts;
    const SITE_FIELDS: &'static [&'static str] = &["Location"];

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
    }

    fn settle(&mut self, _: &PlantFacts) {
        self.state_id = self.state as u8;
    }

    /// Its room, as long as it stands there, and its batch.
    fn links(&self) -> Vec<Link> {
        let room = Link { to: Kind::GrowRoom, number: self.room_id };
        let batch = self.harvest_batch_id.map(|id| Link::to_barcode(Kind::HarvestBatch, id));
        self.stands().then_some(room).into_iter().chain(batch).collect()
    }

    fn link_of(field: &str, value: &str) -> Option<Link> {
        harvest::batch_link(field, value)
    }
}

/// Something that was given to a plant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlantAdditive {
    pub additive_name: String,
    pub applied_quantity: Quantity,
    #[serde(rename = "AppliedQuantityUOM")]
    pub applied_quantity_uom: String,
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    pub location_license: String,
    #[serde(rename = "PlantID")]
    pub plant_id: Barcode,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

impl Record for PlantAdditive {
    const KIND: Kind = Kind::PlantAdditive;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}
