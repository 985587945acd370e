//! Items of the seed file: their label, their commitments, their opening balance.

use serde_json::{Map, Value, json};

use super::{
    SeedError,
    book::{Book, in_quarantine, text},
    completed, row, settle_times,
};
use crate::{
    fault::Fault,
    model::{Barcode, Key, Kind, Quantity, to_base},
    world::{
        ledger::{Account, Commodity},
        txn::Txn,
    },
};

/// What an item's type, its sample and its room say about it.
pub(super) fn derive(
    _: &mut Txn<'_, '_, '_>,
    book: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Result<(), SeedError> {
    let types = tagtrail_schemas::catalogue("inventory_types");
    let known = types.iter().find(|it| it["ID"] == entry["InventoryType"]);
    let known =
        known.ok_or_else(|| SeedError(format!("no inventory type {}", entry["InventoryType"])))?;
    wire["UnitBased"] = known["UnitBased"].clone();
    if entry["MedUsableWeight"].is_null() {
        wire["MedUsableWeight"] = wire["RecUsableWeight"].clone();
    }
    if let Some(sample) = book.find("LabSamples", "ID", &entry["Sample"]) {
        let transaction = wire["TransactionID"].as_u64().unwrap_or_default();
        wire["ActiveSampleInventoryID"] = sample["InventoryID"].clone();
        let mut sample = completed("LabSample", sample, transaction);
        sample["SessionTime"] = wire["SessionTime"].clone();
        wire["LabSample"] = json!([sample]);
    }
    if entry["Status"].is_null() {
        let left = entry["RemainingAmount"].as_u64() != Some(0);
        wire["Status"] = json!(match (in_quarantine(book, entry), left) {
            (true, _) => "Quarantined",
            (false, true) => "Available",
            (false, false) => "Depleted",
        });
    }
    Ok(())
}

/// The manifest and the invoice that hold an item, and what of it is on paper.
pub(super) fn facts(txn: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let id = &entry["ID"];
    let papers = book.list("OnPaper").iter().filter(|paper| paper["ID"] == *id);
    let papers: Vec<&Value> = papers.collect();
    let on_paper: Map<String, Value> = papers
        .iter()
        .map(|paper| (text(paper, "Holder").to_owned(), paper["Amount"].clone()))
        .collect();
    // The file says that a destruction was announced, not when or why.
    let announced = text(entry, "Status") == "Scheduled for Destruction";
    let destruction = json!({ "at": txn.now, "reason_id": 1, "reason": "" });
    json!({
        "destruction": if announced { destruction } else { Value::Null },
        "manifest": open_manifest(book, id),
        "invoice": live_invoice(book, id),
        "received_from": entry["From"].as_str().into_iter().collect::<Vec<_>>(),
        "quarantine_room": in_quarantine(book, entry),
        "testing": testing(book, entry),
        "on_paper": on_paper,
        "last_lowered_for": papers.last().map(|paper| text(paper, "Holder")),
    })
}

/// Where an item stands with its tests: by its own sample, or by the one whose verdict it inherited.
fn testing(book: &Book, entry: &Value) -> Value {
    let Some(sample) = book.find("LabSamples", "ID", &entry["Sample"]) else { return json!({}) };
    let tests = sample["TestingData"].as_array().into_iter().flatten();
    let fails = |test: &&Value| {
        let mut panels = test["TestResult"].as_array().into_iter().flatten();
        panels.any(|panel| panel["TestPass"] == json!(false))
    };
    let failed: Vec<&Value> = tests.filter(fails).map(|test| &test["TestID"]).collect();
    let inherited = sample["ParentID"] != entry["ID"];
    json!({
        "lab": sample["LabLicense"],
        "failed": failed,
        "former": inherited.then(|| json!({
            "status": entry["QAStatus"],
            "sample": sample["InventoryID"].as_str().and_then(Barcode::parse),
        })),
    })
}

/// What the laboratory received of a sample, and whether it has filed.
pub(super) fn sample_facts(txn: &Txn<'_, '_, '_>, _: &Book, entry: &Value) -> Value {
    let filed = ["Passed", "Failed"].contains(&text(entry, "Result"));
    let received = filed || entry["ReceivedByLab"] == json!(true);
    json!({
        "received": if received { entry["Amount"].clone() } else { Value::Null },
        "filed_at": filed.then_some(txn.done.transaction),
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

/// Books what remains as opening stock, and closes the row of the site that shipped the item.
pub(super) fn open_stock(
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
    let commodity = Commodity::of(uom == "each");
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
        settle_times(txn, &mut wire);
        derive(txn, book, &closed, &mut wire)?;
        let scope = book.scope(&entry["From"])?;
        let row = row(Kind::Inventory, &wire, vec![scope], json!({ "transferred": true }))?;
        txn.plant_row(Key::item(number, scope), row)?;
    }
    Ok(())
}
