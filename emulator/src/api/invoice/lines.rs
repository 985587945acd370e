//! The lines of an invoice: which items may be billed to whom, at what price (BILL-07 to BILL-22).

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    api::{
        lookup::once,
        partner::Partner,
        site::{Right, has_right},
    },
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        trade::DISTRIBUTOR,
    },
    model::{Barcode, Inventory, Invoice, InvoiceLine, ItemFacts, Quantity},
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        txn::{Held, Txn},
    },
};

/// A line as a body has it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Line {
    #[serde(rename = "InventoryID")]
    pub inventory_id: String,
    amount: Option<Quantity>,
    price: Option<Quantity>,
}

/// An item with the price that is asked for a unit of it.
pub struct Billed {
    held: Held<Inventory>,
    price: Quantity,
}

impl Billed {
    pub fn item(&self) -> &Inventory {
        &self.held.wire
    }
}

pub fn each_once(lines: &[Line]) -> Result<(), Refusal> {
    once(lines.iter().map(|line| line.inventory_id.as_str()), "WIRE-28")
}

/// The live lines of an invoice, as a body would repeat them.
pub fn as_they_stand(invoice: &Invoice) -> Vec<Line> {
    let line = |line: &InvoiceLine| Line {
        inventory_id: line.inventory_id.to_string(),
        amount: None,
        price: Some(line.price),
    };
    invoice.live_lines().map(line).collect()
}

/// Something above zero to another company (BILL-17, BILL-30); to one's own it is said, and may be
/// nothing (BILL-18).
pub fn check_price(
    txn: &Txn<'_, '_, '_>,
    id: &str,
    price: Option<Quantity>,
    internal: bool,
    again: bool,
) -> Result<(), Refusal> {
    let rule = if again { "BILL-30" } else { "BILL-17" };
    if internal {
        let price = price.ok_or_else(|| refuse("WIRE-22").with("Field", "Price"))?;
        return require(!price.is_negative(), || refuse("BILL-18").with("id", id));
    }
    let least = txn.profile().quantity("invoice.min_price");
    require(price.is_some_and(|price| price >= least), || refuse(rule).with("id", id))
}

impl Txn<'_, '_, '_> {
    /// Who may be billed by a site (BILL-07 to BILL-10).
    pub fn buyer(&self, seller: &Site, license: &str) -> Result<Partner, Fault> {
        let buyer = self.partner(license).filter(Partner::is_active);
        let buyer = buyer.ok_or_else(|| refuse("BILL-07"))?;
        require(license != seller.license, || refuse("BILL-08"))?;
        let trades = matches!(&buyer, Partner::Site(site) if has_right(site, Right::Trade));
        require(trades, || refuse("BILL-09").with("n", license))?;
        self.require_integrated(&buyer)?;
        Ok(buyer)
    }

    /// The items of some lines, if a site may bill them. `own` is the invoice that is changed.
    pub fn billed_items(
        &self,
        site: &Site,
        buyer: &Partner,
        lines: &[Line],
        refund: bool,
        own: Option<Barcode>,
    ) -> Result<Vec<Billed>, Fault> {
        let mut items = Vec::new();
        for line in lines {
            let id = &line.inventory_id;
            let held = self.own_item(id)?.filter(|held| held.scopes.contains(&site.scope()));
            let mut held = held.ok_or_else(|| refuse("INV-10").with("id", id))?;
            held.facts.invoice = held.facts.invoice.filter(|on| Some(*on) != own);
            items.push(Billed { held, price: line.price.unwrap_or_default() });
        }
        // Each guard over all lines, in the rulebook's order.
        for Billed { held, .. } in &items {
            let unbilled = ItemFacts { invoice: None, ..held.facts.clone() };
            item::permit(&held.wire, &unbilled, Verb::Invoice)?;
            let left = held.wire.remaining_amount;
            require(left.is_positive(), || refuse("INV-20").with("id", held.wire.id))?;
        }
        for Billed { held, .. } in &items {
            item::permit(&held.wire, &held.facts, Verb::Invoice)?;
        }
        for (line, billed) in lines.iter().zip(&items) {
            let left = billed.item().remaining_amount;
            let whole = line.amount.is_none_or(|amount| amount == left);
            require(whole, || refuse("BILL-16").with("id", &line.inventory_id))?;
        }
        for line in lines {
            check_price(self, &line.inventory_id, line.price, buyer.is_of(site), false)?;
        }
        let from = buyer.license();
        for Billed { held, .. } in items.iter().filter(|_| refund) {
            let came = held.facts.came_from(from);
            require(came, || refuse("BILL-21").with("id", held.wire.id).with("n", from))?;
        }
        Ok(items)
    }

    /// Puts items on an invoice as its lines. The invoice is not saved.
    pub fn bill(&mut self, invoice: &mut Held<Invoice>, items: Vec<Billed>) -> Result<(), Fault> {
        let invoice_id = invoice.wire.invoice_id;
        for Billed { mut held, price } in items {
            invoice.wire.inventory.push(InvoiceLine {
                amount: held.wire.remaining_amount,
                deleted: false,
                id: self.next_line(),
                inventory_id: held.wire.id,
                invoice_id,
                price,
                transaction_id: 0,
            });
            held.facts.invoice = Some(invoice_id);
            self.save(&mut held)?;
        }
        Ok(())
    }

    /// Drops all lines of an invoice; their items are free (BILL-26, BILL-36). It is not saved.
    pub fn free_lines(&mut self, invoice: &mut Held<Invoice>) -> Result<(), Fault> {
        let seller = self.known_partner(&invoice.wire.location_license)?.scope();
        for line in invoice.wire.inventory.iter_mut().filter(|line| !line.deleted) {
            line.deleted = true;
            line.transaction_id = 0;
            let mut held = self.item_at(line.inventory_id, &[seller])?;
            held.facts.invoice = None;
            self.save(&mut held)?;
        }
        Ok(())
    }

    /// What the law wants on a distributor's invoice and the directory or the label lacks (BILL-42).
    pub fn note_missing_fields(
        &mut self,
        seller: &Arc<Site>,
        buyer: &Partner,
        invoice: &Held<Invoice>,
    ) -> Result<(), Fault> {
        if seller.location_type != DISTRIBUTOR || !self.profile().on("finding.invoice_fields") {
            return Ok(());
        }
        let mut lacks = false;
        for partner in [Partner::Site(Arc::clone(seller)), buyer.clone()] {
            let address = self.address_of(&partner)?;
            lacks |= address.name.is_empty() || address.street.is_empty();
        }
        for line in invoice.wire.live_lines() {
            let held = self.item_at(line.inventory_id, &[seller.scope()])?;
            lacks |= held.wire.product_name.trim().is_empty();
        }
        if lacks {
            self.note("BILL-42");
        }
        Ok(())
    }
}
