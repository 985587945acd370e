//! `tagtrail test`: every exit code, and the reports.

use std::fs;
use std::net::TcpListener;

use crate::outcome;

const CONFORMS: &str = "claim: The server is up
steps:
  - call: GET /heartbeat
    expect: {status: 200, body: {Status: success}}
";

const DIFFERS: &str = "claim: The server is a teapot
steps:
  - call: GET /v1/user
    expect: {status: 418}
";

const UNREADABLE: &str = "claim: The file is broken\nsteps:\n  - dance: wildly\n";

/// Writes a scenario and plays it.
fn play(slug: &str, text: &str, args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{slug}.yaml"));
    fs::write(&path, text).unwrap();
    let path = path.to_string_lossy().into_owned();
    outcome(&[&["test", &path], args].concat())
}

#[test]
fn a_target_that_conforms_is_code_0() {
    let (code, text, error) = play("the-server-is-up", CONFORMS, &[]);
    assert_eq!(code, 0, "{text}{error}");
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn a_finding_is_code_1() {
    let (code, text, error) = play("the-server-is-a-teapot", DIFFERS, &[]);
    assert_eq!(code, 1, "{text}{error}");
    assert!(text.contains("418") && text.contains("401"), "{text}");
}

#[test]
fn a_scenario_that_cannot_be_read_is_code_2() {
    let (code, text, error) = play("the-file-is-broken", UNREADABLE, &[]);
    assert_eq!(code, 2, "{text}{error}");
    assert!(format!("{text}{error}").contains("dance"), "{text}{error}");
}

#[test]
fn a_path_that_is_not_there_is_code_2() {
    let (code, _, error) = outcome(&["test", "no-such-folder"]);
    assert_eq!((code, error.lines().count()), (2, 1), "{error}");
}

#[test]
fn a_target_that_is_not_there_is_code_3() {
    // Taken and given back: nobody listens on it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("http://127.0.0.1:{port}");
    let (code, text, error) = play("the-server-is-up", CONFORMS, &["--target", &target]);
    assert_eq!(code, 3, "{text}{error}");
}

#[test]
fn a_run_in_which_nothing_ran_is_code_4() {
    let (code, text, error) = play("the-server-is-up", CONFORMS, &["--filter", "nothing-of-it"]);
    assert_eq!(code, 4, "{text}{error}");
}

#[test]
fn what_no_scenario_touched_is_named_on_request() {
    let (_, text, _) = play("the-server-is-up", CONFORMS, &[]);
    assert!(!text.contains("SALE-01"), "{text}");
    let (code, text, error) = play("the-server-is-up", CONFORMS, &["--untouched", "sale"]);
    assert_eq!(code, 0, "{error}");
    assert!(text.contains("SALE-01") && text.contains("POST /v1/sale"), "{text}");
    let (code, _, error) = play("the-server-is-up", CONFORMS, &["--untouched", "sales"]);
    assert!(code == 2 && error.contains("no chapter or family `sales`"), "{code} {error}");
}

#[test]
fn the_same_run_is_told_as_json_and_junit() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (json, junit) = (file("run.json"), file("run.xml"));
    let reports = [format!("json={json}"), format!("junit={junit}")];
    let args = ["--report", &reports[0], "--report", &reports[1]];
    let (code, text, error) = play("the-server-is-a-teapot", DIFFERS, &args);
    assert_eq!(code, 1, "{text}{error}");
    assert!(fs::read_to_string(json).unwrap().contains("The server is a teapot"));
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<failure") && junit.contains("The server is a teapot"), "{junit}");
}
