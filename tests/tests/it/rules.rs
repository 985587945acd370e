//! Code, data and scenarios agree about the rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use regex::Regex;
use tagtrail_conformance::load;
use tagtrail_conformance::scenario::load::read;
use tagtrail_schemas::{RuleKind, catalogue, profile, profile_names, rule, rules};

use crate::golden;
use crate::source::{collect, files, may_only_shrink, quoted_rule_ids, root, rule_ids};

/// What the emulator acts on. A refusal or finding is acted on where it is quoted; a fact, which has
/// no sentence to give, where a comment names it.
fn live() -> BTreeSet<String> {
    let code = files("emulator/src");
    let quoted = code.iter().flat_map(|file| quoted_rule_ids(&file.product()));
    let named = code.iter().flat_map(|file| rule_ids(&file.product_and_comments()));
    let facts = named.filter(|id| rule(id).is_some_and(|it| it.kind == RuleKind::Fact));
    quoted.chain(facts).collect()
}

/// What scenarios say that they exercise.
fn played() -> BTreeSet<String> {
    let sources = load(&[root().join("scenarios")]).unwrap();
    let scenarios = match read(&sources) {
        Ok(scenarios) => scenarios,
        Err(complaints) => panic!("{}", complaints[0]),
    };
    let rules = scenarios.iter().flat_map(|it| &it.scenario.rules);
    rules.map(|rule| rule.value.clone()).collect()
}

#[test]
fn every_rule_named_by_the_emulator_is_in_the_rulebook() {
    for file in files("emulator/src") {
        for id in rule_ids(&file.text) {
            assert!(rule(&id).is_some(), "{} names {id}, which is no rule", file.path);
        }
    }
}

#[test]
fn every_rule_named_by_a_scenario_is_in_the_rulebook() {
    let unknown: Vec<_> = played().into_iter().filter(|id| rule(id).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_knob_of_the_emulator_is_in_every_profile() {
    let knob = Regex::new(r#""([a-z_]+\.[a-z_0-9]+)""#).unwrap();
    let mut seen = BTreeSet::new();
    for file in files("emulator/src") {
        for found in knob.captures_iter(&file.product()) {
            let name = &found[1];
            // A page's template is called like a file.
            if name.ends_with(".html") {
                continue;
            }
            for profile_name in profile_names() {
                let known = profile(profile_name).unwrap().contains_key(name);
                assert!(known, "{}: {profile_name} has no knob {name}", file.path);
            }
            seen.insert(name.to_owned());
        }
    }
    assert!(seen.len() > 50, "the knobs are spelled otherwise now: {seen:?}");
}

#[test]
fn every_mark_that_the_emulator_asks_of_a_type_is_in_the_catalogue() {
    let mark = Regex::new(r#"\.is\("([A-Z][A-Za-z]+)"\)"#).unwrap();
    let types = catalogue("inventory_types");
    let mut seen = BTreeSet::new();
    for file in files("emulator/src") {
        for found in mark.captures_iter(&file.product()) {
            let known = types.iter().all(|it| it[&found[1]].is_boolean());
            assert!(known, "{}: no type says whether it is {}", file.path, &found[1]);
            seen.insert(found[1].to_owned());
        }
    }
    assert!(seen.contains("UnitBased"), "the marks are asked otherwise now: {seen:?}");
}

#[test]
fn a_rule_is_live_in_the_data_when_the_emulator_acts_on_it() {
    let live = live();
    if golden::writes() {
        write_flags(&live);
        return;
    }
    let flagged: BTreeSet<String> =
        rules().values().filter(|it| it.live).map(|it| it.id.clone()).collect();
    let unflagged: Vec<_> = live.difference(&flagged).collect();
    let excess: Vec<_> = flagged.difference(&live).collect();
    assert!(
        unflagged.is_empty() && excess.is_empty(),
        "GOLDEN=write sets the flags; not flagged {unflagged:?}; flagged without code {excess:?}"
    );
}

/// Sets the last key of every rule's line.
fn write_flags(live: &BTreeSet<String>) {
    let id = Regex::new(r#"^  \{"id": "([A-Z]+-[0-9]{2})""#).unwrap();
    let flag = Regex::new(r#""live": (true|false)\}"#).unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    collect(&root().join("schemas/rules"), "json", &mut paths);
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let line = |line: &str| {
            let Some(found) = id.captures(line) else { return format!("{line}\n") };
            let live = live.contains(&found[1]);
            format!("{}\n", flag.replace(line, format!("\"live\": {live}}}")))
        };
        let flagged: String = text.lines().map(line).collect();
        if flagged != text {
            fs::write(path, flagged).unwrap();
        }
    }
}

#[test]
fn every_live_rule_is_exercised_by_a_scenario_or_a_test() {
    let mut exercised = played();
    for file in files("tests/tests").into_iter().chain(files("cli/tests")) {
        exercised.extend(quoted_rule_ids(&file.uncommented));
    }
    let untested = live().difference(&exercised).cloned().collect();
    may_only_shrink("tests/untested-rules.txt", &untested, "a live rule is exercised nowhere");
}
