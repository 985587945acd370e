//! What a transporter does with a trip that it was offered (rulebook 13.8).

use std::sync::Arc;

use serde::Deserialize;

use super::{
    THIRD_PARTY, arrive,
    carrier::{OwnDriver, OwnVehicle, own_drivers, own_vehicle},
    of_kind, stop_in_path,
};
use crate::{
    api::{Action, lookup::once, site::Right},
    fault::Fault,
    lifecycle::{
        manifest::{self, State, Verb},
        stop,
    },
    model::{Manifest, ManifestType, Moment},
    refusal::{refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// `PUT /v1/manifest/thirdparty/{id}/accept`: the transporter takes the trip on (MAN-75).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AcceptTrip {
    #[serde(rename = "id")]
    id: String,
    driver: Vec<OwnDriver>,
    vehicle: OwnVehicle,
}

impl Action for AcceptTrip {
    const GUARDED: &'static [&'static str] = &["Driver[]"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, carrier) = offered(txn, &self.id, "accept")?;
        manifest::permit(&held.wire, Verb::Accept)?;
        note_late_answer(txn, &held.wire);
        let starts = held.wire.departure();
        held.wire.driver =
            own_drivers(txn, &carrier, &self.driver, ManifestType::ThirdParty, starts)?;
        held.wire.vehicle = Some(own_vehicle(txn, &carrier, &self.vehicle)?);
        held.wire.is_accepted = true;
        txn.save_manifest(&mut held)
    }
}

/// `PUT /v1/manifest/thirdparty/{id}/reject`: the transporter declines; the trip is void (MAN-77).
#[derive(Deserialize)]
pub struct DeclineTrip {
    id: String,
}

impl Action for DeclineTrip {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, _) = offered(txn, &self.id, "reject")?;
        manifest::permit(&held.wire, Verb::Decline)?;
        note_late_answer(txn, &held.wire);
        txn.free_load(&held)?;
        for mut item in txn.items_of(&held.wire)? {
            // The transporter sees a last time what it was offered.
            txn.save_as(&mut item, Some("Inventory"))?;
        }
        held.wire.deleted = true;
        txn.save_manifest(&mut held)
    }
}

/// A stop that is parked before, or driven to again.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PatchedStop {
    stop_number: i64,
    #[serde(default)]
    transporter_parked: bool,
    #[serde(default)]
    transporter_resumed: bool,
    resumed_estimated_departure: Option<Moment>,
    resumed_estimated_arrival: Option<Moment>,
    resumed_directions: Option<String>,
}

/// `PATCH /v1/manifest/thirdparty/{id}`: another driver or vehicle; parking and resuming.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PatchTrip {
    #[serde(rename = "id")]
    id: String,
    driver: Option<Vec<OwnDriver>>,
    vehicle: Option<OwnVehicle>,
    stop: Option<Vec<PatchedStop>>,
}

impl Action for PatchTrip {
    const GUARDED: &'static [&'static str] = &["Driver[]"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let drives = self.driver.is_some() || self.vehicle.is_some();
        let (mut held, carrier) = offered(txn, &self.id, "change")?;
        require(drives || self.stop.is_some(), || refuse("WIRE-34"))?;
        if drives {
            manifest::permit(&held.wire, Verb::Drive)?;
        }
        if self.stop.is_some() {
            manifest::permit(&held.wire, Verb::Park)?;
        }
        let starts = held.wire.departure();
        if let Some(drivers) = &self.driver {
            held.wire.driver =
                own_drivers(txn, &carrier, drivers, ManifestType::ThirdParty, starts)?;
        }
        if let Some(vehicle) = &self.vehicle {
            held.wire.vehicle = Some(own_vehicle(txn, &carrier, vehicle)?);
        }
        if drives {
            note_changed_with_samples(txn, &held)?;
        }
        let stops = self.stop.unwrap_or_default();
        once(stops.iter().map(|stop| stop.stop_number), "WIRE-28")?;
        for patch in stops {
            patch.apply(txn, &mut held)?;
        }
        txn.save_manifest(&mut held)
    }
}

