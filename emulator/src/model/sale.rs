//! Retail sales and their refunds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Barcode, Kind, Moment, Quantity, Record, blank};

/// One sale, or a refund of one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sale {
    #[serde(rename = "CardID")]
    pub card_id: String,
    #[serde(rename = "CreatedByUserID")]
    pub created_by_user_id: u64,
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub deleted: bool,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "ID")]
    pub id: u64,
    pub item: Vec<SaleItem>,
    /// `Vendor.ID` of the shop.
    pub location: u32,
    pub ordering_physician: String,
    #[serde(rename = "RequestID")]
    pub request_id: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "Type")]
    pub kind: SaleType,
    #[serde(with = "blank")]
    pub updated_on: Option<Moment>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SaleType {
    Recreational,
    Medical,
    /// Written by the system.
    Refund,
}

/// One line of a sale.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SaleItem {
    pub barcode: Barcode,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "FormID")]
    pub form_id: i64,
    pub item_number: u32,
    #[serde(rename = "OrderTypeID")]
    pub order_type_id: i64,
    /// Dollars per unit, before tax; negative on a refund.
    pub price: Quantity,
    /// Whole units.
    pub quantity: Quantity,
    pub tax_collected: Option<TaxCollected>,
    /// The write that last touched it; 0 until the write under way is stored.
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub void_reason: String,
}

/// Dollars of tax on a line.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TaxCollected {
    pub excise: Quantity,
    pub other: Quantity,
}

impl TaxCollected {
    pub fn sum(self) -> Quantity {
        self.excise + self.other
    }
}

/// What the world knows of a sale and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SaleFacts {
    /// The item numbers that were refunded, each once (SALE-47).
    pub refunded: BTreeSet<u32>,
    /// The open Delivery manifest on which it stands.
    pub manifest: Option<Barcode>,
    /// It was handed over.
    pub delivered: bool,
}

impl Record for Sale {
    const KIND: Kind = Kind::Sale;
    type Facts = SaleFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.updated_on = Moment::from_second(second);
        for line in self.item.iter_mut().filter(|line| line.transaction_id == 0) {
            line.transaction_id = transaction;
        }
    }
}
