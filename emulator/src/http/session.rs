//! Who calls: session, consent, license and permission, in the order in which they are checked
//! (rulebook 2 and 3).

use std::sync::Arc;

use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HeaderName},
};
use tagtrail_schemas::{Audience, Route};

use crate::{
    fault::Fault,
    model::{Kind, Moment},
    refusal::{Refusal, refuse, require},
    world::{
        Core,
        access::{Access, Laboratory, Party, Person, Session},
        caller::Caller,
        software::Consent,
    },
};

static SESSION_HEADER: HeaderName = HeaderName::from_static("x-session-token");
static UBI_HEADER: HeaderName = HeaderName::from_static("x-ubi");
static LICENSE_HEADER: HeaderName = HeaderName::from_static("x-license");

/// The caller of a route that needs one.
pub fn caller(
    core: &Core,
    headers: &HeaderMap,
    route: &Route,
    now: Moment,
) -> Result<Caller, Fault> {
    let access = core.access();
    let entry = Entry { core, access: &access, headers, now };
    let (person, app) = entry.person()?;
    entry.check_company(&person)?;
    let caller = match &person.party {
        Party::Company(ubi) => {
            let consent = entry.consent(ubi, app.as_deref())?;
            entry.for_company(Arc::clone(&person), ubi, consent, route)?
        }
        Party::Lab(license) => entry.for_lab(Arc::clone(&person), license)?,
    };
    permit(&caller, route)?;
    Ok(caller)
}

/// The access token of a call, if one was sent.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = text(headers, &AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The license that the call names in its header.
pub fn license(headers: &HeaderMap) -> Option<&str> {
    text(headers, &LICENSE_HEADER)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

/// The session that the call names in its own header.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    text(headers, &SESSION_HEADER)
}

/// The person of a session token.
pub fn signed_in(access: &Access, token: &str, now: Moment) -> Result<Arc<Person>, Refusal> {
    let session = open_session(access, token, now)?;
    person_of(access, &session)
}

fn open_session(access: &Access, token: &str, now: Moment) -> Result<Arc<Session>, Refusal> {
    let session = access.session(token).ok_or_else(|| refuse("ACCT-36"))?;
    require(!session.ended, || refuse("ACCT-40"))?;
    require(now < session.ends_on, || refuse("ACCT-33"))?;
    Ok(Arc::clone(session))
}

fn person_of(access: &Access, session: &Session) -> Result<Arc<Person>, Refusal> {
    let kind = if session.kind == Kind::LabUser as u8 { Kind::LabUser } else { Kind::User };
    let person = access.person(kind, session.person).filter(|person| person.active);
    person.cloned().ok_or_else(|| refuse("ACCT-40"))
}

struct Entry<'a> {
    core: &'a Core,
    access: &'a Access,
    headers: &'a HeaderMap,
    now: Moment,
}

