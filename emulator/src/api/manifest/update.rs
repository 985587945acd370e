//! Changing a trip before it is shipped: what is named is replaced as a whole (MAN-44, MAN-45).

use std::{collections::BTreeSet, sync::Arc};

use serde::Deserialize;

use super::{
    Cargo, OWN_DRIVER, PICKUP, SENDING, THIRD_PARTY,
    carrier::{
        OwnDriver, OwnVehicle, WordedDriver, WordedVehicle, check_drivers, own_drivers,
        own_vehicle, transporter, worded_drivers,
    },
    create::{GUARDED, NamedTransporter, Plan, departure, enter_stops, shown_transporter},
    delivery, of_kind, right_for,
    route::PlannedStop,
};
use crate::{
    api::{Action, partner::Partner},
    fault::Fault,
    lifecycle::manifest::{self, State, Verb},
    model::{Manifest, ManifestType},
    refusal::{refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// `PUT /v1/manifest/{id}`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeTrip {
    #[serde(rename = "id")]
    id: String,
    driver: Option<Vec<OwnDriver>>,
    vehicle: Option<OwnVehicle>,
    stop: Option<Vec<PlannedStop>>,
}

impl Action for ChangeTrip {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let site = as_sender(txn, &held)?;
        of_kind(&held.wire, OWN_DRIVER)?;
        let says = self.driver.is_some() || self.vehicle.is_some() || self.stop.is_some();
        require(says, || refuse("WIRE-34"))?;
        let delivers = held.wire.kind == ManifestType::Delivery;
        if delivers && manifest::state(&held.wire) == State::InTransit {
            let others = self.driver.is_some() || self.vehicle.is_some();
            let stops = self.stop.filter(|_| !others).ok_or_else(|| refuse("SALE-66"))?;
            return delivery::drop_stops(txn, held, &stops);
        }
        manifest::permit(&held.wire, Verb::Change)?;
        let stops = self.stop.as_deref();
        let replaced = match stops {
            Some(stops) if delivers => {
                delivery::check(txn, &site, stops, Some(held.wire.manifest_id))?;
                None
            }
            Some(stops) => Some(Replaced::check_route(txn, &held, &site, None, stops)?),
            None => None,
        };
        let starts = stops.map_or_else(|| held.wire.departure(), departure);
        if let Some(drivers) = &self.driver {
            held.wire.driver = own_drivers(txn, &site, drivers, held.wire.kind, starts)?;
        }
        if let Some(vehicle) = &self.vehicle {
            held.wire.vehicle = Some(own_vehicle(txn, &site, vehicle)?);
        }
        check_drivers(txn, &site, &held.wire, starts)?;
        match (replaced, stops) {
            (Some(replaced), Some(stops)) => replaced.enter(txn, &mut held, stops)?,
            (None, Some(stops)) => delivery::replace_stops(txn, &mut held, stops)?,
            (_, None) => {}
        }
        txn.save_manifest(&mut held)
    }
}

/// `PUT /v1/manifest/pickup/{id}`: the stop anew; another destination brings another driver (MAN-67).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangePickup {
    #[serde(rename = "id")]
    id: String,
    #[serde(default)]
    stop: Vec<PlannedStop>,
}

impl Action for ChangePickup {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let site = as_sender(txn, &held)?;
        of_kind(&held.wire, PICKUP)?;
        manifest::permit(&held.wire, Verb::Change)?;
        let before = held.wire.carrier().to_owned();
        let replaced = Replaced::check_route(txn, &held, &site, None, &self.stop)?;
        require(self.stop.len() == 1, || refuse("MAN-64"))?;
        check_drivers(txn, &site, &held.wire, departure(&self.stop))?;
        replaced.enter(txn, &mut held, &self.stop)?;
        if held.wire.carrier() != before {
            held.wire.driver.clear();
            held.wire.vehicle = None;
        }
        txn.save_manifest(&mut held)
    }
}

/// `PUT /v1/manifest/pickup/{id}/modify`: another driver or vehicle, by sender or buyer (MAN-66).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyPickup {
    #[serde(rename = "id")]
    id: String,
    driver: Option<Vec<WordedDriver>>,
    vehicle: Option<WordedVehicle>,
}

