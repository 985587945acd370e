//! What the operator does to goods: carries samples without a manifest, holds items, approves retests.

use serde::Deserialize;

use super::transfer::hand::Handed;
use crate::{
    fault::Fault,
    lifecycle::testing::PENDING,
    model::{Barcode, Inventory, Key, Kind, LabSample, Quantity},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// A sample reaches its laboratory without a manifest.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Arrival {
    /// What the laboratory weighs; all that was sent if absent.
    pub received_amount: Option<Quantity>,
}

impl Arrival {
    /// The laboratory holds the sample now; what it weighs less is no one's (LAB-33, LAB-37).
    pub fn apply(self, txn: &mut Txn<'_, '_, '_>, id: u64) -> Result<(), Fault> {
        let (sample, item) = on_the_road(txn, id)?;
        let sent = item.wire.remaining_amount;
        let amount = self.received_amount.unwrap_or(sent);
        let whole = !item.wire.unit_based || amount.is_whole();
        let fits = amount.is_positive() && amount <= sent && whole;
        require(fits, || refuse("LAB-33").with("id", item.wire.id))?;
        let license = sample.wire.lab_license.as_str();
        let scope = txn.scope_of(license).ok_or_else(|| refuse("LAB-84"))?;
        let rest = Account::Weighing(license.to_owned());
        txn.receive_sample(item.wire.id, amount)?;
        txn.hand_over(item, Handed { license, scope, amount, room: None, rest })
    }
}

/// The laboratory refuses a sample, and the licensee takes it back (LAB-35, LAB-36).
pub fn reject(txn: &mut Txn<'_, '_, '_>, id: u64) -> Result<(), Fault> {
    let (_, mut item) = on_the_road(txn, id)?;
    txn.receive_sample(item.wire.id, Quantity::ZERO)?;
    item.facts.came_back = true;
    txn.save(&mut item)
}

/// The state lets an item be tested again, once (LAB-61).
pub fn approve_retest(txn: &mut Txn<'_, '_, '_>, id: &str) -> Result<(), Fault> {
    let unknown = || refuse("INV-11").with("id", id).in_path();
    let barcode = Barcode::parse(id).ok_or_else(unknown)?;
    let mut held = txn.held_now(barcode)?.ok_or_else(unknown)?;
    held.facts.testing.approved = true;
    txn.keep_facts(&held)
}

/// The state holds an item, or lets it go; what is made of it meanwhile is held too (INV-90, INV-91).
pub fn hold(txn: &mut Txn<'_, '_, '_>, id: &str, hold: bool) -> Result<(), Fault> {
    let unknown = || refuse("INV-11").with("id", id).in_path();
    let barcode = Barcode::parse(id).ok_or_else(unknown)?;
    let mut held = txn.held_now(barcode)?.ok_or_else(unknown)?;
    held.facts.held_by_state = hold;
    txn.save(&mut held)
}

/// A sample that is still its licensee's.
fn on_the_road(
    txn: &Txn<'_, '_, '_>,
    id: u64,
) -> Result<(Held<LabSample>, Held<Inventory>), Fault> {
    let unknown = || refuse("LAB-84").in_path();
    let sample = txn.find::<LabSample>(Key::new(Kind::LabSample, id))?.ok_or_else(unknown)?;
    let open =
        !sample.wire.deleted && sample.wire.result == PENDING && sample.facts.received.is_none();
    require(open, || refuse("LAB-23").with("id", id))?;
    let item = sample.wire.inventory_id.ok_or_else(unknown)?;
    let item = txn.item_at(item, &sample.scopes)?;
    // What is on a manifest travels with it.
    require(item.facts.manifest.is_none(), || refuse("LAB-24").with("id", item.wire.id))?;
    Ok((sample, item))
}
