//! `PUT /v1/plant/{id}`: what one plant is told; its source is no such thing (PLT-19).

use serde::Deserialize;

use crate::{
    api::Action,
    fault::Fault,
    lifecycle::plant::Verb,
    model::{Day, Growth, Plant, listed},
    refusal::{Refusal, refuse, require},
    world::txn::Txn,
};

/// `PUT /v1/plant/{id}`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdatePlant {
    #[serde(rename = "id")]
    id: String,
    strain: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    mother: Option<bool>,
    birth_date: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for UpdatePlant {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.plant_in_path(&self.id, Verb::Update)?;
        if let Some(room) = self.room_id {
            held.wire.room_id = txn.room_for(held.scopes[0], room)?;
        }
        require(self.says_something(), || refuse("PLT-15"))?;
        self.check_frozen(&held.wire)?;
        let plant = &mut held.wire;
        if let Some(strain) = self.strain {
            require(!strain.trim().is_empty(), || refuse("PLT-18"))?;
            plant.strain = strain;
        }
        plant.mother = self.mother.unwrap_or(plant.mother);
        if let Some(born) = self.birth_date {
            let day = Some(born).filter(|text| !text.is_empty()).and_then(|text| Day::parse(&text));
            plant.birth_date = day.filter(|day| *day <= txn.today());
            require(plant.birth_date.is_some(), || refuse("PLT-09"))?;
        }
        if let Some(external_id) = self.external_id {
            plant.external_id = external_id;
        }
        txn.save(&mut held)
    }
}

impl UpdatePlant {
    fn says_something(&self) -> bool {
        let texts = [&self.strain, &self.birth_date, &self.external_id];
        texts.iter().any(|text| text.is_some()) || self.room_id.is_some() || self.mother.is_some()
    }

    /// Strain and mother mark are settled by the first cut, the strain by a batch (PLT-17).
    fn check_frozen(&self, plant: &Plant) -> Result<(), Refusal> {
        let growing = plant.state == Growth::Growing;
        let renamed = self.strain.as_ref().is_some_and(|strain| *strain != plant.strain);
        let remarked = self.mother.is_some_and(|mother| mother != plant.mother);
        let strain_open = growing && plant.harvest_batch_id.is_none();
        let holds = (!renamed || strain_open) && (!remarked || growing);
        require(holds, || refuse("PLT-17").with("id", plant.id))
    }
}
