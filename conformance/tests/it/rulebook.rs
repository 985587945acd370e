//! What the built-in scenarios cover in full stays covered.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use tagtrail_conformance::scenario::lint::split_call;
use tagtrail_conformance::scenario::load::{Loaded, read};
use tagtrail_conformance::{builtin, contract};

/// Chapters of which every rule has a scenario; further ones join when they are complete.
const CHAPTERS: [&str; 4] = ["ROOM", "PLT", "HARV", "LOT"];
/// Families of which every route is called.
#[rustfmt::skip]
const FAMILIES: [&str; 12] = [
    "access", "adjustment", "conversion", "destruction", "directory", "harvest", "ingredient", "inventory",
    "people", "plant", "room", "sample",
];

static SCENARIOS: LazyLock<Vec<Loaded>> =
    LazyLock::new(|| read(&builtin()).unwrap_or_else(|faults| panic!("{}", faults[0])));

#[test]
fn every_rule_of_a_complete_chapter_has_a_scenario() {
    let rules = SCENARIOS.iter().flat_map(|it| &it.scenario.rules);
    let named: BTreeSet<&str> = rules.map(|rule| rule.value.as_str()).collect();
    let left: Vec<&str> = contract::rules()
        .filter(|rule| CHAPTERS.contains(&contract::prefix(rule)))
        .map(|rule| rule.id.as_str())
        .filter(|id| !named.contains(id))
        .collect();
    assert!(left.is_empty(), "no scenario names {left:?}");
}

#[test]
fn every_route_of_a_complete_family_is_called() {
    let steps = SCENARIOS.iter().flat_map(|it| it.scenario.phases()).flat_map(|(_, steps)| steps);
    let calls = steps.filter_map(|step| split_call(&step.value.call.as_ref()?.value));
    let called: BTreeSet<&str> = calls
        .filter_map(|(method, path)| contract::find(method, path))
        .map(|route| route.operation.as_str())
        .collect();
    let left: Vec<&str> = contract::routes()
        .iter()
        .filter(|route| FAMILIES.contains(&route.family.as_str()))
        .map(|route| route.operation.as_str())
        .filter(|operation| !called.contains(operation))
        .collect();
    assert!(left.is_empty(), "no scenario calls {left:?}");
}
