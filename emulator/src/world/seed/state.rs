//! State beside the records: software, consents, tag balances.

use serde_json::Value;

use super::{
    SeedError,
    book::{Book, moment, strings, text},
};
use crate::{
    fault::Fault,
    model::Moment,
    world::{
        notice::NewNotice,
        software::{App, Consent, Integrator, SoftwareKind, Tokens, kept},
        tags::{TagBalance, tag_key},
        txn::Txn,
    },
};

/// Software, consents and balances: state beside the records.
pub(super) fn plant(txn: &mut Txn<'_, '_, '_>, book: &Book) -> Result<(), Fault> {
    let mut consents = 0;
    for (integrator, entry) in (1..).zip(book.list("Integrators")) {
        plant_integrator(txn, integrator, entry)?;
        let client_id = text(entry, "ClientID").to_owned();
        let secret_hash = txn.password_hash(&client_id, text(entry, "ClientSecret"));
        let app = App {
            name: text(entry, "Name").to_owned(),
            secret_hash,
            redirect_uris: strings(&entry["RedirectURIs"]),
            client_id: client_id.clone(),
            integrator,
            created_on: since(txn, entry)?,
            active: true,
        };
        txn.set_state(&App::key(&client_id), &app)?;
        for given in entry["Consents"].as_array().into_iter().flatten() {
            consents += 1;
            plant_consent(txn, book, &client_id, consents, given)?;
        }
    }
    txn.set_state("consents", &consents)?;
    for entry in book.list("Notices") {
        let notice: NewNotice = serde_json::from_value(entry.clone())
            .map_err(|error| SeedError(format!("a notice: {error}")))?;
        notice.publish(txn)?;
    }
    for entry in book.list("TagBalances") {
        let ubi = text(entry, "UBI");
        let granted = entry["Balance"].as_u64().unwrap_or_default();
        txn.set_state(&tag_key(ubi), &TagBalance { granted, ..Default::default() })?;
        // The balance of the file holds the free allotment, also of who has yet to join.
        for vendor in book.list("Vendors").iter().filter(|vendor| text(vendor, "UBI") == ubi) {
            txn.set_state(&format!("granted/{}", text(vendor, "LocationLicense")), &true)?;
        }
    }
    Ok(())
}

/// Who makes the software, and signs in to the portal.
fn plant_integrator(txn: &mut Txn<'_, '_, '_>, id: u64, entry: &Value) -> Result<(), Fault> {
    let email = text(entry, "Email").to_owned();
    let password = text(entry, "Password");
    let integrator = Integrator {
        id,
        company: text(entry, "Name").to_owned(),
        contact: text(entry, "Contact").to_owned(),
        password_hash: txn.password_hash(&Integrator::key(&email), password),
        email,
        kind: SoftwareKind::default(),
        created_on: since(txn, entry)?,
    };
    txn.set_state("integrators", &id)?;
    txn.set_state(&Integrator::key(&integrator.email), &integrator)
}

/// When something in a seed file began; with the world where the file does not say.
fn since(txn: &Txn<'_, '_, '_>, entry: &Value) -> Result<Moment, Fault> {
    let said = entry.get("CreatedOn").map(moment).transpose()?;
    Ok(said.unwrap_or(txn.now))
}

fn plant_consent(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    client_id: &str,
    id: u64,
    given: &Value,
) -> Result<(), Fault> {
    let ubi = text(given, "UBI");
    let own = book.list("Vendors").iter().filter(|vendor| text(vendor, "UBI") == ubi);
    let ends_on = moment(&given["ExpiresOn"])?;
    let access = kept(text(given, "AccessToken"));
    let administrator = book
        .list("Users")
        .iter()
        .find(|user| user["UBI"] == given["UBI"] && user["Username"] == given["GrantedBy"]);
    let administrator = administrator.and_then(|user| user["ID"].as_u64());
    let missing = || SeedError(format!("nobody is called {}", given["GrantedBy"]));
    let consent = Consent {
        administrator: administrator.ok_or_else(missing)?,
        id,
        client_id: client_id.to_owned(),
        ubi: ubi.to_owned(),
        licenses: own.map(|vendor| text(vendor, "LocationLicense").to_owned()).collect(),
        granted_by: text(given, "GrantedBy").to_owned(),
        granted_on: moment(&given["GrantedOn"])?,
        ends_on,
        revoked: false,
        tokens: Some(Tokens { access, ends_on, refresh: None }),
    };
    txn.keep_consent(&consent)
}
