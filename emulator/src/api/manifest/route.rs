//! The stops of a trip: numbers, destinations, times (MAN-10 to MAN-22).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::stop_at;
use crate::{
    api::partner::{Address, Partner},
    fault::Fault,
    model::{Barcode, ManifestStop, Moment, listed},
    refusal::{Refusal, refuse, require},
    world::{access::Site, counters::Piece, txn::Txn},
};

/// An item as a body names it.
#[derive(Clone, Deserialize)]
pub struct NamedItem {
    #[serde(rename = "InventoryID")]
    pub inventory_id: String,
}

/// A stop as a body has it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlannedStop {
    #[serde(deserialize_with = "listed::number")]
    pub stop_number: u32,
    location_license: Option<String>,
    pub approximate_departure: Moment,
    approximate_arrival: Moment,
    approximate_route: String,
    #[serde(rename = "InvoiceID")]
    pub invoice_id: Option<String>,
    #[serde(default)]
    pub item: Vec<NamedItem>,
    /// Delivery only: the sale that is handed over, and to whom.
    #[serde(default, deserialize_with = "listed::optional", rename = "SaleID")]
    pub sale_id: Option<u64>,
    pub name: Option<String>,
    phone: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip_code: Option<String>,
}

impl PlannedStop {
    /// Whether it says what only a stop with goods says.
    pub fn unloads(&self) -> bool {
        self.license().is_some() || self.invoice_id.is_some() || !self.item.is_empty()
    }

    /// Where a consumer lives.
    pub fn consumer(&self) -> Address {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Address {
            name: text(&self.name),
            phone: text(&self.phone),
            street: String::new(),
            city: text(&self.city),
            state: text(&self.state),
            zip: text(&self.zip_code),
        }
    }

    fn license(&self) -> Option<&str> {
        self.location_license.as_deref().filter(|license| !license.trim().is_empty())
    }

    /// As the manifest shows it, without its items.
    pub fn shown(&self, txn: &mut Txn<'_, '_, '_>, id: Barcode, to: Address) -> ManifestStop {
        let number = txn.counters.next_piece(Piece::ManifestStop);
        ManifestStop {
            approximate_arrival: Some(self.approximate_arrival),
            approximate_departure: Some(self.approximate_departure),
            approximate_route: self.approximate_route.clone(),
            invoice_id: self.invoice_id.as_deref().and_then(Barcode::parse),
            stop_number: self.stop_number,
            ..stop_at(id, number, self.license().unwrap_or_default(), to)
        }
    }
}

/// The order of the stops, and that there are any with anything to unload (MAN-10, MAN-13, MAN-12).
pub fn check_numbers(
    txn: &Txn<'_, '_, '_>,
    stops: &[PlannedStop],
    unloads: bool,
) -> Result<(), Refusal> {
    let something = stops.iter().all(|stop| !unloads || !stop.item.is_empty());
    require(!stops.is_empty() && something, || refuse("MAN-10"))?;
    let mut numbers: Vec<u32> = stops.iter().map(|stop| stop.stop_number).collect();
    numbers.sort_unstable();
    require(numbers.iter().copied().eq((1..).take(stops.len())), || refuse("MAN-13"))?;
    let most = txn.profile().number("manifest.max_stops");
    require(stops.len() as u64 <= most, || refuse("MAN-12").with("n", most))
}

/// Who gets what is unloaded at each stop (MAN-14 to MAN-18).
pub fn destinations(
    txn: &Txn<'_, '_, '_>,
    sender: &Site,
    stops: &[PlannedStop],
) -> Result<Vec<Partner>, Refusal> {
    if txn.profile().on("manifest.unique_stops") {
        let mut seen = BTreeSet::new();
        for license in stops.iter().filter_map(PlannedStop::license) {
            require(seen.insert(license), || refuse("MAN-14").with("n", license))?;
        }
    }
    let named: Vec<&str> = stops.iter().filter_map(PlannedStop::license).collect();
    require(named.len() == stops.len(), || refuse("MAN-15"))?;
    let found = |license: &&str| txn.partner(license).filter(Partner::is_active);
    let partners: Option<Vec<Partner>> = named.iter().map(found).collect();
    let partners = partners.ok_or_else(|| refuse("MAN-16"))?;
    require(partners.iter().all(|it| it.license() != sender.license), || refuse("MAN-17"))?;
    partners.iter().try_for_each(|partner| txn.require_integrated(partner))?;
    Ok(partners)
}

/// When each stop is driven to (MAN-20 to MAN-22).
pub fn check_times(txn: &mut Txn<'_, '_, '_>, stops: &[PlannedStop]) -> Result<(), Fault> {
    for stop in stops {
        let ordered = stop.approximate_departure < stop.approximate_arrival;
        require(ordered, || refuse("MAN-20").with("n", stop.stop_number))?;
    }
    let lead = txn.profile().hours("manifest.lead_hours");
    let earliest = txn.now.plus_seconds(lead);
    for stop in stops.iter().filter(|_| lead > 0) {
        let in_time = stop.approximate_departure >= earliest;
        require(in_time, || refuse("MAN-21").with("n", stop.stop_number))?;
    }
    let late = txn.profile().hours("finding.late_entry_hours");
    if stops.iter().any(|stop| stop.approximate_departure.plus_seconds(late) < txn.now) {
        txn.note("TIME-30");
    }
    let mut spans: Vec<_> =
        stops.iter().map(|it| (it.approximate_departure, it.approximate_arrival)).collect();
    spans.sort_unstable();
    let overlap = spans.windows(2).any(|pair| pair[1].0 < pair[0].1);
    if overlap && txn.profile().on("finding.overlapping_stops") {
        txn.note("MAN-22");
    }
    Ok(())
}
