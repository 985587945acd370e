//! Invoices, manifests, transfers and sales of the seed file: what follows from partners, people, goods
//! and from one another.

use serde_json::{Value, json};

use super::{
    SeedError,
    book::{Book, text},
    completed,
};
use crate::{
    model::{Scope, Vehicle},
    world::{counters::Piece, txn::Txn},
};

type Written = Result<(), SeedError>;

fn rows<'a>(entry: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    entry[key].as_array().into_iter().flatten()
}

fn rows_mut<'a>(entry: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    entry[key].as_array_mut().into_iter().flatten()
}

/// The number that a piece has, or the next one.
fn number(txn: &mut Txn<'_, '_, '_>, piece: Piece, row: &mut Value) {
    let known = row["ID"].as_u64().filter(|id| *id > 0);
    match known {
        Some(id) => txn.counters.pass_piece(piece, id),
        None => row["ID"] = json!(txn.counters.next_piece(piece)),
    }
}

/// The first person of a license's company.
fn person_of(book: &Book, license: &Value) -> Value {
    let site = book.find("Vendors", "LocationLicense", license);
    let user = site.and_then(|site| book.find("Users", "UBI", &site["UBI"]));
    user.map(|user| user["ID"].clone()).unwrap_or_else(|| json!(0))
}

pub(super) fn invoice(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    _: &Value,
    wire: &mut Value,
) -> Written {
    let id = wire["InvoiceID"].clone();
    let person = person_of(book, &wire["BuyerLocationLicense"]);
    for line in rows_mut(wire, "Inventory") {
        number(txn, Piece::InvoiceLine, line);
        line["InvoiceID"] = id.clone();
    }
    for payment in rows_mut(wire, "Payment") {
        number(txn, Piece::InvoicePayment, payment);
        payment["InvoiceID"] = id.clone();
        payment["BuyerUserID"] = person.clone();
        payment["UpdatedOn"] = payment["CreatedOn"].clone();
    }
    Ok(())
}

/// The manifest on which an invoice stands.
pub(super) fn invoice_facts(txn: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let names = |manifest: &&Value| {
        rows(manifest, "Stop").any(|stop| stop["InvoiceID"] == entry["InvoiceID"])
    };
    let open = |manifest: &&Value| manifest["Completed"] != json!(true);
    let manifest = book.list("Manifests").iter().filter(open).find(names);
    json!({
        "created_on": txn.now,
        "manifest": manifest.map(|manifest| &manifest["ManifestID"]),
        "shipped": manifest.is_some_and(|manifest| manifest["InTransit"] == json!(true)),
    })
}