impl PatchedStop {
    fn apply(self, txn: &Txn<'_, '_, '_>, held: &mut Held<Manifest>) -> Result<(), Fault> {
        let n = self.stop_number;
        let place = held.wire.stop.iter().position(|stop| i64::from(stop.stop_number) == n);
        // The number stands in the body, so it is no unknown path.
        let place = place.ok_or_else(|| refuse("MAN-54").with("n", n))?;
        let one = self.transporter_parked != self.transporter_resumed;
        require(one, || refuse("MAN-80").with("n", n))?;
        let (stop, facts) = (&mut held.wire.stop[place], &held.facts.stops[place]);
        if self.transporter_parked {
            stop::permit(stop, facts, stop::Verb::Park)?;
            stop.transporter_parked = true;
            stop.transporter_resumed = false;
            stop.parked_time = Some(txn.now);
            return Ok(());
        }
        stop::permit(stop, facts, stop::Verb::Resume)?;
        let arrival = self.resumed_estimated_arrival.ok_or_else(|| refuse("MAN-82").saying(1))?;
        let departure = self.resumed_estimated_departure.unwrap_or(txn.now);
        let since = stop.parked_time.unwrap_or(departure);
        let ordered = since <= departure && departure < arrival;
        require(ordered, || refuse("MAN-83").with("n", n))?;
        stop.transporter_parked = false;
        stop.transporter_resumed = true;
        stop.resumed_time = Some(txn.now);
        stop.resumed_estimated_departure = Some(departure);
        stop.resumed_estimated_arrival = Some(arrival);
        stop.resumed_directions = self.resumed_directions.unwrap_or_default();
        Ok(())
    }
}

/// `PUT /v1/manifest/thirdparty/{id}/stop/{stopnumber}/arrive`
#[derive(Deserialize)]
pub struct ArriveThirdParty {
    id: String,
    stopnumber: String,
    #[serde(rename = "DriverArrivedTime")]
    at: Option<Moment>,
}

impl Action for ArriveThirdParty {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let held = txn.manifest_in_path(&self.id, &[Right::Carry])?;
        let place = stop_in_path(&held.wire, &self.stopnumber)?;
        of_kind(&held.wire, THIRD_PARTY)?;
        let carrier = txn.as_party(&held, &[held.wire.carrier()], "mark")?;
        txn.require_right(&carrier, Right::Carry)?;
        arrive::mark(txn, held, place, self.at)
    }
}

/// The trip of a path, and the caller's site that is to carry it (MAN-06, MAN-09, MAN-08).
fn offered(
    txn: &Txn<'_, '_, '_>,
    id: &str,
    verb: &str,
) -> Result<(Held<Manifest>, Arc<Site>), Fault> {
    let held = txn.manifest_in_path(id, &[Right::Carry])?;
    of_kind(&held.wire, THIRD_PARTY)?;
    let carrier = txn.as_party(&held, &[held.wire.carrier()], verb)?;
    txn.require_right(&carrier, Right::Carry)?;
    Ok((held, carrier))
}

/// An offer is answered within a day (TIME-40).
fn note_late_answer(txn: &mut Txn<'_, '_, '_>, manifest: &Manifest) {
    let wait = txn.profile().hours("finding.unanswered_manifest_hours");
    let made = manifest.created_on.filter(|_| !manifest.is_accepted);
    if made.is_some_and(|made| made.plus_seconds(wait) < txn.now) {
        txn.note("TIME-40");
    }
}

/// A sampling firm may not change a manifest after leaving (MAN-73).
fn note_changed_with_samples(
    txn: &mut Txn<'_, '_, '_>,
    held: &Held<Manifest>,
) -> Result<(), Fault> {
    let samples = txn.items_of(&held.wire)?.iter().any(|item| item.wire.is_sample);
    if samples && manifest::state(&held.wire) == State::InTransit {
        txn.note("MAN-73");
    }
    Ok(())
}
