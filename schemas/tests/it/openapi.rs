//! The OpenAPI document and the list of routes hang together.

use std::collections::BTreeSet;

use serde_json::Value;
use tagtrail_schemas::{openapi, routes, routes_txt};

fn document() -> Value {
    openapi(&BTreeSet::from(["saleVoid"]), "http://127.0.0.1:8910")
}

/// Every operation with its path.
fn operations(document: &Value) -> Vec<(&str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| item.as_object().unwrap().values().map(|it| (path.as_str(), it)))
        .collect()
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        Value::Object(keys) => {
            found.extend(keys.get("$ref").and_then(Value::as_str));
            keys.values().for_each(|it| references(it, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_of_the_document_resolves() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 1_000);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap_or(reference);
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_schema_of_the_document_is_used() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let used = |name: &String| found.contains(&format!("#/components/schemas/{name}").as_str());
    let unused: Vec<_> = schemas.keys().filter(|name| !used(name)).collect();
    // The sync reply has its numbers written out, as published.
    assert_eq!(unused, ["Sync"]);
}

#[test]
fn every_operation_has_its_own_id_and_declares_its_parameters() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
        let declared = operation["parameters"].as_array().unwrap().iter();
        let declared = declared.filter(|it| it["in"] == "path");
        let declared: Vec<_> = declared.filter_map(|it| it["name"].as_str()).collect();
        let in_path: Vec<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(declared, in_path, "{path}");
    }
    let aliases: usize = routes().iter().map(|it| it.aliases.len()).sum();
    assert_eq!(ids.len(), 169 + aliases);
}

#[test]
fn a_planned_route_says_so_and_a_live_one_does_not() {
    let document = document();
    let planned = operations(&document).into_iter().filter(|(_, it)| it["x-state"] == "planned");
    let planned: Vec<_> = planned.map(|(_, it)| (&it["operationId"], it)).collect();
    assert_eq!(planned.len(), 1);
    assert_eq!(planned[0].0, "saleVoid");
    assert!(planned[0].1["responses"]["501"].is_object());
}

#[test]
fn the_document_says_what_it_is_not() {
    let about = document()["info"]["description"].to_string();
    for word in ["not affiliated", "BioTrack", "Metrc", "Office of Cannabis Management", "inferred"]
    {
        assert!(about.contains(word), "{word}");
    }
}

#[test]
fn the_list_has_a_line_per_route_in_columns() {
    let text = routes_txt(&BTreeSet::from(["saleVoid"]));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 169);
    assert_eq!(lines.iter().filter(|it| it.ends_with("planned")).count(), 1);
    let column = |line: &str| line.rfind("  ").unwrap();
    assert!(lines.iter().all(|line| column(line) == column(lines[0])));
}
