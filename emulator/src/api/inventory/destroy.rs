//! `/v1/inventory/destroy`: announced, taken back, done. A destroyed item is final for licensees.

use serde::Deserialize;

use super::{entry, once, one_site};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::item::{self, State, Verb},
    model::{Destruction, Inventory, Quantity},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// One item of a list.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
}

/// `PUT /v1/inventory/destroy/schedule`: announces the destruction of whole items.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleDestruction {
    inventory: Vec<Named>,
    reason_extended: u32,
    destroy_reason: Option<String>,
    r#override: Option<bool>,
}

impl Action for ScheduleDestruction {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let again =
            self.r#override == Some(true) || txn.profile().is("destroy.reschedule", "reset");
        once(self.inventory.iter().map(|it| it.inventory_id.as_str()))?;
        let mut items = Vec::new();
        for named in &self.inventory {
            items.push(schedulable(txn, &named.inventory_id, again)?);
        }
        one_site(&items)?;
        let words = self.destroy_reason.unwrap_or_default();
        let known = entry("destroy_reasons", self.reason_extended);
        let told = self.reason_extended != 0 || !words.trim().is_empty();
        require(known.is_some() && told, || refuse("INV-62"))?;
        for held in &mut items {
            held.facts.destruction = Some(Destruction {
                at: txn.now,
                reason_id: self.reason_extended,
                reason: words.clone(),
            });
            txn.save_item(held)?;
        }
        Ok(())
    }
}

/// An item that may be scheduled; one that is scheduled already only if the call says so (INV-63).
fn schedulable(txn: &Txn<'_, '_, '_>, id: &str, again: bool) -> Result<Held<Inventory>, Fault> {
    let held = txn.own_item(id)?.ok_or_else(|| refuse("INV-10").with("id", id))?;
    txn.site_of(&held.scopes)?;
    if !(again && item::state(&held.wire, &held.facts) == State::Scheduled) {
        item::permit(&held.wire, &held.facts, Verb::Schedule)?;
    }
    Ok(held)
}

/// `PUT /v1/inventory/destroy/schedule/undo`: takes the announcement back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnscheduleDestruction {
    inventory: Vec<Named>,
}

impl Action for UnscheduleDestruction {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut items = named_items(txn, &self.inventory, Verb::Unschedule)?;
        items.iter_mut().try_for_each(|held| {
            held.facts.destruction = None;
            txn.save_item(held)
        })
    }
}

/// `PUT /v1/inventory/destroy`: destroys what was announced, once the wait is over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DestroyInventory {
    inventory: Vec<Named>,
}

impl Action for DestroyInventory {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut items = named_items(txn, &self.inventory, Verb::Destroy)?;
        let hours = txn.profile().number("destroy.wait_hours");
        let wait = i64::try_from(hours).unwrap_or_default() * 3_600;
        for held in &items {
            let announced = held.facts.destruction.as_ref().map(|it| it.at);
            let due = announced.is_none_or(|at| at.plus_seconds(wait) <= txn.now);
            require(due, || refuse("INV-67").with("n", hours))?;
        }
        for held in &mut items {
            let gone = held.wire.remaining_amount;
            let account = Account::Destroyed(held.wire.location_license.clone());
            txn.post_item(&account, &held.wire, -gone)?;
            held.wire.destroyed = true;
            held.wire.remaining_amount = Quantity::ZERO;
            txn.save_item(held)?;
        }
        Ok(())
    }
}

fn named_items(
    txn: &Txn<'_, '_, '_>,
    named: &[Named],
    verb: Verb,
) -> Result<Vec<Held<Inventory>>, Fault> {
    once(named.iter().map(|it| it.inventory_id.as_str()))?;
    let mut items = Vec::new();
    for it in named {
        items.push(txn.item(&it.inventory_id, verb)?);
    }
    one_site(&items)?;
    Ok(items)
}
