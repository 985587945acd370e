//! `/oauth`: an administrator of a company gives a software leave to report for it (RFC 6749, 4.1;
//! ACCT-10 to ACCT-20).
//!
//! Two steps in a browser: sign in, then tick the licenses and allow or deny. A program may do both in
//! one `POST`. Between the steps a ticket, signed and good for ten minutes, stands for the password.

use std::{mem, sync::Arc};

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::{
    Act, Door, act,
    form::some_lines,
    page::Shown,
    show,
    token::{self, Challenge, Code},
    visit::{Guest, Pass, Visit, with_query},
};
use crate::{
    fault::Fault,
    ids::Secret,
    model::Kind,
    refusal::{Refusal, refuse, require},
    world::{
        access::{Access, Party, Person, Site, hex},
        software::App,
        txn::Txn,
    },
};

pub fn doors() -> Vec<Door> {
    let mut doors = token::doors();
    doors.push(show("GET /oauth", Pass::Anyone, ask));
    doors.push(act::<Decide>("POST /oauth", Pass::Anyone, decided));
    doors
}

/// A ticket is good for so long, in seconds.
const TICKET_LIFE: i64 = 600;

/// What a software asks for.
#[derive(Debug)]
pub struct Request {
    pub response_type: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
}

/// A request whose software and address are known, so that the browser may be sent there.
pub struct Asked {
    app: App,
    pub request: Request,
    /// Where the browser goes: what was asked for, or the software's only address.
    pub to: String,
}

impl Request {
    fn of(visit: &Visit<'_>) -> Self {
        let said = |name: &str| visit.said(name).map(str::to_owned);
        Self {
            response_type: said("response_type").unwrap_or_default(),
            client_id: said("client_id").unwrap_or_default(),
            redirect_uri: said("redirect_uri").unwrap_or_default(),
            state: said("state"),
            code_challenge: said("code_challenge").filter(|it| !it.is_empty()),
            code_challenge_method: said("code_challenge_method"),
        }
    }

    /// Nobody is sent to an address that the software did not register (ACCT-10).
    fn check(self, access: &Access) -> Result<Asked, Refusal> {
        let unknown = || refuse("ACCT-10");
        let app = access.app(&self.client_id).filter(|app| app.active).ok_or_else(unknown)?.clone();
        let to = match (self.redirect_uri.as_str(), app.redirect_uris.as_slice()) {
            ("", [only]) => only.clone(),
            (asked, known) if known.iter().any(|it| it == asked) => asked.to_owned(),
            _ => return Err(unknown()),
        };
        Ok(Asked { app, request: self, to })
    }
}

impl Asked {
    /// The browser goes back with an answer, and with the state as it was (ACCT-12).
    fn back(&self, fields: &[(&str, &str)]) -> Result<String, Fault> {
        let state = self.request.state.as_deref().map(|state| ("state", state));
        let fields: Vec<_> = fields.iter().copied().chain(state).collect();
        with_query(&self.to, &fields)
    }

    /// The way back with an error.
    fn refused(&self, error: &str) -> Result<Value, Fault> {
        Ok(json!({ "To": self.back(&[("error", error)])?, "Refused": error }))
    }

    /// What is wrong with the rest of the request, in the RFC's word.
    fn fault(&self, pkce: &str) -> Option<&'static str> {
        let method = self.request.code_challenge_method.as_deref().unwrap_or("plain");
        let missing = pkce == "required" && self.request.code_challenge.is_none();
        let strange = pkce != "off" && !["plain", "S256"].contains(&method);
        match () {
            () if self.request.response_type != "code" => Some("unsupported_response_type"),
            () if missing || strange => Some("invalid_request"),
            () => None,
        }
    }

    fn challenge(&self, pkce: &str) -> Option<Challenge> {
        let challenge = self.request.code_challenge.clone().filter(|_| pkce != "off")?;
        let hashed = self.request.code_challenge_method.as_deref() == Some("S256");
        Some(Challenge { challenge, hashed })
    }
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    app: &'a App,
    request: &'a Request,
    to: &'a str,
    ubi: &'a str,
    username: &'a str,
    /// After the sign-in: the ticket, and the licenses to tick.
    ticket: Option<String>,
    sites: Vec<Arc<Site>>,
    days: i64,
    wrong: Option<String>,
}

