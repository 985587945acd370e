//! `PUT /v1/plant/move`: plants go to another plant room of the site.

use serde::Deserialize;

use crate::{
    api::{Action, OwnRules},
    fault::Fault,
    lifecycle::plant::{self, Verb},
    model::listed,
    world::txn::Txn,
};

/// A plant and the room it goes to.
#[derive(Deserialize)]
pub struct Destination {
    #[serde(rename = "PlantID")]
    pub plant_id: String,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    pub room_id: u64,
}

/// `PUT /v1/plant/move`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MovePlants {
    plant: Vec<Destination>,
}

impl Action for MovePlants {
    const OWN_RULES: OwnRules = &[("RoomID", "ROOM-08")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let ids = self.plant.iter().map(|it| it.plant_id.as_str());
        let mut plants = txn.named_plants(ids)?;
        for (held, to) in plants.iter_mut().zip(&self.plant) {
            plant::permit(&held.wire, Verb::Move)?;
            held.wire.room_id = txn.room_for(held.scopes[0], to.room_id)?;
        }
        plants.iter_mut().try_for_each(|held| txn.save(held))
    }
}
