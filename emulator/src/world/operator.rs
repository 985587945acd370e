//! What the state and its operator do, outside the licensee API: consents, licenses, tag balances.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{CONSENT, Consent, Site, hex},
    tags::{TagBalance, tag_key},
    txn::{Held, Touched, Txn},
};
use crate::{
    fault::Fault,
    ids,
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
    /// A new consent replaces the old one, and what is ticked becomes integrated (ACCT-16, LIC-19).
    pub fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        require(txn.around.access.app(&self.client_id).is_some(), || refuse("ACCT-10"))?;
        let own: Vec<_> = txn.around.access.sites_of(&self.ubi).cloned().collect();
        let ticked = |site: &Site| {
            self.license.as_ref().is_none_or(|list| list.contains(&site.license)) && !site.closed
        };
        let sites: Vec<_> = own.into_iter().filter(|site| ticked(site)).collect();
        require(!sites.is_empty(), || refuse("ACCT-16"))?;
        let granted_by = self.administrator(txn)?;
        let id = txn.state::<u64>("consents")?.unwrap_or_default() + 1;
        txn.set_state("consents", &id)?;
        let token = txn.around.secret.token("access", id);
        let consent = Consent {
            id,
            licenses: sites.iter().map(|site| site.license.clone()).collect(),
            granted_by,
            granted_on: txn.now,
            ends_on: txn.now.plus_seconds(txn.profile().seconds("consent.life")),
            revoked: false,
            token: hex(&ids::digest(&token)),
            client_id: self.client_id,
            ubi: self.ubi,
        };
        txn.set_state(&consent_key(&consent.client_id, &consent.ubi), &consent)?;
        for site in sites {
            integrate(txn, &site)?;
        }
        txn.touched.push(Touched::Directory);
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

    fn administrator(&self, txn: &Txn<'_, '_, '_>) -> Result<String, Refusal> {
        let access = txn.around.access;
        let named = self.username.as_deref();
        let admins = access.administrators(&self.ubi);
        let found = admins.into_iter().find(|person| named.is_none_or(|it| it == person.username));
        found.map(|person| person.username.clone()).ok_or_else(|| refuse("ACCT-14"))
    }
}

fn consent_key(client_id: &str, ubi: &str) -> String {
    format!("{CONSENT}{client_id}/{ubi}")
}

/// A license joins: from this second, for good, with its free tags, once (LIC-19, UID-16).
fn integrate(txn: &mut Txn<'_, '_, '_>, site: &Site) -> Result<(), Fault> {
    if site.integrated_on.is_some() {
        return Ok(());
    }
    let key = Key::new(Kind::Vendor, u64::from(site.number));
    let Some(mut held) = txn.find::<Vendor>(key)? else { return Ok(()) };
    held.facts.integrated_on = Some(txn.now);
    held.wire.legacy_comply_date = Some(txn.today());
    txn.save(&mut held)?;
    let granted = format!("granted/{}", site.license);
    if txn.state::<bool>(&granted)?.is_none() {
        txn.set_state(&granted, &true)?;
        let types = tagtrail_schemas::catalogue("location_types");
        let own = types.iter().find(|it| it["ID"] == json!(site.location_type));
        txn.grant_tags(site, own.and_then(|it| it["FreeTags"].as_u64()).unwrap_or_default())?;
    }
    Ok(())
}

/// Withdraws a company's consents, all of its software at once (ACCT-19).
pub fn revoke_consents(txn: &mut Txn<'_, '_, '_>, ubi: &str) -> Result<(), Fault> {
    let mut revoked = 0;
    for (key, consent) in txn.states::<Consent>(CONSENT)? {
        if consent.ubi == ubi && !consent.revoked {
            txn.set_state(&key, &Consent { revoked: true, ..consent })?;
            revoked += 1;
        }
    }
    txn.touched.push(Touched::Directory);
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
    let granted = (balance.used + available).saturating_sub(balance.bought);
    let balance = TagBalance { granted, ..balance };
    txn.set_state(&key, &balance)?;
    txn.done.extras.insert("Available".to_owned(), json!(balance.available()));
    Ok(())
}
