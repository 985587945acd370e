//! The journal: the latest calls of a world with their answers, kept in memory, secrets redacted
//! when it is read.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::model::Moment;

/// How many calls are kept; older ones are forgotten.
const ENTRIES_MAX: usize = 1_000;
/// Longer bodies are cut, so that the journal cannot outgrow the world.
const BODY_MAX: usize = 16 << 10;

const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "x-session-token"];
const SECRET_KEYS: &[&str] =
    &["accesstoken", "clientsecret", "password", "session", "sessiontoken", "token"];
const REDACTED: &str = "[redacted]";

/// One call and its answer.
pub struct Entry {
    pub at: Moment,
    pub method: hyper::Method,
    pub path: String,
    pub headers: hyper::HeaderMap,
    pub request: Bytes,
    pub status: u16,
    pub reply: Bytes,
    pub transaction: u64,
    pub rule: Option<&'static str>,
    pub facts: Vec<(&'static str, String)>,
    pub findings: Vec<&'static str>,
    pub person: Option<String>,
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
    pub fn write(&self, mut entry: Entry) {
        entry.request = cut(entry.request);
        entry.reply = cut(entry.reply);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entries.push_back(entry);
        if kept.entries.len() > ENTRIES_MAX {
            kept.entries.pop_front();
            kept.first += 1;
        }
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

fn cut(body: Bytes) -> Bytes {
    if body.len() > BODY_MAX { Bytes::copy_from_slice(&body[..BODY_MAX]) } else { body }
}

fn shown(number: u64, entry: &Entry) -> Value {
    let headers: Map<String, Value> = entry
        .headers
        .iter()
        .map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name.as_str());
            let text = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), Value::from(if secret { REDACTED } else { &text }))
        })
        .collect();
    let facts: Map<String, Value> =
        entry.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "Number": number,
        "At": entry.at,
        "Method": entry.method.as_str(),
        "Path": entry.path,
        "Headers": headers,
        "Request": body(&entry.request),
        "Status": entry.status,
        "Reply": body(&entry.reply),
        "TransactionID": entry.transaction,
        "Rule": entry.rule,
        "Facts": facts,
        "Findings": entry.findings,
        "Person": entry.person,
    })
}

/// A body as JSON without its secrets, or as text where it is no JSON.
fn body(bytes: &Bytes) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(bytes) {
        Ok(mut value) => {
            redact(&mut value);
            value
        }
        // A body that does not parse may hold a password anywhere.
        Err(_) => json!(format!("[{} bytes that are no JSON]", bytes.len())),
    }
}

pub fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if SECRET_KEYS.contains(&key.to_lowercase().as_str()) {
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
