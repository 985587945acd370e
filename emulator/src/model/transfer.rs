//! Shipments: what left with one stop of a manifest, and what became of it.

use serde::{Deserialize, Serialize};

use super::{Barcode, Embedded, Kind, Moment, Quantity, Record, blank};

/// One shipped stop; its receiver settles it once.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InventoryTransfer {
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    pub inbound_license: String,
    pub invoice: Embedded,
    #[serde(rename = "InvoiceID", with = "blank")]
    pub invoice_id: Option<Barcode>,
    pub is_rejected: bool,
    pub item: Vec<TransferItem>,
    #[serde(rename = "ManifestID")]
    pub manifest_id: Barcode,
    pub manifest_stop_number: u32,
    pub outbound_license: String,
    pub received: bool,
    #[serde(with = "blank")]
    pub received_time: Option<Moment>,
    pub session_time: i64,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub transfer_type: TransferType,
}

/// Why goods travel (XFER-02).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum TransferType {
    Sale,
    Internal,
    Sample,
    Return,
    Rejected,
}

/// One item of a shipment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransferItem {
    /// What was sent, in the unit of the item.
    pub amount: Quantity,
    pub deleted: bool,
    pub description: String,
    #[serde(rename = "ID")]
    pub id: u64,
    pub inventory: Embedded,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    #[serde(rename = "InventoryTransferID")]
    pub inventory_transfer_id: u64,
    pub is_rejected: bool,
    pub is_return: bool,
    #[serde(rename = "ManifestID")]
    pub manifest_id: Barcode,
    pub received: bool,
    pub received_amount: Quantity,
    #[serde(with = "blank")]
    pub received_time: Option<Moment>,
    /// The write that last touched it; 0 until the write under way is stored.
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// What the world knows of a shipment and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TransferFacts {
    /// The license number of the transporter, where there is one.
    pub carrier: Option<String>,
    /// The driver stands at the receiver's door.
    pub arrived: bool,
    /// The driver stood there once, so that the receiver has seen it.
    pub seen: bool,
}

impl InventoryTransfer {
    /// Neither settled nor taken back nor voided.
    pub fn is_open(&self) -> bool {
        let refused = self.is_rejected && self.transfer_type != TransferType::Rejected;
        !self.deleted && !self.received && !refused
    }
}

impl Record for InventoryTransfer {
    const KIND: Kind = Kind::InventoryTransfer;
    type Facts = TransferFacts;
    const SITE_FIELDS: &'static [&'static str] = &["OutboundLicense", "InboundLicense"];

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
        for item in self.item.iter_mut().filter(|item| item.transaction_id == 0) {
            item.transaction_id = transaction;
        }
    }
}
