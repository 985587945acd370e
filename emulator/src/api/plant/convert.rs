//! `PUT /v1/plant/convert/inventory`: a plant becomes an item under its own identifier, to be moved
//! elsewhere.

use serde::Deserialize;

use super::relocate::Destination;
use crate::{
    api::{
        Action, OwnRules,
        goods::{Goods, Source},
    },
    fault::Fault,
    lifecycle::{
        item_type::ItemType,
        plant::{self, Verb},
    },
    model::{Growth, Quantity},
    refusal::refuse,
    world::{ledger::Account, txn::Txn},
};

/// `PUT /v1/plant/convert/inventory`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConvertPlants {
    plant: Vec<Destination>,
}

impl Action for ConvertPlants {
    const OWN_RULES: OwnRules = &[("RoomID", "ROOM-08")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let ids = self.plant.iter().map(|it| it.plant_id.as_str());
        let plants = txn.named_plants(ids)?;
        let mut checked = Vec::new();
        for (held, to) in plants.into_iter().zip(&self.plant) {
            plant::permit(&held.wire, Verb::Convert)?;
            let site = txn.site_of(&held.scopes)?;
            let room = Some(to.room_id);
            let room = txn.inventory_room(&site, room, "PLT-46", || refuse("PLT-46"))?;
            checked.push((held, site, room));
        }
        let kind = ItemType::named("Mature Plant")?;
        for (mut held, site, room) in checked {
            held.wire.converted = true;
            held.wire.state = Growth::Cured;
            txn.save(&mut held)?;
            let goods = Goods::plain(kind, Quantity::whole(1), "each", &held.wire.strain);
            let plants = Account::Plants(site.license.clone());
            let source = Source { plant: Some(held.wire.id), ..Source::plain(plants) };
            txn.enter_goods(&site, held.wire.id, &goods, &room, source)?;
        }
        Ok(())
    }
}
