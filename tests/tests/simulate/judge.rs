//! Holds the replies of a sandbox against the model.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    act::{Outcome, Step},
    dice::Dice,
    model::{COMPANIES, Key, Kind, Model, Row, identifiers},
    wire::{Client, Reply},
};

/// What differs, for people.
pub(crate) type Verdict<T = ()> = Result<T, String>;

macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+));
        }
    };
}

/// Learns the seed world through its lists.
pub(crate) fn learn(client: &mut Client, model: &mut Model) -> Verdict {
    for ubi in COMPANIES {
        for kind in Kind::ALL {
            for wire in list(client, ubi, *kind, 0, 1_000)?.rows {
                model.learn(ubi, *kind, wire);
            }
        }
    }
    model.transaction = highest(client)?;
    Ok(())
}

/// The world's highest number (SYNC-29).
pub(crate) fn highest(client: &mut Client) -> Verdict<u64> {
    let start = "GET /v1/vehicle?TransactionID=4000000000&Limit=1";
    let next = client.call(COMPANIES[0], start, None).json()["NextTransactionID"].as_u64();
    next.map(|next| next - 1).ok_or_else(|| "a list shows no NextTransactionID".to_owned())
}

/// Judges a write's reply, and takes its outcome into the model.
pub(crate) fn judge(client: &mut Client, model: &mut Model, step: Step, reply: &Reply) -> Verdict {
    let before = model.transaction;
    let now = highest(client)?;
    let outcome = match step.forecast {
        Err(rule) => {
            ensure!(reply.rule == rule, "expected a refusal by {rule}, got {reply:?}");
            ensure!(now == before, "a refusal took number {now} after {before}");
            return Ok(());
        }
        Ok(outcome) => outcome,
    };
    ensure!(reply.status == 200, "expected success, got {reply:?}");
    let expected = before + u64::from(!outcome.changes.is_empty());
    ensure!(now == expected, "expected number {expected} after {before}, got {now}");
    model.transaction = now;
    let said = rows_in(&reply.json());
    let shown = match &outcome.uploaded {
        Some(codes) => check_upload(&reply.json(), codes, &outcome, now)?,
        None => said.clone(),
    };
    let changed = take(model, step.ubi, outcome, &shown)?;
    for (kind, wire) in &said {
        let key = Key::of(*kind, wire);
        let row =
            model.rows.get(&key).ok_or_else(|| format!("the reply shows a foreign {key:?}"))?;
        ensure!(changed.contains(&key), "the reply shows {key:?}, which did not change");
        same(&key, &row.wire, wire)?;
    }
    for key in changed.iter().take(5) {
        check_show(client, model, step.ubi, key)?;
    }
    Ok(())
}

/// Every record in a reply, wherever it stands.
fn rows_in(reply: &Value) -> Vec<(Kind, Value)> {
    let mut found = Vec::new();
    for (name, value) in reply.as_object().into_iter().flatten() {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.entity() == name);
        match (kind, value) {
            (Some(kind), Value::Array(rows)) => {
                found.extend(rows.iter().map(|row| (kind, row.clone())));
            }
            (Some(kind), row) if !row["ID"].is_null() => found.push((kind, row.clone())),
            _ => found.extend(rows_in(value)),
        }
    }
    found
}

/// An upload's answer row by row; as rows, what it says of the identifiers.
fn check_upload(
    reply: &Value,
    codes: &[Option<&str>],
    outcome: &Outcome,
    number: u64,
) -> Verdict<Vec<(Kind, Value)>> {
    let answers = reply["Data"].as_array().cloned().unwrap_or_default();
    ensure!(answers.len() == codes.len(), "{} rows answered of {}", answers.len(), codes.len());
    let failed = codes.iter().flatten().count();
    ensure!(reply["errorCount"] == failed, "expected {failed} failed rows: {reply}");
    let mut rows = Vec::new();
    let mut changes = outcome.changes.iter();
    for (answer, code) in answers.iter().zip(codes) {
        let code = code.unwrap_or_default();
        ensure!(answer["ErrorCode"] == code, "expected code `{code}`: {answer}");
        let expected = if code.is_empty() { number } else { 0 };
        ensure!(answer["TransactionID"] == expected, "expected number {expected}: {answer}");
        if code.is_empty() {
            let kept = changes.next().map(|it| it.row.wire["ID"].clone()).unwrap_or_default();
            let id = &answer["TraceabilityBarcodeID"];
            ensure!(kept == "" || kept == *id, "expected {kept} to be kept: {answer}");
            rows.push((Kind::Inventory, serde_json::json!({ "ID": id })));
        }
    }
    Ok(rows)
}

