//! Invoices and payments.

use serde_json::{Value, json};
use tagtrail_tests::amount::{micros, number};

use super::{Act, Chance};
use crate::{
    cast::Site,
    kind::{Kind, each, text},
    ledger::Stock,
    market::Market,
    trade,
};

/// Whether a site may ship an item to another one.
pub(super) fn sells_to(from: &Site, to: &Site, row: &Value) -> bool {
    let goods = row["InventoryType"].as_u64().unwrap_or_default();
    let fits = trade::row(from.kind, to.kind, goods);
    fits.is_some_and(|pass| !pass || row["QAStatus"] == "Passed")
}

impl<'a> Chance<'a> {
    /// A customer of another company for an item.
    fn customer(&mut self, stock: &Stock, row: &Value) -> Option<&'a Site> {
        let (market, wild) = (self.market, self.wild);
        let from = market.site(&stock.site)?;
        let all = market.cast.sites.values();
        let fit = all.filter(|to| to.owner != from.owner && (wild || sells_to(from, to, row)));
        self.dice.favorite(fit, |site| site.vendor)
    }

    /// More free goods of the same site that may go to the same customer.
    fn lines(&mut self, first: &str, stock: &Stock, to: &Site) -> Vec<Value> {
        let mut lines = vec![json!({"InventoryID": first, "Price": self.price()})];
        for _ in 0..self.dice.below(3) {
            let known: Vec<String> = lines.iter().map(|it| text(&it["InventoryID"])).collect();
            let more = self.goods(|market, other, row| {
                let from = market.site(&other.site);
                other.site == stock.site
                    && !known.contains(&text(&row["ID"]))
                    && from.is_some_and(|from| sells_to(from, to, row))
            });
            let Some((id, ..)) = more else { break };
            lines.push(json!({"InventoryID": id, "Price": self.price()}));
        }
        lines
    }

    pub(super) fn bill(&mut self) -> Option<Act> {
        if self.dice.one_in(5) {
            return self.bill_refund();
        }
        let any = |market: &Market, stock: &Stock, row: &Value| {
            let from = market.site(&stock.site);
            let mut to = market.cast.sites.values();
            from.is_some_and(|from| to.any(|to| to.owner != from.owner && sells_to(from, to, row)))
        };
        let (id, stock, row) = self.goods(any)?;
        let to = self.customer(stock, row)?;
        let body = json!({
            "LocationLicense": stock.site, "BuyerLocationLicense": to.license,
            "Inventory": self.lines(id, stock, to),
        });
        let party = self.market.cast.owner(&stock.site)?;
        Some(Act::new(party, "bill", "POST /v1/invoice".to_owned(), body))
    }

    /// What was received from another company is to go back.
    fn bill_refund(&mut self) -> Option<Act> {
        let (id, stock, _) = self.goods(|market, stock, _| {
            let from = stock.from.as_ref().and_then(|from| market.cast.owner(from));
            from.is_some() && from != market.cast.owner(&stock.site)
        })?;
        let body = json!({
            "LocationLicense": stock.site, "BuyerLocationLicense": stock.from, "Refund": true,
            "Inventory": [{"InventoryID": id, "Price": self.price()}],
        });
        let party = self.market.cast.owner(&stock.site)?;
        Some(Act::new(party, "bill", "POST /v1/invoice".to_owned(), body))
    }

    /// An invoice that may still change.
    pub(super) fn open_invoice(&mut self) -> Option<(usize, &'a Value)> {
        let wild = self.wild;
        self.document(Kind::Invoice, "InvoiceID", |market, row| {
            let id = text(&row["InvoiceID"]);
            let open = market.state(Kind::Invoice, &id) == "Open";
            wild || (open && !market.commitments.planned.contains_key(&id))
        })
    }

    pub(super) fn change_invoice(&mut self) -> Option<Act> {
        let (party, invoice) = self.open_invoice()?;
        let to = self.market.site(invoice["BuyerLocationLicense"].as_str()?)?;
        let kept = each(&invoice["Inventory"]).find(|line| line["Deleted"] == false)?;
        let id = text(&kept["InventoryID"]);
        let stock = self.market.ledger.stock.get(&id)?;
        let lines = if invoice["Refund"] == true {
            vec![json!({"InventoryID": id, "Price": self.price()})]
        } else {
            self.lines(&id, stock, to)
        };
        let start = format!("PUT /v1/invoice/{}", text(&invoice["InvoiceID"]));
        Some(Act::new(party, "change invoice", start, json!({ "Inventory": lines })))
    }

    pub(super) fn change_buyer(&mut self) -> Option<Act> {
        let (party, invoice) = self.open_invoice()?;
        let line = each(&invoice["Inventory"]).find(|line| line["Deleted"] == false)?;
        let (stock, row) = self.market.held(line["InventoryID"].as_str()?)?;
        let to = self.customer(stock, row)?;
        let start = format!("PUT /v1/invoice/{}", text(&invoice["InvoiceID"]));
        let body = json!({"BuyerLocationLicense": to.license});
        Some(Act::new(party, "change buyer", start, body))
    }

    pub(super) fn reprice(&mut self) -> Option<Act> {
        // What was paid limits how cheap it may get.
        let paid = self.dice.one_in(2);
        let (party, invoice) = self.document(Kind::Invoice, "InvoiceID", |_, row| {
            row["Deleted"] == false && (!paid || each(&row["Payment"]).next().is_some())
        })?;
        let line = each(&invoice["Inventory"]).find(|line| line["Deleted"] == false)?;
        let body =
            json!({"Inventory": [{"InventoryID": line["InventoryID"], "Price": self.price()}]});
        let start = format!("PUT /v1/invoice/{}/price", text(&invoice["InvoiceID"]));
        Some(Act::new(party, "reprice", start, body))
    }

    pub(super) fn void_invoice(&mut self) -> Option<Act> {
        let (party, invoice) = self.open_invoice()?;
        let start = format!("PUT /v1/invoice/{}/void", text(&invoice["InvoiceID"]));
        Some(Act::bare(party, "void invoice", start))
    }

    pub(super) fn pay(&mut self) -> Option<Act> {
        let wild = self.wild;
        let (_, invoice) = self.document(Kind::Invoice, "InvoiceID", |_, row| {
            wild || (row["Deleted"] == false && open_cents(row) > 0)
        })?;
        let buyer = self.market.cast.owner(invoice["BuyerLocationLicense"].as_str()?)?;
        let cents = self.cents(open_cents(invoice));
        let start = format!("POST /v1/invoice/{}/payment", text(&invoice["InvoiceID"]));
        Some(Act::new(buyer, "pay", start, json!({ "Amount": cents })))
    }

    fn cents(&mut self, open: i64) -> Value {
        let open = open.max(1);
        let part =
            if self.dice.one_in(2) { open } else { 1 + self.dice.below(open as usize) as i64 };
        number(part * 10_000)
    }

    /// A pending payment and the companies that may answer it.
    fn pending(&mut self) -> Option<(&'a Value, String, usize, usize)> {
        let wild = self.wild;
        let waits = move |it: &Value| {
            wild || ["Accepted", "Rejected", "Deleted"].iter().all(|flag| it[*flag] == false)
        };
        let (seller, invoice) =
            self.document(Kind::Invoice, "InvoiceID", |_, row| each(&row["Payment"]).any(waits))?;
        let payment = each(&invoice["Payment"]).find(|it| waits(it))?;
        let buyer = self.market.cast.owner(invoice["BuyerLocationLicense"].as_str()?)?;
        let path = format!("/v1/invoice/{}/payment/{}", text(&invoice["InvoiceID"]), payment["ID"]);
        Some((payment, path, buyer, seller))
    }

    pub(super) fn change_payment(&mut self) -> Option<Act> {
        let (payment, path, buyer, _) = self.pending()?;
        let amount = self.cents(micros(&payment["Amount"]) / 10_000);
        Some(Act::new(buyer, "change payment", format!("PUT {path}"), json!({ "Amount": amount })))
    }

    pub(super) fn withdraw(&mut self) -> Option<Act> {
        let (_, path, buyer, _) = self.pending()?;
        Some(Act::bare(buyer, "withdraw payment", format!("DELETE {path}")))
    }

    pub(super) fn accept_payment(&mut self) -> Option<Act> {
        let (_, path, _, seller) = self.pending()?;
        Some(Act::bare(seller, "accept payment", format!("PUT {path}/accept")))
    }

    pub(super) fn reject_payment(&mut self) -> Option<Act> {
        let (_, path, _, seller) = self.pending()?;
        let body = json!({"RejectedReason": "It never came."});
        Some(Act::new(seller, "reject payment", format!("PUT {path}/reject"), body))
    }
}

/// What is open on an invoice, in cents (BILL-19, BILL-53).
pub(crate) fn open_cents(invoice: &Value) -> i64 {
    let lines = each(&invoice["Inventory"]).filter(|line| line["Deleted"] == false);
    let cents = |line: &Value| {
        let exact = i128::from(micros(&line["Amount"])) * i128::from(micros(&line["Price"]));
        ((exact + 5_000_000_000) / 10_000_000_000) as i64
    };
    let total: i64 = lines.map(cents).sum();
    let paid =
        each(&invoice["Payment"]).filter(|it| it["Deleted"] == false && it["Rejected"] == false);
    let paid: i64 = paid.map(|it| micros(&it["Amount"]) / 10_000).sum();
    total - paid
}
