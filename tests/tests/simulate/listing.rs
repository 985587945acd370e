//! Tells a run as a scenario file.
//!
//! Another world mints other identifiers, so those that a reply brought are captured and named.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::Value;

use crate::{
    model::{WORLD, identifiers},
    wire::{Reply, START},
};

/// A call as it was made; without a company it went to the control plane.
pub(crate) struct Told {
    pub(crate) ubi: Option<&'static str>,
    pub(crate) start: String,
    pub(crate) body: Option<Value>,
    /// The rule that should refuse it.
    pub(crate) rule: Option<&'static str>,
    pub(crate) reply: Reply,
}

pub(crate) fn scenario(told: &[Told], difference: &str) -> String {
    let world: Value = serde_json::from_str(WORLD).unwrap();
    let mut text = format!(
        "claim: A random call comes out as the model says\nneeds: [control]\nseed: 1\n\
         clock: \"{START}\"\nroles:\n"
    );
    let companies: BTreeSet<&str> = told.iter().filter_map(|it| it.ubi).collect();
    for ubi in companies {
        let users = world["Users"].as_array().into_iter().flatten();
        let admin = users.filter(|user| user["UBI"] == ubi).find(|user| user["Admin"] == true);
        let name = admin.map(|user| user["Username"].to_string()).unwrap_or_default();
        let _ = writeln!(text, "  admin of {ubi}: {{user: {name}, ubi: \"{ubi}\"}}");
    }
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
    let _ = match told.ubi {
        Some(ubi) => writeln!(text, "  - as: admin of {ubi}\n    call: {}", names.put(&told.start)),
        None => writeln!(text, "  - control: {}", told.start),
    };
    if let Some(body) = &told.body {
        let _ = writeln!(text, "    body: {}", names.put(&body.to_string()));
    }
    let _ = match told.rule {
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
