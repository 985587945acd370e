//! `GET /devportal`: what is an integrator's own on one page; the log-ins of the sandbox and the notices
//! (ACCT-01, ACCT-03).

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use serde_json::{Value, json};

use super::{
    Door,
    page::{self, Shown},
    show,
    visit::{Pass, Visit},
};
use crate::{
    fault::Fault,
    model::Kind,
    password,
    world::{
        access::{Access, Party, Person, json as json_of},
        notice::{NOTICE, Notice},
        software::{App, Consent, ConsentState, Integrator, SoftwareKind},
    },
};

pub fn doors() -> Vec<Door> {
    vec![
        show("GET /devportal", Pass::MaybeIntegrator, |visit| dashboard(visit, None, None)),
        show("GET /devportal/credential", Pass::Integrator, credentials),
        show("GET /devportal/notice", Pass::Integrator, notices),
    ]
}

/// How something that was done in the portal is told.
pub fn told(
    visit: &Visit<'_>,
    done: Result<Value, Fault>,
    follow: fn(&Visit<'_>, Value) -> Result<Shown, Fault>,
) -> Result<Shown, Fault> {
    page::told(visit, done, follow, |visit, wrong| dashboard(visit, Some(wrong), None))
}

#[derive(Template)]
#[template(path = "devportal.html")]
struct Welcome<'a> {
    visit: &'a Visit<'a>,
    wrong: Option<String>,
    registered: bool,
    kinds: [&'static str; 3],
    least: u64,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    visit: &'a Visit<'a>,
    wrong: Option<String>,
    secret: Option<Secret>,
    integrator: &'a Integrator,
    apps: Vec<Panel>,
    notices: Vec<Notice>,
    logins: Vec<Login>,
}

/// A client's secret, on the one page that ever shows it.
pub struct Secret {
    pub client_id: String,
    pub secret: String,
}

/// A software with its consents.
struct Panel {
    app: App,
    consents: Vec<Arc<Consent>>,
}

/// The sign-in, or what is the integrator's own.
pub fn dashboard(
    visit: &Visit<'_>,
    wrong: Option<String>,
    secret: Option<Secret>,
) -> Result<Shown, Fault> {
    let Some(integrator) = &visit.guest.integrator else {
        let registered = visit.said("said") == Some("registered");
        let kinds = SoftwareKind::ALL.map(SoftwareKind::word);
        let least = visit.core.profile.number("password.min_length");
        return Shown::page(&Welcome { visit, wrong, registered, kinds, least });
    };
    let access = visit.core.access();
    let panel = |app: &App| Panel {
        app: app.clone(),
        consents: access.consents_of(&app.client_id).cloned().collect(),
    };
    let apps: Vec<Panel> = access.apps_of(integrator.id).map(panel).collect();
    drop(access);
    let (notices, logins) = (all_notices(visit)?, sandbox_logins(visit));
    Shown::page(&Dashboard { visit, wrong, secret, integrator, apps, notices, logins })
}

/// Somebody of the seed world who may give consent.
struct Login {
    /// UBI, or permit number of a laboratory.
    party: String,
    lab: bool,
    licenses: Vec<String>,
    username: String,
    /// As the seed world says it, while that still holds.
    password: Option<String>,
}

/// Administrators of the seed world: one company for each kind of license, and one laboratory (ACCT-03).
fn sandbox_logins(visit: &Visit<'_>) -> Vec<Login> {
    let core = visit.core;
    let people = core.origin.people.as_deref().filter(|_| core.profile.on("portal.sandbox_logins"));
    let file: Value = people.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut kinds = BTreeSet::new();
    let mut found = Vec::new();
    let access = core.access();
    for (list, party, kind) in
        [("Users", "UBI", Kind::User), ("LabUsers", "LicenseNumber", Kind::LabUser)]
    {
        for entry in file[list].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().unwrap_or_default();
            let of = Party::of(kind, text(party).to_owned());
            let person = access.person_named(&of, text("Username"));
            let Some(person) = person.filter(|person| person.active && person.admin) else {
                continue;
            };
            let (licenses, own) = kinds_of(&access, &of);
            if own.into_iter().filter(|kind| kinds.insert(*kind)).count() > 0 {
                found.push((Arc::clone(person), licenses, text("Password").to_owned()));
            }
        }
    }
    drop(access);
    // Hashing takes its time, so nobody else waits for it.
    found.into_iter().map(|(person, licenses, seeded)| login(&person, licenses, seeded)).collect()
}

/// A party's licenses and their kinds; all laboratories are of one kind, which no license has.
fn kinds_of(access: &Access, party: &Party) -> (Vec<String>, Vec<u32>) {
    match party {
        Party::Lab(license) => (vec![license.clone()], vec![0]),
        Party::Company(ubi) => {
            let own = access.sites_of(ubi).filter(|site| !site.closed);
            own.map(|site| (site.license.clone(), site.location_type)).unzip()
        }
    }
}

fn login(person: &Person, licenses: Vec<String>, seeded: String) -> Login {
    let (party, lab) = match &person.party {
        Party::Company(ubi) => (ubi.clone(), false),
        Party::Lab(license) => (license.clone(), true),
    };
    let holds = password::verify(Some(&person.password_hash), &seeded);
    let username = person.username.clone();
    Login { party, lab, licenses, username, password: holds.then_some(seeded) }
}

/// `GET /devportal/credential`
fn credentials(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let shown = |login: Login| {
        let party = if login.lab { "LicenseNumber" } else { "UBI" };
        json!({
            party: login.party,
            "License": login.licenses,
            "Username": login.username,
            "Password": login.password,
        })
    };
    let logins: Vec<Value> = sandbox_logins(visit).into_iter().map(shown).collect();
    Ok(Shown::json(&json!({ "Credential": logins })))
}

fn all_notices(visit: &Visit<'_>) -> Result<Vec<Notice>, Fault> {
    let kept = visit.core.snapshot().states(NOTICE)?;
    let mut notices = Vec::new();
    for (_, bytes) in kept.iter().rev() {
        notices.push(json_of(bytes)?);
    }
    Ok(notices)
}

/// `GET /devportal/notice`, the newest first.
fn notices(visit: &Visit<'_>) -> Result<Shown, Fault> {
    Ok(Shown::json(&json!({ "Notice": all_notices(visit)? })))
}

impl Panel {
    /// Each consent with how it stands and the days that are left.
    fn rows(&self, visit: &Visit<'_>) -> Vec<(Arc<Consent>, ConsentState, i64)> {
        let row = |consent: &Arc<Consent>| {
            (Arc::clone(consent), consent.state(visit.now), consent.days_left(visit.now))
        };
        self.consents.iter().map(row).collect()
    }
}