impl Action for ModifyPickup {
    const GUARDED: &'static [&'static str] = &["Driver[]"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let parties = [held.wire.license_number.as_str(), held.wire.carrier()];
        txn.as_party(&held, &parties, "change")?;
        of_kind(&held.wire, PICKUP)?;
        require(self.driver.is_some() || self.vehicle.is_some(), || refuse("WIRE-34"))?;
        manifest::permit(&held.wire, Verb::Modify)?;
        if let Some(drivers) = self.driver {
            held.wire.driver = worded_drivers(txn, drivers, held.wire.departure())?;
        }
        if let Some(vehicle) = self.vehicle {
            held.wire.vehicle = Some(vehicle.shown());
        }
        txn.save_manifest(&mut held)
    }
}

/// `PUT /v1/manifest/thirdparty/{id}`: another transporter, or all stops anew.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeThirdParty {
    #[serde(rename = "id")]
    id: String,
    third_party_transporter: Option<NamedTransporter>,
    stop: Option<Vec<PlannedStop>>,
}

impl Action for ChangeThirdParty {
    const GUARDED: &'static [&'static str] = GUARDED;

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let site = as_sender(txn, &held)?;
        of_kind(&held.wire, THIRD_PARTY)?;
        require(self.third_party_transporter.is_some() || self.stop.is_some(), || {
            refuse("WIRE-34")
        })?;
        manifest::permit(&held.wire, Verb::Change)?;
        let carrier = match &self.third_party_transporter {
            Some(named) => named.license_number.clone(),
            None => held.wire.carrier().to_owned(),
        };
        let stops = self.stop.as_deref();
        let route = |stops| Replaced::check_route(txn, &held, &site, None, stops);
        let mut replaced = stops.map(route).transpose()?;
        let carrier = transporter(txn, &site, &carrier)?;
        if let Some(replaced) = &mut replaced {
            replaced.plan.carrier = Some(Arc::clone(&carrier));
        }
        match (replaced, stops) {
            (Some(replaced), Some(stops)) => replaced.enter(txn, &mut held, stops)?,
            (_, _) => {
                let cargo = Cargo::of(&held.wire, &site, Some(Arc::clone(&carrier)));
                let all: Vec<usize> = (0..held.wire.stop.len()).collect();
                cargo.recheck(txn, &held.wire, &all)?;
            }
        }
        held.wire.third_party_transporter = Some(shown_transporter(txn, &carrier)?);
        txn.save_manifest(&mut held)
    }
}

/// Stops that take the place of others, on the way through their guards.
struct Replaced {
    plan: Plan,
    partners: Vec<Partner>,
}

impl Replaced {
    fn check_route(
        txn: &mut Txn<'_, '_, '_>,
        held: &Held<Manifest>,
        site: &Arc<Site>,
        carrier: Option<Arc<Site>>,
        stops: &[PlannedStop],
    ) -> Result<Self, Fault> {
        let own = Some(held.wire.manifest_id);
        let plan = Plan { sender: Arc::clone(site), kind: held.wire.kind, carrier, own };
        let partners = plan.route(txn, stops)?;
        Ok(Self { plan, partners })
    }

    /// Checks what the new stops unload, frees what the old ones did, and puts the new in their place.
    fn enter(
        self,
        txn: &mut Txn<'_, '_, '_>,
        held: &mut Held<Manifest>,
        stops: &[PlannedStop],
    ) -> Result<(), Fault> {
        let loads = self.plan.loads(txn, stops, self.partners)?;
        txn.free_load(held)?;
        let old = std::mem::take(&mut held.wire.stop).into_iter();
        let old = old.zip(std::mem::take(&mut held.facts.stops));
        let saw: BTreeSet<String> =
            old.filter(|(_, facts)| facts.seen).map(|(stop, _)| stop.location_license).collect();
        enter_stops(txn, held, stops, loads)?;
        // Who has seen the trip once goes on seeing it (MAN-07).
        for (stop, facts) in held.wire.stop.iter().zip(&mut held.facts.stops) {
            facts.seen = saw.contains(&stop.location_license);
        }
        Ok(())
    }
}

/// The sender, and nobody else (MAN-08); its license may do this kind of work (LIC-15).
fn as_sender(txn: &Txn<'_, '_, '_>, held: &Held<Manifest>) -> Result<Arc<Site>, Fault> {
    let site = txn.as_party(held, &[&held.wire.license_number], "change")?;
    txn.require_right(&site, right_for(held.wire.kind))?;
    Ok(site)
}
