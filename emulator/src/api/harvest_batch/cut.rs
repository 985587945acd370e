//! A batch is cut: trim, waste and wet flower become items at once, flower waits for the cure.

use serde::Deserialize;

use super::{
    Collected, WholeBatch,
    derivatives::{self, FLOWER, Line, Said, WET_FLOWER, Weighing},
};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        batch::{self, Verb},
        item_type::ItemType,
    },
    model::{Harvest, InventoryRoom, Key, Kind, Quantity, listed},
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// What a cut may yield (HARV-28).
const TYPES: &[&str] = &[FLOWER, "Other Material", "Waste", WET_FLOWER];

/// `POST /v1/harvest-batch/{batchid}/harvest`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CutBatch {
    #[serde(rename = "batchid")]
    batch: String,
    derivative: Vec<Said>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    additional_collections: Option<bool>,
    finalize_harvest_cure: Option<bool>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for CutBatch {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Cut)?;
        whole.check_plants(refuse("HARV-26"), refuse("HARV-27"))?;
        let uom = (self.uom.as_deref(), "g");
        let (lines, unit) = derivatives::lines(&self.derivative, uom, TYPES, "HARV-28")?;
        let id = txn.mint()?;
        let wire = Harvest {
            additional_collections: self.additional_collections.unwrap_or_default(),
            deleted: false,
            derivative: Vec::new(),
            dry_weight_max: Quantity::ZERO,
            external_id: self.external_id.unwrap_or_default(),
            finalize_harvest_cure: self.finalize_harvest_cure.unwrap_or_default(),
            harvest_batch_id: whole.batch.wire.harvest_batch_id,
            harvest_id: id,
            location_license: whole.batch.wire.location_license.clone(),
            total_harvest_weight: Quantity::ZERO,
            transaction_id: 0,
            uom: unit.name.clone(),
        };
        let key = Key::new(Kind::Harvest, txn.number_of(id));
        let mut cut = Held { wire, facts: (), key, scopes: whole.batch.scopes.clone() };
        whole.weigh_cut(txn, &mut cut, lines, self.room_id)?;
        whole.cuts.push(cut);
        whole.end_without_flower(txn)?;
        whole.conclude(txn, Collected { cuts: 1, cures: 0 })
    }
}

/// `PUT /v1/harvest-batch/{batchid}/harvest/{harvestid}`: only the types named change.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CorrectCut {
    #[serde(rename = "batchid")]
    batch: String,
    #[serde(rename = "harvestid")]
    harvest: String,
    derivative: Vec<Said>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
}

impl Action for CorrectCut {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        let mut cut = txn.collection_in_path::<Harvest>(&whole, &self.harvest)?;
        batch::permit(cut.wire.harvest_id, whole.state(), Verb::CorrectCut)?;
        let wet = becomes_wet(txn, &cut.wire).then(|| ItemType::named(WET_FLOWER)).transpose()?;
        let flower = ItemType::named(FLOWER)?.id();
        let meant = |said: &Said| match wet {
            Some(wet) if said.inventory_type == flower => wet.id(),
            Some(_) | None => said.inventory_type,
        };
        let named = |id| self.derivative.iter().any(|said| meant(said) == id);
        txn.check_unused(&cut, named, "HARV-44")?;
        let uom = (self.uom.as_deref(), cut.wire.uom.as_str());
        let (lines, unit) = derivatives::lines(&self.derivative, uom, TYPES, "HARV-28")?;
        let lines = derivatives::in_unit(lines, unit, &cut.wire.uom)?;
        whole.cuts.retain(|held| held.key != cut.key);
        whole.weigh_cut(txn, &mut cut, lines, self.room_id)?;
        whole.cuts.push(cut);
        whole.conclude(txn, Collected::default())
    }
}

/// `DELETE /v1/harvest-batch/{batchid}/harvest/{harvestid}`
#[derive(Deserialize)]
pub struct UndoCut {
    #[serde(rename = "batchid")]
    batch: String,
    #[serde(rename = "harvestid")]
    harvest: String,
}

