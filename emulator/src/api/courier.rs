//! What happens to samples on the road, on the operator's word: delivered, refused. Manifests and
//! transfers will do it in the licensee's own calls.

use serde::Deserialize;

use crate::{
    fault::Fault,
    lifecycle::testing::{PENDING, REJECTED},
    model::{Barcode, Inventory, ItemFacts, Key, Kind, LabSample, Quantity, Scope},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// A sample arrives and is received.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Delivery {
    /// What the laboratory weighs; all that was sent if absent.
    pub received_amount: Option<Quantity>,
}

impl Delivery {
    /// The laboratory holds the sample now; what it weighs less is no one's (LAB-33, LAB-37).
    pub fn apply(self, txn: &mut Txn<'_, '_, '_>, id: u64) -> Result<(), Fault> {
        let (mut sample, mut item) = on_the_road(txn, id)?;
        let sent = item.wire.remaining_amount;
        let received = self.received_amount.unwrap_or(sent);
        let whole = !item.wire.unit_based || received.is_whole();
        let fits = received.is_positive() && received <= sent && whole;
        require(fits, || refuse("LAB-33").with("id", item.wire.id))?;
        let weighing = Account::Weighing(sample.wire.lab_license.clone());
        txn.post_item(&weighing, &item.wire, sent, received)?;
        let lab = sample.scopes.iter().find(|scope| matches!(scope, Scope::Lab(_)));
        let lab = *lab.ok_or_else(|| refuse("LAB-84"))?;
        let wire = Inventory {
            location_license: sample.wire.lab_license.clone(),
            remaining_amount: received,
            room_id: 0,
            ..item.wire.clone()
        };
        item.facts.transferred = true;
        item.wire.remaining_amount = Quantity::ZERO;
        txn.save(&mut item)?;
        let key = Key::item(item.key.number, lab);
        let facts = ItemFacts::default();
        txn.save(&mut Held { wire, facts, key, scopes: vec![lab] })?;
        sample.facts.received = Some(received);
        txn.save(&mut sample)
    }
}

/// The laboratory refuses a sample, and the licensee takes it back (LAB-35, LAB-36).
pub fn reject(txn: &mut Txn<'_, '_, '_>, id: u64) -> Result<(), Fault> {
    let (mut sample, mut item) = on_the_road(txn, id)?;
    REJECTED.clone_into(&mut sample.wire.result);
    txn.save(&mut sample)?;
    item.facts.came_back = true;
    txn.save(&mut item)?;
    let parent = sample.wire.parent_id.filter(|_| !sample.wire.rnd);
    let parent = parent.map_or(Ok(None), |id| txn.held_now(id))?;
    let Some(mut parent) = parent else { return Ok(()) };
    txn.requalify(&mut parent)?;
    txn.save(&mut parent)
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
    Ok((sample, item))
}
