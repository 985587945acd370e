//! `/v1/inventory/{id}/ingredient`: what is added after extraction and is no cannabis; no amount moves.

use serde::Deserialize;

use crate::{
    api::{Action, lookup::ingredient_unit, read::not_found, site::Right},
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{Inventory, InventoryIngredient, Key, Kind, QaStatus, Quantity},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// `POST /v1/inventory/{id}/ingredient`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddIngredients {
    #[serde(rename = "id")]
    id: String,
    inventory_ingredient: Vec<Added>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Added {
    ingredient_name: Option<String>,
    quantity: Option<Quantity>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
}

impl Action for AddIngredients {
    const GUARDED: &'static [&'static str] = &["IngredientName", "Quantity", "UOM"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Convert)?;
        let mut held = txn.item_in_path(&self.id, Verb::Ingredient)?;
        let site = txn.site_of(&held.scopes)?;
        txn.require_right(&site, Right::Convert)?;
        let kind = ItemType::find(held.wire.inventory_type)?;
        let made = kind.is("IntermediateStage") || kind.is("FinalStage");
        require(made, || refuse("INV-77"))?;
        let rows: Vec<_> =
            self.inventory_ingredient.into_iter().map(Added::checked).collect::<Result<_, _>>()?;
        untested(&held.wire)?;
        txn.save(&mut held)?;
        for (ingredient_name, quantity, uom) in rows {
            let id = txn.next_number(Kind::InventoryIngredient);
            let wire = InventoryIngredient {
                created_on: Some(txn.now),
                deleted: false,
                id,
                ingredient_name,
                inventory_id: held.wire.id,
                location_license: held.wire.location_license.clone(),
                quantity,
                transaction_id: 0,
                uom,
            };
            let key = Key::new(Kind::InventoryIngredient, id);
            txn.save(&mut Held { wire, facts: (), key, scopes: held.scopes.clone() })?;
        }
        Ok(())
    }
}

impl Added {
    /// A name, an amount above nothing, a unit of the ingredient list (INV-78).
    fn checked(self) -> Result<(String, Quantity, String), Refusal> {
        let wrong = || refuse("INV-78");
        let name = self.ingredient_name.filter(|name| !name.trim().is_empty());
        let quantity = self.quantity.filter(|quantity| quantity.is_positive());
        let uom = ingredient_unit(self.uom.as_deref().unwrap_or_default());
        Ok((name.ok_or_else(wrong)?, quantity.ok_or_else(wrong)?, uom.map_err(|_| wrong())?))
    }
}

/// `DELETE /v1/inventory/ingredient/{id}`
#[derive(Deserialize)]
pub struct RemoveIngredient {
    id: String,
}

impl Action for RemoveIngredient {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Convert)?;
        let found = txn.own_numbered::<InventoryIngredient>(&self.id)?;
        let mut row = found.ok_or_else(|| not_found(Kind::InventoryIngredient, &self.id))?;
        let site = txn.site_of(&row.scopes)?;
        txn.require_right(&site, Right::Convert)?;
        require(!row.wire.deleted, || refuse("INV-82").with("id", &self.id))?;
        let mut held = txn.item_at(row.wire.inventory_id, &row.scopes)?;
        item::permit(&held.wire, &held.facts, Verb::Ingredient)?;
        untested(&held.wire)?;
        row.wire.deleted = true;
        txn.save(&mut held)?;
        txn.save(&mut row)
    }
}

/// What is tested must stay what it is (INV-81).
fn untested(item: &Inventory) -> Result<(), Refusal> {
    let tested = matches!(item.qa_status, QaStatus::Pending | QaStatus::Passed);
    require(!tested, || refuse("INV-81").with("id", item.id))
}