impl Page<'_> {
    /// What the form carries on, name and value.
    fn carried(&self) -> Vec<(&'static str, &str)> {
        let request = self.request;
        let optional = [
            ("state", &request.state),
            ("code_challenge", &request.code_challenge),
            ("code_challenge_method", &request.code_challenge_method),
        ];
        let optional =
            optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let fixed = [
            ("response_type", request.response_type.as_str()),
            ("client_id", request.client_id.as_str()),
            ("redirect_uri", request.redirect_uri.as_str()),
        ];
        fixed.into_iter().filter(|(_, value)| !value.is_empty()).chain(optional).collect()
    }
}

/// `GET /oauth`: the sign-in page.
fn ask(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let asked = Request::of(visit).check(&visit.core.access())?;
    match asked.fault(&visit.core.profile.text("oauth.pkce")) {
        Some(error) => Ok(away(asked.back(&[("error", error)])?, error)),
        None => page(visit, &asked, None, None),
    }
}

fn page(
    visit: &Visit<'_>,
    asked: &Asked,
    signed: Option<(String, String)>,
    wrong: Option<String>,
) -> Result<Shown, Fault> {
    let access = visit.core.access();
    let text = |name: &str| visit.said(name).unwrap_or_default();
    let ubi = signed.as_ref().map_or(text("UBI"), |(ubi, _)| ubi);
    let open = access.sites_of(ubi).filter(|site| signed.is_some() && !site.closed);
    let shown = Shown::page(&Page {
        visit,
        app: &asked.app,
        request: &asked.request,
        to: &asked.to,
        ubi,
        username: text("Username"),
        sites: open.cloned().collect(),
        ticket: signed.as_ref().map(|(_, ticket)| ticket.clone()),
        days: visit.core.profile.seconds("consent.life") / 86_400,
        wrong,
    })?;
    Ok(shown.leading_away())
}

/// `POST /oauth`: who consents, to what.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Decide {
    #[serde(rename = "UBI")]
    ubi: String,
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Password")]
    password: String,
    #[serde(rename = "Ticket")]
    ticket: Option<String>,
    #[serde(rename = "License", deserialize_with = "some_lines")]
    licenses: Option<Vec<String>>,
    /// A page sends it where its reader saw the licenses, so that none ticked means none.
    #[serde(rename = "Ticked")]
    ticked: Option<String>,
    #[serde(rename = "Decision")]
    decision: Option<String>,
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

impl Act for Decide {
    fn apply(mut self, _: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault> {
        let asked = self.request().check(txn.around.access)?;
        let pkce = txn.profile().text("oauth.pkce");
        if let Some(error) = asked.fault(&pkce) {
            return asked.refused(error);
        }
        // Turning away takes no sign-in.
        if self.decision.as_deref() == Some("deny") {
            return asked.refused("access_denied");
        }
        let admin = self.administrator(&asked, txn)?;
        let (Party::Company(ubi) | Party::Lab(ubi)) = &admin.party;
        match self.decision.as_deref() {
            Some("allow") => {
                let none = self.ticked.is_some().then(Vec::new);
                let ticked = self.licenses.or(none);
                let consent = txn.grant(&asked.app.client_id, ubi, &admin, ticked.as_deref())?;
                let code = Code::issue(txn, &consent, &asked, asked.challenge(&pkce))?;
                Ok(json!({ "To": asked.back(&[("code", &code)])? }))
            }
            _ => {
                let ends = txn.now.plus_seconds(TICKET_LIFE).second();
                let ticket = Ticket { person: &admin, client_id: &asked.app.client_id, ends };
                let ticket = ticket.signed(txn.around.secret);
                Ok(json!({ "UBI": ubi, "Ticket": ticket }))
            }
        }
    }
}

impl Decide {
    fn request(&mut self) -> Request {
        Request {
            response_type: mem::take(&mut self.response_type),
            client_id: mem::take(&mut self.client_id),
            redirect_uri: mem::take(&mut self.redirect_uri),
            state: self.state.take(),
            code_challenge: self.code_challenge.take().filter(|it| !it.is_empty()),
            code_challenge_method: self.code_challenge_method.take(),
        }
    }

