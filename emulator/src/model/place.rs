//! Where things are: sites and laboratories of the directory, plant rooms and inventory rooms.

use serde::{Deserialize, Serialize};

use super::{Day, Kind, Moment, Record, blank};

/// A license of the state's directory: one site of a company.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vendor {
    pub address: String,
    pub address2: String,
    pub city: String,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    /// The day on which the license became integrated (LIC-22).
    #[serde(with = "blank")]
    pub legacy_comply_date: Option<Day>,
    pub location_license: String,
    pub name: String,
    pub phone: String,
    pub processor: bool,
    pub producer: bool,
    pub retail: bool,
    pub state: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub transporter: bool,
    #[serde(rename = "Type")]
    pub location_type: u32,
    #[serde(rename = "UBI")]
    pub ubi: String,
    pub zip: String,
}

/// What the state keeps of a license and its directory does not show (DIR-22).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Standing {
    /// From when on the license reports through the interface (LIC-19).
    pub integrated_on: Option<Moment>,
    pub suspended: bool,
}

impl Record for Vendor {
    const KIND: Kind = Kind::Vendor;
    type Facts = Standing;

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// A permitted laboratory; it has a permit number and no UBI (LIC-06).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Lab {
    pub address1: String,
    pub city: String,
    /// 0 or 1: published as a number here (DIR-27).
    pub deleted: u8,
    #[serde(rename = "ID")]
    pub id: u64,
    pub license_number: String,
    pub name: String,
    pub phone: String,
    pub state: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub zip: String,
}

impl Record for Lab {
    const KIND: Kind = Kind::Lab;
    type Facts = Standing;

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// A room in which plants stand.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GrowRoom {
    pub deleted: bool,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "ID")]
    pub id: u64,
    pub location_license: String,
    pub name: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(with = "blank")]
    pub updated_on: Option<Moment>,
}

impl Record for GrowRoom {
    const KIND: Kind = Kind::GrowRoom;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.updated_on = Moment::from_second(second);
    }
}

/// A room in which items lie.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InventoryRoom {
    pub deleted: bool,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "ID")]
    pub id: u64,
    pub location_license: String,
    pub name: String,
    pub quarantine: bool,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

impl Record for InventoryRoom {
    const KIND: Kind = Kind::InventoryRoom;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}
