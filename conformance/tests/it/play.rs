//! How scenarios end: verdicts, exit codes, evidence.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tagtrail_conformance::event::{Event, Outcome, Verdict, Weight};
use tagtrail_conformance::{Options, Reporter, Summary, run};

use crate::double::{
    Call, Canned, Double, PASSWORD, SESSION, list, nameless, nobody, receipt, room,
};

const REFUSED: &str = include_str!("../scenarios/a-room-without-a-name-is-refused.yaml");
const LISTED: &str = include_str!("../scenarios/a-room-that-was-made-is-listed.yaml");

/// Keeps the outcomes of a run.
#[derive(Clone, Default)]
struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Reporter for Outcomes {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        if let Event::ScenarioFinished { outcome, .. } = event {
            self.0.lock().unwrap().push(outcome.as_ref().clone());
        }
        Ok(())
    }
}

async fn played(options: Options) -> (Summary, Vec<Outcome>) {
    let outcomes = Outcomes::default();
    let mut reporters: Vec<Box<dyn Reporter>> = vec![Box::new(outcomes.clone())];
    let summary = run(options, &mut reporters).await;
    let outcomes = outcomes.0.lock().unwrap().clone();
    (summary, outcomes)
}

/// Plays one scenario of a few steps against a tagtrail.
async fn one(
    script: impl Fn(&Call, usize) -> Canned + Send + Sync + 'static,
    steps: &str,
) -> (Summary, Outcome, Double) {
    let double = Double::tagtrail(script).await;
    let text =
        format!("claim: It holds\nroles:\n  farm: {{user: staff@hollow-birch.example}}\n{steps}");
    let (summary, outcomes) = played(double.options(&[("it-holds.yaml", &text)])).await;
    (summary, outcomes.into_iter().next().unwrap(), double)
}

fn rooms(call: &Call, before: usize) -> Canned {
    match call.start.as_str() {
        "POST /v1/plant/room" => (200, &[], receipt(&room(12, "Veg"))),
        "GET /v1/plant/room?Limit=2" if before < 2 => (200, &[], list(&[])),
        "GET /v1/plant/room?Limit=2" => (200, &[], list(&[room(12, "Veg")])),
        start if start.starts_with("GET") => (200, &[], list(&[])),
        _ => (200, &[], receipt(&room(12, "Veg"))),
    }
}

#[tokio::test]
async fn a_target_that_does_what_the_scenario_says_conforms() {
    let double = Double::tagtrail(nameless).await;
    let (summary, outcomes) = played(double.options(&[("a.yaml", REFUSED)])).await;
    assert_eq!(outcomes[0].verdict, Verdict::Pass, "{:#?}", outcomes[0]);
    assert_eq!(summary.exit_code(), 0);
}

#[tokio::test]
async fn each_scenario_has_a_world_of_its_own_and_logs_in_once() {
    let double = Double::tagtrail(rooms).await;
    let (summary, outcomes) = played(double.options(&[("listed.yaml", LISTED)])).await;
    assert_eq!(summary.exit_code(), 0, "{outcomes:#?}");
    let calls = double.calls();
    let world = calls[2].start.clone();
    let name =
        world.trim_start_matches("GET /_tagtrail/worlds/").trim_end_matches("/clock").to_owned();
    assert!(
        calls[1].body.contains(&name) && calls[1].body.contains("2025-07-28T13:00:00Z"),
        "{calls:#?}"
    );
    assert_eq!(
        double.starts()[2..],
        [
            format!("GET /_tagtrail/worlds/{name}/clock"),
            "POST /v1/user/login".to_owned(),
            "POST /v1/plant/room".to_owned(),
            "GET /v1/plant/room?Limit=2".to_owned(),
            "GET /v1/plant/room?Limit=2".to_owned(),
            "GET /v1/plant/room?Limit=2".to_owned(),
            "DELETE /v1/plant/room/12".to_owned(),
            format!("DELETE /_tagtrail/worlds/{name}"),
        ]
    );
    assert_eq!(calls[3].header("authorization"), Some("Bearer access-token-of-the-app"));
    assert_eq!(calls[4].header("x-session-token"), Some(SESSION));
    assert_eq!(calls[4].header("x-tagtrail-world"), Some(name.as_str()));
}

#[tokio::test]
async fn what_the_target_lacks_is_skipped_with_a_reason_and_nothing_judged_is_no_success() {
    let double = Double::foreign(nameless).await;
    let (summary, outcomes) = played(double.options(&[("listed.yaml", LISTED)])).await;
    let reason = "the scenario needs the control plane, and the target has no control plane";
    assert_eq!(outcomes[0].verdict, Verdict::Skip(reason.to_owned()));
    assert_eq!(summary.exit_code(), 4);
    assert_eq!(run(double.options(&[]), &mut nobody()).await.exit_code(), 4);
}

