//! `/v1/plant`: planting, tending, destruction, the way into inventory, and plant rooms (rulebook 7).

mod additive;
mod convert;
mod destroy;
mod planting;
mod relocate;
mod undo;
mod update;
mod upload;
mod waste;

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    Row, act, read,
    read::{list, not_found, show},
    room::{CreateRoom, RemoveRoom, UpdateRoom},
    site::Right,
};
use crate::{
    fault::Fault,
    lifecycle::plant::{self, Verb},
    model::{Day, GrowRoom, HarvestBatch, Key, Kind, Plant, PlantAdditive, PlantFacts, Scope},
    refusal::refuse,
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/plant",                     list::<Plant>),
    act::<planting::PlantItems>("POST /v1/plant"),
    read("GET /v1/plant/{id}",                show::<Plant>),
    act::<update::UpdatePlant>("PUT /v1/plant/{id}"),
    act::<undo::UndoPlanting>("PUT /v1/plant/{id}/undo"),
    read("GET /v1/plant/additive",            list::<PlantAdditive>),
    act::<additive::RecordAdditives>("POST /v1/plant/additive"),
    act::<additive::CorrectAdditives>("PUT /v1/plant/additive"),
    act::<convert::ConvertPlants>("PUT /v1/plant/convert/inventory"),
    act::<destroy::DestroyPlants>("PUT /v1/plant/destroy"),
    act::<destroy::ScheduleDestruction>("PUT /v1/plant/destroy/schedule"),
    act::<destroy::UnscheduleDestruction>("PUT /v1/plant/destroy/schedule/undo"),
    act::<upload::UploadPlants>("POST /v1/plant/initial"),
    act::<relocate::MovePlants>("PUT /v1/plant/move"),
    read("GET /v1/plant/room",                list::<GrowRoom>),
    act::<CreateRoom<GrowRoom>>("POST /v1/plant/room"),
    read("GET /v1/plant/room/{id}",           show::<GrowRoom>),
    act::<UpdateRoom<GrowRoom>>("PUT /v1/plant/room/{id}"),
    act::<RemoveRoom<GrowRoom>>("DELETE /v1/plant/room/{id}"),
    act::<waste::WeighWaste>("POST /v1/plant/waste/"),
];

/// One plant of a list.
#[derive(Deserialize)]
pub struct Named {
    #[serde(rename = "PlantID")]
    plant_id: String,
}

pub fn ids(named: &[Named]) -> impl Iterator<Item = &str> + Clone {
    named.iter().map(|it| it.plant_id.as_str())
}

impl Txn<'_, '_, '_> {
    /// The caller's plant by the id of a path, if the verb may be used on it.
    fn plant_in_path(&self, id: &str, verb: Verb) -> Result<Held<Plant>, Fault> {
        self.acting_may(Right::Grow)?;
        let held = self.own_coded::<Plant>(id)?.ok_or_else(|| not_found(Kind::Plant, id))?;
        self.site_of(&held.scopes)?;
        plant::permit(&held.wire, verb)?;
        Ok(held)
    }

    /// A live plant room of a site.
    pub fn grow_room(&self, scope: Scope, number: u64) -> Result<Option<Held<GrowRoom>>, Fault> {
        let room = self.find::<GrowRoom>(Key::new(Kind::GrowRoom, number))?;
        Ok(room.filter(|it| !it.wire.deleted && it.scopes.contains(&scope)))
    }

    /// The room that a plant of a site goes to (PLT-21).
    fn room_for(&self, scope: Scope, number: u64) -> Result<u64, Fault> {
        let room = self.grow_room(scope, number)?;
        Ok(room.map(|held| held.wire.id).ok_or_else(|| refuse("PLT-21"))?)
    }

    /// Stores a new plant of a site.
    fn enter_plant(&mut self, site: &Site, plant: Plant, facts: PlantFacts) -> Result<(), Fault> {
        let wire = Plant {
            location: site.license.clone(),
            org_id: site.ubi.parse().unwrap_or_default(),
            ..plant
        };
        let key = Key::new(Kind::Plant, self.number_of(wire.id));
        self.save(&mut Held { wire, facts, key, scopes: vec![site.scope()] })
    }

    /// The batch counts its plants that are not removed (HARV-01).
    fn recount(&mut self, plants: &[Held<Plant>]) -> Result<(), Fault> {
        let batches: BTreeSet<_> =
            plants.iter().filter_map(|held| held.wire.harvest_batch_id).collect();
        for id in batches {
            let key = Key::new(Kind::HarvestBatch, self.number_of(id));
            let Some(mut batch) = self.find::<HarvestBatch>(key)? else { continue };
            let gone = plants.iter().filter(|held| held.wire.harvest_batch_id == Some(id)).count();
            count_out(&mut batch.wire, gone)?;
            self.save(&mut batch)?;
        }
        Ok(())
    }
}

/// A batch counts fewer plants. It always holds those that go, or its count has drifted (HARV-01).
pub fn count_out(batch: &mut HarvestBatch, gone: usize) -> Result<(), Fault> {
    let left = u32::try_from(gone).ok().and_then(|gone| batch.plant_count.checked_sub(gone));
    let (id, counted) = (batch.harvest_batch_id, batch.plant_count);
    let drifted = || Fault::Broken(format!("HARV-01: batch {id} counts {counted}, {gone} leave"));
    batch.plant_count = left.ok_or_else(drifted)?;
    Ok(())
}

/// The day a plant began, today where it is not said; none if it lies in the future.
fn birth_date(said: Option<&str>, today: Day) -> Option<Day> {
    let said = said.filter(|text| !text.is_empty());
    said.map_or(Some(today), Day::parse).filter(|day| *day <= today)
}
