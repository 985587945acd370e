//! `/v1/invoice`: the prices of what goes to another company, and what is paid for it (rulebook 12).

mod lines;
mod payment;
pub mod settle;

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;

use self::lines::{Billed, Line};
use super::{
    Action, Row, act,
    lookup::once,
    read,
    read::{list, show},
    site::Right,
};
use crate::{
    fault::Fault,
    lifecycle::invoice::{self, Verb},
    model::{Barcode, Inventory, Invoice, InvoiceFacts, Key, Kind, Quantity},
    refusal::{refuse, require},
    world::{
        access::Site,
        counters::Piece,
        txn::{Held, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/invoice",             list::<Invoice>),
    act::<CreateInvoice>("POST /v1/invoice"),
    read("GET /v1/invoice/{id}",        show::<Invoice>),
    act::<UpdateInvoice>("PUT /v1/invoice/{id}"),
    act::<RepriceInvoice>("PUT /v1/invoice/{id}/price"),
    act::<VoidInvoice>("PUT /v1/invoice/{id}/void"),
    act::<payment::RecordPayment>("POST /v1/invoice/{id}/payment"),
    act::<payment::ChangePayment>("PUT /v1/invoice/{id}/payment/{paymentid}"),
    act::<payment::WithdrawPayment>("DELETE /v1/invoice/{id}/payment/{paymentid}"),
    act::<payment::AcceptPayment>("PUT /v1/invoice/{id}/payment/{paymentid}/accept"),
    act::<payment::RejectPayment>("PUT /v1/invoice/{id}/payment/{paymentid}/reject"),
];

/// `POST /v1/invoice`: prices the items that will go to another company.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInvoice {
    location_license: String,
    buyer_location_license: String,
    inventory: Vec<Line>,
    refund: Option<bool>,
}

impl Action for CreateInvoice {
    const GUARDED: &'static [&'static str] = &["Price"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Trade)?;
        let refund = self.refund.unwrap_or_default();
        lines::each_once(&self.inventory)?;
        let buyer = txn.buyer(&site, &self.buyer_location_license)?;
        let items = txn.billed_items(&site, &buyer, &self.inventory, refund, None)?;
        let id = txn.mint()?;
        let wire = Invoice {
            accepted: false,
            buyer_location_license: self.buyer_location_license,
            deleted: false,
            inventory: Vec::new(),
            invoice_id: id,
            location_license: site.license.clone(),
            payment: Vec::new(),
            refund,
            session_time: 0,
            transaction_id: 0,
        };
        let facts = InvoiceFacts { created_on: Some(txn.now), ..InvoiceFacts::default() };
        let key = Key::new(Kind::Invoice, txn.number_of(id));
        let mut held = Held { wire, facts, key, scopes: vec![site.scope(), buyer.scope()] };
        txn.bill(&mut held, items)?;
        txn.note_missing_fields(&site, &buyer, &held)?;
        txn.save(&mut held)
    }
}

/// `PUT /v1/invoice/{id}`: another buyer, or all lines anew.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateInvoice {
    #[serde(rename = "id")]
    id: String,
    buyer_location_license: Option<String>,
    inventory: Option<Vec<Line>>,
}

impl Action for UpdateInvoice {
    const GUARDED: &'static [&'static str] = &["Price"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, site) = txn.sold_invoice(&self.id)?;
        let says = self.buyer_location_license.is_some() || self.inventory.is_some();
        require(says, || refuse("WIRE-34"))?;
        invoice::permit(&held.wire, &held.facts, Verb::Change)?;
        let known = held.wire.buyer_location_license.clone();
        let buyer = self.buyer_location_license.filter(|license| *license != known);
        require(buyer.is_none() || held.wire.paid().is_zero(), || refuse("BILL-27"))?;
        let anew = self.inventory.is_some();
        let lines = self.inventory.unwrap_or_else(|| lines::as_they_stand(&held.wire));
        lines::each_once(&lines)?;
        let buyer = txn.buyer(&site, &buyer.unwrap_or(known))?;
        let (own, refund) = (Some(held.wire.invoice_id), held.wire.refund);
        let items = txn.billed_items(&site, &buyer, &lines, refund, own)?;
        if anew {
            txn.free_lines(&mut held)?;
            txn.bill(&mut held, items)?;
        } else {
            // They are shown, though nothing of them changes (BILL-22).
            let items: Vec<&Inventory> = items.iter().map(Billed::item).collect();
            txn.say("Inventory", &items)?;
        }
        buyer.license().clone_into(&mut held.wire.buyer_location_license);
        held.scopes = vec![site.scope(), buyer.scope()];
        txn.check_paid(&held.wire)?;
        txn.note_missing_fields(&site, &buyer, &held)?;
        txn.save(&mut held)
    }
}

