//! Every entity has a schema, and every schema means what it says.

use serde_json::{Value, json};
use tagtrail_schemas::{
    catalogue, catalogue_names, catalogue_note, entity_names, entity_schema, nested, zero,
};

fn schema(name: &str) -> &'static Value {
    entity_schema(name).unwrap_or_else(|| panic!("no entity {name}"))
}

#[test]
fn there_are_forty_five_published_entities_and_the_sync() {
    assert_eq!(entity_names().len(), 46);
    assert!(entity_names().contains(&"Sync"));
}

#[test]
fn every_schema_is_a_valid_one_and_named_like_its_file() {
    for name in entity_names() {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(schema), "{name}");
        assert_eq!(schema["title"], name);
        assert_eq!(schema["$id"], format!("entities/{name}.json"));
    }
}

#[test]
fn every_field_is_required_described_and_has_a_basis() {
    for name in entity_names() {
        let schema = schema(name);
        let properties = schema["properties"].as_object().unwrap();
        let names: Vec<_> = properties.keys().map(String::as_str).collect();
        assert_eq!(schema["required"], json!(names), "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
        for (field, property) in properties {
            assert_eq!(property["x-basis"], "documented", "{name}.{field}");
            assert!(
                property["description"].as_str().is_some_and(|it| it.len() > 3),
                "{name}.{field}"
            );
        }
    }
}

#[test]
fn every_list_named_by_a_field_exists() {
    for name in entity_names() {
        for (field, property) in schema(name)["properties"].as_object().unwrap() {
            if let Some(list) = property["x-catalogue"].as_str() {
                assert!(!catalogue(list).is_empty(), "{name}.{field}: {list}");
            }
        }
    }
}

#[test]
fn every_nested_entity_exists() {
    for name in entity_names() {
        for field in zero(name).keys() {
            if let Some(inner) = nested(name, field) {
                assert!(entity_names().contains(&inner), "{name}.{field}: {inner}");
            }
        }
    }
}

#[test]
fn a_zero_record_has_every_field_in_published_order() {
    let text = serde_json::to_string(&zero("InventoryRoom")).unwrap();
    let fields = r#"{"Deleted":false,"ExternalID":"","ID":0,"LocationLicense":"","Name":"","Quarantine":false,"TransactionID":0}"#;
    assert_eq!(text, fields);
    assert_eq!(zero("TransferItem")["Inventory"], Value::Null);
    assert_eq!(zero("Manifest")["Stop"], json!([]));
    assert_eq!(zero("TestResult")["TestValue"], json!(0));
    assert!(zero("Nothing").is_empty());
}

#[test]
fn nested_tells_the_entity_of_a_record_and_of_a_list() {
    assert_eq!(nested("TransferItem", "Inventory"), Some("Inventory"));
    assert_eq!(nested("Manifest", "Stop"), Some("ManifestStop"));
    assert_eq!(nested("Manifest", "StopCount"), None);
}

#[test]
fn every_list_has_entries_and_every_entry_a_basis() {
    assert_eq!(catalogue_names().len(), 25);
    for name in catalogue_names() {
        assert!(!catalogue(name).is_empty(), "{name}");
        for entry in catalogue(name) {
            assert!(entry["basis"].is_string(), "{name}: {entry}");
        }
    }
    assert!(catalogue("nothing").is_empty());
}

#[test]
fn notes_belong_to_lists() {
    assert!(catalogue_note("permissions").is_some_and(|it| it.contains("grantable")));
    assert!(catalogue_note("nothing").is_none());
}
