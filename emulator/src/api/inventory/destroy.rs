//! `/v1/inventory/destroy`: announced, taken back, done. A destroyed item is final for licensees.

use serde::Deserialize;

use super::{Named, ids};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item::{self, State, Verb},
        item_type::entry,
    },
    model::{Destruction, Inventory, Moment, QaStatus, Quantity, listed},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// `PUT /v1/inventory/destroy/schedule`: announces the destruction of whole items.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleDestruction {
    inventory: Vec<Named>,
    #[serde(deserialize_with = "listed::number")]
    reason_extended: u32,
    destroy_reason: Option<String>,
    r#override: Option<bool>,
}

impl Action for ScheduleDestruction {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let again =
            self.r#override == Some(true) || txn.profile().is("destroy.reschedule", "reset");
        let mut items = txn.named_items(ids(&self.inventory))?;
        for held in &items {
            // One that is scheduled already only if the call says so (INV-63).
            if !(again && item::state(&held.wire, &held.facts) == State::Scheduled) {
                item::permit(&held.wire, &held.facts, Verb::Schedule)?;
            }
        }
        let words = self.destroy_reason.unwrap_or_default();
        let known = entry("destroy_reasons", self.reason_extended);
        let told = self.reason_extended != 0 || !words.trim().is_empty();
        require(known.is_some() && told, || refuse("INV-62"))?;
        if items.iter().any(|held| waited_too_long(txn, held)) {
            txn.note("INV-70");
        }
        for held in &mut items {
            held.facts.destruction = Some(Destruction {
                at: txn.now,
                reason_id: self.reason_extended,
                reason: words.clone(),
            });
            held.facts.uses.mark(txn.transaction());
            txn.save(held)?;
        }
        Ok(())
    }
}

/// Failed goods that nobody may remediate should not lie about (INV-70).
fn waited_too_long(txn: &Txn<'_, '_, '_>, held: &Held<Inventory>) -> bool {
    let days = txn.profile().days("destroy.failed_days");
    let late = |at: Moment| at.plus_seconds(days) < txn.now;
    let lost = held.wire.qa_status == QaStatus::Failed && !held.wire.remediation_eligible;
    days > 0 && lost && held.facts.testing.failed_on.is_some_and(late)
}

/// What a customer brought back should be destroyed soon; announcing it is not enough (SALE-53).
fn lay_about(txn: &Txn<'_, '_, '_>, held: &Held<Inventory>) -> bool {
    let days = txn.profile().days("finding.restock_days");
    let late = |since: Moment| since.plus_seconds(days) < txn.now;
    held.wire.restocked && held.facts.untouched_since.is_some_and(late)
}

/// `PUT /v1/inventory/destroy/schedule/undo`: takes the announcement back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnscheduleDestruction {
    inventory: Vec<Named>,
}

impl Action for UnscheduleDestruction {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut items = permitted(txn, &self.inventory, Verb::Unschedule)?;
        items.iter_mut().try_for_each(|held| {
            held.facts.destruction = None;
            txn.save(held)
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
        let mut items = permitted(txn, &self.inventory, Verb::Destroy)?;
        let knob = "destroy.wait_hours";
        let (hours, wait) = (txn.profile().number(knob), txn.profile().hours(knob));
        for held in &items {
            let announced = held.facts.destruction.as_ref().map(|it| it.at);
            let due = announced.is_none_or(|at| at.plus_seconds(wait) <= txn.now);
            require(due, || refuse("INV-67").with("n", hours))?;
        }
        if items.iter().any(|held| lay_about(txn, held)) {
            txn.note("SALE-53");
        }
        for held in &mut items {
            let account = Account::Destroyed(held.wire.location_license.clone());
            txn.set_amount(held, &account, Quantity::ZERO)?;
            held.wire.destroyed = true;
            txn.save(held)?;
        }
        Ok(())
    }
}

fn permitted(
    txn: &Txn<'_, '_, '_>,
    named: &[Named],
    verb: Verb,
) -> Result<Vec<Held<Inventory>>, Fault> {
    let items = txn.named_items(ids(named))?;
    for held in &items {
        item::permit(&held.wire, &held.facts, verb)?;
    }
    Ok(items)
}
