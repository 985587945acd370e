//! What is kept of a call for a reader: request, reply and a curl line, with secrets replaced.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::client::{Reply, Request};
use super::target::Target;
use crate::event::{Exchange, Message};

const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "set-cookie", "x-session-token"];
const SECRET_FIELDS: &[&str] = &[
    "access_token",
    "accesstoken",
    "client_secret",
    "clientsecret",
    "password",
    "refresh_token",
    "session",
    "token",
];
const TEXT_MAX: usize = 16 * 1024;

/// Replaces secrets by numbers, so that a reader still sees which of them are the same.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Learns the secrets of a call; from then on they are replaced wherever they stand.
    pub(super) fn learn(&mut self, request: &Request, reply: Option<&Reply>) {
        let headers = request.headers.iter().chain(reply.iter().flat_map(|reply| &reply.headers));
        for (name, value) in headers.filter(|(name, _)| is_one_of(SECRET_HEADERS, name)) {
            let value = if name.eq_ignore_ascii_case("authorization") {
                value.trim_start_matches("Bearer ")
            } else {
                value
            };
            self.add(value);
        }
        let body = request.body.as_deref().unwrap_or_default();
        let sent = serde_json::from_slice::<Value>(body).ok();
        if sent.is_none() {
            self.learn_form(&String::from_utf8_lossy(body));
        }
        let got = reply.and_then(|reply| reply.json.as_ref());
        for body in sent.iter().chain(got) {
            self.learn_fields(body);
        }
    }

    /// A form may be encoded in ways that nobody wrote; what is replaced is what was sent.
    fn learn_form(&mut self, form: &str) {
        for (name, value) in form.split('&').filter_map(|pair| pair.split_once('=')) {
            if is_one_of(SECRET_FIELDS, name) {
                self.add(value);
            }
        }
    }

    fn learn_fields(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(secret) if is_one_of(SECRET_FIELDS, name) => self.add(secret),
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                        Value::Array(_) | Value::Object(_) => self.learn_fields(field),
                    }
                }
            }
            Value::Array(elements) => {
                elements.iter().for_each(|element| self.learn_fields(element))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add(&mut self, secret: &str) {
        if !secret.is_empty() && !self.secrets.iter().any(|known| known == secret) {
            self.secrets.push(secret.to_owned());
        }
    }

    /// The text with all known secrets replaced; short ones only where they stand alone.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (index, secret) in self.secrets.iter().enumerate() {
            let mark = format!("[secret {}]", index + 1);
            if secret.len() >= 8 {
                out = out.replace(secret.as_str(), &mark);
            } else if out == *secret {
                out = mark;
            }
        }
        out
    }

    fn clean_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(text)),
            Value::Array(elements) => {
                elements.iter().map(|element| self.clean_value(element)).collect()
            }
            Value::Object(fields) => {
                let cleaned =
                    fields.iter().map(|(name, field)| (name.clone(), self.clean_value(field)));
                Value::Object(cleaned.collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Both halves of a call.
    pub(super) fn exchange(&self, target: &Target, request: &Request, reply: &Reply) -> Exchange {
        let start = format!("{} {target}{}", request.method, self.clean(&request.path));
        let sent = request.body.as_ref().map_or(Value::Null, |body| self.body(body));
        Exchange {
            request: Message { start, headers: self.headers(&request.headers), body: sent },
            reply: Message {
                start: reply.status.to_string(),
                headers: self.headers(&reply.headers),
                body: self.body(&reply.body),
            },
        }
    }

    fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        headers.iter().map(|(name, value)| (name.clone(), self.clean(value))).collect()
    }

    fn body(&self, bytes: &[u8]) -> Value {
        if bytes.is_empty() {
            return Value::Null;
        }
        let text = String::from_utf8_lossy(bytes);
        match serde_json::from_str(&text) {
            Ok(value) if bytes.len() <= TEXT_MAX => self.clean_value(&value),
            Ok(_) | Err(_) => Value::String(shorten(&self.clean(&text))),
        }
    }

    /// A shell line that makes the call again, with the caller's secrets as variables.
    pub(super) fn curl(&self, target: &Target, request: &Request) -> String {
        let mut line = format!("curl -i -X {}", request.method);
        for (name, value) in &request.headers {
            if name.eq_ignore_ascii_case("x-session-token") {
                let _ = write!(line, " -H \"{name}: $SESSION\"");
            } else if name.eq_ignore_ascii_case("authorization") {
                let _ = write!(line, " -H \"{name}: Bearer $TOKEN\"");
            } else {
                let _ = write!(line, " -H {}", quoted(&format!("{name}: {}", self.clean(value))));
            }
        }
        if let Some(body) = &request.body {
            let _ =
                write!(line, " --data-raw {}", quoted(&self.clean(&String::from_utf8_lossy(body))));
        }
        let _ = write!(line, " {}", quoted(&format!("{target}{}", self.clean(&request.path))));
        line
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
