//! A naive model of what licensees own: rows as they are shown, and the few facts behind them.
//!
//! It shares no code with the sandbox: it is the rulebook told a second time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const WORLD: &str = include_str!("../../../schemas/worlds/default.json");

/// The companies that act, with the one that has few tags.
pub(crate) const COMPANIES: &[&str] =
    &["604900101", "604900103", "604900111", "604900121", "604900141", "604900161"];

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    GrowRoom,
    InventoryRoom,
    Inventory,
    Adjustment,
    Employee,
    Vehicle,
    User,
}

impl Kind {
    #[rustfmt::skip]
    pub(crate) const ALL: &[Self] = &[
        Self::GrowRoom, Self::InventoryRoom, Self::Inventory, Self::Adjustment, Self::Employee,
        Self::Vehicle, Self::User,
    ];

    /// Where it is listed, and below it shown.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::GrowRoom => "/v1/plant/room",
            Self::InventoryRoom => "/v1/inventory/room",
            Self::Inventory => "/v1/inventory",
            Self::Adjustment => "/v1/inventory/adjustment",
            Self::Employee => "/v1/employee",
            Self::Vehicle => "/v1/vehicle",
            Self::User => "/v1/user",
        }
    }

    /// The entity's published name.
    pub(crate) fn entity(self) -> &'static str {
        match self {
            Self::GrowRoom => "GrowRoom",
            Self::InventoryRoom => "InventoryRoom",
            Self::Inventory => "Inventory",
            Self::Adjustment => "InventoryAdjustment",
            Self::Employee => "Employee",
            Self::Vehicle => "Vehicle",
            Self::User => "User",
        }
    }
}

/// A row's name. Goods that change hands have a row at each site, so the site is part of it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) site: String,
}

impl Key {
    pub(crate) fn of(kind: Kind, wire: &Value) -> Self {
        let id = wire["ID"].as_str().map_or_else(|| wire["ID"].to_string(), str::to_owned);
        let site = wire["LocationLicense"].as_str().unwrap_or_default().to_owned();
        Self { kind, id, site }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) wire: Value,
    pub(crate) ubi: &'static str,
    pub(crate) transferred: bool,
    pub(crate) scheduled: bool,
    /// The license whose initial upload entered it.
    pub(crate) uploaded_by: Option<String>,
    /// It hangs on documents that the model does not know.
    pub(crate) untouchable: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) ubi: &'static str,
    pub(crate) license: String,
    pub(crate) grows: bool,
    pub(crate) pays_tags: bool,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) transaction: u64,
    pub(crate) hours: u64,
    pub(crate) sites: Vec<Site>,
    pub(crate) tags: BTreeMap<&'static str, u64>,
    /// Number of the latest record of a kind, once one was made.
    pub(crate) numbers: BTreeMap<Kind, u64>,
    /// Every identifier that ever was.
    pub(crate) seen: BTreeSet<String>,
    /// Mother plants: identifier, site, strain.
    pub(crate) mothers: Vec<[String; 3]>,
    /// Plant rooms of the seed world in which something grows, and those of which nobody knows.
    pub(crate) planted: BTreeSet<String>,
    /// What must be there in all, in millionths, by whether it is counted.
    pub(crate) stock: BTreeMap<bool, i128>,
    entangled: BTreeSet<String>,
}

impl Model {
    pub(crate) fn new() -> Self {
        let world: Value = serde_json::from_str(WORLD).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut entangled = BTreeSet::new();
        for part in ["Invoices", "Manifests", "Transfers", "LabSamples", "OnPaper", "Adjustments"] {
            entangled.extend(identifiers(&world[part].to_string()));
        }
        let company = |ubi: &Value| COMPANIES.iter().copied().find(|known| ubi == known);
        let rows = |name: &str| world[name].as_array().unwrap().clone();
        let sites = rows("Vendors").into_iter().filter_map(|it| {
            Some(Site {
                ubi: company(&it["UBI"])?,
                license: text(&it["LocationLicense"]),
                grows: [1, 2, 6, 12].contains(&it["Type"].as_u64()?),
                pays_tags: ![7, 8, 13, 14, 15, 16].contains(&it["Type"].as_u64()?),
            })
        });
        let balance = |it: Value| Some((company(&it["UBI"])?, it["Balance"].as_u64()?));
        let mother = |it: &Value| [text(&it["ID"]), text(&it["Location"]), text(&it["Strain"])];
        let mothers = rows("Plants").into_iter().filter(|it| it["Mother"] == true);
        Self {
            rows: BTreeMap::new(),
            transaction: 0,
            hours: 0,
            sites: sites.collect(),
            tags: rows("TagBalances").into_iter().filter_map(balance).collect(),
            numbers: BTreeMap::new(),
            seen: identifiers(WORLD).collect(),
            mothers: mothers.map(|it| mother(&it)).collect(),
            planted: rows("GrowRooms").iter().map(|it| it["ID"].to_string()).collect(),
            stock: BTreeMap::new(),
            entangled,
        }
    }

    /// Takes a row of the seed world as it is.
    pub(crate) fn learn(&mut self, ubi: &'static str, kind: Kind, wire: Value) {
        let key = Key::of(kind, &wire);
        let untouchable = self.entangled.contains(&key.id) || wire["IsSample"] == true;
        let row = Row {
            ubi,
            transferred: wire["Status"] == "Transferred",
            scheduled: wire["Status"] == "Scheduled for Destruction",
            uploaded_by: None,
            untouchable,
            wire,
        };
        self.weigh(&row.wire, 1);
        self.rows.insert(key, row);
    }

