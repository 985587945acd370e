//! What a source costs when goods are made: fifty in one call and two hundred, in a small world and a large one.

use serde_json::{Value, json};

use super::{
    load::on_one_thread,
    table::{Table, micros},
    world::{Company, World},
};

const SIZES: [usize; 2] = [1_000, 100_000];
/// How many sources one call takes.
const FEW: usize = 50;
const MANY: usize = 200;
const ROUNDS: usize = 9;
/// Makes lots as well as products of them.
const KETTLE: Company = Company {
    ubi: "604900121",
    person: "staff@copper-kettle.example",
    license: "OCM-PROC-25-900121",
};

/// What is made, of which type of item, and how many sources are usual in one call.
struct Making {
    what: &'static str,
    usual: usize,
    path: &'static str,
    from: u32,
    body: fn(Value) -> Value,
}

const MAKINGS: [Making; 2] = [
    Making {
        what: "a conversion",
        usual: FEW,
        path: "POST /v1/inventory/conversion",
        from: 13,
        body: |sources| {
            json!({
                "Item": sources, "InventoryType": 17, "Amount": 100, "RoomID": 8,
                "Waste": 20, "WasteUOM": "g",
            })
        },
    },
    Making {
        what: "a lot",
        usual: MANY,
        path: "POST /v1/inventory/lot",
        from: 6,
        body: |sources| json!({"Item": sources, "RoomID": 8}),
    },
];

/// Where the sources of a call lie.
#[derive(Clone, Copy)]
enum Pick {
    /// Came in one after another.
    Together,
    /// Each far from the next, as far as the world is large: every one is a leaf of its own in every table.
    Scattered,
}

/// Nanoseconds per source, round by round: by size of the world, then with few and many in a call.
type Costs = [[Vec<u64>; 2]; SIZES.len()];

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut worlds = [World::start(&KETTLE).await, World::start(&KETTLE).await];
        for pick in [Pick::Together, Pick::Scattered] {
            let costs = rounds(&mut worlds, pick).await;
            for (making, costs) in MAKINGS.iter().zip(&costs) {
                add(table, making, pick, costs);
            }
        }
    });
}

async fn rounds(worlds: &mut [World; SIZES.len()], pick: Pick) -> [Costs; MAKINGS.len()] {
    let mut stocks: [[Vec<String>; MAKINGS.len()]; SIZES.len()] = Default::default();
    let mut costs: [Costs; MAKINGS.len()] = Default::default();
    for round in 0..ROUNDS {
        for (at, world) in worlds.iter_mut().enumerate() {
            // A round uses the small one up; of the large one most is left after all.
            if round == 0 || SIZES[at] < SIZES[1] {
                stocks[at] = fill(world, SIZES[at]).await;
            }
            for (kind, making) in MAKINGS.iter().enumerate() {
                let sources = pick.sources(&stocks[at][kind], round);
                let (first, second) = sources.split_at(MANY);
                costs[kind][at][0].push(make(world, making, first, FEW).await);
                costs[kind][at][1].push(make(world, making, second, MANY).await);
            }
        }
    }
    costs
}

/// As the seed world, and so many items, half of them for each making.
async fn fill(world: &mut World, items: usize) -> [Vec<String>; MAKINGS.len()] {
    world.reset().await;
    let mut stock: [Vec<String>; MAKINGS.len()] = Default::default();
    for (making, stock) in MAKINGS.iter().zip(&mut stock) {
        let row = json!({
            "InventoryType": making.from, "Amount": 10, "RoomID": 8, "Strain": "Erie Diesel",
        });
        *stock = world.bring(&row, items / MAKINGS.len()).await;
    }
    stock
}

impl Pick {
    /// The sources of a round, no item twice; there is only one round of a small stock.
    fn sources(self, stock: &[String], round: usize) -> Vec<Value> {
        let count = 2 * MANY;
        let rounds = stock.len() / count;
        let (skip, step) = match self {
            Self::Together => (round % rounds * count, 1),
            Self::Scattered => (round % rounds, rounds),
        };
        let sources = stock.iter().skip(skip).step_by(step).take(count);
        sources.map(|id| json!({"InventoryID": id})).collect()
    }
}

/// Uses the sources up, so many in a call, and tells what each took.
async fn make(world: &mut World, making: &Making, sources: &[Value], many: usize) -> u64 {
    let bodies: Vec<Value> = sources.chunks(many).map(|some| (making.body)(json!(some))).collect();
    let mut watch = world.server.cpu_nanos();
    for body in &bodies {
        let made = world.call(making.path, body).await;
        assert_eq!(made["Derivative"]["InventoryParentID"].as_array().unwrap().len(), many);
    }
    world.lap(&mut watch, sources.len() as u64).await
}

fn add(table: &mut Table, making: &Making, pick: Pick, costs: &Costs) {
    let [small, large] = costs;
    let Making { what, usual, .. } = making;
    let lie = match pick {
        Pick::Together => "together",
        Pick::Scattered => "scattered",
    };
    let name = format!("{what} of {usual} {lie}, per source, 100,000 items against 1,000");
    let at = usize::from(*usual == MANY);
    let (before, after) = (micros(&small[at]), micros(&large[at]));
    let details = format!("CPU {before} and {after} µs in worlds of 1,000 and 100,000");
    table.add_growth(&name, &large[at], &small[at], details);
    let name = format!("{what} of sources {lie}, per source, {MANY} against {FEW}");
    let (few, many) = (micros(&large[0]), micros(&large[1]));
    let details = format!("CPU {few} and {many} µs in a world of 100,000");
    table.add_growth(&name, &large[1], &large[0], details);
}
