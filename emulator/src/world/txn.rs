//! One write: it reads, decides and changes records on an overlay, and remembers what it changed.
//!
//! The remembered list is the reply, the feed of sync and the audit trail. If the action refuses,
//! the overlay is dropped and nothing was ever there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZoneDatabase;
use serde_json::{Map, Value};

use super::{
    access::{Access, json},
    caller::Caller,
    counters::Counters,
    sign_in::Lockout,
};
use crate::{
    clock::Clock,
    fault::Fault,
    ids::{Minter, Secret},
    model::{
        Barcode, Day, Inventory, InventoryRoom, Key, Kind, Link, Moment, Record, Scope, Stamp,
    },
    profile::{Policy, Profile},
    refusal::Refusal,
    store::{Overlay, Row, StoreError, Stored},
};

/// A record as a write holds it: the published part, what only the world knows, and its place.
#[derive(Clone, Debug)]
pub struct Held<R: Record> {
    pub wire: R,
    pub facts: R::Facts,
    pub key: Key,
    pub scopes: Vec<Scope>,
}

impl Held<Inventory> {
    /// The item lies in this room; whether that is one of quarantine goes with it (INV-90).
    pub fn put_into(&mut self, room: &Held<InventoryRoom>) {
        self.wire.room_id = room.wire.id;
        self.facts.quarantine_room = room.wire.quarantine;
    }
}

/// One record that a write touched.
#[derive(Debug)]
pub struct Change {
    pub key: Key,
    /// The reply's key for it, where the entity's own name is not it (`Derivative`, `Waste`).
    pub role: Option<&'static str>,
    /// Whether the reply shows it: it has a role, or it is the caller's to see.
    pub shown: bool,
    pub wire: Vec<u8>,
}

/// What a finished write leaves for its reply.
#[derive(Debug, Default)]
pub struct Done {
    /// 0 when nothing was written that takes a number.
    pub transaction: u64,
    pub second: i64,
    pub changes: Vec<Change>,
    /// Reply keys that are no records (`DestroyReason`, `Data`).
    pub extras: Map<String, Value>,
    /// Soft rules that were broken (status `finding`).
    pub findings: Vec<&'static str>,
}

/// What of the mirror has to be read anew after the commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Touched {
    Directory,
    Session(String),
    Clock(Clock),
}

/// What a write has around it and cannot change.
pub struct Around<'w> {
    pub profile: Profile,
    pub access: &'w Access,
    pub minter: &'w Minter,
    pub secret: &'w Secret,
    pub lockout: &'w Lockout,
}

/// One write under way.
pub struct Txn<'w, 't, 'b> {
    pub now: Moment,
    pub caller: Option<Caller>,
    pub around: &'w Around<'w>,
    pub counters: Counters,
    pub done: Done,
    pub touched: Vec<Touched>,
    pub(super) rows: Overlay<'t, 'b>,
    pub(super) postings: usize,
    /// Where in the list of changes a record stands.
    places: BTreeMap<Key, usize>,
    /// The accounts that may never fall below zero and were touched (BAL-04).
    pub(super) inside: BTreeSet<String>,
}

impl<'w, 't, 'b> Txn<'w, 't, 'b> {
    pub fn new(
        rows: Overlay<'t, 'b>,
        around: &'w Around<'w>,
        caller: Option<Caller>,
        counters: Counters,
        now: Moment,
    ) -> Self {
        let done = Done { second: now.second(), ..Done::default() };
        Self {
            now,
            caller,
            around,
            counters,
            done,
            touched: Vec::new(),
            rows,
            postings: 0,
            places: BTreeMap::new(),
            inside: BTreeSet::new(),
        }
    }

    pub fn profile(&self) -> Profile {
        self.around.profile
    }

    /// How far ahead a client's clock may be and still mean now (TIME-07).
    pub fn soon(&self) -> Moment {
        let skew = i64::try_from(self.profile().number("clock.skew_seconds")).unwrap_or_default();
        self.now.plus_seconds(skew)
    }

    /// The legal day of the world's clock (TIME-03).
    pub fn today(&self) -> Day {
        self.day_of(self.now)
    }

    /// The legal day of a moment.
    pub fn day_of(&self, at: Moment) -> Day {
        // The bundled zones, so that no machine's lack of them moves a day.
        let zone = TimeZoneDatabase::bundled().get(&self.profile().text("clock.zone"));
        let zone = zone.unwrap_or_else(|_| unreachable!("the profile names a zone"));
        at.day_in(&zone)
    }

