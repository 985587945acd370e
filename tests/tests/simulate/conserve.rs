//! What a client can check of the making of goods by itself: amounts before and after, and parents.

use std::collections::BTreeSet;

use serde_json::Value;
use tagtrail_tests::{
    amount::{exact, micros},
    ensure,
    verdict::Verdict,
};

use crate::{
    books::Books,
    kind::{Key, Kind},
    model::Model,
};

/// LOT-30, in the books' shares of a gram.
const TOLERANCE: i128 = 1_000_000_000_000_000;

/// Holds a reply against the rows as they were shown before it (BAL-09 to BAL-11, BAL-13).
pub(crate) fn check(books: &Books, ubi: &'static str, start: &str, reply: &Value) -> Verdict {
    let made = &reply["Derivative"];
    if start.ends_with("/sublot") {
        let lost = lost(books, ubi, &reply["Inventory"])?;
        ensure!(lost == amount(made), "{} is broken by {reply}", "BAL-09");
    } else if start.ends_with("/sample") {
        let lost = lost(books, ubi, &reply["Parent"])?;
        let sample = amount(&reply["LabSampleInventory"]);
        ensure!(lost == sample, "{} is broken by {reply}", "BAL-13");
    } else if start.ends_with("/lot") {
        let sources = reply["Item"].as_array().into_iter().flatten();
        let lost: i128 = sources.map(|it| lost(books, ubi, it)).sum::<Verdict<i128>>()?;
        let digit = exact(1, &made["UOM"]);
        ensure!(2 * (lost - amount(made)).abs() <= digit, "{} is broken by {reply}", "BAL-10");
    } else if start.ends_with("/conversion") {
        let sources = reply["Item"].as_array().into_iter().flatten();
        let used: i128 = sources.clone().map(|it| lost(books, ubi, it)).sum::<Verdict<i128>>()?;
        let weight = if made["UnitBased"] == true {
            amount(made) / 1_000_000 * i128::from(micros(&made["UsableWeight"]))
        } else {
            amount(made)
        };
        let waste = if reply["Waste"].is_null() { 0 } else { amount(&reply["Waste"]) };
        // Each source is read to a microgram.
        let digits = exact(sources.count() as i64, &Value::Null);
        let most = used + TOLERANCE + digits;
        ensure!(weight + waste <= most, "{} is broken by {reply}", "BAL-11");
    }
    Ok(())
}

fn amount(item: &Value) -> i128 {
    exact(micros(&item["RemainingAmount"]), &item["UOM"])
}

/// What an item lost since it was last shown.
fn lost(books: &Books, ubi: &'static str, after: &Value) -> Verdict<i128> {
    let key = Key::of(Kind::Inventory, after);
    let before = books.shown(ubi, &key).ok_or_else(|| format!("{key:?} was never shown"))?;
    Ok(amount(before) - amount(after))
}

/// Every parent is an item that there is, and older than its child, so that nobody is his own ancestor
/// (BAL-25).
pub(crate) fn check_lineage(model: &Model) -> Verdict {
    let mut rows: Vec<_> = model.all(Kind::Inventory).collect();
    rows.sort_by_key(|(_, row)| row.born);
    let mut known = BTreeSet::new();
    for (key, row) in rows {
        let parents = row.wire["InventoryParentID"].as_array().into_iter().flatten();
        for parent in parents.filter_map(Value::as_str) {
            let there = known.contains(parent) || model.is_seeded(parent);
            ensure!(there && parent != key.id, "{}: {key:?} comes of {parent}", "BAL-25");
        }
        known.insert(key.id.clone());
    }
    Ok(())
}
