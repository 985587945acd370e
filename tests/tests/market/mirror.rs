//! What a party knows that only polls: `/v1/sync`, and the lists that grew, from its last number on
//! (rulebook 16.4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tagtrail_tests::{
    ensure,
    pages::{Listed, list},
    verdict::{Verdict, same},
    wire::Client,
};

use crate::{
    cast::Party,
    kind::{Key, Kind, each},
};

#[derive(Default)]
pub(crate) struct Mirror {
    pub(crate) rows: BTreeMap<Key, Value>,
    bounds: BTreeMap<Kind, u64>,
    /// What sync showed last, per kind; of laboratories also for what no route lists to them.
    shown: BTreeMap<Kind, u64>,
}

/// A row that a poll brought.
pub(crate) struct News {
    pub(crate) party: usize,
    pub(crate) key: Key,
    pub(crate) before: Option<Value>,
}

impl Mirror {
    /// Polls what grew. Everything that is new carries the number of the last write (BAL-29).
    pub(crate) fn poll(
        &mut self,
        client: &mut Client,
        (at, party): (usize, &Party),
        now: u64,
        news: &mut Vec<News>,
    ) -> Verdict {
        let sync = client.call_with(&party.bearer, "GET /v1/sync", None).json()["Sync"].take();
        for kind in Kind::ALL {
            let number = sync[kind.sync()].as_u64().unwrap_or_default();
            let known = self.shown.insert(*kind, number).unwrap_or_default();
            ensure!(number <= now, "{} is {number} after write {now}", kind.sync());
            let Some(path) = party.path(*kind) else { continue };
            if number > known || number == now && known != now {
                let bound = self.bounds.get(kind).copied().unwrap_or_default();
                let Listed { rows, next } = list(client, &party.bearer, path, bound, 1_000)?;
                ensure!(next == now + 1, "{path}: the next bound is {next} after write {now}");
                self.bounds.insert(*kind, next);
                for wire in rows {
                    let key = Key::of(*kind, &wire);
                    let carried = wire["TransactionID"].as_u64().unwrap_or_default();
                    ensure!(
                        bound == 0 || carried == now,
                        "{}: a poll of {} after write {now} brings {wire}",
                        "BAL-29",
                        party.id
                    );
                    let before = self.rows.insert(key.clone(), wire);
                    news.push(News { party: at, key, before });
                }
            }
        }
        Ok(())
    }

    /// The number of each kind is the highest among its rows (BAL-30). Where it is lower, rows are no
    /// longer shown: the kind is listed anew, and what vanished is returned.
    pub(crate) fn forget(&mut self, client: &mut Client, party: &Party) -> Verdict<Vec<Key>> {
        let mut vanished = Vec::new();
        for kind in Kind::ALL {
            let Some(path) = party.path(*kind) else { continue };
            let number = self.shown.get(kind).copied().unwrap_or_default();
            if self.highest(*kind) > number {
                let listed = list(client, &party.bearer, path, 0, 1_000)?.rows;
                let listed: BTreeSet<Key> = listed.iter().map(|row| Key::of(*kind, row)).collect();
                let gone = self.all(*kind).filter(|(key, _)| !listed.contains(*key));
                vanished.extend(gone.map(|(key, _)| key.clone()));
                self.rows.retain(|key, _| key.kind != *kind || listed.contains(key));
            }
            let highest = self.highest(*kind);
            ensure!(
                highest == number,
                "{}: sync shows {} {number} to {}, its rows {highest}",
                "BAL-30",
                kind.sync(),
                party.id
            );
        }
        Ok(vanished)
    }

    fn highest(&self, kind: Kind) -> u64 {
        let numbers = self.all(kind).filter_map(|(_, row)| row["TransactionID"].as_u64());
        numbers.max().unwrap_or_default()
    }

    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Value)> {
        let first = Key { kind, id: String::new(), site: String::new() };
        self.rows.range(first..).take_while(move |(key, _)| key.kind == kind)
    }

    /// The whole lists say what the polls said; `gone` names rows that may be known though they are no
    /// longer listed.
    pub(crate) fn check(
        &self,
        client: &mut Client,
        party: &Party,
        limit: usize,
        gone: impl Fn(&Key) -> bool,
    ) -> Verdict<Vec<(Key, Value)>> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let Some(path) = party.path(*kind) else { continue };
            let mut listed = BTreeMap::new();
            for wire in list(client, &party.bearer, path, 0, limit)?.rows {
                let key = Key::of(*kind, &wire);
                let known = self.rows.get(&key);
                let known =
                    known.ok_or_else(|| format!("no poll of {} brought {wire}", party.id))?;
                same(&(&party.id, &key), &bare(*kind, known), &bare(*kind, &wire))?;
                all.push((key.clone(), wire));
                ensure!(listed.insert(key, ()).is_none(), "{path} lists a row twice");
            }
            let missing = self.all(*kind).find(|(key, _)| !listed.contains_key(*key) && !gone(key));
            ensure!(missing.is_none(), "{} no longer sees {missing:?}", party.id);
        }
        Ok(all)
    }
}

/// A row without what it only shows of other records (SYNC-23).
pub(crate) fn bare(kind: Kind, wire: &Value) -> Value {
    let mut wire = wire.clone();
    if kind == Kind::Transfer {
        wire["Invoice"] = Value::Null;
        let lines = each(&wire["Item"]).count();
        for line in 0..lines {
            wire["Item"][line]["Inventory"] = Value::Null;
        }
    }
    if kind == Kind::Manifest {
        let stops = each(&wire["Stop"]).count();
        for stop in 0..stops {
            wire["Stop"][stop]["Invoice"] = Value::Null;
        }
    }
    wire
}
