//! `/v1/harvest-batch`: plants are gathered, announced, cut, dried and cured (rulebook 8).

mod collection;
mod cure;
mod cut;
mod derivatives;
mod gather;
mod schedule;

use collection::Collection;

use super::{
    Row, act, read,
    read::{list, members, not_found, show},
    site::Right,
};
use crate::{
    fault::Fault,
    lifecycle::batch::{self, State, Verb},
    model::{
        CureDerivative, Growth, Harvest, HarvestBatch, HarvestDerivative, Kind, Plant, PlantCure,
        Quantity,
    },
    refusal::{Refusal, refuse, require},
    world::{
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/harvest-batch",                              list::<HarvestBatch>),
    act::<gather::CreateBatch>("POST /v1/harvest-batch"),
    read("GET /v1/harvest-batch/{batchid}",                    show::<HarvestBatch>),
    act::<gather::DeleteBatch>("DELETE /v1/harvest-batch/{batchid}"),
    act::<gather::AddPlants>("PUT /v1/harvest-batch/{batchid}/plant"),
    act::<gather::RemovePlants>("DELETE /v1/harvest-batch/{batchid}/plant"),
    act::<schedule::ScheduleHarvest>("PUT /v1/harvest-batch/{batchid}/harvest/schedule"),
    act::<schedule::UnscheduleHarvest>("PUT /v1/harvest-batch/{batchid}/harvest/schedule/undo"),
    read("GET /v1/harvest-batch/harvest",                      list::<Harvest>),
    read("GET /v1/harvest-batch/harvest/{harvestid}",          show::<Harvest>),
    read("GET /v1/harvest-batch/harvest/derivative",           list::<HarvestDerivative>),
    read("GET /v1/harvest-batch/{batchid}/harvest",            members::<HarvestBatch, Harvest>),
    act::<cut::CutBatch>("POST /v1/harvest-batch/{batchid}/harvest"),
    act::<cut::CorrectCut>("PUT /v1/harvest-batch/{batchid}/harvest/{harvestid}"),
    act::<cut::UndoCut>("DELETE /v1/harvest-batch/{batchid}/harvest/{harvestid}"),
    read("GET /v1/harvest-batch/cure",                         list::<PlantCure>),
    read("GET /v1/harvest-batch/cure/{cureid}",                show::<PlantCure>),
    read("GET /v1/harvest-batch/cure/derivative",              list::<CureDerivative>),
    read("GET /v1/harvest-batch/{batchid}/cure",               members::<HarvestBatch, PlantCure>),
    act::<cure::CureBatch>("POST /v1/harvest-batch/{batchid}/cure"),
    act::<cure::CorrectCure>("PUT /v1/harvest-batch/{batchid}/cure/{cureid}"),
    act::<cure::UndoCure>("DELETE /v1/harvest-batch/{batchid}/cure/{cureid}"),
];

/// A batch with what belongs to it and is live: its plants, cuts and cures.
struct WholeBatch {
    batch: Held<HarvestBatch>,
    plants: Vec<Held<Plant>>,
    cuts: Vec<Held<Harvest>>,
    cures: Vec<Held<PlantCure>>,
    /// The one cultivar of its plants, also of those that are gone.
    strain: String,
}

/// How often more, or fewer, the plants of a harvest batch were cut and cured.
#[derive(Clone, Copy, Default)]
struct Collected {
    cuts: i32,
    cures: i32,
}

impl Txn<'_, '_, '_> {
    /// The caller's batch by the id of a path, with all that belongs to it (HARV-64).
    fn whole_batch(&self, id: &str) -> Result<WholeBatch, Fault> {
        self.acting_may(Right::Cut)?;
        let found = self.own_coded::<HarvestBatch>(id)?;
        let batch = found.ok_or_else(|| not_found(Kind::HarvestBatch, id))?;
        let site = self.site_of(&batch.scopes)?;
        self.require_right(&site, Right::Cut)?;
        let number = batch.wire.harvest_batch_id.number();
        let mut plants = self.linked::<Plant>(Kind::HarvestBatch, number)?;
        let mut cuts = self.linked::<Harvest>(Kind::HarvestBatch, number)?;
        let mut cures = self.linked::<PlantCure>(Kind::HarvestBatch, number)?;
        // A batch of the seed world knows its cultivar by its plants.
        let mut strain = batch.facts.strain.clone();
        if let Some(first) = plants.first().filter(|_| strain.is_empty()) {
            strain.clone_from(&first.wire.strain);
        }
        plants.retain(|held| !held.wire.deleted);
        cuts.retain(|held| !held.wire.deleted);
        cures.retain(|held| !held.wire.deleted);
        Ok(WholeBatch { batch, plants, cuts, cures, strain })
    }

    /// A live cut or cure by the id of a path, of the batch that the path names (HARV-47).
    fn collection_in_path<C: Collection>(
        &self,
        whole: &WholeBatch,
        id: &str,
    ) -> Result<Held<C>, Fault> {
        let mut held = self.own_coded::<C>(id)?.ok_or_else(|| not_found(C::KIND, id))?;
        let sentence = usize::from(C::KIND == Kind::PlantCure);
        let parts = held.wire.parts();
        require(parts.batch == whole.batch.wire.harvest_batch_id, || {
            refuse("HARV-47").saying(sentence).with("id", id).in_path()
        })?;
        let removed = || refuse("WIRE-53").with("kind", C::KIND.word()).with("id", id);
        require(!*parts.deleted, removed)?;
        Ok(held)
    }
}

