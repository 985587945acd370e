//! What clients race for: a world made ready, and the calls that contend.

use serde_json::{Value, json};
use tagtrail_tests::{
    race::Call,
    wire::{Client, token},
};

use crate::kind::text;

/// Makes a world ready, and says who will call what.
pub(crate) type Scene = fn(&mut Client) -> Vec<Call>;

const BIRCH: &str = "604900101";
const KETTLE: &str = "604900121";
const PIER: &str = "604900131";
const LARKS: &str = "604900141";
const LANTERN: &str = "604900161";

const FARM: &str = "OCM-CULT-25-900101";
const KITCHEN: &str = "OCM-PROC-25-900121";
const WAREHOUSE: &str = "OCM-DIST-25-900131";
const SHOP: &str = "OCM-RETL-25-900161";

/// 600 packages at the kitchen that passed, 3 kg of a lot at the farm, and what the shop sells.
const PACKAGES: &str = "6966753065032234";
const LOT: &str = "0311901030764097";
const SOLD: &str = "0522601056648757";
const GUMMIES: &str = "9227956488891710";

/// A call that must succeed.
fn tell(client: &mut Client, ubi: &str, start: &str, body: Value) -> Value {
    let reply = client.call_with(&token(ubi), start, Some(&body));
    assert_eq!(reply.status, 200, "{start} gets {reply:?}");
    reply.json()
}

fn bill(item: &str, (seller, buyer): (&str, &str)) -> Value {
    let line = json!({"InventoryID": item, "Price": 10});
    json!({"LocationLicense": seller, "BuyerLocationLicense": buyer, "Inventory": [line]})
}

fn billed(client: &mut Client, ubi: &str, item: &str, parties: (&str, &str)) -> Value {
    let made = tell(client, ubi, "POST /v1/invoice", bill(item, parties));
    made["Invoice"][0]["InvoiceID"].clone()
}

fn stop(to: &str, item: &str, invoice: &Value) -> Value {
    json!({
        "StopNumber": 1, "LocationLicense": to, "ApproximateDeparture": "2025-07-28T14:00:00Z",
        "ApproximateArrival": "2025-07-28T16:00:00Z", "ApproximateRoute": "By the usual road.",
        "InvoiceID": invoice, "Item": [{"InventoryID": item}],
    })
}

/// From the kitchen to the warehouse.
fn standard(stop: &Value) -> Value {
    let (driver, vehicle) = (json!([{"ID": 5}]), json!({"ID": "4"}));
    json!({"LocationLicense": KITCHEN, "Driver": driver, "Vehicle": vehicle, "Stop": [stop]})
}

fn planned(client: &mut Client, item: &str) -> String {
    let invoice = billed(client, KETTLE, item, (KITCHEN, WAREHOUSE));
    let body = standard(&stop(WAREHOUSE, item, &invoice));
    text(&tell(client, KETTLE, "POST /v1/manifest", body)["Manifest"]["ManifestID"])
}

/// A transfer that stands at the door of the warehouse, with its manifest.
fn arrived(client: &mut Client, item: &str) -> (String, String) {
    let manifest = planned(client, item);
    let shipped = json!({"ManifestID": manifest});
    let shipped = tell(client, KETTLE, "POST /v1/inventory/transfer", shipped);
    let start = format!("PUT /v1/manifest/{manifest}/stop/1/arrive");
    tell(client, KETTLE, &start, json!({}));
    (shipped["InventoryTransfer"][0]["ID"].to_string(), manifest)
}

fn receipt(transfer: &str, item: &str, amount: u64) -> Call {
    let line = json!({"InventoryID": item, "ReceivedAmount": amount, "RoomID": 12});
    let start = format!("PUT /v1/inventory/transfer/{transfer}/receive");
    Call::of(PIER, &start, Some(json!({"Item": [line]})))
}

pub(crate) fn two_manifests(client: &mut Client) -> Vec<Call> {
    let invoice = billed(client, KETTLE, PACKAGES, (KITCHEN, WAREHOUSE));
    let stop = stop(WAREHOUSE, PACKAGES, &invoice);
    let pickup = json!({
        "LocationLicense": KITCHEN, "Stop": [stop],
        "Driver": [{"Name": "Jo Marsh", "DateofBirth": "1990-02-03"}],
        "Vehicle": {"Description": "White van"},
    });
    vec![
        Call::of(KETTLE, "POST /v1/manifest", Some(standard(&stop))),
        Call::of(KETTLE, "POST /v1/manifest/pickup", Some(pickup)),
    ]
}

