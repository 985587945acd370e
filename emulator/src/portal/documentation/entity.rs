//! The records of the replies as a page: each with its fields and their basis.

use askama::Template;
use serde_json::Value;
use tagtrail_schemas::{entity_names, entity_schema};

use super::super::{page::Shown, visit::Visit};
use crate::fault::Fault;

struct Entity {
    name: &'static str,
    about: &'static str,
    fields: Vec<Field>,
}

struct Field {
    name: &'static str,
    /// In front of the entity, or alone.
    kind: String,
    entity: Option<&'static str>,
    about: &'static str,
    basis: &'static str,
}

#[derive(Template)]
#[template(path = "documentation_entities.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    entities: Vec<Entity>,
}

pub fn page(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let entities = entity_names().into_iter().filter_map(entity).collect();
    Shown::page(&Page { visit, entities })
}

fn entity(name: &'static str) -> Option<Entity> {
    let schema = entity_schema(name)?;
    let fields = schema["properties"].as_object()?;
    let fields = fields.iter().map(|(name, schema)| field(name, schema)).collect();
    Some(Entity { name, about: text(&schema["description"]), fields })
}

fn field(name: &'static str, schema: &'static Value) -> Field {
    let (kind, entity) = kind(schema);
    let (about, basis) = (text(&schema["description"]), text(&schema["x-basis"]));
    Field { name, kind, entity, about, basis }
}

/// The JSON type in words, and the entity that it is.
fn kind(schema: &'static Value) -> (String, Option<&'static str>) {
    if let Some(entity) = schema["$ref"].as_str().and_then(|it| it.strip_suffix(".json")) {
        return (String::new(), Some(entity));
    }
    let word = match schema["type"].as_array() {
        Some(words) => words.iter().map(text).collect::<Vec<_>>().join(" or "),
        None => text(&schema["type"]).to_owned(),
    };
    if word == "array" {
        let (item, entity) = kind(&schema["items"]);
        return (format!("array of {item}"), entity);
    }
    if word.is_empty() {
        let forms = schema["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        let forms: Vec<_> = forms.iter().map(kind).collect();
        let entity = forms.iter().find_map(|(_, entity)| *entity);
        let words = forms.into_iter().map(|(word, _)| word).filter(|word| !word.is_empty());
        return (words.collect::<Vec<_>>().join(" or "), entity);
    }
    let format = text(&schema["format"]);
    if format.is_empty() { (word, None) } else { (format!("{word}, {format}"), None) }
}

fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_default()
}
