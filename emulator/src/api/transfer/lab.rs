//! `PUT /v1/lab/inventory/transfer/{id}/receive`: a laboratory takes its samples in, or sends them back
//! (LAB-29 to LAB-37, XFER-70 to XFER-76).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    receive::{Received, check_amount, item_of, match_items},
    settle::Verdict,
};
use crate::{
    api::{Action, partner::Partner},
    fault::Fault,
    lifecycle::{
        testing::REJECTED,
        transfer::{self, Verb},
    },
    model::{Barcode, InventoryTransfer, Quantity, TransferItem},
    refusal::{refuse, require},
    world::txn::Txn,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReceiveSamples {
    #[serde(rename = "id")]
    id: String,
    item: Vec<Received>,
}

impl Action for ReceiveSamples {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let unknown = || refuse("LAB-29").in_path();
        let lab = txn.caller.as_ref().and_then(|caller| caller.lab.clone()).ok_or_else(unknown)?;
        let id = self.id.parse().map_err(|_| unknown())?;
        let held = txn.transfer(id)?.filter(|held| held.wire.inbound_license == lab.license);
        let held = held.ok_or_else(unknown)?;
        require(!held.wire.deleted || held.facts.seen, unknown)?;
        let blocked = lab.suspended && txn.profile().on("license.suspended_blocks");
        require(!blocked, || refuse("LIC-13").with("n", &lab.license))?;
        transfer::permit(&held.wire, &held.facts, Verb::ReceiveSamples)?;
        let named = match_items(&held.wire, &self.item, "LAB-32")?;
        let verdicts = verdicts(txn, &held.wire, &named)?;
        for verdict in &verdicts {
            txn.receive_sample(verdict.id, verdict.amount)?;
        }
        txn.settle(&Partner::Lab(lab), held, &verdicts)
    }
}

/// The laboratory's own net weights, up to what was sent; 0 rejects (LAB-33, LAB-35).
fn verdicts(
    txn: &Txn<'_, '_, '_>,
    transfer: &InventoryTransfer,
    named: &BTreeMap<Barcode, &Received>,
) -> Result<Vec<Verdict>, Fault> {
    let verdict = |sent: &TransferItem| {
        let id = sent.inventory_id;
        let said = named.get(&id).map_or(Ok(Quantity::ZERO), |item| item.accepted())?;
        check_amount(&item_of(txn, transfer, id)?.wire, sent, said, "LAB-33")?;
        Ok(Verdict { id, sent: sent.amount, amount: said, room: None })
    };
    transfer.item.iter().map(verdict).collect()
}

impl Txn<'_, '_, '_> {
    /// What the laboratory says of a sample at its door: it holds so much of it, or refuses it; a sample
    /// that is refused counts no more (LAB-35, LAB-37).
    pub fn receive_sample(&mut self, item: Barcode, amount: Quantity) -> Result<(), Fault> {
        let mut sample = self.sample_of_item(item)?;
        if amount.is_positive() {
            sample.facts.received = Some(amount);
            return self.save(&mut sample);
        }
        REJECTED.clone_into(&mut sample.wire.result);
        self.save(&mut sample)?;
        let parent = sample.wire.parent_id.filter(|_| !sample.wire.rnd);
        let Some(parent) = parent else { return Ok(()) };
        let missing = || Fault::Broken(format!("what sample {item} was taken from has no row"));
        let mut parent = self.held_now(parent)?.ok_or_else(missing)?;
        self.requalify(&mut parent)?;
        self.save(&mut parent)
    }
}
