//! Holds the replies of a sandbox against the model.

use serde_json::{Value, json};
use tagtrail_tests::{
    ensure, pages,
    verdict::{Verdict, same},
    wire::{Client, Reply, token},
};

use crate::{
    act::{Outcome, Step},
    books::Books,
    conserve,
    kind::{Key, Kind},
    model::{COMPANIES, Model, Row},
    replica::list,
    take::take,
};

/// Learns the seed world through its lists.
pub(crate) fn learn(client: &mut Client, model: &mut Model, books: &mut Books) -> Verdict {
    for ubi in COMPANIES {
        for kind in Kind::ALL {
            for wire in list(client, ubi, *kind, 0, 1_000)?.rows {
                books.see(ubi, *kind, wire.clone());
                model.learn(ubi, *kind, wire);
            }
        }
    }
    books.open();
    model.transaction = highest(client)?;
    Ok(())
}

/// The world's highest number.
pub(crate) fn highest(client: &mut Client) -> Verdict<u64> {
    pages::highest(client, &token(COMPANIES[0]))
}

/// Judges a write's reply, and takes its outcome into the model.
pub(crate) fn judge(
    client: &mut Client,
    model: &mut Model,
    books: &mut Books,
    step: Step,
    reply: &Reply,
) -> Verdict {
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
    conserve::check(books, step.ubi, &step.start, &reply.json())?;
    books.post(step.ubi, &outcome.postings);
    let changed = take(model, step.ubi, outcome, &shown)?;
    check_said(model, &said, &changed)?;
    check_receipt(&reply.json(), model)?;
    check_touched(client, model, books, step.ubi, &changed)?;
    for key in changed.iter().filter(|key| key.kind.shown()).take(4) {
        check_show(client, model, step.ubi, key)?;
    }
    check_sync(client, model, step.ubi)?;
    books.check(step.ubi)
}

/// Every record in a reply, wherever it stands.
fn rows_in(reply: &Value) -> Vec<(Kind, Value)> {
    let mut found = Vec::new();
    // The one bare reply of a write.
    if reply["StateID"].is_number() {
        return vec![(Kind::Plant, reply.clone())];
    }
    for (name, value) in reply.as_object().into_iter().flatten() {
        let rows = match value {
            Value::Array(rows) => rows.as_slice(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => continue,
            Value::Object(_) => std::slice::from_ref(value),
        };
        for row in rows {
            let kind = Kind::under(name, row).filter(|kind| !row[kind.id()].is_null());
            found.extend(kind.map(|kind| (kind, row.clone())));
            if kind.is_none() || matches!(kind, Some(Kind::Cut | Kind::Cure)) {
                found.extend(rows_in(row));
            }
        }
    }
    found
}

/// What a reply shows is what the model has, and nothing that did not change. The yields of a cut or
/// cure stand in it whole.
fn check_said(model: &Model, said: &[(Kind, Value)], changed: &[Key]) -> Verdict {
    for (kind, wire) in said {
        let key = Key::of(*kind, wire);
        let row =
            model.rows.get(&key).ok_or_else(|| format!("the reply shows a foreign {key:?}"))?;
        let within = matches!(kind, Kind::CutYield | Kind::CureYield);
        ensure!(within || changed.contains(&key), "the reply shows {key:?}, which did not change");
        same(&key, &row.wire, wire)?;
    }
    Ok(())
}

/// The receipt of a write, under whatever spelling (WIRE-47, PLT-26).
fn check_receipt(reply: &Value, model: &Model) -> Verdict {
    let second = model.second();
    let text = second.to_string();
    for name in ["SessionTime", "Sessiontime"] {
        let time = &reply[name];
        ensure!(
            time.is_null() || *time == second || *time == text.as_str(),
            "{name} is {time}, not {second}"
        );
    }
    let (number, next) = (&reply["TransactionID"], &reply["NextTransactionID"]);
    let now = model.transaction;
    ensure!(number.is_null() || *number == now, "the receipt has number {number}, not {now}");
    ensure!(next.is_null() || *next == now + 1, "the next number is {next}, not {}", now + 1);
    Ok(())
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
            let Some(change) = changes.next() else { continue };
            let (kept, kind) = (&change.row.wire["ID"], change.kind);
            let id = &answer["TraceabilityBarcodeID"];
            ensure!(*kept == "" || kept == id, "expected {kept} to be kept: {answer}");
            rows.push((kind, json!({ "ID": id })));
        }
    }
    Ok(rows)
}

/// The rows that carry a write's number are those it changed, as they are now, and no others (BAL-29).
fn check_touched(
    client: &mut Client,
    model: &Model,
    books: &mut Books,
    ubi: &'static str,
    changed: &[Key],
) -> Verdict {
    for kind in Kind::ALL {
        let mut due = changed.iter().filter(|key| key.kind == *kind).count();
        if due == 0 {
            continue;
        }
        for wire in list(client, ubi, *kind, model.transaction, 1_000)?.rows {
            let key = Key::of(*kind, &wire);
            ensure!(changed.contains(&key), "{key:?} carries the number, but did not change");
            same(&key, &model.rows[&key].wire, &wire)?;
            books.see(ubi, *kind, wire);
            due -= 1;
        }
        ensure!(due == 0, "{due} {kind:?} changed that do not carry the number");
    }
    Ok(())
}

/// A GET shows what the reply showed.
fn check_show(client: &mut Client, model: &Model, ubi: &'static str, key: &Key) -> Verdict {
    let twins = model.of(ubi, key.kind).filter(|(it, _)| it.id == key.id).count();
    if twins > 1 {
        return Ok(());
    }
    let start = format!("GET {}/{}", key.kind.path(), key.id);
    let reply = client.call(ubi, &start, None);
    let shown = record_in(&reply.json(), key.kind);
    let shown = shown.ok_or_else(|| format!("{start} shows no record: {reply:?}"))?;
    same(key, &model.rows[key].wire, &shown)
}

/// The one record of a show, under whatever wrappers; a cut is shown as a list of one.
fn record_in(reply: &Value, kind: Kind) -> Option<Value> {
    match reply {
        Value::Object(fields) if fields.contains_key(kind.id()) => Some(reply.clone()),
        Value::Object(fields) => fields.values().find_map(|value| record_in(value, kind)),
        Value::Array(rows) => rows.iter().find_map(|row| record_in(row, kind)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Each kind's number is the highest among the rows that the company sees (SYNC-31, SYNC-33).
pub(crate) fn check_sync(client: &mut Client, model: &Model, ubi: &'static str) -> Verdict {
    let sync = client.call(ubi, "GET /v1/sync", None).json()["Sync"].take();
    let highest = |kind| {
        let number = |(_, row): (&Key, &Row)| row.wire["TransactionID"].as_u64();
        model.of(ubi, kind).filter_map(number).max().unwrap_or_default()
    };
    for kind in Kind::ALL {
        let Some(name) = kind.sync() else { continue };
        let (shown, highest) = (&sync[name], highest(*kind));
        ensure!(*shown == highest, "sync shows {shown} for {name} of {ubi}, not {highest}");
    }
    let yields = highest(Kind::CutYield).max(highest(Kind::CureYield));
    ensure!(sync["Derivative"] == yields, "sync shows {} for Derivative", sync["Derivative"]);
    Ok(())
}
