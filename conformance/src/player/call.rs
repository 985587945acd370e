//! From a step to a request: captures filled in, query encoded, headers of the role added.

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::client::Request;
use super::world;
use crate::scenario::ast::Step;
use crate::scenario::lint::split_call;
use crate::scenario::node::{Kind, Node};
use crate::scenario::template::{self, Captures, UnknownCapture};

/// What may not stand in a path as it is; a `%` is taken as the author's own encoding.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'#');
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const FORM: &str = "application/x-www-form-urlencoded";

/// Who calls, and in which world.
#[derive(Debug, Default)]
pub(super) struct Caller<'a> {
    pub(super) session: Option<&'a str>,
    pub(super) license: Option<&'a str>,
    pub(super) world: Option<&'a str>,
}

/// The request of an API step.
pub(super) fn api(
    step: &Step,
    caller: &Caller<'_>,
    captures: &Captures,
) -> Result<Request, UnknownCapture> {
    let call = step.call.as_ref().map_or("", |call| call.value.as_str());
    let mut request = written(step, call, captures)?;
    let own = [
        ("X-Session-Token", caller.session),
        ("X-License", caller.license),
        (world::WORLD, caller.world),
    ];
    for (name, value) in own {
        if let Some(value) = value.filter(|_| !says(step, name)) {
            request.headers.insert(0, (name.to_owned(), value.to_owned()));
        }
    }
    Ok(request)
}

/// The request of a control step; its path is relative to the world of the scenario unless it begins with `/_tagtrail`.
pub(super) fn control(
    step: &Step,
    world: &str,
    token: Option<&str>,
    captures: &Captures,
) -> Result<Request, UnknownCapture> {
    let call = step.control.as_ref().map_or("", |call| call.value.as_str());
    let mut request = written(step, call, captures)?;
    if !request.path.starts_with("/_tagtrail") {
        let path = if request.path == "/" { "" } else { request.path.as_str() };
        request.path = format!("/_tagtrail/worlds/{world}{path}");
    }
    if let Some(token) = token.filter(|_| !says(step, "Authorization")) {
        request.headers.insert(0, ("Authorization".to_owned(), format!("Bearer {token}")));
    }
    Ok(request)
}

fn written(step: &Step, call: &str, captures: &Captures) -> Result<Request, UnknownCapture> {
    let (method, path) = split_call(call).unwrap_or(("GET", "/"));
    let path = utf8_percent_encode(&template::fill(path, captures)?, PATH).to_string();
    let path = with_query(path, &pairs(step.query.as_ref(), captures)?);
    let mut headers = pairs(step.headers.as_ref(), captures)?;
    let body = match (&step.body, &step.form, &step.raw) {
        (Some(body), _, _) => Some(template::fill_node(body, captures)?.to_string()),
        (None, Some(form), _) => Some(encoded(&pairs(Some(form), captures)?)),
        (None, None, Some(raw)) => Some(template::fill(&raw.value, captures)?),
        (None, None, None) => None,
    };
    if body.is_some() && !says(step, "Content-Type") {
        let kind = if step.form.is_some() { FORM } else { "application/json" };
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    let body = body.map(Bytes::from);
    Ok(Request { method: method.to_owned(), path, headers, body })
}

fn with_query(path: String, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path;
    }
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{}", encoded(pairs))
}

/// Names and values as a query and a form write them.
fn encoded(pairs: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The entries of a map; a list gives one pair for each element, null gives none.
fn pairs(
    node: Option<&Node>,
    captures: &Captures,
) -> Result<Vec<(String, String)>, UnknownCapture> {
    let mut pairs = Vec::new();
    let Some(Node { kind: Kind::Map(entries), .. }) = node else { return Ok(pairs) };
    for (key, node) in entries {
        let name = template::fill(&key.name, captures)?;
        match template::fill_node(node, captures)? {
            Value::Null => {}
            Value::Array(elements) => {
                pairs.extend(
                    elements.iter().map(|element| (name.clone(), template::plain(element))),
                );
            }
            value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                pairs.push((name, template::plain(&value)));
            }
        }
    }
    Ok(pairs)
}

/// Whether the step itself speaks about a header, if only to leave it out.
fn says(step: &Step, name: &str) -> bool {
    let Some(Node { kind: Kind::Map(entries), .. }) = &step.headers else { return false };
    entries.iter().any(|(key, _)| key.name.eq_ignore_ascii_case(name))
}
