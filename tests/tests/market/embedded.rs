//! What records show of other records is what those records show of themselves, now (SYNC-23).

use serde_json::Value;
use tagtrail_tests::{
    ensure,
    verdict::{Verdict, same},
};

use crate::{
    kind::{Key, Kind, each, text},
    market::Market,
};

impl Market {
    /// Holds the invoices and items inside a row, just read, against the records themselves.
    pub(crate) fn check_embedded(&self, at: usize, key: &Key, wire: &Value) -> Verdict {
        match key.kind {
            Kind::Manifest => {
                each(&wire["Stop"]).try_for_each(|stop| self.check_invoice(at, key, stop))
            }
            Kind::Transfer => {
                self.check_invoice(at, key, wire)?;
                each(&wire["Item"]).try_for_each(|line| self.check_line(wire, line))
            }
            Kind::Inventory | Kind::Adjustment | Kind::Sample | Kind::Invoice | Kind::Sale => {
                Ok(())
            }
        }
    }

    /// Seller and buyer see the invoice, others nothing of it.
    fn check_invoice(&self, at: usize, key: &Key, holder: &Value) -> Verdict {
        let id = text(&holder["InvoiceID"]);
        let ends = ["LocationLicense", "BuyerLocationLicense"];
        let mine = |record: &&Value| {
            ends.iter()
                .any(|it| record[*it].as_str().and_then(|it| self.cast.owner(it)) == Some(at))
        };
        let record = self.shown(&Key::new(Kind::Invoice, &id)).filter(mine);
        let shown = &holder["Invoice"];
        let due = record.unwrap_or(&Value::Null);
        same(&(key, "shows invoice", id, "to", &self.cast.parties[at].id), due, shown)
    }

    /// The item is that of the sender or that of the receiver.
    fn check_line(&self, transfer: &Value, line: &Value) -> Verdict {
        let shown = &line["Inventory"];
        if shown.is_null() {
            return Ok(());
        }
        let id = text(&line["InventoryID"]);
        let site = text(&shown["LocationLicense"]);
        let ends = ["OutboundLicense", "InboundLicense"];
        let part = ends.iter().any(|it| transfer[*it] == site.as_str());
        ensure!(part && shown["ID"] == id.as_str(), "transfer line {line} shows a stranger's item");
        let Some(owner) = self.cast.owner(&site) else { return Ok(()) };
        let row = self.mirrors[owner].rows.get(&Key::item(&id, &site));
        // Nobody lists what a laboratory holds.
        let Some(row) = row else {
            ensure!(self.cast.parties[owner].lab, "{line} shows an item that {site} does not list");
            return Ok(());
        };
        same(&("the item of transfer line", &id), row, shown)
    }
}
