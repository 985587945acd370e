//! Who signs in, and whom a company keeps on its lists: users, laboratory users, employees, vehicles.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Day, Kind, Record, blank};

/// A person who may sign in, of a company or of a laboratory.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", bound = "P: Permissions")]
pub struct Member<P> {
    pub active: bool,
    pub admin: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(default, skip_serializing_if = "Permissions::are_unpublished")]
    pub permission: P,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    pub username: String,
}

/// A company's people have a list of what they may do.
pub type User = Member<Vec<String>>;

/// A laboratory's people may do all its work, and publish no list (ACCT-66).
pub type LabUser = Member<()>;

/// What a person may do besides signing in.
pub trait Permissions: Default + DeserializeOwned + Serialize {
    const KIND: Kind;

    fn of_names(names: Vec<String>) -> Self;

    fn names(&self) -> &[String];

    fn are_unpublished(&self) -> bool {
        Self::KIND == Kind::LabUser
    }
}

impl Permissions for Vec<String> {
    const KIND: Kind = Kind::User;

    fn of_names(names: Vec<String>) -> Self {
        names
    }

    fn names(&self) -> &[String] {
        self
    }
}

impl Permissions for () {
    const KIND: Kind = Kind::LabUser;

    fn of_names(_: Vec<String>) -> Self {}

    fn names(&self) -> &[String] {
        &[]
    }
}

/// What is kept of a person's password: nothing but its hash.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Login {
    /// In the PHC text format; empty until the person has chosen one.
    pub password_hash: String,
}

impl<P: Permissions> Record for Member<P> {
    const KIND: Kind = P::KIND;
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

impl Vehicle {
    /// What a manifest says of it; its name where nothing else is known (DIR-20).
    pub fn description(&self) -> String {
        let parts = [&self.year, &self.color, &self.make, &self.model, &self.plate];
        let known: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        if known.is_empty() { self.name.clone() } else { known.join(" ") }
    }
}

impl Record for Vehicle {
    const KIND: Kind = Kind::Vehicle;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }
}
