//! Takes what a write did into the model; new rows get the identifiers that the reply shows.

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{dice::mixed, ensure, verdict::Verdict, world::identifiers};

use crate::{
    act::{Change, Outcome},
    kind::{Key, Kind},
    model::{Model, Row},
};

/// New rows that a reply shows, by kind and in its order.
type Waiting = BTreeMap<Kind, Vec<Value>>;

pub(crate) fn take(
    model: &mut Model,
    ubi: &'static str,
    outcome: Outcome,
    shown: &[(Kind, Value)],
) -> Verdict<Vec<Key>> {
    if let Some(tags) = model.tags.get_mut(ubi) {
        *tags -= outcome.tags;
    }
    for key in &outcome.uses {
        if let Some(row) = model.rows.get_mut(key) {
            row.used = model.transaction;
        }
    }
    let mut waiting = waiting(model, shown);
    let mut changes = outcome.changes;
    for (place, change) in changes.iter_mut().enumerate() {
        change.row.name = named(model.step, place, change);
        if change.key.is_none() {
            name(model, change, &mut waiting)?;
        }
    }
    for at in 0..changes.len() {
        for (field, place) in std::mem::take(&mut changes[at].links) {
            let other = &changes[place];
            changes[at].row.wire[field] = other.row.wire[other.kind.id()].clone();
        }
    }
    let changed: Vec<Key> = changes.into_iter().map(|change| store(model, change)).collect();
    // What follows from other rows comes last, the records before the batches whose state they decide.
    for key in changed.iter().filter(|key| key.kind != Kind::Batch) {
        model.settle(key);
    }
    for key in changed.iter().filter(|key| key.kind == Kind::Batch) {
        model.settle(key);
    }
    Ok(changed)
}

fn waiting(model: &Model, shown: &[(Kind, Value)]) -> Waiting {
    let mut waiting = Waiting::new();
    for (kind, row) in shown {
        let rows = waiting.entry(*kind).or_default();
        let known = model.rows.contains_key(&Key::of(*kind, row));
        if !known && !rows.iter().any(|it| it[kind.id()] == row[kind.id()]) {
            rows.push(row.clone());
        }
    }
    waiting
}

/// A row keeps the name that it has.
fn named(step: usize, place: usize, change: &Change) -> u64 {
    if change.row.name > 0 { change.row.name } else { mixed((step << 16 | place) as u64) }
}

fn name(model: &mut Model, change: &mut Change, waiting: &mut Waiting) -> Verdict {
    let kind = change.kind;
    let rows = waiting.entry(kind).or_default();
    ensure!(!rows.is_empty(), "the reply does not show the new {kind:?}");
    let shown = rows.remove(0);
    let id = shown[kind.id()].clone();
    check_id(model, kind, &id)?;
    if kind == Kind::Conversion {
        number_items(model, &mut change.row.wire, &shown)?;
    }
    change.row.wire[kind.id()] = id;
    change.row.born = model.births;
    model.births += 1;
    Ok(())
}

/// The rows of a conversion have numbers of their own, each higher than the one before.
fn number_items(model: &Model, wire: &mut Value, shown: &Value) -> Verdict {
    let numbers = shown["Item"].as_array().into_iter().flatten().map(|it| it["ID"].as_u64());
    let numbers: Vec<u64> = numbers.flatten().collect();
    ensure!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "rows out of order: {shown}");
    for (item, number) in wire["Item"].as_array_mut().into_iter().flatten().zip(numbers) {
        item["ID"] = number.into();
        item["ConversionID"] = shown["ID"].clone();
        item["TransactionID"] = model.transaction.into();
    }
    Ok(())
}

/// Identifiers never repeat; numbers go up by one.
fn check_id(model: &mut Model, kind: Kind, id: &Value) -> Verdict {
    if kind.minted() {
        let text = id.as_str().unwrap_or_default();
        let well_formed = identifiers(&format!("\"{text}\"")).count() == 1;
        ensure!(well_formed, "{id} is no identifier of sixteen digits");
        ensure!(model.seen.insert(text.to_owned()), "{id} was issued twice");
        return Ok(());
    }
    let number = id.as_u64().ok_or_else(|| format!("{id} is no number"))?;
    if let Some(latest) = model.numbers.insert(kind, number) {
        ensure!(number == latest + 1, "{kind:?} {number} follows {latest}");
    }
    Ok(())
}

fn store(model: &mut Model, change: Change) -> Key {
    let mut row = change.row;
    model.stamp(&mut row.wire, model.transaction);
    let key = Key::of(change.kind, &row.wire);
    let before = model.rows.get(&key);
    if !change.corrects && before.is_some_and(|before| uses(before, &row)) {
        row.used = model.transaction;
    }
    model.rows.insert(key.clone(), row);
    key
}

/// Whether goods are used by a change (WIRE-54): another amount or type, or a destruction announced.
fn uses(before: &Row, after: &Row) -> bool {
    let differs = |field: &str| before.wire[field] != after.wire[field];
    let goods = before.wire["InventoryType"].is_number() && before.wire["UOM"].is_string();
    goods
        && (differs("RemainingAmount")
            || differs("InventoryType")
            || (after.scheduled && !before.scheduled))
}
