//! Goods change hands: the receiver's row begins, the sender's is closed (XFER-41).

use std::collections::BTreeSet;

use crate::{
    fault::Fault,
    model::{Inventory, InventoryRoom, ItemFacts, Key, Quantity, Scope},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// To whom goods are handed over, how much, and where they lie then.
pub struct Handed<'a> {
    pub license: &'a str,
    pub scope: Scope,
    pub amount: Quantity,
    pub room: Option<&'a Held<InventoryRoom>>,
    /// Where what is not accepted goes.
    pub rest: Account,
}

impl Txn<'_, '_, '_> {
    /// Passes an item on under its identifier: same type, label, dates, parents, verdict and samples.
    pub fn hand_over(&mut self, mut held: Held<Inventory>, to: Handed<'_>) -> Result<(), Fault> {
        let sent = held.wire.remaining_amount;
        self.post_item(&to.rest, &held.wire, sent, to.amount)?;
        let key = Key::item(held.key.number, to.scope);
        let former = self.find::<Inventory>(key)?;
        if former.is_some() && self.profile().on("finding.barcode_received_again") {
            self.note("XFER-45");
        }
        let received_from = self.senders(&held, former.as_ref(), to.scope)?;
        let wire = Inventory {
            external_id: String::new(),
            location_license: to.license.to_owned(),
            remaining_amount: to.amount,
            room_id: 0,
            ..held.wire.clone()
        };
        let facts = ItemFacts {
            received_from,
            untouched_since: Some(self.now),
            testing: held.facts.testing.clone(),
            held_by_state: held.facts.held_by_state,
            supplier: held.facts.supplier.clone(),
            ..ItemFacts::default()
        };
        let mut passed = Held { wire, facts, key, scopes: vec![to.scope] };
        if let Some(room) = to.room {
            passed.put_into(room);
        }
        held.wire.remaining_amount = Quantity::ZERO;
        held.facts.transferred = true;
        held.facts.manifest = None;
        held.facts.invoice = None;
        self.save(&mut held)?;
        // The reply shows what the receiver holds now, not what its own other site held.
        self.save_as(&mut passed, Some("Inventory"))
    }

    /// From whom a site ever got an item, or that from which it was split off, the present sender
    /// included.
    fn senders(
        &self,
        held: &Held<Inventory>,
        former: Option<&Held<Inventory>>,
        receiver: Scope,
    ) -> Result<BTreeSet<String>, Fault> {
        let mut senders = former.map(|row| row.facts.received_from.clone()).unwrap_or_default();
        for parent in &held.wire.inventory_parent_id {
            let row = self.find::<Inventory>(Key::item(self.number_of(*parent), receiver))?;
            // What something was made of is not what it is a part of.
            let whole = row.filter(|row| row.wire.inventory_type == held.wire.inventory_type);
            senders.extend(whole.into_iter().flat_map(|row| row.facts.received_from));
        }
        senders.insert(held.wire.location_license.clone());
        Ok(senders)
    }
}
