//! What a plant costs as its world grows: planting and cutting a thousand in one call, and a page of a hundred.
//!
//! The processor time of the server counts, which a busy machine disturbs less than the time of day.

use std::{iter, time::Duration};

use serde_json::{Value, json};

use super::{
    client::request,
    load::{Load, on_one_thread},
    table::{Table, micros},
    world::{Company, World, text},
};

const SIZES: [u64; 3] = [1_000, 10_000, LARGEST];
const LARGEST: u64 = 100_000;
/// The most that a call may plant, and a batch may hold.
const MANY: u64 = 1_000;
const ROUNDS: usize = 5;
const LENGTH: Duration = Duration::from_millis(200);
const LICENSE: &str = "OCM-CULT-25-900101";
const BIRCH: Company =
    Company { ubi: "604900101", person: "staff@hollow-birch.example", license: LICENSE };

/// A world that is filled with plants.
struct Farm {
    world: World,
    /// The item that is planted.
    seeds: String,
    /// The thousand that were planted last, as a batch names them.
    newest: Vec<Value>,
}

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut farms = Vec::new();
        for size in SIZES {
            farms.push(Farm::filled(size).await);
        }
        // Before more plants come.
        let mut found = Vec::new();
        for (what, page) in PAGES {
            found.push((*what, pages(&mut farms, *page).await));
        }
        let mut seasons = [const { Vec::new() }; SIZES.len()];
        for round in 0..ROUNDS {
            for ((size, farm), seasons) in SIZES.into_iter().zip(&mut farms).zip(&mut seasons) {
                // The largest would take too long, and a few rounds more are little to it.
                if round > 0 && size < LARGEST {
                    farm.renew(size).await;
                }
                seasons.push(farm.season().await);
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
async fn pages(farms: &mut [Farm], page: Page) -> [Vec<u64>; SIZES.len()] {
    let mut loads = Vec::new();
    for farm in farms.iter_mut() {
        let start = match page {
            Page::First => "GET /v1/plant?Limit=100".to_owned(),
            Page::Last => format!("GET /v1/plant?Limit=100&Cursor={}", farm.last_cursor().await),
            Page::OfBatch => {
                let plants = farm.newest.iter().take(100).cloned().collect();
                let batch = farm.gather(plants).await;
                format!("GET /v1/plant?Limit=100&HarvestBatchID={batch}")
            }
        };
        let page = farm.world.call(&start, &Value::Null).await;
        assert_eq!(page["Plant"].as_array().unwrap().len(), 100);
        let request = request(&start, &farm.world.session, "");
        loads.push(Load::new(farm.world.address, iter::once(request)).await);
    }
    let mut costs = [const { Vec::new() }; SIZES.len()];
    for _ in 0..ROUNDS {
        for ((load, farm), costs) in loads.iter_mut().zip(farms.iter()).zip(&mut costs) {
            costs.push(load.round(&farm.world.server, LENGTH).await.cpu_nanos);
        }
    }
    costs
}

/// The largest world against the smallest.
fn add(table: &mut Table, what: &str, costs: &[Vec<u64>; SIZES.len()]) {
    let [small, middle, large] = costs.each_ref().map(|costs| micros(costs));
    let details =
        format!("CPU {small}, {middle} and {large} µs in worlds of 1,000, 10,000 and 100,000");
    let what = format!("{what}, 100,000 plants against 1,000");
    table.add_growth(&what, &costs[2], &costs[0], details);
}

impl Farm {
    async fn filled(plants: u64) -> Self {
        let world = World::start(&BIRCH).await;
        let mut farm = Self { world, seeds: String::new(), newest: Vec::new() };
        farm.renew(plants).await;
        farm
    }

    /// As the seed world, with seeds, and so many plants more.
    async fn renew(&mut self, plants: u64) {
        self.world.reset().await;
        let seeds =
            json!({"InventoryType": 10, "Amount": 1_000_000, "RoomID": 1, "Strain": "Hudson Haze"});
        self.seeds = self.world.bring(&seeds, 1).await.remove(0);
        for _ in 0..plants / MANY {
            self.plant().await;
        }
    }

    async fn plant(&mut self) {
        let body = json!({
            "LocationLicense": LICENSE, "RoomID": 2, "SourceInventoryID": self.seeds, "Quantity": MANY,
        });
        let planted = self.world.call("POST /v1/plant", &body).await;
        let plants = planted["Plant"].as_array().unwrap().iter();
        self.newest = plants.map(|plant| json!({"PlantID": plant["ID"]})).collect();
        assert_eq!(self.newest.len() as u64, MANY);
    }

    /// Makes a batch, and tells its number.
    async fn gather(&mut self, plants: Vec<Value>) -> String {
        let body = json!({"LocationLicense": LICENSE, "Plant": plants});
        let batch = self.world.call("POST /v1/harvest-batch", &body).await;
        text(&batch["HarvestBatch"]["HarvestBatchID"])
    }

    /// Plants a thousand and cuts them, and tells what each call took.
    async fn season(&mut self) -> Season {
        let mut watch = self.world.server.cpu_nanos();
        self.plant().await;
        let planting = self.world.lap(&mut watch, MANY).await;
        let batch = self.gather(self.newest.clone()).await;
        let gathering = self.world.lap(&mut watch, MANY).await;
        let body = json!({"HarvestScheduleDate": "2025-07-28T13:00:00Z"});
        self.world.call(&format!("PUT /v1/harvest-batch/{batch}/harvest/schedule"), &body).await;
        let scheduling = self.world.lap(&mut watch, MANY).await;
        let body = json!({"RoomID": 1, "UOM": "kg", "Derivative": [
            {"InventoryType": 6, "Weight": 500}, {"InventoryType": 9, "Weight": 60},
        ]});
        self.world.call(&format!("POST /v1/harvest-batch/{batch}/harvest"), &body).await;
        let cutting = self.world.lap(&mut watch, MANY).await;
        Season { planting, gathering, scheduling, cutting }
    }

    /// The cursor of the last page that is full.
    async fn last_cursor(&mut self) -> u64 {
        let (mut before, mut at) = (0, 0);
        loop {
            let start = format!("GET /v1/plant?Limit=100&Cursor={at}");
            let next = self.world.call(&start, &Value::Null).await["NextCursor"].as_u64().unwrap();
            if next == 0 {
                return before;
            }
            (before, at) = (at, next);
        }
    }
}
