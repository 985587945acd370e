//! The help texts are the manual, so a review sees them move. `INSTA_UPDATE=always` writes them anew.

use crate::{one_line, outcome};

#[track_caller]
fn help(args: &[&str]) -> String {
    let (code, text, error) = outcome(args);
    assert_eq!((code, error.as_str()), (0, ""), "{args:?}");
    text
}

#[test]
fn the_command_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn serve_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["serve", "--help"]));
}

#[test]
fn test_says_what_it_can_do_and_its_exit_codes() {
    insta::assert_snapshot!(help(&["test", "--help"]));
}

#[test]
fn routes_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["routes", "--help"]));
}

#[test]
fn explain_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["explain", "--help"]));
}

#[test]
fn export_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["export", "--help"]));
}

#[test]
fn completions_says_what_it_can_do() {
    insta::assert_snapshot!(help(&["completions", "--help"]));
}

#[test]
fn the_version_is_a_line() {
    assert_eq!(help(&["--version"]), format!("tagtrail {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_rule_is_explained_in_either_case() {
    insta::assert_snapshot!(help(&["explain", "acct-45"]));
    assert_eq!(help(&["explain", "ACCT-45"]), help(&["explain", "acct-45"]));
}

#[test]
fn an_unknown_rule_is_one_line_and_code_2() {
    assert!(one_line(&["explain", "NONE-01"], 2).contains("NONE-01"));
}

#[test]
fn an_unknown_word_is_code_2() {
    assert_eq!(outcome(&["dance"]).0, 2);
    assert_eq!(outcome(&["serve", "--seed", "many"]).0, 2);
}

#[test]
fn what_is_exported_is_what_is_committed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let committed = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(help(&["export", "openapi"]), committed("schemas/openapi.json"));
    assert_eq!(help(&["routes"]), committed("schemas/routes.txt"));
}
