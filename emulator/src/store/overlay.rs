//! The writes of one call, held back until the call has succeeded: a failed action leaves nothing.

use std::collections::BTreeMap;

use super::{
    Row, StoreError, Stored, Table,
    batch::Tables,
    key::{index_key, link_key, link_prefix, link_prefix_of},
};
use crate::model::{Key, Kind, Link, Scope};

type Pending = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// A view of the batch with one call's own writes on top.
pub struct Overlay<'t, 'b> {
    base: &'t mut Tables<'b>,
    pending: Pending,
}

impl<'t, 'b> Overlay<'t, 'b> {
    pub fn new(base: &'t mut Tables<'b>) -> Self {
        Self { base, pending: Pending::new() }
    }

    /// Lets the call's writes into the batch.
    pub fn keep(self) -> Result<(), StoreError> {
        for ((table, key), value) in self.pending {
            match value {
                Some(value) => self.base.insert(table, &key, &value)?,
                None => self.base.remove(table, &key)?,
            }
        }
        Ok(())
    }

    pub fn row(&self, key: Key) -> Result<Option<Row>, StoreError> {
        let bytes = self.get(Table::Records, &key.to_bytes())?;
        bytes.map(|bytes| read(key.kind, &bytes)).transpose()
    }

    /// Writes a row and keeps lists and links in step with it.
    pub fn put(&mut self, key: Key, row: &Row) -> Result<(), StoreError> {
        let mut links = Vec::new();
        if let Some(old) = self.row(key)? {
            for scope in old.scopes {
                self.remove(Table::Index, index_key(scope, key.kind, old.stamp).to_vec());
            }
            links = old.links;
        }
        for scope in &row.scopes {
            let place = index_key(*scope, key.kind, row.stamp).to_vec();
            self.insert(Table::Index, place, key.to_bytes().to_vec());
        }
        // Most writes leave them as they are.
        if links != row.links {
            for link in links {
                self.remove(Table::Links, link_key(link, key));
            }
            for link in &row.links {
                self.insert(Table::Links, link_key(*link, key), Vec::new());
            }
        }
        self.insert(Table::Records, key.to_bytes().to_vec(), row.to_bytes());
        Ok(())
    }

    /// The rows of one kind in one scope, oldest change first.
    pub fn list(&self, scope: Scope, kind: Kind) -> Result<Vec<Stored>, StoreError> {
        let from = index_key(scope, kind, Default::default());
        let keys = self.range(Table::Index, &from[..5])?.into_values();
        self.stored(keys)
    }

    /// The rows of one kind that link to something.
    pub fn linked(&self, link: Link, kind: Kind) -> Result<Vec<Stored>, StoreError> {
        let keys = self.range(Table::Links, &link_prefix_of(link, kind))?.into_keys();
        let behind = link_prefix(link).len();
        self.stored(keys.map(|key| key[behind..].to_vec()))
    }

    /// Whether any row of one kind links to something; a look, not a walk.
    pub fn has_linked(&self, link: Link, kind: Kind) -> Result<bool, StoreError> {
        let prefix = link_prefix_of(link, kind);
        let (from, to) = (prefix.to_vec(), [&prefix[..], &[0xFF; Key::LEN]].concat());
        let mut own = self.pending.range((Table::Links, from.clone())..(Table::Links, to.clone()));
        if own.any(|(_, value)| value.is_some()) {
            return Ok(true);
        }
        let removed = |key: &[u8]| self.pending.contains_key(&(Table::Links, key.to_vec()));
        self.base.any(Table::Links, &from, &to, |key| !removed(key))
    }

    /// The rows of one number, one for each site on whose books it stands.
    pub fn custody(&self, kind: Kind, number: u64) -> Result<Vec<Stored>, StoreError> {
        let keys = self.range(Table::Records, &Key::new(kind, number).to_bytes()[..9])?.into_keys();
        self.stored(keys)
    }

    pub fn state(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(Table::State, key.as_bytes())
    }

    pub fn set_state(&mut self, key: &str, value: Vec<u8>) {
        self.insert(Table::State, key.as_bytes().to_vec(), value);
    }

    pub fn states(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let found = self.range(Table::State, prefix.as_bytes())?.into_iter();
        Ok(found.map(|(key, value)| (String::from_utf8_lossy(&key).into_owned(), value)).collect())
    }

    fn stored(&self, keys: impl Iterator<Item = Vec<u8>>) -> Result<Vec<Stored>, StoreError> {
        keys.map(|bytes| {
            let key = Key::of_bytes(&bytes).ok_or(StoreError::Unreadable("key"))?;
            let row = self.row(key)?.ok_or(StoreError::Unreadable("list"))?;
            Ok(Stored { key, row })
        })
        .collect()
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.pending.get(&(table, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => self.base.get(table, key),
        }
    }

    fn range(&self, table: Table, prefix: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, StoreError> {
        let end = [prefix, &[0xFF; Key::LEN + 4]].concat();
        let mut found: BTreeMap<_, _> = self.base.range(table, prefix, &end)?.into_iter().collect();
        for ((_, key), value) in self.pending.range((table, prefix.to_vec())..(table, end)) {
            match value {
                Some(value) => found.insert(key.clone(), value.clone()),
                None => found.remove(key),
            };
        }
        Ok(found)
    }

    fn insert(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.pending.insert((table, key), Some(value));
    }

    fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.pending.insert((table, key), None);
    }
}

fn read(kind: Kind, bytes: &[u8]) -> Result<Row, StoreError> {
    Row::of_bytes(bytes).ok_or(StoreError::Unreadable(kind.entity()))
}
