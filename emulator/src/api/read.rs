//! The reads that need no code of their own: list, show, and reference lists.

use std::iter::Peekable;

use serde_json::{Value, json};
use tagtrail_schemas::{Route, Shape};

use super::{
    Query,
    composed::is_composed,
    query::Filter,
    reply::{Reply, ReplyRow},
};
use crate::{
    fault::Fault,
    model::{Barcode, Key, Kind, LabSample, Link, Moment, Record, Scope, Stamp},
    refusal::{Refusal, refuse},
    store::{Row, Rows, Snapshot, StoreError},
    world::{Core, caller::Caller, txn::number_of},
};

/// One read under way.
pub struct Read<'a> {
    pub core: &'a Core,
    pub snapshot: &'a Snapshot,
    pub caller: &'a Caller,
    pub route: &'static Route,
    pub params: &'a [(&'static str, String)],
    pub query: Query,
    pub now: Moment,
}

impl Read<'_> {
    /// The first parameter of the path, as it was sent.
    pub fn id(&self) -> &str {
        self.params.first().map_or("", |(_, value)| value)
    }

    /// In which lists the caller finds records of a kind.
    pub fn scopes(&self, kind: Kind) -> Vec<Scope> {
        match kind {
            Kind::Vendor | Kind::Lab => vec![Scope::State],
            Kind::User | Kind::LabUser | Kind::Employee | Kind::Vehicle => vec![self.caller.home()],
            Kind::GrowRoom
            | Kind::InventoryRoom
            | Kind::Plant
            | Kind::PlantAdditive
            | Kind::HarvestBatch
            | Kind::Harvest
            | Kind::HarvestDerivative
            | Kind::PlantCure
            | Kind::CureDerivative
            | Kind::Inventory
            | Kind::InventoryAdjustment
            | Kind::InventoryIngredient
            | Kind::InventoryConversion
            | Kind::LabSample
            | Kind::Invoice
            | Kind::Manifest
            | Kind::InventoryTransfer
            | Kind::Sale => self.caller.places(),
        }
    }

    /// The refusal for the id in the path; a laboratory's sample has a rule of its own (LAB-39).
    fn not_found(&self, kind: Kind) -> Refusal {
        if kind == Kind::LabSample && self.caller.lab.is_some() {
            return refuse("LAB-39").in_path();
        }
        not_found(kind, self.id())
    }

    /// The bytes of a listed record as the caller sees it; few kinds show more than themselves.
    fn composed(&self, kind: Kind, key: Key, wire: Vec<u8>) -> Result<Vec<u8>, Fault> {
        if !is_composed(kind) {
            return Ok(wire);
        }
        let row = self.snapshot.row(key)?.ok_or(StoreError::Unreadable("list"))?;
        self.reader().shown(kind, row)
    }

    fn receipt(&self) -> Reply {
        Reply { second: self.now.second(), limit: self.query.limit, ..Reply::default() }
    }
}

/// Which rows a list has to offer: in whose lists they stand, and what they must say beside the query.
pub struct Wanted {
    scopes: Vec<Scope>,
    always: Vec<Filter>,
    /// `LocationLicense` has chosen the lists, and is not asked of their rows.
    narrowed: bool,
}

impl Wanted {
    /// All that the caller sees of a kind.
    pub fn all(read: &Read<'_>, kind: Kind) -> Self {
        Self { scopes: read.scopes(kind), always: Vec::new(), narrowed: false }
    }

    /// What stands in some lists of the caller's places; `LocationLicense` narrows the places.
    pub fn at_places(read: &Read<'_>, list: fn(Scope) -> Option<Scope>) -> Self {
        let site = read.query.filters.iter().find(|filter| filter.field == "LocationLicense");
        let wanted = |scope: &Scope| {
            let named = |license: &str| {
                let mut sites = read.caller.sites.iter();
                sites.any(|site| site.license == license && site.scope() == *scope)
            };
            site.is_none_or(|filter| filter.wanted.as_str().is_some_and(named))
        };
        let scopes = read.caller.places().into_iter().filter(wanted).filter_map(list).collect();
        Self { scopes, always: Vec::new(), narrowed: true }
    }

    /// Only rows in which a field has a value.
    pub fn with(mut self, field: &str, value: &str) -> Self {
        self.always.push(Filter::new(field, json!(value)));
        self
    }
}

