//! `/v1/lab`: the directory of laboratories, their people and log-in, what they test and what they were
//! sent (rulebook 2 and 11).

mod result;
pub mod test;
pub mod tested;

use serde::Deserialize;

use super::{
    Action, Row,
    access::open_session,
    act, read,
    read::{list, show},
    user::{CreateUser, DeactivateUser, RequestPasswordReset, UpdateUser},
};
use crate::{
    fault::Fault,
    lifecycle::panel::Program,
    model::{Lab, LabSample, LabUser},
    refusal::refuse,
    world::{access::Party, txn::Txn},
};

/// People of laboratories have no list of what they may do.
type Unlisted = ();

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/lab",                   list::<Lab>),
    read("GET /v1/lab/{id}",              show::<Lab>),
    act::<LabLogIn>("POST /v1/lab/login"),
    read("GET /v1/lab/user",              list::<LabUser>),
    act::<CreateUser<Unlisted>>("POST /v1/lab/user"),
    act::<RequestPasswordReset<Unlisted>>("POST /v1/lab/user/password-reset-request"),
    read("GET /v1/lab/user/{id}",         show::<LabUser>),
    act::<UpdateUser<Unlisted>>("PUT /v1/lab/user/{id}"),
    act::<DeactivateUser<Unlisted>>("DELETE /v1/lab/user/{id}"),
    read("GET /v1/lab/test",              |read| test::list(read, Program::AdultUse)),
    read("GET /v1/lab/test/{id}",         |read| test::show(read, Program::AdultUse)),
    read("GET /v1/lab/test/medical/{id}", |read| test::show(read, Program::Medical)),
    read("GET /v1/lab/sample",            list::<LabSample>),
    read("GET /v1/lab/sample/{id}",       show::<LabSample>),
    act::<result::FileResults>("POST /v1/lab/sample/{id}/result"),
    act::<result::AmendResults>("PUT /v1/lab/sample/{id}/result"),
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
        let person = txn.sign_in(&party, &self.username, &self.password)?;
        // An access token is a company's; one that is sent all the same is checked.
        if let Some(token) = &self.bearer {
            let consent = txn.around.access.consent_of_token(token);
            let consent = consent.ok_or_else(|| refuse("ACCT-36"))?;
            consent.check(txn.now)?;
            consent.check_token(txn.now)?;
        }
        let token = open_session(txn, &person, None)?;
        txn.say("Session", &token)
    }
}
