//! `/v1/inventory`: items, adjustments, destruction, rooms, reference lists, samples (rulebook 9).

mod adjust;
mod convert;
mod create;
mod describe;
mod destroy;
mod dry;
mod ingredient;
mod lot;
mod made;
mod paper;
mod relocate;
pub mod results;
mod sample;
mod sources;
pub mod sublot;
mod unmake;
mod upload;
mod void;

use serde::Deserialize;

use super::{
    Read, Reply, Row, act,
    lab::{test, tested},
    lookup::once,
    read,
    read::{list, members, published, show, terms},
    room::{CreateRoom, RemoveRoom, UpdateRoom},
    site::Right,
};
use crate::{
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        panel::Program,
    },
    model::{Inventory, InventoryAdjustment, InventoryIngredient, InventoryRoom, LabSample},
    refusal::refuse,
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
    act::<sample::TakeSample>("POST /v1/inventory/lab/lab/sample"),
    act::<void::VoidSamples>("PUT /v1/inventory/lab/sample/void"),
    act::<lot::CombineItems>("POST /v1/inventory/lot"),
    act::<sublot::SplitItem>("POST /v1/inventory/{id}/sublot"),
    act::<convert::ConvertItems>("POST /v1/inventory/conversion"),
    act::<unmake::UndoConversion>("DELETE /v1/inventory/conversion/{id}"),
    read("GET /v1/inventory/ingredient",               list::<InventoryIngredient>),
    act::<ingredient::RemoveIngredient>("DELETE /v1/inventory/ingredient/{id}"),
    read("GET /v1/inventory/{id}/ingredient",          members::<Inventory, InventoryIngredient>),
    act::<ingredient::AddIngredients>("POST /v1/inventory/{id}/ingredient"),
    act::<dry::DryFlower>("POST /v1/inventory/{id}/dry"),
    act::<dry::UndoDrying>("PUT /v1/inventory/{id}/dry/undo"),
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
    read("GET /v1/inventory/lab/sample/{id}",          tested::show_sample),
    read("GET /v1/inventory/lab/test",                 |read| test::list(read, Program::AdultUse)),
    read("GET /v1/inventory/lab/test/medical",         |read| test::list(read, Program::Medical)),
    read("GET /v1/inventory/lab/test/result",          tested::tested),
    read("GET /v1/inventory/ingredient/uom",           |read| terms(read, "uoms", |it| it["Ingredient"] == true)),
];

/// One item of a list.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
}

fn ids(named: &[Named]) -> impl Iterator<Item = &str> + Clone {
    named.iter().map(|it| it.inventory_id.as_str())
}

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
        self.acting_may(Right::Hold)?;
        once(ids.clone(), "INV-21")?;
        let unknown = |id| refuse("INV-10").with("id", id);
        let items: Vec<_> = ids
            .map(|id| self.own_item(id)?.ok_or_else(|| unknown(id).into()))
            .collect::<Result<_, Fault>>()?;
        self.one_site(&items)?;
        Ok(items)
    }

    /// The caller's item by the id of a path.
    fn item_in_path(&self, id: &str, verb: Verb) -> Result<Held<Inventory>, Fault> {
        self.acting_may(Right::Hold)?;
        let found = self.own_item(id)?;
        let held = found.ok_or_else(|| refuse("INV-11").with("id", id).in_path())?;
        self.site_of(&held.scopes)?;
        item::permit(&held.wire, &held.facts, verb)?;
        Ok(held)
    }
}