/// `GET` of a list: one page, oldest change first (SYNC-10 to SYNC-19).
pub fn list<R: Record>(read: &Read<'_>) -> Result<Reply, Fault> {
    let filters = read.query.filters.iter();
    let mut links = filters.filter_map(|it| R::link_of(&it.field, it.wanted.as_str()?));
    if let Some(link) = links.next() {
        return page_of::<R>(read, link, read.query.limit);
    }
    list_of::<R>(read, Wanted::all(read, R::KIND))
}

/// One page of some rows of a kind.
pub fn list_of<R: Record>(read: &Read<'_>, wanted: Wanted) -> Result<Reply, Fault> {
    let from = read.query.cursor.unwrap_or_default();
    let from = from.max(Stamp::first_of(read.query.transaction));
    let mut lists = Vec::new();
    for scope in wanted.scopes {
        lists.push(read.snapshot.rows(scope, R::KIND, from)?.peekable());
    }
    let asked = |filter: &&Filter| !wanted.narrowed || filter.field != "LocationLicense";
    let filters = read.query.filters.iter().filter(asked).chain(&wanted.always);
    let filters: Vec<&Filter> = filters.collect();
    let mut reply = read.receipt();
    let mut last = None;
    while let Some((stamp, key)) = next_of(&mut lists)? {
        // A record that stands in several of the lists comes once.
        if last == Some(stamp) {
            continue;
        }
        if reply.rows.len() == read.query.limit {
            let last: Stamp = last.unwrap_or(stamp);
            reply.next_cursor = last.cursor();
            reply.next_transaction = last.transaction;
            return Ok(reply);
        }
        let kept = read
            .snapshot
            .view(key, |row| fits::<R>(&filters, row.wire).then(|| row.wire.to_vec()))?;
        if let Some(wire) = kept.flatten() {
            let wire = read.composed(R::KIND, key, wire)?;
            reply.rows.push(ReplyRow { entity: R::KIND.entity(), role: None, wire });
            last = Some(stamp);
        }
    }
    reply.next_transaction = highest(read.snapshot)? + 1;
    Ok(reply)
}

/// The earliest row of several lists.
fn next_of(lists: &mut [Peekable<Rows>]) -> Result<Option<(Stamp, Key)>, StoreError> {
    let mut earliest: Option<(usize, Stamp)> = None;
    for (index, rows) in lists.iter_mut().enumerate() {
        if let Some(Ok((stamp, _))) = rows.peek()
            && earliest.is_none_or(|(_, known)| *stamp < known)
        {
            earliest = Some((index, *stamp));
        } else if let Some(Err(_)) = rows.peek() {
            return rows.next().transpose();
        }
    }
    earliest.map_or(Ok(None), |(index, _)| lists[index].next().transpose())
}

fn fits<R: Record>(filters: &[&Filter], wire: &[u8]) -> bool {
    if !filters.iter().all(|filter| filter.may_fit(wire)) {
        return false;
    }
    if filters.is_empty() {
        return true;
    }
    let row: Value = serde_json::from_slice(wire).unwrap_or_default();
    filters.iter().all(|filter| {
        let wanted = &filter.wanted;
        match (filter.field.as_str(), &row[&filter.field]) {
            // Laboratories show the flag as a number (DIR-27).
            ("Deleted", Value::Number(flag)) => {
                (flag.as_u64() == Some(1)) == (*wanted == json!(true))
            }
            // Kinds without the flag are active unless removed (SYNC-19).
            ("Active", Value::Null) => *wanted != row["Deleted"],
            ("LocationLicense", _) => R::SITE_FIELDS.iter().any(|field| row[*field] == *wanted),
            (_, value) => value == wanted,
        }
    })
}

