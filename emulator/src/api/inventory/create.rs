//! `POST /v1/inventory`: seed, clones and tissue from a mother plant, or goods received on paper.

use serde::Deserialize;

use super::paper::may_ship;
use crate::{
    api::{
        Action,
        goods::{Goods, Source},
        site::{Right, has_right},
    },
    fault::Fault,
    lifecycle::{
        item_type::ItemType,
        plant::{self, Verb},
    },
    model::{InventoryRoom, ItemFacts, Plant},
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// The types that a mother plant gives (INV-24).
const FROM_PLANTS: &[&str] = &["Clone", "Plant Tissue", "Seed"];

/// `POST /v1/inventory`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateInventory {
    location_license: String,
    inventory: Vec<NewItem>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct NewItem {
    goods: Goods,
}

/// A row that passed: the goods, where they come from and where they go.
struct Checked {
    goods: Goods,
    room: Held<InventoryRoom>,
    source: Source,
}

impl Action for CreateInventory {
    const GUARDED: &'static [&'static str] = &["RoomID"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Hold)?;
        let mut checked = Vec::new();
        for item in self.inventory {
            checked.push(item.check(txn, &site)?);
        }
        txn.use_tags(&site, checked.len() as u64)?;
        for row in checked {
            let id = txn.mint()?;
            let mut held = txn.enter_goods(&site, id, &row.goods, &row.room, row.source)?;
            if let Some(results) = &row.goods.lab_sample {
                txn.enter_results(&mut held, results)?;
            }
        }
        Ok(())
    }
}

impl NewItem {
    /// Guards in the order of the rulebook: source, room, amount, label, results.
    fn check(mut self, txn: &mut Txn<'_, '_, '_>, site: &Site) -> Result<Checked, Fault> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let plant = given(&self.goods.source_plant_id);
        // What a license type may do is asked before anything is looked up.
        let grows = txn.may(site, Right::Grow);
        if plant.is_some() && !grows {
            let name = self.goods.item_type().map_or("this", ItemType::name);
            return Err(refuse("INV-28").with("name", name).into());
        }
        let kind = self.goods.item_type()?;
        let source = match (plant, given(&self.goods.supplier_license)) {
            (Some(plant), None) => self.check_plant(txn, site, kind, &plant)?,
            (None, Some(supplier)) => self.check_supplier(txn, site, kind, &supplier)?,
            (None, None) => sourceless(txn, site, kind)?,
            (Some(_), Some(_)) => return Err(refuse("INV-23").into()),
        };
        let number = self.goods.room_id;
        let room = txn.inventory_room(site, number, "INV-30", || refuse("INV-31"))?;
        self.goods.checked_amount(kind)?;
        self.goods.check_label(kind, txn.today(), "INV-32")?;
        match &self.goods.lab_sample {
            Some(_) if source.plant.is_some() => return Err(refuse("OFF-28").into()),
            Some(results) => results.check(txn, kind, self.goods.medicated.unwrap_or_default())?,
            None if kind.is("FinalStage") && has_right(site, Right::Sell) => {
                txn.soften("offline.untested", refuse("OFF-34"))?;
            }
            None => {}
        }
        Ok(Checked { goods: self.goods, room, source })
    }

    fn check_plant(
        &mut self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        kind: ItemType,
        id: &str,
    ) -> Result<Source, Fault> {
        require(FROM_PLANTS.contains(&kind.name()), || refuse("INV-24").with("name", kind.name()))?;
        let plant = mother(txn, site, id)?;
        let said = self.goods.strain.get_or_insert_with(|| plant.strain.clone());
        require(*said == plant.strain, || refuse("INV-27").with("id", id))?;
        let grown = Account::Grown(site.license.clone());
        Ok(Source { plant: Some(plant.id), ..Source::plain(grown) })
    }

    fn check_supplier(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        kind: ItemType,
        supplier: &str,
    ) -> Result<Source, Fault> {
        let enters = !kind.is_waste() && !kind.is_research_sample();
        require(enters, || refuse("INV-29").with("name", kind.name()))?;
        let known = txn.around.access.sites.get(supplier).cloned();
        match known {
            None => txn.soften("offline.unknown_supplier", refuse("OFF-20"))?,
            Some(known) => {
                require(known.number != site.number, || refuse("OFF-21"))?;
                if known.integrated_on.is_some() {
                    let refusal = refuse("OFF-22").with("n", supplier);
                    txn.soften("offline.connected_supplier", refusal)?;
                }
                if !may_ship(&known, site, kind, false) {
                    txn.soften("offline.pair", refuse("OFF-23"))?;
                }
            }
        }
        let supplier = supplier.to_owned();
        let paper = Account::Paper { supplier: supplier.clone(), license: site.license.clone() };
        let facts = ItemFacts { supplier: Some(supplier), ..ItemFacts::default() };
        Ok(Source { facts, ..Source::plain(paper) })
    }
}

/// Young stock needs no source in the first days after joining, where the profile has such days.
fn sourceless(txn: &Txn<'_, '_, '_>, site: &Site, kind: ItemType) -> Result<Source, Fault> {
    let end = txn.open_until(site, "create.sourceless_days");
    let early = end.is_some_and(|end| txn.now <= end);
    let young = FROM_PLANTS.contains(&kind.name()) || kind.name() == "Mature Plant";
    require(early && young, || refuse("INV-23"))?;
    Ok(Source::plain(Account::Opening(site.license.clone())))
}

/// A growing mother plant of the site (INV-25, INV-26). What it gives is no loss to it, but its planting
/// can no longer be undone (PLT-29).
fn mother(txn: &mut Txn<'_, '_, '_>, site: &Site, id: &str) -> Result<Plant, Fault> {
    let found = txn.own_coded::<Plant>(id)?.filter(|held| held.scopes.contains(&site.scope()));
    let mut held = found.ok_or_else(|| refuse("INV-25").with("id", id))?;
    plant::permit(&held.wire, Verb::Propagate)?;
    let needed = txn.profile().on("create.mother_required");
    require(!needed || held.wire.mother, || refuse("INV-26").with("id", id))?;
    held.facts.used = true;
    txn.keep_facts(&held)?;
    Ok(held.wire)
}