    /// Only an administrator can consent (ACCT-13, ACCT-14).
    fn administrator(&self, asked: &Asked, txn: &Txn<'_, '_, '_>) -> Result<Arc<Person>, Fault> {
        let person = match &self.ticket {
            Some(ticket) => Ticket::person(ticket, &asked.app.client_id, txn)
                .ok_or_else(|| refuse("ACCT-13"))?,
            None => {
                let party = Party::Company(self.ubi.clone());
                txn.sign_in(&party, &self.username, &self.password).map_err(as_consent)?
            }
        };
        require(person.admin, || refuse("ACCT-14"))?;
        Ok(person)
    }
}

/// Wrong credentials have a rule of their own here, with the same words.
fn as_consent(fault: Fault) -> Fault {
    match fault.rule() {
        Some("ACCT-32") => refuse("ACCT-13").into(),
        _ => fault,
    }
}

/// Who signed in on the page, for which software, until when.
struct Ticket<'a> {
    person: &'a Person,
    client_id: &'a str,
    ends: i64,
}

impl<'a> Ticket<'a> {
    /// The person's number and the end, and a signature over all that it is good for. With another
    /// password it is no good any more.
    fn signed(&self, secret: &Secret) -> String {
        let Self { person, client_id, ends } = self;
        let said = format!("{}.{ends}.{client_id}.{}", person.id, person.password_hash);
        format!("{}.{ends}.{}", person.id, hex(&secret.sign("ticket", &said)))
    }

    /// The person of a ticket of ours for this software that is not over.
    fn person(text: &str, client_id: &str, txn: &Txn<'a, '_, '_>) -> Option<Arc<Person>> {
        let mut parts = text.split('.');
        let person = txn.around.access.person(Kind::User, parts.next()?.parse().ok()?)?;
        let ends = parts.next()?.parse().ok()?;
        let own = Ticket { person, client_id, ends }.signed(txn.around.secret);
        let fits: bool = own.as_bytes().ct_eq(text.as_bytes()).into();
        (fits && txn.now.second() < ends && person.active).then(|| Arc::clone(person))
    }
}

/// To the software's address; the errors that have a rule name it (ACCT-11, ACCT-15).
fn away(to: String, error: &str) -> Shown {
    let shown = Shown::away(to);
    match error {
        "unsupported_response_type" => shown.by("ACCT-11"),
        "access_denied" => shown.by("ACCT-15"),
        _ => shown,
    }
}

/// Back to the software, or on with the page; with the page again where the sign-in failed (ACCT-13).
fn decided(visit: &Visit<'_>, done: Result<Value, Fault>) -> Result<Shown, Fault> {
    let text = |said: &Value, key: &str| said[key].as_str().unwrap_or_default().to_owned();
    let fault = match done {
        Ok(said) if said["To"].is_string() => {
            return Ok(away(text(&said, "To"), &text(&said, "Refused")));
        }
        Ok(said) => {
            let asked = Request::of(visit).check(&visit.core.access())?;
            return page(visit, &asked, Some((text(&said, "UBI"), text(&said, "Ticket"))), None);
        }
        Err(fault) => fault,
    };
    let asked = Request::of(visit).check(&visit.core.access());
    match asked {
        Ok(asked) if visit.wants_page() => {
            Ok(page(visit, &asked, None, Some(fault.to_string()))?.because(&fault))
        }
        Ok(_) | Err(_) => Err(fault),
    }
}