/// Stores what a write did; new rows get the ids that the reply shows.
fn take(
    model: &mut Model,
    ubi: &'static str,
    outcome: Outcome,
    shown: &[(Kind, Value)],
) -> Verdict<Vec<Key>> {
    let mut new: BTreeMap<Kind, Vec<&Value>> = BTreeMap::new();
    let rows = |kind| shown.iter().filter(move |(known, _)| *known == kind).map(|(_, row)| row);
    for kind in Kind::ALL {
        new.insert(*kind, rows(*kind).collect());
    }
    if let Some(tags) = model.tags.get_mut(ubi) {
        *tags -= outcome.tags;
    }
    let transaction = model.transaction;
    let mut changed = Vec::new();
    let mut settle = Vec::new();
    for change in outcome.changes {
        let mut row = change.row;
        if change.key.is_none() {
            let waiting = new.entry(change.kind).or_default();
            ensure!(!waiting.is_empty(), "the reply does not show the new {:?}", change.kind);
            let id = waiting.remove(0)["ID"].clone();
            check_id(model, change.kind, &id)?;
            row.wire["ID"] = id;
        }
        model.stamp(&mut row.wire, transaction);
        let key = Key::of(change.kind, &row.wire);
        if let Some(before) = model.rows.get(&key).map(|it| it.wire.clone()) {
            model.weigh(&before, -1);
        }
        model.weigh(&row.wire, 1);
        if change.kind == Kind::Inventory {
            settle.push(key.clone());
        }
        model.rows.insert(key.clone(), row);
        changed.push(key);
    }
    // After the rooms, whose flags decide.
    for key in settle {
        if let Some(mut row) = model.rows.remove(&key) {
            model.settle(&mut row);
            model.rows.insert(key, row);
        }
    }
    Ok(changed)
}

