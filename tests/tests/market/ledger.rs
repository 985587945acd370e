//! The auditor's own ledger: who holds how much of what, computed from requests and from the rows before
//! them, in millionths of each item's own unit (BAL-01, BAL-03, BAL-08, BAL-17, BAL-19).

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{
    amount::{exact, micros},
    ensure,
    verdict::Verdict,
};

use crate::kind::text;

/// Where goods come from or go to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Account {
    Opening,
    Paper,
    Adjusted,
    /// Between items: lots, parts, samples, products, with what is lost in a conversion.
    Converted,
    LabUse,
    Weighing,
    Destroyed,
    Sold,
}

/// What stands behind an identifier.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    /// The license that holds it.
    pub(crate) site: String,
    pub(crate) amount: i64,
    unit: Value,
    counted: bool,
    pub(crate) scheduled: bool,
    pub(crate) hold: bool,
    /// The license that it was received from.
    pub(crate) from: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) stock: BTreeMap<String, Stock>,
    balances: BTreeMap<(Account, bool), i128>,
    /// What the last write changed.
    pub(crate) changed: Vec<String>,
}

impl Ledger {
    /// Takes an item of the seed world as it is.
    pub(crate) fn open(&mut self, wire: &Value) {
        if wire["Status"] == "Transferred" {
            return;
        }
        let site = text(&wire["LocationLicense"]);
        self.enter(&site, wire, micros(&wire["RemainingAmount"]), Account::Opening);
        let scheduled = wire["Status"] == "Scheduled for Destruction";
        self.item(&text(&wire["ID"])).scheduled = scheduled;
    }

    /// A new identifier; it was never seen before (BAL-07).
    pub(crate) fn new_item(
        &mut self,
        site: &str,
        wire: &Value,
        amount: i64,
        from: Account,
    ) -> Verdict {
        let id = text(&wire["ID"]);
        let digits = id.len() == 16 && id.bytes().all(|it| it.is_ascii_digit());
        ensure!(digits, "{}: {id} is no identifier", "BAL-07");
        ensure!(!self.stock.contains_key(&id), "{}: {id} is issued twice", "BAL-07");
        self.enter(site, wire, amount, from);
        self.changed.push(id);
        Ok(())
    }

    /// What is made of goods under a hold is held, too (INV-91).
    pub(crate) fn inherit(&mut self, wire: &Value, hold: bool) {
        self.item(&text(&wire["ID"])).hold = hold;
    }

    fn enter(&mut self, site: &str, wire: &Value, amount: i64, from: Account) {
        let counted = wire["UnitBased"] == true;
        let stock = Stock {
            site: site.to_owned(),
            amount,
            unit: wire["UOM"].clone(),
            counted,
            scheduled: false,
            hold: false,
            from: None,
        };
        *self.balances.entry((from, counted)).or_default() += exact(amount, &stock.unit);
        self.stock.insert(text(&wire["ID"]), stock);
    }

    pub(crate) fn amount(&self, id: &str) -> i64 {
        self.stock.get(id).map_or(0, |stock| stock.amount)
    }

    /// An item that is about to change.
    pub(crate) fn item(&mut self, id: &str) -> &mut Stock {
        self.changed.push(id.to_owned());
        self.stock.get_mut(id).unwrap_or_else(|| panic!("{id} stands in no book"))
    }

    /// Sets what remains of an item; the difference comes from an account or goes to it.
    pub(crate) fn set(&mut self, id: &str, amount: i64, account: Account) {
        let stock = self.item(id);
        let by = exact(amount - stock.amount, &stock.unit);
        let counted = stock.counted;
        stock.amount = amount;
        *self.balances.entry((account, counted)).or_default() += by;
    }

    pub(crate) fn add(&mut self, id: &str, by: i64, account: Account) {
        self.set(id, self.amount(id) + by, account);
    }

    /// Hands an item over; a hold travels with it (XFER-40).
    pub(crate) fn hand(&mut self, id: &str, to: &str) {
        let stock = self.item(id);
        let from = std::mem::replace(&mut stock.site, to.to_owned());
        stock.from = Some(from);
    }

    /// All items together are all accounts together, per commodity (BAL-03).
    pub(crate) fn check(&self) -> Verdict {
        for counted in [false, true] {
            let items = self.stock.values().filter(|it| it.counted == counted);
            let held: i128 = items.map(|it| exact(it.amount, &it.unit)).sum();
            let booked = self.balances.iter().filter(|((_, it), _)| *it == counted);
            let booked: i128 = booked.map(|(_, amount)| amount).sum();
            ensure!(held == booked, "{}: {held} held, {booked} booked", "BAL-03");
        }
        Ok(())
    }
}
