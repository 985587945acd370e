//! What was refused goes back without a call, and its sender takes it in again (XFER-46 to XFER-51).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    receive::{Received, check_amount, item_of},
    settle::mark_stop,
};
use crate::{
    api::{
        manifest::{add_stop, blank_manifest, blank_stop},
        partner::Partner,
    },
    fault::Fault,
    model::{
        Barcode, Inventory, InventoryTransfer, Key, Kind, ManifestType, Quantity, StopFacts,
        TransferFacts, TransferType,
    },
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// The system makes a manifest and a transfer back to the sender, already under way and arrived, without
/// driver, vehicle or invoice (XFER-46).
pub fn send_back(
    txn: &mut Txn<'_, '_, '_>,
    from: &Partner,
    sender: &str,
    items: Vec<Held<Inventory>>,
) -> Result<(), Fault> {
    let to = txn.known_partner(sender)?;
    let mut manifest = blank_manifest(txn, from, ManifestType::Rejected)?;
    let id = manifest.wire.manifest_id;
    let transfer = txn.next_number(Kind::InventoryTransfer);
    // The driver stands there already.
    let mut stop = blank_stop(txn, id, &to)?;
    stop.approximate_departure = Some(txn.now);
    stop.approximate_arrival = Some(txn.now);
    stop.driver_arrived = true;
    stop.driver_arrived_time = Some(txn.now);
    for mut item in items {
        stop.item.push(txn.manifest_item(id, stop.stop_number, &item.wire)?);
        item.facts.manifest = Some(id);
        item.facts.invoice = None;
        txn.save_as(&mut item, Some("RejectedData.Inventory"))?;
    }
    let wire = txn.begin_transfer(transfer, &manifest.wire, &stop, TransferType::Rejected);
    let facts = StopFacts {
        shipped_on: Some(txn.now),
        transfer: Some(transfer),
        seen: true,
        ..StopFacts::default()
    };
    manifest.wire.in_transit = true;
    add_stop(&mut manifest, stop, facts);
    let facts = TransferFacts { arrived: true, seen: true, carrier: None };
    let key = Key::new(Kind::InventoryTransfer, transfer);
    let mut held = Held { wire, facts, key, scopes: Vec::new() };
    txn.save_transfer(&mut held, Some("RejectedData.InventoryTransfer"))?;
    // A laboratory's reply has no manifest.
    let role = (!from.is_lab()).then_some("RejectedData.Manifest");
    txn.save_manifest_as(&mut manifest, role)
}

/// The sender takes its goods in again: every item, with a room; what is missing is a weighing difference
/// (XFER-49 to XFER-51).
pub fn take_back(
    txn: &mut Txn<'_, '_, '_>,
    site: &Arc<Site>,
    mut held: Held<InventoryTransfer>,
    named: &BTreeMap<Barcode, &Received>,
) -> Result<(), Fault> {
    let mut taken = Vec::new();
    for (place, sent) in held.wire.item.iter().enumerate() {
        let refused = || refuse("XFER-51");
        let said =
            named.get(&sent.inventory_id).filter(|it| !it.is_rejected).ok_or_else(refused)?;
        let amount = said.accepted()?;
        let item = item_of(txn, &held.wire, sent.inventory_id)?;
        check_amount(&item.wire, sent, amount, "XFER-36")?;
        require(amount.is_positive(), refused)?;
        taken.push((place, item, amount, said.room_id));
    }
    for (place, mut item, amount, room) in taken {
        let room = txn.inventory_room(site, room, "ROOM-08", || refuse("ROOM-10"))?;
        let weighing = Account::Weighing(site.license.clone());
        let before = item.wire.remaining_amount;
        txn.post_item(&weighing, &item.wire, before, amount)?;
        item.wire.remaining_amount = amount;
        item.put_into(&room);
        item.facts.manifest = None;
        item.facts.came_back |= item.wire.is_sample;
        txn.save(&mut item)?;
        let line = &mut held.wire.item[place];
        line.received = true;
        line.received_amount = amount;
        line.received_time = Some(txn.now);
        line.transaction_id = 0;
    }
    held.wire.received = true;
    held.wire.received_time = Some(txn.now);
    txn.save_transfer(&mut held, None)?;
    let amounts: BTreeMap<Barcode, Quantity> =
        held.wire.item.iter().map(|line| (line.inventory_id, line.received_amount)).collect();
    let taken = |id: Barcode| amounts.get(&id).copied().unwrap_or_default();
    let mut manifest = txn.manifest(held.wire.manifest_id)?;
    mark_stop(txn, &mut manifest, held.wire.manifest_stop_number, taken);
    txn.save_manifest(&mut manifest)
}
