//! A world on disk, or in memory: four ordered tables of one redb database. Nothing else knows redb.

mod batch;
mod key;
mod overlay;
mod row;
mod snapshot;

use std::{fs, path::Path, sync::Arc};

use redb::{
    Database, ReadableDatabase, ReadableTableMetadata, TableDefinition, TableError,
    backends::InMemoryBackend,
};

pub use batch::{Batch, Tables};
pub use overlay::Overlay;
pub use row::{Row, Stored, View};
pub use snapshot::{Rows, Snapshot};

/// The layout that this version writes. A store with another number is refused.
pub const VERSION: u64 = 3;

const CACHE_BYTES: usize = 16 << 20;
/// With more records than these every commit pays for one more sync, so that the file opens at once
/// after a crash instead of being walked through.
const LARGE: u64 = 100_000;

type Bytes = &'static [u8];

const RECORDS: TableDefinition<Bytes, Bytes> = TableDefinition::new("records");
const INDEX: TableDefinition<Bytes, Bytes> = TableDefinition::new("index");
const LINKS: TableDefinition<Bytes, Bytes> = TableDefinition::new("links");
const STATE: TableDefinition<Bytes, Bytes> = TableDefinition::new("state");

/// The tables by name, for code that treats them alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Table {
    /// Key → row.
    Records,
    /// Scope, kind and stamp → key: every list, every page, and sync.
    Index,
    /// What is linked to, and what links → nothing.
    Links,
    /// Everything that is no record: counters, clock, sessions, consents, balances, postings.
    State,
}

impl Table {
    const ALL: [Self; 4] = [Self::Records, Self::Index, Self::Links, Self::State];

    fn definition(self) -> TableDefinition<'static, Bytes, Bytes> {
        match self {
            Self::Records => RECORDS,
            Self::Index => INDEX,
            Self::Links => LINKS,
            Self::State => STATE,
        }
    }
}

/// The disk or our own bytes are broken.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Database(#[from] redb::Error),
    #[error("cannot open {path}: {reason}")]
    Open { path: String, reason: String },
    #[error(
        "{path} was written by another tagtrail (store version {found}, this one reads {VERSION}); \
         use that version or another --data folder"
    )]
    Version { path: String, found: u64 },
    #[error("a stored {0} cannot be read")]
    Unreadable(&'static str),
}

macro_rules! store_errors {
    ($($error:ident),*) => { $(
        impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(error.into())
            }
        }
    )* };
}
store_errors!(CommitError, DatabaseError, StorageError, TableError, TransactionError);

/// One world's database.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    /// In a file, which may have to be opened again after a crash.
    lasting: bool,
}

impl Store {
    pub fn memory() -> Result<Self, StoreError> {
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create_with_backend(InMemoryBackend::new())?;
        Self { database: Arc::new(database), lasting: false }.prepared("memory")
    }

    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let shown = path.display().to_string();
        let refused = |reason: String| StoreError::Open { path: shown.clone(), reason };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| refused(error.to_string()))?;
        }
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(|error| refused(error.to_string()))?;
        Self { database: Arc::new(database), lasting: true }.prepared(&shown)
    }

    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Snapshot::open(&self.database.begin_read()?)
    }

    pub fn batch(&self) -> Result<Batch, StoreError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(self.is_large()?);
        Ok(Batch::new(transaction))
    }

    /// Whether a walk through all of the file, after a crash, would keep people waiting.
    fn is_large(&self) -> Result<bool, StoreError> {
        if !self.lasting {
            return Ok(false);
        }
        match self.database.begin_read()?.open_table(Table::Records.definition()) {
            Ok(records) => Ok(records.len()? > LARGE),
            Err(TableError::TableDoesNotExist(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Copies every table of a snapshot into this store, with a state of its own on top.
    pub fn fill(&self, from: &Snapshot, own: &[(&str, Vec<u8>)]) -> Result<(), StoreError> {
        let batch = self.batch()?;
        {
            let mut tables = batch.tables()?;
            for table in Table::ALL {
                for entry in from.all(table)? {
                    let (key, value) = entry?;
                    tables.insert(table, &key, &value)?;
                }
            }
            for (key, value) in own {
                tables.insert(Table::State, key.as_bytes(), value)?;
            }
        }
        batch.commit()
    }

    fn prepared(self, path: &str) -> Result<Self, StoreError> {
        let batch = self.batch()?;
        let found = {
            let mut tables = batch.tables()?;
            match tables.get(Table::State, b"version")? {
                Some(bytes) => bytes.try_into().map(u64::from_be_bytes).unwrap_or(u64::MAX),
                None => {
                    tables.insert(Table::State, b"version", &VERSION.to_be_bytes())?;
                    VERSION
                }
            }
        };
        if found != VERSION {
            return Err(StoreError::Version { path: path.to_owned(), found });
        }
        batch.commit()?;
        Ok(self)
    }
}
