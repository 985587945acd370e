//! Who may do what: an in-memory mirror of the people, licenses, consents and sessions in the store.
//!
//! Every call asks it, so it is kept ready; the store stays the truth, and the writer brings the
//! mirror up to date before it answers.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    software::{APP, App, CONSENT, Consent, kept},
    txn::{Touched, Txn},
};
use crate::{
    fault::Fault,
    ids,
    model::{Kind, Lab, Login, Member, Moment, Permissions, Scope, Stamp, Standing, Vendor},
    store::{Row, Snapshot, StoreError},
};

/// One license of the directory, with what the state knows of it.
#[derive(Clone, Debug)]
pub struct Site {
    pub number: u32,
    pub license: String,
    pub ubi: String,
    pub location_type: u32,
    pub integrated_on: Option<Moment>,
    pub suspended: bool,
    pub closed: bool,
}

impl Site {
    pub fn scope(&self) -> Scope {
        Scope::Site(self.number)
    }
}

/// Sites that several calls share.
pub type Sites = Arc<[Arc<Site>]>;

/// One permitted laboratory.
#[derive(Clone, Debug)]
pub struct Laboratory {
    pub number: u32,
    pub license: String,
    pub suspended: bool,
    pub closed: bool,
}

/// For whom a person signs in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Party {
    Company(String),
    Lab(String),
}

impl Party {
    /// By its UBI or its permit number, as a person of that kind signs in.
    pub fn of(kind: Kind, name: String) -> Self {
        if kind == Kind::LabUser { Self::Lab(name) } else { Self::Company(name) }
    }
}

/// A person who may sign in.
#[derive(Clone)]
pub struct Person {
    pub kind: Kind,
    pub id: u64,
    pub username: String,
    pub party: Party,
    pub active: bool,
    pub admin: bool,
    pub permissions: Vec<String>,
    pub password_hash: String,
}

/// A person who signed in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Session {
    pub kind: u8,
    pub person: u64,
    /// The software that the log-in's access token belongs to (ACCT-34).
    pub client_id: Option<String>,
    pub ends_on: Moment,
    /// Ended before its time (ACCT-40).
    pub ended: bool,
}

/// The mirror.
#[derive(Default)]
pub struct Access {
    pub sites: BTreeMap<String, Arc<Site>>,
    pub labs: BTreeMap<String, Arc<Laboratory>>,
    people: BTreeMap<(Kind, u64), Arc<Person>>,
    apps: BTreeMap<String, App>,
    consents: BTreeMap<(String, String), Arc<Consent>>,
    /// The sites of each company that are not closed.
    companies: BTreeMap<String, Sites>,
    /// The sites of each consent that are not closed, by its number.
    consented: BTreeMap<u64, Sites>,
    /// Software and company of each access token, by its hash.
    tokens: BTreeMap<String, (String, String)>,
    sessions: BTreeMap<[u8; 32], Arc<Session>>,
}

pub const SESSION: &str = "session/";

impl Access {
    pub fn load(snapshot: &Snapshot) -> Result<Self, StoreError> {
        let mut access = Self::directory(snapshot)?;
        for (key, bytes) in snapshot.states(SESSION)? {
            access.learn_session(&key, &bytes)?;
        }
        Ok(access)
    }

    /// People, licenses and consents, without sessions.
    pub fn directory(snapshot: &Snapshot) -> Result<Self, StoreError> {
        let mut access = Self::default();
        access.read_directory(snapshot)?;
        Ok(access)
    }

    /// Takes people, licenses and consents that were read anew; sessions stay.
    pub fn renew(&mut self, mut anew: Self) {
        anew.sessions = std::mem::take(&mut self.sessions);
        *self = anew;
    }

    fn read_directory(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        for (vendor, standing) in each::<Vendor, Standing>(snapshot, Scope::State, Kind::Vendor)? {
            self.learn_site(vendor, &standing);
        }
        for (lab, standing) in each::<Lab, Standing>(snapshot, Scope::State, Kind::Lab)? {
            self.learn_lab(lab, &standing);
        }
        for site in self.sites.values().filter(|site| !site.closed) {
            let open = self.sites_of(&site.ubi).filter(|site| !site.closed).cloned().collect();
            self.companies.insert(site.ubi.clone(), open);
        }
        self.load_people(snapshot)?;
        for (_, bytes) in snapshot.states(APP)? {
            let app: App = json(&bytes)?;
            self.apps.insert(app.client_id.clone(), app);
        }
        for (_, bytes) in snapshot.states(CONSENT)? {
            self.learn_consent(json(&bytes)?);
        }
        Ok(())
    }

