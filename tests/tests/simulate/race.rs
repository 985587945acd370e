//! Many callers at once: what comes out is what some order of the calls gives.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tagtrail_tests::{
    race::{self, Call},
    wire::{Reply, Stand},
};

const TASKS: usize = 64;
const BIRCH: &str = "604900101";
const LARKS: &str = "604900141";
const FARM: &str = "OCM-CULT-25-900101";
const LARKS_SITE: &str = "OCM-MICR-25-900141-A";

/// Calls of one company, all let go at the same moment.
fn race(stand: &Stand, ubi: &'static str, calls: Vec<(String, Value)>) -> Vec<Reply> {
    let calls: Vec<Call> =
        calls.into_iter().map(|(start, body)| Call::of(ubi, &start, Some(body))).collect();
    race::race(stand, &calls)
}

fn won(replies: &[Reply]) -> Vec<&Reply> {
    replies.iter().filter(|reply| reply.status == 200).collect()
}

/// All others were refused by this rule.
fn check_lost(replies: &[Reply], rule: &str) {
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.rule, rule, "{}", reply.text);
    }
}

/// Each winner has a number of its own, one after the other.
fn check_numbers(replies: &[&Reply]) {
    let numbers: BTreeSet<u64> =
        replies.iter().map(|reply| reply.json()["TransactionID"].as_u64().unwrap()).collect();
    assert_eq!(numbers.len(), replies.len(), "two writes share a number");
    let (first, last) = (numbers.first().unwrap(), numbers.last().unwrap());
    assert_eq!(last - first + 1, numbers.len() as u64, "a number was left out");
}

fn seeds(stand: &Stand) -> String {
    let body = json!({"LocationLicense": FARM, "Inventory": [{
        "SourcePlantID": "0073518842960417", "InventoryType": 10, "Amount": 100, "RoomID": 1,
    }]});
    let made = stand.client().call(BIRCH, "POST /v1/inventory", Some(&body)).json();
    made["Inventory"][0]["ID"].as_str().unwrap().to_owned()
}

#[test]
fn three_tags_are_used_three_times() {
    let stand = Stand::new();
    let rooms = stand.client().call(LARKS, "GET /v1/inventory/room?Limit=1", None).json();
    let room = &rooms["Room"][0]["ID"];
    let body = json!({"LocationLicense": LARKS_SITE, "Inventory": [{
        "SupplierLicense": "OCM-CULT-25-900104", "InventoryType": 13, "Amount": 5, "RoomID": room,
        "Strain": "Erie Diesel",
    }]});
    let replies = race(&stand, LARKS, vec![("POST /v1/inventory".to_owned(), body); TASKS]);
    let won = won(&replies);
    assert_eq!(won.len(), 3);
    check_numbers(&won);
    check_lost(&replies, "UID-20");
    let tags = stand
        .client()
        .call(LARKS, &format!("GET /_tagtrail/worlds/default/tags/{LARKS}"), None)
        .json();
    assert_eq!(tags["Available"], 0, "{tags}");
}

#[test]
fn nothing_is_taken_twice() {
    let stand = Stand::new();
    let id = seeds(&stand);
    let body = json!({"RemoveAmount": 7, "Type": 8, "Reason": "Planted."});
    let calls = vec![(format!("PUT /v1/inventory/{id}/adjust"), body); TASKS];
    let replies = race(&stand, BIRCH, calls);
    let won = won(&replies);
    assert_eq!(won.len(), 14, "a hundred seeds are taken by sevens");
    check_numbers(&won);
    check_lost(&replies, "INV-20");
    let mut steps: Vec<(u64, Value, Value)> = won
        .iter()
        .map(|reply| {
            let reply = reply.json();
            let step = &reply["InventoryAdjustment"];
            let number = reply["TransactionID"].as_u64().unwrap();
            (number, step["PreviousAmount"].clone(), step["NewAmount"].clone())
        })
        .collect();
    steps.sort_by_key(|(number, ..)| *number);
    for pair in steps.windows(2) {
        assert_eq!(pair[0].2, pair[1].1, "a step does not begin where the one before ended");
    }
    let left = stand.client().call(BIRCH, &format!("GET /v1/inventory/{id}"), None).json();
    assert_eq!(left["Inventory"]["RemainingAmount"], 2);
}

#[test]
fn an_item_is_destroyed_once() {
    let stand = Stand::new();
    let id = seeds(&stand);
    let named = json!({"Inventory": [{"InventoryID": id}]});
    let mut announced = named.clone();
    announced["ReasonExtended"] = json!(1);
    let schedule = "PUT /v1/inventory/destroy/schedule".to_owned();
    let replies = race(&stand, BIRCH, vec![(schedule, announced); TASKS]);
    assert_eq!(won(&replies).len(), 1);
    check_lost(&replies, "INV-63");
    let destroy = "PUT /v1/inventory/destroy".to_owned();
    let replies = race(&stand, BIRCH, vec![(destroy, named); TASKS]);
    assert_eq!(won(&replies).len(), 1);
    check_lost(&replies, "INV-13");
}

#[test]
fn an_identifier_is_uploaded_once() {
    let stand = Stand::new();
    let body = json!({"LocationLicense": FARM, "Data": [{
        "ProviderBarcodeID": "1234567890123456", "InventoryType": 13, "Amount": 1, "RoomID": 1,
    }]});
    let calls = vec![("POST /v1/inventory/initial".to_owned(), body); TASKS];
    let replies = race(&stand, BIRCH, calls);
    let rows: Vec<Value> = replies.iter().map(|reply| reply.json()["Data"][0].clone()).collect();
    let kept: Vec<&Value> = rows.iter().filter(|row| row["Success"] == true).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["TraceabilityBarcodeID"], "1234567890123456");
    assert!(rows.iter().filter(|row| row["Success"] == false).all(|row| row["ErrorCode"] == "602"));
}

#[test]
fn a_room_is_removed_or_filled() {
    let stand = Stand::new();
    let body = json!({"LocationLicense": FARM, "Name": "Contended"});
    let made = stand.client().call(BIRCH, "POST /v1/inventory/room", Some(&body)).json();
    let room = &made["InventoryRoomResponse"]["InventoryRoom"]["ID"];
    let id = seeds(&stand);
    let fill = json!({"Inventory": [{"InventoryID": id, "RoomID": room}]});
    let removal = (format!("DELETE /v1/inventory/room/{room}"), json!({}));
    let filling = ("PUT /v1/inventory/move".to_owned(), fill);
    let calls = (0..TASKS).map(|task| if task % 2 == 0 { &removal } else { &filling }.clone());
    let calls: Vec<_> = calls.collect();
    let replies = race(&stand, BIRCH, calls);
    let removed = replies.iter().step_by(2).filter(|reply| reply.status == 200).count();
    let filled = replies.iter().skip(1).step_by(2).filter(|reply| reply.status == 200).count();
    assert!((removed == 1 && filled == 0) || (removed == 0 && filled == TASKS / 2));
}
