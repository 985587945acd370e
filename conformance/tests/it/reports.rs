//! What the reporters write about the same run.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use anstream::StripStream;
use serde_json::{Value, json};
use tagtrail_conformance::report::{GitHub, JUnit, Json, Terminal};
use tagtrail_conformance::{Reporter, run};

use crate::double::{Call, Canned, Double, list, nameless, room};

/// A writer that can be read after the reporter took it.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn answers(call: &Call, _: usize) -> Canned {
    if call.start.ends_with("room") {
        (200, &[], list(&[]))
    } else {
        (404, &[], json!({"Error": "Not found."}))
    }
}

const PASSES: &str = "claim: It holds\nsteps: [{call: GET /v1/plant/room}]\n";
const FAILS: &str = "claim: It fails\nsteps: [{call: GET /v1/plant/1}]\n";
const SKIPS: &str = "claim: It needs more\nneeds: [control]\nsteps: [{call: GET /v1/plant/room}]\n";
const ERRS: &str = "claim: It cannot be asked\nroles: {who: {user: nobody@x.example}}\nsteps: [{as: who, call: GET /v1/plant/room}]\n";

async fn papers() -> [String; 3] {
    let double = Double::foreign(answers).await;
    let scenarios =
        [("a/1.yaml", PASSES), ("a/2.yaml", FAILS), ("b/3.yaml", SKIPS), ("b/4.yaml", ERRS)];
    let papers = [Paper::default(), Paper::default(), Paper::default()];
    let mut reporters: Vec<Box<dyn Reporter>> = vec![
        Box::new(Json::new(Box::new(papers[0].clone()))),
        Box::new(JUnit::new(Box::new(papers[1].clone()))),
        Box::new(GitHub::new(Box::new(papers[2].clone()))),
    ];
    let summary = run(double.options(&scenarios), &mut reporters).await;
    assert_eq!(summary.exit_code(), 1);
    papers.map(|paper| paper.text())
}

#[tokio::test]
async fn junit_counts_add_up_and_nothing_skipped_looks_passed() {
    let [_, junit, _] = papers().await;
    let cases = |word: &str| junit.matches(word).count();
    assert!(
        junit.contains(
            r#"<testsuites name="tagtrail" tests="4" skipped="1" failures="1" errors="1""#
        ),
        "{junit}"
    );
    assert_eq!(
        (cases("<testcase"), cases("<failure"), cases("<error"), cases("<skipped")),
        (4, 1, 1, 1),
        "{junit}"
    );
    assert!(
        junit.contains(r#"<testsuite name="b" tests="2" skipped="1" errors="1" failures="0""#),
        "{junit}"
    );
}

#[tokio::test]
async fn json_is_one_document_with_counts_that_add_up() {
    let [json, _, _] = papers().await;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        document["counts"],
        json!({"pass": 1, "fail": 1, "warn": 0, "skip": 1, "error": 1, "not_run": 0})
    );
    assert_eq!(document["exit"], json!("findings"));
    let scenarios = document["scenarios"].as_array().unwrap();
    assert_eq!(
        scenarios.iter().map(|one| one["status"].clone()).collect::<Vec<_>>(),
        ["pass", "fail", "skip", "error"]
    );
    let finding = &scenarios[1]["findings"][0];
    assert_eq!(
        (&finding["line"], &finding["column"], &finding["kind"]),
        (&json!(2), &json!(16), &json!("status"))
    );
}

#[tokio::test]
async fn every_rule_is_in_one_list_of_its_chapter_and_every_route_in_one_of_its_family() {
    let double = Double::tagtrail(nameless).await;
    let paper = Paper::default();
    let mut reporters: Vec<Box<dyn Reporter>> = vec![Box::new(Json::new(Box::new(paper.clone())))];
    let mut options = double.options(&[("a.yaml", DIFFERS)]);
    options.planned.insert("saleCreate".to_owned());
    run(options, &mut reporters).await;
    let document: Value = serde_json::from_str(&paper.text()).unwrap();
    let coverage = &document["coverage"];
    let check = |groups: &str, total: &str, lists: [&str; 4]| -> usize {
        let groups = coverage[groups].as_array().unwrap().iter();
        let counted = groups.map(|group| {
            let listed: usize =
                lists.map(|list| group[list].as_array().unwrap().len()).iter().sum();
            assert_eq!(group[total], json!(listed), "{group}");
            listed
        });
        counted.sum()
    };
    let rules = check("chapters", "rules", ["shown", "describing", "not_live", "missing"]);
    assert_eq!(coverage["rules_known"], json!(rules));
    let routes = check("families", "routes", ["granted", "refused", "never", "planned"]);
    assert_eq!(coverage["live"], json!(routes - 1));
    let shown = coverage["chapters"].as_array().unwrap().iter().find(|it| it["shown"] != json!([]));
    assert_eq!(
        shown.map(|it| (&it["prefix"], &it["shown"])),
        Some((&json!("ROOM"), &json!(["ROOM-03"])))
    );
}

#[tokio::test]
async fn annotations_stand_beside_the_line() {
    let [_, _, github] = papers().await;
    assert!(
        github.starts_with(
            "::error file=a/2.yaml,line=2,col=16,title=It fails::the status differs%0Aexpected success (2xx)%0Aseen 404 \"Not found.\"\n"
        ),
        "{github}"
    );
    assert_eq!(github.lines().count(), 2);
}

const DIFFERS: &str = r#"claim: A room is refused in every way
rules: [ROOM-03]
roles:
  farm: {user: staff@hollow-birch.example}
steps:
  - name: a nameless room
    as: farm
    call: POST /v1/plant/room
    body: {Name: " "}
    expect:
      status: 404
      rule: ROOM-07
      finding: INV-48
      error: The room 7 could not be found.
      headers: {Allow: "GET, POST"}
cleanup:
  - as: farm
    call: GET /v1/plant/room
    expect:
      exact: {NextCursor: 0, NextTransactionID: 1, Room: []}
      body:
        Room:
          - {Name: Dry, Deleted: false}
          - "..."
      where:
        - {path: $.Room, length: ">= 2"}
        - {path: "$.Room[0].ID", number: 7}
        - {path: "$.Room[0].Name", matches: "^[A-Z]$"}
    capture: {room: "$.Room[?@.ID == 7].ID"}
"#;

fn refuses(call: &Call, before: usize) -> Canned {
    if call.start.starts_with("GET") {
        (200, &[], list(&[room(12, "Veg")]))
    } else {
        nameless(call, before)
    }
}

#[tokio::test]
async fn findings_point_at_the_words_that_do_not_hold() {
    let double = Double::tagtrail(refuses).await;
    let paper = Paper::default();
    let writer: Box<dyn Write + Send> = Box::new(paper.clone());
    let terminal = Terminal::new(Box::new(StripStream::new(writer)), false);
    let mut reporters: Vec<Box<dyn Reporter>> = vec![Box::new(terminal)];
    run(double.options(&[("a-room-is-refused-in-every-way.yaml", DIFFERS)]), &mut reporters).await;
    let text = paper.text().replace(&double.address.to_string(), "localhost:1");
    let filters = vec![
        (r"\d+ ms", "[time]"),
        (r"t-a-room[-0-9a-z]+", "[world]"),
        (r"(?s)\n  rules .*?\n\nthe target", "\n  [coverage]\n\nthe target"),
    ];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!(text);
    });
}
