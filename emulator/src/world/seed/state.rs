//! State beside the records: software, consents, tag balances.

use serde_json::Value;

use super::book::{Book, moment, strings, text};
use crate::{
    fault::Fault,
    ids, password,
    world::{
        access::{APP, App, CONSENT, Consent, hex},
        tags::{TagBalance, tag_key},
        txn::Txn,
    },
};

/// Software, consents and balances: state beside the records.
pub(super) fn plant(txn: &mut Txn<'_, '_, '_>, book: &Book) -> Result<(), Fault> {
    let mut consents = 0;
    for entry in book.list("Integrators") {
        let client_id = text(entry, "ClientID").to_owned();
        let secret_hash =
            password::hash(txn.around.secret, &client_id, text(entry, "ClientSecret"));
        let app = App {
            name: text(entry, "Name").to_owned(),
            secret_hash,
            redirect_uris: strings(&entry["RedirectURIs"]),
            client_id: client_id.clone(),
        };
        txn.set_state(&format!("{APP}{client_id}"), &app)?;
        for given in entry["Consents"].as_array().into_iter().flatten() {
            consents += 1;
            plant_consent(txn, book, &client_id, consents, given)?;
        }
    }
    txn.set_state("consents", &consents)?;
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

fn plant_consent(
    txn: &mut Txn<'_, '_, '_>,
    book: &Book,
    client_id: &str,
    id: u64,
    given: &Value,
) -> Result<(), Fault> {
    let ubi = text(given, "UBI");
    let own = book.list("Vendors").iter().filter(|vendor| text(vendor, "UBI") == ubi);
    let consent = Consent {
        id,
        client_id: client_id.to_owned(),
        ubi: ubi.to_owned(),
        licenses: own.map(|vendor| text(vendor, "LocationLicense").to_owned()).collect(),
        granted_by: text(given, "GrantedBy").to_owned(),
        granted_on: moment(&given["GrantedOn"])?,
        ends_on: moment(&given["ExpiresOn"])?,
        revoked: false,
        token: hex(&ids::digest(text(given, "AccessToken"))),
    };
    txn.set_state(&format!("{CONSENT}{client_id}/{ubi}"), &consent)
}
