//! One visit at a door: what came with it, and who came.

use std::sync::Arc;

use hyper::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderName, ORIGIN},
    http::request::Parts,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{Place, form, token::basic};
use crate::{
    control::is_local,
    fault::Fault,
    http::session::{bearer, session_token, signed_in},
    model::{Kind, Moment},
    refusal::{Refusal, refuse, require},
    world::{
        Core,
        access::{Access, Person, hex, json},
        software::{Integrator, kept},
    },
};

/// The cookies in which a browser carries a session: an integrator's, and a licensee's.
pub const PORTAL_COOKIE: &str = "tagtrail_portal";
pub const PERSON_COOKIE: &str = "tagtrail_person";
/// From where a browser was led here.
static SITE_HEADER: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The hidden field of every form that rests on a cookie.
pub const FORM_KEY: &str = "FormKey";

/// Who may come through a door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pass {
    Anyone,
    /// Who signed in to the portal.
    Integrator,
    /// Anyone; who signed in to the portal is known.
    MaybeIntegrator,
    /// Who has a session of the API.
    Person,
    /// Anyone; who has a session of the API is known.
    MaybePerson,
    /// An administrator with a session of the API (UID-19).
    Administrator,
    /// Whoever may use the control plane.
    Operator,
}

/// An integrator's session in the portal.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PortalSession {
    pub email: String,
    pub ends_on: Moment,
}

impl PortalSession {
    /// Kept under the hash of its token.
    pub fn key(token: &str) -> String {
        format!("portal/{}", kept(token))
    }
}

/// Who came, as the writer's queue is told.
#[derive(Clone, Default)]
pub struct Guest {
    pub integrator: Option<Integrator>,
    pub person: Option<Arc<Person>>,
    /// The token of whoever signed in.
    pub token: Option<String>,
    pub params: Vec<(String, String)>,
    /// A form was sent, so that a page answers.
    pub by_form: bool,
    /// A software's name and secret, as HTTP's Basic scheme carries them (RFC 6749, 2.3.1).
    pub client: Option<(String, String)>,
}

impl Guest {
    pub fn integrator_id(&self) -> u64 {
        self.integrator.as_ref().map_or(0, |integrator| integrator.id)
    }

    /// The person as the world knows it now, if still an administrator of a company (UID-19).
    pub fn administrator(&self, access: &Access) -> Result<Arc<Person>, Refusal> {
        let person = self.person.as_ref().and_then(|it| access.person(it.kind, it.id));
        let person = person.filter(|it| it.active && it.admin && it.kind == Kind::User);
        person.cloned().ok_or_else(|| refuse("UID-19"))
    }

    pub fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// One call at a door.
pub struct Visit<'a> {
    pub core: &'a Core,
    /// In front of every path of a page.
    pub base: &'a str,
    pub headers: &'a HeaderMap,
    /// What was sent; at a door where something is shown, the query.
    pub fields: Map<String, Value>,
    pub now: Moment,
    pub guest: Guest,
    control_token: Option<&'a str>,
    /// The token came in a cookie, which browsers send unasked.
    by_cookie: bool,
}

impl<'a> Visit<'a> {
    pub fn begun(place: &Place<'a>, parts: &'a Parts) -> Self {
        let core = place.world.core();
        Self {
            core,
            base: place.base,
            headers: &parts.headers,
            fields: form::fields(parts.uri.query().unwrap_or_default()),
            now: core.now(),
            guest: Guest::default(),
            control_token: place.control_token,
            by_cookie: false,
        }
    }