    /// A key of the reply that is no record.
    pub fn say<T: serde::Serialize>(&mut self, key: &str, value: &T) -> Result<(), Fault> {
        let value = serde_json::to_value(value).map_err(broken)?;
        self.done.extras.insert(key.to_owned(), value);
        Ok(())
    }

    /// Checks that the invariants hold and lets the writes into the batch.
    pub fn finish(self) -> Result<(Done, Counters, Vec<Touched>), Fault> {
        if self.profile().is("bal.check", "every_write") {
            self.check_balances()?;
        }
        self.rows.keep()?;
        Ok((self.done, self.counters, self.touched))
    }

    // Records

    pub fn find<R: Record>(&self, key: Key) -> Result<Option<Held<R>>, Fault> {
        let row = self.rows.row(key)?;
        Ok(row.map(|row| held(Stored { key, row })).transpose()?)
    }

    /// A row as it lies in the store.
    pub fn stored_row(&self, key: Key) -> Result<Option<Row>, Fault> {
        Ok(self.rows.row(key)?)
    }

    /// All rows of one item as they lie in the store.
    pub fn stored_custody(&self, number: u64) -> Result<Vec<Row>, Fault> {
        let rows = self.rows.custody(Kind::Inventory, number)?.into_iter();
        Ok(rows.map(|stored| stored.row).collect())
    }

    pub fn list<R: Record>(&self, scope: Scope) -> Result<Vec<Held<R>>, Fault> {
        every(self.rows.list(scope, R::KIND)?)
    }

    /// The records of a kind that belong to another record.
    pub fn linked<R: Record>(&self, to: Kind, number: u64) -> Result<Vec<Held<R>>, Fault> {
        every(self.rows.linked(Link { to, number }, R::KIND)?)
    }

    /// Whether any record of a kind belongs to another record.
    pub fn has_linked(&self, kind: Kind, to: Kind, number: u64) -> Result<bool, Fault> {
        Ok(self.rows.has_linked(Link { to, number }, kind)?)
    }

    /// The published records of a list, of whatever kind.
    pub fn list_wires(&self, scope: Scope, kind: Kind) -> Result<Vec<Value>, Fault> {
        let rows = self.rows.list(scope, kind)?.into_iter();
        Ok(rows.map(|stored| json(&stored.row.wire)).collect::<Result<_, _>>()?)
    }

    /// All rows of one identifier, one for each site on whose books it stands.
    pub fn custody(&self, barcode: Barcode) -> Result<Vec<Held<Inventory>>, Fault> {
        every(self.rows.custody(Kind::Inventory, self.number_of(barcode))?)
    }

    /// An item with its present holder, wherever it is.
    pub fn held_now(&self, barcode: Barcode) -> Result<Option<Held<Inventory>>, Fault> {
        let rows = self.custody(barcode)?.into_iter();
        Ok(rows.min_by_key(|held| held.facts.transferred))
    }

    /// Stores a record, stamped with this write's number, and remembers it for the reply.
    pub fn save<R: Record>(&mut self, held: &mut Held<R>) -> Result<(), Fault> {
        self.save_as(held, None)
    }

    pub fn save_as<R: Record>(
        &mut self,
        held: &mut Held<R>,
        role: Option<&'static str>,
    ) -> Result<(), Fault> {
        let transaction = self.transaction();
        held.wire.stamp(transaction, self.now.second());
        held.wire.settle(&held.facts);
        let wire = serde_json::to_vec(&held.wire).map_err(broken)?;
        let facts = serde_json::to_vec(&held.facts).map_err(broken)?;
        let row = Row {
            wire: wire.clone(),
            scopes: held.scopes.clone(),
            links: held.wire.links(),
            stamp: self.stamp_of(held.key),
            facts,
        };
        self.rows.put(held.key, &row)?;
        let sees = |scope: &Scope| self.caller.as_ref().is_none_or(|caller| caller.sees(*scope));
        let shown = role.is_some() || held.scopes.iter().any(sees);
        self.remember(Change { key: held.key, role, shown, wire });
        Ok(())
    }

    /// Keeps what the world alone knows of a record; the wire shows no change, so it takes no number.
    pub fn keep_facts<R: Record>(&mut self, held: &Held<R>) -> Result<(), Fault> {
        let missing = || Fault::Broken(format!("{:?} was never stored", held.key));
        let mut row = self.rows.row(held.key)?.ok_or_else(missing)?;
        row.facts = serde_json::to_vec(&held.facts).map_err(broken)?;
        Ok(self.rows.put(held.key, &row)?)
    }

