//! Plants and cuts of the seed file: whose they are, what was done to them, their opening balance.

use serde_json::{Value, json};

use super::{
    SeedError,
    book::{Book, text},
};
use crate::{
    fault::Fault,
    model::{Barcode, Harvest, Plant, Quantity, to_base},
    world::{
        ledger::{Account, Commodity},
        txn::Txn,
    },
};

/// A plant carries its company's number.
pub(super) fn company(
    _: &mut Txn<'_, '_, '_>,
    book: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Result<(), SeedError> {
    let site = book.find("Vendors", "LocationLicense", &entry["Location"]);
    let ubi = site.and_then(|site| text(site, "UBI").parse::<u32>().ok());
    let ubi = ubi.ok_or_else(|| SeedError(format!("no license {}", entry["Location"])))?;
    wire["OrgID"] = json!(ubi);
    Ok(())
}

/// The yields of a cut are of its site.
pub(super) fn of_site(
    _: &mut Txn<'_, '_, '_>,
    _: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Result<(), SeedError> {
    for row in wire["Derivative"].as_array_mut().into_iter().flatten() {
        row["LocationLicense"] = entry["LocationLicense"].clone();
    }
    Ok(())
}

/// A plant that was treated, or gave cuttings, stays planted.
pub(super) fn facts(_: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let treated = book.find("Additives", "PlantID", &entry["ID"]);
    let cutting = book.find("Inventory", "SourcePlantID", &entry["ID"]);
    json!({ "used": treated.or(cutting).is_some() })
}

/// The plants that stand are opening stock.
pub(super) fn open_plant(txn: &mut Txn<'_, '_, '_>, wire: &Value) -> Result<(), Fault> {
    let plant: Plant = read(wire)?;
    let opening = Account::Opening(plant.location.clone());
    let plants = Account::Plants(plant.location.clone());
    let standing = Quantity::whole(u32::from(plant.stands()));
    txn.post(&opening, &plants, Commodity::Each, standing)
}

/// The flower of a cut hangs in its batch.
pub(super) fn open_flower(txn: &mut Txn<'_, '_, '_>, wire: &Value) -> Result<(), Fault> {
    let cut: Harvest = read(wire)?;
    let opening = Account::Opening(cut.location_license.clone());
    let batch: Barcode = cut.harvest_batch_id;
    let flower = to_base(cut.dry_weight_max, &cut.uom).unwrap_or_default();
    txn.post(&opening, &Account::Batch(batch), Commodity::Grams, flower)
}

fn read<T: serde::de::DeserializeOwned>(wire: &Value) -> Result<T, SeedError> {
    serde_json::from_value(wire.clone()).map_err(|error| SeedError(error.to_string()))
}
