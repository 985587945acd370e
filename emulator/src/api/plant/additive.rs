//! `/v1/plant/additive`: what was given to which plant, and its correction.

use serde::Deserialize;

use crate::{
    api::{
        Action,
        lookup::{ingredient_unit, once},
        site::Right,
    },
    fault::Fault,
    lifecycle::plant::{self, Verb},
    model::{Key, Kind, Plant, PlantAdditive, Quantity},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// `POST /v1/plant/additive`: many plants and products in one call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordAdditives {
    plant_additive: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    #[serde(rename = "PlantID")]
    plant_id: String,
    additive_name: String,
    applied_quantity: Quantity,
    #[serde(rename = "AppliedQuantityUOM")]
    applied_quantity_uom: String,
}

impl Action for RecordAdditives {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Grow)?;
        let mut plants = Vec::new();
        for given in &self.plant_additive {
            let found = txn.own_coded::<Plant>(&given.plant_id)?;
            plants.push(found.ok_or_else(|| refuse("WIRE-32").with("id", &given.plant_id))?);
        }
        txn.one_site(&plants)?;
        for (mut held, given) in plants.into_iter().zip(self.plant_additive) {
            plant::permit(&held.wire, Verb::Treat)?;
            let id = txn.next_number(Kind::PlantAdditive);
            let wire = PlantAdditive {
                additive_name: given.additive_name,
                applied_quantity: above_zero(given.applied_quantity)?,
                applied_quantity_uom: ingredient_unit(&given.applied_quantity_uom)?,
                created_on: Some(txn.now),
                deleted: false,
                id,
                location_license: held.wire.location.clone(),
                plant_id: held.wire.id,
                transaction_id: 0,
            };
            let key = Key::new(Kind::PlantAdditive, id);
            txn.save(&mut Held { wire, facts: (), key, scopes: held.scopes.clone() })?;
            held.facts.used = true;
            txn.keep_facts(&held)?;
        }
        Ok(())
    }
}

/// `PUT /v1/plant/additive`: corrects or removes records; what became of the plant does not matter.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CorrectAdditives {
    plant_additive: Vec<Correction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Correction {
    #[serde(rename = "ID")]
    id: i64,
    additive_name: Option<String>,
    applied_quantity: Option<Quantity>,
    #[serde(rename = "AppliedQuantityUOM")]
    applied_quantity_uom: Option<String>,
    deleted: Option<bool>,
}

impl Action for CorrectAdditives {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Grow)?;
        let ids: Vec<String> = self.plant_additive.iter().map(|it| it.id.to_string()).collect();
        let mut records = Vec::new();
        for id in &ids {
            let found = txn.own_numbered::<PlantAdditive>(id)?;
            let live = found.filter(|held| !held.wire.deleted);
            records.push(live.ok_or_else(|| refuse("PLT-24").with("id", id))?);
        }
        once(ids.iter().map(String::as_str), "WIRE-28")?;
        txn.one_site(&records)?;
        for (held, correction) in records.iter_mut().zip(self.plant_additive) {
            correction.apply_to(&mut held.wire)?;
        }
        records.iter_mut().try_for_each(|held| txn.save(held))
    }
}

impl Correction {
    fn apply_to(self, record: &mut PlantAdditive) -> Result<(), Refusal> {
        let texts = [&self.additive_name, &self.applied_quantity_uom];
        let said = texts.iter().any(|text| text.is_some())
            || self.applied_quantity.is_some()
            || self.deleted.is_some();
        require(said, || refuse("PLT-25"))?;
        if let Some(name) = self.additive_name {
            let missing = || refuse("WIRE-22").with("Field", "AdditiveName");
            require(!name.trim().is_empty(), missing)?;
            record.additive_name = name;
        }
        if let Some(quantity) = self.applied_quantity {
            record.applied_quantity = above_zero(quantity)?;
        }
        if let Some(uom) = self.applied_quantity_uom {
            record.applied_quantity_uom = ingredient_unit(&uom)?;
        }
        record.deleted = self.deleted.unwrap_or_default();
        Ok(())
    }
}

fn above_zero(quantity: Quantity) -> Result<Quantity, Refusal> {
    require(quantity.is_positive(), || refuse("PLT-23"))?;
    Ok(quantity)
}
