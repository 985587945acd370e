//! The seed file as its records see it: who is who, and what belongs to what.

use serde_json::{Map, Value, json};

use super::{SeedError, lists::LISTS};
use crate::{
    model::{Moment, Scope},
    world::access::company_scope,
};

/// The seed file, with what its records need to know of one another.
pub(super) struct Book {
    file: Map<String, Value>,
}

impl Book {
    pub(super) fn read(file: &Value) -> Result<Self, SeedError> {
        let known = |key: &str| {
            LISTS.iter().any(|list| list.key == key)
                || ["Integrators", "Notices", "OnPaper", "TagBalances", "about"].contains(&key)
        };
        let file = file.as_object().ok_or_else(|| SeedError("it is no JSON object".to_owned()))?;
        for (key, value) in file {
            if value.is_array() && !known(key) {
                return Err(SeedError(format!("no list is called `{key}`")));
            }
        }
        Ok(Self { file: file.clone() })
    }

    pub(super) fn list(&self, key: &str) -> &[Value] {
        self.file.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(&self, list: &str, key: &str, value: &Value) -> Option<&Value> {
        self.list(list).iter().find(|entry| entry[key] == *value)
    }

    /// In whose lists an entry stands: by license numbers, or by a UBI; the state's if by nobody's.
    pub(super) fn scopes(&self, owners: &[Value]) -> Result<Vec<Scope>, SeedError> {
        let mut scopes = Vec::new();
        for owner in owners.iter().filter(|owner| !owner.is_null()) {
            let scope = self.scope(owner)?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(if scopes.is_empty() { vec![Scope::State] } else { scopes })
    }

    /// A site or a laboratory by its license number, or a company by its UBI.
    pub(super) fn scope(&self, license: &Value) -> Result<Scope, SeedError> {
        let number = |entry: &Value| entry["ID"].as_u64().and_then(|id| u32::try_from(id).ok());
        let site = self.find("Vendors", "LocationLicense", license).and_then(number);
        let lab = self.find("Labs", "LicenseNumber", license).and_then(number);
        let company = self.find("Vendors", "UBI", license).and_then(|it| it["UBI"].as_str());
        site.map(Scope::Site)
            .or(lab.map(Scope::Lab))
            .or(company.map(company_scope))
            .ok_or_else(|| SeedError(format!("no license {license}")))
    }
}

pub(super) fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().unwrap_or_default()
}

pub(super) fn moment(value: &Value) -> Result<Moment, SeedError> {
    let at = value.as_str().and_then(Moment::parse);
    at.ok_or_else(|| SeedError(format!("{value} is no time")))
}

pub(super) fn strings(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Whether the item's room is one of quarantine.
pub(super) fn in_quarantine(book: &Book, entry: &Value) -> bool {
    let room = book.find("InventoryRooms", "ID", &entry["RoomID"]);
    room.is_some_and(|room| room["Quarantine"] == json!(true))
}