pub(super) fn manifest(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Written {
    let (id, second) = (wire["ManifestID"].clone(), json!(txn.now.second()));
    let sender = partner(book, &wire["LicenseNumber"])?;
    for (field, from) in
        [("Name", "Name"), ("Phone", "Phone"), ("City", "City"), ("State", "State"), ("Zip", "Zip")]
    {
        wire[field] = sender[from].clone();
    }
    let street = if sender["Address"].is_null() { &sender["Address1"] } else { &sender["Address"] };
    wire["Street"] = street.clone();
    for driver in rows_mut(wire, "Driver") {
        let employee = book.find("Employees", "ID", &driver["ID"]);
        let employee = employee.ok_or_else(|| SeedError(format!("no employee {driver}")))?;
        driver["Name"] = employee["Name"].clone();
        driver["DateofBirth"] = employee["BirthDate"].clone();
    }
    if let Some(known) = vehicle(book, &wire["Vehicle"]["ID"]) {
        wire["Vehicle"]["Description"] = json!(known);
    }
    if !entry["ThirdPartyTransporter"].is_null() {
        let carrier = partner(book, &entry["ThirdPartyTransporter"]["LicenseNumber"])?;
        wire["ThirdPartyTransporter"]["Name"] = carrier["Name"].clone();
    }
    let mut total = 0;
    for stop in rows_mut(wire, "Stop") {
        number(txn, Piece::ManifestStop, stop);
        let receiver = partner(book, &stop["LocationLicense"])?.clone();
        for (field, from) in
            [("Name", "Name"), ("Phone", "Phone"), ("City", "City"), ("State", "State")]
        {
            stop[field] = receiver[from].clone();
        }
        stop["ZipCode"] = receiver["Zip"].clone();
        stop["ManifestID"] = id.clone();
        let number_of_stop = stop["StopNumber"].clone();
        let transfer = transfer_of(book, &id, &number_of_stop);
        let mut count = 0;
        for item in rows_mut(stop, "Item") {
            number(txn, Piece::ManifestItem, item);
            item["ManifestID"] = id.clone();
            item["StopNumber"] = number_of_stop.clone();
            item["SessionTime"] = second.clone();
            item["Description"] = json!(description(book, &item["InventoryID"]));
            let line = transfer.and_then(|it| {
                rows(it, "Item").find(|line| line["InventoryID"] == item["InventoryID"])
            });
            if let Some(received) =
                line.map(|line| &line["ReceivedAmount"]).filter(|it| !it.is_null())
            {
                item["QuantityReceived"] = received.clone();
            }
            count += 1;
        }
        stop["ItemsCount"] = json!(count);
        total += count;
    }
    wire["StopCount"] = json!(rows(wire, "Stop").count());
    wire["TotalItemCount"] = json!(total);
    Ok(())
}

/// How far each stop is.
pub(super) fn manifest_facts(_: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let shipped = begun(entry);
    let settled = entry["Completed"] == json!(true);
    let facts = |stop: &Value| {
        let transfer = transfer_of(book, &entry["ManifestID"], &stop["StopNumber"]);
        json!({
            "shipped_on": if shipped { stop["ApproximateDeparture"].clone() } else { Value::Null },
            "transfer": transfer.map(|transfer| &transfer["ID"]),
            "settled": settled,
            "seen": shipped,
        })
    };
    json!({ "stops": rows(entry, "Stop").map(facts).collect::<Vec<_>>() })
}

/// Sender and transporter see a trip from the beginning, and so does the buyer of a pickup; other
/// receivers see it from its shipping on (MAN-07).
pub(super) fn parties(_: &Book, entry: &Value) -> Vec<Value> {
    let seen = begun(entry) || entry["Type"] == json!("Pickup");
    let carrier = &entry["ThirdPartyTransporter"]["LicenseNumber"];
    let parties = [&entry["LicenseNumber"], carrier].into_iter();
    let receivers = rows(entry, "Stop").filter(|_| seen).map(|stop| &stop["LocationLicense"]);
    parties.chain(receivers).cloned().collect()
}

pub(super) fn transfer(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    _: &Value,
    wire: &mut Value,
) -> Written {
    let (id, manifest) = (wire["ID"].clone(), wire["ManifestID"].clone());
    for item in rows_mut(wire, "Item") {
        number(txn, Piece::TransferItem, item);
        item["InventoryTransferID"] = id.clone();
        item["ManifestID"] = manifest.clone();
        item["Description"] = json!(description(book, &item["InventoryID"]));
    }
    Ok(())
}

pub(super) fn transfer_facts(_: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let manifest = book.find("Manifests", "ManifestID", &entry["ManifestID"]);
    let carrier = manifest.map(|it| &it["ThirdPartyTransporter"]["LicenseNumber"]);
    json!({ "carrier": carrier, "arrived": arrived(book, entry), "seen": arrived(book, entry) })
}

/// Its sender and its transporter, and from the arrival on its receiver (XFER-20).
pub(super) fn ends(book: &Book, entry: &Value) -> Vec<Value> {
    let manifest = book.find("Manifests", "ManifestID", &entry["ManifestID"]);
    let carrier = manifest.map(|it| it["ThirdPartyTransporter"]["LicenseNumber"].clone());
    let receiver = arrived(book, entry).then(|| entry["InboundLicense"].clone());
    [entry["OutboundLicense"].clone()].into_iter().chain(carrier).chain(receiver).collect()
}

/// The list of the door at which a transfer waits, or of what comes back.
pub(super) fn waiting(book: &Book, entry: &Value) -> Result<Option<Scope>, SeedError> {
    let receiver = book.scope(&entry["InboundLicense"])?;
    let open = entry["Received"] != json!(true);
    Ok(match entry["TransferType"] == json!("Rejected") {
        true => receiver.returning().filter(|_| open),
        false => receiver.door().filter(|_| open && arrived(book, entry)),
    })
}

/// The lists of the receivers to whom a trip is announced.
pub(super) fn announced(book: &Book, entry: &Value) -> Result<Vec<Scope>, SeedError> {
    let receivers =
        rows(entry, "Stop").filter(|_| !begun(entry)).map(|stop| &stop["LocationLicense"]);
    let scopes = receivers.map(|license| Ok(book.scope(license)?.announced()));
    Ok(scopes.collect::<Result<Vec<_>, SeedError>>()?.into_iter().flatten().collect())
}

/// Whether a trip is or was on the road.
fn begun(manifest: &Value) -> bool {
    manifest["InTransit"] == json!(true) || manifest["Completed"] == json!(true)
}

fn arrived(book: &Book, entry: &Value) -> bool {
    let manifest = book.find("Manifests", "ManifestID", &entry["ManifestID"]);
    let mut stops = manifest.into_iter().flat_map(|manifest| rows(manifest, "Stop"));
    let stop = stops.find(|stop| stop["StopNumber"] == entry["ManifestStopNumber"]);
    stop.is_some_and(|stop| stop["DriverArrived"] == json!(true))
}

fn transfer_of<'a>(book: &'a Book, manifest: &Value, stop: &Value) -> Option<&'a Value> {
    let of = |transfer: &&Value| {
        transfer["ManifestID"] == *manifest && transfer["ManifestStopNumber"] == *stop
    };
    book.list("Transfers").iter().find(of)
}

