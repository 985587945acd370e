//! `/v1/inventory/adjust`: what is there now, or what is gone, with a code and a comment.

use serde::Deserialize;
use serde_json::json;

use super::describe::set_usable;
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::{ItemType, entry},
    },
    model::{Inventory, InventoryAdjustment, Key, Kind, Quantity, listed, to_base},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// Types of adjustment by their number in the catalogue.
const AUDIT: u32 = 1;
const THEFT: u32 = 2;
const SEIZED_BY: u32 = 3;
const MOISTURE: u32 = 5;
const DEPLETED: u32 = 6;
const SEIZED: u32 = 7;
/// Types that only ever lower an amount (INV-48).
const LOSSES: &[u32] = &[THEFT, SEIZED_BY, MOISTURE, DEPLETED, SEIZED];

/// The fields of one adjustment. The item is named in the row, or in the path.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Correction {
    #[serde(alias = "InventoryID", rename = "id")]
    id: String,
    amount: Option<Quantity>,
    remove_amount: Option<Quantity>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(deserialize_with = "listed::number", rename = "Type")]
    kind: u32,
    reason: Option<String>,
}

/// `PUT /v1/inventory/adjust`: many items, all or none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdjustMany {
    inventory: Vec<Correction>,
}

impl Action for AdjustMany {
    const GUARDED: &'static [&'static str] = &["Reason"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let items = txn.named_items(self.inventory.iter().map(|it| it.id.as_str()))?;
        for (mut held, correction) in items.into_iter().zip(self.inventory) {
            item::permit(&held.wire, &held.facts, Verb::Adjust)?;
            correction.apply_to(txn, &mut held)?;
        }
        Ok(())
    }
}

/// `PUT /v1/inventory/{id}/adjust`: one item.
#[derive(Deserialize)]
pub struct AdjustOne(Correction);

impl Action for AdjustOne {
    const GUARDED: &'static [&'static str] = &["Reason"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.item_in_path(&self.0.id, Verb::Adjust)?;
        self.0.apply_to(txn, &mut held)
    }
}

impl Correction {
    fn apply_to(self, txn: &mut Txn<'_, '_, '_>, held: &mut Held<Inventory>) -> Result<(), Fault> {
        let before = held.wire.remaining_amount;
        let reason = self.reason.clone().unwrap_or_default();
        let after = self.checked(txn, &held.wire, &reason)?;
        self.soft_rules(txn, &held.wire, after)?;
        let account = txn.book_correction(held, self.kind, &reason, after)?;
        txn.set_amount(held, &account, after)?;
        if after != before {
            held.facts.uses.mark(txn.transaction());
        }
        let seizes = matches!(self.kind, SEIZED_BY | SEIZED) && after.is_zero();
        held.wire.seized |= seizes && txn.profile().on("adjust.sets_seized");
        txn.save(held)?;
        let id = txn.next_number(Kind::InventoryAdjustment);
        let wire = InventoryAdjustment {
            id,
            inventory_id: held.wire.id,
            location_license: held.wire.location_license.clone(),
            new_amount: after,
            previous_amount: before,
            reason,
            session_time: 0,
            transaction_id: 0,
            adjustment_type: self.kind,
        };
        let key = Key::new(Kind::InventoryAdjustment, id);
        txn.save(&mut Held { wire, facts: (), key, scopes: held.scopes.clone() })
    }

    /// The new amount, in the item's unit.
    fn checked(
        &self,
        txn: &Txn<'_, '_, '_>,
        item: &Inventory,
        reason: &str,
    ) -> Result<Quantity, Refusal> {
        let remove = self.remove_amount.filter(|_| txn.profile().is("adjust.mode", "both"));
        let said = remove.or(self.amount).ok_or_else(|| refuse("INV-45"))?;
        require(entry("adjustment_types", self.kind).is_some(), || refuse("INV-46"))?;
        let needed = txn.profile().on("adjust.reason_required");
        require(!needed || !reason.trim().is_empty(), || refuse("INV-47"))?;
        let kind = ItemType::find(item.inventory_type)?;
        let amount = kind.own_amount(&item.uom, said, self.uom.as_deref())?;
        require(remove.is_none_or(Quantity::is_positive), || refuse("INV-06"))?;
        if remove.is_none() {
            return Ok(amount);
        }
        let left = item.remaining_amount - amount;
        require(!left.is_negative(), || refuse("INV-20").with("id", item.id))?;
        Ok(left)
    }

    fn soft_rules(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        item: &Inventory,
        after: Quantity,
    ) -> Result<(), Fault> {
        let before = item.remaining_amount;
        if LOSSES.contains(&self.kind) && after > before {
            txn.soften("adjust.loss_types_up", refuse("INV-48"))?;
        }
        if self.kind == DEPLETED && !after.is_zero() {
            txn.soften("adjust.depleted_to_zero", refuse("INV-49"))?;
        }
        if self.kind == MOISTURE && item.unit_based {
            txn.soften("adjust.moisture_units", refuse("INV-50"))?;
        }
        let band = txn.profile().quantity("adjust.discrepancy_pct");
        let hundred = Quantity::whole(100);
        let lost = (before - after).times(hundred).unwrap_or_default();
        let allowed = before.times(band).unwrap_or_default();
        if band.is_positive() && matches!(self.kind, AUDIT | THEFT) && lost > allowed {
            txn.note("INV-55");
        }
        unexplained_gain(txn, item, after)
    }
}

/// A gain above all that the site ever took off its items of that type has no source (INV-56).
fn unexplained_gain(
    txn: &mut Txn<'_, '_, '_>,
    item: &Inventory,
    after: Quantity,
) -> Result<(), Fault> {
    let key = format!("taken/{}/{}", item.location_license, item.inventory_type);
    let taken: Quantity = txn.state(&key)?.unwrap_or_default();
    let lost = to_base(item.remaining_amount - after, &item.uom).unwrap_or_default();
    let left = taken + lost;
    if lost.is_negative() && left.is_negative() {
        txn.soften("adjust.unexplained_gain", refuse("INV-56"))?;
    }
    txn.set_state(&key, &json!(left.max(Quantity::ZERO)))
}

/// `PUT /v1/inventory/{id}/adjust/usable`: corrects the grams of one unit; the amount stays.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdjustUsable {
    #[serde(rename = "id")]
    id: String,
    usable_weight: Quantity,
}

impl Action for AdjustUsable {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.item_in_path(&self.id, Verb::Adjust)?;
        let kind = ItemType::find(held.wire.inventory_type)?;
        set_usable(txn, &mut held.wire, kind, self.usable_weight)?;
        held.facts.uses.mark(txn.transaction());
        txn.save(&mut held)
    }
}
