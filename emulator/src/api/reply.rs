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
            rows: done.changes.into_iter().map(row).collect(),
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
        let mut out = Vec::with_capacity(size + 128);
        self.write(&mut out, "", &route.response);
        out
    }

    fn write(&self, out: &mut Vec<u8>, key: &str, shape: &Shape) {
        match shape {
            Shape::Null => out.extend(b"null"),
            Shape::Scalar(kind) => self.write_scalar(out, key, *kind),
            Shape::Entity(entity) => match self.of(key, entity).next() {
                Some(row) => out.extend(&row.wire),
                None => self.write_extra(out, key, b"null"),
            },
            Shape::List(inner) => self.write_list(out, key, inner),
            Shape::Object(_) if self.extras.contains_key(key) => self.write_extra(out, key, b"{}"),
            Shape::Object(fields) => {
                out.push(b'{');
                for (index, (key, shape)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    out.push(b'"');
                    out.extend(key.as_bytes());
                    out.extend(b"\":");
                    self.write(out, key, shape);
                }
                out.push(b'}');
            }
        }
    }

    fn write_list(&self, out: &mut Vec<u8>, key: &str, inner: &Shape) {
        let rows = if let Shape::Entity(entity) = inner { Some(entity) } else { None };
        let Some(entity) = rows.filter(|_| !self.extras.contains_key(key)) else {
            return self.write_extra(out, key, b"[]");
        };
        out.push(b'[');
        for (index, row) in self.of(key, entity).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend(&row.wire);
        }
        out.push(b']');
    }

    /// The rows of a key: those that say so, else those of its entity that say nothing.
    fn of<'a>(&'a self, key: &'a str, entity: &'a str) -> impl Iterator<Item = &'a ReplyRow> {
        let named = self.rows.iter().any(|row| row.role == Some(key));
        self.rows.iter().filter(move |row| match row.role {
            Some(role) => role == key,
            None => !named && row.entity == entity,
        })
    }

    fn write_scalar(&self, out: &mut Vec<u8>, key: &str, kind: ScalarKind) {
        let number = match key.to_ascii_lowercase().as_str() {
            "transactionid" => self.transaction,
            "sessiontime" => self.second.unsigned_abs(),
            "nextcursor" => self.next_cursor,
            "nexttransactionid" => self.next_transaction,
            "limit" => self.limit as u64,
            _ => return self.write_extra(out, key, zero(kind)),
        };
        // Some routes publish the second as text.
        let quote = matches!(kind, ScalarKind::String).then_some(b'"');
        out.extend(quote);
        out.extend(number.to_string().as_bytes());
        out.extend(quote);
    }

    fn write_extra(&self, out: &mut Vec<u8>, key: &str, otherwise: &[u8]) {
        match self.extras.get(key) {
            Some(value) => out.extend(value.to_string().as_bytes()),
            None => out.extend(otherwise),
        }
    }
}

fn has_key(shape: &Shape, role: &str) -> bool {
    matches!(shape, Shape::Object(fields)
        if fields.iter().any(|(key, shape)| key == role || has_key(shape, role)))
}

fn zero(kind: ScalarKind) -> &'static [u8] {
    match kind {
        ScalarKind::Integer => b"0",
        ScalarKind::String => b"\"\"",
        ScalarKind::Boolean => b"false",
    }
}
