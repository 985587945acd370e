//! `DELETE /v1/inventory/conversion/{id}`: a lot or a conversion is taken back, whole.

use serde::Deserialize;

use super::sources::Accounts;
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{Barcode, Inventory, InventoryConversion, InventoryIngredient, Kind, Quantity},
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::Commodity,
        txn::{Held, Txn},
    },
};

/// `DELETE /v1/inventory/conversion/{id}`; sixteen digits name the product.
#[derive(Deserialize)]
pub struct UndoConversion {
    id: String,
}

impl Action for UndoConversion {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let unknown = || refuse("LOT-40").with("id", &self.id).in_path();
        let mut booking = find(txn, &self.id)?.ok_or_else(unknown)?;
        let site = txn.site_of(&booking.scopes)?;
        require(!booking.wire.deleted, || refuse("LOT-41"))?;
        let made_at = booking.facts.made_at;
        let product = txn.item_at(booking.wire.inventory_id, &booking.scopes)?;
        let waste = booking.facts.waste.map(|id| txn.item_at(id, &booking.scopes)).transpose()?;
        for held in [Some(&product), waste.as_ref()].into_iter().flatten() {
            item::permit_undo(&held.wire, &held.facts)?;
            item::unused_since(made_at, &held.wire, &held.facts, "LOT-42")?;
        }
        let sources = txn.sources_of(&booking)?;
        for held in &sources {
            // The state guards of the source, but not those of a verb (LOT-43).
            item::permit(&held.wire, &held.facts, Verb::Describe)?;
        }
        unmake(txn, &site, &booking, product, waste)?;
        txn.return_sources(&booking, sources)?;
        booking.wire.deleted = true;
        txn.save(&mut booking)
    }
}

fn find(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Option<Held<InventoryConversion>>, Fault> {
    let Some(product) = Barcode::parse(id) else { return txn.own_numbered(id) };
    let Some(item) = txn.own_item(id)? else { return Ok(None) };
    let batch = item.wire.production_batch_id.to_string();
    let booking = txn.own_numbered::<InventoryConversion>(&batch)?;
    // Parts of the product carry its batch too.
    Ok(booking.filter(|held| held.wire.inventory_id == product))
}

/// Product and waste end at 0, what was lost comes back, ingredients of the product go (LOT-44).
fn unmake(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    booking: &Held<InventoryConversion>,
    mut product: Held<Inventory>,
    waste: Option<Held<Inventory>>,
) -> Result<(), Fault> {
    let account = Accounts::of_booking(&booking.wire);
    let kind = ItemType::find(product.wire.inventory_type)?;
    txn.set_amount(&mut product, account.of(kind), Quantity::ZERO)?;
    if kind.is("UnitBased") {
        let units = booking.wire.amount;
        let grams = units.times(booking.wire.weight_per_unit).unwrap_or_default();
        txn.post(&account.packed, &account.conversion, Commodity::Grams, grams)?;
    }
    product.wire.deleted = true;
    txn.save(&mut product)?;
    if let Some(mut waste) = waste {
        txn.set_amount(&mut waste, &account.conversion, Quantity::ZERO)?;
        waste.wire.deleted = true;
        txn.save(&mut waste)?;
    }
    txn.post_loss(site, &account.conversion, booking.facts.loss, true)?;
    let number = product.wire.id.number();
    for mut held in txn.linked::<InventoryIngredient>(Kind::Inventory, number)? {
        if !held.wire.deleted {
            held.wire.deleted = true;
            txn.save(&mut held)?;
        }
    }
    Ok(())
}
