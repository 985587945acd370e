//! A client that only polls, and the closing audit.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    conserve,
    dice::Dice,
    judge::{Verdict, check_sync, ensure, same},
    kind::{Key, Kind},
    model::{COMPANIES, Model},
    wire::Client,
};

/// A whole list, page by page.
pub(crate) struct Listed {
    pub(crate) rows: Vec<Value>,
    /// The bound for the next poll.
    next: u64,
}

pub(crate) fn list(
    client: &mut Client,
    ubi: &'static str,
    kind: Kind,
    from: u64,
    limit: usize,
) -> Verdict<Listed> {
    let mut rows: Vec<Value> = Vec::new();
    let mut cursor = 0;
    loop {
        let path = kind.path();
        let start = format!("GET {path}?TransactionID={from}&Limit={limit}&Cursor={cursor}");
        let reply = client.call(ubi, &start, None);
        ensure!(reply.status == 200, "{start}: {reply:?}");
        let reply = reply.json();
        let page = reply.as_object().into_iter().flatten().find_map(|(_, it)| it.as_array());
        let page = page.cloned().unwrap_or_default();
        ensure!(page.len() <= limit, "{start}: {} rows", page.len());
        rows.extend(page);
        let next = &reply["NextCursor"];
        let next = if next.is_null() { &reply["nextCursor"] } else { next };
        cursor = next.as_u64().ok_or_else(|| format!("{start}: no cursor"))?;
        if cursor == 0 {
            let number = |row: &Value| row["TransactionID"].as_u64().unwrap_or_default();
            ensure!(rows.is_sorted_by_key(number), "{start}: rows out of order");
            let next = reply["NextTransactionID"].as_u64().unwrap_or_default();
            return Ok(Listed { rows, next });
        }
    }
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
