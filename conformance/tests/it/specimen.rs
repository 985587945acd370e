//! One sheet that shows every status line and one finding of each kind, so that a review sees the typography move.

use std::io::Write;
use std::time::Duration;

use anstream::StripStream;
use serde_json::Value;
use tagtrail_conformance::Reporter;
use tagtrail_conformance::coverage::{Chapter, Coverage, Family};
use tagtrail_conformance::event::{
    Counts, Event, Exchange, Finding, FindingKind, Message, Outcome, Plan, RuleNote, Summary,
    Verdict, Weight,
};
use tagtrail_conformance::exit::Exit;
use tagtrail_conformance::report::{Terminal, Untouched};
use tagtrail_conformance::scenario::ast::Level;
use tagtrail_conformance::scenario::fault::Complaint;
use tagtrail_conformance::scenario::place::Place;

use crate::reports::Paper;

const TEXT: &str =
    "claim: A room has a name\nsteps:\n  - call: POST /v1/plant/room\n    expect: {status: 400}\n";
const KINDS: [(FindingKind, &str, &str, &str); 9] = [
    (FindingKind::Status, "the status differs", "400", "200"),
    (FindingKind::Rule, "another rule refuses", "ROOM-03", "ROOM-04"),
    (FindingKind::Finding, "the finding is not reported", "INV-48", "no finding"),
    (
        FindingKind::Wording,
        "the error sentence differs",
        "\"Please provide a value for Name.\"",
        "\"No name.\"",
    ),
    (FindingKind::Header, "the header Allow differs", "GET, POST", "GET"),
    (FindingKind::Body, "$.GrowRoom.Name differs", "\"Veg\"", "\"veg\""),
    (FindingKind::Check, "$.Room differs", "length >= 3", "length 2"),
    (FindingKind::Capture, "nothing to keep as `room`", "one value", "nothing at $.GrowRoom.ID"),
    (
        FindingKind::Schema,
        "the reply does not fit the published interface",
        "what the published interface says",
        "\"ID\" is a required property at /Room/0, and 2 more",
    ),
];

fn finding(index: usize) -> Finding {
    let (kind, message, expected, seen) = KINDS[index];
    let place = Place { line: 4, column: 22, width: 3, offset: None };
    let half =
        |start: &str| Message { start: start.to_owned(), headers: Vec::new(), body: Value::Null };
    Finding {
        kind,
        weight: if kind == FindingKind::Wording { Weight::Remark } else { Weight::Failure },
        file: "scenarios/room/a-room-has-a-name.yaml".to_owned(),
        excerpt: place.excerpt(TEXT),
        step: "a nameless room".to_owned(),
        message: message.to_owned(),
        expected: expected.to_owned(),
        seen: seen.to_owned(),
        diff: (kind == FindingKind::Body)
            .then(|| "--- expected\n+++ seen\n-  \"Veg\"\n+  \"veg\"".to_owned()),
        rule: (kind != FindingKind::Schema).then(|| RuleNote {
            id: "ROOM-03".to_owned(),
            sentence: "when a room has no name then refuse".to_owned(),
            basis: "family".to_owned(),
        }),
        curl: "curl -i -X POST 'http://localhost:1/v1/plant/room'".to_owned(),
        exchange: Exchange {
            request: half("POST http://localhost:1/v1/plant/room"),
            reply: half("200"),
        },
    }
}

fn outcome(claim: &str, verdict: Verdict, findings: Vec<Finding>, notes: &[&str]) -> Outcome {
    Outcome {
        claim: claim.to_owned(),
        file: "scenarios/room/a-room-has-a-name.yaml".to_owned(),
        rules: Vec::new(),
        level: Level::Must,
        verdict,
        findings,
        steps: Vec::new(),
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        elapsed: Duration::from_millis(1200),
    }
}

fn outcomes() -> Vec<Outcome> {
    let because = |reason: &str| reason.to_owned();
    vec![
        outcome(
            "A room has a name",
            Verdict::Pass,
            Vec::new(),
            &["the target names no rules: ROOM-03 was not compared"],
        ),
        outcome(
            "A room keeps its name",
            Verdict::Fail,
            (0..KINDS.len()).map(finding).collect(),
            &[],
        ),
        outcome("A room says why", Verdict::Warn, vec![finding(3)], &[]),
        outcome(
            "Time passes",
            Verdict::Skip(because("the target has no control plane")),
            Vec::new(),
            &[],
        ),
        outcome(
            "Somebody asks",
            Verdict::Error(because("`farm` cannot log in: 401: Invalid session.")),
            Vec::new(),
            &[],
        ),
        outcome(
            "Nobody asks",
            Verdict::NotRun(because("3 scenarios in a row lost the connection")),
            Vec::new(),
            &[],
        ),
    ]
}

fn summary(counts: Counts, exit: Exit, faults: Vec<Complaint>) -> Summary {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let coverage = Coverage {
        live: 4,
        planned: words(&["saleCreate"]),
        granted: words(&["roomCreate", "roomList"]),
        refused: words(&["plantShow"]),
        never: words(&["plantMove"]),
        rules: words(&["ROOM-03"]),
        rules_known: 560,
        chapters: vec![
            Chapter {
                number: 5,
                prefix: "ROOM",
                subject: "plant and inventory rooms",
                rules: 4,
                shown: words(&["ROOM-03"]),
                describing: words(&["ROOM-01"]),
                missing: words(&["ROOM-02", "ROOM-07"]),
                ..Chapter::default()
            },
            Chapter {
                number: 15,
                prefix: "SALE",
                subject: "sales, limits, refunds",
                rules: 1,
                not_live: words(&["SALE-01"]),
                ..Chapter::default()
            },
        ],
        families: vec![
            Family {
                family: "room",
                routes: 4,
                granted: words(&["plantRoomCreate", "plantRoomList"]),
                refused: words(&["plantRoomShow"]),
                never: words(&["plantRoomDelete"]),
                ..Family::default()
            },
            Family {
                family: "sale",
                routes: 1,
                planned: words(&["saleCreate"]),
                ..Family::default()
            },
        ],
    };
    let stopped =
        (counts.not_run > 0).then(|| "3 scenarios in a row lost the connection".to_owned());
    Summary {
        target: "http://localhost:1".to_owned(),
        instance: None,
        counts,
        coverage,
        stopped,
        exit,
        elapsed: Duration::from_secs(75),
        faults,
    }
}