#[tokio::test]
async fn a_difference_fails_and_an_unproven_basis_is_only_a_remark_elsewhere() {
    let accepts = |_: &Call, _: usize| -> Canned { (200, &[], receipt(&room(12, " "))) };
    let tagtrail = Double::tagtrail(accepts).await;
    let (summary, outcomes) = played(tagtrail.options(&[("a.yaml", REFUSED)])).await;
    assert_eq!((summary.exit_code(), &outcomes[0].verdict), (1, &Verdict::Fail));
    let foreign = Double::foreign(accepts).await;
    let (summary, outcomes) = played(foreign.options(&[("a.yaml", REFUSED)])).await;
    assert_eq!((summary.exit_code(), &outcomes[0].verdict), (0, &Verdict::Warn));
    assert!(outcomes[0].findings.iter().all(|finding| finding.weight == Weight::Remark));
}

#[tokio::test]
async fn cleanup_runs_also_after_a_failure() {
    let steps = "steps:
  - {call: GET /v1/plant/room, expect: {status: 404}}
  - {call: GET /v1/plant/room}
cleanup:
  - {call: DELETE /v1/plant/room/1}
  - {call: DELETE /v1/plant/room/2}
";
    let (_, outcome, double) = one(rooms, steps).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    let v1: Vec<_> = double.starts().into_iter().filter(|start| start.contains("/v1/")).collect();
    assert_eq!(v1, ["GET /v1/plant/room", "DELETE /v1/plant/room/1", "DELETE /v1/plant/room/2"]);
}

#[tokio::test]
async fn a_log_in_that_fails_is_trouble_and_no_finding() {
    let double = Double::tagtrail(nameless).await;
    let text = REFUSED.replace("staff@", "nobody@");
    let (summary, outcomes) = played(double.options(&[("a.yaml", &text)])).await;
    let reason = "`farm` cannot log in: no credentials are known for nobody@hollow-birch.example";
    assert_eq!(outcomes[0].verdict, Verdict::Error(reason.to_owned()));
    assert!(outcomes[0].findings.is_empty());
    assert_eq!(summary.exit_code(), 3);
}

#[tokio::test]
async fn a_target_that_does_not_listen_is_unreachable() {
    let double = Double::tagtrail(nameless).await;
    let mut options = double.options(&[("a.yaml", REFUSED), ("b.yaml", REFUSED)]);
    options.target = "http://127.0.0.1:1".parse().unwrap();
    let (summary, outcomes) = played(options).await;
    assert_eq!((summary.exit_code(), summary.counts.not_run), (3, 2));
    assert!(
        matches!(&outcomes[1].verdict, Verdict::NotRun(reason) if reason.starts_with("cannot connect to http://127.0.0.1:1"))
    );
}

#[tokio::test]
async fn three_lost_connections_in_a_row_stop_the_run() {
    let double = Double::foreign(|_, _| panic!("the connection breaks")).await;
    let text = "claim: It holds\nsteps: [{call: GET /v1/plant/room}]\n";
    let files: Vec<String> = (0..6).map(|number| format!("{number}.yaml")).collect();
    let scenarios: Vec<(&str, &str)> = files.iter().map(|file| (file.as_str(), text)).collect();
    let (summary, outcomes) = played(double.options(&scenarios)).await;
    let words: Vec<_> = outcomes.iter().map(|outcome| outcome.verdict.word()).collect();
    assert_eq!(words, ["error", "error", "error", "not run", "not run", "not run"]);
    assert_eq!(summary.exit_code(), 3);
}

#[tokio::test]
async fn a_scenario_that_cannot_be_read_stops_everything() {
    let double = Double::tagtrail(nameless).await;
    let (summary, outcomes) =
        played(double.options(&[("a.yaml", REFUSED), ("b.yaml", "claim: It\nstep: []\n")])).await;
    assert_eq!((summary.exit_code(), outcomes.len(), double.calls().len()), (2, 0, 0));
    assert_eq!(summary.faults.len(), 1);
}

