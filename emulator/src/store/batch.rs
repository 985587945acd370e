//! The write side: the writes of many calls in one commit.

use redb::{ReadableTable, WriteTransaction};

use super::{StoreError, Table};

/// An open write transaction of the database.
pub struct Batch(WriteTransaction);

impl Batch {
    pub(super) fn new(transaction: WriteTransaction) -> Self {
        Self(transaction)
    }

    pub fn tables(&self) -> Result<Tables<'_>, StoreError> {
        let open = |table: Table| self.0.open_table(table.definition());
        Ok(Tables {
            records: open(Table::Records)?,
            index: open(Table::Index)?,
            links: open(Table::Links)?,
            state: open(Table::State)?,
        })
    }

    /// After this returns, what was written survives a crash.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit()?)
    }
}

type Open<'a> = redb::Table<'a, &'static [u8], &'static [u8]>;

/// A key and its value.
type Pair = (Vec<u8>, Vec<u8>);

/// The open tables of a batch.
pub struct Tables<'a> {
    records: Open<'a>,
    index: Open<'a>,
    links: Open<'a>,
    state: Open<'a>,
}

impl<'a> Tables<'a> {
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.table(table).get(key)?.map(|value| value.value().to_vec()))
    }

    pub fn range(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Vec<Pair>, StoreError> {
        let mut found = Vec::new();
        for entry in self.table(table).range(from..to)? {
            let (key, value) = entry?;
            found.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(found)
    }

    /// Whether any key of a range counts; stops at the first that does.
    pub fn any(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        counts: impl Fn(&[u8]) -> bool,
    ) -> Result<bool, StoreError> {
        for entry in self.table(table).range(from..to)? {
            if counts(entry?.0.value()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn insert(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.table_mut(table).insert(key, value)?;
        Ok(())
    }

    pub fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.table_mut(table).remove(key)?;
        Ok(())
    }

    fn table(&self, table: Table) -> &Open<'a> {
        match table {
            Table::Records => &self.records,
            Table::Index => &self.index,
            Table::Links => &self.links,
            Table::State => &self.state,
        }
    }

    fn table_mut(&mut self, table: Table) -> &mut Open<'a> {
        match table {
            Table::Records => &mut self.records,
            Table::Index => &mut self.index,
            Table::Links => &mut self.links,
            Table::State => &mut self.state,
        }
    }
}