fn sheet(events: Vec<Event>) -> String {
    told(events, |terminal| terminal)
}

fn told(events: Vec<Event>, how: impl Fn(Terminal) -> Terminal) -> String {
    let paper = Paper::default();
    let writer: Box<dyn Write + Send> = Box::new(paper.clone());
    let mut terminal = how(Terminal::new(Box::new(StripStream::new(writer)), false));
    for event in events {
        terminal.note(&event).unwrap();
    }
    paper.text()
}

#[test]
fn every_line_of_the_terminal_report() {
    let lint = Complaint::at(
        "a.yaml",
        TEXT,
        Place { line: 1, column: 8, width: 17, offset: None },
        "role `farm` never acts",
    );
    let plan = Plan {
        target: "http://localhost:1".to_owned(),
        instance: Some("a1".to_owned()),
        scenarios: 6,
        jobs: 4,
        lints: vec![lint],
    };
    let mut events = vec![Event::RunStarted(plan)];
    let mut counts = Counts::default();
    for (index, outcome) in outcomes().into_iter().enumerate() {
        counts.add(&outcome.verdict);
        events.push(Event::ScenarioFinished { index, outcome: Box::new(outcome) });
    }
    events.push(Event::RunFinished(Box::new(summary(counts, Exit::of(&counts, true), Vec::new()))));
    insta::assert_snapshot!(sheet(events));
}

#[test]
fn a_run_in_which_nothing_was_played() {
    let fault = Complaint::at(
        "a.yaml",
        TEXT,
        Place { line: 4, column: 5, width: 6, offset: None },
        "unknown field `expects`",
    );
    let end = summary(Counts::default(), Exit::Usage, vec![fault]);
    insta::assert_snapshot!(sheet(vec![Event::RunFinished(Box::new(end))]), @r#"
unreadable a.yaml:4:5: unknown field `expects`
  |
4 |     expect: {status: 400}
  |     ^^^^^^

nothing was played: 0 scenarios 75 s
"#);
}

/// The end of a run that conforms, by a terminal so many columns wide.
fn end(columns: usize, untouched: &str) -> String {
    let counts = Counts { pass: 1, ..Counts::default() };
    let end = Event::RunFinished(Box::new(summary(counts, Exit::Conforms, Vec::new())));
    told(vec![end], |terminal| terminal.wide(columns).naming(untouched.parse().unwrap()))
}

#[test]
fn where_it_is_narrow_the_tables_say_less() {
    insta::assert_snapshot!(end(68, "PLT"), @r#"

  rules                           shown  describe  not live  missing
   5 ROOM  plant and invento…  1 /    4         1         -        2
  all      1 chapter untouch…  1 /    5         1         1        2

  routes                        granted   refused     never  planned
  room                         2 /    4         1         1        -
  all      1 family untouched  2 /    5         1         1        1

the target conforms: 1 scenario, 1 passed 75 s
"#);
    insta::assert_snapshot!(end(40, "PLT"), @r#"

  rules       shown  describe  not live
   5 ROOM  1 /    4         1         -
  all      1 /    5         1         1

  routes    granted   refused     never
  room     2 /    4         1         1
  all      2 /    5         1         1

the target conforms: 1 scenario, 1 passed 75 s
"#);
}

#[test]
fn what_was_not_touched_is_named_for_some_or_all() {
    insta::assert_snapshot!(end(60, "all"), @r#"

  rules       shown  describe  not live  missing
   5 ROOM  1 /    4         1         -        2
  all      1 /    5         1         1        2

  routes    granted   refused     never  planned
  room     2 /    4         1         1        -
  all      2 /    5         1         1        1

  ROOM-01   describes     when a room is created then the s…
  ROOM-02   missing       when an id is sent on creation th…
  ROOM-07   missing       when a room id in the path is not…
  SALE-01   not live      When `Type` is neither RECREATION…
  room      never called  DELETE /v1/plant/room/{id}
  room      only refused  GET /v1/plant/room/{id}
  sale      planned       POST /v1/sale

the target conforms: 1 scenario, 1 passed 75 s
"#);
    insta::assert_snapshot!(end(200, "sale"), @r#"

  rules                                  shown  describe  not live  missing
   5 ROOM  plant and inventory rooms  1 /    4         1         -        2
  all      1 chapter untouched        1 /    5         1         1        2

  routes                               granted   refused     never  planned
  room                                2 /    4         1         1        -
  all      1 family untouched         2 /    5         1         1        1

  SALE-01   not live      When `Type` is neither RECREATIONAL nor MEDICAL then it is refused.
  sale      planned       POST /v1/sale

the target conforms: 1 scenario, 1 passed 75 s
"#);
}

#[test]
fn a_name_that_is_no_chapter_and_no_family_is_refused_with_those_that_are() {
    let refused = "PLT,plants".parse::<Untouched>().unwrap_err();
    assert!(refused.contains("`plants`; name `all`, or any of WIRE, ACCT"), "{refused}");
    assert_eq!("PLT, Room".parse::<Untouched>(), "plt,room".parse());
}
