//! `POST /v1/inventory/transfer`: a trip starts, and each of its stops becomes a transfer (XFER-01 to
//! XFER-17).

use std::{collections::BTreeSet, sync::Arc};

use serde::Deserialize;

use crate::{
    api::{
        Action,
        manifest::{Cargo, Load, check_drivers},
        site::Right,
    },
    fault::Fault,
    lifecycle::{
        manifest::{self, Verb},
        stop,
    },
    model::{Key, Kind, Manifest, ManifestType, TransferFacts, TransferType},
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShipTrip {
    #[serde(rename = "ManifestID")]
    manifest_id: String,
    manifest_stop_number: Option<Vec<i64>>,
}

impl Action for ShipTrip {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may_any(&[Right::Trade, Right::Deliver])?;
        let held = txn.own_coded::<Manifest>(&self.manifest_id)?;
        let mut held = held.filter(|it| !it.wire.deleted).ok_or_else(|| refuse("XFER-10"))?;
        let site = txn.own_site(&held.wire.license_number)?;
        let site = site.ok_or_else(|| refuse("XFER-11").with("n", &self.manifest_id))?;
        let delivers = held.wire.kind == ManifestType::Delivery;
        txn.require_right(&site, if delivers { Right::Deliver } else { Right::Trade })?;
        manifest::by_people(&held.wire)?;
        let places = self.places(&held)?;
        manifest::permit(&held.wire, Verb::Ship)?;
        for place in &places {
            let (stop, facts) = (&held.wire.stop[*place], &held.facts.stops[*place]);
            stop::permit(stop, facts, stop::Verb::Ship)?;
        }
        // A Delivery starts with all its stops at once, waits for nothing, and makes no transfers (SALE-63).
        if delivers {
            txn.note_outage(txn.now)?;
            held.wire.in_transit = true;
            let all: Vec<usize> = (0..held.facts.stops.len()).collect();
            start(txn, &mut held, &all);
            return txn.save_manifest(&mut held);
        }
        check_ready(txn, &held.wire)?;
        txn.note_outage(txn.now)?;
        held.wire.in_transit = true;
        let loads = recheck(txn, &held.wire, &site, &places)?;
        start(txn, &mut held, &places);
        for (place, load) in places.into_iter().zip(loads) {
            ship(txn, &mut held, place, load)?;
        }
        txn.save_manifest(&mut held)
    }
}

impl ShipTrip {
    /// The stops that are named, or all that were not shipped yet (XFER-13, XFER-12).
    fn places(&self, held: &Held<Manifest>) -> Result<Vec<usize>, Refusal> {
        let named = self.manifest_stop_number.as_deref().unwrap_or_default();
        if named.is_empty() {
            let waits = |place: &usize| held.facts.stops[*place].shipped_on.is_none();
            let places: Vec<usize> = (0..held.facts.stops.len()).filter(waits).collect();
            require(!places.is_empty(), || refuse("XFER-12"))?;
            return Ok(places);
        }
        let mut places = BTreeSet::new();
        for number in named {
            let fits = |n: u32| i64::from(n) == *number;
            let place = held.wire.stop.iter().position(|stop| fits(stop.stop_number));
            let place = place.ok_or_else(|| refuse("XFER-13").with("n", number))?;
            require(places.insert(place), || refuse("WIRE-28").with("id", number))?;
        }
        Ok(places.into_iter().collect())
    }
}

/// Accepted by its transporter, driven by somebody, and old enough (MAN-79, MAN-68, XFER-14).
fn check_ready(txn: &Txn<'_, '_, '_>, manifest: &Manifest) -> Result<(), Refusal> {
    let offered = manifest.kind == ManifestType::ThirdParty && !manifest.is_accepted;
    require(!offered, || refuse("MAN-79"))?;
    let driven = !manifest.driver.is_empty() && manifest.vehicle.is_some();
    require(driven || manifest.kind != ManifestType::Pickup, || refuse("MAN-68"))?;
    let made = manifest.created_on.unwrap_or(txn.now);
    let waited = made.plus_seconds(txn.profile().hours("transfer.wait_hours")) <= txn.now;
    require(waited, || refuse("XFER-14"))
}

/// The world may have moved since planning (XFER-15).
fn recheck(
    txn: &mut Txn<'_, '_, '_>,
    manifest: &Manifest,
    site: &Arc<Site>,
    places: &[usize],
) -> Result<Vec<Load>, Fault> {
    let transporter = manifest.third_party_transporter.as_ref();
    let carrier = transporter.and_then(|it| txn.around.access.sites.get(&it.license_number));
    let carrier = carrier.cloned();
    let driven_by = carrier.as_ref().unwrap_or(site);
    check_drivers(txn, driven_by, manifest, manifest.departure())?;
    Cargo::of(manifest, site, carrier).recheck(txn, manifest, places)
}

/// The stops are on the road.
fn start(txn: &Txn<'_, '_, '_>, held: &mut Held<Manifest>, places: &[usize]) {
    for place in places {
        let facts = &mut held.facts.stops[*place];
        facts.shipped_on = Some(txn.now);
        facts.seen = true;
    }
}

/// One stop becomes a transfer (XFER-01, XFER-02).
fn ship(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Manifest>,
    place: usize,
    load: Load,
) -> Result<(), Fault> {
    let id = txn.next_number(Kind::InventoryTransfer);
    held.facts.stops[place].transfer = Some(id);
    let stop = &held.wire.stop[place];
    let sender = txn.around.access.sites.get(&held.wire.license_number);
    let internal = sender.is_some_and(|site| load.to.is_of(site));
    let transfer_type = match () {
        () if load.to.is_lab() => TransferType::Sample,
        () if held.wire.kind == ManifestType::Return => TransferType::Return,
        () if internal => TransferType::Internal,
        () => TransferType::Sale,
    };
    let wire = txn.begin_transfer(id, &held.wire, stop, transfer_type);
    let transporter = held.wire.third_party_transporter.as_ref();
    let carrier = transporter.map(|it| it.license_number.clone());
    let facts = TransferFacts { carrier, ..TransferFacts::default() };
    if let Some(invoice) = wire.invoice_id {
        txn.ship_invoice(invoice, true)?;
    }
    for mut item in load.items {
        txn.save(&mut item)?;
    }
    let key = Key::new(Kind::InventoryTransfer, id);
    txn.save_transfer(&mut Held { wire, facts, key, scopes: Vec::new() }, None)
}
