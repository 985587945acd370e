//! The journal: the latest calls of a world with their answers, kept in memory, secrets redacted
//! when it is read.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::access::Person;
use crate::model::Moment;

/// How many calls are kept; older ones are forgotten.
const ENTRIES_MAX: usize = 500;
/// Of longer bodies only the length is kept, so that the journal cannot outgrow the world.
const BODY_MAX: usize = 16 << 10;

const SECRET_KEYS: &[&str] = &[
    "access_token",
    "accesstoken",
    "client_secret",
    "clientsecret",
    "code",
    "password",
    "refresh_token",
    "session",
    "sessiontoken",
    "token",
];
const REDACTED: &str = "[redacted]";

/// One call and its answer.
pub struct Entry {
    pub at: Moment,
    pub method: &'static str,
    pub path: String,
    pub license: Option<String>,
    pub request: Body,
    pub status: u16,
    pub reply: Body,
    pub transaction: u64,
    pub rule: Option<&'static str>,
    pub facts: Vec<(&'static str, String)>,
    pub findings: Vec<&'static str>,
    pub person: Option<Arc<Person>>,
}

/// A body as it is kept.
#[derive(Debug, Default)]
pub enum Body {
    #[default]
    None,
    Kept(Bytes),
    TooLong(usize),
}

impl From<&Bytes> for Body {
    fn from(bytes: &Bytes) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > BODY_MAX => Self::TooLong(length),
            _ => Self::Kept(bytes.clone()),
        }
    }
}

#[derive(Default)]
pub struct Journal {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    first: u64,
    entries: VecDeque<Entry>,
}

impl Journal {
    pub fn write(&self, entry: Entry) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entries.push_back(entry);
        let full = kept.entries.len() > ENTRIES_MAX;
        let oldest = if full { kept.entries.pop_front() } else { None };
        kept.first += u64::from(full);
        // What is forgotten is freed after the lock is.
        drop(kept);
        drop(oldest);
    }

    /// The entries after number `after`, oldest first, as JSON for people.
    pub fn read(&self, after: u64, limit: usize) -> Value {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = (kept.first + 1..).zip(&kept.entries);
        let shown: Vec<Value> = numbered
            .filter(|(number, _)| *number > after)
            .take(limit)
            .map(|(number, entry)| shown(number, entry))
            .collect();
        let latest = kept.first + kept.entries.len() as u64;
        json!({ "Entry": shown, "Latest": latest })
    }
}

fn shown(number: u64, entry: &Entry) -> Value {
    let facts: Map<String, Value> =
        entry.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "Number": number,
        "At": entry.at,
        "Method": entry.method,
        "Path": path(&entry.path),
        "License": entry.license,
        "Request": body(&entry.request),
        "Status": entry.status,
        "Reply": body(&entry.reply),
        "TransactionID": entry.transaction,
        "Rule": entry.rule,
        "Facts": facts,
        "Findings": entry.findings,
        "Person": entry.person.as_ref().map(|person| &person.username),
    })
}

/// A path whose query has no secrets.
fn path(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        Some(_) | None => pair.to_owned(),
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

fn is_secret(name: &str) -> bool {
    SECRET_KEYS.contains(&name.to_lowercase().as_str())
}

/// A body as JSON without its secrets.
fn body(body: &Body) -> Value {
    match body {
        Body::None => Value::Null,
        Body::TooLong(length) => json!(format!("[{length} bytes]")),
        Body::Kept(bytes) => match serde_json::from_slice(bytes) {
            Ok(mut value) => {
                redact(&mut value);
                value
            }
            // A body that does not parse may hold a password anywhere.
            Err(_) => json!(format!("[{} bytes that are no JSON]", bytes.len())),
        },
    }
}

pub fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if is_secret(key) {
                    *field = json!(REDACTED);
                } else {
                    redact(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted_wherever_they_stand() {
        let mut value = json!({"UBI": "1", "Password": "p", "a": [{"session": "s", "ok": 1}]});
        redact(&mut value);
        let expected =
            json!({"UBI": "1", "Password": REDACTED, "a": [{"session": REDACTED, "ok": 1}]});
        assert_eq!(value, expected);
    }
}