    /// Books a row's amount.
    pub(crate) fn weigh(&mut self, wire: &Value, sign: i128) {
        if wire["UOM"].is_string() {
            let amount = i128::from(micros(&wire["RemainingAmount"])) * grams(&wire["UOM"]);
            *self.stock.entry(wire["UnitBased"] == true).or_default() += sign * amount;
        }
    }

    pub(crate) fn site(&self, license: &str) -> &Site {
        self.sites.iter().find(|site| site.license == license).unwrap()
    }

    pub(crate) fn second(&self) -> u64 {
        1_753_707_600 + self.hours * 3_600
    }

    /// The moment as it is shown.
    fn moment(&self) -> String {
        let (day, hour) = ((27 + (13 + self.hours) / 24), (13 + self.hours) % 24);
        let (month, day) = if day < 31 { (7, day + 1) } else { (8, day - 30) };
        format!("2025-{month:02}-{day:02}T{hour:02}:00:00Z")
    }

    /// The row that a company sees under an id; of goods that went from one of its sites to another
    /// the row of the site that has them.
    pub(crate) fn own(&self, ubi: &'static str, kind: Kind, id: &str) -> Option<(&Key, &Row)> {
        let rows = self.of(ubi, kind).filter(|(key, _)| key.id == id);
        rows.min_by_key(|(_, row)| row.transferred)
    }

    /// All rows of a kind that a company sees.
    pub(crate) fn of(&self, ubi: &'static str, kind: Kind) -> impl Iterator<Item = (&Key, &Row)> {
        self.rows.iter().filter(move |(key, row)| key.kind == kind && row.ubi == ubi)
    }

    pub(crate) fn quarantines(&self, room: &Value) -> bool {
        let id = room.to_string();
        let mut rooms = self.rows.iter().filter(|(key, _)| key.kind == Kind::InventoryRoom);
        rooms.any(|(key, row)| key.id == id && row.wire["Quarantine"] == true)
    }

    /// What the status of an item is called (rulebook 9.7).
    pub(crate) fn settle(&self, row: &mut Row) {
        let wire = &row.wire;
        let status = if wire["Destroyed"] == true {
            "Destroyed"
        } else if row.transferred {
            "Transferred"
        } else if wire["Seized"] == true {
            "Seized"
        } else if row.scheduled {
            "Scheduled for Destruction"
        } else if wire["Restocked"] == true {
            "Restocked"
        } else if self.quarantines(&wire["RoomID"]) {
            "Quarantined"
        } else if micros(&wire["RemainingAmount"]) <= 0 {
            "Depleted"
        } else {
            "Available"
        };
        row.wire["Status"] = json!(status);
    }

    /// Puts the number and the time of a write on a row.
    pub(crate) fn stamp(&self, wire: &mut Value, transaction: u64) {
        wire["TransactionID"] = json!(transaction);
        if !wire["SessionTime"].is_null() {
            wire["SessionTime"] = json!(self.second());
        }
        if !wire["UpdatedOn"].is_null() {
            wire["UpdatedOn"] = json!(self.moment());
        }
    }
}

/// All texts of sixteen digits.
pub(crate) fn identifiers(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split('"');
    let is_one = |part: &&str| part.len() == 16 && part.bytes().all(|it| it.is_ascii_digit());
    parts.filter(is_one).map(str::to_owned)
}

/// A number in millionths.
pub(crate) fn micros(number: &Value) -> i64 {
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: i64 = format!("{part:0<6}")[..6].parse().unwrap();
    let whole_micros = whole.parse::<i64>().unwrap() * 1_000_000;
    if whole.starts_with('-') { whole_micros - part } else { whole_micros + part }
}

/// Millionths as the shortest number.
pub(crate) fn number(micros: i64) -> Value {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    serde_json::from_str(text).unwrap()
}

/// A unit's share of the stock, in billionths of a gram or of a piece.
fn grams(unit: &Value) -> i128 {
    match unit.as_str() {
        Some("mg") => 1_000_000,
        Some("kg") => 1_000_000_000_000,
        Some("oz") => 28_349_523_125,
        Some("lb") => 453_592_370_000,
        _ => 1_000_000_000,
    }
}

/// A new item before it has an identifier.
pub(crate) fn item(license: &str, kind: u32, counted: bool, amount: i64, room: &Value) -> Value {
    let mut wire: Map<String, Value> = serde_json::from_value(json!({
        "ActiveSampleInventoryID": "", "Deleted": false, "Destroyed": false, "Dried": false,
        "ExpirationDate": "", "ExternalID": "", "ID": "", "Initial": false,
        "InventoryParentID": [], "IsSample": false, "LabSample": [], "MedUsableWeight": 0,
        "Medicated": false, "NetPackageWeight": 0, "PackageDate": "", "ProductName": "",
        "ProductionBatchID": 0, "QAStatus": "Untested", "RecUsableWeight": 0, "Remediated": false,
        "RemediationCount": 0, "RemediationEligible": false, "Restocked": false, "Rework": false,
        "Seized": false, "SessionTime": 0, "SourcePlantID": "", "StateProductIdentifier": "",
        "Status": "Available", "Strain": "", "TransactionID": 0, "UsableWeight": 0,
    }))
    .unwrap();
    wire.insert("InventoryType".to_owned(), json!(kind));
    wire.insert("LocationLicense".to_owned(), json!(license));
    wire.insert("RemainingAmount".to_owned(), number(amount));
    wire.insert("RoomID".to_owned(), room.clone());
    wire.insert("UOM".to_owned(), json!(if counted { "each" } else { "g" }));
    wire.insert("UnitBased".to_owned(), json!(counted));
    Value::Object(wire)
}
