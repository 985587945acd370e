//! The JSON Schema of a body, made from the fields of its route.

use serde_json::{Map, Value, json};

use crate::catalogue::catalogue;
use crate::route::{Field, FieldKind, Format, Items, Param, PathParam, Route};

/// The dialect of every schema of this crate.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema of the route's body; `None` where it takes none.
pub fn request_schema(route: &Route) -> Option<Value> {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("$id".to_owned(), json!(format!("requests/{}.json", route.operation)));
    schema.extend(body_schema(route)?);
    Some(Value::Object(schema))
}

/// A body that the route accepts in the default world.
pub fn request_example(route: &Route) -> Option<Value> {
    let fields = route.body.as_deref()?;
    let given = fields.iter().filter(|field| !field.example.is_null());
    Some(given.map(|field| (field.name.clone(), field.example.clone())).collect())
}

/// The schema without the keys that make it a document of its own.
pub(crate) fn body_schema(route: &Route) -> Option<Map<String, Value>> {
    let mut schema = Map::new();
    schema.insert("title".to_owned(), json!(format!("{} {}", route.method, route.path)));
    schema.insert(
        "description".to_owned(),
        json!(format!(
            "{} An optional field may also be null (WIRE-24); unknown keys are ignored (WIRE-23).",
            route.summary
        )),
    );
    schema.insert("type".to_owned(), json!("object"));
    schema.extend(object(route.body.as_deref()?));
    schema.insert("x-basis".to_owned(), json!(route.basis.to_string()));
    Some(schema)
}

/// The schema of a query parameter. Its list is named and not enforced: an unknown value in a filter
/// finds nothing (WIRE-30).
pub(crate) fn query_schema(param: &Param) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!(param.kind.as_str()));
    put_format(&mut schema, param.format);
    put_some(&mut schema, "x-catalogue", param.catalogue.as_ref());
    put_some(&mut schema, "default", param.default.as_ref());
    put_some(&mut schema, "minimum", param.min.as_ref());
    if param.repeats { json!({"type": "array", "items": schema}) } else { Value::Object(schema) }
}

/// The schema of a parameter in the path.
pub(crate) fn path_schema(param: &PathParam) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!(param.kind.as_str()));
    put_format(&mut schema, param.format);
    put_some(&mut schema, "x-catalogue", param.catalogue.as_ref());
    Value::Object(schema)
}

fn object(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<_, _> = fields.iter().map(|it| (it.name.clone(), property(it))).collect();
    let required: Vec<_> = fields.iter().filter(|it| it.required).map(|it| &it.name).collect();
    let mut schema = Map::new();
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut schema = Map::new();
    let narrowed = narrowed(field);
    if field.also.is_empty() {
        schema.extend(narrowed);
    } else {
        let mut forms = vec![Value::Object(narrowed)];
        forms.extend(field.also.iter().map(form));
        schema.insert("anyOf".to_owned(), json!(forms));
    }
    schema.insert("description".to_owned(), json!(field.meaning));
    put_some(&mut schema, "x-catalogue", field.catalogue.as_ref());
    schema.insert("x-basis".to_owned(), json!(field.basis.to_string()));
    Value::Object(schema)
}

/// Type, format, limits and parts of a field, without what describes it.
fn narrowed(field: &Field) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!(field.kind.as_str()));
    put_format(&mut schema, field.format);
    put_terms(&mut schema, field.kind, field.catalogue.as_deref());
    put_some(&mut schema, "minimum", field.min.as_ref());
    put_some(&mut schema, "maximum", field.max.as_ref());
    put_some(&mut schema, "minItems", field.min_items.as_ref());
    put_some(&mut schema, "maxItems", field.max_items.as_ref());
    if let Some(items) = &field.items {
        schema.insert("items".to_owned(), elements(items));
    }
    if !field.fields.is_empty() {
        schema.extend(object(&field.fields));
    }
    schema
}

fn elements(items: &Items) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!(items.kind.as_str()));
    put_format(&mut schema, items.format);
    put_terms(&mut schema, items.kind, items.catalogue.as_deref());
    if !items.fields.is_empty() {
        schema.extend(object(&items.fields));
    }
    Value::Object(schema)
}

/// A further form: the name of a JSON type stands for the type, anything else for itself.
fn form(also: &Value) -> Value {
    match also.as_str() {
        Some("string" | "integer" | "number" | "boolean" | "array" | "object") => {
            json!({"type": also})
        }
        _ => json!({"const": also}),
    }
}

fn put_format(schema: &mut Map<String, Value>, format: Option<Format>) {
    let Some(format) = format else { return };
    match format {
        // WIRE-21 takes a full time as well and keeps the day.
        Format::Date => {
            let forms = json!([{"format": "date"}, {"format": "date-time"}]);
            schema.insert("anyOf".to_owned(), forms);
        }
        Format::Barcode => {
            schema.insert("format".to_owned(), json!(format.as_str()));
            schema.insert("pattern".to_owned(), json!("^[0-9]{16}$"));
        }
        Format::License | Format::Ubi | Format::Email | Format::Uri | Format::DateTime => {
            schema.insert("format".to_owned(), json!(format.as_str()));
        }
    }
}

/// The allowed values: numbers are IDs, texts are names. Terms that a caller may not send are left out.
fn put_terms(schema: &mut Map<String, Value>, kind: FieldKind, list: Option<&str>) {
    let Some(list) = list else { return };
    let key = if kind == FieldKind::Integer { "ID" } else { "Name" };
    let mine = |term: &&Value| ["MaySend", "Grantable"].iter().all(|it| term[it] != json!(false));
    let terms: Vec<_> = catalogue(list).iter().filter(mine).map(|term| &term[key]).collect();
    schema.insert("enum".to_owned(), json!(terms));
}

fn put_some<T: serde::Serialize>(schema: &mut Map<String, Value>, key: &str, value: Option<T>) {
    if let Some(value) = value {
        schema.insert(key.to_owned(), json!(value));
    }
}
