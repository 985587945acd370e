//! `tagtrail export`: the contract, for other tools.

use std::{collections::BTreeSet, process::ExitCode};

use serde_json::{Map, Value};

use crate::args::Export;

/// Where a sandbox listens by default.
const BASE_URL: &str = "http://127.0.0.1:8910";

pub fn run(what: Export) -> anyhow::Result<ExitCode> {
    let document = match what {
        Export::Openapi => tagtrail_schemas::openapi(&planned(), BASE_URL),
        Export::Schemas => schemas(),
    };
    anstream::println!("{}", tagtrail_schemas::lay_out(&document).trim_end());
    Ok(ExitCode::SUCCESS)
}

/// The operations that no code answers yet.
pub fn planned() -> BTreeSet<&'static str> {
    tagtrail_emulator::planned().map(|route| route.operation.as_str()).collect()
}

fn schemas() -> Value {
    let entity = |name| Some((name, tagtrail_schemas::entity_schema(name)?.clone()));
    let entities = tagtrail_schemas::entity_names().into_iter().filter_map(entity);
    let routes = tagtrail_schemas::routes();
    let requests = routes.iter().filter_map(|route| {
        Some((route.operation.as_str(), tagtrail_schemas::request_schema(route)?))
    });
    let replies = routes
        .iter()
        .map(|route| (route.operation.as_str(), tagtrail_schemas::reply_schema(route)));
    let all: Map<String, Value> = [
        ("entities".to_owned(), object(entities)),
        ("requests".to_owned(), object(requests)),
        ("replies".to_owned(), object(replies)),
        ("error".to_owned(), tagtrail_schemas::error_schema()),
    ]
    .into_iter()
    .collect();
    Value::Object(all)
}

fn object<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).collect())
}
