//! What the state and its operator do, outside the licensee API: consents, licenses, tag balances.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::Person,
    software::{Tokens, kept},
    tags::{TagBalance, tag_key},
    txn::{Held, Touched, Txn},
};
use crate::{
    fault::Fault,
    model::{Key, Kind, Lab, Record, Standing, Vendor},
    refusal::{Refusal, refuse, require},
};

/// An administrator's leave, given on the operator's word instead of in a browser.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct GrantConsent {
    #[serde(rename = "UBI")]
    pub ubi: String,
    #[serde(rename = "ClientID")]
    pub client_id: String,
    /// The administrator who consents; any active one if absent.
    pub username: Option<String>,
    /// The licenses that are ticked; all if absent.
    pub license: Option<Vec<String>>,
}

impl GrantConsent {
    /// As in a browser, with a token at once (ACCT-16).
    pub fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let app = txn.around.access.app(&self.client_id).filter(|app| app.active);
        require(app.is_some(), || refuse("ACCT-10"))?;
        let admin = self.administrator(txn)?;
        let ticked = self.license.as_deref();
        let mut consent = txn.grant(&self.client_id, &self.ubi, &admin, ticked)?;
        let token = txn.around.secret.token("access", consent.id);
        let ends_on = consent.ends_on;
        consent.tokens = Some(Tokens { access: kept(&token), ends_on, refresh: None });
        txn.keep_consent(&consent)?;
        let said = [
            ("AccessToken", json!(token)),
            ("UBI", json!(consent.ubi)),
            ("License", json!(consent.licenses)),
            ("Username", json!(consent.granted_by)),
            ("EndsOn", json!(consent.ends_on)),
        ];
        txn.done.extras.extend(said.map(|(key, value)| (key.to_owned(), value)));
        Ok(())
    }

    fn administrator(&self, txn: &Txn<'_, '_, '_>) -> Result<Arc<Person>, Refusal> {
        let named = self.username.as_deref();
        let mut admins = txn.around.access.administrators(&self.ubi).into_iter();
        let found = admins.find(|person| named.is_none_or(|it| it == person.username));
        found.ok_or_else(|| refuse("ACCT-14"))
    }
}

/// Withdraws a company's consents, all of its software at once (ACCT-19).
pub fn revoke_consents(txn: &mut Txn<'_, '_, '_>, ubi: &str) -> Result<(), Fault> {
    let revoked = txn.revoke_consents(|consent| consent.ubi == ubi)?;
    txn.done.extras.insert("Revoked".to_owned(), json!(revoked));
    Ok(())
}

/// What the operator does to a license or a laboratory (LIC-07).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum LicenseState {
    Active,
    Suspended,
    Closed,
}

/// Suspends, reinstates or closes; a write with a number on the directory row.
pub fn set_license(
    txn: &mut Txn<'_, '_, '_>,
    license: &str,
    state: LicenseState,
) -> Result<(), Fault> {
    let access = txn.around.access;
    let closed = access.sites.get(license).is_some_and(|site| site.closed)
        || access.labs.get(license).is_some_and(|lab| lab.closed);
    if closed {
        // A closed license stays closed; a new one has to be issued.
        Ok(())
    } else if let Some(site) = access.sites.get(license) {
        let key = Key::new(Kind::Vendor, u64::from(site.number));
        change::<Vendor>(txn, key, license, |vendor, standing| {
            standing.suspended = state == LicenseState::Suspended;
            vendor.deleted = state == LicenseState::Closed;
        })
    } else if let Some(lab) = access.labs.get(license) {
        let key = Key::new(Kind::Lab, u64::from(lab.number));
        change::<Lab>(txn, key, license, |lab, standing| {
            standing.suspended = state == LicenseState::Suspended;
            lab.deleted = u8::from(state == LicenseState::Closed);
        })
    } else {
        Err(refuse("LIC-24").into())
    }
}

fn change<R: Record<Facts = Standing>>(
    txn: &mut Txn<'_, '_, '_>,
    key: Key,
    license: &str,
    change: impl FnOnce(&mut R, &mut Standing),
) -> Result<(), Fault> {
    let mut held: Held<R> = txn.find::<R>(key)?.ok_or_else(|| refuse("LIC-24"))?;
    change(&mut held.wire, &mut held.facts);
    txn.touched.push(Touched::Directory);
    txn.done.extras.insert("LicenseNumber".to_owned(), Value::from(license));
    txn.save(&mut held)
}

/// Sets what a company has left, for rehearsing an empty balance (UID-25).
pub fn set_tags(txn: &mut Txn<'_, '_, '_>, ubi: &str, available: u64) -> Result<(), Fault> {
    let key = tag_key(ubi);
    let balance: TagBalance = txn.state(&key)?.unwrap_or_default();
    let granted = balance.used.saturating_add(available).saturating_sub(balance.bought);
    let balance = TagBalance { granted, ..balance };
    txn.set_state(&key, &balance)?;
    txn.done.extras.insert("Available".to_owned(), json!(balance.available()));
    Ok(())
}
