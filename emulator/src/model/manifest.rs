//! Trips: who drives what, to which stops, with which items.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Barcode, Day, Kind, Moment, Quantity, Record, blank};

/// Another record that this one shows as it stands when somebody looks; nothing in the store (SYNC-23).
pub type Embedded = Option<Box<RawValue>>;

/// A planned trip and how far it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Manifest {
    pub city: String,
    pub completed: bool,
    #[serde(with = "blank")]
    pub completion_date: Option<Moment>,
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub deleted: bool,
    pub driver: Vec<ManifestDriver>,
    pub driver_arrived: bool,
    pub in_transit: bool,
    pub is_accepted: bool,
    pub is_parked: bool,
    /// The sender.
    pub license_number: String,
    /// What the reader may do next; nothing in the store (MAN-05).
    pub links: Vec<NextCall>,
    #[serde(rename = "ManifestID")]
    pub manifest_id: Barcode,
    pub name: String,
    pub phone: String,
    pub received: bool,
    pub session_time: i64,
    pub state: String,
    pub stop: Vec<ManifestStop>,
    pub stop_count: usize,
    pub street: String,
    pub third_party_transporter: Option<ThirdPartyTransporter>,
    pub total_item_count: usize,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "Type")]
    pub kind: ManifestType,
    #[serde(with = "blank")]
    pub updated_on: Option<Moment>,
    pub vehicle: Option<ManifestVehicle>,
    pub zip: String,
}

/// Who drives, and why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ManifestType {
    /// The sender drives.
    Standard,
    /// The buyer drives.
    Pickup,
    /// A transporter drives.
    ThirdParty,
    /// Goods that were accepted earlier go back.
    Return,
    /// A shop hands sales over to consumers.
    Delivery,
    /// Made by the system: what was not accepted goes back.
    Rejected,
}

impl ManifestType {
    /// What the wire calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Pickup => "Pickup",
            Self::ThirdParty => "ThirdParty",
            Self::Return => "Return",
            Self::Delivery => "Delivery",
            Self::Rejected => "Rejected",
        }
    }
}

/// A call that is open to the reader.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NextCall {
    pub href: String,
    pub method: String,
    pub rel: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestDriver {
    #[serde(rename = "DateofBirth", with = "blank")]
    pub born: Option<Day>,
    /// Of the carrier's employee; 0 for a driver in words.
    #[serde(rename = "ID")]
    pub id: u64,
    pub name: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestVehicle {
    /// Make, model, color and plate.
    pub description: String,
    /// Of the carrier's vehicle, as text; empty for one in words.
    #[serde(rename = "ID")]
    pub id: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ThirdPartyTransporter {
    pub license_number: String,
    pub name: String,
}

/// Where something is unloaded, or handed over.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestStop {
    #[serde(with = "blank")]
    pub approximate_arrival: Option<Moment>,
    #[serde(with = "blank")]
    pub approximate_departure: Option<Moment>,
    pub approximate_route: String,
    pub city: String,
    pub driver_arrived: bool,
    #[serde(with = "blank")]
    pub driver_arrived_time: Option<Moment>,
    #[serde(rename = "ID")]
    pub id: u64,
    pub invoice: Embedded,
    #[serde(rename = "InvoiceID", with = "blank")]
    pub invoice_id: Option<Barcode>,
    pub item: Vec<ManifestItem>,
    pub items_count: usize,
    /// What the reader may do next; nothing in the store (MAN-05).
    pub links: Vec<NextCall>,
    /// The receiver; empty on a Delivery.
    pub location_license: String,
    #[serde(rename = "ManifestID")]
    pub manifest_id: Barcode,
    pub name: String,
    #[serde(with = "blank")]
    pub parked_time: Option<Moment>,
    pub phone: String,
    pub resumed_directions: String,
    #[serde(with = "blank")]
    pub resumed_estimated_arrival: Option<Moment>,
    #[serde(with = "blank")]
    pub resumed_estimated_departure: Option<Moment>,
    #[serde(with = "blank")]
    pub resumed_time: Option<Moment>,
    pub state: String,
    pub stop_number: u32,
    pub transporter_parked: bool,
    pub transporter_resumed: bool,
    pub zip_code: String,
}

impl ManifestStop {
    /// As it was before anybody drove there.
    pub fn plan_again(&mut self) {
        self.driver_arrived = false;
        self.driver_arrived_time = None;
        self.transporter_parked = false;
        self.transporter_resumed = false;
        self.parked_time = None;
        self.resumed_time = None;
        self.resumed_estimated_arrival = None;
        self.resumed_estimated_departure = None;
        self.resumed_directions.clear();
    }
}

/// One whole item on the way to a stop.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestItem {
    pub deleted: bool,
    pub description: String,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    #[serde(rename = "ManifestID")]
    pub manifest_id: Barcode,
    /// In the unit of the item.
    pub quantity: Quantity,
    pub quantity_received: Quantity,
    pub session_time: i64,
    pub stop_number: u32,
    /// The write that last touched it; 0 until the write under way is stored.
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// What the world knows of a manifest and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ManifestFacts {
    /// How far each stop is, in the order of the stops.
    pub stops: Vec<StopFacts>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StopFacts {
    pub shipped_on: Option<Moment>,
    /// The live transfer that shipping made; none on a Delivery.
    pub transfer: Option<u64>,
    pub settled: bool,
    /// When the arrival was entered, which may be later than the arrival (SALE-72).
    pub marked_on: Option<Moment>,
    /// It was shipped once, so that its receiver has seen it (MAN-07).
    pub seen: bool,
    /// Delivery only: the sale that is handed over.
    pub sale: Option<u64>,
}

impl Manifest {
    /// The items of all stops.
    pub fn items(&self) -> impl Iterator<Item = &ManifestItem> + Clone {
        self.stop.iter().flat_map(|stop| &stop.item)
    }

    /// When the first stop is driven to.
    pub fn departure(&self) -> Option<Moment> {
        self.stop.iter().filter_map(|stop| stop.approximate_departure).min()
    }

    /// The license that carries: the sender, or the transporter, or, of a pickup, the buyer.
    pub fn carrier(&self) -> &str {
        match (&self.third_party_transporter, self.kind) {
            (Some(transporter), _) => &transporter.license_number,
            (None, ManifestType::Pickup) => {
                self.stop.first().map_or("", |stop| stop.location_license.as_str())
            }
            (None, _) => &self.license_number,
        }
    }
}

impl Record for Manifest {
    const KIND: Kind = Kind::Manifest;
    type Facts = ManifestFacts;
    const SITE_FIELDS: &'static [&'static str] = &["LicenseNumber"];

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
        self.updated_on = Moment::from_second(second);
        let items = self.stop.iter_mut().flat_map(|stop| &mut stop.item);
        for item in items.filter(|item| item.transaction_id == 0) {
            item.transaction_id = transaction;
            item.session_time = second;
        }
    }

    /// Counts, and what is true of the trip because it is true of its stops.
    fn settle(&mut self, _: &ManifestFacts) {
        for stop in &mut self.stop {
            stop.items_count = stop.item.len();
        }
        self.stop_count = self.stop.len();
        self.total_item_count = self.stop.iter().map(|stop| stop.items_count).sum();
        self.driver_arrived =
            !self.stop.is_empty() && self.stop.iter().all(|stop| stop.driver_arrived);
        self.is_parked = self.stop.iter().any(|stop| stop.transporter_parked);
    }
}