#[tokio::test]
async fn secrets_are_not_in_the_evidence_but_equal_ones_look_equal() {
    let echoes = |call: &Call, _: usize| -> Canned {
        (200, &[], json!({"Token": SESSION, "said": call.body}))
    };
    let steps = format!(
        "steps:
  - as: farm
    call: POST /v1/plant/room
    body: {{Password: {PASSWORD}, Name: Veg}}
    expect: {{status: 400}}
"
    );
    let (_, outcome, _) = one(echoes, &steps).await;
    let text = serde_json::to_string(&outcome).unwrap();
    assert!(!text.contains(SESSION) && !text.contains(PASSWORD), "{text}");
    assert!(
        text.contains(r#"["X-Session-Token","[secret 3]"]"#)
            && text.contains(r#""Token":"[secret 3]""#),
        "{text}"
    );
    assert!(
        outcome.findings[0].curl.contains("-H \"X-Session-Token: $SESSION\""),
        "{}",
        outcome.findings[0].curl
    );
}

#[tokio::test]
async fn every_reply_is_measured_by_the_published_interface() {
    let odd = |_: &Call, _: usize| -> Canned { (400, &[], json!({"message": "no"})) };
    let (_, outcome, _) =
        one(odd, "steps: [{call: GET /v1/plant/room, expect: {status: 400}}]\n").await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert_eq!(outcome.findings[0].message, "the reply does not fit the published interface");
    let (_, outcome, _) =
        one(|_, _| (200, &[], json!("not json")), "steps: [{call: GET /v1/plant/room}]\n").await;
    assert_eq!(outcome.findings[0].message, "the reply is not JSON");
}

#[tokio::test]
async fn a_call_is_repeated_and_its_headers_can_be_left_out() {
    let steps = "steps:
  - {as: farm, call: GET /v1/plant/room, headers: {X-Session-Token: null, X-Ubi: \"604900101\"}, repeat: 3}
";
    let (_, outcome, double) = one(rooms, steps).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{outcome:#?}");
    let calls: Vec<_> =
        double.calls().into_iter().filter(|call| call.start == "GET /v1/plant/room").collect();
    assert_eq!(calls.len(), 3);
    assert_eq!(
        (calls[0].header("x-session-token"), calls[0].header("x-ubi")),
        (None, Some("604900101"))
    );
}

#[tokio::test]
async fn a_number_goes_over_the_wire_with_the_digits_it_is_written_with() {
    let steps = "steps:
  - call: POST /v1/plant/room
    query: {Amount: 1.50}
    body:
      Long: &long -12345678901234567890.12345678
      Again: [*long,0.1000,2e+3]
      Small: 1e-28  # twenty-eight places
      Whole: 0x10
    expect: {status: 400}
";
    let (_, _, double) = one(nameless, steps).await;
    let call = double.calls().into_iter().find(|call| call.start.starts_with("POST /v1/plant"));
    let call = call.unwrap();
    assert_eq!(call.start, "POST /v1/plant/room?Amount=1.50");
    assert_eq!(
        call.body,
        r#"{"Long":-12345678901234567890.12345678,"Again":[-12345678901234567890.12345678,0.1000,2e+3],"Small":1e-28,"Whole":16}"#
    );
}

#[tokio::test]
async fn a_part_of_a_header_is_captured() {
    let script = |call: &Call, _: usize| -> Canned {
        if call.start.starts_with("POST /oauth") {
            (302, &[("Location", "http://localhost/back?code=abc&state=7")], json!({}))
        } else {
            (200, &[], json!({}))
        }
    };
    let steps = "steps:
  - call: POST /oauth
    raw: Decision=allow
    expect: {status: 302}
    capture: {code: {header: Location, matches: \"code=([^&]+)\"}}
  - {call: POST /token, query: {code: \"${code}\"}}
";
    let (_, outcome, double) = one(script, steps).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{outcome:#?}");
    assert!(double.starts().contains(&"POST /token?code=abc".to_owned()));
}

#[tokio::test]
async fn an_operation_that_is_planned_skips_its_scenario() {
    let double = Double::tagtrail(|_, _| (501, &[], json!({"Error": "Planned."}))).await;
    let mut options =
        double.options(&[("a.yaml", "claim: It holds\nsteps: [{call: GET /v1/plant/room}]\n")]);
    let operation =
        &tagtrail_conformance::contract::find("GET", "/v1/plant/room").unwrap().operation;
    options.planned.insert(operation.to_owned());
    let (_, outcomes) = played(options).await;
    assert_eq!(outcomes[0].verdict, Verdict::Skip(format!("{operation} is planned, not built")));
}

#[tokio::test]
async fn scenarios_play_side_by_side_and_are_reported_in_order() {
    let double = Double::tagtrail(nameless).await;
    let files: Vec<String> = (0..20).map(|number| format!("{number:02}.yaml")).collect();
    let scenarios: Vec<(&str, &str)> = files.iter().map(|file| (file.as_str(), REFUSED)).collect();
    let mut options = double.options(&scenarios);
    options.jobs = 4;
    let (summary, outcomes) = played(options).await;
    assert_eq!(outcomes.iter().map(|outcome| outcome.file.clone()).collect::<Vec<_>>(), files);
    assert_eq!(summary.counts.pass, 20);
}

#[tokio::test]
async fn a_role_logs_in_anew_when_a_step_says_so() {
    let steps = "steps:
  - {as: farm, call: GET /v1/plant/room}
  - {as: farm, call: GET /v1/plant/room, log_in: true}
  - {as: farm, call: GET /v1/plant/room}
";
    let (_, outcome, double) = one(rooms, steps).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{outcome:#?}");
    let log_ins = double.starts().into_iter().filter(|start| start == "POST /v1/user/login");
    assert_eq!(log_ins.count(), 2);
}
