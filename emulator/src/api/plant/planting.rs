//! `POST /v1/plant`: plants are made of seed, clones, tissue or a mature plant.

use serde::Deserialize;

use super::birth_date;
use crate::{
    api::{Action, site::Right},
    fault::Fault,
    lifecycle::{
        item::{self, State, Verb},
        item_type::ItemType,
    },
    model::{Inventory, Plant, PlantFacts, Quantity, listed},
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// What can be planted (PLT-03).
const PLANTABLE: &[&str] = &["Clone", "Mature Plant", "Plant Tissue", "Seed"];

/// `POST /v1/plant`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlantItems {
    location_license: String,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    room_id: u64,
    #[serde(rename = "SourceInventoryID")]
    source_inventory_id: Option<String>,
    quantity: i64,
    strain: Option<String>,
    mother: Option<bool>,
    birth_date: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for PlantItems {
    const GUARDED: &'static [&'static str] = &["SourceInventoryID"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Grow)?;
        let room = txn.grow_room(site.scope(), self.room_id)?;
        require(room.is_some(), || refuse("PLT-01"))?;
        let source = self.source(txn, &site)?;
        let quantity = self.checked_quantity(txn, source.as_ref())?;
        let strain = self.checked_strain(source.as_ref())?;
        let born =
            birth_date(self.birth_date.as_deref(), txn.today()).ok_or_else(|| refuse("PLT-09"))?;
        txn.use_tags(&site, u64::from(quantity))?;
        let item = source.as_ref().map(|held| &held.wire);
        let (from, parent) = (item.map(|it| it.id), item.and_then(|it| it.source_plant_id));
        take(txn, &site, source, quantity)?;
        for _ in 0..quantity {
            let id = txn.mint()?;
            let wire = Plant {
                birth_date: Some(born),
                external_id: self.external_id.clone().unwrap_or_default(),
                mother: self.mother.unwrap_or_default(),
                parent_plant_id: parent,
                room_id: self.room_id,
                source_inventory_id: from,
                strain: strain.clone(),
                ..Plant::growing(id)
            };
            txn.enter_plant(&site, wire, PlantFacts::default())?;
        }
        Ok(())
    }
}

impl PlantItems {
    /// The item that is planted, fit for it (PLT-02 to PLT-04), or none in the first days after joining
    /// where the profile has such days (PLT-12).
    fn source(&self, txn: &Txn<'_, '_, '_>, site: &Site) -> Result<Option<Held<Inventory>>, Fault> {
        let named = self.source_inventory_id.as_deref().filter(|id| !id.trim().is_empty());
        let Some(id) = named else {
            let end = txn.open_until(site, "plant.source_window_days");
            require(end.is_some_and(|end| txn.now <= end), || refuse("PLT-12"))?;
            return Ok(None);
        };
        let found = txn.own_item(id)?.filter(|held| held.scopes.contains(&site.scope()));
        let held = found.ok_or_else(|| refuse("PLT-02").with("id", id))?;
        let kind = ItemType::find(held.wire.inventory_type)?;
        require(PLANTABLE.contains(&kind.name()), || {
            refuse("PLT-03").with("id", id).with("Name", kind.name())
        })?;
        // Of an item with nothing left, PLT-06 says how much is missing.
        if item::state(&held.wire, &held.facts) != State::Depleted {
            item::permit(&held.wire, &held.facts, Verb::Use)?;
        }
        Ok(Some(held))
    }

    fn checked_quantity(
        &self,
        txn: &Txn<'_, '_, '_>,
        source: Option<&Held<Inventory>>,
    ) -> Result<u32, Fault> {
        let most = txn.profile().number("plant.max_per_call");
        let quantity = u32::try_from(self.quantity.max(0)).unwrap_or(u32::MAX);
        require(quantity > 0, || refuse("PLT-05"))?;
        require(u64::from(quantity) <= most, || refuse("PLT-05").saying(1).with("n", most))?;
        let enough =
            |held: &Held<Inventory>| held.wire.remaining_amount >= Quantity::whole(quantity);
        let id = self.source_inventory_id.as_deref().unwrap_or_default();
        require(source.is_none_or(enough), || refuse("PLT-06").with("id", id))?;
        Ok(quantity)
    }

    /// The call's, else the source's (PLT-07, PLT-08).
    fn checked_strain(&self, source: Option<&Held<Inventory>>) -> Result<String, Fault> {
        let own = source.map(|held| &held.wire.strain);
        let mut strains = self.strain.iter().chain(own);
        let strain = strains.find(|strain| !strain.trim().is_empty());
        Ok(strain.cloned().ok_or_else(|| refuse("PLT-07"))?)
    }
}

/// The source loses what was planted, and stays with 0 when it is used up (PLT-10).
fn take(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    source: Option<Held<Inventory>>,
    quantity: u32,
) -> Result<(), Fault> {
    let plants = Account::Plants(site.license.clone());
    let amount = Quantity::whole(quantity);
    let Some(mut held) = source else {
        let grown = Account::Grown(site.license.clone());
        return txn.post(&grown, &plants, Commodity::Each, amount);
    };
    let left = held.wire.remaining_amount - amount;
    txn.set_amount(&mut held, &plants, left)?;
    held.facts.uses.mark(txn.transaction());
    txn.touch_stock(&mut held)?;
    txn.save(&mut held)
}
