//! `POST /v1/plant/initial`: the plants that a site has on the day it joins, row by row.

use serde::Deserialize;
use serde_json::Value;

use super::birth_date;
use crate::{
    api::{
        Action, OwnRules,
        site::Right,
        upload::{self, Taken},
    },
    fault::Fault,
    model::{Barcode, Plant, PlantFacts, Quantity, listed},
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::Txn,
    },
};

/// `POST /v1/plant/initial`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UploadPlants {
    location_license: String,
    data: Vec<Value>,
}

/// One plant on hand.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Standing {
    #[serde(rename = "ProviderBarcodeID")]
    provider_barcode_id: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    strain: Option<String>,
    mother: Option<bool>,
    birth_date: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for UploadPlants {
    const OWN_RULES: OwnRules = &[("Data", "INIT-02")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = upload::joining(txn, &self.location_license)?;
        require(txn.may(&site, Right::Grow), || refuse("INIT-06"))?;
        upload::enter_rows(txn, &site, self.data, code_of, |txn, row: Standing, taken| {
            row.enter(txn, &site, taken)
        })
    }
}

impl Standing {
    /// Checks a row whole before anything of it is written.
    fn enter(
        self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        taken: &mut Taken,
    ) -> Result<Barcode, Fault> {
        let number = self.room_id.filter(|number| *number > 0);
        let number = number.ok_or_else(|| refuse("INIT-20"))?;
        let room = txn.grow_room(site.scope(), number)?;
        require(room.is_some(), || refuse("INIT-20").saying(1))?;
        let sent = self.provider_barcode_id.as_deref().and_then(Barcode::parse);
        upload::refuse_repeated(txn, site, sent, taken)?;
        let strain = self.strain.filter(|strain| !strain.trim().is_empty());
        let strain = strain.ok_or_else(|| refuse("INIT-26"))?;
        let born = birth_date(self.birth_date.as_deref(), txn.today())
            .ok_or_else(|| refuse("INIT-27").saying(1))?;
        let kept = upload::kept(txn, sent, taken)?;
        let id = upload::issue(txn, site, kept, taken)?;
        let opening = Account::Opening(site.license.clone());
        let plants = Account::Plants(site.license.clone());
        txn.post(&opening, &plants, Commodity::Each, Quantity::whole(1))?;
        let plant = Plant {
            birth_date: Some(born),
            external_id: self.external_id.unwrap_or_default(),
            mother: self.mother.unwrap_or_default(),
            room_id: number,
            strain,
            ..Plant::growing(id)
        };
        txn.enter_plant(site, plant, PlantFacts { uploaded: true, ..PlantFacts::default() })?;
        Ok(id)
    }
}

/// A row's code, and the fields it is about (rulebook 17.5).
fn code_of(rule: &str) -> (&'static str, &'static [&'static str]) {
    match rule {
        "INIT-20" => ("603", &["RoomID"]),
        "INIT-11" | "INIT-22" => ("602", &["ProviderBarcodeID"]),
        "INIT-26" => ("602", &["Strain"]),
        "INIT-27" => ("602", &["BirthDate"]),
        "WIRE-36" => ("202", &[]),
        _ => ("602", &[]),
    }
}
