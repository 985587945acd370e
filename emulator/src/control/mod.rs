//! The control plane under `/_tagtrail`: worlds, clock, journal, consents, licenses, tags, rules. It
//! is tagtrail's own interface, never part of `/v1`, and answers to a token where one is set.

mod call;
mod worlds;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use hyper::{StatusCode, http::request::Parts};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use self::call::{Call, Outcome, Trouble};
use crate::{
    http::{
        answer::{Answer, json as json_answer},
        body,
    },
    world::Registry,
};

const BODY_MAX: u64 = 10 << 20;

/// The control plane of one process.
pub struct Control {
    /// Told by the health check, so that nobody mistakes another server for this one.
    pub instance: String,
    pub token: Option<String>,
}

impl Control {
    pub async fn answer<B>(
        &self,
        worlds: &Arc<Registry>,
        path: &str,
        parts: &Parts,
        body: B,
    ) -> Answer
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let outcome = self.respond(worlds, path, parts, body).await;
        let (status, body) = match outcome {
            Ok(Outcome { status, body }) => (status, body),
            Err(trouble) => (trouble.status(), json!({ "Error": trouble.to_string() })),
        };
        json_answer(status, Bytes::from(body.to_string()))
    }

    async fn respond<B>(
        &self,
        worlds: &Arc<Registry>,
        path: &str,
        parts: &Parts,
        body: B,
    ) -> Result<Outcome, Trouble>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).skip(1).collect();
        if segments == ["health"] {
            return Ok(Outcome::ok(self.health(worlds)));
        }
        self.admit(parts)?;
        let body =
            body::read(body, BODY_MAX).await.map_err(|error| Trouble::Body(error.to_string()))?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let call = Call { worlds: Arc::clone(worlds), method: parts.method.clone(), query, body };
        match segments.as_slice() {
            ["rules", id] => explain(id),
            ["worlds", rest @ ..] => worlds::answer(call, rest).await,
            _ => Err(Trouble::NoRoute(path.to_owned())),
        }
    }

    fn health(&self, worlds: &Registry) -> Value {
        json!({
            "status": "ok",
            "instance": self.instance,
            "version": env!("CARGO_PKG_VERSION"),
            "worlds": worlds.names().len(),
        })
    }

    /// No page of another origin, with a token nobody without it, and without one only who calls this
    /// machine by a name of its own: a name elsewhere may have been bent to lead here.
    fn admit(&self, parts: &Parts) -> Result<(), Trouble> {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = header("host").unwrap_or_default();
        let origin = header("origin").map(|origin| origin.trim_start_matches("http://"));
        if origin.is_some_and(|origin| origin != host) {
            return Err(Trouble::Origin);
        }
        let Some(token) = &self.token else {
            return if is_local(host) { Ok(()) } else { Err(Trouble::Host(host.to_owned())) };
        };
        let sent =
            header("authorization").and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
        if bool::from(sent.as_bytes().ct_eq(token.as_bytes())) {
            Ok(())
        } else {
            Err(Trouble::Token)
        }
    }
}

/// Whether a host is this machine, by a name that nobody else can give; clients that name none are no
/// browsers.
pub fn is_local(host: &str) -> bool {
    let port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, it)| port(it)).map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.is_empty()
        || name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// `GET /_tagtrail/rules/{id}`: a rule's sentence, messages, knobs, basis and source.
fn explain(id: &str) -> Result<Outcome, Trouble> {
    let rule = tagtrail_schemas::rule(id).ok_or_else(|| Trouble::NoRule(id.to_owned()))?;
    Ok(Outcome::ok(json!({
        "ID": rule.id,
        "Rule": rule.rule,
        "Message": rule.messages.iter().map(|message| message.text.clone()).collect::<Vec<_>>(),
        "Status": rule.status,
        "Knob": rule.knobs,
        "Basis": rule.basis.to_string(),
        "Source": rule.source,
    })))
}

impl Outcome {
    fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body }
    }
}
