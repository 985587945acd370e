//! `/v1/user`: the people of a company, their log-in and their passwords (rulebook 2). The people of
//! a laboratory are managed by the same actions (ACCT-65).

use std::marker::PhantomData;

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
    model::{Key, Login, Member, Permissions, User},
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
    act::<CreateUser<Permitted>>("POST /v1/user"),
    act::<LogIn>("POST /v1/user/login"),
    act::<RequestPasswordReset<Permitted>>("POST /v1/user/password-reset-request"),
    read("GET /v1/user/{id}",    show::<User>),
    act::<UpdateUser<Permitted>>("PUT /v1/user/{id}"),
    act::<DeactivateUser<Permitted>>("DELETE /v1/user/{id}"),
];

/// What people of companies may do stands in a list.
type Permitted = Vec<String>;

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
        let person = txn.sign_in(&party, &self.username, &self.password)?;
        let client = self.client(txn)?;
        let token = open_session(txn, &person, client)?;
        txn.say("session", &token)?;
        txn.say("Session", &token)
    }
}

impl LogIn {
    /// The software of the access token, if it may act for this company.
    fn client(&self, txn: &Txn<'_, '_, '_>) -> Result<Option<String>, Refusal> {
        let Some(token) = &self.bearer else { return Ok(None) };
        let consent = txn.around.access.consent_of_token(token).ok_or_else(|| refuse("ACCT-36"))?;
        require(consent.ubi == self.ubi, || refuse("ACCT-34"))?;
        consent.check(txn.now)?;
        consent.check_token(txn.now)?;
        Ok(Some(consent.client_id.clone()))
    }
}

/// `POST …/password-reset-request`: sends a link, and says the same either way (ACCT-58).
#[derive(Deserialize)]
#[serde(bound = "")]
pub struct RequestPasswordReset<P> {
    #[serde(rename = "UBI", alias = "LicenseNumber")]
    party: Option<String>,
    #[serde(rename = "Username")]
    username: String,
    #[serde(skip)]
    of: PhantomData<fn() -> P>,
}

impl<P: Permissions + 'static> Action for RequestPasswordReset<P> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let wanted = self.party.filter(|name| !name.is_empty());
        let wanted = wanted.map(|name| Party::of(P::KIND, name));
        for person in txn.around.access.namesakes(P::KIND, &self.username) {
            if person.active && wanted.as_ref().is_none_or(|party| *party == person.party) {
                mail::send_link(txn, person.kind, person.id, &person.username, Occasion::Reset)?;
            }
        }
        Ok(())
    }
}

/// `POST`: invites a person, who chooses the password by a mailed link (ACCT-46).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "")]
pub struct CreateUser<P> {
    username: String,
    admin: Option<bool>,
    permission: Option<Vec<String>>,
    #[serde(skip)]
    of: PhantomData<fn() -> P>,
}

impl<P: Permissions + 'static> Action for CreateUser<P> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        check_name::<P>(txn, &self.username, None)?;
        let id = txn.next_number(P::KIND);
        let wire = Member {
            active: true,
            admin: self.admin.unwrap_or_default(),
            id,
            permission: P::of_names(checked_permissions(self.permission.unwrap_or_default())?),
            transaction_id: 0,
            username: self.username,
        };
        let scopes = vec![txn.home()];
        let mut held = Held { key: Key::new(P::KIND, id), wire, facts: Login::default(), scopes };
        save_member(txn, &mut held)?;
        mail::send_link(txn, P::KIND, id, &held.wire.username, Occasion::Invitation)
    }
}

/// `PUT`: changes a person; `Active` false deactivates, true reactivates.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "")]
pub struct UpdateUser<P> {
    #[serde(rename = "id")]
    id: String,
    username: Option<String>,
    active: Option<bool>,
    admin: Option<bool>,
    permission: Option<Vec<String>>,
    #[serde(skip)]
    of: PhantomData<fn() -> P>,
}

