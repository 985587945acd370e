//! The seed world speaks the language of the contract.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tagtrail_schemas::{entity_schema, nested, profile, world, world_names, zero};

/// The lists of the world, each with the entity its records are made of.
const LISTS: [(&str, &str); 20] = [
    ("Vendors", "Vendor"),
    ("Labs", "Lab"),
    ("Users", "User"),
    ("LabUsers", "LabUser"),
    ("Employees", "Employee"),
    ("Vehicles", "Vehicle"),
    ("GrowRooms", "GrowRoom"),
    ("InventoryRooms", "InventoryRoom"),
    ("Plants", "Plant"),
    ("HarvestBatches", "HarvestBatch"),
    ("Harvests", "Harvest"),
    ("Inventory", "Inventory"),
    ("LabSamples", "LabSample"),
    ("Adjustments", "InventoryAdjustment"),
    ("Ingredients", "InventoryIngredient"),
    ("Additives", "PlantAdditive"),
    ("Invoices", "Invoice"),
    ("Manifests", "Manifest"),
    ("Transfers", "InventoryTransfer"),
    ("Sales", "Sale"),
];

/// Keys that name the company of a record, or state what no reply shows.
const OWNERS: [&str; 2] = ["UBI", "LicenseNumber"];

fn default() -> Map<String, Value> {
    serde_json::from_str(world("default").unwrap()).unwrap()
}

/// The keys that the world's own `about` declares to be the loader's.
fn loader_keys(world: &Map<String, Value>) -> BTreeSet<&str> {
    let about = world["about"].as_array().unwrap().iter().filter_map(Value::as_str);
    let sentence = about.into_iter().find(|it| it.contains("never go over the wire")).unwrap();
    sentence.split(|letter: char| !letter.is_alphanumeric()).collect()
}

#[test]
fn every_seeded_record_has_only_published_or_declared_keys() {
    let world = default();
    let declared = loader_keys(&world);
    for (list, entity) in LISTS {
        for record in world[list].as_array().unwrap() {
            check_keys(entity, record, &declared, list);
        }
    }
}

fn check_keys(entity: &str, record: &Value, declared: &BTreeSet<&str>, path: &str) {
    let published = zero(entity);
    for (key, value) in record.as_object().unwrap() {
        let known = published.contains_key(key)
            || declared.contains(key.as_str())
            || OWNERS.contains(&key.as_str());
        assert!(known, "{path}.{key} is neither published nor declared");
        if let Some(inner) = nested(entity, key) {
            for piece in value.as_array().unwrap_or(&vec![value.clone()]) {
                check_keys(inner, piece, declared, &format!("{path}.{key}"));
            }
        }
    }
}

#[test]
fn every_seeded_value_has_its_published_type() {
    let world = default();
    for (list, entity) in LISTS {
        let properties = &entity_schema(entity).unwrap()["properties"];
        for record in world[list].as_array().unwrap() {
            for (key, value) in record.as_object().unwrap() {
                if properties[key].is_null() || nested(entity, key).is_some() {
                    continue;
                }
                let validator = jsonschema::validator_for(&properties[key]).unwrap();
                assert!(validator.is_valid(value), "{list}.{key}: {value}");
            }
        }
    }
}

#[test]
fn every_seeded_consent_comes_with_its_token() {
    let world = default();
    for integrator in world["Integrators"].as_array().unwrap() {
        for consent in integrator["Consents"].as_array().unwrap() {
            let token = format!("tagtrail-dev-token-{}", consent["UBI"].as_str().unwrap());
            assert_eq!(consent["AccessToken"], token);
        }
    }
}

#[test]
fn the_seed_world_names_an_existing_profile() {
    assert_eq!(world_names(), ["default"]);
    assert!(profile(default()["Profile"].as_str().unwrap()).is_some());
    assert!(world("nothing").is_none());
}