/// The world's highest number at the moment of the snapshot.
pub fn highest(snapshot: &Snapshot) -> Result<u64, StoreError> {
    let Some(bytes) = snapshot.state("transaction")? else { return Ok(0) };
    let bytes = bytes.try_into().map_err(|_| StoreError::Unreadable("number"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// `GET` of one record by the id in its path.
pub fn show<R: Record>(read: &Read<'_>) -> Result<Reply, Fault> {
    let wire = visible(read, R::KIND, read.id())?;
    let wire = wire.ok_or_else(|| read.not_found(R::KIND))?;
    let mut reply = read.receipt();
    if has_receipt(&read.route.response) {
        // A single read that carries a number repeats the record's (SYNC-07).
        let row: Value = serde_json::from_slice(&wire).unwrap_or_default();
        reply.transaction = row["TransactionID"].as_u64().unwrap_or_default();
    }
    // A single record in the shape of a list is a last page.
    reply.next_transaction = highest(read.snapshot)? + 1;
    reply.rows.push(ReplyRow { entity: R::KIND.entity(), role: None, wire });
    Ok(reply)
}

/// `GET` of what belongs to one record: the cuts of a batch. A route without a `Limit` answers with all
/// of it (HARV-66).
pub fn members<W: Record, R: Record>(read: &Read<'_>) -> Result<Reply, Fault> {
    show::<W>(read)?;
    let barcode = Barcode::parse(read.id()).ok_or_else(|| not_found(W::KIND, read.id()))?;
    let pages = read.route.query.iter().any(|param| param.name == "Limit");
    let limit = if pages { read.query.limit } else { usize::MAX };
    page_of::<R>(read, Link::to_barcode(W::KIND, barcode), limit)
}

/// One page of what links to something, oldest change first.
fn page_of<R: Record>(read: &Read<'_>, link: Link, limit: usize) -> Result<Reply, Fault> {
    let scopes = read.scopes(R::KIND);
    let from = read.query.cursor.unwrap_or_default();
    let from = from.max(Stamp::first_of(read.query.transaction));
    let filters: Vec<&Filter> = read.query.filters.iter().collect();
    let mut rows = read.snapshot.linked(link, R::KIND)?;
    rows.retain(|row| {
        let visible = row.scopes.iter().any(|scope| scopes.contains(scope));
        visible && row.stamp >= from && fits::<R>(&filters, &row.wire)
    });
    rows.sort_by_key(|row| row.stamp);
    let mut reply = read.receipt();
    reply.next_transaction = highest(read.snapshot)? + 1;
    if rows.len() > limit {
        rows.truncate(limit);
        let last = rows.last().map(|row| row.stamp).unwrap_or_default();
        reply.next_cursor = last.cursor();
        reply.next_transaction = last.transaction;
    }
    let entity = R::KIND.entity();
    reply.rows =
        rows.into_iter().map(|row| ReplyRow { entity, role: None, wire: row.wire }).collect();
    Ok(reply)
}

fn has_receipt(shape: &Shape) -> bool {
    let is_number = |key: &str| key.eq_ignore_ascii_case("TransactionID");
    matches!(shape, Shape::Object(fields) if fields.iter().any(|(key, _)| is_number(key)))
}

/// A record that the caller sees, by its number or its identifier; of an item that went from one site of
/// the company to another, the row of the site that holds it.
pub fn visible(read: &Read<'_>, kind: Kind, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut closed = None;
    for key in keys(read, kind, id)? {
        let seen = read.snapshot.view(key, |row| {
            let visible = row.stands_in(|scope| read.caller.sees(scope));
            visible.then(|| row.wire.to_vec())
        })?;
        match seen.flatten() {
            Some(wire) if kind == Kind::Inventory && is_transferred(&wire) => closed = Some(wire),
            Some(wire) => return Ok(Some(wire)),
            None => {}
        }
    }
    Ok(closed)
}

/// Whether an item's row says that another site accepted it.
fn is_transferred(wire: &[u8]) -> bool {
    // Inside of a text the quotes would be escaped.
    memchr::memmem::find(wire, br#""Status":"Transferred""#).is_some()
}

/// The same, with what only the world knows of it.
pub fn visible_row(read: &Read<'_>, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
    for key in keys(read, kind, id)? {
        let row = read.snapshot.row(key)?;
        let seen = row.filter(|row| row.scopes.iter().any(|scope| read.caller.sees(*scope)));
        if seen.is_some() {
            return Ok(seen);
        }
    }
    Ok(None)
}

/// Where a record with this id may lie.
fn keys(read: &Read<'_>, kind: Kind, id: &str) -> Result<Vec<Key>, StoreError> {
    let Some(barcode) = Barcode::parse(id).filter(|_| kind == Kind::LabSample || !is_counted(kind))
    else {
        let number = id.parse().ok().filter(|_| is_counted(kind));
        return Ok(number.map(|number| Key::new(kind, number)).into_iter().collect());
    };
    if kind == Kind::LabSample {
        return samples_of(read, barcode);
    }
    let number = number_of(&read.core.minter, barcode);
    if kind == Kind::Inventory {
        let sites = read.caller.places().into_iter();
        return Ok(sites.map(|scope| Key::item(number, scope)).collect());
    }
    Ok(vec![Key::new(kind, number)])
}

/// A sample is counted, and its item has an identifier: it is found by both (LAB-39).
fn samples_of(read: &Read<'_>, barcode: Barcode) -> Result<Vec<Key>, StoreError> {
    let rows = read.snapshot.linked(Link::to_barcode(Kind::Inventory, barcode), Kind::LabSample)?;
    let samples = rows.iter().filter_map(|row| serde_json::from_slice(&row.wire).ok());
    let named = samples.filter(|sample: &LabSample| sample.inventory_id == Some(barcode));
    Ok(named.map(|sample| Key::new(Kind::LabSample, sample.id)).collect())
}

/// Kinds with identifiers of sixteen digits; all others are counted from 1.
fn is_counted(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Plant
            | Kind::HarvestBatch
            | Kind::Harvest
            | Kind::HarvestDerivative
            | Kind::PlantCure
            | Kind::CureDerivative
            | Kind::Inventory
            | Kind::Invoice
            | Kind::Manifest
    )
}

/// The refusal for an id in the path that is malformed, unknown or foreign: one answer for all three.
pub fn not_found(kind: Kind, id: &str) -> Refusal {
    let refusal = match kind {
        Kind::User => refuse("ACCT-50"),
        Kind::LabUser => refuse("ACCT-67"),
        Kind::Employee => refuse("DIR-08"),
        Kind::Vehicle => refuse("DIR-16"),
        Kind::Vendor => refuse("DIR-25"),
        Kind::Lab => refuse("DIR-29"),
        Kind::GrowRoom | Kind::InventoryRoom => refuse("ROOM-07"),
        Kind::Inventory => refuse("INV-11"),
        Kind::InventoryAdjustment => refuse("INV-97"),
        Kind::InventoryIngredient => refuse("INV-82"),
        Kind::LabSample => refuse("LAB-84"),
        Kind::HarvestBatch => refuse("HARV-64"),
        Kind::Harvest => refuse("HARV-64").saying(1),
        Kind::PlantCure => refuse("HARV-64").saying(2),
        Kind::Invoice => refuse("BILL-01"),
        Kind::Manifest => refuse("MAN-06"),
        Kind::InventoryTransfer => refuse("XFER-04"),
        Kind::Sale => refuse("SALE-32"),
        Kind::Plant
        | Kind::PlantAdditive
        | Kind::HarvestDerivative
        | Kind::CureDerivative
        | Kind::InventoryConversion => refuse("WIRE-31"),
    };
    refusal.with("kind", kind.word()).with("id", id).in_path()
}

/// `GET` of a reference list: the published fields of a catalogue's entries, all at once.
pub fn terms(read: &Read<'_>, catalogue: &str, kept: fn(&Value) -> bool) -> Result<Reply, Fault> {
    let mut reply = read.receipt();
    let Shape::Object(fields) = &read.route.response else { return Ok(reply) };
    for (key, shape) in fields {
        let Shape::List(inner) = shape else { continue };
        let entries = tagtrail_schemas::catalogue(catalogue).iter().filter(|entry| kept(entry));
        let rows: Value = match inner.as_ref() {
            Shape::Entity(entity) => entries.map(|entry| published(entity, entry)).collect(),
            Shape::Null | Shape::Scalar(_) | Shape::List(_) | Shape::Object(_) => {
                entries.map(|entry| entry["Name"].clone()).collect()
            }
        };
        reply.extras.insert(key.clone(), rows);
    }
    Ok(reply)
}

/// An entry's published fields, in the published order.
pub fn published(entity: &str, entry: &Value) -> Value {
    let mut fields = tagtrail_schemas::zero(entity);
    for (name, field) in &mut fields {
        if !entry[name.as_str()].is_null() {
            *field = entry[name.as_str()].clone();
        }
    }
    Value::Object(fields)
}
