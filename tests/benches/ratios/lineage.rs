//! What a recall costs per relative: everything that was made from one item, and everything an item was made from.

use std::{collections::VecDeque, iter, time::Duration};

use serde_json::{Value, json};

use super::{
    client::request,
    load::{Load, on_one_thread},
    table::{Table, micros},
    world::{Company, World, text},
};

const SIZES: [usize; 2] = [1_000, 10_000];
/// Into how many parts an item is split, and each of them again.
const PARTS: usize = 10;
const ROUNDS: usize = 7;
const LENGTH: Duration = Duration::from_millis(400);
const BIRCH: Company = Company {
    ubi: "604900101",
    person: "staff@hollow-birch.example",
    license: "OCM-CULT-25-900101",
};

pub fn measure(table: &mut Table) {
    on_one_thread(async {
        let mut world = World::start(&BIRCH).await;
        world.reset().await;
        let (mut trees, mut chains) = (Vec::new(), Vec::new());
        for size in SIZES {
            let (root, _) = split(&mut world, size, PARTS).await;
            trees.push(ask(&mut world, &root, "Descendant", size).await);
            let (_, last) = split(&mut world, size, 1).await;
            chains.push(ask(&mut world, &last, "Ancestor", size).await);
        }
        add(table, "the descendants of an item, parts of parts", rounds(&world, trees).await);
        add(table, "the ancestors of an item, in one line", rounds(&world, chains).await);
    });
}

/// A lot and so many parts of parts of it, breadth first; tells the lot and the last part.
async fn split(world: &mut World, many: usize, parts: usize) -> (String, String) {
    // Each part leaves more than enough for the next one.
    let amount = |distance: i32| match parts {
        1 => json!(100_000 - distance),
        _ => json!(1_000_000.0 / 20_f64.powi(distance)),
    };
    let row =
        json!({"InventoryType": 13, "Amount": amount(0), "RoomID": 1, "Strain": "Hudson Haze"});
    let root = world.bring(&row, 1).await.remove(0);
    let mut waiting = VecDeque::from([(root.clone(), 1)]);
    let mut last = String::new();
    let mut made = 0;
    while let Some((whole, distance)) = waiting.pop_front().filter(|_| made < many) {
        let body = json!({"Amount": amount(distance)});
        for _ in 0..parts.min(many - made) {
            let split = world.call(&format!("POST /v1/inventory/{whole}/sublot"), &body).await;
            last = text(&split["Derivative"]["ID"]);
            waiting.push_back((last.clone(), distance + 1));
            made += 1;
        }
    }
    (root, last)
}

/// The question for the relatives of an item, of whom there are so many.
async fn ask(world: &mut World, id: &str, side: &str, many: usize) -> Load {
    let start = format!("GET /_tagtrail/worlds/default/items/{id}/lineage");
    let lineage = world.call(&start, &Value::Null).await;
    assert_eq!(lineage[side].as_array().unwrap().len(), many);
    Load::new(world.address, iter::once(request(&start, "", ""))).await
}

/// Nanoseconds of the server per relative, for few and for many, round by round.
async fn rounds(world: &World, mut loads: Vec<Load>) -> [Vec<u64>; SIZES.len()] {
    let mut costs = [const { Vec::new() }; SIZES.len()];
    for _ in 0..ROUNDS {
        for ((load, size), costs) in loads.iter_mut().zip(SIZES).zip(&mut costs) {
            costs.push(load.round(&world.server, LENGTH).await.cpu_nanos / size as u64);
        }
    }
    costs
}

fn add(table: &mut Table, what: &str, [few, many]: [Vec<u64>; SIZES.len()]) {
    let what = format!("{what}, per relative, 10,000 against 1,000");
    let details = format!("CPU {} and {} µs among 1,000 and 10,000", micros(&few), micros(&many));
    table.add_growth(&what, &many, &few, details);
}
