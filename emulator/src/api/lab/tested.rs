//! `GET /v1/inventory/lab/test/result`: items together with the results of their samples.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    api::{
        Read, Reply,
        read::{show, visible},
        reply::ReplyRow,
    },
    fault::Fault,
    lifecycle::testing::PENDING,
    model::{Kind, LabSample},
    refusal::{refuse, require},
};

const ITEMS_MAX: usize = 100;

/// The caller's items among those that were named; an unknown id names none (LAB-82, WIRE-30).
pub fn tested(read: &Read<'_>) -> Result<Reply, Fault> {
    let ids = read.query.filters.iter().filter_map(|filter| filter.wanted.as_str());
    let named: Vec<&str> = ids.collect();
    require(!named.is_empty(), || refuse("LAB-82"))?;
    require(named.len() <= ITEMS_MAX, || refuse("WIRE-27").saying(1).with("n", ITEMS_MAX))?;
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for id in named.into_iter().filter(|id| seen.insert(*id)) {
        let Some(wire) = visible(read, Kind::Inventory, id)? else { continue };
        check_filed(read, &wire)?;
        rows.push(ReplyRow { entity: Kind::Inventory.entity(), role: None, wire });
    }
    Ok(Reply { rows, ..Reply::default() })
}

/// `GET /v1/inventory/lab/sample/{id}`: a sample, also one that waits for its result.
pub fn show_sample(read: &Read<'_>) -> Result<Reply, Fault> {
    let reply = show::<LabSample>(read)?;
    for row in &reply.rows {
        check_filed(read, &row.wire)?;
    }
    Ok(reply)
}

/// A sample without a result is shown as it is, pending, or is an error (LAB-83). The record is a
/// sample, or an item with samples.
fn check_filed(read: &Read<'_>, wire: &[u8]) -> Result<(), Fault> {
    if read.core.profile.is("lab.unfiled_read", "pending") {
        return Ok(());
    }
    let record: Value = serde_json::from_slice(wire).unwrap_or_default();
    let samples = record["LabSample"].as_array().map_or(&[][..], Vec::as_slice);
    let mut all = samples.iter().chain([&record]);
    Ok(require(all.all(|it| it["Result"] != PENDING), || refuse("LAB-42").saying(1))?)
}
