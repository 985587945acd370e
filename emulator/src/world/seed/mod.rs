//! Fills a new world from its seed file: each record takes the next TransactionID, in the order of
//! the file, so that the same file gives the same numbers.

mod book;
mod commerce;
mod goods;
mod growing;
mod lists;
mod state;

use std::sync::Arc;

use serde_json::{Value, json};

use self::{
    book::Book,
    lists::{LISTS, List, PARTS},
};
use super::{
    CLOCK, ORIGIN, Origin,
    access::Access,
    counters::Counters,
    sign_in::Lockout,
    txn::{Around, Txn},
};
use crate::{
    fault::Fault,
    ids::{Minter, Secret},
    model::{
        Barcode, Harvest, Inventory, InventoryIngredient, Key, Kind, LabSample, Link, Plant,
        PlantCure, Quantity, Record, Scope, Stamp,
    },
    profile::Profile,
    store::{Overlay, Row, Store},
};

/// The seed file does not fit.
#[derive(Debug, thiserror::Error)]
#[error("the world file does not fit: {0}")]
pub struct SeedError(pub String);

impl From<SeedError> for Fault {
    fn from(error: SeedError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Writes the origin and, if there is a seed file, all that stands in it.
pub fn fill(store: &Store, origin: &Origin) -> Result<(), Fault> {
    let profile = Profile::named(&origin.profile)
        .ok_or_else(|| SeedError(format!("no profile is called {}", origin.profile)))?;
    let file: Value = match origin.people.as_ref().filter(|_| !origin.empty) {
        Some(text) => serde_json::from_str(text).map_err(|error| SeedError(error.to_string()))?,
        None => json!({}),
    };
    let access = Access::default();
    let minter = Minter::new(origin.seed, &origin.name);
    let secret = Secret::new(origin.seed, &origin.name);
    let lockout = Lockout::default();
    let around =
        Around { profile, access: &access, minter: &minter, secret: &secret, lockout: &lockout };
    let batch = store.batch()?;
    {
        let mut tables = batch.tables()?;
        let book = Book::read(&file)?;
        let mut counters = Counters::default();
        let clock = origin.start.clock();
        let now = clock.now();
        let mut write = |work: &mut dyn FnMut(&mut Txn<'_, '_, '_>) -> Result<(), Fault>| {
            let overlay = Overlay::new(&mut tables);
            let mut txn = Txn::new(overlay, &around, None, counters, now);
            work(&mut txn)?;
            counters = txn.finish()?.1;
            Ok::<(), Fault>(())
        };
        write(&mut |txn| {
            txn.set_state(ORIGIN, origin)?;
            txn.set_state(CLOCK, &clock)?;
            state::plant(txn, &book)
        })?;
        for list in LISTS {
            for entry in book.list(list.key) {
                write(&mut |txn| plant(txn, &book, list, entry))?;
            }
        }
        counters.save(&mut tables)?;
    }
    Ok(batch.commit()?)
}

/// One entry becomes one record, with the parts that are listed by themselves.
fn plant(txn: &mut Txn<'_, '_, '_>, book: &Book, list: &List, entry: &Value) -> Result<(), Fault> {
    let transaction = txn.transaction();
    let mut wire = completed(list.kind.entity(), entry, transaction);
    let number = number(txn, list.kind, &entry[list.id])?;
    let mut scopes = book.scopes(&(list.licenses)(book, entry))?;
    if list.kind == Kind::InventoryTransfer {
        scopes.extend(commerce::waiting(book, entry)?);
    }
    if list.kind == Kind::Manifest {
        scopes.extend(commerce::announced(book, entry)?);
    }
    settle_times(txn, &mut wire);
    (list.derive)(txn, book, entry, &mut wire)?;
    let site = if list.kind == Kind::Inventory { scopes[0].code() } else { 0 };
    let facts = (list.facts)(txn, book, entry);
    let row = row(list.kind, &wire, scopes.clone(), facts)?;
    txn.plant_row(Key { kind: list.kind, number, site }, row)?;
    for (_, part, kind) in PARTS.iter().filter(|(whole, _, _)| *whole == list.kind) {
        for piece in wire[*part].as_array().into_iter().flatten() {
            let number = self::number(txn, *kind, &piece["ID"])?;
            let row = self::row(*kind, piece, scopes.clone(), Value::Null)?;
            txn.plant_row(Key::new(*kind, number), row)?;
        }
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds have no amounts")]
    match list.kind {
        Kind::Inventory => goods::open_stock(txn, book, entry, number),
        Kind::Plant => growing::open_plant(txn, &wire),
        Kind::Harvest => growing::open_flower(txn, &wire),
        _ => Ok(()),
    }
}

/// The entity's published fields: those of the entry, the rest with their zero values.
fn completed(entity: &str, entry: &Value, transaction: u64) -> Value {
    let mut fields = tagtrail_schemas::zero(entity);
    for (name, field) in &mut fields {
        let given = &entry[name.as_str()];
        match tagtrail_schemas::nested(entity, name) {
            Some(inner) => match given {
                Value::Array(pieces) => {
                    *field = pieces.iter().map(|it| completed(inner, it, transaction)).collect();
                }
                Value::Object(_) => *field = completed(inner, given, transaction),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            },
            None if !given.is_null() => *field = shortest(given),
            None => {}
        }
    }
    if fields.contains_key("TransactionID") {
        fields.insert("TransactionID".to_owned(), json!(transaction));
    }
    Value::Object(fields)
}

/// Decimals in their shortest form, as every other writer of this world leaves them.
fn shortest(value: &Value) -> Value {
    match value {
        Value::Number(number) => Quantity::parse(&number.to_string())
            .and_then(|quantity| serde_json::to_value(quantity).ok())
            .unwrap_or_else(|| value.clone()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            value.clone()
        }
    }
}

/// Times that the file leaves out are those of the world's beginning.
fn settle_times(txn: &Txn<'_, '_, '_>, wire: &mut Value) {
    if !wire["SessionTime"].is_null() {
        wire["SessionTime"] = json!(txn.now.second());
    }
    for stamp in ["CreatedOn", "UpdatedOn"] {
        if wire[stamp] == json!("") {
            wire[stamp] = json!(txn.now);
        }
    }
}

fn number(txn: &mut Txn<'_, '_, '_>, kind: Kind, id: &Value) -> Result<u64, Fault> {
    if let Some(number) = id.as_u64() {
        txn.counters.pass(kind, number);
        return Ok(number);
    }
    let barcode = id.as_str().and_then(Barcode::parse);
    let barcode = barcode.ok_or_else(|| SeedError(format!("{id} is no identifier")))?;
    txn.claim(barcode);
    Ok(txn.number_of(barcode))
}

fn row(kind: Kind, wire: &Value, scopes: Vec<Scope>, facts: Value) -> Result<Row, Fault> {
    let links = links(kind, wire).map_err(|error| SeedError(error.to_string()))?;
    let bytes = |value: &Value| serde_json::to_vec(value).map_err(|it| SeedError(it.to_string()));
    let (wire, facts) = (bytes(wire)?, bytes(&facts)?);
    Ok(Row { wire, scopes, links, stamp: Stamp::default(), facts })
}

/// What a record belongs to, as its own kind says.
fn links(kind: Kind, wire: &Value) -> Result<Vec<Link>, serde_json::Error> {
    fn of<R: Record>(wire: &Value) -> Result<Vec<Link>, serde_json::Error> {
        R::deserialize(wire).map(|record| record.links())
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds belong to nothing")]
    match kind {
        Kind::Plant => of::<Plant>(wire),
        Kind::Harvest => of::<Harvest>(wire),
        Kind::PlantCure => of::<PlantCure>(wire),
        Kind::Inventory => of::<Inventory>(wire),
        Kind::InventoryIngredient => of::<InventoryIngredient>(wire),
        Kind::LabSample => of::<LabSample>(wire),
        _ => Ok(Vec::new()),
    }
}

/// The seed world that is built in, by name.
pub fn built_in(name: &str) -> Option<Arc<str>> {
    tagtrail_schemas::world(name).map(Arc::from)
}
