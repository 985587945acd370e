//! Deliveries: a shop's sales are handed over to consumers, stop by stop (rulebook 15.5).

use std::{collections::BTreeSet, sync::Arc};

use super::{
    add_stop, blank_manifest,
    carrier::{OwnDriver, OwnVehicle, own_drivers, own_vehicle},
    create::departure,
    route::{self, PlannedStop},
};
use crate::{
    api::{lookup::once, partner::Partner},
    fault::Fault,
    lifecycle::{
        sale::{self, Verb},
        trade::DELIVERY,
    },
    model::{Barcode, Manifest, ManifestStop, ManifestType, Sale, StopFacts},
    refusal::{refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// Plans a route; its stops name sales in the place of licenses, items and invoices (SALE-61).
pub fn plan(
    txn: &mut Txn<'_, '_, '_>,
    site: &Arc<Site>,
    stops: &[PlannedStop],
    (drivers, vehicle): (&[OwnDriver], &OwnVehicle),
) -> Result<(), Fault> {
    check(txn, site, stops, None)?;
    let kind = ManifestType::Delivery;
    let drivers = own_drivers(txn, site, drivers, kind, departure(stops))?;
    let vehicle = own_vehicle(txn, site, vehicle)?;
    let mut held = blank_manifest(txn, &Partner::Site(Arc::clone(site)), kind)?;
    held.wire.driver = drivers;
    held.wire.vehicle = Some(vehicle);
    enter_stops(txn, &mut held, stops)?;
    txn.save_manifest(&mut held)
}

/// The guards on the stops of a route. `own` is the manifest that is changed.
pub fn check(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    stops: &[PlannedStop],
    own: Option<Barcode>,
) -> Result<(), Fault> {
    route::check_numbers(txn, stops, false)?;
    let mut sales = Vec::new();
    for stop in stops {
        let sale = stop.sale_id.filter(|_| !stop.unloads());
        let sale = sale.ok_or_else(|| refuse("SALE-61").saying(1).with("n", stop.stop_number))?;
        let named = stop.name.as_deref().is_some_and(|name| !name.trim().is_empty());
        require(named, || refuse("WIRE-22").with("Field", "Name"))?;
        sales.push(sale);
    }
    once(sales.iter().copied(), "WIRE-28")?;
    let mut cards = Vec::new();
    for id in sales {
        cards.push(deliverable(txn, site, id, own)?.wire.card_id);
    }
    note_one_customer(txn, stops, &cards);
    route::check_times(txn, stops)
}

/// A live sale that nobody delivers yet, of an own shop; of any shop for a delivery licensee (SALE-62).
fn deliverable(
    txn: &Txn<'_, '_, '_>,
    site: &Site,
    id: u64,
    own: Option<Barcode>,
) -> Result<Held<Sale>, Fault> {
    let unfit = || refuse("SALE-62").with("id", id);
    let held = txn.sale(id)?.ok_or_else(unfit)?;
    let mut shops = txn.around.access.sites_of(&site.ubi);
    let ours = shops.any(|shop| held.scopes.contains(&shop.scope()));
    require(ours || site.location_type == DELIVERY, unfit)?;
    require(sale::permit(&held.wire, &held.facts, Verb::Deliver).is_ok(), unfit)?;
    let elsewhere = held.facts.manifest.filter(|on| Some(*on) != own);
    require(!held.facts.delivered && elsewhere.is_none(), unfit)?;
    Ok(held)
}

/// One order per customer and route (SALE-70).
fn note_one_customer(txn: &mut Txn<'_, '_, '_>, stops: &[PlannedStop], cards: &[String]) {
    let mut homes = BTreeSet::new();
    let mut patients = BTreeSet::new();
    let home = |stop: &PlannedStop| {
        let to = stop.consumer();
        (to.name, to.city, to.zip)
    };
    let twice = stops.iter().any(|stop| !homes.insert(home(stop)))
        || cards.iter().filter(|card| !card.is_empty()).any(|card| !patients.insert(card));
    if twice && txn.profile().on("finding.one_order_per_customer") {
        txn.note("SALE-70");
    }
}

fn enter_stops(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Manifest>,
    stops: &[PlannedStop],
) -> Result<(), Fault> {
    let id = held.wire.manifest_id;
    let mut stops: Vec<&PlannedStop> = stops.iter().collect();
    stops.sort_by_key(|stop| stop.stop_number);
    for planned in stops {
        let stop = planned.shown(txn, id, planned.consumer());
        if let Some(sale) = planned.sale_id {
            txn.plan_sale(sale, Some(id))?;
        }
        add_stop(held, stop, StopFacts { sale: planned.sale_id, ..StopFacts::default() });
    }
    Ok(())
}

/// Checked stops take the place of the old ones; sales that are no longer named are free.
pub fn replace_stops(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Manifest>,
    stops: &[PlannedStop],
) -> Result<(), Fault> {
    txn.free_load(held)?;
    held.wire.stop.clear();
    held.facts.stops.clear();
    enter_stops(txn, held, stops)
}

/// On the road, stops that were not reached may be dropped, and nothing else (SALE-66).
pub fn drop_stops(
    txn: &mut Txn<'_, '_, '_>,
    mut held: Held<Manifest>,
    stops: &[PlannedStop],
) -> Result<(), Fault> {
    let old = std::mem::take(&mut held.wire.stop).into_iter();
    let facts = std::mem::take(&mut held.facts.stops);
    let mut left: Vec<(ManifestStop, StopFacts)> = old.zip(facts).collect();
    let mut kept = Vec::new();
    for planned in stops {
        let sale = planned.sale_id.filter(|_| !planned.unloads());
        let sale = sale.ok_or_else(|| refuse("SALE-66"))?;
        let twice = kept.iter().any(|(_, facts): &(_, StopFacts)| facts.sale == Some(sale));
        require(!twice, || refuse("WIRE-28").with("id", sale))?;
        let place = left.iter().position(|(_, facts)| facts.sale == Some(sale));
        let (mut stop, facts) = left.remove(place.ok_or_else(|| refuse("SALE-66"))?);
        stop.stop_number = planned.stop_number;
        kept.push((stop, facts));
    }
    require(left.iter().all(|(stop, _)| !stop.driver_arrived), || refuse("SALE-66"))?;
    kept.sort_by_key(|(stop, _)| stop.stop_number);
    let numbers = kept.iter().map(|(stop, _)| stop.stop_number);
    require(numbers.eq((1..).take(kept.len())), || refuse("MAN-13"))?;
    for sale in left.iter().filter_map(|(_, facts)| facts.sale) {
        txn.plan_sale(sale, None)?;
    }
    for (stop, facts) in kept {
        add_stop(&mut held, stop, facts);
    }
    if held.wire.stop.is_empty() {
        held.wire.in_transit = false;
        held.wire.deleted = true;
    } else {
        complete(txn, &mut held)?;
    }
    txn.save_manifest(&mut held)
}

/// A route is over when every stop has arrived or was dropped (SALE-69).
pub fn complete(txn: &mut Txn<'_, '_, '_>, held: &mut Held<Manifest>) -> Result<(), Fault> {
    if !held.wire.stop.iter().all(|stop| stop.driver_arrived) {
        return Ok(());
    }
    for facts in &mut held.facts.stops {
        facts.settled = true;
    }
    for sale in held.facts.stops.iter().filter_map(|stop| stop.sale) {
        txn.plan_sale(sale, None)?;
    }
    held.wire.received = true;
    super::complete(txn, held);
    Ok(())
}

/// The manifest is to be kept current after every order: no two stops are marked within a minute,
/// whenever they were reached (SALE-72).
pub fn note_hurried(txn: &mut Txn<'_, '_, '_>, stops: &[StopFacts], place: usize) {
    let others = stops.iter().enumerate().filter(|(other, _)| *other != place);
    let mut marks = others.filter_map(|(_, stop)| stop.marked_on);
    let hurried = marks.any(|mark| mark.plus_seconds(60) > txn.now);
    if hurried && txn.profile().on("finding.delivery_marks") {
        txn.note("SALE-72");
    }
}
