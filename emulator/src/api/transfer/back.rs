//! What was refused goes back without a call, and its sender takes it in again (XFER-46 to XFER-51).

use std::{collections::BTreeMap, sync::Arc};

use super::receive::{Received, item_of};
use crate::{
    api::{
        manifest::{add_stop, blank_manifest, complete, description},
        partner::Partner,
    },
    fault::Fault,
    model::{
        Barcode, Inventory, InventoryTransfer, Key, Kind, ManifestStop, ManifestType, Quantity,
        StopFacts, TransferFacts, TransferItem, TransferType,
    },
    refusal::{refuse, require},
    world::{
        access::Site,
        counters::Piece,
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
    let to = txn.partner(sender).ok_or_else(|| refuse("MAN-16"))?;
    let mut manifest = blank_manifest(txn, from, ManifestType::Rejected)?;
    let id = manifest.wire.manifest_id;
    let transfer = txn.next_number(Kind::InventoryTransfer);
    let mut stop = way_back(txn, id, &to)?;
    let mut lines = Vec::new();
    for mut item in items {
        let line = txn.manifest_item(id, stop.stop_number, &item.wire)?;
        lines.push(TransferItem {
            amount: line.quantity,
            deleted: false,
            description: description(&item.wire)?,
            id: txn.counters.next_piece(Piece::TransferItem),
            inventory: None,
            inventory_id: item.wire.id,
            inventory_transfer_id: transfer,
            is_rejected: true,
            is_return: true,
            manifest_id: id,
            received: false,
            received_amount: Quantity::ZERO,
            received_time: None,
            transaction_id: 0,
        });
        stop.item.push(line);
        item.facts.manifest = Some(id);
        item.facts.invoice = None;
        txn.save_as(&mut item, Some("RejectedData.Inventory"))?;
    }
    manifest.wire.in_transit = true;
    let (shipped_on, transfer_of) = (Some(txn.now), Some(transfer));
    let facts = StopFacts { shipped_on, transfer: transfer_of, seen: true, ..StopFacts::default() };
    add_stop(&mut manifest, stop, facts);
    let wire = InventoryTransfer {
        deleted: false,
        id: transfer,
        inbound_license: sender.to_owned(),
        invoice: None,
        invoice_id: None,
        is_rejected: true,
        item: lines,
        manifest_id: id,
        manifest_stop_number: 1,
        outbound_license: from.license().to_owned(),
        received: false,
        received_time: None,
        session_time: 0,
        transaction_id: 0,
        transfer_type: TransferType::Rejected,
    };
    let facts = TransferFacts { arrived: true, seen: true, carrier: None };
    let key = Key::new(Kind::InventoryTransfer, transfer);
    let mut held = Held { wire, facts, key, scopes: Vec::new() };
    txn.save_transfer(&mut held, Some("RejectedData.InventoryTransfer"))?;
    // A laboratory's reply has no manifest.
    let role = (!from.is_lab()).then_some("RejectedData.Manifest");
    txn.save_manifest_as(&mut manifest, role)
}

/// The one stop of a way back, at which the driver stands already.
fn way_back(
    txn: &mut Txn<'_, '_, '_>,
    manifest: Barcode,
    to: &Partner,
) -> Result<ManifestStop, Fault> {
    let address = txn.address_of(to)?;
    let now = Some(txn.now);
    Ok(ManifestStop {
        approximate_arrival: now,
        approximate_departure: now,
        approximate_route: String::new(),
        city: address.city,
        driver_arrived: true,
        driver_arrived_time: now,
        id: txn.counters.next_piece(Piece::ManifestStop),
        invoice: None,
        invoice_id: None,
        item: Vec::new(),
        items_count: 0,
        links: Vec::new(),
        location_license: to.license().to_owned(),
        manifest_id: manifest,
        name: address.name,
        parked_time: None,
        phone: address.phone,
        resumed_directions: String::new(),
        resumed_estimated_arrival: None,
        resumed_estimated_departure: None,
        resumed_time: None,
        state: address.state,
        stop_number: 1,
        transporter_parked: false,
        transporter_resumed: false,
        zip_code: address.zip,
    })
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
    for sent in &held.wire.item {
        let refused = || refuse("XFER-51");
        let said =
            named.get(&sent.inventory_id).filter(|it| !it.is_rejected).ok_or_else(refused)?;
        let amount = said.accepted()?;
        require(amount <= sent.amount, || refuse("XFER-36").with("id", sent.inventory_id))?;
        let item = item_of(txn, &held.wire, sent.inventory_id)?;
        require(!item.wire.unit_based || amount.is_whole(), || refuse("XFER-37"))?;
        require(amount.is_positive(), refused)?;
        taken.push((item, amount, said.room_id));
    }
    for (mut item, amount, room) in taken {
        let room = txn.inventory_room(site, room, "ROOM-08", || refuse("ROOM-10"))?;
        let weighing = Account::Weighing(site.license.clone());
        let before = item.wire.remaining_amount;
        txn.post_item(&weighing, &item.wire, before, amount)?;
        item.wire.remaining_amount = amount;
        item.put_into(&room);
        item.facts.manifest = None;
        item.facts.came_back |= item.wire.is_sample;
        txn.save(&mut item)?;
        let line = held.wire.item.iter_mut().find(|it| it.inventory_id == item.wire.id);
        if let Some(line) = line {
            line.received = true;
            line.received_amount = amount;
            line.received_time = Some(txn.now);
            line.transaction_id = 0;
        }
    }
    held.wire.received = true;
    held.wire.received_time = Some(txn.now);
    txn.save_transfer(&mut held, None)?;
    let mut manifest = txn.manifest(held.wire.manifest_id)?;
    for facts in &mut manifest.facts.stops {
        facts.settled = true;
    }
    manifest.wire.received = true;
    complete(txn, &mut manifest);
    txn.save_manifest(&mut manifest)
}