/// A line and its new price.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewPrice {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
    price: Quantity,
}

/// `PUT /v1/invoice/{id}/price`: corrects prices, also after the goods were shipped (BILL-28).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RepriceInvoice {
    #[serde(rename = "id")]
    id: String,
    inventory: Vec<NewPrice>,
}

impl Action for RepriceInvoice {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, site) = txn.sold_invoice(&self.id)?;
        invoice::permit(&held.wire, &held.facts, Verb::Reprice)?;
        txn.not_locked(held.facts.created_on, "BILL-32")?;
        let buyer = txn.partner(&held.wire.buyer_location_license);
        let internal = buyer.is_some_and(|buyer| buyer.is_of(&site));
        once(self.inventory.iter().map(|new| new.inventory_id.as_str()), "WIRE-28")?;
        let live = held.wire.inventory.iter_mut().filter(|line| !line.deleted);
        let mut live: BTreeMap<Barcode, _> = live.map(|line| (line.inventory_id, line)).collect();
        let mut changes = Vec::new();
        for new in &self.inventory {
            let line = Barcode::parse(&new.inventory_id).and_then(|id| live.remove(&id));
            let unknown = || refuse("BILL-29").with("id", &new.inventory_id).with("n", &self.id);
            changes.push((line.ok_or_else(unknown)?, new));
        }
        for (line, new) in changes {
            lines::check_price(txn, &new.inventory_id, Some(new.price), internal, true)?;
            line.price = new.price;
            line.transaction_id = 0;
        }
        txn.check_paid(&held.wire)?;
        txn.save(&mut held)
    }
}

/// `PUT /v1/invoice/{id}/void`: nothing was sold; the items are free again.
#[derive(Deserialize)]
struct VoidInvoice {
    id: String,
}

impl Action for VoidInvoice {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (mut held, _) = txn.sold_invoice(&self.id)?;
        invoice::permit(&held.wire, &held.facts, Verb::Void)?;
        let settled = held.wire.settled().is_positive();
        require(!settled, || refuse("BILL-35").with("n", &self.id))?;
        txn.free_lines(&mut held)?;
        settle::void(&mut held.wire);
        txn.save(&mut held)
    }
}

impl Txn<'_, '_, '_> {
    /// The invoice of a path, if the caller is its seller or its buyer (BILL-01).
    fn invoice_in_path(&self, id: &str) -> Result<Held<Invoice>, Fault> {
        self.acting_may(Right::Trade)?;
        let found = self.own_coded::<Invoice>(id)?;
        Ok(found.ok_or_else(|| refuse("BILL-01").with("id", id).in_path())?)
    }

    /// The invoice of a path, if the caller is its seller (BILL-02).
    fn sold_invoice(&self, id: &str) -> Result<(Held<Invoice>, Arc<Site>), Fault> {
        let held = self.invoice_in_path(id)?;
        let seller = self.own_site(&held.wire.location_license)?;
        let seller = seller.ok_or_else(|| refuse("BILL-02").with("n", id))?;
        self.require_right(&seller, Right::Trade)?;
        Ok((held, seller))
    }

    /// What was paid stays covered (BILL-31).
    fn check_paid(&self, invoice: &Invoice) -> Result<(), Fault> {
        let covered = invoice.total() >= invoice.paid();
        Ok(require(covered, || refuse("BILL-31").with("n", invoice.invoice_id))?)
    }

    fn next_line(&mut self) -> u64 {
        self.counters.next_piece(Piece::InvoiceLine)
    }
}
