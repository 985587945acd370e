//! A naive model of what licensees own: rows as they are shown, and the few facts behind them.
//!
//! It shares no code with the sandbox: it is the rulebook told a second time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use tagtrail_tests::{
    amount::number,
    dice::mixed,
    world::{WORLD, identifiers},
};

use crate::kind::{Key, Kind};

/// The companies that act, with the one that has few tags.
pub(crate) const COMPANIES: &[&str] =
    &["604900101", "604900103", "604900111", "604900121", "604900141", "604900161"];

/// What undoing a drying brings back.
#[derive(Clone, Debug)]
pub(crate) struct Drying {
    pub(crate) at: u64,
    pub(crate) wet: i64,
    /// The last use before it.
    pub(crate) used: u64,
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
    /// The write that used it last (WIRE-54), 0 if none did.
    pub(crate) used: u64,
    /// The writes that made lots and products of it or sampled it, as long as they are not undone.
    pub(crate) holders: BTreeSet<u64>,
    pub(crate) dried: Option<Drying>,
    /// Its place among all rows, by age.
    pub(crate) born: usize,
    /// What the dice call it: the step that made it and its place there, or its identifier.
    pub(crate) name: u64,
}

impl Row {
    pub(crate) fn new(wire: Value, ubi: &'static str) -> Self {
        Self {
            wire,
            ubi,
            transferred: false,
            scheduled: false,
            uploaded_by: None,
            untouchable: false,
            used: 0,
            holders: BTreeSet::new(),
            dried: None,
            born: 0,
            name: 0,
        }
    }

    pub(crate) fn is(&self, field: &str) -> bool {
        self.wire[field] == true
    }

    /// Whether something hangs on it, so that what made it cannot be undone (WIRE-54).
    pub(crate) fn is_used(&self) -> bool {
        self.used > 0 || !self.holders.is_empty()
    }

    /// A plant that still grows or dries.
    pub(crate) fn lives(&self) -> bool {
        !self.is("Deleted") && self.wire["State"] != "Cured"
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) ubi: &'static str,
    pub(crate) license: String,
    pub(crate) grows: bool,
    pub(crate) harvests: bool,
    pub(crate) dries: bool,
    pub(crate) lots: bool,
    pub(crate) converts: bool,
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
    /// The step that is played.
    pub(crate) step: usize,
    /// How many rows ever were.
    pub(crate) births: usize,
    entangled: BTreeSet<String>,
    /// Plants of the seed world that were treated or gave cuttings.
    used: BTreeSet<String>,
}

impl Model {
    pub(crate) fn new() -> Self {
        let world: Value = serde_json::from_str(WORLD).unwrap();
        let mut entangled = BTreeSet::new();
        for part in ["Invoices", "Manifests", "Transfers", "LabSamples", "OnPaper", "Adjustments"] {
            entangled.extend(identifiers(&world[part].to_string()));
        }
        let company = |ubi: &Value| COMPANIES.iter().copied().find(|known| ubi == known);
        let rows = |name: &str| world[name].as_array().unwrap().clone();
        let site = |it: Value| {
            let kind = it["Type"].as_u64()?;
            Some(Site {
                ubi: company(&it["UBI"])?,
                license: it["LocationLicense"].as_str()?.to_owned(),
                grows: [1, 2, 6, 12].contains(&kind),
                harvests: [1, 2, 6].contains(&kind),
                dries: [1, 2, 3, 4, 6].contains(&kind),
                lots: [1, 2, 3, 6].contains(&kind),
                converts: [3, 6].contains(&kind),
                pays_tags: ![7, 8, 13, 14, 15, 16].contains(&kind),
            })
        };
        let balance = |it: Value| Some((company(&it["UBI"])?, it["Balance"].as_u64()?));
        let treated = rows("Additives").into_iter().map(|it| it["PlantID"].to_string());
        let rooted = rows("Inventory").into_iter().map(|it| it["SourcePlantID"].to_string());
        let used: Vec<String> = treated.chain(rooted).collect();
        Self {
            rows: BTreeMap::new(),
            transaction: 0,
            hours: 0,
            sites: rows("Vendors").into_iter().filter_map(site).collect(),
            tags: rows("TagBalances").into_iter().filter_map(balance).collect(),
            numbers: BTreeMap::new(),
            seen: identifiers(WORLD).collect(),
            step: 0,
            births: 0,
            entangled,
            used: identifiers(&used.join(" ")).collect(),
        }
    }

    /// Takes a row of the seed world as it is.
    pub(crate) fn learn(&mut self, ubi: &'static str, kind: Kind, wire: Value) {
        let key = Key::of(kind, &wire);
        let untouchable =
            self.entangled.contains(&key.id) || wire["IsSample"] == true || kind == Kind::Sample;
        let row = Row {
            transferred: wire["Status"] == "Transferred",
            scheduled: wire["Status"] == "Scheduled for Destruction",
            untouchable,
            used: u64::from(kind == Kind::Plant && self.used.contains(&key.id)),
            born: self.births,
            name: key.id.bytes().fold(1, |name, byte| mixed(name ^ u64::from(byte))),
            ..Row::new(wire, ubi)
        };
        self.births += 1;
        self.rows.insert(key, row);
    }

    /// Whether the seed world names an identifier, wherever its goods are now.
    pub(crate) fn is_seeded(&self, id: &str) -> bool {
        identifiers(WORLD).any(|it| it == id)
    }

    pub(crate) fn site(&self, license: &str) -> &Site {
        self.sites.iter().find(|site| site.license == license).unwrap()
    }

    pub(crate) fn second(&self) -> u64 {
        1_753_707_600 + self.hours * 3_600
    }

    /// Today in New York (TIME-03), four hours behind.
    pub(crate) fn today(&self) -> String {
        calendar((9 + self.hours) / 24)
    }

    /// The moment as it is shown.
    pub(crate) fn moment(&self) -> String {
        format!("{}T{:02}:00:00Z", calendar((13 + self.hours) / 24), (13 + self.hours) % 24)
    }

    /// The row that a company sees under an id; of goods that went from one of its sites to another
    /// the row of the site that has them.
    pub(crate) fn own(&self, ubi: &'static str, kind: Kind, id: &str) -> Option<(&Key, &Row)> {
        let rows = self.of(ubi, kind).filter(|(key, _)| key.id == id);
        rows.min_by_key(|(_, row)| row.transferred)
    }

    /// All rows of a kind that a company sees.
    pub(crate) fn of(&self, ubi: &'static str, kind: Kind) -> impl Iterator<Item = (&Key, &Row)> {
        self.all(kind).filter(move |(_, row)| row.ubi == ubi)
    }

    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Row)> {
        let first = Key { kind, id: String::new(), site: String::new() };
        self.rows.range(first..).take_while(move |(key, _)| key.kind == kind)
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

/// The date some days after the world begins.
fn calendar(days: u64) -> String {
    let day = 28 + days;
    if day <= 31 { format!("2025-07-{day:02}") } else { format!("2025-08-{:02}", day - 31) }
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
