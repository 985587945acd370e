//! A client that only polls, and the closing audit.

use std::collections::BTreeMap;

use serde_json::Value;
use tagtrail_tests::{
    dice::Dice,
    ensure,
    pages::{self, Listed},
    verdict::{Verdict, same},
    wire::{Client, token},
};

use crate::{
    conserve,
    judge::check_sync,
    kind::{Key, Kind},
    model::{COMPANIES, Model},
};

/// A whole list of a company.
pub(crate) fn list(
    client: &mut Client,
    ubi: &str,
    kind: Kind,
    from: u64,
    limit: usize,
) -> Verdict<Listed> {
    pages::list(client, &token(ubi), kind.path(), from, limit)
}

/// What a client knows that only polls, from its last bound.
#[derive(Default)]
pub(crate) struct Replica {
    rows: BTreeMap<Key, Value>,
    bounds: BTreeMap<(&'static str, Kind), u64>,
}

impl Replica {
    /// Polls a company's kind and then knows what the model knows.
    pub(crate) fn poll(
        &mut self,
        client: &mut Client,
        model: &Model,
        (ubi, kind): (&'static str, Kind),
        dice: &mut Dice,
    ) -> Verdict {
        let bound = self.bounds.entry((ubi, kind)).or_default();
        let listed = list(client, ubi, kind, *bound, 1 + dice.below(30))?;
        ensure!(listed.next == model.transaction + 1, "{kind:?}: next bound {}", listed.next);
        *bound = listed.next;
        let mut twice = BTreeMap::new();
        for wire in listed.rows {
            let key = Key::of(kind, &wire);
            ensure!(twice.insert(key.clone(), ()).is_none(), "{key:?} is listed twice");
            self.rows.insert(key, wire);
        }
        let mut count = 0;
        for (key, row) in model.of(ubi, kind) {
            count += 1;
            let known = self.rows.get(key).ok_or_else(|| format!("{key:?} was never listed"))?;
            same(key, &row.wire, known)?;
        }
        let own = |key: &Key| model.rows.get(key).is_none_or(|row| row.ubi == ubi);
        let listed = self.rows.keys().filter(|key| key.kind == kind && own(key)).count();
        ensure!(listed == count, "{kind:?} of {ubi}: {listed} rows listed, {count} in the model");
        Ok(())
    }
}

/// Everything is listed from the start, in small pages; sync agrees.
pub(crate) fn audit(
    client: &mut Client,
    model: &Model,
    replica: &mut Replica,
    dice: &mut Dice,
) -> Verdict {
    let mut fresh = Replica::default();
    for ubi in COMPANIES {
        for kind in Kind::ALL {
            replica.poll(client, model, (ubi, *kind), dice)?;
            fresh.poll(client, model, (ubi, *kind), dice)?;
        }
        check_sync(client, model, ubi)?;
    }
    conserve::check_lineage(model)
}
