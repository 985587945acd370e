//! What a plant costs as its world grows: planting and cutting a thousand in one call, and a page of a hundred.
//!
//! The processor time of the server counts, which a busy machine disturbs less than the time of day.

use std::{iter, net::SocketAddr, time::Duration};

use serde_json::{Value, json};

use super::{
    client::{Client, log_in, request},
    load::{Load, on_one_thread},
    process::Child,
    table::{Ratio, Table, median},
};

const SIZES: [u64; 3] = [1_000, 10_000, LARGEST];
const LARGEST: u64 = 100_000;
/// The most that a call may plant, and a batch may hold.
const MANY: u64 = 1_000;
/// What counts as the same: a larger tree has a level more.
const FLAT: Ratio = Ratio(130);
const ROUNDS: usize = 5;
const LENGTH: Duration = Duration::from_millis(200);
/// What the server still does once it has answered.
const REST: Duration = Duration::from_millis(5);
const UBI: &str = "604900101";
const LICENSE: &str = "OCM-CULT-25-900101";

/// A sandbox of its own, filled with plants.
struct World {
    server: Child,
    address: SocketAddr,
    client: Client,
    session: String,
    /// The item that is planted.
    seeds: String,
    /// The thousand that were planted last, as a batch names them.
    newest: Vec<Value>,
}

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut worlds = Vec::new();
        for size in SIZES {
            worlds.push(World::filled(size).await);
        }
        // Before more plants come.
        let mut found = Vec::new();
        for (what, page) in PAGES {
            found.push((*what, pages(&mut worlds, *page).await));
        }
        let mut seasons = [const { Vec::new() }; SIZES.len()];
        for round in 0..ROUNDS {
            for ((size, world), seasons) in SIZES.into_iter().zip(&mut worlds).zip(&mut seasons) {
                // The largest would take too long, and a few rounds more are little to it.
                if round > 0 && size < LARGEST {
                    world.renew(size).await;
                }
                seasons.push(world.season().await);
            }
        }
        let cost =
            |of: fn(&Season) -> u64| seasons.each_ref().map(|it| it.iter().map(of).collect());
        add(table, "planting 1,000, per plant", &cost(|it| it.planting));
        add(table, "a batch of 1,000, per plant", &cost(|it| it.gathering));
        add(table, "scheduling 1,000, per plant", &cost(|it| it.scheduling));
        add(table, "cutting 1,000, per plant", &cost(|it| it.cutting));
        for (what, costs) in &found {
            add(table, what, costs);
        }
    });
}

/// What the calls took, in nanoseconds of the server per plant.
struct Season {
    planting: u64,
    gathering: u64,
    scheduling: u64,
    cutting: u64,
}

/// Which page is asked for.
#[derive(Clone, Copy)]
enum Page {
    First,
    Last,
    /// The last plants that were planted, gathered for the harvest.
    OfBatch,
}

const PAGES: &[(&str, Page)] = &[
    ("the first page of 100 plants", Page::First),
    ("the last page of 100 plants", Page::Last),
    ("a page of the 100 plants of a batch", Page::OfBatch),
];

/// Nanoseconds of the server per page, in each world, round by round.
async fn pages(worlds: &mut [World], page: Page) -> [Vec<u64>; SIZES.len()] {
    let mut loads = Vec::new();
    for world in worlds.iter_mut() {
        let start = match page {
            Page::First => "GET /v1/plant?Limit=100".to_owned(),
            Page::Last => format!("GET /v1/plant?Limit=100&Cursor={}", world.last_cursor().await),
            Page::OfBatch => {
                let plants = world.newest.iter().take(100).cloned().collect();
                let batch = world.gather(plants).await;
                format!("GET /v1/plant?Limit=100&HarvestBatchID={batch}")
            }
        };
        let page = world.call(&start, &Value::Null).await;
        assert_eq!(page["Plant"].as_array().unwrap().len(), 100);
        let request = request(&start, &world.session, "");
        loads.push(Load::new(world.address, iter::once(request)).await);
    }
    let mut costs = [const { Vec::new() }; SIZES.len()];
    for _ in 0..ROUNDS {
        for ((load, world), costs) in loads.iter_mut().zip(worlds.iter()).zip(&mut costs) {
            costs.push(load.round(&world.server, LENGTH).await.cpu_nanos);
        }
    }
    costs
}

