//! `POST /v1/plant/waste/`: leaves and stems are weighed into an item of waste, tied to no plant.

use serde::Deserialize;

use crate::{
    api::{
        Action, OwnRules,
        goods::{Goods, Source},
        site::Right,
    },
    fault::Fault,
    lifecycle::item_type::{ItemType, weight_unit},
    model::{Quantity, listed},
    refusal::{refuse, require},
    world::{ledger::Account, txn::Txn},
};

/// `POST /v1/plant/waste/`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WeighWaste {
    location_license: String,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    room_id: u64,
    weight: Quantity,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for WeighWaste {
    const OWN_RULES: OwnRules = &[("RoomID", "ROOM-08")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Grow)?;
        let number = Some(self.room_id);
        let room = txn.inventory_room(&site, number, "ROOM-10", || refuse("ROOM-10"))?;
        let kind = ItemType::named("Waste")?;
        let unit = weight_unit(self.uom.as_deref(), "g", kind)?;
        let weight = unit.booked(self.weight);
        require(weight.is_positive(), || refuse("PLT-30"))?;
        txn.use_tags(&site, 1)?;
        let id = txn.mint()?;
        let goods =
            Goods { external_id: self.external_id, ..Goods::plain(kind, weight, &unit.name, "") };
        let grown = Account::Grown(site.license.clone());
        txn.enter_goods(&site, id, &goods, &room, Source::plain(grown))?;
        Ok(())
    }
}
