//! What every company must hold, kept apart from the rows: whatever comes or goes is booked from the
//! request alone, and must equal what the sandbox shows (BAL-03, BAL-14 to BAL-16).
//!
//! Plants and counted items are pieces, weighed items and the wet flower of batches are grams. What
//! passes between the two sides of a company's own (planting, turning a plant into an item, curing) is
//! not booked: it must cancel out by itself.

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{
    amount::{exact, micros},
    ensure,
    verdict::Verdict,
};

use crate::kind::{Key, Kind};

/// Where goods come from or go to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Account {
    Opening,
    Paper,
    Grown,
    Adjusted,
    Destroyed,
    Moisture,
    /// From an item to its part (BAL-09).
    Split,
    /// From sources to what was made of them, with what was lost on the way.
    Converted,
    /// Plants whose life ended in a last cure.
    Cured,
}

/// An amount that a company gains from an account, or loses to it.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    account: Account,
    counted: bool,
    amount: i128,
}

impl Posting {
    pub(crate) fn grams(account: Account, micros: i64, unit: &Value) -> Self {
        Self { account, counted: false, amount: exact(micros, unit) }
    }

    pub(crate) fn plants(account: Account, count: i64) -> Self {
        Self { account, counted: true, amount: exact(count * 1_000_000, &Value::Null) }
    }

    pub(crate) fn exact(account: Account, amount: i128) -> Self {
        Self { account, counted: false, amount }
    }

    /// In the unit and the commodity of an item.
    pub(crate) fn item(account: Account, micros: i64, item: &Value) -> Self {
        let counted = item["UnitBased"] == true;
        Self { account, counted, amount: exact(micros, &item["UOM"]) }
    }
}

type Balances = BTreeMap<(Account, bool), i128>;

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// The rows as they were last shown.
    shown: BTreeMap<&'static str, BTreeMap<Key, Value>>,
    balances: BTreeMap<&'static str, Balances>,
}

impl Books {
    /// Takes a row as the sandbox shows it.
    pub(crate) fn see(&mut self, ubi: &'static str, kind: Kind, wire: Value) {
        self.shown.entry(ubi).or_default().insert(Key::of(kind, &wire), wire);
    }

    /// A row as it was last shown.
    pub(crate) fn shown(&self, ubi: &str, key: &Key) -> Option<&Value> {
        self.shown.get(ubi)?.get(key)
    }

    /// What is there in the seed world is the opening balance.
    pub(crate) fn open(&mut self) {
        for (ubi, rows) in &self.shown {
            let balances = self.balances.entry(ubi).or_default();
            for counted in [false, true] {
                balances.insert((Account::Opening, counted), held(rows, counted));
            }
        }
    }

    pub(crate) fn post(&mut self, ubi: &'static str, postings: &[Posting]) {
        let balances = self.balances.entry(ubi).or_default();
        for Posting { account, counted, amount } in postings {
            *balances.entry((*account, *counted)).or_default() += amount;
        }
    }

    /// What a company shows is what came less what went, and nothing of it is less than nothing.
    pub(crate) fn check(&self, ubi: &'static str) -> Verdict {
        let (Some(rows), Some(balances)) = (self.shown.get(ubi), self.balances.get(ubi)) else {
            return Ok(());
        };
        rows.iter().try_for_each(|(key, wire)| check_one(key, wire, rows))?;
        for counted in [false, true] {
            let held = held(rows, counted);
            let due = balances.iter().filter(|((_, it), _)| *it == counted);
            let due: i128 = due.map(|(_, amount)| amount).sum();
            if held != due {
                return Err(format!(
                    "{ubi} shows {held} {}, the books say {due}: {balances:?}",
                    if counted { "pieces (10^-15)" } else { "grams (10^-15)" }
                ));
            }
        }
        Ok(())
    }
}

fn held(rows: &BTreeMap<Key, Value>, counted: bool) -> i128 {
    let of = |kind| rows.iter().filter(move |(key, _)| key.kind == kind).map(|(_, wire)| wire);
    let items = of(Kind::Inventory).filter(|wire| (wire["UnitBased"] == true) == counted);
    let items: i128 = items.map(|wire| amount(wire, "RemainingAmount")).sum();
    if counted {
        let lives = |wire: &&Value| wire["Deleted"] == false && wire["State"] != "Cured";
        let alive = of(Kind::Plant).filter(lives).count();
        return items + exact(alive as i64 * 1_000_000, &Value::Null);
    }
    items + of(Kind::Batch).map(|batch| wet(batch, rows)).sum::<i128>()
}

/// The wet flower of a batch that is not an item yet.
fn wet(batch: &Value, rows: &BTreeMap<Key, Value>) -> i128 {
    if batch["CurrentState"] == "Cured" {
        return 0;
    }
    let sum = |kind, field| -> i128 {
        let within = rows.iter().filter(|(key, wire)| {
            key.kind == kind
                && wire["HarvestBatchID"] == batch["HarvestBatchID"]
                && wire["Deleted"] == false
        });
        within.map(|(_, wire)| amount(wire, field)).sum()
    };
    sum(Kind::Cut, "DryWeightMax") - sum(Kind::Cure, "TotalWeight")
}

/// No item and no batch is below nothing, pieces are whole, what is gone holds nothing.
fn check_one(key: &Key, wire: &Value, rows: &BTreeMap<Key, Value>) -> Verdict {
    if key.kind == Kind::Batch {
        let wet = wet(wire, rows);
        ensure!(wet >= 0, "{} is broken: {wet} grams (10^-15) of wet flower in {wire}", "BAL-04");
    }
    if key.kind == Kind::Inventory {
        let left = micros(&wire["RemainingAmount"]);
        let whole = wire["UnitBased"] == false || left % 1_000_000 == 0;
        let gone = wire["Deleted"] == true || wire["Destroyed"] == true;
        let invariants = [("BAL-04", left >= 0), ("BAL-05", whole), ("BAL-06", !gone || left == 0)];
        for (rule, holds) in invariants {
            ensure!(holds, "{rule} is broken by {wire}");
        }
    }
    Ok(())
}

fn amount(wire: &Value, field: &str) -> i128 {
    exact(micros(&wire[field]), &wire["UOM"])
}
