//! What people see in a browser, and what software does before it may call the API: the integrator's
//! portal, the consent of a company (OAuth), passwords, mails and tags (rulebook 2 and 4).
//!
//! One row per door. A page and a program come through the same doors: a program sends JSON and reads
//! JSON, a form is answered with a page. No page needs a script.

mod account;
mod app;
mod dashboard;
mod documentation;
mod form;
mod front;
mod mailbox;
mod oauth;
mod page;
mod password;
mod tags;
mod token;
mod visit;

use std::{collections::BTreeMap, sync::LazyLock};

use bytes::Bytes;
use hyper::{Method, StatusCode, http::request::Parts};
use matchit::Router;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::token::METADATA;
use self::{
    page::Shown,
    visit::{Guest, Pass, Visit},
};
use crate::{
    fault::Fault,
    http::{
        answer::{Answer, caught},
        body,
    },
    refusal::refuse,
    world::{
        World,
        journal::{Body, Entry},
        txn::Txn,
    },
};

/// One door.
struct Door {
    /// Method and path.
    call: &'static str,
    /// Who may come in.
    pass: Pass,
    work: Work,
}

/// What is behind a door.
#[derive(Clone, Copy)]
enum Work {
    /// Something to look at.
    Show(fn(&Visit<'_>) -> Result<Shown, Fault>),
    /// Something to do with what was sent.
    Act {
        prepare: fn(Map<String, Value>, Guest) -> Result<Deed, Fault>,
        /// How it is told.
        told: fn(&Visit<'_>, Result<Value, Fault>) -> Result<Shown, Fault>,
    },
}

/// A deed that is ready to be done in the writer's queue; what it returns is the answer.
type Deed = Box<dyn FnOnce(&mut Txn<'_, '_, '_>) -> Result<Value, Fault> + Send>;

/// What can be done at a door: its fields, and what it does with them.
trait Act: DeserializeOwned + Send + 'static {
    fn apply(self, guest: &Guest, txn: &mut Txn<'_, '_, '_>) -> Result<Value, Fault>;
}

fn show(call: &'static str, pass: Pass, show: fn(&Visit<'_>) -> Result<Shown, Fault>) -> Door {
    Door { call, pass, work: Work::Show(show) }
}

fn act<A: Act>(
    call: &'static str,
    pass: Pass,
    told: fn(&Visit<'_>, Result<Value, Fault>) -> Result<Shown, Fault>,
) -> Door {
    Door { call, pass, work: Work::Act { prepare: prepare::<A>, told } }
}

fn prepare<A: Act>(fields: Map<String, Value>, guest: Guest) -> Result<Deed, Fault> {
    let deed: A = form::read(fields)?;
    Ok(Box::new(move |txn| deed.apply(&guest, txn)))
}

/// Every door, by who comes through it.
fn doors() -> Vec<Door> {
    let families: [fn() -> Vec<Door>; 9] = [
        front::doors,
        documentation::doors,
        dashboard::doors,
        account::doors,
        app::doors,
        oauth::doors,
        password::doors,
        mailbox::doors,
        tags::doors,
    ];
    families.into_iter().flat_map(|doors| doors()).collect()
}

/// Every door with who may come through it, for reviews.
pub fn printed_doors() -> String {
    let line = |door: Door| format!("{:<62} {:?}\n", door.call, door.pass);
    doors().into_iter().map(line).collect()
}

/// The doors by path, then by method.
static PATHS: LazyLock<Router<BTreeMap<&'static str, Door>>> = LazyLock::new(|| {
    let mut by_path: BTreeMap<&str, BTreeMap<&'static str, Door>> = BTreeMap::new();
    for door in doors() {
        let (method, path) = door
            .call
            .split_once(' ')
            .unwrap_or_else(|| unreachable!("a door has a method and a path: {}", door.call));
        let twice = by_path.entry(path).or_default().insert(method, door);
        assert!(twice.is_none(), "{method} {path} is two doors");
    }
    let mut paths = Router::new();
    for (path, methods) in by_path {
        let entered = paths.insert(path, methods);
        entered.unwrap_or_else(|error| unreachable!("a test opens every door: {error}"));
    }
    paths
});

/// Where a visitor stands: in which world, and under which prefix its pages lie.
pub struct Place<'a> {
    pub world: &'a World,
    /// `/worlds/<name>`, or nothing in the default world.
    pub base: &'a str,
    pub path: &'a str,
    /// Whether the control plane asks for a token, which the mailbox then asks for, too.
    pub control_token: Option<&'a str>,
}

impl Place<'_> {
    /// Whether the path leads to one of these doors. The path of the token endpoint is the profile's.
    pub fn is_portal(&self) -> bool {
        PATHS.at(self.door()).is_ok()
    }

