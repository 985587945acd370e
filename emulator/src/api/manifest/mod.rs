//! `/v1/manifest`: trips by the sender, the buyer or a transporter, returns and deliveries (rulebook 13).

mod arrive;
mod cargo;
mod carrier;
mod create;
mod delivery;
mod route;
mod thirdparty;
mod update;
pub mod view;
mod void;

use std::sync::Arc;

pub use self::{
    cargo::{Cargo, Load, expired},
    carrier::check_drivers,
};
use super::{
    Row, act,
    partner::{Address, Partner},
    read,
    site::Right,
};
use crate::{
    fault::Fault,
    lifecycle::{item_type::ItemType, manifest},
    model::{
        Barcode, Inventory, Key, Kind, Manifest, ManifestFacts, ManifestStop, ManifestType, Scope,
        StopFacts,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        counters::Piece,
        txn::{Held, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/manifest",                                  view::list_all),
    act::<create::PlanTrip>("POST /v1/manifest"),
    read("GET /v1/manifest/{id}",                             view::show_any),
    act::<update::ChangeTrip>("PUT /v1/manifest/{id}"),
    act::<void::VoidTrip>("PUT /v1/manifest/{id}/void"),
    act::<arrive::Arrive>("PUT /v1/manifest/{id}/stop/{stopnumber}/arrive"),
    act::<arrive::UndoArrive>("PUT /v1/manifest/{id}/stop/{stopnumber}/arrive/undo"),
    read("GET /v1/manifest/pickup",                           view::list_pickups),
    act::<create::PlanPickup>("POST /v1/manifest/pickup"),
    act::<update::ChangePickup>("PUT /v1/manifest/pickup/{id}"),
    act::<update::ModifyPickup>("PUT /v1/manifest/pickup/{id}/modify"),
    read("GET /v1/manifest/thirdparty",                       view::list_third_party),
    act::<create::PlanThirdParty>("POST /v1/manifest/thirdparty"),
    read("GET /v1/manifest/thirdparty/{id}",                  view::show_third_party),
    act::<update::ChangeThirdParty>("PUT /v1/manifest/thirdparty/{id}"),
    act::<thirdparty::PatchTrip>("PATCH /v1/manifest/thirdparty/{id}"),
    act::<thirdparty::AcceptTrip>("PUT /v1/manifest/thirdparty/{id}/accept"),
    act::<thirdparty::DeclineTrip>("PUT /v1/manifest/thirdparty/{id}/reject"),
    act::<thirdparty::ArriveThirdParty>("PUT /v1/manifest/thirdparty/{id}/stop/{stopnumber}/arrive"),
];

/// Work of those who trade, and of shops that deliver.
const SENDING: &[Right] = &[Right::Trade, Right::Deliver];

/// The kinds of manifest that one group of write routes serves (MAN-09).
type Kinds = &'static [ManifestType];
const OWN_DRIVER: Kinds = &[ManifestType::Standard, ManifestType::Return, ManifestType::Delivery];
const PICKUP: Kinds = &[ManifestType::Pickup];
const THIRD_PARTY: Kinds = &[ManifestType::ThirdParty];

impl Txn<'_, '_, '_> {
    /// The manifest of a path, if the caller is one of its parties (MAN-06).
    fn manifest_in_path(&self, id: &str, rights: &[Right]) -> Result<Held<Manifest>, Fault> {
        self.acting_may_any(rights)?;
        let found = self.own_coded::<Manifest>(id)?;
        Ok(found.ok_or_else(|| refuse("MAN-06").in_path())?)
    }

    pub fn manifest(&self, id: Barcode) -> Result<Held<Manifest>, Fault> {
        self.known(Key::new(Kind::Manifest, self.number_of(id)))
    }

    /// The caller's first site among the parties of a manifest that may use a verb and that may act at
    /// all; refuses if it is another party's (MAN-08).
    pub fn as_party(
        &self,
        manifest: &Held<Manifest>,
        parties: &[&str],
        verb: &str,
    ) -> Result<Arc<Site>, Refusal> {
        let mut idle = None;
        for license in parties {
            match self.own_site(license) {
                Ok(Some(site)) => return Ok(site),
                Ok(None) => {}
                Err(refusal) => idle = idle.or(Some(refusal)),
            }
        }
        if let Some(refusal) = idle {
            return Err(refusal);
        }
        let mut mine = self.caller.iter().flat_map(|caller| caller.sites.iter());
        let mine = mine.find(|site| manifest.scopes.contains(&site.scope()));
        let license = mine.map_or("", |site| site.license.as_str());
        Err(refuse("MAN-08").with("n", license).with("verb", verb))
    }

    /// Puts items on a manifest, or takes them off; the reply shows them.
    fn commit_items(
        &mut self,
        items: impl IntoIterator<Item = Held<Inventory>>,
        manifest: Option<Barcode>,
    ) -> Result<(), Fault> {
        for mut held in items {
            held.facts.manifest = manifest;
            self.save(&mut held)?;
        }
        Ok(())
    }

    /// The items of a manifest, as its sender holds them.
    pub fn items_of(&self, manifest: &Manifest) -> Result<Vec<Held<Inventory>>, Fault> {
        let scope = self.known_partner(&manifest.license_number)?.scope();
        manifest.items().map(|item| self.item_at(item.inventory_id, &[scope])).collect()
    }

    /// Items, invoices and sales of a manifest are free (MAN-45, MAN-46). The manifest is not saved.
    fn free_load(&mut self, held: &Held<Manifest>) -> Result<(), Fault> {
        let items = self.items_of(&held.wire)?;
        self.commit_items(items, None)?;
        for invoice in held.wire.stop.iter().filter_map(|stop| stop.invoice_id) {
            self.plan_invoice(invoice, None)?;
        }
        for sale in held.facts.stops.iter().filter_map(|stop| stop.sale) {
            self.plan_sale(sale, None)?;
        }
        Ok(())
    }

    /// Stores a manifest; who may see it follows from what it says (MAN-07).
    pub fn save_manifest(&mut self, held: &mut Held<Manifest>) -> Result<(), Fault> {
        self.save_manifest_as(held, None)
    }

    pub fn save_manifest_as(
        &mut self,
        held: &mut Held<Manifest>,
        role: Option<&'static str>,
    ) -> Result<(), Fault> {
        let Manifest { license_number, third_party_transporter, kind, .. } = &held.wire;
        let carrier = third_party_transporter.as_ref().map(|it| it.license_number.as_str());
        let stops = held.wire.stop.iter().zip(&held.facts.stops);
        let seen = stops.filter(|(_, facts)| facts.seen || *kind == ManifestType::Pickup);
        let receivers = seen.map(|(stop, _)| stop.location_license.as_str());
        let mut scopes: Vec<Scope> = Vec::new();
        for license in [license_number.as_str()].into_iter().chain(carrier).chain(receivers) {
            let scope = self.scope_of(license).filter(|scope| !scopes.contains(scope));
            scopes.extend(scope);
        }
        if !held.wire.deleted {
            let stops = held.wire.stop.iter().zip(&held.facts.stops);
            let waits = stops.filter(|(_, facts)| facts.shipped_on.is_none());
            let receivers = waits.filter_map(|(stop, _)| self.scope_of(&stop.location_license));
            scopes.extend(receivers.filter_map(Scope::announced));
        }
        held.scopes = scopes;
        self.save_as(held, role)
    }
}

/// The stop of a path, by its number (MAN-54).
fn stop_in_path(manifest: &Manifest, number: &str) -> Result<usize, Refusal> {
    let wanted: Option<u32> = number.parse().ok();
    let place = manifest.stop.iter().position(|stop| Some(stop.stop_number) == wanted);
    place.ok_or_else(|| refuse("MAN-54").with("n", number).in_path())
}

/// Each group of write routes serves its own kinds, and none what the system made (MAN-09, MAN-52).
fn of_kind(manifest: &Manifest, kinds: Kinds) -> Result<(), Refusal> {
    manifest::by_people(manifest)?;
    require(kinds.contains(&manifest.kind), || refuse("MAN-09").with("Type", manifest.kind.word()))
}

/// What a manifest says of an item: its type and its name.
pub fn description(item: &Inventory) -> Result<String, Refusal> {
    let kind = ItemType::find(item.inventory_type)?.name();
    let names = [&item.product_name, &item.strain];
    let name = names.into_iter().find(|name| !name.is_empty());
    Ok(name.map_or_else(|| kind.to_owned(), |name| format!("{kind}, {name}")))
}

/// A manifest as it begins, without stops, drivers or vehicle (MAN-03).
pub fn blank_manifest(
    txn: &mut Txn<'_, '_, '_>,
    sender: &Partner,
    kind: ManifestType,
) -> Result<Held<Manifest>, Fault> {
    let id = txn.mint()?;
    let address = txn.address_of(sender)?;
    let wire = Manifest {
        city: address.city,
        completed: false,
        completion_date: None,
        created_on: Some(txn.now),
        deleted: false,
        driver: Vec::new(),
        driver_arrived: false,
        in_transit: false,
        is_accepted: false,
        is_parked: false,
        license_number: sender.license().to_owned(),
        links: Vec::new(),
        manifest_id: id,
        name: address.name,
        phone: address.phone,
        received: false,
        session_time: 0,
        state: address.state,
        stop: Vec::new(),
        stop_count: 0,
        street: address.street,
        third_party_transporter: None,
        total_item_count: 0,
        transaction_id: 0,
        kind,
        updated_on: None,
        vehicle: None,
        zip: address.zip,
    };
    let key = Key::new(Kind::Manifest, txn.number_of(id));
    Ok(Held { wire, facts: ManifestFacts::default(), key, scopes: Vec::new() })
}

/// The one stop of a route to a receiver, with nothing to unload and no times.
pub fn blank_stop(
    txn: &mut Txn<'_, '_, '_>,
    manifest: Barcode,
    to: &Partner,
) -> Result<ManifestStop, Fault> {
    let address = txn.address_of(to)?;
    let id = txn.counters.next_piece(Piece::ManifestStop);
    Ok(stop_at(manifest, id, to.license(), address))
}

/// A stop at an address.
fn stop_at(manifest: Barcode, id: u64, license: &str, address: Address) -> ManifestStop {
    ManifestStop {
        approximate_arrival: None,
        approximate_departure: None,
        approximate_route: String::new(),
        city: address.city,
        driver_arrived: false,
        driver_arrived_time: None,
        id,
        invoice: None,
        invoice_id: None,
        item: Vec::new(),
        items_count: 0,
        links: Vec::new(),
        location_license: license.to_owned(),
        manifest_id: manifest,
        name: address.name,
        parked_time: None,
        phone: address.phone,
        resumed_directions: String::new(),
        resumed_estimated_arrival: None,
        resumed_estimated_departure: None,
        resumed_time: None,
        state: address.state,
        stop_number: 1,
        transporter_parked: false,
        transporter_resumed: false,
        zip_code: address.zip,
    }
}

/// Puts a stop at the end of a route.
pub fn add_stop(held: &mut Held<Manifest>, stop: ManifestStop, facts: StopFacts) {
    held.wire.stop.push(stop);
    held.facts.stops.push(facts);
}

/// Completes a trip when nothing is left to settle (MAN-53).
pub fn complete(txn: &Txn<'_, '_, '_>, held: &mut Held<Manifest>) {
    if held.facts.stops.iter().all(|stop| stop.settled) {
        held.wire.completed = true;
        let accepted = held.wire.items().any(|item| item.quantity_received.is_positive());
        held.wire.received |= accepted;
        held.wire.completion_date = Some(txn.now);
        held.wire.in_transit = false;
    }
}

/// Work that a kind of trip asks of its sender's license (LIC-15).
fn right_for(kind: ManifestType) -> Right {
    if kind == ManifestType::Delivery { Right::Deliver } else { Right::Trade }
}
