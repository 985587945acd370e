//! How manifests are read: each party sees what is its business, and what it may do next (MAN-05, MAN-07).

use std::collections::BTreeSet;

use crate::{
    api::{
        Read, Reply,
        composed::{Reader, Shelf},
        read::{Wanted, list_of, visible_row},
        reply::ReplyRow,
    },
    fault::Fault,
    lifecycle::{
        manifest::{self, State},
        stop,
    },
    model::{
        Kind, Manifest, ManifestFacts, ManifestStop, ManifestType, NextCall, Record, StopFacts,
    },
    refusal::refuse,
    store::Row,
};

/// `GET /v1/manifest`
pub fn list_all(read: &Read<'_>) -> Result<Reply, Fault> {
    list_of::<Manifest>(read, Wanted::all(read, Kind::Manifest))
}

/// `GET /v1/manifest/pickup`
pub fn list_pickups(read: &Read<'_>) -> Result<Reply, Fault> {
    list_of::<Manifest>(read, Wanted::all(read, Kind::Manifest).with("Type", "Pickup"))
}

/// `GET /v1/manifest/thirdparty`
pub fn list_third_party(read: &Read<'_>) -> Result<Reply, Fault> {
    list_of::<Manifest>(read, Wanted::all(read, Kind::Manifest).with("Type", "ThirdParty"))
}

/// `GET /v1/manifest/{id}`
pub fn show_any(read: &Read<'_>) -> Result<Reply, Fault> {
    show(read, |_| true)
}

/// `GET /v1/manifest/thirdparty/{id}`
pub fn show_third_party(read: &Read<'_>) -> Result<Reply, Fault> {
    show(read, |kind| kind == ManifestType::ThirdParty)
}

/// One manifest with its items, as far as they are the reader's to see.
fn show(read: &Read<'_>, fits: fn(ManifestType) -> bool) -> Result<Reply, Fault> {
    let unknown = || refuse("MAN-06").in_path();
    let row = visible_row(read, Kind::Manifest, read.id())?.ok_or_else(unknown)?;
    let reader = read.reader();
    let manifest: Manifest = reader.parse(&row.wire)?;
    if !fits(manifest.kind) {
        return Err(unknown().into());
    }
    let facts: ManifestFacts = reader.parse(&row.facts)?;
    let stops = manifest.stop.iter().zip(&facts.stops);
    // What was settled at a stop is its receiver's, and no longer the others' to see.
    let waits = stops.filter(|(_, facts)| !facts.settled && !manifest.deleted);
    let waits: BTreeSet<u32> = waits.map(|(stop, _)| stop.stop_number).collect();
    let shown = reader.manifest(&row)?;
    let mut reply = Reply {
        second: read.now.second(),
        transaction: manifest.transaction_id,
        ..Reply::default()
    };
    for stop in &shown.stop {
        let open = waits.contains(&stop.stop_number);
        let ends = [shown.license_number.as_str(), stop.location_license.as_str()];
        for item in &stop.item {
            if let Some(wire) = reader.item(item.inventory_id, ends, open)? {
                reply.rows.push(ReplyRow { entity: Kind::Inventory.entity(), role: None, wire });
            }
        }
    }
    let wire = reader.print(&shown)?;
    reply.rows.push(ReplyRow { entity: Manifest::KIND.entity(), role: None, wire });
    Ok(reply)
}

/// What the reader is to a manifest.
struct Part {
    sends: bool,
    carries: bool,
    /// The buyer of a pickup, which may mark arrivals.
    drives: bool,
}

impl<S: Shelf> Reader<'_, S> {
    /// A manifest as the reader sees it: a destination its own stops only, everybody the calls that are
    /// open to it.
    pub fn manifest(&self, row: &Row) -> Result<Manifest, Fault> {
        let mut shown: Manifest = self.parse(&row.wire)?;
        let facts: ManifestFacts = self.parse(&row.facts)?;
        let sends = self.is(&shown.license_number);
        let carries = shown.third_party_transporter.is_some() && self.is(shown.carrier());
        let drives = shown.kind == ManifestType::Pickup && self.is(shown.carrier());
        let part = Part { sends, carries, drives };
        shown.links = calls(&shown, &facts, &part);
        let state = manifest::state(&shown);
        let (id, kind) = (shown.manifest_id.to_string(), shown.kind);
        for (stop, facts) in shown.stop.iter_mut().zip(&facts.stops) {
            stop.links = stop_calls(stop, facts, &part, (&id, kind, state));
            stop.invoice = self.invoice(stop.invoice_id)?;
        }
        if !sends && !carries {
            shown.stop.retain(|stop| self.is(&stop.location_license));
            // What others get is not counted either.
            shown.settle(&facts);
        }
        Ok(shown)
    }
}

fn call(rel: &str, method: &str, href: String) -> NextCall {
    NextCall { href, method: method.to_owned(), rel: rel.to_owned() }
}

/// The calls on the whole trip that are open to the reader.
fn calls(manifest: &Manifest, facts: &ManifestFacts, part: &Part) -> Vec<NextCall> {
    let id = manifest.manifest_id;
    let state = manifest::state(manifest);
    let mut calls = vec![call("self", "GET", format!("/v1/manifest/{id}"))];
    if !part.sends || manifest.kind == ManifestType::Rejected {
        return calls;
    }
    let group = match manifest.kind {
        ManifestType::Pickup => "pickup/",
        ManifestType::ThirdParty => "thirdparty/",
        ManifestType::Standard
        | ManifestType::Return
        | ManifestType::Delivery
        | ManifestType::Rejected => "",
    };
    if state == State::Planned {
        calls.push(call("update", "PUT", format!("/v1/manifest/{group}{id}")));
    }
    let waits = facts.stops.iter().any(|stop| stop.shipped_on.is_none());
    let offered = manifest.kind == ManifestType::ThirdParty && !manifest.is_accepted;
    let live = !matches!(state, State::Completed | State::Voided);
    if live && waits && !offered {
        calls.push(call("ship", "POST", "/v1/inventory/transfer".to_owned()));
    }
    let delivered = manifest.kind == ManifestType::Delivery
        && manifest.stop.iter().any(|stop| stop.driver_arrived);
    if live && !delivered && !facts.stops.iter().any(|stop| stop.settled) {
        calls.push(call("void", "PUT", format!("/v1/manifest/{id}/void")));
    }
    calls
}

/// The calls at one stop that are open to the reader.
fn stop_calls(
    stop: &ManifestStop,
    facts: &StopFacts,
    part: &Part,
    (id, kind, state): (&str, ManifestType, State),
) -> Vec<NextCall> {
    let third = kind == ManifestType::ThirdParty;
    let drives = if third { part.carries } else { part.sends || part.drives };
    let open = kind != ManifestType::Rejected && state == State::InTransit;
    if !drives || !open {
        return Vec::new();
    }
    let group = if third { "thirdparty/" } else { "" };
    let href = format!("/v1/manifest/{group}{id}/stop/{}/arrive", stop.stop_number);
    match stop::state(stop, facts) {
        stop::State::Shipped => vec![call("arrive", "PUT", href)],
        stop::State::Arrived if !third => vec![call("arrive-undo", "PUT", format!("{href}/undo"))],
        stop::State::Arrived
        | stop::State::Planned
        | stop::State::Parked
        | stop::State::Settled => Vec::new(),
    }
}