pub(crate) fn two_invoices(_: &mut Client) -> Vec<Call> {
    let to = |license| Some(bill(PACKAGES, (KITCHEN, license)));
    vec![
        Call::of(KETTLE, "POST /v1/invoice", to(WAREHOUSE)),
        Call::of(KETTLE, "POST /v1/invoice", to("OCM-PROC-25-900102")),
    ]
}

pub(crate) fn ship_or_void(client: &mut Client) -> Vec<Call> {
    let manifest = planned(client, PACKAGES);
    vec![
        Call::of(KETTLE, "POST /v1/inventory/transfer", Some(json!({"ManifestID": manifest}))),
        Call::of(KETTLE, &format!("PUT /v1/manifest/{manifest}/void"), None),
    ]
}

pub(crate) fn receive_or_void(client: &mut Client) -> Vec<Call> {
    let (transfer, _) = arrived(client, PACKAGES);
    vec![
        receipt(&transfer, PACKAGES, 600),
        Call::of(KETTLE, &format!("PUT /v1/inventory/transfer/{transfer}/void"), None),
    ]
}

pub(crate) fn receive_twice(client: &mut Client) -> Vec<Call> {
    let (transfer, _) = arrived(client, PACKAGES);
    vec![receipt(&transfer, PACKAGES, 600), receipt(&transfer, PACKAGES, 250)]
}

pub(crate) fn take_back(client: &mut Client) -> Vec<Call> {
    let (transfer, _) = arrived(client, PACKAGES);
    let Call { start, body, .. } = receipt(&transfer, PACKAGES, 250);
    let back = tell(client, PIER, &start, body.unwrap_or_default())["RejectedData"].take();
    let line = json!({
        "InventoryID": back["Inventory"][0]["ID"], "ReceivedAmount": 350, "RoomID": 10,
    });
    let start = format!("PUT /v1/inventory/transfer/{}/receive", back["InventoryTransfer"]["ID"]);
    vec![Call::of(KETTLE, &start, Some(json!({"Item": [line]})))]
}

pub(crate) fn undo_or_receive(client: &mut Client) -> Vec<Call> {
    let (transfer, manifest) = arrived(client, PACKAGES);
    vec![
        Call::of(KETTLE, &format!("PUT /v1/manifest/{manifest}/stop/1/arrive/undo"), None),
        receipt(&transfer, PACKAGES, 600),
    ]
}

fn sale(item: &str, quantity: u64) -> Value {
    let line = json!({"Barcode": item, "Quantity": quantity, "Price": 20});
    json!({"LocationLicense": SHOP, "Type": "RECREATIONAL", "Item": [line]})
}

/// Thirty packages less twenty-five.
pub(crate) fn sell(client: &mut Client) -> Vec<Call> {
    tell(client, LANTERN, "POST /v1/sale", sale(GUMMIES, 25));
    vec![Call::of(LANTERN, "POST /v1/sale", Some(sale(GUMMIES, 1)))]
}

pub(crate) fn refund_or_void(client: &mut Client) -> Vec<Call> {
    let made = tell(client, LANTERN, "POST /v1/sale", sale(GUMMIES, 3));
    let id = &made["Sale"][0]["ID"];
    let line = json!({"ItemNumber": 0, "Quantity": 2, "Price": 20, "RoomID": 18});
    let refund = json!({"LocationLicense": SHOP, "Item": [line]});
    let reason = json!({"VoidReason": "Rung up twice."});
    vec![
        Call::of(LANTERN, &format!("POST /v1/sale/{id}/refund"), Some(refund)),
        Call::of(LANTERN, &format!("PUT /v1/sale/{id}/void"), Some(reason)),
    ]
}