    /// Stores a record of the seed world as it was written down.
    pub fn plant_row(&mut self, key: Key, row: Row) -> Result<(), Fault> {
        let row = Row { stamp: self.stamp_of(key), ..row };
        self.rows.put(key, &row)?;
        self.remember(Change { key, role: None, shown: true, wire: row.wire });
        Ok(())
    }

    /// This write's number; the first record that is touched takes it.
    pub fn transaction(&mut self) -> u64 {
        if self.done.transaction == 0 {
            self.counters.transaction += 1;
            self.done.transaction = self.counters.transaction;
        }
        self.done.transaction
    }

    /// The next number of a kind that is counted from 1.
    pub fn next_number(&mut self, kind: Kind) -> u64 {
        self.counters.next(kind)
    }

    fn stamp_of(&mut self, key: Key) -> Stamp {
        let known = self.places.get(&key).copied();
        let place = known.unwrap_or(self.done.changes.len());
        Stamp { transaction: self.transaction(), place: u32::try_from(place).unwrap_or(u32::MAX) }
    }

    fn remember(&mut self, change: Change) {
        match self.places.get(&change.key) {
            Some(place) => {
                let known = &mut self.done.changes[*place];
                let shown = change.shown || known.role.is_some();
                *known = Change { role: change.role.or(known.role), shown, ..change };
            }
            None => {
                self.places.insert(change.key, self.done.changes.len());
                self.done.changes.push(change);
            }
        }
    }

    // Identifiers

    /// Where an identifier is stored: its running number, or, with a leading zero, itself.
    pub fn number_of(&self, barcode: Barcode) -> u64 {
        number_of(self.around.minter, barcode)
    }

    /// A new identifier that nothing in this world ever had (UID-06).
    pub fn mint(&mut self) -> Result<Barcode, Fault> {
        loop {
            let sequence = self.counters.next_sequence();
            if self.rows.state(&brought_key(sequence))?.is_none() {
                return Ok(self.around.minter.mint(sequence));
            }
        }
    }

    /// Whether nothing in this world ever had an identifier.
    pub fn is_free(&self, barcode: Barcode) -> Result<bool, Fault> {
        let number = self.number_of(barcode);
        let minted = number < self.counters.sequence();
        Ok(!minted && self.rows.state(&brought_key(number))?.is_none())
    }

    /// Takes an identifier that a client brought, for good.
    pub fn claim(&mut self, barcode: Barcode) {
        let key = brought_key(self.number_of(barcode));
        self.rows.set_state(&key, Vec::new());
    }

    // State beside the records

    pub fn state<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Fault> {
        Ok(self.rows.state(key)?.map(|bytes| json(&bytes)).transpose()?)
    }

    pub fn set_state<T: serde::Serialize>(&mut self, key: &str, value: &T) -> Result<(), Fault> {
        self.rows.set_state(key, serde_json::to_vec(value).map_err(broken)?);
        Ok(())
    }

    /// Everything that is kept under a prefix.
    pub fn states<T: serde::de::DeserializeOwned>(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, T)>, Fault> {
        let found = self.rows.states(prefix)?.into_iter();
        Ok(found.map(|(key, bytes)| Ok((key, json(&bytes)?))).collect::<Result<_, StoreError>>()?)
    }

    // Soft rules

    /// Applies a soft rule by its knob: refuses, notes a finding, or lets it pass.
    pub fn soften(&mut self, knob: &str, refusal: Refusal) -> Result<(), Refusal> {
        self.apply(self.profile().policy(knob), refusal)
    }

    pub fn apply(&mut self, policy: Policy, refusal: Refusal) -> Result<(), Refusal> {
        match policy {
            Policy::Refuse => return Err(refusal),
            Policy::Finding => self.note(refusal.rule),
            Policy::Off => {}
        }
        Ok(())
    }

    /// Notes a soft rule that was broken, for the tester.
    pub fn note(&mut self, rule: &'static str) {
        if !self.done.findings.contains(&rule) {
            self.done.findings.push(rule);
        }
    }
}

pub fn number_of(minter: &Minter, barcode: Barcode) -> u64 {
    minter.sequence(barcode).unwrap_or(1 << 63 | barcode.number())
}

fn brought_key(number: u64) -> String {
    format!("brought/{number:020}")
}

fn held<R: Record>(stored: Stored) -> Result<Held<R>, StoreError> {
    let Stored { key, row } = stored;
    Ok(Held { wire: json(&row.wire)?, facts: json(&row.facts)?, key, scopes: row.scopes })
}

fn every<R: Record>(stored: Vec<Stored>) -> Result<Vec<Held<R>>, Fault> {
    Ok(stored.into_iter().map(held).collect::<Result<_, _>>()?)
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Broken(error.to_string())
}
