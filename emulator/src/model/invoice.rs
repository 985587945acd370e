//! What is billed and what is paid for it: invoices, their lines and their payments.

use serde::{Deserialize, Serialize};

use super::{Barcode, Kind, Moment, Quantity, Record, blank};

/// The prices of the items that go to another company; the seller's document.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Invoice {
    pub accepted: bool,
    pub buyer_location_license: String,
    pub deleted: bool,
    pub inventory: Vec<InvoiceLine>,
    #[serde(rename = "InvoiceID")]
    pub invoice_id: Barcode,
    pub location_license: String,
    pub payment: Vec<InvoicePayment>,
    pub refund: bool,
    pub session_time: i64,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// One whole item and its price.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvoiceLine {
    /// In the unit of the item.
    pub amount: Quantity,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    #[serde(rename = "InvoiceID")]
    pub invoice_id: Barcode,
    /// Dollars per unit, before tax (BILL-19).
    pub price: Quantity,
    /// The write that last touched it; 0 until the write under way is stored.
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// What the buyer says it paid, and what the seller says to that.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvoicePayment {
    pub accepted: bool,
    /// A license number, as its sibling `RejectedLocationLicense` (BILL-60).
    #[serde(rename = "AcceptedLocationID")]
    pub accepted_location_id: String,
    #[serde(with = "blank")]
    pub accepted_on: Option<Moment>,
    /// Dollars in whole cents.
    pub amount: Quantity,
    pub buyer_location_license: String,
    #[serde(rename = "BuyerUserID")]
    pub buyer_user_id: u64,
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InvoiceID")]
    pub invoice_id: Barcode,
    pub rejected: bool,
    pub rejected_location_license: String,
    #[serde(with = "blank")]
    pub rejected_on: Option<Moment>,
    pub rejected_reason: String,
    /// The write that last touched it; 0 until the write under way is stored.
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(with = "blank")]
    pub updated_on: Option<Moment>,
}

/// What the world knows of an invoice and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct InvoiceFacts {
    /// When it was made; the tax period that it belongs to (BILL-32).
    pub created_on: Option<Moment>,
    /// The open manifest on which it stands.
    pub manifest: Option<Barcode>,
    /// Its goods are on the road.
    pub shipped: bool,
}

impl Invoice {
    pub fn live_lines(&self) -> impl Iterator<Item = &InvoiceLine> + Clone {
        self.inventory.iter().filter(|line| !line.deleted)
    }

    /// Dollars, each line rounded half up to cents (BILL-19).
    pub fn total(&self) -> Quantity {
        let of_line = |line: &InvoiceLine| line.amount.times(line.price).map(Quantity::to_cents);
        self.live_lines().filter_map(of_line).sum()
    }

    /// Payments that wait for an answer or were accepted.
    pub fn paid(&self) -> Quantity {
        let counts = |it: &&InvoicePayment| !it.deleted && !it.rejected;
        self.payment.iter().filter(counts).map(|it| it.amount).sum()
    }

    /// Payments that the seller accepted.
    pub fn settled(&self) -> Quantity {
        self.payment.iter().filter(|it| it.accepted).map(|it| it.amount).sum()
    }
}

impl Record for Invoice {
    const KIND: Kind = Kind::Invoice;
    type Facts = InvoiceFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
        let now = Moment::from_second(second);
        for line in self.inventory.iter_mut().filter(|line| line.transaction_id == 0) {
            line.transaction_id = transaction;
        }
        for payment in self.payment.iter_mut().filter(|it| it.transaction_id == 0) {
            payment.transaction_id = transaction;
            payment.updated_on = now;
        }
    }
}
