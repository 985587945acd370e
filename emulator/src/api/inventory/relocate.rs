//! `PUT /v1/inventory/move`: whole items go to another room of the site.

use serde::Deserialize;

use crate::{
    api::{Action, OwnRules, site::Right},
    fault::Fault,
    lifecycle::item::{self, Verb},
    model::listed,
    refusal::refuse,
    world::txn::Txn,
};

/// `PUT /v1/inventory/move`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MoveInventory {
    inventory: Vec<Destination>,
}

#[derive(Deserialize)]
struct Destination {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    room_id: u64,
}

impl Action for MoveInventory {
    const OWN_RULES: OwnRules = &[("RoomID", "ROOM-08")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut items =
            txn.named_items(self.inventory.iter().map(|it| it.inventory_id.as_str()))?;
        for (held, to) in items.iter_mut().zip(&self.inventory) {
            item::permit(&held.wire, &held.facts, Verb::Move)?;
            let site = txn.site_of(&held.scopes)?;
            txn.require_right(&site, Right::Hold)?;
            let number = Some(to.room_id);
            let room = txn.inventory_room(&site, number, "ROOM-08", || refuse("ROOM-10"))?;
            held.put_into(&room);
            txn.touch_stock(held)?;
        }
        items.iter_mut().try_for_each(|held| txn.save(held))
    }
}
