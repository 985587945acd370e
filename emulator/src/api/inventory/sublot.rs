//! `POST /v1/inventory/{id}/sublot`: a part of an item under an identifier of its own.

use serde::Deserialize;

use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{item::Verb, item_type::ItemType},
    model::{Former, Inventory, ItemFacts, Key, QaStatus, Quantity, Round, Testing, listed},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// `POST /v1/inventory/{id}/sublot`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SplitItem {
    #[serde(rename = "id")]
    id: String,
    amount: Quantity,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for SplitItem {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut parent = txn.item_in_path(&self.id, Verb::Sublot)?;
        let site = txn.site_of(&parent.scopes)?;
        let kind = ItemType::find(parent.wire.inventory_type)?;
        let amount = kind.own_amount(&parent.wire.uom, self.amount, self.uom.as_deref())?;
        require(amount.is_positive(), || refuse("INV-06"))?;
        let left = parent.wire.remaining_amount - amount;
        require(!left.is_negative(), || refuse("INV-20").with("id", &self.id))?;
        let room = self.room_id.unwrap_or(parent.wire.room_id);
        let room = txn.inventory_room(&site, Some(room), "ROOM-10", || refuse("ROOM-10"))?;
        if parent.wire.qa_status == QaStatus::Pending {
            txn.soften("sublot.while_pending", refuse("LOT-18").with("id", &self.id))?;
        }
        txn.use_tags(&site, 1)?;
        let mut part = txn.part_of(&parent)?;
        part.wire.external_id = self.external_id.unwrap_or_default();
        part.put_into(&room);
        let split = Account::Split(part.wire.id);
        txn.set_amount(&mut parent, &split, left)?;
        txn.set_amount(&mut part, &split, amount)?;
        parent.facts.uses.mark(txn.transaction());
        txn.touch_stock(&mut parent)?;
        txn.save_as(&mut parent, Some("Inventory"))?;
        txn.save_as(&mut part, Some("Derivative"))
    }
}

impl Txn<'_, '_, '_> {
    /// A new item that is a part of another, with nothing in it yet (LOT-16, LOT-17).
    pub fn part_of(&mut self, parent: &Held<Inventory>) -> Result<Held<Inventory>, Fault> {
        let id = self.mint()?;
        let mut wire = Inventory {
            external_id: String::new(),
            id,
            initial: false,
            inventory_parent_id: vec![parent.wire.id],
            remaining_amount: Quantity::ZERO,
            ..parent.wire.clone()
        };
        if !wire.qa_status.is_verdict() {
            wire.qa_status = QaStatus::Untested;
            wire.active_sample_inventory_id = None;
            wire.lab_sample.clear();
        }
        let facts = ItemFacts {
            testing: inherited(parent),
            held_by_state: parent.facts.held_by_state,
            received_from: parent.facts.received_from.clone(),
            supplier: parent.facts.supplier.clone(),
            ..ItemFacts::default()
        };
        let key = Key::item(self.number_of(id), parent.scopes[0]);
        Ok(Held { wire, facts, key, scopes: parent.scopes.clone() })
    }
}

/// A part's own samples begin anew; a verdict, and a round after remediation, come with it (LOT-17).
pub fn inherited(parent: &Held<Inventory>) -> Testing {
    let verdict = parent.wire.qa_status.is_verdict();
    let open = parent.facts.testing.kind == Round::Remediation && !verdict;
    Testing {
        round: 0,
        kind: if open { Round::Remediation } else { Round::First },
        former: verdict.then(|| Former::of(&parent.wire)),
        approved: false,
        ..parent.facts.testing.clone()
    }
}
