//! What a call has to say, and how the published shape of its route says it.
//!
//! One encoder for all routes: it walks the shape and splices stored bytes into it. A spelling quirk
//! of the interface is a key of the shape, never code.

use serde_json::{Map, Value};
use tagtrail_schemas::{Route, ScalarKind, Shape};

use crate::world::txn::{Change, Done};

/// The records and figures of one reply.
#[derive(Debug, Default)]
pub struct Reply {
    pub rows: Vec<ReplyRow>,
    pub transaction: u64,
    pub second: i64,
    pub next_cursor: u64,
    pub next_transaction: u64,
    pub limit: usize,
    /// Keys that are neither records nor figures of the receipt.
    pub extras: Map<String, Value>,
}

/// One record's published bytes, and under which key it stands.
#[derive(Debug)]
pub struct ReplyRow {
    pub entity: &'static str,
    pub role: Option<&'static str>,
    pub wire: Vec<u8>,
}

impl From<Done> for Reply {
    fn from(done: Done) -> Self {
        let row = |change: Change| ReplyRow {
            entity: change.key.kind.entity(),
            role: change.role,
            wire: change.wire,
        };
        Self {
            rows: done.changes.into_iter().filter(|change| change.shown).map(row).collect(),
            transaction: done.transaction,
            second: done.second,
            // A write that answers like a list is its own last page.
            next_transaction: done.transaction + 1,
            extras: done.extras,
            ..Self::default()
        }
    }
}

impl Reply {
    pub fn encode(&self, route: &Route) -> Vec<u8> {
        debug_assert!(
            self.rows.iter().all(|row| row.role.is_none_or(|role| has_key(&route.response, role))),
            "a role is a key of the reply"
        );
        let size: usize = self.rows.iter().map(|row| row.wire.len() + 1).sum();
        let mut encoder = Encoder { reply: self, route, out: Vec::with_capacity(size + 128) };
        encoder.write("", &route.response);
        encoder.out
    }

    /// The rows of a key: those that say so, else those of its entity that say nothing; inside of an
    /// object that has rows of its own (`RejectedData.Inventory`) only those that say so.
    fn of<'a>(&'a self, key: &'a str, entity: &'a str) -> impl Iterator<Item = &'a ReplyRow> {
        let named = key.contains('.') || self.rows.iter().any(|row| row.role == Some(key));
        self.rows.iter().filter(move |row| match row.role {
            Some(role) => role == key,
            None => !named && row.entity == entity,
        })
    }

    fn has_rows_in(&self, key: &str) -> bool {
        let mut roles = self.rows.iter().filter_map(|row| row.role);
        roles.any(|role| role.split_once('.').is_some_and(|(outer, _)| outer == key))
    }
}

/// A reply being written in the shape of its route.
struct Encoder<'a> {
    reply: &'a Reply,
    route: &'a Route,
    out: Vec<u8>,
}

impl Encoder<'_> {
    fn write(&mut self, key: &str, shape: &Shape) {
        match shape {
            Shape::Null => self.out.extend(b"null"),
            Shape::Scalar(kind) => self.write_scalar(key, *kind),
            Shape::Entity(entity) => match self.reply.of(key, entity).next() {
                Some(row) => self.out.extend(&row.wire),
                None => self.write_extra(key, b"null"),
            },
            Shape::List(inner) => self.write_list(key, inner),
            Shape::Object(_) if self.reply.extras.contains_key(key) => {
                self.write_extra(key, b"{}");
            }
            Shape::Object(fields) if self.may_be_null(key) => {
                if self.reply.has_rows_in(key) {
                    self.write_object(&format!("{key}."), fields);
                } else {
                    self.out.extend(b"null");
                }
            }
            Shape::Object(fields) => self.write_object("", fields),
        }
    }

    fn may_be_null(&self, key: &str) -> bool {
        self.route.nullable.iter().any(|known| known == key)
    }

    fn write_object(&mut self, inside: &str, fields: &[(String, Shape)]) {
        self.out.push(b'{');
        for (index, (name, shape)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.push(b'"');
            self.out.extend(name.as_bytes());
            self.out.extend(b"\":");
            if inside.is_empty() {
                self.write(name, shape);
            } else {
                self.write(&format!("{inside}{name}"), shape);
            }
        }
        self.out.push(b'}');
    }

    fn write_list(&mut self, key: &str, inner: &Shape) {
        let known = self.reply.extras.contains_key(key);
        match inner {
            Shape::Entity(entity) if !known => {
                self.out.push(b'[');
                for (index, row) in self.reply.of(key, entity).enumerate() {
                    if index > 0 {
                        self.out.push(b',');
                    }
                    self.out.extend(&row.wire);
                }
                self.out.push(b']');
            }
            // A laboratory's receipt has a list for the one object of what goes back (XFER-75).
            Shape::Object(fields) if !known => {
                self.out.push(b'[');
                self.write_object(&format!("{key}."), fields);
                self.out.push(b']');
            }
            Shape::Null
            | Shape::Scalar(_)
            | Shape::List(_)
            | Shape::Entity(_)
            | Shape::Object(_) => self.write_extra(key, b"[]"),
        }
    }

    fn write_scalar(&mut self, key: &str, kind: ScalarKind) {
        let name = key.rsplit('.').next().unwrap_or_default();
        let number = match name.to_ascii_lowercase().as_str() {
            "transactionid" => self.reply.transaction,
            "sessiontime" => self.reply.second.unsigned_abs(),
            "nextcursor" => self.reply.next_cursor,
            "nexttransactionid" => self.reply.next_transaction,
            "limit" => self.reply.limit as u64,
            _ => return self.write_extra(key, zero(kind)),
        };
        // Some routes publish the second as text.
        let quote = matches!(kind, ScalarKind::String).then_some(b'"');
        self.out.extend(quote);
        self.out.extend(number.to_string().as_bytes());
        self.out.extend(quote);
    }

    fn write_extra(&mut self, key: &str, otherwise: &[u8]) {
        match self.reply.extras.get(key) {
            Some(value) => self.out.extend(value.to_string().as_bytes()),
            None => self.out.extend(otherwise),
        }
    }
}

fn has_key(shape: &Shape, role: &str) -> bool {
    let (head, rest) = role.split_once('.').unwrap_or((role, ""));
    match shape {
        Shape::Object(fields) => fields.iter().any(|(key, inner)| {
            let named = key == head && (rest.is_empty() || has_key(inner, rest));
            named || has_key(inner, role)
        }),
        Shape::List(inner) => has_key(inner, role),
        Shape::Null | Shape::Scalar(_) | Shape::Entity(_) => false,
    }
}

fn zero(kind: ScalarKind) -> &'static [u8] {
    match kind {
        ScalarKind::Integer => b"0",
        ScalarKind::String => b"\"\"",
        ScalarKind::Boolean => b"false",
    }
}