impl Entry<'_> {
    /// The person, and the software that the call came through (ACCT-36, ACCT-39).
    fn person(&self) -> Result<(Arc<Person>, Option<String>), Refusal> {
        let bearer = bearer(self.headers);
        if let Some(token) = session_token(self.headers) {
            let session = open_session(self.access, token, self.now)?;
            let app = match bearer.filter(|bearer| *bearer != token) {
                Some(bearer) => Some(self.software(bearer, &session)?),
                None => session.client_id.clone(),
            };
            return Ok((person_of(self.access, &session)?, app));
        }
        let bearer = bearer.ok_or_else(|| refuse("ACCT-36"))?;
        if let Some(consent) = self.access.consent_of_token(bearer) {
            consent.check_token(self.now)?;
            return Ok((self.consenting(consent)?, Some(consent.client_id.clone())));
        }
        let session = open_session(self.access, bearer, self.now)?;
        Ok((person_of(self.access, &session)?, session.client_id.clone()))
    }

    /// The software of an access token that came beside a session: of the same company (ACCT-38).
    fn software(&self, token: &str, session: &Session) -> Result<String, Refusal> {
        let consent = self.access.consent_of_token(token).ok_or_else(|| refuse("ACCT-36"))?;
        consent.check_token(self.now)?;
        let person = person_of(self.access, session)?;
        require(person.party == Party::Company(consent.ubi.clone()), || {
            refuse("ACCT-38").with("x", &consent.ubi)
        })?;
        Ok(consent.client_id.clone())
    }

    /// An access token alone acts as the administrator who consented (ACCT-39).
    fn consenting(&self, consent: &Consent) -> Result<Arc<Person>, Refusal> {
        let allowed = self.core.profile.on("auth.default_user");
        let person = self.access.person(Kind::User, consent.administrator);
        let person = person.filter(|person| allowed && person.active && person.admin);
        person.cloned().ok_or_else(|| refuse("ACCT-39"))
    }

    fn check_company(&self, person: &Person) -> Result<(), Refusal> {
        let said = text(self.headers, &UBI_HEADER);
        let fits = said.is_none_or(|said| person.party == Party::Company(said.to_owned()));
        require(fits, || refuse("ACCT-38").with("x", said.unwrap_or_default()))
    }

    /// The consent that the call rests on, where one is required (ACCT-08, ACCT-17, ACCT-19).
    fn consent(&self, ubi: &str, app: Option<&str>) -> Result<Option<Arc<Consent>>, Refusal> {
        if !self.core.profile.hot.consent {
            return Ok(None);
        }
        let consent = app.and_then(|app| self.access.consent(app, ubi));
        let consent = consent.ok_or_else(|| refuse("ACCT-08"))?;
        consent.check(self.now)?;
        Ok(Some(Arc::clone(consent)))
    }

    fn for_company(
        &self,
        person: Arc<Person>,
        ubi: &str,
        consent: Option<Arc<Consent>>,
        route: &Route,
    ) -> Result<Caller, Refusal> {
        let all = self.access.open_sites(consent.as_deref(), ubi);
        let Some(license) = license(self.headers) else {
            return Ok(Caller {
                person,
                sites: Arc::clone(&all),
                ticked: all,
                acting: None,
                lab: None,
            });
        };
        let site = self.access.sites.get(license).filter(|site| site.ubi == ubi);
        let site = site.ok_or_else(|| refuse("LIC-10"))?;
        require(!site.closed, || refuse("LIC-14").with("n", license))?;
        let ticked = all.iter().any(|it| it.number == site.number);
        require(ticked, || refuse("ACCT-20").with("n", license))?;
        let reads = route.method.as_str() == "GET";
        let blocked = site.suspended && !reads && self.core.profile.on("license.suspended_blocks");
        require(!blocked, || refuse("LIC-13").with("n", license))?;
        let acting = Some(Arc::clone(site));
        Ok(Caller { person, sites: Arc::from([Arc::clone(site)]), ticked: all, acting, lab: None })
    }

    fn for_lab(&self, person: Arc<Person>, license: &str) -> Result<Caller, Refusal> {
        let lab: &Arc<Laboratory> =
            self.access.labs.get(license).ok_or_else(|| refuse("ACCT-36"))?;
        let said = self::license(self.headers);
        require(said.is_none_or(|said| said == license), || refuse("LIC-10"))?;
        require(!lab.closed, || refuse("LIC-14").with("n", license))?;
        let lab = Some(Arc::clone(lab));
        Ok(Caller { person, sites: Arc::from([]), ticked: Arc::from([]), acting: None, lab })
    }
}

/// Whose route it is, and whether the person may (ACCT-41 to ACCT-45).
fn permit(caller: &Caller, route: &Route) -> Result<(), Refusal> {
    let is_lab = caller.lab.is_some();
    match route.audience {
        Audience::Lab if !is_lab => {
            let results = route.path.ends_with("/result");
            return Err(refuse("ACCT-41").saying(usize::from(!results)));
        }
        Audience::Licensee if is_lab => return Err(refuse("ACCT-42")),
        Audience::Lab | Audience::Licensee | Audience::Both | Audience::Public => {}
    }
    let permission = route.permission.as_str();
    let person = &caller.person;
    match permission {
        "Anyone" | "SignedIn" => Ok(()),
        "Admin" => require(person.admin, || refuse(if is_lab { "ACCT-66" } else { "ACCT-44" })),
        // Laboratory users have no list: any session may do all laboratory work.
        _ if is_lab || person.admin => Ok(()),
        _ => {
            let granted = person.permissions.iter().any(|it| it == permission);
            require(granted, || refuse("ACCT-45").with("Permission", permission))
        }
    }
}
