//! What an item costs on its way: planned, shipped and received with a thousand others, and with a hundred.

use serde_json::{Value, json};

use super::{
    load::on_one_thread,
    table::{Table, micros},
    world::{Company, World, text},
};

const SIZES: [usize; 2] = [100, 1_000];
const ROUNDS: usize = 7;
/// Grows at one site and makes products at the other, so that nothing needs an invoice.
const BIRCH: Company = Company {
    ubi: "604900101",
    person: "staff@hollow-birch.example",
    license: "OCM-CULT-25-900101",
};
const WORKS: &str = "OCM-PROC-25-900102";
const STEPS: [&str; 3] = ["planning", "shipping", "receiving"];

/// Nanoseconds per item, step by step and round by round, for few and for many.
type Costs = [[Vec<u64>; SIZES.len()]; STEPS.len()];

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut world = World::start(&BIRCH).await;
        let mut costs: Costs = Default::default();
        for _ in 0..ROUNDS {
            for (at, size) in SIZES.iter().enumerate() {
                world.reset().await;
                for (step, nanos) in trip(&mut world, *size).await.into_iter().enumerate() {
                    costs[step][at].push(nanos);
                }
            }
        }
        for (step, [few, many]) in STEPS.iter().zip(&costs) {
            let what = format!("{step} a manifest, per item, 1,000 items against 100");
            let details = format!("CPU {} and {} µs with 100 and 1,000", micros(few), micros(many));
            table.add_growth(&what, many, few, details);
        }
    });
}

/// One trip with so many items; tells what each step took per item.
async fn trip(world: &mut World, items: usize) -> [u64; STEPS.len()] {
    let row = json!({"InventoryType": 13, "Amount": 100, "RoomID": 1, "Strain": "Hudson Haze"});
    let ids = world.bring(&row, items).await;
    let named: Vec<Value> = ids.iter().map(|id| json!({"InventoryID": id})).collect();
    let stop = json!({
        "StopNumber": 1, "LocationLicense": WORKS, "ApproximateDeparture": "2025-07-28T14:00:00Z",
        "ApproximateArrival": "2025-07-28T16:00:00Z", "ApproximateRoute": "I-87", "Item": named,
    });
    let plan = json!({
        "LocationLicense": BIRCH.license, "Driver": [{"ID": 1}], "Vehicle": {"ID": "1"}, "Stop": [stop],
    });
    let mut watch = world.server.cpu_nanos();
    let planned = world.call("POST /v1/manifest", &plan).await;
    let planning = world.lap(&mut watch, items as u64).await;
    let manifest = text(&planned["Manifest"]["ManifestID"]);
    let shipped = world.call("POST /v1/inventory/transfer", &json!({"ManifestID": manifest})).await;
    let shipping = world.lap(&mut watch, items as u64).await;
    let arrive = format!("PUT /v1/manifest/{manifest}/stop/1/arrive");
    world.call(&arrive, &json!({})).await;
    let received = |id| json!({"InventoryID": id, "ReceivedAmount": 100, "RoomID": 4});
    let rows: Vec<Value> = ids.iter().map(received).collect();
    let transfer = &shipped["InventoryTransfer"][0]["ID"];
    let receive = format!("PUT /v1/inventory/transfer/{transfer}/receive");
    let body = json!({"Item": rows});
    let mut watch = world.server.cpu_nanos();
    let settled = world.call(&receive, &body).await;
    let receiving = world.lap(&mut watch, items as u64).await;
    assert!(settled["RejectedData"].is_null(), "{}", settled["RejectedData"]);
    [planning, shipping, receiving]
}