    /// Takes what was sent: a form, or JSON, also where a program forgot to say so. What stands in the
    /// address is not part of it. Much may have happened while the body arrived.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let kind = self.header(&CONTENT_TYPE).unwrap_or_default();
        let form = kind.starts_with("application/x-www-form-urlencoded");
        self.guest.by_form = form && !bytes.starts_with(b"{");
        self.guest.client = basic(self.headers);
        self.now = self.core.now();
        self.fields = match bytes {
            [] => Map::new(),
            bytes if self.guest.by_form => form::fields(&String::from_utf8_lossy(bytes)),
            bytes => form::object(bytes)?,
        };
        Ok(())
    }

    /// Lets in whom the door lets in.
    pub fn admit(&mut self, pass: Pass) -> Result<(), Fault> {
        match pass {
            Pass::Anyone => {}
            Pass::Integrator => self.guest.integrator = Some(self.find_integrator()?),
            Pass::MaybeIntegrator => self.guest.integrator = known(self.find_integrator())?,
            Pass::Person => self.guest.person = Some(self.find_person()?),
            Pass::MaybePerson => self.guest.person = known(self.find_person())?,
            Pass::Administrator => {
                let person = self.find_person()?;
                let admin = person.admin;
                self.guest.person = Some(person);
                require(admin, || refuse("UID-19"))?;
            }
            Pass::Operator => self.admit_operator()?,
        }
        Ok(())
    }

    /// What is done on the strength of a cookie also carries the key that only a page of ours gave. No
    /// page of another origin sends forms here at all, so that nobody is signed in as somebody else.
    pub fn check_form_key(&self) -> Result<(), Refusal> {
        let own = match (self.header(&SITE_HEADER), self.header(&ORIGIN)) {
            (Some(site), _) => ["same-origin", "none"].contains(&site),
            (None, Some(origin)) => {
                let host = self.header(&HOST).unwrap_or_default();
                origin == "null" || origin.ends_with(&format!("://{host}"))
            }
            (None, None) => true,
        };
        require(own, || refuse("ACCT-36"))?;
        if !self.by_cookie {
            return Ok(());
        }
        let sent = self.fields.get(FORM_KEY).and_then(Value::as_str).unwrap_or_default();
        require(sent.as_bytes().ct_eq(self.form_key().as_bytes()).into(), || refuse("ACCT-36"))
    }

    fn find_integrator(&mut self) -> Result<Integrator, Fault> {
        let token = self.find_token(PORTAL_COOKIE).ok_or_else(|| refuse("ACCT-36"))?;
        let snapshot = self.core.snapshot();
        let session = snapshot.state(&PortalSession::key(&token))?;
        let session = session.map(|bytes| json::<PortalSession>(&bytes)).transpose()?;
        let session = session.ok_or_else(|| refuse("ACCT-36"))?;
        require(self.now < session.ends_on, || refuse("ACCT-37"))?;
        let integrator = snapshot.state(&Integrator::key(&session.email))?;
        Ok(json(&integrator.ok_or_else(|| refuse("ACCT-36"))?)?)
    }

    fn find_person(&mut self) -> Result<Arc<Person>, Fault> {
        let token = self.find_token(PERSON_COOKIE);
        let token = token.ok_or_else(|| refuse("ACCT-36"))?;
        Ok(signed_in(&self.core.access(), &token, self.now)?)
    }

    fn admit_operator(&self) -> Result<(), Refusal> {
        let Some(token) = self.control_token else {
            let host = self.header(&HOST).unwrap_or_default();
            return require(is_local(host), || refuse("ACCT-36"));
        };
        let sent = bearer(self.headers).unwrap_or_default();
        require(sent.as_bytes().ct_eq(token.as_bytes()).into(), || refuse("ACCT-36"))
    }

    /// A program's bearer token, or a browser's cookie.
    fn find_token(&mut self, cookie: &str) -> Option<String> {
        let sent = session_token(self.headers).or_else(|| bearer(self.headers)).map(str::to_owned);
        self.by_cookie = sent.is_none();
        self.guest.token = sent.or_else(|| self.cookie(cookie));
        self.guest.token.clone()
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let sent = self.header(&COOKIE)?;
        let mut pairs = sent.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }

    /// What a form that rests on this visit's cookie has to carry.
    pub fn form_key(&self) -> String {
        hex(&self.core.secret.sign("form", self.guest.token.as_deref().unwrap_or_default()))
    }

    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a person looks at the answer.
    pub fn wants_page(&self) -> bool {
        let accepts = self.header(&ACCEPT).unwrap_or_default();
        accepts.contains("text/html")
    }

    /// Where this world answers, as its visitor calls it.
    pub fn origin(&self) -> String {
        let host = self.header(&HOST).unwrap_or("localhost");
        format!("http://{host}{}", self.base)
    }

    /// What came under a name.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }
}

/// Nobody, if a rule said so; a fault of ours stays one.
fn known<T>(found: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Fault::Refused(_)) => Ok(None),
        Err(fault @ (Fault::TooSlow | Fault::Broken(_))) => Err(fault),
    }
}

/// Adds to the query of somebody else's address.
pub fn with_query(address: &str, fields: &[(&str, &str)]) -> Result<String, Fault> {
    let broken = |error: url::ParseError| Fault::Broken(format!("{address}: {error}"));
    let mut address = url::Url::parse(address).map_err(broken)?;
    address.query_pairs_mut().extend_pairs(fields);
    Ok(address.into())
}
