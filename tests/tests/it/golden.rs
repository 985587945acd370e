//! The whole surface as committed text: a review sees it move. `GOLDEN=write` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use tagtrail_schemas::{Rule, RuleKind, lay_out, openapi, routes_txt, rule};

use crate::source::{files, may_only_shrink, quoted_rule_ids, root};

/// Where the document says that a sandbox listens.
const BASE_URL: &str = "http://127.0.0.1:8910";

/// Whether golden files are to be written instead of compared.
pub(crate) fn writes() -> bool {
    std::env::var_os("GOLDEN").is_some_and(|it| it == "write")
}

/// The operations that no code answers.
pub(crate) fn planned() -> BTreeSet<&'static str> {
    tagtrail_emulator::planned().map(|route| route.operation.as_str()).collect()
}

/// Compares a committed file with what it has to say, or writes it.
#[track_caller]
pub(crate) fn check(path: &str, expected: &str) {
    let full = root().join(path);
    if writes() {
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&full).unwrap_or_default();
    if found == expected {
        return;
    }
    let differs = found.lines().zip(expected.lines()).position(|(one, other)| one != other);
    let line = differs.unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    panic!(
        "{path} is stale from line {} on; GOLDEN=write writes it anew\n  file {}\n  now  {}",
        line + 1,
        at(&found),
        at(expected)
    );
}

#[test]
fn the_list_of_routes_is_as_committed() {
    check("schemas/routes.txt", &routes_txt(&planned()));
}

#[test]
fn the_openapi_document_is_as_committed() {
    check("schemas/openapi.json", &lay_out(&openapi(&planned(), BASE_URL)));
}

#[test]
fn a_live_route_never_becomes_planned_again() {
    let planned = planned().into_iter().map(str::to_owned).collect();
    may_only_shrink("schemas/planned.txt", &planned, "a route lost its code");
}

#[test]
fn the_grids_of_states_and_verbs_are_as_committed() {
    for (name, grid) in tagtrail_emulator::printed_grids() {
        check(&format!("schemas/grids/{name}.txt"), &grid);
    }
}

#[test]
fn the_doors_of_the_portal_and_who_may_come_through_are_as_committed() {
    check("schemas/doors.txt", &tagtrail_emulator::printed_doors());
}

/// Shipping and selling wait for a live route; the grid refuses them already (INV-19).
#[test]
fn quarantine_closes_shipping_and_selling_and_nothing_else() {
    let grids = tagtrail_emulator::printed_grids();
    let (_, grid) = grids.iter().find(|(name, _)| *name == "item").unwrap();
    let row = grid.lines().find(|line| line.starts_with("Quarantined")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().skip(1).collect();
    let (rest, moving) = cells.split_at(cells.len() - 2);
    assert_eq!(moving, ["INV-19", "INV-19"]);
    assert!(!rest.contains(&"INV-19"));
}

/// Id, status, basis and sentence of every rule that the emulator refuses by or notes.
#[test]
fn every_refusal_of_the_emulator_is_as_committed() {
    let code = files("emulator/src");
    let ids: BTreeSet<String> =
        code.iter().flat_map(|file| quoted_rule_ids(&file.product())).collect();
    let mut text = String::new();
    for id in ids {
        let rule =
            rule(&id).unwrap_or_else(|| panic!("the code refuses by {id}, which is no rule"));
        // A fact with a sentence is what a row of an upload is told; one that redirects, what a browser is.
        let told = !rule.messages.is_empty() || rule.status.contains(&302);
        let speaks = rule.kind != RuleKind::Fact || told;
        assert!(speaks, "the code refuses by {id}, which refuses nothing");
        lines(rule, &mut text);
    }
    check("schemas/refusals.txt", &text);
}

fn lines(rule: &Rule, text: &mut String) {
    let statuses: Vec<_> = rule.status.iter().map(u16::to_string).collect();
    let status = if statuses.is_empty() { rule.kind.to_string() } else { statuses.join(",") };
    let basis = rule.basis.to_string();
    for index in 0..rule.messages.len().max(1) {
        let sentence = rule.sentence_at(index, &[]);
        writeln!(text, "{:<8} {status:<8} {basis:<10}  {sentence}", rule.id).unwrap();
    }
}