impl<P: Permissions + 'static> Action for UpdateUser<P> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own::<P>(txn, &self.id)?;
        let given = self.username.is_some() || self.active.is_some() || self.admin.is_some();
        require(given || self.permission.is_some(), || refuse("ACCT-49"))?;
        let before = held.wire.username.clone();
        if let Some(name) = self.username {
            check_name::<P>(txn, &name, Some(held.wire.id))?;
            held.wire.username = name;
        }
        if let Some(permission) = self.permission {
            held.wire.permission = P::of_names(checked_permissions(permission)?);
        }
        let admin = self.admin.unwrap_or(held.wire.admin);
        let active = self.active.unwrap_or(held.wire.active);
        if self.active == Some(false) {
            require(held.wire.active, || already(&held))?;
        }
        change_standing(txn, &mut held, active, admin)?;
        let moved = !held.wire.username.eq_ignore_ascii_case(&before);
        if moved { readdress(txn, &held) } else { Ok(()) }
    }
}

/// What was mailed to an address that is the person's no longer is no good; whoever still waits for a
/// password is invited at the new one.
fn readdress<P: Permissions>(
    txn: &mut Txn<'_, '_, '_>,
    held: &Held<Member<P>>,
) -> Result<(), Fault> {
    let (id, name) = (held.wire.id, &held.wire.username);
    if held.wire.active && held.facts.password_hash.is_empty() {
        return mail::send_link(txn, P::KIND, id, name, Occasion::Invitation);
    }
    mail::kill_links(txn, P::KIND, id)
}

/// `DELETE`: deactivates a person; the row stays (ACCT-51).
#[derive(Deserialize)]
#[serde(bound = "")]
pub struct DeactivateUser<P> {
    id: String,
    #[serde(skip)]
    of: PhantomData<fn() -> P>,
}

impl<P: Permissions + 'static> Action for DeactivateUser<P> {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = own::<P>(txn, &self.id)?;
        require(held.wire.active, || already(&held))?;
        let admin = held.wire.admin;
        change_standing(txn, &mut held, false, admin)
    }
}

fn own<P: Permissions>(txn: &Txn<'_, '_, '_>, id: &str) -> Result<Held<Member<P>>, Fault> {
    Ok(txn.own_numbered::<Member<P>>(id)?.ok_or_else(|| not_found(P::KIND, id))?)
}

fn already<P: Permissions>(held: &Held<Member<P>>) -> Refusal {
    refuse("ACCT-51").with("x", &held.wire.username)
}

/// Who may sign in, and as what: nobody locks oneself out, and one administrator stays.
fn change_standing<P: Permissions>(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Member<P>>,
    active: bool,
    admin: bool,
) -> Result<(), Fault> {
    let own = txn.person()?.id == held.wire.id;
    let loses = (held.wire.active && !active) || (held.wire.admin && !admin);
    let locked = own && loses && txn.profile().is("user.self_lockout", "refuse");
    require(!locked, || refuse("ACCT-52"))?;
    if held.wire.admin && held.wire.active && loses {
        let rest = txn.list::<Member<P>>(txn.home())?;
        let mut others = rest.iter().filter(|it| it.wire.id != held.wire.id);
        let stays = others.any(|it| it.wire.active && it.wire.admin);
        require(stays, || refuse("ACCT-53"))?;
    }
    if held.wire.active && !active {
        end_sessions(txn, P::KIND, held.wire.id)?;
        mail::kill_links(txn, P::KIND, held.wire.id)?;
    }
    held.wire.active = active;
    held.wire.admin = admin;
    save_member(txn, held)
}

fn save_member<P: Permissions>(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Member<P>>,
) -> Result<(), Fault> {
    txn.touched.push(Touched::Directory);
    txn.save(held)
}

/// An e-mail address, unique in the company or laboratory without regard to case (ACCT-46, ACCT-47).
fn check_name<P: Permissions>(
    txn: &Txn<'_, '_, '_>,
    name: &str,
    own: Option<u64>,
) -> Result<(), Fault> {
    require(email(name), || refuse("ACCT-47"))?;
    let members = txn.list::<Member<P>>(txn.home())?;
    let mut others = members.iter().filter(|it| Some(it.wire.id) != own);
    let taken = others.any(|it| it.wire.username.eq_ignore_ascii_case(name));
    Ok(require(!taken, || refuse("ACCT-46").with("x", name))?)
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
