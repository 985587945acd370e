//! Planning a trip: by the sender's own driver, by the buyer's, or by a transporter.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    Cargo, Load, add_stop, blank_manifest, cargo,
    carrier::{
        OwnDriver, OwnVehicle, WordedDriver, WordedVehicle, own_drivers, own_vehicle, transporter,
        worded_drivers,
    },
    delivery, right_for,
    route::{self, PlannedStop},
};
use crate::{
    api::{Action, partner::Partner, site::Right},
    fault::Fault,
    model::{
        Barcode, Manifest, ManifestDriver, ManifestType, ManifestVehicle, Moment, StopFacts,
        ThirdPartyTransporter,
    },
    refusal::{refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// Fields of stops that the trip itself asks for, in its own words and in its turn.
pub const GUARDED: &[&str] =
    &["Stop", "Stop[]", "Stop.LocationLicense", "Stop.Item", "Item[]", "Driver[]"];

/// `POST /v1/manifest`: the sender drives.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlanTrip {
    location_license: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
    driver: Vec<OwnDriver>,
    vehicle: OwnVehicle,
    #[serde(default)]
    stop: Vec<PlannedStop>,
}

impl Action for PlanTrip {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let kind = match self.kind.as_deref().unwrap_or("Standard") {
            "" | "Standard" => Some(ManifestType::Standard),
            "Return" => Some(ManifestType::Return),
            "Delivery" => Some(ManifestType::Delivery),
            _ => None,
        };
        let site = txn.acting_for(&self.location_license)?;
        let right = kind.map_or(Right::Trade, right_for);
        txn.require_right(&site, right)?;
        let kind = kind.ok_or_else(|| refuse("MAN-04"))?;
        if kind == ManifestType::Delivery {
            return delivery::plan(txn, &site, &self.stop, (&self.driver, &self.vehicle));
        }
        let plan = Plan { sender: site, kind, carrier: None, own: None };
        let partners = plan.route(txn, &self.stop)?;
        let departure = departure(&self.stop);
        let drivers = own_drivers(txn, &plan.sender, &self.driver, kind, departure)?;
        let vehicle = own_vehicle(txn, &plan.sender, &self.vehicle)?;
        let loads = plan.loads(txn, &self.stop, partners)?;
        plan.enter(txn, &self.stop, loads, (drivers, Some(vehicle)))
    }
}

/// `POST /v1/manifest/pickup`: the buyer drives (MAN-64, MAN-65).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlanPickup {
    location_license: String,
    driver: Vec<WordedDriver>,
    vehicle: WordedVehicle,
    #[serde(default)]
    stop: Vec<PlannedStop>,
}

impl Action for PlanPickup {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let sender = txn.acting_for(&self.location_license)?;
        txn.require_right(&sender, Right::Trade)?;
        let plan = Plan { sender, kind: ManifestType::Pickup, carrier: None, own: None };
        let partners = plan.route(txn, &self.stop)?;
        require(self.stop.len() == 1, || refuse("MAN-64"))?;
        let drivers = worded_drivers(txn, self.driver, departure(&self.stop))?;
        let loads = plan.loads(txn, &self.stop, partners)?;
        plan.enter(txn, &self.stop, loads, (drivers, Some(self.vehicle.shown())))
    }
}

/// Who is to carry.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NamedTransporter {
    pub license_number: String,
}

/// `POST /v1/manifest/thirdparty`: a transporter drives, if it accepts.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlanThirdParty {
    location_license: String,
    third_party_transporter: NamedTransporter,
    #[serde(default)]
    stop: Vec<PlannedStop>,
}

impl Action for PlanThirdParty {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let sender = txn.acting_for(&self.location_license)?;
        txn.require_right(&sender, Right::Trade)?;
        let mut plan = Plan { sender, kind: ManifestType::ThirdParty, carrier: None, own: None };
        let partners = plan.route(txn, &self.stop)?;
        let named = self.third_party_transporter.license_number;
        plan.carrier = Some(transporter(txn, &plan.sender, &named)?);
        let loads = plan.loads(txn, &self.stop, partners)?;
        plan.enter(txn, &self.stop, loads, (Vec::new(), None))
    }
}

