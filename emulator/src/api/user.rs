//! `/v1/user`: the people of a company, their log-in and their passwords (rulebook 2).

use serde::Deserialize;

use super::{
    Action, Row,
    access::open_session,
    act, read,
    read::{list, not_found, show},
};
use crate::{
    fault::Fault,
    lifecycle::directory::email,
    model::{Key, Kind, Login, Record, User},
    refusal::{Refusal, refuse, require},
    world::{
        access::{Party, end_sessions},
        mail::{self, Occasion},
        txn::{Held, Touched, Txn},
    },
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/user",         list::<User>),
    act::<CreateUser>("POST /v1/user"),
    act::<LogIn>("POST /v1/user/login"),
    act::<RequestPasswordReset>("POST /v1/user/password-reset-request"),
    read("GET /v1/user/{id}",    show::<User>),
    act::<UpdateUser>("PUT /v1/user/{id}"),
    act::<DeactivateUser>("DELETE /v1/user/{id}"),
];

/// `POST /v1/user/login`: opens a session; an access token binds it to the software (ACCT-34).
#[derive(Deserialize)]
struct LogIn {
    #[serde(rename = "UBI")]
    ubi: String,
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Password")]
    password: String,
    bearer: Option<String>,
}

impl Action for LogIn {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let party = Party::Company(self.ubi.clone());
        // Credentials are judged first, so that a token tells nobody whether a name exists.
        open_session(txn, &party, &self.username, &self.password, self.client(txn)?)
    }
}

impl LogIn {
    /// The software of the access token, if it may act for this company.
    fn client(&self, txn: &Txn<'_, '_, '_>) -> Result<Option<String>, Refusal> {
        let Some(token) = &self.bearer else { return Ok(None) };
        let consent = txn.around.access.consent_of_token(token).ok_or_else(|| refuse("ACCT-36"))?;
        require(consent.ubi == self.ubi, || refuse("ACCT-34"))?;
        consent.check(txn.now)?;
        Ok(Some(consent.client_id.clone()))
    }
}

/// `POST /v1/user/password-reset-request`: sends a link, and says the same either way (ACCT-58).
#[derive(Deserialize)]
struct RequestPasswordReset {
    #[serde(rename = "UBI")]
    ubi: Option<String>,
    #[serde(rename = "Username")]
    username: String,
}

impl Action for RequestPasswordReset {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let wanted = self.ubi.filter(|ubi| !ubi.is_empty()).map(Party::Company);
        for person in txn.around.access.namesakes(Kind::User, &self.username) {
            if person.active && wanted.as_ref().is_none_or(|party| *party == person.party) {
                mail::send_link(txn, person.kind, person.id, &person.username, Occasion::Reset)?;
            }
        }
        Ok(())
    }
}

/// `POST /v1/user`: invites a person, who chooses the password by a mailed link (ACCT-46).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateUser {
    username: String,
    admin: Option<bool>,
    permission: Option<Vec<String>>,
}

impl Action for CreateUser {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        check_name(txn, &self.username, None)?;
        let id = txn.next_number(Kind::User);
        let wire = User {
            active: true,
            admin: self.admin.unwrap_or_default(),
            id,
            permission: checked_permissions(self.permission.unwrap_or_default())?,
            transaction_id: 0,
            username: self.username,
        };
        let scopes = vec![txn.home()];
        let facts = Login::default();
        let mut held = Held { key: Key::new(User::KIND, id), wire, facts, scopes };
        save_user(txn, &mut held)?;
        mail::send_link(txn, Kind::User, id, &held.wire.username, Occasion::Invitation)
    }
}

/// `PUT /v1/user/{id}`: changes a person; `Active` false deactivates, true reactivates.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateUser {
    #[serde(rename = "id")]
    id: String,
    username: Option<String>,
    active: Option<bool>,
    admin: Option<bool>,
    permission: Option<Vec<String>>,
}

impl Action for UpdateUser {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.id)?;
        let given = self.username.is_some() || self.active.is_some() || self.admin.is_some();
        require(given || self.permission.is_some(), || refuse("ACCT-49"))?;
        if let Some(name) = self.username {
            check_name(txn, &name, Some(held.wire.id))?;
            held.wire.username = name;
        }
        if let Some(permission) = self.permission {
            held.wire.permission = checked_permissions(permission)?;
        }
        let admin = self.admin.unwrap_or(held.wire.admin);
        let active = self.active.unwrap_or(held.wire.active);
        if self.active == Some(false) {
            require(held.wire.active, || already(&held))?;
        }
        change_standing(txn, &mut held, active, admin)
    }
}

/// `DELETE /v1/user/{id}`: deactivates a person; the row stays (ACCT-51).
#[derive(Deserialize)]
struct DeactivateUser {
    id: String,
}

impl Action for DeactivateUser {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own(txn, &self.id)?;
        require(held.wire.active, || already(&held))?;
        let admin = held.wire.admin;
        change_standing(txn, &mut held, false, admin)
    }
}

fn own(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Held<User>, Fault> {
    Ok(txn.own_numbered::<User>(id)?.ok_or_else(|| not_found(Kind::User, id))?)
}

fn already(held: &Held<User>) -> Refusal {
    refuse("ACCT-51").with("x", &held.wire.username)
}

/// Who may sign in, and as what: nobody locks oneself out, and one administrator stays.
fn change_standing(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<User>,
    active: bool,
    admin: bool,
) -> Result<(), Fault> {
    let own = txn.person()?.id == held.wire.id;
    let loses = (held.wire.active && !active) || (held.wire.admin && !admin);
    let locked = own && loses && txn.profile().is("user.self_lockout", "refuse");
    require(!locked, || refuse("ACCT-52"))?;
    if held.wire.admin && held.wire.active && loses {
        let rest = txn.list::<User>(txn.home())?;
        let other = |it: &Held<User>| it.wire.id != held.wire.id && it.wire.active && it.wire.admin;
        require(rest.iter().any(other), || refuse("ACCT-53"))?;
    }
    if held.wire.active && !active {
        end_sessions(txn, Kind::User, held.wire.id)?;
        mail::kill_links(txn, Kind::User, held.wire.id)?;
    }
    held.wire.active = active;
    held.wire.admin = admin;
    save_user(txn, held)
}

fn save_user(txn: &mut Txn<'_, '_, '_>, held: &mut Held<User>) -> Result<(), Fault> {
    txn.touched.push(Touched::Directory);
    txn.save(held)
}

/// An e-mail address, unique in the company without regard to case (ACCT-46, ACCT-47).
fn check_name(txn: &Txn<'_, '_, '_>, name: &str, own: Option<u64>) -> Result<(), Fault> {
    require(email(name), || refuse("ACCT-47"))?;
    let users = txn.list::<User>(txn.home())?;
    let other =
        |it: &Held<User>| Some(it.wire.id) != own && it.wire.username.eq_ignore_ascii_case(name);
    Ok(require(!users.iter().any(other), || refuse("ACCT-46").with("x", name))?)
}

/// Names of the published list, doubles dropped (ACCT-48).
fn checked_permissions(names: Vec<String>) -> Result<Vec<String>, Refusal> {
    let known = tagtrail_schemas::catalogue("permissions");
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        let grantable =
            known.iter().any(|it| it["Name"] == name.as_str() && it["Grantable"] == true);
        require(grantable, || refuse("ACCT-48").with("x", &name))?;
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    Ok(kept)
}
