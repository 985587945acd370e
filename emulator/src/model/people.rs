//! Who signs in, and whom a company keeps on its lists: users, laboratory users, employees, vehicles.

use serde::{Deserialize, Serialize};

use super::{Day, Kind, Record, blank};

/// A person of a company who may sign in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    pub active: bool,
    pub admin: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    pub permission: Vec<String>,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub username: String,
}

/// What is kept of a person's password: nothing but its hash.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Login {
    /// In the PHC text format; empty until the person has chosen one.
    pub password_hash: String,
}

impl Record for User {
    const KIND: Kind = Kind::User;
    type Facts = Login;

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// A person of a laboratory who may sign in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LabUser {
    pub active: bool,
    pub admin: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub username: String,
}

impl Record for LabUser {
    const KIND: Kind = Kind::LabUser;
    type Facts = Login;

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// A member of staff, kept for manifests and deliveries; not a user (DIR-02).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Employee {
    #[serde(with = "blank")]
    pub birth_date: Option<Day>,
    pub deleted: bool,
    pub driver_license: String,
    pub email: String,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(with = "blank")]
    pub hire_date: Option<Day>,
    #[serde(rename = "ID")]
    pub id: u64,
    pub name: String,
    pub state_issue: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

impl Record for Employee {
    const KIND: Kind = Kind::Employee;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}

/// A vehicle, or whatever else carries goods (DIR-14).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vehicle {
    pub color: String,
    pub deleted: bool,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "ID")]
    pub id: u64,
    pub make: String,
    pub model: String,
    pub name: String,
    pub plate: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub vin: String,
    pub year: String,
}

impl Record for Vehicle {
    const KIND: Kind = Kind::Vehicle;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}
