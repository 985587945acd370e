//! The records of the replies: one JSON Schema per entity.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::embed::{Folder, files, parse};

/// Every entity, in alphabetical order.
pub fn entity_names() -> Vec<&'static str> {
    schemas().keys().copied().collect()
}

/// The JSON Schema of an entity; `$ref` names the files of others.
pub fn entity_schema(name: &str) -> Option<&'static Value> {
    schemas().get(name)
}

/// A record in which no value exists (WIRE-45): every field, in published order, with its zero.
pub fn zero(name: &str) -> Map<String, Value> {
    let fields = properties(name).into_iter().flatten();
    fields.map(|(field, schema)| (field.clone(), zero_value(schema))).collect()
}

/// The entity of the record, or of the records, that a field holds.
pub fn nested(entity: &str, field: &str) -> Option<&'static str> {
    let schema = properties(entity)?.get(field)?;
    let target = [&schema["items"]["$ref"], &schema["anyOf"][0]["$ref"]];
    target.into_iter().find_map(Value::as_str)?.strip_suffix(".json")
}

fn properties(name: &str) -> Option<&'static Map<String, Value>> {
    entity_schema(name)?["properties"].as_object()
}

fn zero_value(schema: &Value) -> Value {
    let kind = &schema["type"];
    match kind.as_str().or_else(|| kind[0].as_str()) {
        Some("array") => json!([]),
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(0),
        Some("string") => json!(""),
        _ => Value::Null,
    }
}

fn schemas() -> &'static BTreeMap<&'static str, Value> {
    static CELL: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    CELL.get_or_init(|| {
        files(Folder::Entities).into_iter().map(|(name, text)| (name, parse(name, text))).collect()
    })
}
