//! One request from top to bottom: route → session → consent → license → permission → size → decode,
//! then the action's own look-ups, state, guards and tags in the writer's queue, commit, encode.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Response, StatusCode, header, header::HeaderName, http::request::Parts,
};
use serde_json::{Map, Value};

use super::{
    body,
    decode::{self, Decoder},
    router::{Found, Params, Router},
    session,
};
use crate::{
    api::{Handler, Query, Read, Reply},
    fault::Fault,
    model::Moment,
    refusal::refuse,
    world::{
        World,
        access::Person,
        journal::{Body, Entry},
    },
};

pub type Answer = Response<Full<Bytes>>;

/// The rule behind a refusal.
pub static RULE_HEADER: HeaderName = HeaderName::from_static("x-tagtrail-rule");
/// The soft rules that were broken, but that the profile lets pass.
static FINDING_HEADER: HeaderName = HeaderName::from_static("x-tagtrail-finding");

/// What happened in a call, for the headers of the answer and for the journal.
struct Course {
    now: Moment,
    request: Bytes,
    transaction: u64,
    findings: Vec<&'static str>,
    person: Option<Arc<Person>>,
    allow: Option<String>,
}

impl Course {
    fn begun(now: Moment) -> Self {
        Self {
            now,
            request: Bytes::new(),
            transaction: 0,
            findings: Vec::new(),
            person: None,
            allow: None,
        }
    }
}

/// Answers one call of the API in a world.
pub async fn answer<B>(
    router: &Router,
    world: &World,
    path: String,
    parts: Parts,
    body: B,
) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let mut course = Course::begun(world.core().now());
    let outcome = respond(router, world, &path, &parts, body, &mut course).await;
    let (status, reply, fault) = match outcome {
        Ok(reply) => (StatusCode::OK, reply, None),
        Err(fault) => (fault.status(), error_body(world, &fault), Some(fault)),
    };
    let shown = Body::from(&reply);
    let answer = build(status, reply, fault.as_ref(), &course);
    record(world, path, &parts, course, status, shown, fault);
    answer
}

async fn respond<B>(
    router: &Router,
    world: &World,
    path: &str,
    parts: &Parts,
    body: B,
    course: &mut Course,
) -> Result<Bytes, Fault>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let core = world.core();
    let found = router.find(parts.method.as_str(), path, core.profile).map_err(|no| {
        course.allow = no.allow;
        Fault::from(no.refusal)
    })?;
    let Found { target, params } = found;
    let route = target.route;
    let handler = target.handler.ok_or_else(|| {
        refuse("WIRE-11").with("method", route.method.as_str()).with("path", &route.path)
    })?;
    let public = route.permission == "Anyone";
    let caller =
        if public { None } else { Some(session::caller(core, &parts.headers, route, course.now)?) };
    course.person = caller.as_ref().map(|caller| Arc::clone(&caller.person));
    match handler {
        Handler::Read(read) => {
            let query = Query::read(route, parts.uri.query().unwrap_or_default(), core.profile)?;
            let caller = caller.ok_or_else(|| refuse("ACCT-36"))?;
            let snapshot = core.snapshot();
            let now = course.now;
            let read_call = Read {
                core,
                snapshot: &snapshot,
                caller: &caller,
                route,
                params: &params,
                query,
                now,
            };
            Ok(caught(|| read(&read_call))?.encode(route).into())
        }
        Handler::Write { guarded, own_rules, prepare } => {
            let most = core.profile.number("wire.max_body");
            let read = body::read(body, most).await;
            course.request = read.map_err(|error| error.fault(most))?;
            // Much may have happened while the body arrived; the write runs for who may write now.
            let caller = match caller {
                Some(_) => Some(session::caller(core, &parts.headers, route, core.now())?),
                None => None,
            };
            let sent = String::from_utf8_lossy(&course.request);
            let query = parts.uri.query().filter(|_| sent.trim().is_empty());
            let text = query.and_then(|query| decode::body_of_query(route, query));
            let text = text.map_or(sent, Into::into);
            let decoder = Decoder { route, text, profile: core.profile, guarded, own_rules };
            let mut fields = decoder.read()?;
            join(&mut fields, params, public, &parts.headers);
            let done = world.write(caller, prepare(fields)?).await?;
            course.transaction = done.transaction;
            course.findings.clone_from(&done.findings);
            Ok(Reply::from(done).encode(route).into())
        }
    }
}

/// A panic in a read is a defect; it ends the call, not the connection.
pub fn caught<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let broken = |_| Err(Fault::Broken("a read panicked".to_owned()));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(broken)
}

/// Path parameters, and on public routes the access token, join the body under lower-case names,
/// which no published field has.
fn join(fields: &mut Map<String, Value>, params: Params, public: bool, headers: &HeaderMap) {
    fields.extend(params.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
    if let Some(token) = session::bearer(headers).filter(|_| public) {
        fields.insert("bearer".to_owned(), Value::from(token));
    }
}

/// `{"Error": …}` and nothing else (WIRE-43).
fn error_body(world: &World, fault: &Fault) -> Bytes {
    let mut body = Map::new();
    body.insert("Error".to_owned(), Value::from(fault.to_string()));
    if world.core().profile.on("wire.error_code") {
        body.insert("ErrorCode".to_owned(), Value::from(fault.status().as_u16().to_string()));
    }
    Value::Object(body).to_string().into()
}

fn build(status: StatusCode, reply: Bytes, fault: Option<&Fault>, course: &Course) -> Answer {
    let mut answer = json(status, reply);
    let headers = answer.headers_mut();
    if let Some(rule) = fault.and_then(Fault::rule) {
        headers.insert(&RULE_HEADER, header::HeaderValue::from_static(rule));
    }
    if !course.findings.is_empty()
        && let Ok(value) = course.findings.join(", ").parse()
    {
        headers.insert(&FINDING_HEADER, value);
    }
    if let Some(allow) = course.allow.as_ref().and_then(|allow| allow.parse().ok()) {
        headers.insert(header::ALLOW, allow);
    }
    answer
}

/// A JSON answer.
pub fn json(status: StatusCode, reply: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(reply));
    *answer.status_mut() = status;
    let kind = header::HeaderValue::from_static("application/json; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// The method's name without a copy; the few that HTTP defines beside the API's are all the same here.
pub fn method_name(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("OTHER")
}

fn record(
    world: &World,
    mut path: String,
    parts: &Parts,
    course: Course,
    status: StatusCode,
    reply: Body,
    fault: Option<Fault>,
) {
    let (rule, facts) = match fault {
        Some(Fault::Refused(refusal)) => (Some(refusal.rule), refusal.facts().to_vec()),
        Some(fault) => (fault.rule(), Vec::new()),
        None => (None, Vec::new()),
    };
    if let Some(query) = parts.uri.query() {
        path.push('?');
        path.push_str(query);
    }
    world.core().journal.write(Entry {
        at: course.now,
        method: method_name(&parts.method),
        path,
        license: session::license(&parts.headers).map(str::to_owned),
        request: Body::from(&course.request),
        status: status.as_u16(),
        reply,
        transaction: course.transaction,
        rule,
        facts,
        findings: course.findings,
        person: course.person,
    });
}