/// Identifiers never repeat; numbers go up by one.
fn check_id(model: &mut Model, kind: Kind, id: &Value) -> Verdict {
    if kind == Kind::Inventory {
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

fn same(key: &Key, model: &Value, shown: &Value) -> Verdict {
    ensure!(
        model == shown,
        "{key:?} differs:\n  model {}\n  shown {}",
        sorted(model),
        sorted(shown)
    );
    Ok(())
}

/// Fields in order, so that two texts can be compared by eye.
fn sorted(row: &Value) -> String {
    let fields: BTreeMap<_, _> = row.as_object().into_iter().flatten().collect();
    fields.iter().map(|(name, value)| format!("{name}={value} ")).collect()
}

/// A GET shows what the reply showed.
fn check_show(client: &mut Client, model: &Model, ubi: &'static str, key: &Key) -> Verdict {
    let twins = model.of(ubi, key.kind).filter(|(it, _)| it.id == key.id).count();
    if twins > 1 {
        return Ok(());
    }
    let start = format!("GET {}/{}", key.kind.path(), key.id);
    let reply = client.call(ubi, &start, None);
    let shown = record_in(&reply.json());
    let shown = shown.ok_or_else(|| format!("{start} shows no record: {reply:?}"))?;
    same(key, &model.rows[key].wire, &shown)
}

/// The one record of a show, under whatever wrappers.
fn record_in(reply: &Value) -> Option<Value> {
    let fields = reply.as_object()?;
    if fields.contains_key("ID") {
        Some(reply.clone())
    } else {
        fields.values().find_map(record_in)
    }
}

/// A whole list, page by page.
struct Listed {
    rows: Vec<Value>,
    /// The bound for the next poll.
    next: u64,
}

fn list(
    client: &mut Client,
    ubi: &'static str,
    kind: Kind,
    from: u64,
    limit: usize,
) -> Verdict<Listed> {
    let mut rows: Vec<Value> = Vec::new();
    let mut cursor = 0;
    loop {
        let path = kind.path();
        let start = format!("GET {path}?TransactionID={from}&Limit={limit}&Cursor={cursor}");
        let reply = client.call(ubi, &start, None);
        ensure!(reply.status == 200, "{start}: {reply:?}");
        let reply = reply.json();
        let page = reply.as_object().into_iter().flatten().find_map(|(_, it)| it.as_array());
        let page = page.cloned().unwrap_or_default();
        ensure!(page.len() <= limit, "{start}: {} rows", page.len());
        rows.extend(page);
        let next = &reply["NextCursor"];
        let next = if next.is_null() { &reply["nextCursor"] } else { next };
        cursor = next.as_u64().ok_or_else(|| format!("{start}: no cursor"))?;
        if cursor == 0 {
            let number = |row: &Value| row["TransactionID"].as_u64().unwrap_or_default();
            ensure!(rows.is_sorted_by_key(number), "{start}: rows out of order");
            let next = reply["NextTransactionID"].as_u64().unwrap_or_default();
            return Ok(Listed { rows, next });
        }
    }
}

/// What a client knows that only polls, from its last bound.
#[derive(Default)]
pub(crate) struct Replica {
    rows: BTreeMap<Key, Value>,
    bounds: BTreeMap<(&'static str, Kind), u64>,
}

impl Replica {
    /// Polls a company's kind and then knows what the model knows.
    pub(crate) fn poll(
        &mut self,
        client: &mut Client,
        model: &Model,
        (ubi, kind): (&'static str, Kind),
        dice: &mut Dice,
    ) -> Verdict {
        let bound = self.bounds.entry((ubi, kind)).or_default();
        let listed = list(client, ubi, kind, *bound, 1 + dice.below(30))?;
        ensure!(listed.next == model.transaction + 1, "{kind:?}: next bound {}", listed.next);
        *bound = listed.next;
        let mut twice = BTreeMap::new();
        for wire in listed.rows {
            let key = Key::of(kind, &wire);
            ensure!(twice.insert(key.clone(), ()).is_none(), "{key:?} is listed twice");
            self.rows.insert(key, wire);
        }
        let mut count = 0;
        for (key, row) in model.of(ubi, kind) {
            count += 1;
            let known = self.rows.get(key).ok_or_else(|| format!("{key:?} was never listed"))?;
            same(key, &row.wire, known)?;
        }
        let own = |key: &Key| model.rows.get(key).is_none_or(|row| row.ubi == ubi);
        let listed = self.rows.keys().filter(|key| key.kind == kind && own(key)).count();
        ensure!(listed == count, "{kind:?} of {ubi}: {listed} rows listed, {count} in the model");
        Ok(())
    }
}

/// Everything is listed from the start, in small pages; sync and the stock agree.
pub(crate) fn audit(
    client: &mut Client,
    model: &Model,
    replica: &mut Replica,
    dice: &mut Dice,
) -> Verdict {
    let mut fresh = Replica::default();
    let mut counted = Model::new();
    for ubi in COMPANIES {
        for kind in Kind::ALL {
            replica.poll(client, model, (ubi, *kind), dice)?;
            fresh.poll(client, model, (ubi, *kind), dice)?;
        }
        check_sync(client, model, ubi)?;
    }
    fresh.rows.values().for_each(|wire| counted.weigh(wire, 1));
    let (shown, booked) = (&counted.stock, &model.stock);
    ensure!(shown == booked, "the lists show a stock of {shown:?}, the model has {booked:?}");
    Ok(())
}

/// Each kind's number is the highest among the rows that the company sees (SYNC-31).
pub(crate) fn check_sync(client: &mut Client, model: &Model, ubi: &'static str) -> Verdict {
    let sync = client.call(ubi, "GET /v1/sync", None).json();
    for kind in Kind::ALL {
        let number = |(_, row): (&Key, &Row)| row.wire["TransactionID"].as_u64();
        let highest = model.of(ubi, *kind).filter_map(number).max().unwrap_or_default();
        let shown = &sync["Sync"][kind.entity()];
        ensure!(*shown == highest, "sync shows {shown} for {kind:?} of {ubi}, not {highest}");
    }
    Ok(())
}