impl WholeBatch {
    fn state(&self) -> State {
        let cuts = self.cuts.iter().map(|held| &held.wire);
        let cures = self.cures.iter().map(|held| &held.wire);
        batch::state(&self.batch.wire, cuts, cures)
    }

    fn permit(&self, verb: Verb) -> Result<(), Refusal> {
        batch::permit(self.batch.wire.harvest_batch_id, self.state(), verb)
    }

    /// A batch without plants, or with one that is to be destroyed, is neither scheduled nor cut nor
    /// cured; the rules differ.
    fn check_plants(&self, empty: Refusal, scheduled: Refusal) -> Result<(), Refusal> {
        let id = self.batch.wire.harvest_batch_id;
        require(!self.plants.is_empty(), || empty.with("id", id))?;
        let found = self.plants.iter().find(|held| held.wire.destroy_scheduled);
        found.map_or(Ok(()), |held| Err(scheduled.with("id", held.wire.id)))
    }

    /// Follows a change of cuts or cures: the state of batch and plants, what the plants gave, and what
    /// is booked as moisture.
    fn conclude(mut self, txn: &mut Txn<'_, '_, '_>, more: Collected) -> Result<(), Fault> {
        let state = self.state();
        self.book_moisture(txn, state)?;
        self.batch.wire.current_state = state.shown();
        txn.save(&mut self.batch)?;
        self.follow(txn, state.growth(), more)
    }

    fn follow(
        &mut self,
        txn: &mut Txn<'_, '_, '_>,
        growth: Growth,
        more: Collected,
    ) -> Result<(), Fault> {
        let mut cured = Quantity::ZERO;
        for held in &mut self.plants {
            let plant = &mut held.wire;
            if plant.state == growth && more.cuts == 0 && more.cures == 0 {
                continue;
            }
            let was = plant.stands();
            plant.state = growth;
            plant.harvest_collections = plant.harvest_collections.saturating_add_signed(more.cuts);
            plant.cure_collections = plant.cure_collections.saturating_add_signed(more.cures);
            let one = Quantity::whole(1);
            match (was, plant.stands()) {
                (true, false) => cured = cured + one,
                (false, true) => {
                    // Nothing comes back into a room that was removed (BAL-27).
                    let room = txn.grow_room(held.scopes[0], plant.room_id)?;
                    require(room.is_some(), || refuse("ROOM-10"))?;
                    cured = cured - one;
                }
                (true, true) | (false, false) => {}
            }
            txn.save(held)?;
        }
        let license = &self.batch.wire.location_license;
        let (plants, done) = (Account::Plants(license.clone()), Account::Cured(license.clone()));
        txn.post(&plants, &done, Commodity::Each, cured)
    }

    /// After the last cure, what is left of the wet weight was moisture (HARV-57).
    fn book_moisture(&mut self, txn: &mut Txn<'_, '_, '_>, state: State) -> Result<(), Fault> {
        let rest = match state {
            State::Cured => self.wet() - self.dry(),
            State::Open
            | State::Uncut
            | State::Cut
            | State::Harvested
            | State::PartlyCured
            | State::CuredAtCut
            | State::Removed => Quantity::ZERO,
        };
        let wire = &self.batch.wire;
        let moisture = Account::Moisture(wire.location_license.clone());
        let batch = Account::Batch(wire.harvest_batch_id);
        txn.post(&batch, &moisture, Commodity::Grams, rest - self.batch.facts.moisture)?;
        self.batch.facts.moisture = rest;
        Ok(())
    }

    /// The flower of all cuts, in grams.
    fn wet(&self) -> Quantity {
        self.cuts.iter().map(|held| derivatives::grams(&held.wire, true)).sum()
    }

    /// The yields of all cures, in grams.
    fn dry(&self) -> Quantity {
        self.cures.iter().map(|held| derivatives::grams(&held.wire, false)).sum()
    }
}
