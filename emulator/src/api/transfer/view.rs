//! How transfers are read: by their parties, from shipping or from arrival on (XFER-20 to XFER-24).

use crate::{
    api::{
        Read, Reply,
        read::{Wanted, list_of, not_found, visible_row},
        reply::ReplyRow,
    },
    fault::Fault,
    lifecycle::trade::{self, TransferRule},
    model::{InventoryTransfer, Kind, Scope, Stamp},
    refusal::refuse,
};

/// `GET /v1/inventory/transfer`
pub fn list_all(read: &Read<'_>) -> Result<Reply, Fault> {
    list_of::<InventoryTransfer>(read, Wanted::all(read, Kind::InventoryTransfer))
}

/// `GET /v1/inventory/transfer/{id}`
pub fn show(read: &Read<'_>) -> Result<Reply, Fault> {
    one(read, |_| true)
}

/// `GET /v1/inventory/transfer/inbound/{id}`: only while it stands at the door (XFER-23).
pub fn show_inbound(read: &Read<'_>) -> Result<Reply, Fault> {
    one(read, |scope| matches!(scope, Scope::Inbound(_)))
}

fn one(read: &Read<'_>, fits: fn(Scope) -> bool) -> Result<Reply, Fault> {
    let kind = Kind::InventoryTransfer;
    let row = visible_row(read, kind, read.id())?;
    let waits = |scope: &Scope| fits(*scope) && read.caller.sees(*scope);
    let row = row.filter(|row| row.scopes.iter().any(waits));
    let row = row.ok_or_else(|| not_found(kind, read.id()))?;
    let wire = read.reader().shown(kind, row)?;
    let mut reply = Reply { second: read.now.second(), ..Reply::default() };
    reply.rows.push(ReplyRow { entity: kind.entity(), role: None, wire });
    Ok(reply)
}

/// `GET /v1/inventory/transfer/inbound` and the laboratory's list: what stands at the door.
pub fn inbound(read: &Read<'_>) -> Result<Reply, Fault> {
    let reply = waiting(read, Scope::door)?;
    // A sibling state takes an empty list for a fault (XFER-21).
    if reply.rows.is_empty() && read.core.profile.on("inbound.empty_as_error") {
        let announced = announced(read)?;
        let refusal = refuse("XFER-21").saying(usize::from(announced > 0));
        return Err(refusal.with("n", announced).into());
    }
    Ok(reply)
}

/// `GET /v1/inventory/transfer/rejected`: what comes back and is not taken back yet (XFER-22).
pub fn rejected(read: &Read<'_>) -> Result<Reply, Fault> {
    let reply = waiting(read, Scope::returning)?;
    let refuses = read.core.profile.on("inbound.empty_as_error");
    if reply.rows.is_empty() && refuses { Err(refuse("XFER-22").into()) } else { Ok(reply) }
}

fn waiting(read: &Read<'_>, list: fn(Scope) -> Option<Scope>) -> Result<Reply, Fault> {
    list_of::<InventoryTransfer>(read, Wanted::at_places(read, list))
}

/// How many manifests to the caller are not shipped yet.
fn announced(read: &Read<'_>) -> Result<usize, Fault> {
    let mut count = 0;
    for list in read.caller.places().into_iter().filter_map(Scope::announced) {
        count += read.snapshot.rows(list, Kind::Manifest, Stamp::default())?.count();
    }
    Ok(count)
}

/// `GET /v1/inventory/transfer/rules`: who may ship what to whom.
pub fn rules(read: &Read<'_>) -> Result<Reply, Fault> {
    let wanted = |field: &str| {
        let filter = read.query.filters.iter().find(|filter| filter.field == field);
        filter.and_then(|filter| filter.wanted.as_u64())
    };
    let (goods, from, to) =
        (wanted("InventoryType"), wanted("SourceLocationType"), wanted("DestinationLocationType"));
    let fits = |row: &&TransferRule| {
        let is = |wanted: Option<u64>, value: u32| wanted.is_none_or(|it| it == u64::from(value));
        is(goods, row.inventory_type)
            && is(from, row.source_location_type)
            && is(to, row.destination_location_type)
    };
    // A cursor counts the rows of the whole table, from 1.
    let start = read.query.cursor.map_or(1, |cursor| cursor.place);
    let rows =
        trade::rules().iter().zip(1_u32..).filter(|(row, place)| *place >= start && fits(row));
    let mut rows = rows.peekable();
    let mut reply = Reply::default();
    while let Some((row, place)) = rows.next_if(|_| reply.rows.len() < read.query.limit) {
        let wire = read.reader().print(row)?;
        reply.rows.push(ReplyRow { entity: "TransferRule", role: None, wire });
        reply.next_cursor = u64::from(place);
    }
    if rows.peek().is_none() {
        reply.next_cursor = 0;
    }
    Ok(reply)
}
