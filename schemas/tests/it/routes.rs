//! Every route, field by field: what it names exists, and its examples are what it says they are.

use std::collections::BTreeSet;

use serde_json::Value;
use tagtrail_schemas::{
    Field, FieldKind, Method, Route, catalogue, entity_names, reply_schema, request_example,
    request_schema, route, routes, rule,
};

/// Every field of a body, nested ones included, with its dotted path.
fn fields(route: &Route) -> Vec<(String, &Field)> {
    fn walk<'a>(path: &str, fields: &'a [Field], found: &mut Vec<(String, &'a Field)>) {
        for field in fields {
            let path = format!("{path}.{}", field.name);
            walk(&path, &field.fields, found);
            walk(&path, field.items.as_ref().map_or(&[], |items| &items.fields), found);
            found.push((path, field));
        }
    }
    let mut found = Vec::new();
    walk(&route.operation, route.body.as_deref().unwrap_or_default(), &mut found);
    found
}

#[test]
fn all_published_routes_are_there_once() {
    assert_eq!(routes().len(), 169);
    let operations: BTreeSet<_> = routes().iter().map(|it| &it.operation).collect();
    assert_eq!(operations.len(), 169);
    let mut paths = BTreeSet::new();
    for route in routes() {
        for path in std::iter::once(&route.path).chain(&route.aliases) {
            assert!(paths.insert((route.method, path)), "{} {path} twice", route.method);
        }
    }
}

#[test]
fn a_route_is_found_by_its_operation() {
    let found = route("plantWasteCreate").unwrap();
    assert_eq!((found.method, found.path.as_str()), (Method::Post, "/v1/plant/waste/"));
    assert!(route("nothing").is_none());
}

#[test]
fn a_path_and_its_parameters_agree() {
    for route in routes() {
        let in_path = route.path.split(['{', '}']).skip(1).step_by(2);
        let declared = route.path_params.iter().map(|it| it.name.as_str());
        assert!(in_path.eq(declared), "{}", route.operation);
    }
}

#[test]
fn every_entity_named_by_a_reply_has_a_schema() {
    for route in routes() {
        for name in route.response.entities() {
            assert!(entity_names().contains(&name), "{}: {name}", route.operation);
        }
    }
}

#[test]
fn every_permission_is_in_the_list_and_the_list_names_its_routes() {
    let listed = catalogue("permissions").iter();
    let listed = listed.map(|it| (it["Name"].as_str().unwrap(), &it["Operations"]));
    let listed: std::collections::BTreeMap<_, _> = listed.collect();
    for route in routes() {
        let operations = listed.get(route.permission.as_str());
        let operations = operations.unwrap_or_else(|| panic!("no permission {}", route.permission));
        let named = operations.as_array().unwrap().iter().any(|it| *it == *route.operation);
        assert!(named, "{} does not name {}", route.permission, route.operation);
    }
}

#[test]
fn every_list_named_by_a_route_exists() {
    for route in routes() {
        let in_query = route.query.iter().filter_map(|it| it.catalogue.as_deref());
        let in_path = route.path_params.iter().filter_map(|it| it.catalogue.as_deref());
        for list in in_query.chain(in_path) {
            assert!(!catalogue(list).is_empty(), "{}: {list}", route.operation);
        }
        for (path, field) in fields(route) {
            let inner = field.items.as_ref().and_then(|items| items.catalogue.as_deref());
            for list in field.catalogue.as_deref().into_iter().chain(inner) {
                assert!(!catalogue(list).is_empty(), "{path}: {list}");
            }
        }
    }
}

#[test]
fn every_rule_named_by_a_route_exists() {
    for route in routes() {
        for id in &route.rules {
            assert!(rule(id).is_some(), "{}: {id}", route.operation);
        }
    }
}

#[test]
fn every_write_has_rules() {
    for route in routes().iter().filter(|it| it.method != Method::Get) {
        assert!(!route.rules.is_empty(), "{}", route.operation);
    }
}

#[test]
fn only_arrays_have_items_and_only_objects_have_fields() {
    for route in routes() {
        for (path, field) in fields(route) {
            assert_eq!(field.items.is_some(), field.kind == FieldKind::Array, "{path}");
            assert_eq!(field.fields.is_empty(), field.kind != FieldKind::Object, "{path}");
        }
    }
}

#[test]
fn every_schema_of_a_route_is_a_valid_one() {
    for route in routes() {
        assert!(jsonschema::meta::is_valid(&reply_schema(route)), "{}", route.operation);
        assert_eq!(request_schema(route).is_some(), route.body.is_some(), "{}", route.operation);
        if let Some(schema) = request_schema(route) {
            assert!(jsonschema::meta::is_valid(&schema), "{}", route.operation);
        }
    }
}

#[test]
fn every_example_is_valid_by_its_schema() {
    for route in routes() {
        let (Some(schema), Some(example)) = (request_schema(route), request_example(route)) else {
            continue;
        };
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&example).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", route.operation);
    }
}

#[test]
fn every_example_of_a_nested_field_has_the_type_of_the_field() {
    for route in routes() {
        for (path, field) in fields(route) {
            let fits = match &field.example {
                Value::Null => !field.required,
                Value::Bool(_) => field.kind == FieldKind::Boolean,
                Value::Number(_) => matches!(field.kind, FieldKind::Integer | FieldKind::Number),
                Value::String(_) => field.kind == FieldKind::String,
                Value::Array(_) => field.kind == FieldKind::Array,
                Value::Object(_) => field.kind == FieldKind::Object,
            };
            assert!(fits, "{path}: {}", field.example);
        }
    }
}

#[test]
fn every_nullable_or_optional_part_is_a_part_of_the_reply() {
    for route in routes() {
        for path in route.nullable.iter().chain(&route.optional) {
            let schema = reply_schema(route);
            let part = path.split('.').fold(&schema, |schema, name| {
                let schema = if schema["anyOf"].is_array() { &schema["anyOf"][0] } else { schema };
                &schema["properties"][name]
            });
            assert!(part.is_object(), "{}: {path}", route.operation);
        }
    }
}
