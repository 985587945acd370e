//! Durable writes against an append-and-sync per write of the same number of bytes.

use std::time::Duration;

use serde_json::Value;

use super::{
    client::{Client, log_in, request},
    disk::appends_per_second,
    load::{Load, Round, on_one_thread},
    process::{Child, scratch},
    table::{Ratio, Table, median, per_second},
};

const CONNECTIONS: &[usize] = &[1, 16, 64];
const ROUNDS: usize = 5;
const LENGTH: Duration = Duration::from_millis(500);
const LICENSE: &str = "OCM-CULT-25-900101";

/// What every connection writes again and again, to something of its own.
struct Writes {
    what: &'static str,
    requests: Vec<Vec<u8>>,
    bytes: usize,
}

pub fn measure(table: &mut Table) {
    let folder = scratch("writes");
    let worlds = folder.join("worlds");
    let (server, address) = Child::server(&["serve-sandbox", worlds.to_str().unwrap()]);
    on_one_thread(async {
        let mut client = Client::connect(address).await;
        let session = log_in(&mut client, "604900101", "staff@hollow-birch.example").await;
        let renames = renames(&mut client, &session).await;
        let adjusts = adjusts(&mut client, &session).await;
        for writes in [renames, adjusts] {
            let mut disk = Vec::new();
            let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); CONNECTIONS.len()];
            let mut loads = Vec::new();
            for connections in CONNECTIONS {
                let requests = writes.requests.iter().take(*connections).cloned();
                loads.push(Load::new(address, requests).await);
            }
            for _ in 0..ROUNDS {
                disk.push(appends_per_second(&folder, writes.bytes, LENGTH));
                for (load, rounds) in loads.iter_mut().zip(&mut rounds) {
                    rounds.push(load.round(&server, LENGTH).await);
                }
            }
            for (connections, rounds) in CONNECTIONS.iter().zip(&rounds) {
                add(table, &writes, *connections, rounds, &disk);
            }
        }
    });
}

/// A room for each connection, and the call that names it.
async fn renames(client: &mut Client, session: &str) -> Writes {
    let mut requests = Vec::new();
    let mut bytes = 0;
    for number in 0..64 {
        let body = format!(r#"{{"LocationLicense":"{LICENSE}","Name":"Room {number:02}"}}"#);
        let made = client.call(&request("POST /v1/plant/room", session, &body)).await;
        let made: Value = serde_json::from_slice(made.body).unwrap();
        let room = find(&made, "ID").unwrap();
        let rename = format!("PUT /v1/plant/room/{room}");
        let rename = request(&rename, session, &format!(r#"{{"Name":"Room {number:02} "}}"#));
        bytes = client.call(&rename).await.body.len();
        requests.push(rename);
    }
    Writes { what: "rename a room", requests, bytes }
}

/// An item for each connection, and the call that counts it.
async fn adjusts(client: &mut Client, session: &str) -> Writes {
    let rows =
        vec![r#"{"InventoryType":13,"Amount":10,"RoomID":1,"Strain":"Hudson Haze"}"#; 64].join(",");
    let body = format!(r#"{{"LocationLicense":"{LICENSE}","Data":[{rows}]}}"#);
    let made = client.call(&request("POST /v1/inventory/initial", session, &body)).await;
    let made: Value = serde_json::from_slice(made.body).unwrap();
    let mut requests = Vec::new();
    let mut bytes = 0;
    for row in made["Data"].as_array().unwrap() {
        let id = row["TraceabilityBarcodeID"].as_str().unwrap();
        let body = r#"{"Amount":10,"Type":1,"Reason":"Counted."}"#;
        let adjust = request(&format!("PUT /v1/inventory/{id}/adjust"), session, body);
        bytes = client.call(&adjust).await.body.len();
        requests.push(adjust);
    }
    Writes { what: "count an item", requests, bytes }
}

/// The first value under a key, at whatever depth.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let inside = value.as_object()?;
    inside.get(key).or_else(|| inside.values().find_map(|it| find(it, key)))
}

fn add(table: &mut Table, writes: &Writes, connections: usize, rounds: &[Round], disk: &[u64]) {
    let pairs = rounds.iter().zip(disk);
    let ratio = median(pairs.map(|(round, disk)| Ratio::of(round.per_second, *disk)).collect());
    let target = (connections == 64).then(|| ("≥ 4", ratio >= Ratio(400)));
    let median_of = |of: fn(&Round) -> u64| median(rounds.iter().map(of).collect());
    let details = format!(
        "{} against {} ({} to {}) of {} bytes; CPU per call {} ns; p50 {} µs, p99 {} µs",
        per_second(median_of(|it| it.per_second)),
        per_second(median(disk.to_vec())),
        // A disk that stalls while somebody else uses it flatters the ratio: the spread tells.
        per_second(disk.iter().copied().min().unwrap_or_default()),
        per_second(disk.iter().copied().max().unwrap_or_default()),
        writes.bytes,
        median_of(|it| it.cpu_nanos),
        median_of(|it| it.p50),
        median_of(|it| it.p99),
    );
    let what = format!("{} durably, {connections} connections, against the disk", writes.what);
    table.add(&what, ratio, target, details);
}
