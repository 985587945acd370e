//! Records that show others: a manifest or a transfer with the invoices and items in it, as they stand
//! when somebody looks, and as far as they are the reader's to see (SYNC-23).
//!
//! In the store their places are empty, so that what is shown is never out of date; the bytes of the
//! others are put in as they lie.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::Read;
use crate::{
    fault::Fault,
    ids::Minter,
    model::{Barcode, Embedded, InventoryTransfer, Invoice, Key, Kind, Record, Scope},
    store::{Row, Snapshot, StoreError},
    world::{
        access::json,
        caller::Caller,
        txn::{Change, Txn, number_of},
    },
};

/// Where the rows of other records are found.
pub trait Shelf {
    fn number(&self, id: Barcode) -> u64;
    fn row(&self, key: Key) -> Result<Option<Row>, Fault>;
    /// All rows of one item, one for each site on whose books it stands.
    fn custody(&self, number: u64) -> Result<Vec<Row>, Fault>;
}

/// The shelf of a read.
pub struct Shown<'a> {
    minter: &'a Minter,
    snapshot: &'a Snapshot,
}

impl Shelf for Shown<'_> {
    fn number(&self, id: Barcode) -> u64 {
        number_of(self.minter, id)
    }

    fn row(&self, key: Key) -> Result<Option<Row>, Fault> {
        Ok(self.snapshot.row(key)?)
    }

    fn custody(&self, number: u64) -> Result<Vec<Row>, Fault> {
        Ok(self.snapshot.custody(Kind::Inventory, number)?)
    }
}

impl Shelf for Txn<'_, '_, '_> {
    fn number(&self, id: Barcode) -> u64 {
        self.number_of(id)
    }

    fn row(&self, key: Key) -> Result<Option<Row>, Fault> {
        self.stored_row(key)
    }

    fn custody(&self, number: u64) -> Result<Vec<Row>, Fault> {
        self.stored_custody(number)
    }
}

/// Who looks at a record that shows others.
pub struct Reader<'a, S> {
    pub caller: &'a Caller,
    pub shelf: S,
}

impl Read<'_> {
    pub fn reader(&self) -> Reader<'_, Shown<'_>> {
        let shelf = Shown { minter: &self.core.minter, snapshot: self.snapshot };
        Reader { caller: self.caller, shelf }
    }
}

/// Whether records of a kind show others.
pub fn is_composed(kind: Kind) -> bool {
    matches!(kind, Kind::Manifest | Kind::InventoryTransfer)
}

impl<S: Shelf> Reader<'_, S> {
    /// The bytes of a record as the reader sees it.
    pub fn shown(&self, kind: Kind, row: Row) -> Result<Vec<u8>, Fault> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds show only themselves")]
        match kind {
            Kind::Manifest => self.print(&self.manifest(&row)?),
            Kind::InventoryTransfer => self.print(&self.transfer(&row)?),
            _ => Ok(row.wire),
        }
    }

    /// Whether the reader acts for a license.
    pub fn is(&self, license: &str) -> bool {
        let lab = self.caller.lab.as_ref().is_some_and(|lab| lab.license == license);
        lab || self.caller.sites.iter().any(|site| site.license == license)
    }

    fn transfer(&self, row: &Row) -> Result<InventoryTransfer, Fault> {
        let mut shown: InventoryTransfer = self.parse(&row.wire)?;
        shown.invoice = self.invoice(shown.invoice_id)?;
        let open = shown.is_open();
        let ends = [shown.outbound_license.as_str(), shown.inbound_license.as_str()];
        for line in &mut shown.item {
            line.inventory = self.item(line.inventory_id, ends, open)?.map(raw).transpose()?;
        }
        Ok(shown)
    }

    /// An invoice, to its seller and its buyer.
    pub fn invoice(&self, id: Option<Barcode>) -> Result<Embedded, Fault> {
        let Some(id) = id else { return Ok(None) };
        let row = self.shelf.row(Key::new(Invoice::KIND, self.shelf.number(id)))?;
        let mine = |row: &Row| row.scopes.iter().any(|scope| self.caller.sees(*scope));
        row.filter(mine).map(|row| raw(row.wire)).transpose()
    }

    /// An item on a way between two licenses: the row of the reader's own end, the one that holds the
    /// goods if both are its own; while the way is `open`, else that of whoever holds them.
    pub fn item(&self, id: Barcode, ends: [&str; 2], open: bool) -> Result<Option<Vec<u8>>, Fault> {
        let mut rows = Vec::new();
        for row in self.shelf.custody(self.shelf.number(id))? {
            let Closed { transferred } = self.parse(&row.facts)?;
            rows.push((!self.is_end(&row, ends), transferred, row.wire));
        }
        rows.retain(|(foreign, transferred, _)| !foreign || (open && !transferred));
        rows.sort_by_key(|(foreign, transferred, _)| (*foreign, *transferred));
        Ok(rows.into_iter().next().map(|(_, _, wire)| wire))
    }

    /// Whether a row stands on the books of one of the reader's own sites that is an end of a way.
    fn is_end(&self, row: &Row, ends: [&str; 2]) -> bool {
        let Caller { sites, lab, .. } = self.caller;
        let lab = lab.iter().map(|lab| (Scope::Lab(lab.number), lab.license.as_str()));
        let own = sites.iter().map(|site| (site.scope(), site.license.as_str())).chain(lab);
        let mut own = own.filter(|(_, license)| ends.contains(license));
        own.any(|(scope, _)| row.scopes.contains(&scope))
    }

    pub fn parse<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Fault> {
        Ok(json(bytes)?)
    }

    pub fn print<T: Serialize>(&self, record: &T) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(record).map_err(|error| Fault::Broken(error.to_string()))
    }
}

/// What of an item's facts says that another site accepted it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Closed {
    transferred: bool,
}

fn raw(bytes: Vec<u8>) -> Result<Box<RawValue>, Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Broken(error.to_string());
    let text = String::from_utf8(bytes).map_err(|error| broken(&error))?;
    RawValue::from_string(text).map_err(|error| broken(&error))
}

/// The records of a write's reply that show others, as its caller sees them after the write.
pub fn compose_reply(txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
    let Some(caller) = txn.caller.clone() else { return Ok(()) };
    let wanted = |change: &Change| change.shown && is_composed(change.key.kind);
    let keys: Vec<(usize, Key)> = txn
        .done
        .changes
        .iter()
        .enumerate()
        .filter(|(_, change)| wanted(change))
        .map(|(place, change)| (place, change.key))
        .collect();
    for (place, key) in keys {
        let row = txn.stored_row(key)?.ok_or(StoreError::Unreadable("change"))?;
        let reader = Reader { caller: &caller, shelf: &*txn };
        let wire = reader.shown(key.kind, row)?;
        txn.done.changes[place].wire = wire;
    }
    Ok(())
}

impl<S: Shelf> Shelf for &S {
    fn number(&self, id: Barcode) -> u64 {
        (**self).number(id)
    }

    fn row(&self, key: Key) -> Result<Option<Row>, Fault> {
        (**self).row(key)
    }

    fn custody(&self, number: u64) -> Result<Vec<Row>, Fault> {
        (**self).custody(number)
    }
}
