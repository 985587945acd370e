//! The JSON Schema for editors says the same as the reader.

use serde_json::Value;
use tagtrail_conformance::scenario::load::{Source, parse};
use tagtrail_conformance::scenario::node::Node;
use tagtrail_conformance::{builtin, load};

fn validator() -> jsonschema::Validator {
    let schema = include_str!("../../../schemas/scenario.schema.json");
    jsonschema::validator_for(&serde_json::from_str::<Value>(schema).unwrap()).unwrap()
}

fn plain(text: &str) -> Value {
    let options =
        serde_saphyr::options! { strict_booleans: true, leading_zero_numbers_as_strings: true };
    serde_saphyr::from_str_with_options::<Node>(text, options).unwrap().value()
}

#[test]
fn the_schema_accepts_every_scenario_that_can_be_read() {
    let validator = validator();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let mut sources = load(&[folder.into()]).unwrap();
    assert_eq!(sources.len(), 2);
    sources.extend(builtin());
    for source in &sources {
        let errors: Vec<String> =
            validator.iter_errors(&plain(&source.text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", source.file);
    }
}

#[test]
fn the_builtin_scenarios_can_be_read() {
    let faults: Vec<String> = builtin()
        .iter()
        .filter_map(|source| parse(source).err())
        .flatten()
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Both the schema and the reader refuse these.
#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator();
    let wrong = [
        "claim: It holds",
        "{claim: It holds, steps: []}",
        "{claim: It holds, steps: [{call: GET /v1/plant}], extra: 1}",
        "{claim: It holds, steps: [{call: GET v1/plant}]}",
        "{claim: It holds, steps: [{name: nothing}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, body: 1, raw: x}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, expect: {status: 42}}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, expect: {where: [{path: $.a}]}}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, repeat: 0}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, poll: {for: soon}}]}",
        "{claim: It holds, steps: [{call: GET /v1/plant, log_in: true}]}",
        "{claim: It holds, roles: {who: {license: x}}, steps: [{as: who, call: GET /v1/plant}]}",
    ];
    for text in wrong {
        assert!(!validator.is_valid(&plain(text)), "the schema accepts {text}");
        assert!(parse(&Source::new("it-holds.yaml", text)).is_err(), "the reader accepts {text}");
    }
}
