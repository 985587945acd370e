//! What was cut and dried is weighed again: all of it becomes items, the rest was moisture.

use serde::Deserialize;

use super::{
    Collected, WholeBatch,
    derivatives::{self, FLOWER, Line, Said, Weighing},
};
use crate::{
    api::{Action, OwnRules},
    fault::Fault,
    lifecycle::batch::Verb,
    model::{Key, Kind, PlantCure, Quantity, listed, to_base},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// What a cure may yield (HARV-52).
const TYPES: &[&str] = &[FLOWER, "Other Material", "Waste"];

/// `POST /v1/harvest-batch/{batchid}/cure`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CureBatch {
    #[serde(rename = "batchid")]
    batch: String,
    derivative: Vec<Said>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    room_id: u64,
    additional_collections: Option<bool>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for CureBatch {
    const OWN_RULES: OwnRules = &[("RoomID", "ROOM-21")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Cure)?;
        whole.check_plants(refuse("HARV-51"), refuse("HARV-51").saying(1))?;
        let uom = (self.uom.as_deref(), "g");
        let (lines, unit) = derivatives::lines(&self.derivative, uom, TYPES, "HARV-52")?;
        let id = txn.mint()?;
        let wire = PlantCure {
            additional_collections: self.additional_collections.unwrap_or_default(),
            cure_id: id,
            deleted: false,
            derivative: Vec::new(),
            external_id: self.external_id.unwrap_or_default(),
            harvest_batch_id: whole.batch.wire.harvest_batch_id,
            location_license: whole.batch.wire.location_license.clone(),
            total_weight: Quantity::ZERO,
            transaction_id: 0,
            uom: unit.name.clone(),
        };
        let key = Key::new(Kind::PlantCure, txn.number_of(id));
        let mut cure = Held { wire, facts: (), key, scopes: whole.batch.scopes.clone() };
        whole.weigh_cure(txn, &mut cure, &lines, Some(self.room_id))?;
        whole.cures.push(cure);
        whole.conclude(txn, Collected { cuts: 0, cures: 1 })
    }
}

/// `PUT /v1/harvest-batch/{batchid}/cure/{cureid}`: only the types named change.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CorrectCure {
    #[serde(rename = "batchid")]
    batch: String,
    #[serde(rename = "cureid")]
    cure: String,
    derivative: Vec<Said>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
}

impl Action for CorrectCure {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        let mut cure = txn.collection_in_path::<PlantCure>(&whole, &self.cure)?;
        let named = |id| self.derivative.iter().any(|said| said.inventory_type == id);
        txn.check_unused(&cure, named, "HARV-44")?;
        let uom = (self.uom.as_deref(), cure.wire.uom.as_str());
        let (lines, unit) = derivatives::lines(&self.derivative, uom, TYPES, "HARV-52")?;
        let lines = derivatives::in_unit(lines, unit, &cure.wire.uom)?;
        whole.cures.retain(|held| held.key != cure.key);
        whole.weigh_cure(txn, &mut cure, &lines, self.room_id)?;
        whole.cures.push(cure);
        whole.conclude(txn, Collected::default())
    }
}

/// `DELETE /v1/harvest-batch/{batchid}/cure/{cureid}`
#[derive(Deserialize)]
pub struct UndoCure {
    #[serde(rename = "batchid")]
    batch: String,
    #[serde(rename = "cureid")]
    cure: String,
}

impl Action for UndoCure {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        let mut cure = txn.collection_in_path::<PlantCure>(&whole, &self.cure)?;
        txn.check_unused(&cure, |_| true, "HARV-61")?;
        txn.undo_collection(&mut cure)?;
        whole.cures.retain(|held| held.key != cure.key);
        whole.conclude(txn, Collected { cuts: 0, cures: -1 })
    }
}

impl WholeBatch {
    /// Checks what a cure will weigh, then weighs it. The whole holds its other cures.
    fn weigh_cure(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        cure: &mut Held<PlantCure>,
        lines: &[Line],
        room: Option<u64>,
    ) -> Result<(), Fault> {
        let result = derivatives::result(&cure.wire, lines);
        require(result(FLOWER).is_positive(), || refuse("HARV-53"))?;
        let grams = |name: &&str| to_base(result(name), &cure.wire.uom).unwrap_or_default();
        self.check_ceiling(TYPES.iter().map(grams).sum())?;
        let site = txn.site_of(&self.batch.scopes)?;
        let items = derivatives::new_items(&cure.wire, lines);
        let wrong = || refuse("HARV-55");
        let room = (items > 0).then(|| txn.inventory_room(&site, room, "HARV-55", wrong));
        let room = room.transpose()?;
        txn.use_tags(&site, items)?;
        let plant = (self.plants.len() == 1).then(|| self.plants[0].wire.id);
        let weighing = Weighing { site: &site, room, strain: &self.strain, plant };
        txn.weigh(cure, lines, &weighing)
    }

    /// All cures together stay within the wet flower of all cuts (HARV-54).
    fn check_ceiling(&self, grams: Quantity) -> Result<(), Refusal> {
        let (dry, wet) = (self.dry() + grams, self.wet());
        require(dry <= wet, || refuse("HARV-54").with("d", dry).with("w", wet))
    }
}
