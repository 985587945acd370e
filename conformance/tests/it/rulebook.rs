//! Every rule and every route has a scenario.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use tagtrail_conformance::scenario::lint::split_call;
use tagtrail_conformance::scenario::load::{Loaded, read};
use tagtrail_conformance::{builtin, contract};

/// The rules that no scenario shows; its comments say why.
const UNSHOWN: &str = include_str!("unshown.txt");

static SCENARIOS: LazyLock<Vec<Loaded>> =
    LazyLock::new(|| read(&builtin()).unwrap_or_else(|faults| panic!("{}", faults[0])));

fn unshown() -> BTreeSet<&'static str> {
    UNSHOWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn every_rule_has_a_scenario_or_a_reason_why_not() {
    let rules = SCENARIOS.iter().flat_map(|it| &it.scenario.rules);
    let named: BTreeSet<&str> = rules.map(|rule| rule.value.as_str()).collect();
    let left: BTreeSet<&str> =
        contract::rules().map(|rule| rule.id.as_str()).filter(|id| !named.contains(id)).collect();
    assert_eq!(left, unshown(), "unshown.txt names what no scenario does, and nothing else");
}

#[test]
fn every_route_is_called_by_a_scenario() {
    let steps = SCENARIOS.iter().flat_map(|it| it.scenario.phases()).flat_map(|(_, steps)| steps);
    let calls = steps.filter_map(|step| split_call(&step.value.call.as_ref()?.value));
    let called: BTreeSet<&str> = calls
        .filter_map(|(method, path)| contract::find(method, path))
        .map(|route| route.operation.as_str())
        .collect();
    let left: Vec<&str> = contract::routes()
        .iter()
        .map(|route| route.operation.as_str())
        .filter(|operation| !called.contains(operation))
        .collect();
    assert!(left.is_empty(), "no scenario calls {left:?}");
}
