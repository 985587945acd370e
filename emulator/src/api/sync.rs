//! `/v1/sync`: the highest number of each kind that the caller may see (SYNC-31 to SYNC-36).

use serde_json::{Map, Value, json};

use super::{Read, Reply, Row, read};
use crate::{
    fault::Fault,
    model::{Kind, Scope},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/sync", sync),
];

/// What the published list calls otherwise than the entity.
const NAMES: &[(&str, &[Kind])] = &[
    ("Derivative", &[Kind::HarvestDerivative, Kind::CureDerivative]),
    ("PlantHarvest", &[Kind::Harvest]),
];

/// What a laboratory sees of the state; the rest is 0 to it (SYNC-36).
const LAB_KINDS: &[Kind] = &[Kind::Lab, Kind::LabSample, Kind::InventoryTransfer, Kind::Inventory];

/// `GET /v1/sync`: compares well with the last look, to know what has to be listed again.
fn sync(read: &Read<'_>) -> Result<Reply, Fault> {
    let mut numbers = tagtrail_schemas::zero("Sync");
    for (name, number) in &mut numbers {
        let renamed = NAMES.iter().find(|(known, _)| known == name);
        let kinds: Vec<Kind> = match renamed {
            Some((_, kinds)) => kinds.to_vec(),
            None => Kind::of_entity(name).into_iter().collect(),
        };
        let mut highest = 0;
        for kind in kinds {
            highest = highest.max(highest_of(read, kind)?);
        }
        *number = json!(highest);
    }
    let second = read.now.second();
    let extras: Map<String, Value> =
        [("Sync".to_owned(), Value::Object(numbers))].into_iter().collect();
    Ok(Reply { second, extras, ..Reply::default() })
}

fn highest_of(read: &Read<'_>, kind: Kind) -> Result<u64, Fault> {
    if read.caller.lab.is_some() && !LAB_KINDS.contains(&kind) {
        return Ok(0);
    }
    let wanted = read.query.filters.iter().find(|it| it.field == "LocationLicense");
    let narrowed = |scope: &Scope| match (wanted, scope) {
        (Some(filter), Scope::Site(number)) => {
            let mut sites = read.caller.sites.iter();
            sites.any(|site| site.number == *number && filter.wanted == site.license)
        }
        _ => true,
    };
    let mut highest = 0;
    for scope in read.scopes(kind).into_iter().filter(narrowed) {
        highest = highest.max(read.snapshot.highest(scope, kind)?);
    }
    Ok(highest)
}
