//! `/devportal/app`: an integrator's software, its keys and its consents (ACCT-04 to ACCT-07, ACCT-19).

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    Act, Door, act,
    dashboard::{Secret, dashboard, told},
    form::{lines, needed, some_lines},
    page::Shown,
    show,
    visit::{Guest, Pass, Visit},
};
use crate::{
    fault::Fault,
    model::Moment,
    refusal::{Refusal, refuse, require},
    world::{
        access::{Access, end_sessions_of},
        software::{App, Consent},
        txn::{Touched, Txn},
    },
};

/// A software has at most so many addresses to come back to (ACCT-04).
const REDIRECTS_MAX: usize = 10;

pub fn doors() -> Vec<Door> {
    use Pass::Integrator;
    // Browsers only know GET and POST, so forms have doors of their own for the rest.
    vec![
        show("GET /devportal/app", Integrator, list),
        act::<NewApp>("POST /devportal/app", Integrator, with_secret),
        act::<ChangeApp>("PUT /devportal/app/{clientid}", Integrator, back),
        act::<ChangeApp>("POST /devportal/app/{clientid}", Integrator, back),
        act::<CloseApp>("DELETE /devportal/app/{clientid}", Integrator, back),
        act::<CloseApp>("POST /devportal/app/{clientid}/close", Integrator, back),
        act::<RenewSecret>("POST /devportal/app/{clientid}/secret", Integrator, with_secret),
        show("GET /devportal/app/{clientid}/consent", Integrator, consents),
        act::<RevokeConsent>("DELETE /devportal/app/{clientid}/consent/{id}", Integrator, back),
        act::<RevokeConsent>(
            "POST /devportal/app/{clientid}/consent/{id}/revoke",
            Integrator,
            back,
        ),
    ]
}

fn back(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, _| Ok(Shown::see(visit, "/devportal")))
}

/// The one page that shows a secret, right after it was made.
fn with_secret(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    told(visit, done, |visit, said| {
        let text = |key: &str| said["App"][key].as_str().unwrap_or_default().to_owned();
        let secret = Secret { client_id: text("ClientID"), secret: text("ClientSecret") };
        dashboard(visit, None, Some(secret))
    })
}

/// The software of a path; another integrator's does not exist (ACCT-07).
fn named(access: &Access, guest: &Guest) -> Result<App, Refusal> {
    let client_id = guest.param("clientid");
    let app = access.app(client_id).filter(|app| app.integrator == guest.integrator_id());
    app.cloned().ok_or_else(|| refuse("ACCT-07").with("clientid", client_id).in_path())
}

/// The software of a path, if it was not closed (ACCT-06).
fn open(txn: &Txn<'_, '_, '_>, guest: &Guest) -> Result<App, Refusal> {
    let app = named(txn.around.access, guest)?;
    require(app.active, || refuse("ACCT-06").with("clientid", &app.client_id))?;
    Ok(app)
}

fn keep(txn: &mut Txn<'_, '_, '_>, app: &App) -> Result<(), Fault> {
    txn.touched.push(Touched::Directory);
    txn.set_state(&App::key(&app.client_id), app)
}

fn shown(app: &App) -> Value {
    json!({
        "ClientID": app.client_id,
        "Name": app.name,
        "RedirectURI": app.redirect_uris,
        "CreatedOn": app.created_on,
        "Active": app.active,
    })
}

/// A software with its new secret, which nobody can read again.
fn shown_with(app: &App, secret: &str) -> Value {
    let mut shown = shown(app);
    shown["ClientSecret"] = json!(secret);
    json!({ "App": shown })
}

/// `GET /devportal/app`
fn list(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let integrator = visit.guest.integrator_id();
    let apps: Vec<Value> = visit.core.access().apps_of(integrator).map(shown).collect();
    Ok(Shown::json(&json!({ "App": apps })))
}

/// `POST /devportal/app`
#[derive(Default, Deserialize)]
#[serde(default)]
struct NewApp {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "RedirectURI", deserialize_with = "lines")]
    redirect_uris: Vec<String>,
}

impl Act for NewApp {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let name = needed(&self.name, "Name")?.to_owned();
        check_redirects(&self.redirect_uris)?;
        let number = txn.counters.next_token();
        let client_id = txn.around.secret.token("client", number);
        let secret = txn.around.secret.token("client secret", number);
        let app = App {
            name,
            secret_hash: txn.password_hash(&client_id, &secret),
            redirect_uris: self.redirect_uris,
            integrator: guest.integrator_id(),
            created_on: txn.now,
            active: true,
            client_id,
        };
        keep(txn, &app)?;
        Ok(shown_with(&app, &secret))
    }
}