    pub fn learn_session(&mut self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let digest = key.strip_prefix(SESSION).and_then(unhex);
        let digest = digest.ok_or(StoreError::Unreadable("session"))?;
        self.sessions.insert(digest, Arc::new(json(bytes)?));
        Ok(())
    }

    fn learn_site(&mut self, vendor: Vendor, standing: &Standing) {
        let site = Site {
            number: u32::try_from(vendor.id).unwrap_or_default(),
            license: vendor.location_license,
            ubi: vendor.ubi,
            location_type: vendor.location_type,
            integrated_on: standing.integrated_on,
            suspended: standing.suspended,
            closed: vendor.deleted,
        };
        self.sites.insert(site.license.clone(), Arc::new(site));
    }

    fn learn_lab(&mut self, lab: Lab, standing: &Standing) {
        let lab = Laboratory {
            number: u32::try_from(lab.id).unwrap_or_default(),
            license: lab.license_number,
            suspended: standing.suspended,
            closed: lab.deleted != 0,
        };
        self.labs.insert(lab.license.clone(), Arc::new(lab));
    }

    fn load_people(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let companies: std::collections::BTreeSet<String> =
            self.sites.values().map(|site| site.ubi.clone()).collect();
        for ubi in companies {
            let scope = company_scope(&ubi);
            self.load_members::<Vec<String>>(snapshot, scope, &Party::Company(ubi))?;
        }
        for lab in self.labs.values().cloned().collect::<Vec<_>>() {
            let party = Party::Lab(lab.license.clone());
            self.load_members::<()>(snapshot, Scope::Lab(lab.number), &party)?;
        }
        Ok(())
    }

    fn load_members<P: Permissions>(
        &mut self,
        snapshot: &Snapshot,
        scope: Scope,
        party: &Party,
    ) -> Result<(), StoreError> {
        for (member, login) in each::<Member<P>, Login>(snapshot, scope, P::KIND)? {
            let person = Person {
                kind: P::KIND,
                id: member.id,
                username: member.username,
                party: party.clone(),
                active: member.active,
                admin: member.admin,
                permissions: member.permission.names().to_vec(),
                password_hash: login.password_hash,
            };
            self.people.insert((person.kind, person.id), Arc::new(person));
        }
        Ok(())
    }

    fn learn_consent(&mut self, consent: Consent) {
        let key = (consent.client_id.clone(), consent.ubi.clone());
        let ticked = |site: &&Arc<Site>| consent.licenses.contains(&site.license) && !site.closed;
        let sites = self.sites_of(&consent.ubi).filter(ticked).cloned().collect();
        self.consented.insert(consent.id, sites);
        if let Some(tokens) = &consent.tokens {
            self.tokens.insert(tokens.access.clone(), key.clone());
        }
        self.consents.insert(key, Arc::new(consent));
    }

    pub fn session(&self, token: &str) -> Option<&Arc<Session>> {
        self.sessions.get(&ids::digest(token))
    }

    pub fn person(&self, kind: Kind, id: u64) -> Option<&Arc<Person>> {
        self.people.get(&(kind, id))
    }

    /// The person of a party with this user name, compared without case (ACCT-46).
    pub fn person_named(&self, party: &Party, username: &str) -> Option<&Arc<Person>> {
        let fits = |person: &&Arc<Person>| {
            person.party == *party && person.username.eq_ignore_ascii_case(username)
        };
        self.people.values().find(fits)
    }

    /// Everybody with this user name, in whatever company or laboratory.
    pub fn namesakes(&self, kind: Kind, username: &str) -> Vec<Arc<Person>> {
        let fits = |person: &&Arc<Person>| {
            person.kind == kind && person.username.eq_ignore_ascii_case(username)
        };
        self.people.values().filter(fits).cloned().collect()
    }

