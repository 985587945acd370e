//! A world of a million items against one of ten thousand: what reads cost there, and how soon it opens.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    client::{Client, request},
    load::{Load, on_one_thread},
    process::scratch,
    table::{Table, micros},
    world::{Company, World},
};

const SIZES: [usize; 2] = [10_000, 1_000_000];
const ROUNDS: usize = 7;
const LENGTH: Duration = Duration::from_millis(300);
/// Has goods that wait at its door in the seed world.
const PIER: Company =
    Company { ubi: "604900131", person: "staff@long-pier.example", license: "OCM-DIST-25-900131" };

/// What is asked, with the number of the world's last write in it.
const READS: [(&str, &str); 5] = [
    ("the first page of 100 items", "GET /v1/inventory?Limit=100"),
    ("the last page of 100 items", "GET /v1/inventory?Limit=100&TransactionID={last}"),
    ("one item", "GET /v1/inventory/0756879808513419"),
    ("sync", "GET /v1/sync"),
    ("what waits at the door", "GET /v1/inventory/transfer/inbound"),
];

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut worlds = Vec::new();
        for size in SIZES {
            let folder = scratch(&format!("scale-{size}"));
            let mut world = World::start_in(&PIER, &folder).await;
            world.reset().await;
            let row = json!({
                "InventoryType": 28, "Amount": 10, "RoomID": 12, "ProductName": "Erie Diesel 3.5 g",
                "UsableWeight": 3.5,
            });
            world.bring(&row, size).await;
            worlds.push((world, folder));
        }
        for (world, _) in &mut worlds {
            world.reconnect().await;
        }
        for (what, start) in READS {
            let mut loads = Vec::new();
            for (world, _) in &mut worlds {
                let last = world.highest().await;
                let start = start.replace("{last}", &last.to_string());
                let request = request(&start, &world.session, "");
                loads.push(Load::new(world.address, std::iter::once(request)).await);
            }
            let mut costs: [Vec<u64>; SIZES.len()] = Default::default();
            for _ in 0..ROUNDS {
                for ((load, (world, _)), costs) in loads.iter_mut().zip(&worlds).zip(&mut costs) {
                    costs.push(load.round(&world.server, LENGTH).await.cpu_nanos);
                }
            }
            let [small, large] = &costs;
            let details = format!("CPU {} and {} µs", micros(small), micros(large));
            let what = format!("{what}, 1,000,000 items against 10,000");
            table.add_growth(&what, large, small, details);
        }
        let (world, folder) = worlds.pop().unwrap();
        let session = world.session.clone();
        drop(world);
        let start = Instant::now();
        let world = World::start_in(&PIER, &folder).await;
        let mut client = Client::connect(world.address).await;
        client.call(&request("GET /v1/inventory?Limit=1", &session, "")).await;
        let wait = start.elapsed().as_millis();
        let details = "from the start of the process to the first page, after it was killed";
        let target = Some(("< 1000 ms", wait < 1_000));
        table.add("opening 1,000,000 items", format!("{wait} ms"), target, details.to_owned());
    });
}
