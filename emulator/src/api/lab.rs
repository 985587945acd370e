//! `/v1/lab`: the directory of laboratories, and their log-in.

use serde::Deserialize;

use super::{
    Action, Row,
    access::open_session,
    act, read,
    read::{list, show},
};
use crate::{
    fault::Fault,
    model::Lab,
    refusal::refuse,
    world::{access::Party, txn::Txn},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/lab",      list::<Lab>),
    read("GET /v1/lab/{id}", show::<Lab>),
    act::<LabLogIn>("POST /v1/lab/login"),
];

/// `POST /v1/lab/login`: opens a session for a laboratory's user; no consent is needed (ACCT-09).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LabLogIn {
    license_number: String,
    username: String,
    password: String,
    #[serde(rename = "bearer")]
    bearer: Option<String>,
}

impl Action for LabLogIn {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let party = Party::Lab(self.license_number);
        // An access token is a company's; one that is sent all the same is checked.
        if let Some(token) = &self.bearer
            && txn.around.access.consent_of_token(token).is_none()
        {
            return Err(refuse("ACCT-36").into());
        }
        open_session(txn, &party, &self.username, &self.password, None)
    }
}