impl Action for UndoCut {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut whole = txn.whole_batch(&self.batch)?;
        let mut cut = txn.collection_in_path::<Harvest>(&whole, &self.harvest)?;
        batch::permit(cut.wire.harvest_id, whole.state(), Verb::UndoCut)?;
        txn.check_unused(&cut, |_| true, "HARV-48")?;
        txn.undo_collection(&mut cut)?;
        whole.cuts.retain(|held| held.key != cut.key);
        whole.conclude(txn, Collected { cuts: -1, cures: 0 })
    }
}

impl WholeBatch {
    /// Checks what a cut will weigh, then weighs it. The whole holds its other cuts.
    fn weigh_cut(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        cut: &mut Held<Harvest>,
        lines: Vec<Line>,
        room: Option<u64>,
    ) -> Result<(), Fault> {
        let site = txn.site_of(&self.batch.scopes)?;
        let lines = wet_by_custom(txn, &cut.wire, lines)?;
        let result = derivatives::result(&cut.wire, &lines);
        let weighed = result(FLOWER) + result(WET_FLOWER);
        require(weighed.is_positive(), || refuse("HARV-30"))?;
        let items = derivatives::new_items(&cut.wire, &lines);
        let room = if items > 0 { Some(cut_room(txn, &site, room)?) } else { None };
        self.check_end(&cut.wire, result(FLOWER))?;
        txn.use_tags(&site, items)?;
        let plant = (self.plants.len() == 1).then(|| self.plants[0].wire.id);
        let weighing = Weighing { site: &site, room, strain: &self.strain, plant };
        txn.weigh(cut, &lines, &weighing)
    }

    /// When the last cut leaves no flower in any live cut, no cure can follow, and it says so (HARV-38).
    fn end_without_flower(&mut self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let hanging = self.wet().is_positive();
        match self.cuts.last_mut() {
            Some(cut) if !hanging && !cut.wire.additional_collections => {
                cut.wire.finalize_harvest_cure = true;
                txn.save(cut)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A cut that ends its batch leaves nothing to collect and nothing to cure (HARV-32, HARV-33).
    fn check_end(&self, cut: &Harvest, flower: Quantity) -> Result<(), Refusal> {
        let final_cut = cut.finalize_harvest_cure;
        require(!final_cut || !cut.additional_collections, || refuse("HARV-32"))?;
        let ends = final_cut || self.cuts.iter().any(|held| held.wire.finalize_harvest_cure);
        let others = self.cuts.iter().map(|held| held.wire.dry_weight_max);
        let hanging = flower + others.sum();
        require(!ends || !hanging.is_positive(), || {
            refuse("HARV-33").with("id", cut.harvest_batch_id)
        })
    }
}

fn cut_room(
    txn: &Txn<'_, '_, '_>,
    site: &Site,
    room: Option<u64>,
) -> Result<Held<InventoryRoom>, Fault> {
    txn.inventory_room(site, room, "HARV-31", || refuse("HARV-31").saying(1))
}

/// In some states the flower of a cut that is not the last is an item by itself (HARV-35).
fn becomes_wet(txn: &Txn<'_, '_, '_>, cut: &Harvest) -> bool {
    cut.additional_collections && txn.profile().is("harvest.wet_flower", "with_additional")
}

fn wet_by_custom(
    txn: &Txn<'_, '_, '_>,
    cut: &Harvest,
    mut lines: Vec<Line>,
) -> Result<Vec<Line>, Refusal> {
    let place = lines.iter().position(|line| line.kind.name() == FLOWER);
    let Some(place) = place.filter(|_| becomes_wet(txn, cut)) else { return Ok(lines) };
    let flower = lines.remove(place);
    match lines.iter_mut().find(|line| line.kind.name() == WET_FLOWER) {
        Some(wet) => wet.weight = wet.weight + flower.weight,
        None => lines.push(Line { kind: ItemType::named(WET_FLOWER)?, ..flower }),
    }
    Ok(lines)
}