/// The largest world against the smallest.
fn add(table: &mut Table, what: &str, costs: &[Vec<u64>; SIZES.len()]) {
    let pairs = costs[2].iter().zip(&costs[0]);
    let ratio = median(pairs.map(|(large, small)| Ratio::of(*large, *small)).collect());
    let micros = |costs: &Vec<u64>| {
        let nanos = median(costs.clone());
        format!("{}.{}", nanos / 1000, nanos % 1000 / 100)
    };
    let [small, middle, large] = costs.each_ref().map(micros);
    let details =
        format!("CPU {small}, {middle} and {large} µs in worlds of 1,000, 10,000 and 100,000");
    let what = format!("{what}, 100,000 plants against 1,000");
    let target = format!("≤ {FLAT}");
    table.add(&what, ratio, Some((target.as_str(), ratio <= FLAT)), details);
}

impl World {
    async fn filled(plants: u64) -> Self {
        let (server, address) = Child::server(&["serve-sandbox"]);
        let client = Client::connect(address).await;
        let (session, seeds, newest) = (String::new(), String::new(), Vec::new());
        let mut world = Self { server, address, client, session, seeds, newest };
        world.renew(plants).await;
        world
    }

    /// As the seed world, with seeds, tags for all, and so many plants more.
    async fn renew(&mut self, plants: u64) {
        self.call("POST /_tagtrail/worlds/default/reset", &json!({})).await;
        let tags = format!("PUT /_tagtrail/worlds/default/tags/{UBI}");
        self.call(&tags, &json!({"Available": 1_000_000})).await;
        self.session = log_in(&mut self.client, UBI, "staff@hollow-birch.example").await;
        let seeds =
            json!({"InventoryType": 10, "Amount": 1_000_000, "RoomID": 1, "Strain": "Hudson Haze"});
        let body = json!({"LocationLicense": LICENSE, "Data": [seeds]});
        let made = self.call("POST /v1/inventory/initial", &body).await;
        self.seeds = text(&made["Data"][0]["TraceabilityBarcodeID"]);
        for _ in 0..plants / MANY {
            self.plant().await;
        }
    }

    async fn call(&mut self, start: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request(start, &self.session, &body);
        serde_json::from_slice(self.client.call(&request).await.body).unwrap()
    }

    async fn plant(&mut self) {
        let body = json!({
            "LocationLicense": LICENSE, "RoomID": 2, "SourceInventoryID": self.seeds, "Quantity": MANY,
        });
        let planted = self.call("POST /v1/plant", &body).await;
        let plants = planted["Plant"].as_array().unwrap().iter();
        self.newest = plants.map(|plant| json!({"PlantID": plant["ID"]})).collect();
        assert_eq!(self.newest.len() as u64, MANY);
    }

    /// Makes a batch, and tells its number.
    async fn gather(&mut self, plants: Vec<Value>) -> String {
        let body = json!({"LocationLicense": LICENSE, "Plant": plants});
        let batch = self.call("POST /v1/harvest-batch", &body).await;
        text(&batch["HarvestBatch"]["HarvestBatchID"])
    }

    /// Plants a thousand and cuts them, and tells what each call took.
    async fn season(&mut self) -> Season {
        let mut watch = self.server.cpu_nanos();
        self.plant().await;
        let planting = self.lap(&mut watch).await;
        let batch = self.gather(self.newest.clone()).await;
        let gathering = self.lap(&mut watch).await;
        let body = json!({"HarvestScheduleDate": "2025-07-28T13:00:00Z"});
        self.call(&format!("PUT /v1/harvest-batch/{batch}/harvest/schedule"), &body).await;
        let scheduling = self.lap(&mut watch).await;
        let body = json!({"RoomID": 1, "UOM": "kg", "Derivative": [
            {"InventoryType": 6, "Weight": 500}, {"InventoryType": 9, "Weight": 60},
        ]});
        self.call(&format!("POST /v1/harvest-batch/{batch}/harvest"), &body).await;
        let cutting = self.lap(&mut watch).await;
        Season { planting, gathering, scheduling, cutting }
    }

    /// The server's time per plant since the watch was last read.
    async fn lap(&self, watch: &mut u64) -> u64 {
        tokio::time::sleep(REST).await;
        let now = self.server.cpu_nanos();
        (now - std::mem::replace(watch, now)) / MANY
    }

    /// The cursor of the last page that is full.
    async fn last_cursor(&mut self) -> u64 {
        let (mut before, mut at) = (0, 0);
        loop {
            let start = format!("GET /v1/plant?Limit=100&Cursor={at}");
            let next = self.call(&start, &Value::Null).await["NextCursor"].as_u64().unwrap();
            if next == 0 {
                return before;
            }
            (before, at) = (at, next);
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
