//! `/v1/inventory/{id}/dry`: wet flower becomes flower under the same identifier, or wet flower again.

use serde::Deserialize;

use crate::{
    api::{Action, site::Right},
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{Drying, Quantity, listed, to_base},
    refusal::{Refusal, refuse, require},
    world::{access::Site, ledger::Account, txn::Txn},
};

/// `POST /v1/inventory/{id}/dry`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DryFlower {
    #[serde(rename = "id")]
    id: String,
    amount: Quantity,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
}

impl Action for DryFlower {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        // A license that the call says it acts for is asked before any look-up (LIC-15).
        txn.acting().map_or(Ok(()), |site| may_dry(txn, site))?;
        let found = txn.own_item(&self.id)?;
        let mut held = found.ok_or_else(|| refuse("INV-11").with("id", &self.id).in_path())?;
        let site = txn.site_of(&held.scopes)?;
        may_dry(txn, &site)?;
        item::permit(&held.wire, &held.facts, Verb::Dry)?;
        let wet_flower = ItemType::named("Wet Flower")?;
        let is_wet = held.wire.inventory_type == wet_flower.id();
        require(is_wet, || refuse("INV-71").with("id", &self.id))?;
        let dry = wet_flower.own_amount(&held.wire.uom, self.amount, self.uom.as_deref())?;
        require(dry.is_positive(), || refuse("INV-06"))?;
        let wet = held.wire.remaining_amount;
        let grams = |amount| to_base(amount, &held.wire.uom).unwrap_or_default();
        require(dry <= wet, || refuse("INV-72").with("d", grams(dry)).with("w", grams(wet)))?;
        if let Some(number) = self.room_id {
            let room = txn.inventory_room(&site, Some(number), "ROOM-10", || refuse("ROOM-10"))?;
            held.put_into(&room);
        }
        let at = txn.transaction();
        held.facts.uses.mark_undoable(at);
        held.facts.dried = Some(Drying { wet, at, license: site.license.clone() });
        let moisture = Account::Moisture(site.license.clone());
        txn.set_amount(&mut held, &moisture, dry)?;
        held.wire.inventory_type = ItemType::named("Flower")?.id();
        held.wire.dried = true;
        txn.save(&mut held)
    }
}

/// Who makes lots: growers but nurseries, and processors (INV-74).
fn may_dry(txn: &Txn<'_, '_, '_>, site: &Site) -> Result<(), Refusal> {
    require(txn.may(site, Right::Lot), || refuse("INV-74"))
}

/// `PUT /v1/inventory/{id}/dry/undo`
#[derive(Deserialize)]
pub struct UndoDrying {
    id: String,
}

impl Action for UndoDrying {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let found = txn.own_item(&self.id)?;
        let mut held = found.ok_or_else(|| refuse("INV-11").with("id", &self.id).in_path())?;
        let site = txn.site_of(&held.scopes)?;
        item::permit(&held.wire, &held.facts, Verb::Dry)?;
        let here = held.facts.dried.clone().filter(|dried| dried.license == site.license);
        let dried = here.ok_or_else(|| refuse("INV-76").with("id", &self.id))?;
        item::unused_since(dried.at, &held.wire, &held.facts, "INV-76")?;
        let moisture = Account::Moisture(site.license.clone());
        txn.set_amount(&mut held, &moisture, dried.wet)?;
        held.wire.inventory_type = ItemType::named("Wet Flower")?.id();
        held.wire.dried = false;
        held.facts.uses.take_back(dried.at);
        held.facts.dried = None;
        txn.save(&mut held)
    }
}
