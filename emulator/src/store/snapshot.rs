//! The read side: one consistent view of a world, which never waits for the writer.

use redb::{AccessGuard, Range, ReadOnlyTable, ReadTransaction};

use super::{
    Row, StoreError, Table, View,
    key::{index_key, link_prefix, link_prefix_of, stamp_of_index_key},
};
use crate::model::{Key, Kind, Link, Scope, Stamp};

type Open = ReadOnlyTable<&'static [u8], &'static [u8]>;
type Entry = Result<(Vec<u8>, Vec<u8>), StoreError>;

/// A world as it was at one commit.
pub struct Snapshot {
    records: Open,
    index: Open,
    links: Open,
    state: Open,
}

impl Snapshot {
    pub(super) fn open(transaction: &ReadTransaction) -> Result<Self, StoreError> {
        let open = |table: Table| transaction.open_table(table.definition());
        Ok(Self {
            records: open(Table::Records)?,
            index: open(Table::Index)?,
            links: open(Table::Links)?,
            state: open(Table::State)?,
        })
    }

    /// Hands the stored row to `read`, uncopied.
    pub fn view<T>(
        &self,
        key: Key,
        read: impl FnOnce(View<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let Some(guard) = self.records.get(&key.to_bytes()[..])? else { return Ok(None) };
        let view =
            View::of_bytes(guard.value()).ok_or(StoreError::Unreadable(key.kind.entity()))?;
        Ok(Some(read(view)))
    }

    pub fn row(&self, key: Key) -> Result<Option<Row>, StoreError> {
        let Some(guard) = self.records.get(&key.to_bytes()[..])? else { return Ok(None) };
        let row = Row::of_bytes(guard.value());
        row.ok_or(StoreError::Unreadable(key.kind.entity())).map(Some)
    }

    /// The list of one kind in one scope, from a place on.
    pub fn rows(&self, scope: Scope, kind: Kind, from: Stamp) -> Result<Rows, StoreError> {
        let first = index_key(scope, kind, from);
        let last = index_key(scope, kind, Stamp { transaction: u64::MAX, place: u32::MAX });
        Ok(Rows(self.index.range::<&[u8]>(&first[..]..=&last[..])?))
    }

    /// The rows of one number, one for each site on whose books it stands.
    pub fn custody(&self, kind: Kind, number: u64) -> Result<Vec<Row>, StoreError> {
        let first = Key::new(kind, number);
        let last = Key { site: u32::MAX, ..first };
        let rows = self.records.range::<&[u8]>(&first.to_bytes()[..]..=&last.to_bytes()[..])?;
        rows.map(|entry| {
            let row = Row::of_bytes(entry?.1.value());
            row.ok_or(StoreError::Unreadable(kind.entity()))
        })
        .collect()
    }

    /// The rows of one kind that link to something.
    pub fn linked(&self, link: Link, kind: Kind) -> Result<Vec<Row>, StoreError> {
        let first = link_prefix_of(link, kind);
        let last = [&first[..], &[0xFF; Key::LEN]].concat();
        let behind = link_prefix(link).len();
        let mut found = Vec::new();
        for entry in self.links.range::<&[u8]>(&first[..]..=&last[..])? {
            let (place, _) = entry?;
            let key = Key::of_bytes(&place.value()[behind..]);
            let key = key.ok_or(StoreError::Unreadable("key"))?;
            found.push(self.row(key)?.ok_or(StoreError::Unreadable("link"))?);
        }
        Ok(found)
    }

    /// The highest transaction in a scope's list of one kind, 0 without rows.
    pub fn highest(&self, scope: Scope, kind: Kind) -> Result<u64, StoreError> {
        let newest = self.rows(scope, kind, Stamp::default())?.0.next_back().transpose()?;
        Ok(newest.map_or(0, |(key, _)| stamp_of_index_key(key.value()).transaction))
    }

    pub fn state(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state.get(key.as_bytes())?.map(|value| value.value().to_vec()))
    }

    pub fn states(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let end = [prefix.as_bytes(), &[0xFF]].concat();
        let range = self.state.range::<&[u8]>(prefix.as_bytes()..&end[..])?;
        let named = |(key, value): (AccessGuard<'_, &[u8]>, AccessGuard<'_, &[u8]>)| {
            (String::from_utf8_lossy(key.value()).into_owned(), value.value().to_vec())
        };
        range.map(|entry| Ok(named(entry?))).collect()
    }

    /// Every entry of a table, in order.
    pub fn all(&self, table: Table) -> Result<impl Iterator<Item = Entry> + use<>, StoreError> {
        let open = match table {
            Table::Records => &self.records,
            Table::Index => &self.index,
            Table::Links => &self.links,
            Table::State => &self.state,
        };
        let entries = open.range::<&[u8]>(..)?;
        Ok(entries.map(|entry| {
            let (key, value) = entry?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        }))
    }
}

/// A list being read: keys with their stamps, oldest change first.
pub struct Rows(Range<'static, &'static [u8], &'static [u8]>);

impl Iterator for Rows {
    type Item = Result<(Stamp, Key), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.0.next()?;
        Some(entry.map_err(StoreError::from).and_then(|(place, key)| {
            let key = Key::of_bytes(key.value()).ok_or(StoreError::Unreadable("key"))?;
            Ok((stamp_of_index_key(place.value()), key))
        }))
    }
}
