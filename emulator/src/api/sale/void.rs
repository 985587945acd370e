//! `PUT /v1/sale/{id}/void`: a sale made by mistake; the units are back under their old identifiers, the
//! record stays (SALE-39 to SALE-45).

use serde::Deserialize;

use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item,
        sale::{self, Verb},
    },
    model::{Inventory, ItemFacts},
    refusal::{refuse, require},
    world::{ledger::Account, txn::Txn},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VoidSale {
    #[serde(rename = "id")]
    id: String,
    void_reason: String,
}

impl Action for VoidSale {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.sale_in_path(&self.id)?;
        sale::permit(&held.wire, &held.facts, Verb::Void)?;
        let fixed = held.facts.delivered && !txn.profile().on("sale.void_delivered");
        require(!fixed, || refuse("SALE-41"))?;
        let manifest = held.facts.manifest.map(|id| id.to_string());
        require(manifest.is_none(), || refuse("SALE-42").with("n", manifest.unwrap_or_default()))?;
        let site = txn.site_of(&held.scopes)?;
        let account = Account::Sold(site.license.clone());
        for line in &mut held.wire.item {
            let mut item = txn.item_at(line.barcode, &held.scopes)?;
            require(takes_back(&item.wire, &item.facts), || refuse("SALE-43"))?;
            let whole = item.wire.remaining_amount + line.quantity;
            txn.set_amount(&mut item, &account, whole)?;
            txn.save(&mut item)?;
            line.void_reason.clone_from(&self.void_reason);
            line.transaction_id = 0;
        }
        held.wire.deleted = true;
        txn.save(&mut held)
    }
}

/// Whether units can come back to an item: it is still the shop's, and nothing was promised of it that
/// its amount would change (SALE-43, BAL-18).
fn takes_back(item: &Inventory, facts: &ItemFacts) -> bool {
    match item::state(item, facts) {
        item::State::Deleted
        | item::State::Destroyed
        | item::State::Transferred
        | item::State::Seized
        | item::State::Scheduled
        | item::State::OnManifest
        | item::State::OnInvoice => false,
        item::State::Sample
        | item::State::Restocked
        | item::State::Quarantined
        | item::State::Depleted
        | item::State::Available => true,
    }
}
