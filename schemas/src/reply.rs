//! The JSON Schema of a reply, made from its shape and the entities in it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::entity::entity_schema;
use crate::request::DIALECT;
use crate::route::Route;
use crate::shape::{ScalarKind, Shape};

const BUNDLED: &str = "#/$defs/";

/// The JSON Schema of the route's reply, with every entity it needs under `$defs`.
pub fn reply_schema(route: &Route) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("$id".to_owned(), json!(format!("replies/{}.json", route.operation)));
    schema.insert("title".to_owned(), json!(format!("{} {}", route.method, route.path)));
    schema.extend(envelope(route, BUNDLED).as_object().cloned().into_iter().flatten());
    let needed = closure(&route.response);
    if !needed.is_empty() {
        let defs = needed.iter().map(|name| ((*name).to_owned(), definition(name, BUNDLED)));
        schema.insert("$defs".to_owned(), defs.collect());
    }
    Value::Object(schema)
}

/// The JSON Schema of every refusal. `ErrorCode` is there only with `wire.error_code` on.
pub fn error_schema() -> Value {
    json!({
        "$schema": DIALECT,
        "$id": "replies/error.json",
        "title": "Error",
        "type": "object",
        "properties": {
            "Error": {"type": "string", "minLength": 1, "description": "Why the call was refused."},
            "ErrorCode": {"type": "string", "description": "The family's number, as text."},
        },
        "required": ["Error"],
        "additionalProperties": false,
        "x-basis": "family",
    })
}

/// The reply's own keys; entities are referred to below `defs`.
pub(crate) fn envelope(route: &Route, defs: &str) -> Value {
    part(route, &route.response, "", defs)
}

/// An entity's schema as a definition among others.
pub(crate) fn definition(name: &str, defs: &str) -> Value {
    let mut schema = entity_schema(name).cloned().unwrap_or_default();
    if let Some(keys) = schema.as_object_mut() {
        keys.retain(|key, _| !["$schema", "$id"].contains(&key.as_str()));
    }
    refer(&mut schema, defs);
    schema
}

fn part(route: &Route, shape: &Shape, path: &str, defs: &str) -> Value {
    let schema = match shape {
        Shape::Null => json!({"type": "null"}),
        Shape::Scalar(ScalarKind::Boolean) => json!({"type": "boolean"}),
        Shape::Scalar(ScalarKind::Integer) => json!({"type": "integer"}),
        Shape::Scalar(ScalarKind::String) => json!({"type": "string"}),
        Shape::Entity(name) => json!({"$ref": format!("{defs}{name}")}),
        Shape::List(item) => json!({"type": "array", "items": part(route, item, path, defs)}),
        Shape::Object(parts) => object(route, parts, path, defs),
    };
    if route.nullable.iter().any(|it| it == path) {
        json!({"anyOf": [schema, {"type": "null"}]})
    } else {
        schema
    }
}

fn object(route: &Route, parts: &[(String, Shape)], path: &str, defs: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, shape) in parts {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        properties.insert(name.clone(), part(route, shape, &inner, defs));
        if !route.optional.contains(&inner) {
            required.push(name);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The entities of a shape with all that they are made of, in alphabetical order.
fn closure(shape: &Shape) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    let mut open = shape.entities();
    while let Some(name) = open.pop() {
        if known.insert(name) {
            open.extend(entity_schema(name).into_iter().flat_map(referred));
        }
    }
    known
}

fn referred(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Array(items) => items.iter().flat_map(referred).collect(),
        Value::Object(keys) => {
            let own = keys.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|it| it.strip_suffix(".json"));
            own.into_iter().chain(keys.values().flat_map(referred)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Turns references to files into references below `defs`.
fn refer(schema: &mut Value, defs: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|it| refer(it, defs)),
        Value::Object(keys) => {
            for (key, value) in keys {
                match value.as_str().and_then(|it| it.strip_suffix(".json")) {
                    Some(name) if key == "$ref" => *value = json!(format!("{defs}{name}")),
                    _ => refer(value, defs),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
