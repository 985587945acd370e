//! `PUT /v1/inventory/transfer/{id}/receive`: the receiver settles a transfer once, item by item (XFER-30
//! to XFER-44).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{back::take_back, settle::Verdict, unknown};
use crate::{
    api::{Action, lookup::once, partner::Partner, site::Right},
    fault::Fault,
    lifecycle::{
        trade::MICROBUSINESS,
        transfer::{self, Verb},
    },
    model::{Barcode, Inventory, InventoryTransfer, QaStatus, Quantity, TransferItem, listed},
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// What becomes of one item.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Received {
    #[serde(rename = "InventoryID")]
    pub inventory_id: String,
    received_amount: Option<Quantity>,
    #[serde(default)]
    pub is_rejected: bool,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    pub room_id: Option<u64>,
}

impl Received {
    /// What is accepted of it; nothing where it is marked as rejected.
    pub fn accepted(&self) -> Result<Quantity, Refusal> {
        let amount = if self.is_rejected { Some(Quantity::ZERO) } else { self.received_amount };
        amount.ok_or_else(|| refuse("WIRE-22").with("Field", "ReceivedAmount"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReceiveTransfer {
    #[serde(rename = "id")]
    id: String,
    item: Vec<Received>,
}

impl Action for ReceiveTransfer {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Trade)?;
        let id = self.id.parse().map_err(|_| unknown())?;
        let held = txn.transfer(id)?.ok_or_else(unknown)?;
        txn.not_closed(&[txn.known_partner(&held.wire.inbound_license)?.scope()])?;
        let site = txn.own_site(&held.wire.inbound_license)?.ok_or_else(|| strange(txn, &held))?;
        require(!held.wire.deleted || held.facts.seen, unknown)?;
        txn.require_right(&site, Right::Trade)?;
        transfer::permit(&held.wire, &held.facts, Verb::Receive)?;
        let named = match_items(&held.wire, &self.item, "XFER-34")?;
        if super::comes_back(&held.wire) {
            return take_back(txn, &site, held, &named);
        }
        let verdicts = verdicts(txn, &site, &held.wire, &named)?;
        note_flagged(txn, &held, &verdicts)?;
        if site.location_type == MICROBUSINESS && verdicts.iter().any(|it| it.amount.is_positive())
        {
            // A microbusiness handles what it grew itself.
            txn.soften("license.foreign_goods", refuse("LIC-17"))?;
        }
        txn.settle(&Partner::Site(site), held, &verdicts)
    }
}

/// Another party of the transfer may not receive it; to all others it does not exist (XFER-33, XFER-30).
fn strange(txn: &Txn<'_, '_, '_>, held: &Held<InventoryTransfer>) -> Refusal {
    if held.scopes.iter().any(|scope| txn.sees(*scope)) {
        return refuse("XFER-33").with("n", &held.wire.inbound_license);
    }
    unknown()
}

/// What a body says of each item of a transfer, each named once (WIRE-28, XFER-34).
pub fn match_items<'a>(
    transfer: &InventoryTransfer,
    items: &'a [Received],
    foreign: &'static str,
) -> Result<BTreeMap<Barcode, &'a Received>, Refusal> {
    once(items.iter().map(|item| item.inventory_id.as_str()), "WIRE-28")?;
    let sent: BTreeSet<Barcode> = transfer.item.iter().map(|it| it.inventory_id).collect();
    let mut named = BTreeMap::new();
    for item in items {
        let sent = Barcode::parse(&item.inventory_id).filter(|id| sent.contains(id));
        named.insert(sent.ok_or_else(|| refuse(foreign))?, item);
    }
    Ok(named)
}

fn verdicts(
    txn: &Txn<'_, '_, '_>,
    site: &Site,
    transfer: &InventoryTransfer,
    named: &BTreeMap<Barcode, &Received>,
) -> Result<Vec<Verdict>, Fault> {
    for sent in &transfer.item {
        let id = sent.inventory_id;
        let Some(item) = named.get(&id) else { continue };
        let amount = item.accepted()?;
        check_amount(&item_of(txn, transfer, id)?.wire, sent, amount, "XFER-36")?;
    }
    // What is not named is rejected (XFER-35).
    let verdict = |sent: &TransferItem| {
        let item = named.get(&sent.inventory_id);
        let amount = item.map_or(Ok(Quantity::ZERO), |item| item.accepted())?;
        let room = match item.filter(|_| amount.is_positive()) {
            Some(item) => {
                let wrong = || refuse("ROOM-10");
                Some(txn.inventory_room(site, item.room_id, "ROOM-08", wrong)?)
            }
            None => None,
        };
        Ok(Verdict { id: sent.inventory_id, sent: sent.amount, amount, room })
    };
    transfer.item.iter().map(verdict).collect()
}

/// No more of an item than was sent, and only whole units (XFER-36, LAB-33, XFER-37).
pub fn check_amount(
    item: &Inventory,
    sent: &TransferItem,
    amount: Quantity,
    too_much: &'static str,
) -> Result<(), Refusal> {
    require(amount <= sent.amount, || refuse(too_much).with("id", item.id))?;
    require(!item.unit_based || amount.is_whole(), || refuse("XFER-37"))
}

/// An item of a transfer as its sender holds it.
pub fn item_of(
    txn: &Txn<'_, '_, '_>,
    transfer: &InventoryTransfer,
    id: Barcode,
) -> Result<Held<Inventory>, Fault> {
    let holder = if super::comes_back(transfer) {
        &transfer.inbound_license
    } else {
        &transfer.outbound_license
    };
    let scope = txn.known_partner(holder)?.scope();
    txn.item_at(id, &[scope])
}

/// What expired, failed or came under a hold on the road stands at the door all the same (XFER-40).
fn note_flagged(
    txn: &mut Txn<'_, '_, '_>,
    held: &Held<InventoryTransfer>,
    verdicts: &[Verdict],
) -> Result<(), Fault> {
    if !txn.profile().on("finding.received_flagged") {
        return Ok(());
    }
    for verdict in verdicts.iter().filter(|verdict| verdict.amount.is_positive()) {
        let item = item_of(txn, &held.wire, verdict.id)?;
        let failed = item.wire.qa_status == QaStatus::Failed;
        if failed || item.facts.held_by_state || txn.is_expired(&item.wire) {
            txn.note("XFER-40");
        }
    }
    Ok(())
}
