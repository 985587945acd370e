//! What goods are bound to: an item is on at most one open manifest and one live invoice, and stays as
//! much as it was when it was put there (BAL-18, MAN-29, BILL-15).

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{amount::micros, ensure, verdict::Verdict};

use crate::{
    kind::{Kind, each, text},
    market::Market,
    moves::Road,
};

/// The documents that bind an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bond {
    pub(crate) manifest: Option<String>,
    pub(crate) invoice: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Commitments {
    items: BTreeMap<String, Bond>,
    /// Open manifests by their invoices and sales.
    pub(crate) planned: BTreeMap<String, String>,
}

impl Commitments {
    pub(crate) fn of(&self, item: &str) -> Option<&Bond> {
        self.items.get(item)
    }

    /// Reads all open documents, and holds them against the ledger.
    pub(crate) fn read(market: &Market) -> Verdict<Self> {
        let mut read = Self::default();
        let road = Road::of(market);
        for (_, manifest) in market.own(Kind::Manifest) {
            if manifest["Deleted"] == false && manifest["Completed"] == false {
                read.manifest(market, manifest, &road)?;
            }
        }
        for (_, invoice) in market.own(Kind::Invoice) {
            if invoice["Deleted"] == false && invoice["Accepted"] == false {
                read.invoice(market, invoice)?;
            }
        }
        Ok(read)
    }

    fn manifest(&mut self, market: &Market, manifest: &Value, road: &Road<'_>) -> Verdict {
        let id = text(&manifest["ManifestID"]);
        let back = manifest["Type"] == "Rejected";
        for stop in each(&manifest["Stop"]) {
            let transfer = road.transfer(&id, stop);
            let settled = transfer
                .is_some_and(|it| it["Received"] == true || (it["IsRejected"] == true && !back));
            if settled {
                continue;
            }
            if stop["InvoiceID"] != "" {
                let other = self.planned.insert(text(&stop["InvoiceID"]), id.clone());
                ensure!(
                    other.is_none(),
                    "{}: invoice {} is on {other:?} and {id}",
                    "MAN-33",
                    stop["InvoiceID"]
                );
            }
            let holder = if back { &stop["LocationLicense"] } else { &manifest["LicenseNumber"] };
            for line in each(&stop["Item"]).filter(|line| line["Deleted"] == false) {
                let item = text(&line["InventoryID"]);
                let bond = self.items.entry(item.clone()).or_default();
                let other = bond.manifest.replace(id.clone());
                ensure!(other.is_none(), "{}: {item} is on {other:?} and {id}", "MAN-29");
                check_whole(market, "BAL-18", (&item, &line["Quantity"], holder))?;
            }
        }
        Ok(())
    }

    fn invoice(&mut self, market: &Market, invoice: &Value) -> Verdict {
        let id = text(&invoice["InvoiceID"]);
        for line in each(&invoice["Inventory"]).filter(|line| line["Deleted"] == false) {
            let item = text(&line["InventoryID"]);
            let bond = self.items.entry(item.clone()).or_default();
            let other = bond.invoice.replace(id.clone());
            ensure!(other.is_none(), "{}: {item} is on {other:?} and {id}", "BILL-15");
            check_whole(market, "BILL-22", (&item, &line["Amount"], &invoice["LocationLicense"]))?;
        }
        Ok(())
    }
}

/// What a document names is there, and as much as it says.
fn check_whole(
    market: &Market,
    rule: &str,
    (item, amount, holder): (&str, &Value, &Value),
) -> Verdict {
    let stock =
        market.ledger.stock.get(item).ok_or_else(|| format!("{rule}: {item} is unknown"))?;
    let there = stock.site == *holder && stock.amount == micros(amount);
    ensure!(there, "{rule}: {item} should be {amount} at {holder}, but is {stock:?}");
    Ok(())
}
