//! `PUT /v1/inventory/transfer/{id}/void`: the goods never left; the stop is planned again (XFER-55 to
//! XFER-58).

use serde::Deserialize;

use super::{comes_back, receive::item_of};
use crate::{
    api::{Action, read::not_found, site::Right},
    fault::Fault,
    lifecycle::{
        transfer::{self, Verb},
        transfer_item,
    },
    model::{InventoryTransfer, Key, Kind},
    refusal::refuse,
    world::txn::Txn,
};

#[derive(Deserialize)]
pub struct VoidTransfer {
    id: String,
}

impl Action for VoidTransfer {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Trade)?;
        let held = txn.own_numbered::<InventoryTransfer>(&self.id)?;
        let held = held.ok_or_else(|| not_found(Kind::InventoryTransfer, &self.id))?;
        let mine = match txn.own_site(&held.wire.outbound_license)? {
            // Goods that come back belong to the one who gets them (XFER-51).
            None if comes_back(&held.wire) => txn.own_site(&held.wire.inbound_license)?,
            mine => mine,
        };
        let site = mine.ok_or_else(|| refuse("XFER-55"))?;
        txn.require_right(&site, Right::Trade)?;
        transfer::permit(&held.wire, &held.facts, Verb::Void)?;
        let mut manifest = txn.manifest(held.wire.manifest_id)?;
        let number = held.wire.manifest_stop_number;
        txn.note_unsettled(&manifest, number);
        txn.void_transfer(held.wire.id)?;
        for sent in &held.wire.item {
            txn.save(&mut item_of(txn, &held.wire, sent.inventory_id)?)?;
        }
        let stops = manifest.wire.stop.iter_mut().zip(&mut manifest.facts.stops);
        for (stop, facts) in stops.filter(|(stop, _)| stop.stop_number == number) {
            stop.plan_again();
            facts.transfer = None;
            facts.shipped_on = None;
        }
        let travels = manifest.facts.stops.iter().any(|stop| stop.shipped_on.is_some());
        manifest.wire.in_transit = travels;
        txn.save_manifest(&mut manifest)
    }
}

impl Txn<'_, '_, '_> {
    /// Voids a transfer: its items are released, its invoice is planned again (XFER-57).
    pub fn void_transfer(&mut self, id: u64) -> Result<(), Fault> {
        let mut held = self.known::<InventoryTransfer>(Key::new(Kind::InventoryTransfer, id))?;
        held.wire.deleted = true;
        for item in &mut held.wire.item {
            transfer_item::permit(item, transfer_item::Verb::Release)?;
            item.deleted = true;
            item.transaction_id = 0;
        }
        if let Some(invoice) = held.wire.invoice_id {
            self.ship_invoice(invoice, false)?;
        }
        self.save_transfer(&mut held, None)
    }
}
