//! Keeps parts of a reply for later steps.

use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::client::Reply;
use crate::scenario::ast::Capture;
use crate::scenario::template::{self, Captures, UnknownCapture};

/// What a capture selects; the reason if it selects nothing, or more than one value.
pub(super) fn select(
    capture: &Capture,
    reply: &Reply,
    captures: &Captures,
) -> Result<Result<Value, String>, UnknownCapture> {
    let selected = match (&capture.path, &capture.header) {
        (Some(path), _) => by_path(&template::fill(path, captures)?, reply),
        (None, Some(header)) => reply
            .header(header)
            .map(Value::from)
            .ok_or_else(|| format!("the reply has no header {header}")),
        (None, None) => Err("the capture says nothing".to_owned()),
    };
    let Some(pattern) = &capture.matches else { return Ok(selected) };
    let pattern = template::fill(pattern, captures)?;
    Ok(selected.and_then(|value| part(&pattern, &template::plain(&value))))
}

fn by_path(path: &str, reply: &Reply) -> Result<Value, String> {
    let Some(body) = &reply.json else { return Err("the reply is not JSON".to_owned()) };
    let parsed =
        JsonPath::parse(path).map_err(|error| format!("{path} is not a JSONPath: {error}"))?;
    match parsed.query(body).all().as_slice() {
        [] => Err(format!("nothing at {path}")),
        [one] => Ok((*one).clone()),
        several => Err(format!("{} values at {path}", several.len())),
    }
}

fn part(pattern: &str, text: &str) -> Result<Value, String> {
    let found = Regex::new(pattern).ok().and_then(|regex| {
        let captures = regex.captures(text)?;
        captures.get(1).or_else(|| captures.get(0)).map(|part| Value::from(part.as_str()))
    });
    found.ok_or_else(|| format!("nothing like {pattern} in {text}"))
}
