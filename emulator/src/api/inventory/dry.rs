//! `/v1/inventory/{id}/dry`: wet flower becomes flower under the same identifier, or wet flower again.

use serde::Deserialize;

use super::super::{goods::ItemType, site::has_right};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::item::{self, Verb},
    model::{Drying, Quantity, convert, listed, unit},
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
        if let Some(acting) = txn.caller.as_ref().and_then(|caller| caller.acting.clone()) {
            may_dry(txn, &acting)?;
        }
        let found = txn.own_item(&self.id)?;
        let mut held = found.ok_or_else(|| refuse("INV-11").with("id", &self.id).in_path())?;
        let site = txn.site_of(&held.scopes)?;
        may_dry(txn, &site)?;
        let used_at = held.facts.used_at;
        txn.permit(&mut held, Verb::Dry)?;
        let wet_flower = ItemType::named("Wet Flower")?;
        let is_wet = held.wire.inventory_type == wet_flower.id();
        require(is_wet, || refuse("INV-71").with("id", &self.id))?;
        let said = self.uom.as_deref().filter(|uom| !uom.is_empty());
        let said = wet_flower.unit(said.or(Some(&held.wire.uom)))?;
        let own = unit(&held.wire.uom).unwrap_or(said);
        let dry = convert(self.amount, said, own).unwrap_or(self.amount);
        require(dry.is_positive(), || refuse("INV-06"))?;
        let wet = held.wire.remaining_amount;
        require(dry <= wet, || refuse("INV-72").with("d", dry).with("w", wet))?;
        if let Some(number) = self.room_id {
            let room = txn.inventory_room(&site, Some(number), "ROOM-10", || refuse("ROOM-10"))?;
            held.put_into(&room);
        }
        let at = txn.transaction();
        held.facts.dried = Some(Drying { wet, used_at, at, license: site.license.clone() });
        let moisture = Account::Moisture(site.license.clone());
        txn.post_item(&moisture, &held.wire, wet, dry)?;
        held.wire.remaining_amount = dry;
        held.wire.inventory_type = ItemType::named("Flower")?.id();
        held.wire.dried = true;
        txn.save(&mut held)
    }
}

/// Who grows and cuts, or who processes (INV-74).
fn may_dry(txn: &Txn<'_, '_, '_>, site: &Site) -> Result<(), Refusal> {
    let gate = txn.profile().on("license.type_gate");
    let may = ["cut", "convert"].iter().any(|right| has_right(site, right));
    require(!gate || may, || refuse("INV-74"))
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
        item::may(&held.wire, &held.facts, Verb::Dry)?;
        let here = held.facts.dried.clone().filter(|dried| dried.license == site.license);
        let dried = here.ok_or_else(|| refuse("INV-76").with("id", &self.id))?;
        item::unused_since(dried.at, &held.wire, &held.facts, "INV-76")?;
        let moisture = Account::Moisture(site.license.clone());
        txn.post_item(&moisture, &held.wire, held.wire.remaining_amount, dried.wet)?;
        held.wire.remaining_amount = dried.wet;
        held.wire.inventory_type = ItemType::named("Wet Flower")?.id();
        held.wire.dried = false;
        held.facts.used_at = dried.used_at;
        held.facts.dried = None;
        txn.save(&mut held)
    }
}