/// When the first stop is driven to.
pub fn departure(stops: &[PlannedStop]) -> Option<Moment> {
    stops.iter().map(|stop| stop.approximate_departure).min()
}

/// A trip with goods that is planned, or planned anew.
pub struct Plan {
    pub sender: Arc<Site>,
    pub kind: ManifestType,
    pub carrier: Option<Arc<Site>>,
    /// The manifest that is changed.
    pub own: Option<Barcode>,
}

impl Plan {
    /// The guards on the stops themselves; answers who gets what.
    pub fn route(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        stops: &[PlannedStop],
    ) -> Result<Vec<Partner>, Fault> {
        route::check_numbers(txn, stops, true)?;
        let partners = route::destinations(txn, &self.sender, stops)?;
        route::check_times(txn, stops)?;
        Ok(partners)
    }

    /// The guards on what travels.
    pub fn loads(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        stops: &[PlannedStop],
        partners: Vec<Partner>,
    ) -> Result<Vec<Load>, Fault> {
        cargo::check_item_count(txn, stops.iter().flat_map(|stop| &stop.item))?;
        let cargo = Cargo {
            sender: Arc::clone(&self.sender),
            kind: self.kind,
            carrier: self.carrier.clone(),
            own: self.own,
        };
        let mut loads = Vec::new();
        for (stop, to) in stops.iter().zip(partners) {
            let invoice = stop.invoice_id.as_deref();
            loads.push(cargo.load(txn, stop.stop_number, to, &stop.item, invoice)?);
        }
        cargo.check(txn, &loads)?;
        Ok(loads)
    }

    fn enter(
        self,
        txn: &mut Txn<'_, '_, '_>,
        stops: &[PlannedStop],
        loads: Vec<Load>,
        (drivers, vehicle): (Vec<ManifestDriver>, Option<ManifestVehicle>),
    ) -> Result<(), Fault> {
        let sender = Partner::Site(Arc::clone(&self.sender));
        let mut held = blank_manifest(txn, &sender, self.kind)?;
        held.wire.driver = drivers;
        held.wire.vehicle = vehicle;
        if let Some(carrier) = &self.carrier {
            held.wire.third_party_transporter = Some(shown_transporter(txn, carrier)?);
        }
        enter_stops(txn, &mut held, stops, loads)?;
        txn.save_manifest(&mut held)
    }
}

/// A transporter as a manifest shows it.
pub fn shown_transporter(
    txn: &Txn<'_, '_, '_>,
    carrier: &Arc<Site>,
) -> Result<ThirdPartyTransporter, Fault> {
    let name = txn.address_of(&Partner::Site(Arc::clone(carrier)))?.name;
    Ok(ThirdPartyTransporter { license_number: carrier.license.clone(), name })
}

/// Puts checked stops on a manifest, in the order of their numbers, and commits what they unload.
pub fn enter_stops(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Manifest>,
    stops: &[PlannedStop],
    loads: Vec<Load>,
) -> Result<(), Fault> {
    let id = held.wire.manifest_id;
    let mut pairs: Vec<_> = stops.iter().zip(loads).collect();
    pairs.sort_by_key(|(stop, _)| stop.stop_number);
    for (planned, load) in pairs {
        let address = txn.address_of(&load.to)?;
        let mut stop = planned.shown(txn, id, address);
        for item in &load.items {
            stop.item.push(txn.manifest_item(id, stop.stop_number, &item.wire)?);
        }
        if let Some(invoice) = stop.invoice_id {
            txn.plan_invoice(invoice, Some(id))?;
        }
        txn.commit_items(load.items, Some(id))?;
        add_stop(held, stop, StopFacts::default());
    }
    Ok(())
}