/// One to ten absolute addresses without a fragment (ACCT-04).
fn check_redirects(uris: &[String]) -> Result<(), Refusal> {
    require(!uris.is_empty(), || refuse("ACCT-04").with("x", ""))?;
    let plain = |it: char| it.is_ascii_alphanumeric() || ".-:[]".contains(it);
    for (place, uri) in uris.iter().enumerate() {
        let fits = Url::parse(uri).is_ok_and(|url| {
            ["http", "https"].contains(&url.scheme())
                && uri.starts_with(&format!("{}://", url.scheme()))
                && !uri.contains(|it: char| it.is_control() || it.is_whitespace())
                && url.host_str().is_some_and(|host| host.chars().all(plain))
                && url.fragment().is_none()
        });
        require(fits && place < REDIRECTS_MAX, || refuse("ACCT-04").with("x", uri))?;
    }
    Ok(())
}

/// `PUT /devportal/app/{clientid}`: what is said is changed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangeApp {
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "RedirectURI", deserialize_with = "some_lines")]
    redirect_uris: Option<Vec<String>>,
}

impl Act for ChangeApp {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let mut app = open(txn, guest)?;
        if let Some(name) = &self.name {
            needed(name, "Name")?.clone_into(&mut app.name);
        }
        if let Some(uris) = self.redirect_uris {
            check_redirects(&uris)?;
            app.redirect_uris = uris;
        }
        keep(txn, &app)?;
        Ok(json!({ "App": shown(&app) }))
    }
}

/// `DELETE /devportal/app/{clientid}`: with it end its consents, tokens and bound sessions (ACCT-06).
#[derive(Deserialize)]
struct CloseApp {}

impl Act for CloseApp {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let mut app = open(txn, guest)?;
        app.active = false;
        keep(txn, &app)?;
        txn.revoke_consents(|consent| consent.client_id == app.client_id)?;
        end_sessions_of(txn, &app.client_id)?;
        Ok(json!({ "App": shown(&app) }))
    }
}

/// `POST /devportal/app/{clientid}/secret`: the old secret fails at once, tokens stay (ACCT-05).
#[derive(Deserialize)]
struct RenewSecret {}

impl Act for RenewSecret {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let mut app = open(txn, guest)?;
        let number = txn.counters.next_token();
        let secret = txn.around.secret.token("client secret", number);
        app.secret_hash = txn.password_hash(&app.client_id, &secret);
        keep(txn, &app)?;
        Ok(shown_with(&app, &secret))
    }
}

fn shown_consent(consent: &Consent, now: Moment) -> Value {
    json!({
        "ID": consent.id,
        "UBI": consent.ubi,
        "License": consent.licenses,
        "Username": consent.granted_by,
        "GrantedOn": consent.granted_on,
        "EndsOn": consent.ends_on,
        "State": consent.state(now).word(),
        "DaysLeft": consent.days_left(now),
    })
}

/// `GET /devportal/app/{clientid}/consent`
fn consents(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let access = visit.core.access();
    let app = named(&access, &visit.guest)?;
    let consents = access.consents_of(&app.client_id);
    let consents: Vec<Value> = consents.map(|it| shown_consent(it, visit.now)).collect();
    Ok(Shown::json(&json!({ "Consent": consents })))
}

/// `DELETE /devportal/app/{clientid}/consent/{id}`: as if it had lapsed, at once (ACCT-19).
#[derive(Deserialize)]
struct RevokeConsent {}

impl Act for RevokeConsent {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let app = named(txn.around.access, guest)?;
        let mut own = txn.around.access.consents_of(&app.client_id);
        let consent = own.find(|consent| consent.id.to_string() == guest.param("id"));
        // A consent of another app does not exist either (ACCT-07).
        let consent = consent.cloned();
        let consent = consent
            .ok_or_else(|| refuse("ACCT-07").with("clientid", guest.param("id")).in_path())?;
        let revoked = txn.revoke_consents(|it| it.id == consent.id)? > 0;
        let revoked = consent.revoked || revoked;
        let consent = Consent { revoked, ..(*consent).clone() };
        Ok(json!({ "Consent": shown_consent(&consent, txn.now) }))
    }
}
