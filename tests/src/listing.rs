//! Tells a run as a scenario file.
//!
//! Another world mints other identifiers, so those that a reply brought are captured and named.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::Value;

use crate::{
    wire::{Reply, START},
    world::{WORLD, identifiers},
};

/// Who made a call.
pub enum Voice {
    /// The operator, by the control plane.
    Operator,
    /// A role of the scenario.
    Role(String),
    /// Who holds an access token or a session; nobody without one.
    Bearer(String),
}

/// A call as it was made.
pub struct Told {
    pub voice: Voice,
    pub start: String,
    pub body: Option<Value>,
    /// The rule that should refuse it.
    pub rule: Option<String>,
    pub reply: Reply,
}

/// The people of the seed world who may act for a company, as roles.
pub fn administrators<'a>(companies: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let world: Value = serde_json::from_str(WORLD).unwrap();
    let role = |ubi: &str| {
        let users = world["Users"].as_array().into_iter().flatten();
        let admin = users.filter(|user| user["UBI"] == ubi).find(|user| user["Admin"] == true);
        let name = admin.map(|user| user["Username"].to_string()).unwrap_or_default();
        (format!("admin of {ubi}"), format!("{{user: {name}, ubi: \"{ubi}\"}}"))
    };
    companies.map(role).collect()
}

/// The file: what is claimed, who acts, what was called, and what differed.
pub fn scenario(
    claim: &str,
    roles: &BTreeMap<String, String>,
    told: &[Told],
    difference: &str,
) -> String {
    let mut text = format!("claim: {claim}\nneeds: [control]\nseed: 1\nclock: \"{START}\"\n");
    if !roles.is_empty() {
        text.push_str("roles:\n");
    }
    text.extend(roles.iter().map(|(name, role)| format!("  {name}: {role}\n")));
    text.push_str("steps:\n");
    let mut names = Names { known: identifiers(WORLD).collect(), names: BTreeMap::new() };
    for (at, told) in told.iter().enumerate() {
        tell(told, at, &mut names, &mut text);
    }
    let lines = difference.lines().map(|line| format!("# {line}\n"));
    text.extend(lines);
    text
}

fn tell(told: &Told, at: usize, names: &mut Names, text: &mut String) {
    let start = names.put(&told.start);
    let _ = match &told.voice {
        Voice::Operator => writeln!(text, "  - control: {start}"),
        Voice::Role(role) => writeln!(text, "  - as: {role}\n    call: {start}"),
        Voice::Bearer(none) if none.is_empty() => writeln!(text, "  - call: {start}"),
        Voice::Bearer(bearer) => {
            let bearer = names.put(bearer);
            let headers = format!("{{Authorization: \"Bearer {bearer}\"}}");
            writeln!(text, "  - call: {start}\n    headers: {headers}")
        }
    };
    if let Some(body) = &told.body {
        let _ = writeln!(text, "    body: {}", names.put(&body.to_string()));
    }
    let _ = match &told.rule {
        Some(rule) => writeln!(text, "    expect: {{rule: {rule}}}"),
        None => writeln!(text, "    expect: {{status: 200}}"),
    };
    let mut found = Vec::new();
    names.find(&told.reply.json(), "$", &mut found);
    for (count, (id, path)) in found.into_iter().enumerate() {
        let name = format!("id_{at}_{count}");
        let open = if count == 0 { "    capture:\n" } else { "" };
        let _ = writeln!(text, "{open}      {name}: {path}");
        names.names.insert(id, name);
    }
}

struct Names {
    known: BTreeSet<String>,
    names: BTreeMap<String, String>,
}

impl Names {
    /// Identifiers that a reply shows for the first time, with their paths.
    fn find(&mut self, reply: &Value, path: &str, found: &mut Vec<(String, String)>) {
        match reply {
            Value::String(text) => {
                let is_id = identifiers(&format!("\"{text}\"")).count() == 1;
                if is_id && self.known.insert(text.clone()) {
                    found.push((text.clone(), path.to_owned()));
                }
            }
            Value::Array(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    self.find(row, &format!("{path}[{at}]"), found);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let secret = ["AccessToken", "Session"].contains(&name.as_str());
                    if let Some(text) = value.as_str().filter(|_| secret)
                        && self.known.insert(text.to_owned())
                    {
                        found.push((text.to_owned(), format!("{path}.{name}")));
                    }
                    self.find(value, &format!("{path}.{name}"), found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn put(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (id, name) in &self.names {
            text = text.replace(id, &format!("${{{name}}}"));
        }
        text
    }
}