/// The offer of Three Larks that waits for Long Pier.
pub(crate) fn accept_or_decline(_: &mut Client) -> Vec<Call> {
    let path = "/v1/manifest/thirdparty/7682526672223632";
    let crew = json!({"Driver": [{"ID": 6}], "Vehicle": {"ID": "5"}});
    vec![
        Call::of(PIER, &format!("PUT {path}/accept"), Some(crew)),
        Call::of(PIER, &format!("PUT {path}/reject"), None),
    ]
}

pub(crate) fn pay_or_reprice(client: &mut Client) -> Vec<Call> {
    let invoice = text(&billed(client, BIRCH, LOT, (FARM, KITCHEN)));
    let cheaper = json!({"Inventory": [{"InventoryID": LOT, "Price": 9}]});
    vec![
        Call::of(
            KETTLE,
            &format!("POST /v1/invoice/{invoice}/payment"),
            Some(json!({"Amount": 30_000})),
        ),
        Call::of(BIRCH, &format!("PUT /v1/invoice/{invoice}/price"), Some(cheaper)),
    ]
}

pub(crate) fn answer_payment(client: &mut Client) -> Vec<Call> {
    let invoice = text(&billed(client, BIRCH, LOT, (FARM, KITCHEN)));
    let start = format!("POST /v1/invoice/{invoice}/payment");
    let payment = tell(client, KETTLE, &start, json!({"Amount": 30_000}));
    let path = format!("/v1/invoice/{invoice}/payment/{}", payment["InvoicePayment"]["ID"]);
    let reason = json!({"RejectedReason": "It never came."});
    vec![
        Call::of(BIRCH, &format!("PUT {path}/accept"), None),
        Call::of(BIRCH, &format!("PUT {path}/reject"), Some(reason)),
        Call::of(KETTLE, &format!("DELETE {path}"), None),
    ]
}

pub(crate) fn last_tags(_: &mut Client) -> Vec<Call> {
    let start = "POST /v1/inventory/8558025257615872/sublot";
    vec![Call::of(LARKS, start, Some(json!({"Amount": 1})))]
}

/// Part after part of a lot, or all of it to the company's other site.
pub(crate) fn split_or_plan(_: &mut Client) -> Vec<Call> {
    let mut stop = stop("OCM-PROC-25-900102", LOT, &Value::Null);
    stop.as_object_mut().and_then(|it| it.shift_remove("InvoiceID"));
    let plan = json!({
        "LocationLicense": FARM, "Driver": [{"ID": 1}], "Vehicle": {"ID": "1"}, "Stop": [stop],
    });
    let sublot = json!({"Amount": 10});
    vec![
        Call::of(BIRCH, &format!("POST /v1/inventory/{LOT}/sublot"), Some(sublot)),
        Call::of(BIRCH, "POST /v1/manifest", Some(plan)),
    ]
}

pub(crate) fn plan_or_void_invoice(client: &mut Client) -> Vec<Call> {
    let invoice = billed(client, BIRCH, LOT, (FARM, KITCHEN));
    let driver = json!([{"ID": 1}]);
    let plan = json!({
        "LocationLicense": FARM, "Driver": driver, "Vehicle": {"ID": "1"},
        "Stop": [stop(KITCHEN, LOT, &invoice)],
    });
    vec![
        Call::of(BIRCH, "POST /v1/manifest", Some(plan)),
        Call::of(BIRCH, &format!("PUT /v1/invoice/{}/void", text(&invoice)), None),
    ]
}

/// Several scenes in one world.
pub(crate) fn crowd(client: &mut Client) -> Vec<Call> {
    let scenes: &[Scene] =
        &[receive_twice, sell, refund_or_void, accept_or_decline, answer_payment, last_tags];
    let mut calls: Vec<Call> = scenes.iter().flat_map(|scene| scene(client)).collect();
    let adjust = json!({"RemoveAmount": 2, "Type": 8, "Reason": "Broken."});
    calls.push(Call::of(LANTERN, &format!("PUT /v1/inventory/{SOLD}/adjust"), Some(adjust)));
    let hall = json!({"Inventory": [{"InventoryID": SOLD, "RoomID": 18}]});
    calls.push(Call::of(LANTERN, "PUT /v1/inventory/move", Some(hall)));
    let sublot = json!({"Amount": 1, "RoomID": 10});
    calls.push(Call::of(KETTLE, "POST /v1/inventory/1896354621458573/sublot", Some(sublot)));
    calls
}