    fn door(&self) -> &str {
        let token = self.world.core().profile.hot.token_path;
        if self.path == token { token::PATH } else { self.path }
    }

    /// Answers a visit at one of the doors.
    pub async fn answer<B>(&self, parts: &Parts, body: B) -> Answer
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let mut visit = Visit::begun(self, parts);
        let outcome = self.respond(parts, body, &mut visit).await;
        let (shown, rule) = match outcome {
            Ok(shown) => {
                let rule = shown.rule();
                (shown, rule)
            }
            Err(fault) => {
                let rule = fault.rule();
                (Shown::fault(&visit, &fault), rule)
            }
        };
        let answer = shown.answer();
        // Pages that somebody only looked at would push calls out of the journal.
        let looked = matches!(parts.method, Method::GET | Method::HEAD);
        if !looked || !answer.status().is_success() {
            self.record(parts, &visit, answer.status(), rule);
        }
        answer
    }

    async fn respond<B>(
        &self,
        parts: &Parts,
        body: B,
        visit: &mut Visit<'_>,
    ) -> Result<Shown, Fault>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let unknown =
            |rule| refuse(rule).with("method", &parts.method).with("path", parts.uri.path());
        let found = PATHS.at(self.door()).map_err(|_| unknown("WIRE-02"))?;
        let asked = if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() };
        let Some(door) = found.value.get(asked) else {
            let allow = found.value.keys().copied().collect::<Vec<_>>().join(", ");
            return Ok(Shown::fault(visit, &unknown("WIRE-03").into()).with("allow", allow));
        };
        visit.guest.params =
            found.params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        match door.work {
            Work::Show(show) => {
                visit.admit(door.pass)?;
                caught(|| show(visit))
            }
            Work::Act { prepare, told } => {
                let most = self.world.core().profile.number("wire.max_body");
                let done = match body::read(body, most).await {
                    Ok(bytes) => self.act(door.pass, prepare, bytes, visit).await,
                    Err(error) => Err(error.fault(most)),
                };
                caught(|| told(visit, done))
            }
        }
    }

    async fn act(
        &self,
        pass: Pass,
        prepare: fn(Map<String, Value>, Guest) -> Result<Deed, Fault>,
        bytes: Bytes,
        visit: &mut Visit<'_>,
    ) -> Result<Value, Fault> {
        visit.take(&bytes)?;
        visit.admit(pass)?;
        visit.check_form_key()?;
        let deed = prepare(visit.fields.clone(), visit.guest.clone())?;
        let work = move |txn: &mut Txn<'_, '_, '_>| {
            let said = deed(txn)?;
            txn.done.extras.insert(String::new(), said);
            Ok(())
        };
        let mut done = self.world.write(None, work).await?;
        Ok(done.extras.remove("").unwrap_or_default())
    }

    /// The journal knows that somebody came, and nothing of what was sent: much of it is secret.
    fn record(
        &self,
        parts: &Parts,
        visit: &Visit<'_>,
        status: StatusCode,
        rule: Option<&'static str>,
    ) {
        self.world.core().journal.write(Entry {
            at: visit.now,
            method: crate::http::answer::method_name(&parts.method),
            path: self.path.to_owned(),
            license: None,
            request: Body::None,
            status: status.as_u16(),
            reply: Body::None,
            transaction: 0,
            rule,
            facts: Vec::new(),
            findings: Vec::new(),
            person: visit.guest.person.clone(),
        });
    }
}
