//! Many clients race for the same goods and documents: what comes out is what the calls that succeeded
//! give one after the other, in the order of their numbers, in a world of the same seed and clock.

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{
    pages::list,
    race::{Call, race},
    wire::{Client, Reply, Stand, token},
};

use crate::{
    kind::{Key, Kind},
    scene::{self, Scene},
};

const TASKS: usize = 64;
const COMPANIES: &[&str] =
    &["604900101", "604900103", "604900121", "604900131", "604900141", "604900161"];

/// A call that succeeded, with its number.
struct Winner<'a> {
    number: u64,
    call: &'a Call,
    reply: &'a Reply,
}

/// Everything that the companies see.
fn rows(client: &mut Client) -> BTreeMap<(&'static str, Key), Value> {
    let mut rows = BTreeMap::new();
    for ubi in COMPANIES {
        for kind in Kind::ALL {
            let listed = list(client, &token(ubi), kind.path(), 0, 1_000).unwrap();
            rows.extend(listed.rows.into_iter().map(|row| ((*ubi, Key::of(*kind, &row)), row)));
        }
    }
    rows
}

/// The number of a write, wherever its reply shows it.
fn number(reply: &Value) -> Option<u64> {
    let next = reply["NextTransactionID"].as_u64().map(|next| next - 1);
    let receipt = ["TransactionID", "transactionID"].iter().find_map(|it| reply[*it].as_u64());
    receipt.or(next).or_else(|| reply["Manifest"]["TransactionID"].as_u64())
}

/// Lets a scene's calls race, so many of each, and replays those that succeeded; answers how many of each
/// kind of call did, and what all replies were.
fn play(scene: Scene, times: usize) -> (Vec<usize>, Vec<Reply>) {
    let stand = Stand::new();
    let kinds = scene(&mut stand.client());
    let calls: Vec<Call> =
        (0..kinds.len() * times).map(|at| kinds[at % kinds.len()].clone()).collect();
    let replies = race(&stand, &calls);
    let mut won = vec![0; kinds.len()];
    let mut winners = Vec::new();
    for (at, (call, reply)) in calls.iter().zip(&replies).enumerate() {
        if reply.status == 200 {
            won[at % kinds.len()] += 1;
            let number = number(&reply.json()).unwrap_or_else(|| panic!("no number: {reply:?}"));
            winners.push(Winner { number, call, reply });
        } else {
            let documented = tagtrail_schemas::rule(&reply.rule).is_some();
            assert!((400..500).contains(&reply.status) && documented, "{call:?} gets {reply:?}");
        }
    }
    winners.sort_by_key(|it| it.number);
    let steps = winners.windows(2).all(|two| two[0].number + 1 == two[1].number);
    assert!(steps, "two writes share a number, or one is left out");
    let again = Stand::new();
    scene(&mut again.client());
    for Winner { call, reply, .. } in winners {
        let replayed = again.client().call_with(&call.bearer, &call.start, call.body.as_ref());
        assert_eq!(replayed.text, reply.text, "replayed alone, {call:?} says something else");
    }
    let (raced, replayed) = (rows(&mut stand.client()), rows(&mut again.client()));
    for (name, row) in &raced {
        assert_eq!(replayed.get(name), Some(row), "{name:?} differs from what the replay gives");
    }
    assert_eq!(raced.len(), replayed.len(), "the replay gives more rows");
    (won, replies)
}

/// The amounts of an item at all licenses together.
fn amount(replies: &[Reply], won: &[usize]) -> usize {
    assert_eq!(replies.iter().filter(|it| it.status == 200).count(), won.iter().sum::<usize>());
    won.iter().sum()
}

#[test]
fn an_item_goes_on_one_manifest() {
    let (won, _) = play(scene::two_manifests, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn an_item_is_billed_once() {
    let (won, _) = play(scene::two_invoices, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn a_manifest_is_shipped_once_and_voided_once() {
    let (won, _) = play(scene::ship_or_void, TASKS / 2);
    assert!(won == [0, 1] || won == [1, 1], "{won:?}");
}

#[test]
fn a_transfer_is_received_or_voided() {
    let (won, _) = play(scene::receive_or_void, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn a_transfer_is_received_once_in_full_or_in_part() {
    let (won, _) = play(scene::receive_twice, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn what_was_refused_is_taken_back_once() {
    let (won, _) = play(scene::take_back, TASKS);
    assert_eq!(won, [1]);
}

#[test]
fn an_arrival_is_undone_or_the_goods_are_received() {
    let (won, _) = play(scene::undo_or_receive, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn five_units_are_sold_five_times() {
    let (won, replies) = play(scene::sell, TASKS);
    assert_eq!(amount(&replies, &won), 5);
}

#[test]
fn a_sale_is_refunded_once_or_voided_once() {
    let (won, _) = play(scene::refund_or_void, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn an_offer_is_accepted_once_and_declined_once() {
    let (won, _) = play(scene::accept_or_decline, TASKS / 2);
    assert!(won == [0, 1] || won == [1, 1], "{won:?}");
}

#[test]
fn an_invoice_is_never_paid_above_its_price() {
    let (won, replies) = play(scene::pay_or_reprice, TASKS / 2);
    assert!(won[0] <= 1, "{won:?}");
    assert_eq!(amount(&replies, &won), won[0] + won[1]);
    // Once it is paid it gets no cheaper, and once it is cheaper it is not paid in full.
    assert!(won[0] == 0 || won[1] == 0, "{won:?}");
}

#[test]
fn a_payment_is_answered_once_or_withdrawn() {
    let (won, _) = play(scene::answer_payment, TASKS / 3);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn the_last_three_tags_give_three_parts() {
    let (won, replies) = play(scene::last_tags, TASKS);
    assert_eq!(won, [3]);
    assert!(replies.iter().all(|it| it.status == 200 || it.rule == "UID-20"));
}

#[test]
fn an_invoice_is_planned_or_voided() {
    let (won, _) = play(scene::plan_or_void_invoice, TASKS / 2);
    assert_eq!(won.iter().sum::<usize>(), 1, "{won:?}");
}

#[test]
fn an_item_is_split_until_it_is_planned() {
    let (won, _) = play(scene::split_or_plan, TASKS / 2);
    assert_eq!(won[1], 1, "{won:?}");
}

#[test]
fn a_crowd_that_does_everything_at_once_keeps_to_some_order() {
    let (won, _) = play(scene::crowd, 4);
    assert!(won.iter().filter(|it| **it > 0).count() > 8, "{won:?}");
}
