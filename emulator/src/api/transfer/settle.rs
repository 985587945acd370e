//! A transfer is settled: what is accepted changes hands, the rest goes back by itself (XFER-41 to
//! XFER-48, BILL-38, MAN-53).

use std::collections::BTreeMap;

use super::{back::send_back, hand::Handed, receive::item_of};
use crate::{
    api::{manifest::complete, partner::Partner},
    fault::Fault,
    lifecycle::transfer_item::{self, Verb},
    model::{Barcode, Inventory, InventoryRoom, InventoryTransfer, Manifest, Quantity},
    refusal::Refusal,
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// What the receiver says of one item.
pub struct Verdict {
    pub id: Barcode,
    pub sent: Quantity,
    /// What is accepted; 0 rejects the item.
    pub amount: Quantity,
    pub room: Option<Held<InventoryRoom>>,
}

impl Txn<'_, '_, '_> {
    /// Does what the receiver says: goods, transfer, invoice, stop and trip, and what goes back.
    pub fn settle(
        &mut self,
        receiver: &Partner,
        mut held: Held<InventoryTransfer>,
        verdicts: &[Verdict],
    ) -> Result<(), Fault> {
        let mut back = Vec::new();
        for verdict in verdicts {
            let item = item_of(self, &held.wire, verdict.id)?;
            if !verdict.amount.is_positive() {
                back.push(item);
                continue;
            }
            let rest = if verdict.amount < verdict.sent && !receiver.is_lab() {
                Some(self.part_of(&item)?)
            } else {
                None
            };
            self.accept(receiver, item, verdict, rest.as_ref())?;
            if let Some(mut rest) = rest {
                let split = Account::Split(rest.wire.id);
                self.set_amount(&mut rest, &split, verdict.sent - verdict.amount)?;
                back.push(rest);
            }
        }
        let amounts: BTreeMap<Barcode, Quantity> =
            verdicts.iter().map(|verdict| (verdict.id, verdict.amount)).collect();
        let accepted = |id: Barcode| amounts.get(&id).copied().unwrap_or_default();
        mark(self, &mut held.wire, accepted)?;
        if let Some(invoice) = held.wire.invoice_id {
            self.settle_invoice(invoice, accepted)?;
        }
        self.save_transfer(&mut held, None)?;
        let mut manifest = self.manifest(held.wire.manifest_id)?;
        self.note_outage(self.now)?;
        self.note_unsettled(&manifest, held.wire.manifest_stop_number);
        mark_stop(self, &mut manifest, held.wire.manifest_stop_number, accepted);
        self.save_manifest(&mut manifest)?;
        if !back.is_empty() {
            send_back(self, receiver, &held.wire.outbound_license, back)?;
        }
        Ok(())
    }

    /// What a laboratory weighs less is no one's; what a licensee does not accept is a new item.
    fn accept(
        &mut self,
        receiver: &Partner,
        item: Held<Inventory>,
        verdict: &Verdict,
        rest: Option<&Held<Inventory>>,
    ) -> Result<(), Fault> {
        let license = receiver.license();
        let rest = match rest {
            Some(rest) => Account::Split(rest.wire.id),
            None => Account::Weighing(license.to_owned()),
        };
        let (scope, room) = (receiver.scope(), verdict.room.as_ref());
        self.hand_over(item, Handed { license, scope, amount: verdict.amount, room, rest })
    }
}

/// What the transfer shows from now on (XFER-42).
fn mark(
    txn: &Txn<'_, '_, '_>,
    transfer: &mut InventoryTransfer,
    accepted: impl Fn(Barcode) -> Quantity,
) -> Result<(), Refusal> {
    for item in &mut transfer.item {
        transfer_item::permit(item, Verb::Settle)?;
        item.received_amount = accepted(item.inventory_id);
        item.received = item.received_amount.is_positive();
        item.is_rejected = !item.received;
        item.received_time = item.received.then_some(txn.now);
        item.transaction_id = 0;
    }
    transfer.received = transfer.item.iter().any(|item| item.received);
    transfer.is_rejected = !transfer.received;
    transfer.received_time = Some(txn.now);
    Ok(())
}

/// The stop is settled, and with the last one the trip (MAN-53).
pub fn mark_stop(
    txn: &Txn<'_, '_, '_>,
    manifest: &mut Held<Manifest>,
    number: u32,
    accepted: impl Fn(Barcode) -> Quantity,
) {
    let stops = manifest.wire.stop.iter_mut().zip(&mut manifest.facts.stops);
    for (stop, facts) in stops.filter(|(stop, _)| stop.stop_number == number) {
        for item in &mut stop.item {
            item.quantity_received = accepted(item.inventory_id);
            item.transaction_id = 0;
        }
        facts.settled = true;
    }
    complete(txn, manifest);
}
