//! What a reader is told about a scenario file before it is played.

use tagtrail_conformance::scenario::load::{Source, parse};

/// All complaints about a file of which only the first lines matter.
fn complaints(text: &str) -> String {
    match parse(&Source::new("it-holds.yaml", text)) {
        Ok(loaded) => loaded.lints.iter().map(ToString::to_string).collect(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn check(steps: &str, complaint: &str) {
    let text = format!("claim: It holds\nsteps:\n  - {steps}\n");
    let found = complaints(&text);
    assert!(found.contains(complaint), "{found}");
}

#[test]
fn a_complaint_has_a_line_and_a_caret() {
    insta::assert_snapshot!(complaints("claim: It holds\nsteps:\n  - call: GET /v1/plant\n    expects: {status: 200}\n"), @r#"
it-holds.yaml:4:5: unknown field `expects`, expected one of name, as, log_in, call, control, query, headers, body, form, raw, expect, capture, poll, repeat
  |
4 |     expects: {status: 200}
  |     ^^^^^^^
"#);
    insta::assert_snapshot!(complaints("claim: It holds\nsteps:\n  - call: GET /v1/plant/${plant}\n"), @r#"
it-holds.yaml:3:11: nothing was captured as `plant` before this step
  |
3 |   - call: GET /v1/plant/${plant}
  |           ^^^^^^^^^^^^^^^^^^^^^^
"#);
    insta::assert_snapshot!(complaints("claim: It holds\nsteps: [\n"), @r#"
it-holds.yaml:2:8: unclosed bracket '['
  |
2 | steps: [
  |        ^
"#);
    insta::assert_snapshot!(complaints("claim: It holds\nsteps: [{call: GET /a, query: {ID: ${id}}}]\n"), @r#"
it-holds.yaml:2:37: while parsing a flow mapping, did not find expected ',' or '}'; between { } a capture stands in quotes: "${name}"
  |
2 | steps: [{call: GET /a, query: {ID: ${id}}}]
  |                                     ^
"#);
    insta::assert_snapshot!(complaints("claim: It holds\nsteps:\n  - call: PUT /v1/plant/move\n    body: {Plant: [{PlantID: 2273518842960417}]}\n"), @r#"
it-holds.yaml:4:30: an identifier is text: write "2273518842960417" in quotes
  |
4 |     body: {Plant: [{PlantID: 2273518842960417}]}
  |                              ^^^^^^^^^^^^^^^^
"#);
    insta::assert_snapshot!(complaints("claim: It\nsteps: [{call: POST /oauth, body: {When: 2025-07-28}}]\n"), @r#"
it-holds.yaml:1:8: the file is named after its claim: expected it.yaml
  |
1 | claim: It
  |        ^^
it-holds.yaml:2:42: a fixed date needs a frozen `clock`, else the scenario rots
  |
2 | steps: [{call: POST /oauth, body: {When: 2025-07-28}}]
  |                                          ^^^^^^^^^^
"#);
}

#[test]
fn faults_are_found_before_anything_is_played() {
    check("{call: get /v1/plant}", "a call is a method and a path");
    check("{call: GET /a, control: GET /b}", "either a `call` or a `control`");
    check("{call: GET /a, as: nobody}", "there is no role `nobody`");
    check("{call: GET /a, body: {ID: 0073518842960417}}", "an identifier is text");
    check("{call: GET /a, expect: {rule: NONE-01}}", "there is no rule NONE-01");
    check("{call: GET /a, expect: {where: [{path: $.a, is: 1, not: 2}]}}", "exactly one of");
    check("{call: GET /a, expect: {where: [{path: a b, is: 1}]}}", "not a JSONPath");
    check(
        "{call: GET /a, expect: {where: [{path: $.a, number: about 3}]}}",
        "expected a comparison",
    );
    check(
        "{call: GET /a, expect: {where: [{path: $.a, matches: '('}]}}",
        "not a regular expression",
    );
    check("{call: GET /a, expect: {status: yes}}", "yes");
    check("{call: GET /a, capture: {a-b: $.a}}", "no name for a capture");
    check("{call: GET /a, repeat: 0}", "repeat at least once");
    check("{call: GET /v1/nowhere}", "no published route");
    check("{call: GET /a, body: ['${ids[*].ID}']}", "nothing was captured as `ids` before");
    let lists = "capture: {a: $.a, b: $.b}}\n  - {call: POST /a, ";
    let twice = "an element is repeated for one list at a time";
    check(&format!("{{call: GET /a, {lists}body: [{{A: '${{a[*]}}', B: '${{b[*]}}'}}]}}"), twice);
    let stray = "stands in an element of a list in a `body` or a `query`";
    check(&format!("{{call: GET /a, {lists}body: {{A: '${{a[*]}}'}}}}"), stray);
    check(&format!("{{call: GET /a, {lists}raw: '${{a[*].ID}}'}}"), stray);
    check(&format!("{{call: GET /a, {lists}expect: {{body: ['${{a[*].ID}}']}}}}"), stray);
    for number in [".5", "1.", "+0.5", "00.5"] {
        let step = format!("{{call: POST /a, body: {{Amount: {number}}}}}");
        check(&step, "write this number as JSON does");
    }
}
