//! Transfers: what was shipped with a stop, and what became of it (rulebook 14). Their routes stand under
//! `/v1/inventory/transfer` and, for laboratories, under `/v1/lab/inventory/transfer`.

mod back;
pub mod hand;
mod lab;
mod receive;
mod settle;
mod ship;
mod view;
mod void;

use super::{Row, act, read};
use crate::{
    fault::Fault,
    lifecycle::transfer,
    model::{
        InventoryTransfer, Key, Kind, Manifest, ManifestItem, ManifestStop, Quantity, Scope,
        TransferItem, TransferType,
    },
    refusal::{Refusal, refuse},
    world::{
        counters::Piece,
        txn::{Held, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/inventory/transfer",                   view::list_all),
    act::<ship::ShipTrip>("POST /v1/inventory/transfer"),
    read("GET /v1/inventory/transfer/inbound",           view::inbound),
    read("GET /v1/inventory/transfer/inbound/{id}",      view::show_inbound),
    read("GET /v1/inventory/transfer/rejected",          view::rejected),
    read("GET /v1/inventory/transfer/rules",             view::rules),
    read("GET /v1/inventory/transfer/{id}",              view::show),
    act::<receive::ReceiveTransfer>("PUT /v1/inventory/transfer/{id}/receive"),
    act::<void::VoidTransfer>("PUT /v1/inventory/transfer/{id}/void"),
    read("GET /v1/lab/inventory/transfer/inbound",       view::inbound),
    act::<lab::ReceiveSamples>("PUT /v1/lab/inventory/transfer/{id}/receive"),
];

impl Txn<'_, '_, '_> {
    pub fn transfer(&self, id: u64) -> Result<Option<Held<InventoryTransfer>>, Fault> {
        self.find::<InventoryTransfer>(Key::new(Kind::InventoryTransfer, id))
    }

    /// The items of a stop as a transfer, at the moment at which they leave (XFER-01).
    fn begin_transfer(
        &mut self,
        id: u64,
        manifest: &Manifest,
        stop: &ManifestStop,
        transfer_type: TransferType,
    ) -> InventoryTransfer {
        let refused = transfer_type == TransferType::Rejected;
        let line = |sent: &ManifestItem| TransferItem {
            amount: sent.quantity,
            deleted: false,
            description: sent.description.clone(),
            id: self.counters.next_piece(Piece::TransferItem),
            inventory: None,
            inventory_id: sent.inventory_id,
            inventory_transfer_id: id,
            is_rejected: refused,
            is_return: refused || transfer_type == TransferType::Return,
            manifest_id: sent.manifest_id,
            received: false,
            received_amount: Quantity::ZERO,
            received_time: None,
            transaction_id: 0,
        };
        InventoryTransfer {
            deleted: false,
            id,
            inbound_license: stop.location_license.clone(),
            invoice: None,
            invoice_id: stop.invoice_id,
            is_rejected: refused,
            item: stop.item.iter().map(line).collect(),
            manifest_id: manifest.manifest_id,
            manifest_stop_number: stop.stop_number,
            outbound_license: manifest.license_number.clone(),
            received: false,
            received_time: None,
            session_time: 0,
            transaction_id: 0,
            transfer_type,
        }
    }

    /// Stores a transfer. Its sender and its transporter see it from shipping on, its receiver from the
    /// first arrival on; while it waits at a door, it stands in the list of that door (XFER-20 to XFER-23).
    pub fn save_transfer(
        &mut self,
        held: &mut Held<InventoryTransfer>,
        role: Option<&'static str>,
    ) -> Result<(), Fault> {
        let mut scopes: Vec<Scope> = Vec::new();
        let carrier = held.facts.carrier.as_deref();
        for license in [Some(held.wire.outbound_license.as_str()), carrier].into_iter().flatten() {
            scopes.extend(self.scope_of(license));
        }
        let receiver = self.scope_of(&held.wire.inbound_license);
        let state = transfer::state(&held.wire, &held.facts);
        let waits = match state {
            transfer::State::Arrived => receiver.and_then(Scope::door),
            transfer::State::ComingBack => receiver.and_then(Scope::returning),
            transfer::State::InTransit
            | transfer::State::Received
            | transfer::State::Rejected
            | transfer::State::Voided
            | transfer::State::TakenBack => None,
        };
        scopes.extend(receiver.filter(|_| held.facts.seen));
        scopes.extend(waits);
        scopes.sort_unstable();
        scopes.dedup();
        held.scopes = scopes;
        self.save_as(held, role)
    }

    /// Goods on the road belong to somebody, and should not be there for days (TIME-39).
    fn note_unsettled(&mut self, manifest: &Held<Manifest>, number: u32) {
        let wait = self.profile().hours("finding.unsettled_hours");
        let stops = manifest.wire.stop.iter().zip(&manifest.facts.stops);
        let stop = stops.into_iter().find(|(stop, _)| stop.stop_number == number);
        let shipped = stop.and_then(|(_, facts)| facts.shipped_on);
        if shipped.is_some_and(|shipped| shipped.plus_seconds(wait) < self.now) {
            self.note("TIME-39");
        }
    }

    /// The driver stands at the receiver's door, or does not after all (MAN-60, MAN-62).
    pub fn set_arrived(&mut self, id: u64, arrived: bool) -> Result<(), Fault> {
        let mut held = self.known::<InventoryTransfer>(Key::new(Kind::InventoryTransfer, id))?;
        held.facts.arrived = arrived;
        held.facts.seen |= arrived;
        self.save_transfer(&mut held, None)
    }
}

/// There is nothing under this number that the caller could receive (XFER-30).
fn unknown() -> Refusal {
    refuse("XFER-30").in_path()
}

/// Whether goods travel back because they were refused.
fn comes_back(transfer: &InventoryTransfer) -> bool {
    transfer.transfer_type == TransferType::Rejected
}
