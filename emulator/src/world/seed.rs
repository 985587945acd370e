//! Fills a new world from its seed file: each record takes the next TransactionID, in the order of
//! the file, so that the same file gives the same numbers.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    CLOCK, ORIGIN, Origin,
    access::{APP, Access, App, CONSENT, Consent, company_scope, hex},
    counters::Counters,
    ledger::{Account, Commodity},
    tags::{TagBalance, tag_key},
    txn::{Around, Txn},
};
use crate::{
    fault::Fault,
    ids::{self, Minter, Secret},
    model::{Barcode, Day, Key, Kind, Link, Moment, Quantity, Scope, Stamp, to_base},
    password,
    profile::Profile,
    store::{Overlay, Row, Store},
};

/// The seed file does not fit.
#[derive(Debug, thiserror::Error)]
#[error("the world file does not fit: {0}")]
pub struct SeedError(pub String);

impl From<SeedError> for Fault {
    fn from(error: SeedError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Writes the origin and, if there is a seed file, all that stands in it.
pub fn fill(store: &Store, origin: &Origin) -> Result<(), Fault> {
    let profile = Profile::named(&origin.profile)
        .ok_or_else(|| SeedError(format!("no profile is called {}", origin.profile)))?;
    let file: Value = match &origin.people {
        Some(text) => serde_json::from_str(text).map_err(|error| SeedError(error.to_string()))?,
        None => json!({}),
    };
    let access = Access::default();
    let minter = Minter::new(origin.seed, &origin.name);
    let secret = Secret::new(origin.seed, &origin.name);
    let around = Around { profile, access: &access, minter: &minter, secret: &secret };
    let batch = store.batch()?;
    {
        let mut tables = batch.tables()?;
        let book = Book::read(&file)?;
        let mut counters = Counters::default();
        let now = origin.clock.now();
        let mut write = |work: &mut dyn FnMut(&mut Txn<'_, '_, '_>) -> Result<(), Fault>| {
            let overlay = Overlay::new(&mut tables);
            let mut txn = Txn::new(overlay, &around, None, counters.clone(), now);
            work(&mut txn)?;
            counters = txn.finish()?.1;
            Ok::<(), Fault>(())
        };
        write(&mut |txn| {
            txn.set_state(ORIGIN, origin)?;
            txn.set_state(CLOCK, &origin.clock)?;
            plant_state(txn, &book)
        })?;
        for list in LISTS {
            for entry in book.list(list.key) {
                write(&mut |txn| plant(txn, &book, list, entry))?;
            }
        }
    }
    Ok(batch.commit()?)
}

/// One list of the seed file and the kind that its entries become.
struct List {
    key: &'static str,
    kind: Kind,
    id: &'static str,
}

#[rustfmt::skip]
const LISTS: &[List] = &[
    List { key: "Vendors",        kind: Kind::Vendor,              id: "ID" },
    List { key: "Labs",           kind: Kind::Lab,                 id: "ID" },
    List { key: "Users",          kind: Kind::User,                id: "ID" },
    List { key: "LabUsers",       kind: Kind::LabUser,             id: "ID" },
    List { key: "Employees",      kind: Kind::Employee,            id: "ID" },
    List { key: "Vehicles",       kind: Kind::Vehicle,             id: "ID" },
    List { key: "GrowRooms",      kind: Kind::GrowRoom,            id: "ID" },
    List { key: "InventoryRooms", kind: Kind::InventoryRoom,       id: "ID" },
    List { key: "Plants",         kind: Kind::Plant,               id: "ID" },
    List { key: "HarvestBatches", kind: Kind::HarvestBatch,        id: "HarvestBatchID" },
    List { key: "Harvests",       kind: Kind::Harvest,             id: "HarvestID" },
    List { key: "Inventory",      kind: Kind::Inventory,           id: "ID" },
    List { key: "LabSamples",     kind: Kind::LabSample,           id: "ID" },
    List { key: "Adjustments",    kind: Kind::InventoryAdjustment, id: "ID" },
    List { key: "Ingredients",    kind: Kind::InventoryIngredient, id: "ID" },
    List { key: "Additives",      kind: Kind::PlantAdditive,       id: "ID" },
    List { key: "Invoices",       kind: Kind::Invoice,             id: "InvoiceID" },
    List { key: "Manifests",      kind: Kind::Manifest,            id: "ManifestID" },
    List { key: "Transfers",      kind: Kind::InventoryTransfer,   id: "ID" },
    List { key: "Sales",          kind: Kind::Sale,                id: "ID" },
];

/// Records that stand inside another one and are listed by themselves too.
#[rustfmt::skip]
const PARTS: &[(Kind, &str, Kind)] = &[
    (Kind::Harvest, "Derivative", Kind::HarvestDerivative),
];

/// The seed file, with what its records need to know of one another.
struct Book {
    file: Map<String, Value>,
}

impl Book {
    fn read(file: &Value) -> Result<Self, SeedError> {
        let known = |key: &str| {
            LISTS.iter().any(|list| list.key == key)
                || ["Integrators", "OnPaper", "TagBalances", "about"].contains(&key)
        };
        let file = file.as_object().ok_or_else(|| SeedError("it is no JSON object".to_owned()))?;
        for (key, value) in file {
            if value.is_array() && !known(key) {
                return Err(SeedError(format!("no list is called `{key}`")));
            }
        }
        Ok(Self { file: file.clone() })
    }

    fn list(&self, key: &str) -> &[Value] {
        self.file.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn find(&self, list: &str, key: &str, value: &Value) -> Option<&Value> {
        self.list(list).iter().find(|entry| entry[key] == *value)
    }

    /// A site or a laboratory by its license number.
    fn scope(&self, license: &Value) -> Result<Scope, SeedError> {
        let number = |entry: &Value| entry["ID"].as_u64().and_then(|id| u32::try_from(id).ok());
        let site = self.find("Vendors", "LocationLicense", license).and_then(number);
        let lab = self.find("Labs", "LicenseNumber", license).and_then(number);
        site.map(Scope::Site)
            .or(lab.map(Scope::Lab))
            .ok_or_else(|| SeedError(format!("no license {license}")))
    }
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().unwrap_or_default()
}

/// Software, consents and balances: state beside the records.
fn plant_state(txn: &mut Txn<'_, '_, '_>, book: &Book) -> Result<(), Fault> {
    let mut consents = 0;
    for entry in book.list("Integrators") {
        let client_id = text(entry, "ClientID").to_owned();
        let secret_hash =
            password::hash(txn.around.secret, &client_id, text(entry, "ClientSecret"));
        let app = App {
            name: text(entry, "Name").to_owned(),
            secret_hash,
            redirect_uris: strings(&entry["RedirectURIs"]),
            client_id: client_id.clone(),
        };
        txn.set_state(&format!("{APP}{client_id}"), &app)?;
        for given in entry["Consents"].as_array().into_iter().flatten() {
            consents += 1;
            plant_consent(txn, book, &client_id, consents, given)?;
        }
    }
    txn.set_state("consents", &consents)?;
    for entry in book.list("TagBalances") {
        let ubi = text(entry, "UBI");
        let granted = entry["Balance"].as_u64().unwrap_or_default();
        txn.set_state(&tag_key(ubi), &TagBalance { granted, ..Default::default() })?;
        // The balance of the file holds the free allotment, also of who has yet to join.
        for vendor in book.list("Vendors").iter().filter(|vendor| text(vendor, "UBI") == ubi) {
            txn.set_state(&format!("granted/{}", text(vendor, "LocationLicense")), &true)?;
        }
    }
    Ok(())
}

fn plant_consent(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    client_id: &str,
    id: u64,
    given: &Value,
) -> Result<(), Fault> {
    let ubi = text(given, "UBI");
    let own = book.list("Vendors").iter().filter(|vendor| text(vendor, "UBI") == ubi);
    let consent = Consent {
        id,
        client_id: client_id.to_owned(),
        ubi: ubi.to_owned(),
        licenses: own.map(|vendor| text(vendor, "LocationLicense").to_owned()).collect(),
        granted_by: text(given, "GrantedBy").to_owned(),
        granted_on: moment(&given["GrantedOn"])?,
        ends_on: moment(&given["ExpiresOn"])?,
        revoked: false,
        token: hex(&ids::digest(text(given, "AccessToken"))),
    };
    txn.set_state(&format!("{CONSENT}{client_id}/{ubi}"), &consent)
}

/// One entry becomes one record, with the parts that are listed by themselves.
fn plant(txn: &mut Txn<'_, '_, '_>, book: &Book, list: &List, entry: &Value) -> Result<(), Fault> {
    let transaction = txn.transaction();
    let mut wire = completed(list.kind.entity(), entry, transaction);
    let number = number(txn, list.kind, &entry[list.id])?;
    let scopes = scopes(book, list.kind, entry)?;
    derive(txn, book, list.kind, entry, &mut wire)?;
    let site = if list.kind == Kind::Inventory { scopes[0].code() } else { 0 };
    let facts = facts(txn, book, list.kind, entry)?;
    let row = row(list.kind, &wire, scopes.clone(), facts)?;
    txn.plant_row(Key { kind: list.kind, number, site }, row)?;
    for (_, part, kind) in PARTS.iter().filter(|(whole, _, _)| *whole == list.kind) {
        for piece in wire[*part].as_array().into_iter().flatten() {
            let number = self::number(txn, *kind, &piece["ID"])?;
            let row = self::row(*kind, piece, scopes.clone(), Value::Null)?;
            txn.plant_row(Key::new(*kind, number), row)?;
        }
    }
    if list.kind == Kind::Inventory {
        open_stock(txn, book, entry, number)?;
    }
    Ok(())
}

/// The entity's published fields: those of the entry, the rest with their zero values.
fn completed(entity: &str, entry: &Value, transaction: u64) -> Value {
    let mut fields = tagtrail_schemas::zero(entity);
    for (name, field) in &mut fields {
        let given = &entry[name.as_str()];
        match tagtrail_schemas::nested(entity, name) {
            Some(inner) => match given {
                Value::Array(pieces) => {
                    *field = pieces.iter().map(|it| completed(inner, it, transaction)).collect();
                }
                Value::Object(_) => *field = completed(inner, given, transaction),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            },
            None if !given.is_null() => *field = shortest(given),
            None => {}
        }
    }
    if fields.contains_key("TransactionID") {
        fields.insert("TransactionID".to_owned(), json!(transaction));
    }
    Value::Object(fields)
}

/// Decimals in their shortest form, as every other writer of this world leaves them.
fn shortest(value: &Value) -> Value {
    match value {
        Value::Number(number) => Quantity::parse(&number.to_string())
            .and_then(|quantity| serde_json::to_value(quantity).ok())
            .unwrap_or_else(|| value.clone()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            value.clone()
        }
    }
}

fn number(txn: &mut Txn<'_, '_, '_>, kind: Kind, id: &Value) -> Result<u64, Fault> {
    if let Some(number) = id.as_u64() {
        txn.counters.pass(kind, number);
        return Ok(number);
    }
    let barcode = id.as_str().and_then(Barcode::parse);
    let barcode = barcode.ok_or_else(|| SeedError(format!("{id} is no identifier")))?;
    // The same goods may stand on several books, so a second claim is no mistake here.
    txn.claim(barcode)?;
    Ok(txn.number_of(barcode))
}

fn scopes(book: &Book, kind: Kind, entry: &Value) -> Result<Vec<Scope>, SeedError> {
    let licenses: Vec<&Value> = match kind {
        Kind::Vendor | Kind::Lab => return Ok(vec![Scope::State]),
        Kind::User | Kind::Employee | Kind::Vehicle => {
            return Ok(vec![company_scope(text(entry, "UBI"))]);
        }
        Kind::LabUser => vec![&entry["LicenseNumber"]],
        Kind::Plant => vec![&entry["Location"]],
        Kind::LabSample => vec![&entry["LocationLicense"], &entry["LabLicense"]],
        Kind::Invoice => vec![&entry["LocationLicense"], &entry["BuyerLocationLicense"]],
        Kind::Manifest => {
            let stops = entry["Stop"].as_array().into_iter().flatten();
            let carrier = &entry["ThirdPartyTransporter"]["LicenseNumber"];
            let stops = stops.map(|stop| &stop["LocationLicense"]);
            [&entry["LicenseNumber"], carrier].into_iter().chain(stops).collect()
        }
        Kind::InventoryTransfer => vec![&entry["OutboundLicense"], &entry["InboundLicense"]],
        Kind::Sale => {
            let shop = book.find("Vendors", "ID", &entry["Location"]);
            vec![shop.map_or(&Value::Null, |vendor| &vendor["LocationLicense"])]
        }
        Kind::GrowRoom
        | Kind::InventoryRoom
        | Kind::PlantAdditive
        | Kind::HarvestBatch
        | Kind::Harvest
        | Kind::HarvestDerivative
        | Kind::PlantCure
        | Kind::CureDerivative
        | Kind::Inventory
        | Kind::InventoryAdjustment
        | Kind::InventoryIngredient
        | Kind::InventoryConversion => vec![&entry["LocationLicense"]],
    };
    let mut scopes = Vec::new();
    for license in licenses.into_iter().filter(|license| !license.is_null()) {
        let scope = book.scope(license)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// What follows from the rest of the file (its `about` text says so).
fn derive(
    txn: &Txn<'_, '_, '_>,
    book: &Book,
    kind: Kind,
    entry: &Value,
    wire: &mut Value,
) -> Result<(), Fault> {
    let transaction = wire["TransactionID"].as_u64().unwrap_or_default();
    if !wire["SessionTime"].is_null() {
        wire["SessionTime"] = json!(txn.now.second());
    }
    for stamp in ["CreatedOn", "UpdatedOn"] {
        if wire[stamp] == json!("") {
            wire[stamp] = json!(txn.now);
        }
    }
    match kind {
        Kind::Vendor => {
            let types = tagtrail_schemas::catalogue("location_types");
            let known = types.iter().find(|it| it["ID"] == entry["Type"]);
            let known = known.ok_or_else(|| SeedError(format!("no type {}", entry["Type"])))?;
            for flag in ["Processor", "Producer", "Retail", "Transporter"] {
                wire[flag] = known[flag].clone();
            }
        }
        Kind::Inventory => {
            let types = tagtrail_schemas::catalogue("inventory_types");
            let known = types.iter().find(|it| it["ID"] == entry["InventoryType"]);
            wire["UnitBased"] = known.map_or(json!(false), |it| it["UnitBased"].clone());
            if entry["MedUsableWeight"].is_null() {
                wire["MedUsableWeight"] = wire["RecUsableWeight"].clone();
            }
            if let Some(sample) = book.find("LabSamples", "ID", &entry["Sample"]) {
                wire["ActiveSampleInventoryID"] = sample["InventoryID"].clone();
                let mut sample = completed("LabSample", sample, transaction);
                sample["SessionTime"] = json!(txn.now.second());
                wire["LabSample"] = json!([sample]);
            }
            if entry["Status"].is_null() {
                let left = entry["RemainingAmount"].as_u64() != Some(0);
                wire["Status"] = json!(if left { "Available" } else { "Depleted" });
                if in_quarantine(book, entry) {
                    wire["Status"] = json!("Quarantined");
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn in_quarantine(book: &Book, entry: &Value) -> bool {
    let room = book.find("InventoryRooms", "ID", &entry["RoomID"]);
    room.is_some_and(|room| room["Quarantine"] == json!(true))
}

/// What the world knows beside the published fields.
fn facts(txn: &Txn<'_, '_, '_>, book: &Book, kind: Kind, entry: &Value) -> Result<Value, Fault> {
    Ok(match kind {
        Kind::User | Kind::LabUser => {
            let owner = format!("{}/{}", kind.entity(), entry["ID"]);
            let hash = password::hash(txn.around.secret, &owner, text(entry, "Password"));
            json!({ "password_hash": hash })
        }
        Kind::Vendor => {
            let joined = Day::parse(text(entry, "LegacyComplyDate")).map(Day::start);
            json!({ "integrated_on": joined, "suspended": false })
        }
        Kind::Lab => json!({ "integrated_on": null, "suspended": false }),
        Kind::Inventory => {
            let id = &entry["ID"];
            let papers = book.list("OnPaper").iter().filter(|paper| paper["ID"] == *id);
            let papers: Vec<&Value> = papers.collect();
            let on_paper: Map<String, Value> = papers
                .iter()
                .map(|paper| (text(paper, "Holder").to_owned(), paper["Amount"].clone()))
                .collect();
            json!({
                "manifest": open_manifest(book, id),
                "invoice": live_invoice(book, id),
                "quarantine_room": in_quarantine(book, entry),
                "on_paper": on_paper,
                "last_lowered_for": papers.last().map(|paper| text(paper, "Holder")),
            })
        }
        _ => Value::Null,
    })
}

fn open_manifest(book: &Book, id: &Value) -> Option<Value> {
    let named = |manifest: &&Value| {
        let stops = manifest["Stop"].as_array().into_iter().flatten();
        stops
            .flat_map(|stop| stop["Item"].as_array().into_iter().flatten())
            .any(|item| item["InventoryID"] == *id)
    };
    let open = |manifest: &&Value| manifest["Completed"] != json!(true);
    let manifest = book.list("Manifests").iter().filter(open).find(named)?;
    Some(manifest["ManifestID"].clone())
}

fn live_invoice(book: &Book, id: &Value) -> Option<Value> {
    let settled = |invoice: &&Value| {
        let of = |manifest: &&Value| {
            let mut stops = manifest["Stop"].as_array().into_iter().flatten();
            stops.any(|stop| stop["InvoiceID"] == invoice["InvoiceID"])
        };
        book.list("Manifests").iter().filter(of).any(|it| it["Completed"] == json!(true))
    };
    let named = |invoice: &&Value| {
        let lines = invoice["Inventory"].as_array();
        lines.into_iter().flatten().any(|line| line["InventoryID"] == *id)
    };
    let live = |invoice: &&Value| invoice["Deleted"] != json!(true) && !settled(invoice);
    let invoice = book.list("Invoices").iter().filter(live).find(named)?;
    Some(invoice["InvoiceID"].clone())
}

fn row(kind: Kind, wire: &Value, scopes: Vec<Scope>, facts: Value) -> Result<Row, Fault> {
    let room = wire["RoomID"].as_u64().filter(|number| *number > 0);
    let to = match kind {
        Kind::Plant => Some(Kind::GrowRoom),
        Kind::Inventory => Some(Kind::InventoryRoom),
        _ => None,
    };
    let links = to.zip(room).map(|(to, number)| Link { to, number }).into_iter().collect();
    let bytes = |value: &Value| serde_json::to_vec(value).map_err(|it| SeedError(it.to_string()));
    let (wire, facts) = (bytes(wire)?, bytes(&facts)?);
    Ok(Row { wire, scopes, links, stamp: Stamp::default(), facts })
}

/// Books what remains as opening stock, and closes the row of the site that shipped the item.
fn open_stock(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    entry: &Value,
    number: u64,
) -> Result<(), Fault> {
    let barcode = Barcode::parse(text(entry, "ID")).ok_or_else(|| SeedError("no ID".to_owned()))?;
    let license = text(entry, "LocationLicense").to_owned();
    let uom = text(entry, "UOM");
    let amount = |value: &Value| {
        let amount = Quantity::parse(&value.to_string());
        amount.and_then(|amount| to_base(amount, uom)).unwrap_or_default()
    };
    let commodity = if uom == "each" { Commodity::Each } else { Commodity::Grams };
    let (item, opening) = (Account::Item(barcode), Account::Opening(license.clone()));
    txn.post(&opening, &item, commodity, amount(&entry["RemainingAmount"]))?;
    for paper in book.list("OnPaper").iter().filter(|paper| paper["ID"] == entry["ID"]) {
        let gone = amount(&paper["Amount"]);
        let named = text(paper, "Holder").to_owned();
        txn.post(&opening, &item, commodity, gone)?;
        txn.post(
            &item,
            &Account::AdjustedFor { named, license: license.clone() },
            commodity,
            gone,
        )?;
    }
    if !entry["From"].is_null() {
        let mut closed = entry.clone();
        for (key, value) in [
            ("LocationLicense", entry["From"].clone()),
            ("RemainingAmount", json!(0)),
            ("RoomID", json!(0)),
            ("Status", json!("Transferred")),
        ] {
            closed[key] = value;
        }
        let mut wire = completed("Inventory", &closed, txn.transaction());
        derive(txn, book, Kind::Inventory, &closed, &mut wire)?;
        let scope = book.scope(&entry["From"])?;
        let row = row(Kind::Inventory, &wire, vec![scope], json!({ "transferred": true }))?;
        txn.plant_row(Key { kind: Kind::Inventory, number, site: scope.code() }, row)?;
    }
    Ok(())
}

fn moment(value: &Value) -> Result<Moment, SeedError> {
    let at = value.as_str().and_then(Moment::parse);
    at.ok_or_else(|| SeedError(format!("{value} is no time")))
}

fn strings(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The seed world that is built in, by name.
pub fn built_in(name: &str) -> Option<Arc<str>> {
    tagtrail_schemas::world(name).map(Arc::from)
}
