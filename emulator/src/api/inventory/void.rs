//! `PUT /v1/inventory/lab/sample/void`: samples that nobody received go back to what they were taken from
//! (LAB-21 to LAB-26).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Named, ids};
use crate::{
    api::{Action, lookup::once, site::Right},
    fault::Fault,
    lifecycle::{item, testing::VOIDED},
    model::{Inventory, LabSample, Quantity},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// `PUT /v1/inventory/lab/sample/void`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VoidSamples {
    sample: Vec<Named>,
}

impl Action for VoidSamples {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Hold)?;
        let mut samples = Vec::new();
        for named in &self.sample {
            samples.push(sample_named(txn, &named.inventory_id)?);
        }
        let items: Vec<_> = samples.iter().map(|(item, _)| item.clone()).collect();
        txn.one_site(&items)?;
        once(ids(&self.sample), "WIRE-28")?;
        for (item, sample) in &samples {
            voidable(txn, item, sample)?;
        }
        // A parent of many samples is judged anew once.
        let mut parents = BTreeMap::new();
        for (item, sample) in samples {
            if let Some(parent) = void(txn, item, sample)? {
                parents.insert(parent.key, parent);
            }
        }
        for mut parent in parents.into_values() {
            txn.requalify(&mut parent)?;
            txn.save(&mut parent)?;
        }
        Ok(())
    }
}

/// The caller's sample, by its item (LAB-21).
fn sample_named(
    txn: &Txn<'_, '_, '_>,
    id: &str,
) -> Result<(Held<Inventory>, Held<LabSample>), Fault> {
    let unknown = || refuse("LAB-21");
    let item = txn.own_item(id)?.filter(|held| held.wire.is_sample).ok_or_else(unknown)?;
    let mut rows = txn.samples_of_item(item.wire.id)?.into_iter();
    let sample = rows.next().filter(|held| !held.wire.deleted).ok_or_else(unknown)?;
    Ok((item, sample))
}

/// A sample that was neither tested nor received, and whose parent can take it back (LAB-22 to LAB-25).
fn voidable(
    txn: &Txn<'_, '_, '_>,
    item: &Held<Inventory>,
    sample: &Held<LabSample>,
) -> Result<(), Fault> {
    let number = sample.wire.id;
    require(sample.facts.filed_at.is_none(), || refuse("LAB-22").with("id", number))?;
    require(sample.facts.received.is_none(), || refuse("LAB-23").with("id", number))?;
    require(item.facts.manifest.is_none(), || refuse("LAB-24").with("id", item.wire.id))?;
    let own = item::state(&item.wire, &item.facts) == item::State::Sample;
    require(own, || refuse("LAB-25").with("id", item.wire.id))?;
    if let Some(parent) = parent_of(txn, item, sample)? {
        let id = parent.wire.id;
        require(parent.facts.manifest.is_none(), || refuse("LAB-24").with("id", id))?;
        // An invoice holds the amount that its goods have (BILL-22).
        if let Some(invoice) = parent.facts.invoice {
            return Err(refuse("BILL-22").with("id", id).with("n", invoice).into());
        }
        let state = item::state(&parent.wire, &parent.facts);
        let closed = matches!(
            state,
            item::State::Deleted
                | item::State::Destroyed
                | item::State::Seized
                | item::State::Scheduled
                | item::State::Transferred
        );
        require(!closed, || refuse("LAB-25").with("id", item.wire.id))?;
    }
    Ok(())
}

/// The item that a sample was taken from; none for one from a plant.
fn parent_of(
    txn: &Txn<'_, '_, '_>,
    item: &Held<Inventory>,
    sample: &Held<LabSample>,
) -> Result<Option<Held<Inventory>>, Fault> {
    if item.wire.source_plant_id == sample.wire.parent_id {
        return Ok(None);
    }
    let parent = sample.wire.parent_id.map(|id| txn.item_at(id, &item.scopes));
    parent.transpose()
}

/// The amount goes back; the row stays, marked (LAB-26). Answers the parent, saved.
fn void(
    txn: &mut Txn<'_, '_, '_>,
    mut item: Held<Inventory>,
    mut sample: Held<LabSample>,
) -> Result<Option<Held<Inventory>>, Fault> {
    let parent = parent_of(txn, &item, &sample)?;
    let amount = item.wire.remaining_amount;
    let account = match &parent {
        Some(_) => Account::Split(item.wire.id),
        None => Account::Grown(item.wire.location_license.clone()),
    };
    txn.set_amount(&mut item, &account, Quantity::ZERO)?;
    item.wire.deleted = true;
    txn.save(&mut item)?;
    sample.wire.deleted = true;
    VOIDED.clone_into(&mut sample.wire.result);
    txn.save(&mut sample)?;
    let Some(mut parent) = parent else { return Ok(None) };
    let whole = parent.wire.remaining_amount + amount;
    txn.set_amount(&mut parent, &account, whole)?;
    parent.facts.uses.take_back(sample.facts.taken_at);
    txn.save(&mut parent)?;
    Ok(Some(parent))
}
