//! `/v1/inventory`: items, adjustments, destruction, rooms, reference lists, samples (rulebook 9).

mod adjust;
mod create;
mod describe;
mod destroy;
mod goods;
mod panel;
mod paper;
mod relocate;
mod results;
mod upload;

use serde_json::json;

use super::{
    Read, Reply, Row, act, read,
    read::{list, published, show, terms},
    room::{CreateRoom, RemoveRoom, UpdateRoom},
};
use crate::{
    fault::Fault,
    lifecycle::item::{self, Verb},
    model::{Inventory, InventoryAdjustment, InventoryRoom, LabSample},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/inventory",                          list::<Inventory>),
    act::<create::CreateInventory>("POST /v1/inventory"),
    act::<describe::UpdateInventory>("PUT /v1/inventory"),
    read("GET /v1/inventory/{id}",                     show::<Inventory>),
    act::<adjust::AdjustMany>("PUT /v1/inventory/adjust"),
    act::<adjust::AdjustOne>("PUT /v1/inventory/{id}/adjust"),
    act::<adjust::AdjustUsable>("PUT /v1/inventory/{id}/adjust/usable"),
    read("GET /v1/inventory/adjustment",               list::<InventoryAdjustment>),
    read("GET /v1/inventory/adjustment/type",          |read| terms(read, "adjustment_types", |_| true)),
    read("GET /v1/inventory/adjustment/{id}",          show::<InventoryAdjustment>),
    act::<destroy::ScheduleDestruction>("PUT /v1/inventory/destroy/schedule"),
    act::<destroy::UnscheduleDestruction>("PUT /v1/inventory/destroy/schedule/undo"),
    act::<destroy::DestroyInventory>("PUT /v1/inventory/destroy"),
    read("GET /v1/inventory/destroy/reason",           |read| terms(read, "destroy_reasons", |_| true)),
    act::<upload::UploadInventory>("POST /v1/inventory/initial"),
    act::<relocate::MoveInventory>("PUT /v1/inventory/move"),
    read("GET /v1/inventory/room",                     list::<InventoryRoom>),
    act::<CreateRoom<InventoryRoom>>("POST /v1/inventory/room"),
    read("GET /v1/inventory/room/{id}",                show::<InventoryRoom>),
    act::<UpdateRoom<InventoryRoom>>("PUT /v1/inventory/room/{id}"),
    act::<RemoveRoom<InventoryRoom>>("DELETE /v1/inventory/room/{id}"),
    read("GET /v1/inventory/status",                   |read| terms(read, "inventory_statuses", |_| true)),
    read("GET /v1/inventory/type",                     |read| terms(read, "inventory_types", |_| true)),
    read("GET /v1/inventory/type/{id}",                show_type),
    read("GET /v1/inventory/lab/sample",               list::<LabSample>),
    read("GET /v1/inventory/lab/sample/{id}",          show::<LabSample>),
];

/// `GET /v1/inventory/type/{id}`: one type, without a wrapper.
fn show_type(read: &Read<'_>) -> Result<Reply, Fault> {
    let types = tagtrail_schemas::catalogue("inventory_types");
    let id: Option<u64> = read.id().parse().ok();
    let found = types.iter().find(|it| id.is_some() && it["ID"].as_u64() == id);
    let found = found.ok_or_else(|| refuse("INV-09").in_path())?;
    // A bare reply has no key, so its record stands under none.
    let extras = [(String::new(), published("InventoryType", found))].into_iter().collect();
    Ok(Reply { extras, ..Reply::default() })
}

impl Txn<'_, '_, '_> {
    /// The caller's items by the ids of a body, in their order: each named once, all of one site
    /// (INV-21, INV-10, LIC-12). Their states are asked afterwards.
    fn named_items<'a>(
        &self,
        ids: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Vec<Held<Inventory>>, Fault> {
        once(ids.clone())?;
        let mut items: Vec<Held<Inventory>> = Vec::new();
        for id in ids {
            items.push(self.own_item(id)?.ok_or_else(|| refuse("INV-10").with("id", id))?);
        }
        let one_site = items.windows(2).all(|pair| pair[0].scopes == pair[1].scopes);
        require(one_site, || refuse("LIC-12"))?;
        for held in &items {
            self.site_of(&held.scopes)?;
        }
        Ok(items)
    }

    /// The caller's item by the id of a path.
    fn item_in_path(&self, id: &str, verb: Verb) -> Result<Held<Inventory>, Fault> {
        let found = self.own_item(id)?;
        let held = found.ok_or_else(|| refuse("INV-11").with("id", id).in_path())?;
        self.site_of(&held.scopes)?;
        item::permit(&held.wire, &held.facts, verb)?;
        Ok(held)
    }
}

/// One call names each item once (INV-21).
fn once<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(refuse("INV-21").with("id", id));
        }
    }
    Ok(())
}

/// An entry of a catalogue by its number.
fn entry(catalogue: &str, id: u32) -> Option<&'static serde_json::Value> {
    tagtrail_schemas::catalogue(catalogue).iter().find(|entry| entry["ID"] == json!(id))
}
