//! Conservation: every amount that changes has a source and a destination (rulebook 20).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{access::json, txn::Txn};
use crate::{
    fault::Fault,
    model::{Barcode, Kind, Quantity, to_base},
};

/// Where an amount comes from or goes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Account {
    /// What remains of one identifier.
    Item(Barcode),
    /// Stock on hand when a license joined.
    Opening(String),
    /// Goods received on paper from a supplier.
    Paper {
        supplier: String,
        license: String,
    },
    /// The living plants of a license, one by one.
    Plants(String),
    /// Wet flower of a batch that was weighed and is no item yet.
    Batch(Barcode),
    /// What plants gave: cuttings, seed, cuts, waste.
    Grown(String),
    /// Plants that were cured for good.
    Cured(String),
    /// What drying took.
    Moisture(String),
    /// What is on its way from a parent to a part that was split off.
    Split(Barcode),
    /// What is on its way from the sources of a lot or a conversion to its product.
    Conversion(u64),
    /// Grams that went into units, and the units that were made of them.
    Packed(String),
    /// What a conversion lost.
    ProcessLoss(String),
    /// What a conversion made above its sources, within the tolerance.
    Tolerance(String),
    /// What a laboratory weighed less than was sent.
    Weighing(String),
    /// What a laboratory used up.
    LabUse(String),
    /// Corrections of one type.
    Adjusted {
        kind: u32,
        license: String,
    },
    /// Shipped on paper to a license that the reason names (OFF-02).
    AdjustedFor {
        named: String,
        license: String,
    },
    Destroyed(String),
    /// Units that a shop sold, without those that came back.
    Sold(String),
}

impl Account {
    /// Whether it holds something of this world; such accounts are never below zero (BAL-04).
    pub fn is_inside(&self) -> bool {
        matches!(self, Self::Item(_) | Self::Plants(_) | Self::Batch(_))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(barcode) => write!(f, "item/{barcode}"),
            Self::Opening(license) => write!(f, "opening/{license}"),
            Self::Paper { supplier, license } => write!(f, "paper/{supplier}/{license}"),
            Self::Plants(license) => write!(f, "plants/{license}"),
            Self::Batch(barcode) => write!(f, "batch/{barcode}"),
            Self::Grown(license) => write!(f, "grown/{license}"),
            Self::Cured(license) => write!(f, "cured/{license}"),
            Self::Moisture(license) => write!(f, "moisture/{license}"),
            Self::Split(barcode) => write!(f, "split/{barcode}"),
            Self::Conversion(id) => write!(f, "conversion/{id}"),
            Self::Packed(license) => write!(f, "packed/{license}"),
            Self::ProcessLoss(license) => write!(f, "process-loss/{license}"),
            Self::Tolerance(license) => write!(f, "tolerance/{license}"),
            Self::Weighing(license) => write!(f, "weighing/{license}"),
            Self::LabUse(license) => write!(f, "lab-use/{license}"),
            Self::Adjusted { kind, license } => write!(f, "adjusted/{kind}/{license}"),
            Self::AdjustedFor { named, license } => write!(f, "adjusted-for/{named}/{license}"),
            Self::Destroyed(license) => write!(f, "destroyed/{license}"),
            Self::Sold(license) => write!(f, "sold/{license}"),
        }
    }
}

/// What an amount counts: grams, or pieces.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Commodity {
    Grams,
    Each,
}

impl Commodity {
    /// What an item is counted in.
    pub fn of(unit_based: bool) -> Self {
        if unit_based { Self::Each } else { Self::Grams }
    }
}

impl fmt::Display for Commodity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grams => "grams",
            Self::Each => "each",
        })
    }
}

/// One movement, as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Posting {
    pub from: String,
    pub to: String,
    pub commodity: Commodity,
    pub amount: Quantity,
}

pub const BALANCE: &str = "balance/";
pub const POSTING: &str = "posting/";

/// One balance for each commodity: grams and pieces never mix.
pub fn balance_key(account: &Account, commodity: Commodity) -> String {
    format!("{BALANCE}{account}/{commodity}")
}

/// Ascending with the transaction, so that the log reads in order.
pub fn posting_key(transaction: u64, place: usize) -> String {
    format!("{POSTING}{transaction:020}/{place:06}")
}

impl Txn<'_, '_, '_> {
    /// Moves an amount from one account to another. A negative amount moves it back.
    pub fn post(
        &mut self,
        from: &Account,
        to: &Account,
        commodity: Commodity,
        amount: Quantity,
    ) -> Result<(), Fault> {
        if amount.is_zero() {
            return Ok(());
        }
        self.book(from, commodity, -amount)?;
        self.book(to, commodity, amount)?;
        let posting = Posting { from: from.to_string(), to: to.to_string(), commodity, amount };
        let key = posting_key(self.transaction(), self.postings);
        self.postings += 1;
        self.set_state(&key, &posting)
    }

    fn book(
        &mut self,
        account: &Account,
        commodity: Commodity,
        amount: Quantity,
    ) -> Result<(), Fault> {
        let key = balance_key(account, commodity);
        let balance = self.state::<Quantity>(&key)?.unwrap_or_default() + amount;
        self.set_state(&key, &balance)?;
        if account.is_inside() {
            self.inside.insert(key);
        }
        Ok(())
    }

    /// BAL-01: what remains of an item is the sum of its postings. BAL-04: nothing is below zero.
    pub(super) fn check_balances(&self) -> Result<(), Fault> {
        for key in &self.inside {
            let balance: Quantity = self.state(key)?.unwrap_or_default();
            if balance.is_negative() {
                return Err(Fault::Broken(format!("BAL-04: {key} is {balance}")));
            }
        }
        for change in self.done.changes.iter().filter(|it| it.key.kind == Kind::Inventory) {
            let item: Remaining = json(&change.wire)?;
            let mut remaining = Quantity::ZERO;
            for stored in self.rows.custody(Kind::Inventory, change.key.number)? {
                let row: Remaining = json(&stored.row.wire)?;
                let booked = to_base(row.amount, &row.uom);
                remaining = remaining
                    + booked.ok_or_else(|| Fault::Broken(format!("no unit {}", row.uom)))?;
            }
            let key = balance_key(&Account::Item(item.id), Commodity::of(item.unit_based));
            let balance: Quantity = self.state(&key)?.unwrap_or_default();
            if remaining != balance {
                let id = item.id;
                let what = format!("BAL-01: item {id} shows {remaining}, its postings {balance}");
                return Err(Fault::Broken(what));
            }
        }
        Ok(())
    }
}

/// What BAL-01 asks of an item.
#[derive(Deserialize)]
struct Remaining {
    #[serde(rename = "ID")]
    id: Barcode,
    #[serde(rename = "RemainingAmount")]
    amount: Quantity,
    #[serde(rename = "UOM")]
    uom: String,
    #[serde(rename = "UnitBased")]
    unit_based: bool,
}
