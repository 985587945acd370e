//! The lists of the seed file, and what of a record follows from the rest of the file.

use serde_json::{Value, json};

use super::{
    SeedError,
    book::{Book, text},
    commerce, goods, growing,
};
use crate::{
    model::{Day, Kind},
    world::txn::Txn,
};

/// One list of the seed file and the kind that its entries become.
pub(super) struct List {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) id: &'static str,
    /// Whose lists an entry stands in: license numbers or UBIs; none for the state's directory.
    pub(super) licenses: fn(&Book, &Value) -> Vec<Value>,
    /// Published fields that follow from the rest of the file.
    pub(super) derive: Derive,
    /// What the world knows beside the published fields.
    pub(super) facts: fn(&Txn<'_, '_, '_>, &Book, &Value) -> Value,
}

type Derive = fn(&mut Txn<'_, '_, '_>, &Book, &Value, &mut Value) -> Result<(), SeedError>;

#[rustfmt::skip]
pub(super) const LISTS: &[List] = &[
    List { key: "Vendors",        kind: Kind::Vendor,              id: "ID",             licenses: nobody,      derive: license_flags, facts: joined },
    List { key: "Labs",           kind: Kind::Lab,                 id: "ID",             licenses: nobody,      derive: nothing,       facts: joined },
    List { key: "Users",          kind: Kind::User,                id: "ID",             licenses: ubi,         derive: nothing,       facts: user },
    List { key: "LabUsers",       kind: Kind::LabUser,             id: "ID",             licenses: permit,      derive: nothing,       facts: lab_user },
    List { key: "Employees",      kind: Kind::Employee,            id: "ID",             licenses: ubi,         derive: nothing,       facts: none },
    List { key: "Vehicles",       kind: Kind::Vehicle,             id: "ID",             licenses: ubi,         derive: nothing,       facts: none },
    List { key: "GrowRooms",      kind: Kind::GrowRoom,            id: "ID",             licenses: site,        derive: nothing,       facts: none },
    List { key: "InventoryRooms", kind: Kind::InventoryRoom,       id: "ID",             licenses: site,        derive: nothing,       facts: none },
    List { key: "Plants",         kind: Kind::Plant,               id: "ID",             licenses: location,    derive: growing::company, facts: growing::facts },
    List { key: "HarvestBatches", kind: Kind::HarvestBatch,        id: "HarvestBatchID", licenses: site,        derive: nothing,       facts: fresh },
    List { key: "Harvests",       kind: Kind::Harvest,             id: "HarvestID",      licenses: site,        derive: growing::of_site, facts: none },
    List { key: "Inventory",      kind: Kind::Inventory,           id: "ID",             licenses: site,        derive: goods::derive, facts: goods::facts },
    List { key: "LabSamples",     kind: Kind::LabSample,           id: "ID",             licenses: sample,      derive: nothing,       facts: goods::sample_facts },
    List { key: "Adjustments",    kind: Kind::InventoryAdjustment, id: "ID",             licenses: site,        derive: nothing,       facts: none },
    List { key: "Ingredients",    kind: Kind::InventoryIngredient, id: "ID",             licenses: site,        derive: nothing,       facts: none },
    List { key: "Additives",      kind: Kind::PlantAdditive,       id: "ID",             licenses: site,        derive: nothing,       facts: none },
    List { key: "Invoices",       kind: Kind::Invoice,             id: "InvoiceID",      licenses: seller,      derive: commerce::invoice, facts: commerce::invoice_facts },
    List { key: "Manifests",      kind: Kind::Manifest,            id: "ManifestID",     licenses: commerce::parties, derive: commerce::manifest, facts: commerce::manifest_facts },
    List { key: "Transfers",      kind: Kind::InventoryTransfer,   id: "ID",             licenses: commerce::ends, derive: commerce::transfer, facts: commerce::transfer_facts },
    List { key: "Sales",          kind: Kind::Sale,                id: "ID",             licenses: shop,        derive: commerce::sale, facts: commerce::sale_facts },
];

/// Records that stand inside another one and are listed by themselves too.
#[rustfmt::skip]
pub(super) const PARTS: &[(Kind, &str, Kind)] = &[
    (Kind::Harvest, "Derivative", Kind::HarvestDerivative),
];

fn nobody(_: &Book, _: &Value) -> Vec<Value> {
    Vec::new()
}

fn ubi(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["UBI"].clone()]
}

fn permit(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["LicenseNumber"].clone()]
}

fn site(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["LocationLicense"].clone()]
}

fn location(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["Location"].clone()]
}

fn sample(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["LocationLicense"].clone(), entry["LabLicense"].clone()]
}

fn seller(_: &Book, entry: &Value) -> Vec<Value> {
    vec![entry["LocationLicense"].clone(), entry["BuyerLocationLicense"].clone()]
}

fn shop(book: &Book, entry: &Value) -> Vec<Value> {
    let shop = book.find("Vendors", "ID", &entry["Location"]);
    shop.map(|vendor| vendor["LocationLicense"].clone()).into_iter().collect()
}

fn nothing(_: &mut Txn<'_, '_, '_>, _: &Book, _: &Value, _: &mut Value) -> Result<(), SeedError> {
    Ok(())
}

/// The rights of a license follow from its type; where no consent is asked for, it is integrated when
/// it is issued (LIC-20).
fn license_flags(
    txn: &mut Txn<'_, '_, '_>,
    _: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Result<(), SeedError> {
    let types = tagtrail_schemas::catalogue("location_types");
    let known = types.iter().find(|it| it["ID"] == entry["Type"]);
    let known = known.ok_or_else(|| SeedError(format!("no type {}", entry["Type"])))?;
    if text(entry, "LegacyComplyDate").is_empty() && integrated_when_issued(txn) {
        wire["LegacyComplyDate"] = json!(txn.today().to_string());
    }
    for flag in ["Processor", "Producer", "Retail", "Transporter"] {
        wire[flag] = known[flag].clone();
    }
    Ok(())
}

fn none(_: &Txn<'_, '_, '_>, _: &Book, _: &Value) -> Value {
    Value::Null
}

/// As a record begins.
fn fresh(_: &Txn<'_, '_, '_>, _: &Book, _: &Value) -> Value {
    json!({})
}

fn integrated_when_issued(txn: &Txn<'_, '_, '_>) -> bool {
    txn.profile().is("license.integrated_by", "issue")
}

fn joined(txn: &Txn<'_, '_, '_>, _: &Book, entry: &Value) -> Value {
    let joined = Day::parse(text(entry, "LegacyComplyDate")).map(Day::start);
    let joined = joined.or(integrated_when_issued(txn).then_some(txn.now));
    json!({ "integrated_on": joined, "suspended": false })
}

fn user(txn: &Txn<'_, '_, '_>, _: &Book, entry: &Value) -> Value {
    login(txn, Kind::User, entry)
}

fn lab_user(txn: &Txn<'_, '_, '_>, _: &Book, entry: &Value) -> Value {
    login(txn, Kind::LabUser, entry)
}

fn login(txn: &Txn<'_, '_, '_>, kind: Kind, entry: &Value) -> Value {
    let owner = format!("{}/{}", kind.entity(), entry["ID"]);
    json!({ "password_hash": txn.password_hash(&owner, text(entry, "Password")) })
}
