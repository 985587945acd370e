//! `/devportal`: an integrator's account (ACCT-01 to ACCT-03).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Act, Door, act,
    dashboard::told,
    form::needed,
    page::Shown,
    visit::{Guest, PORTAL_COOKIE, Pass, PortalSession, Visit},
};
use crate::{
    fault::Fault,
    lifecycle::directory::email as is_email,
    refusal::{refuse, require},
    world::{
        mail::check_strength,
        software::{Integrator, SoftwareKind},
        txn::Txn,
    },
};

/// A session in the portal lives so long, in seconds.
const SESSION_LIFE: i64 = 12 * 3_600;

pub fn doors() -> Vec<Door> {
    vec![
        act::<Register>("POST /devportal/register", Pass::Anyone, registered),
        act::<SignIn>("POST /devportal/login", Pass::Anyone, signed_in),
        act::<SignOut>("POST /devportal/logout", Pass::Integrator, signed_out),
    ]
}

/// `POST /devportal/register`
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Register {
    company: String,
    contact: String,
    email: String,
    password: String,
    kind: SoftwareKind,
}

impl Act for Register {
    /// The account works at once (ACCT-02).
    fn apply(self, _: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let company = needed(&self.company, "Company")?.to_owned();
        let contact = needed(&self.contact, "Contact")?.to_owned();
        let email = needed(&self.email, "Email")?.to_owned();
        require(is_email(&email), || refuse("ACCT-47"))?;
        let key = Integrator::key(&email);
        let known: Option<Integrator> = txn.state(&key)?;
        require(known.is_none(), || refuse("ACCT-02").with("x", &email))?;
        check_strength(txn, &self.password, &email)?;
        let id = txn.state::<u64>("integrators")?.unwrap_or_default() + 1;
        let integrator = Integrator {
            id,
            company,
            contact,
            password_hash: txn.password_hash(&key, &self.password),
            email,
            kind: self.kind,
            created_on: txn.now,
        };
        txn.set_state("integrators", &id)?;
        txn.set_state(&key, &integrator)?;
        Ok(json!({ "Integrator": shown(&integrator) }))
    }
}

fn shown(integrator: &Integrator) -> Value {
    json!({
        "ID": integrator.id,
        "Company": integrator.company,
        "Contact": integrator.contact,
        "Email": integrator.email,
        "Kind": integrator.kind,
        "CreatedOn": integrator.created_on,
    })
}

fn registered(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, _| Ok(Shown::see(visit, "/devportal?said=registered")))
}

/// `POST /devportal/login`
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SignIn {
    email: String,
    password: String,
}

impl Act for SignIn {
    fn apply(self, _: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let integrator = txn.sign_in_integrator(&self.email, &self.password)?;
        let number = txn.counters.next_token();
        let token = txn.around.secret.token("portal", number);
        let ends_on = txn.now.plus_seconds(SESSION_LIFE);
        let session = PortalSession { email: integrator.email.clone(), ends_on };
        txn.set_state(&PortalSession::key(&token), &session)?;
        Ok(json!({ "Session": token, "EndsOn": ends_on, "Integrator": shown(&integrator) }))
    }
}

fn signed_in(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, said| {
        let token = said["Session"].as_str().unwrap_or_default();
        let path = format!("{}/devportal", visit.base);
        Ok(Shown::see(visit, "/devportal").with_cookie(PORTAL_COOKIE, token, &path))
    })
}

/// `POST /devportal/logout`
#[derive(Default, Deserialize)]
struct SignOut {}

impl Act for SignOut {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let key = PortalSession::key(guest.token.as_deref().unwrap_or_default());
        if let Some(session) = txn.state::<PortalSession>(&key)? {
            txn.set_state(&key, &PortalSession { ends_on: txn.now, ..session })?;
        }
        Ok(json!({}))
    }
}

fn signed_out(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, _| {
        let path = format!("{}/devportal", visit.base);
        Ok(Shown::see(visit, "/devportal").with_cookie(PORTAL_COOKIE, "", &path))
    })
}