    /// The active administrators of a company, in the order of their numbers.
    pub fn administrators(&self, ubi: &str) -> Vec<Arc<Person>> {
        let party = Party::Company(ubi.to_owned());
        let fits = |person: &&Arc<Person>| person.party == party && person.active && person.admin;
        self.people.values().filter(fits).cloned().collect()
    }

    pub fn consent_of_token(&self, token: &str) -> Option<&Arc<Consent>> {
        self.tokens.get(&kept(token)).and_then(|key| self.consents.get(key))
    }

    pub fn consent(&self, client_id: &str, ubi: &str) -> Option<&Arc<Consent>> {
        self.consents.get(&(client_id.to_owned(), ubi.to_owned()))
    }

    /// The sites that a call may see: those of its consent, or without one all of the company's.
    pub fn open_sites(&self, consent: Option<&Consent>, ubi: &str) -> Sites {
        let sites = match consent {
            Some(consent) => self.consented.get(&consent.id),
            None => self.companies.get(ubi),
        };
        sites.cloned().unwrap_or_else(|| Arc::from([]))
    }

    /// The consents that a software was given, by company.
    pub fn consents_of<'a>(&'a self, client_id: &str) -> impl Iterator<Item = &'a Arc<Consent>> {
        let from = (client_id.to_owned(), String::new());
        let own = self.consents.range(from..);
        own.map(|(_, consent)| consent).take_while(move |it| it.client_id == client_id)
    }

    pub fn apps_of(&self, integrator: u64) -> impl Iterator<Item = &App> {
        self.apps.values().filter(move |app| app.integrator == integrator)
    }

    pub fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.get(client_id)
    }

    pub fn sites_of(&self, ubi: &str) -> impl Iterator<Item = &Arc<Site>> {
        self.sites.values().filter(move |site| site.ubi == ubi)
    }
}

/// A UBI has nine digits (LIC-01), so a company's scope is its UBI.
pub fn company_scope(ubi: &str) -> Scope {
    Scope::Company(ubi.parse().unwrap_or_default())
}

pub fn session_key(digest: &[u8; 32]) -> String {
    format!("{SESSION}{}", hex(digest))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    (text.len() == 64).then_some(bytes)
}

pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Unreadable(std::any::type_name::<T>()))
}

/// Ends every session of a person at once (ACCT-40).
pub fn end_sessions(txn: &mut Txn<'_, '_, '_>, kind: Kind, person: u64) -> Result<(), Fault> {
    end_where(txn, |session| session.kind == kind as u8 && session.person == person)
}

/// Ends every session that is bound to a software (ACCT-06).
pub fn end_sessions_of(txn: &mut Txn<'_, '_, '_>, client_id: &str) -> Result<(), Fault> {
    end_where(txn, |session| session.client_id.as_deref() == Some(client_id))
}

fn end_where(txn: &mut Txn<'_, '_, '_>, fits: impl Fn(&Session) -> bool) -> Result<(), Fault> {
    for (key, session) in txn.states::<Session>(SESSION)? {
        if fits(&session) && !session.ended {
            txn.set_state(&key, &Session { ended: true, ..session })?;
            txn.touched.push(Touched::Session(key));
        }
    }
    Ok(())
}

/// Ends the session of a token.
pub fn end_session(txn: &mut Txn<'_, '_, '_>, token: &str) -> Result<(), Fault> {
    let key = session_key(&ids::digest(token));
    if let Some(session) = txn.state::<Session>(&key)? {
        txn.set_state(&key, &Session { ended: true, ..session })?;
        txn.touched.push(Touched::Session(key));
    }
    Ok(())
}

fn each<R: DeserializeOwned, F: DeserializeOwned>(
    snapshot: &Snapshot,
    scope: Scope,
    kind: Kind,
) -> Result<Vec<(R, F)>, StoreError> {
    let mut found = Vec::new();
    for entry in snapshot.rows(scope, kind, Stamp::default())? {
        let (_, key) = entry?;
        let row: Option<Row> = snapshot.row(key)?;
        let row = row.ok_or(StoreError::Unreadable("list"))?;
        found.push((json(&row.wire)?, json(&row.facts)?));
    }
    Ok(found)
}