fn partner<'a>(book: &'a Book, license: &Value) -> Result<&'a Value, SeedError> {
    let site = book.find("Vendors", "LocationLicense", license);
    let found = site.or_else(|| book.find("Labs", "LicenseNumber", license));
    found.ok_or_else(|| SeedError(format!("no license {license}")))
}

/// What the API says of a vehicle.
fn vehicle(book: &Book, id: &Value) -> Option<String> {
    let number: u64 = id.as_str()?.parse().ok()?;
    let known = book.find("Vehicles", "ID", &json!(number))?;
    let known = completed("Vehicle", known, 0);
    serde_json::from_value(known).ok().map(|vehicle: Vehicle| vehicle.description())
}

/// Type and name of an item, as the API writes them.
fn description(book: &Book, id: &Value) -> String {
    let Some(item) = book.find("Inventory", "ID", id) else { return String::new() };
    let types = tagtrail_schemas::catalogue("inventory_types");
    let kind = types.iter().find(|it| it["ID"] == item["InventoryType"]);
    let kind = kind.map(|kind| text(kind, "Name")).unwrap_or_default();
    let names = [text(item, "ProductName"), text(item, "Strain")];
    let name = names.into_iter().find(|name| !name.is_empty());
    name.map_or_else(|| kind.to_owned(), |name| format!("{kind}, {name}"))
}

pub(super) fn sale(
    _: &mut Txn<'_, '_, '_>,
    book: &Book,
    entry: &Value,
    wire: &mut Value,
) -> Written {
    let shop = book.find("Vendors", "ID", &entry["Location"]);
    let license = shop.map(|shop| shop["LocationLicense"].clone()).unwrap_or_default();
    wire["CreatedByUserID"] = person_of(book, &license);
    Ok(())
}

/// The lines that a later sale of the file refunds.
pub(super) fn sale_facts(_: &Txn<'_, '_, '_>, book: &Book, entry: &Value) -> Value {
    let refunds = book.list("Sales").iter().filter(|sale| sale["RefundOf"] == entry["ID"]);
    let numbers =
        refunds.flat_map(|sale| rows(sale, "Item")).map(|line| line["ItemNumber"].clone());
    json!({ "refunded": numbers.collect::<Vec<_>>() })
}
