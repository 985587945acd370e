//! Which plants are cut together: batches are created, filled, emptied and deleted while they are open.

use serde::Deserialize;

use super::WholeBatch;
use crate::{
    api::{
        Action, OwnRules,
        plant::{Named, count_out, ids},
        site::Right,
    },
    fault::Fault,
    lifecycle::{
        batch::Verb,
        plant::{self, Verb as PlantVerb},
    },
    model::{BatchFacts, BatchState, HarvestBatch, Key, Kind, Plant, Scope},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// `POST /v1/harvest-batch`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateBatch {
    location_license: String,
    plant: Vec<Named>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for CreateBatch {
    const OWN_RULES: OwnRules = &[("Plant", "HARV-10")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Cut)?;
        let plants = joining(txn, &self.plant, &[site.scope()])?;
        check_together(txn, &[], &plants)?;
        let id = txn.mint()?;
        let wire = HarvestBatch {
            created_on: Some(txn.now),
            current_state: BatchState::Open,
            deleted: false,
            external_id: self.external_id.unwrap_or_default(),
            harvest_batch_id: id,
            harvest_schedule_date: None,
            harvest_scheduled: false,
            location_license: site.license.clone(),
            plant_count: 0,
            transaction_id: 0,
            updated_on: None,
        };
        let key = Key::new(Kind::HarvestBatch, txn.number_of(id));
        let facts = BatchFacts::default();
        let batch = Held { wire, facts, key, scopes: vec![site.scope()] };
        join(txn, batch, &[], plants)
    }
}

/// `PUT /v1/harvest-batch/{batchid}/plant`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddPlants {
    #[serde(rename = "batchid")]
    batch: String,
    plant: Vec<Named>,
}

impl Action for AddPlants {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Add)?;
        let plants = joining(txn, &self.plant, &whole.batch.scopes)?;
        check_together(txn, &whole.plants, &plants)?;
        join(txn, whole.batch, &whole.plants, plants)
    }
}

/// `DELETE /v1/harvest-batch/{batchid}/plant`: plants leave an open batch, also ones that are to be
/// destroyed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RemovePlants {
    #[serde(rename = "batchid")]
    batch: String,
    plant: Vec<Named>,
}

impl Action for RemovePlants {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Remove)?;
        let id = whole.batch.wire.harvest_batch_id;
        let mut plants = named(txn, &self.plant, &whole.batch.scopes)?;
        for held in &plants {
            let member = held.wire.harvest_batch_id == Some(id);
            let stranger = || refuse("HARV-15").with("id", held.wire.id).with("batch", id);
            require(member && !held.wire.deleted, stranger)?;
            plant::permit(&held.wire, PlantVerb::Leave)?;
        }
        let mut batch = whole.batch;
        count_out(&mut batch.wire, plants.len())?;
        txn.save(&mut batch)?;
        plants.iter_mut().try_for_each(|held| set_free(txn, held))
    }
}

/// `DELETE /v1/harvest-batch/{batchid}`: an open batch is given up; it stays in the list, marked.
#[derive(Deserialize)]
pub struct DeleteBatch {
    #[serde(rename = "batchid")]
    batch: String,
}

impl Action for DeleteBatch {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Delete)?;
        let WholeBatch { mut batch, mut plants, .. } = whole;
        batch.wire.deleted = true;
        batch.wire.plant_count = 0;
        txn.save(&mut batch)?;
        plants.iter_mut().try_for_each(|held| set_free(txn, held))
    }
}

fn set_free(txn: &mut Txn<'_, '_, '_>, held: &mut Held<Plant>) -> Result<(), Fault> {
    held.wire.harvest_batch_id = None;
    txn.save(held)
}

/// The plants of a list, all of the batch's site (HARV-03).
fn named(
    txn: &Txn<'_, '_, '_>,
    list: &[Named],
    scopes: &[Scope],
) -> Result<Vec<Held<Plant>>, Fault> {
    let plants = txn.plants_by_id(ids(list), "HARV-03")?;
    let elsewhere = plants.iter().find(|held| held.scopes != scopes);
    elsewhere.map_or(Ok(()), |held| Err(refuse("HARV-03").with("id", held.wire.id)))?;
    Ok(plants)
}

/// Plants that may join a batch of a site, each by itself (HARV-03 to HARV-06).
fn joining(
    txn: &Txn<'_, '_, '_>,
    list: &[Named],
    scopes: &[Scope],
) -> Result<Vec<Held<Plant>>, Fault> {
    let plants = named(txn, list, scopes)?;
    plants.iter().try_for_each(|held| plant::permit(&held.wire, PlantVerb::Join))?;
    Ok(plants)
}

/// What plants of one batch have in common (HARV-07 to HARV-09).
fn check_together(
    txn: &Txn<'_, '_, '_>,
    there: &[Held<Plant>],
    new: &[Held<Plant>],
) -> Result<(), Refusal> {
    let all = || there.iter().chain(new).map(|held| &held.wire);
    let profile = txn.profile();
    let strain = |plant: &Plant| plant.strain.trim().to_lowercase();
    let first = all().next().map(strain);
    let one = all().all(|plant| Some(strain(plant)) == first);
    require(one || !profile.on("harvest.one_strain"), || refuse("HARV-07"))?;
    let room = all().next().map(|plant| plant.room_id);
    let together = all().all(|plant| Some(plant.room_id) == room);
    require(together || !profile.on("harvest.same_room"), || refuse("HARV-08"))?;
    let most = profile.number("harvest.max_plants");
    require(all().count() as u64 <= most, || refuse("HARV-09").with("n", most))
}

fn join(
    txn: &mut Txn<'_, '_, '_>,
    mut batch: Held<HarvestBatch>,
    there: &[Held<Plant>],
    plants: Vec<Held<Plant>>,
) -> Result<(), Fault> {
    if let Some(first) = plants.first().filter(|_| there.is_empty()) {
        batch.facts.strain.clone_from(&first.wire.strain);
    }
    batch.wire.plant_count += u32::try_from(plants.len()).unwrap_or(u32::MAX);
    txn.save(&mut batch)?;
    for mut held in plants {
        held.wire.harvest_batch_id = Some(batch.wire.harvest_batch_id);
        txn.save(&mut held)?;
    }
    Ok(())
}
