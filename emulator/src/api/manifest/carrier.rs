//! Who drives what: the carrier's own people and vehicles, or a pickup's in words (MAN-23 to MAN-26).

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    api::{
        lookup::once,
        partner::Partner,
        site::{Right, has_right},
    },
    fault::Fault,
    model::{
        Day, Employee, Key, Kind, Manifest, ManifestDriver, ManifestType, ManifestVehicle, Moment,
        Vehicle, listed,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::{Site, company_scope},
        txn::{Held, Txn},
    },
};

/// A driver from the carrier's list.
#[derive(Clone, Deserialize)]
pub struct OwnDriver {
    #[serde(rename = "ID", deserialize_with = "listed::number")]
    id: u64,
}

/// A vehicle from the carrier's list; the decoder has made a text of a number.
#[derive(Clone, Deserialize)]
pub struct OwnVehicle {
    #[serde(rename = "ID")]
    id: String,
}

/// A buyer's driver, in words (MAN-65).
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WordedDriver {
    name: String,
    #[serde(rename = "DateofBirth")]
    born: String,
}

/// A buyer's vehicle, in words.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WordedVehicle {
    description: String,
}

impl WordedVehicle {
    pub fn shown(self) -> ManifestVehicle {
        ManifestVehicle { description: self.description, id: String::new() }
    }
}

/// Drivers of a carrier's list, old enough on the day of departure (MAN-23 to MAN-25).
pub fn own_drivers(
    txn: &Txn<'_, '_, '_>,
    carrier: &Site,
    drivers: &[OwnDriver],
    kind: ManifestType,
    departure: Option<Moment>,
) -> Result<Vec<ManifestDriver>, Fault> {
    check_driver_count(txn, drivers.len())?;
    once(drivers.iter().map(|driver| driver.id), "WIRE-28")?;
    let mut shown = Vec::new();
    for driver in drivers {
        let employee = employee(txn, carrier, driver.id)?.ok_or_else(|| refuse("MAN-24"))?;
        let Employee { birth_date, id, name, .. } = employee.wire;
        shown.push(ManifestDriver { born: birth_date, id, name });
    }
    check_ages(txn, &shown, kind, departure)?;
    Ok(shown)
}

/// Drivers in words, old enough on the day of departure (MAN-65).
pub fn worded_drivers(
    txn: &Txn<'_, '_, '_>,
    drivers: Vec<WordedDriver>,
    departure: Option<Moment>,
) -> Result<Vec<ManifestDriver>, Fault> {
    check_driver_count(txn, drivers.len())?;
    let shown =
        |it: WordedDriver| ManifestDriver { born: Day::parse(&it.born), id: 0, name: it.name };
    let drivers: Vec<_> = drivers.into_iter().map(shown).collect();
    check_ages(txn, &drivers, ManifestType::Pickup, departure)?;
    Ok(drivers)
}

/// Whether those whom a manifest names may still drive, and in what (XFER-15).
pub fn check_drivers(
    txn: &Txn<'_, '_, '_>,
    carrier: &Site,
    manifest: &Manifest,
    departure: Option<Moment>,
) -> Result<(), Fault> {
    let mut drivers = manifest.driver.clone();
    for driver in drivers.iter_mut().filter(|driver| driver.id > 0) {
        let known = employee(txn, carrier, driver.id)?.ok_or_else(|| refuse("MAN-24"))?;
        // A date of birth may have been corrected.
        driver.born = known.wire.birth_date;
    }
    check_ages(txn, &drivers, manifest.kind, departure)?;
    if let Some(vehicle) = manifest.vehicle.as_ref().filter(|vehicle| !vehicle.id.is_empty()) {
        own_vehicle(txn, carrier, &OwnVehicle { id: vehicle.id.clone() })?;
    }
    Ok(())
}

fn employee(
    txn: &Txn<'_, '_, '_>,
    carrier: &Site,
    id: u64,
) -> Result<Option<Held<Employee>>, Fault> {
    let held = txn.find::<Employee>(Key::new(Kind::Employee, id))?;
    Ok(held.filter(|it| !it.wire.deleted && it.scopes.contains(&company_scope(&carrier.ubi))))
}

/// A live vehicle of a carrier's list (MAN-26).
pub fn own_vehicle(
    txn: &Txn<'_, '_, '_>,
    carrier: &Site,
    vehicle: &OwnVehicle,
) -> Result<ManifestVehicle, Fault> {
    let unknown = || refuse("MAN-26");
    let number = vehicle.id.parse().map_err(|_| unknown())?;
    let held = txn.find::<Vehicle>(Key::new(Kind::Vehicle, number))?;
    let scope = company_scope(&carrier.ubi);
    let held = held.filter(|it| !it.wire.deleted && it.scopes.contains(&scope));
    let held = held.ok_or_else(unknown)?;
    let Vehicle { id, .. } = held.wire;
    let description = held.wire.description();
    Ok(ManifestVehicle { description, id: id.to_string() })
}

fn check_driver_count(txn: &Txn<'_, '_, '_>, count: usize) -> Result<(), Refusal> {
    let (least, most) = (
        txn.profile().number("manifest.drivers_min"),
        txn.profile().number("manifest.drivers_max"),
    );
    require(count as u64 >= least, || refuse("MAN-23").with("n", least))?;
    require(count as u64 <= most, || refuse("MAN-23").saying(1).with("n", most))
}

/// Old enough on the day of departure, which is a day of New York (MAN-25).
fn check_ages(
    txn: &Txn<'_, '_, '_>,
    drivers: &[ManifestDriver],
    kind: ManifestType,
    departure: Option<Moment>,
) -> Result<(), Refusal> {
    let delivers = kind == ManifestType::Delivery;
    let knob = if delivers { "delivery.min_driver_age" } else { "manifest.min_driver_age" };
    let years = txn.profile().number(knob);
    let day = txn.day_of(departure.unwrap_or(txn.now));
    for driver in drivers {
        let grown = i32::try_from(years).unwrap_or_default();
        let of_age = driver.born.is_some_and(|born| born.plus_years(grown) <= day);
        require(of_age, || refuse("MAN-25").with("name", &driver.name).with("n", years))?;
    }
    Ok(())
}

/// A license that may carry for others (MAN-69).
pub fn transporter(
    txn: &Txn<'_, '_, '_>,
    sender: &Site,
    license: &str,
) -> Result<Arc<Site>, Refusal> {
    let unfit = || refuse("MAN-69").with("n", license);
    let carrier = txn.around.access.sites.get(license).cloned().ok_or_else(unfit)?;
    let partner = Partner::Site(Arc::clone(&carrier));
    let carries = !txn.profile().on("transport.enforce") || has_right(&carrier, Right::Carry);
    let other = carrier.number != sender.number;
    require(partner.is_active() && other && carries, unfit)?;
    txn.require_integrated(&partner)?;
    Ok(carrier)
}
