//! Every live route keeps the contract: it refuses whom it has to, in the words it has to, and its
//! reply has the published shape.

use serde_json::{Value, json};
use tagtrail_schemas::{Audience, Route, reply_schema, routes};

use crate::example::{examples, live};
use crate::golden::planned;
use crate::stand::{ADMIN, BIRCH, Headers, PASSWORD, STAFF, Stand, header, refused};

/// Routes whose own example cannot succeed in the seed world, and why.
const WITHOUT_SUCCESS: &[(&str, &str)] = &[
    (
        "labResultCreate",
        "a complete report has a hundred panels; scenarios/lab/ files one per class",
    ),
    ("labResultUpdate", "the same"),
    (
        "thirdPartyPatch",
        "one company accepts a trip and another ships it before it is parked; scenarios/thirdparty/",
    ),
    ("thirdPartyArrive", "the same"),
];

fn start(route: &Route) -> String {
    let mut path = String::new();
    for (index, part) in route.path.split(['{', '}']).enumerate() {
        path.push_str(if index % 2 == 0 { part } else { "1" });
    }
    format!("{} {path}", route.method)
}

fn guarded() -> impl Iterator<Item = &'static Route> {
    live().into_iter().filter(|it| it.permission != "Anyone")
}

/// Calls every route that needs a session with these headers and expects the same refusal of all.
async fn all_refuse(stand: &Stand, headers: &Headers, status: u16, id: &str) {
    for route in guarded() {
        let start = start(route);
        let reply = stand.call(&start, headers, Some(&json!({}))).await;
        refused(&reply, status, id, &start);
    }
}

#[tokio::test]
async fn without_a_session_no_route_answers() {
    let stand = Stand::new().await;
    all_refuse(&stand, &Vec::new(), 401, "ACCT-36").await;
    let reply = stand.call("GET /v1/user", &Vec::new(), None).await;
    assert_eq!(reply.json.unwrap()["Error"], "Invalid session.");
}

#[tokio::test]
async fn an_unknown_token_opens_no_route() {
    let stand = Stand::new().await;
    let unknown = vec![header("X-Session-Token", "nobody-has-this")];
    all_refuse(&stand, &unknown, 401, "ACCT-36").await;
    let unknown = vec![header("Authorization", "Bearer nobody-has-this")];
    all_refuse(&stand, &unknown, 401, "ACCT-36").await;
}

#[tokio::test]
async fn a_session_of_a_week_ago_opens_no_route() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    stand.control("POST /worlds/default/clock/step", json!({"by": "8 d"})).await;
    all_refuse(&stand, &session, 401, "ACCT-33").await;
    let reply = stand.call("GET /v1/user", &session, None).await;
    assert_eq!(reply.json.unwrap()["Error"], "Your session has expired.");
}

#[tokio::test]
async fn a_lapsed_consent_opens_no_route() {
    let stand = Stand::new().await;
    let lapsed = header("Authorization", "Bearer tagtrail-dev-token-604900181");
    all_refuse(&stand, &vec![lapsed.clone()], 403, "ACCT-17").await;
    let mut both = stand.log_in_alone("staff@fulton-arcade.example", "604900181", PASSWORD).await;
    all_refuse(&stand, &both, 403, "ACCT-08").await;
    both.push(lapsed);
    all_refuse(&stand, &both, 403, "ACCT-17").await;
}

#[tokio::test]
async fn a_revoked_consent_opens_no_route() {
    let stand = Stand::new().await;
    let session = stand.log_in(STAFF, BIRCH).await;
    stand.control(&format!("DELETE /worlds/default/consents/{BIRCH}"), Value::Null).await;
    all_refuse(&stand, &session, 403, "ACCT-19").await;
}

#[tokio::test]
async fn a_person_without_permissions_is_told_the_one_that_is_missing() {
    let stand = Stand::new().await;
    let nobody = newcomer(&stand).await;
    for route in guarded().filter(|it| it.permission != "SignedIn") {
        let start = start(route);
        let reply = stand.call(&start, &nobody, Some(&json!({}))).await;
        let id = match (route.audience, route.permission.as_str()) {
            (Audience::Lab, _) => "ACCT-41",
            (_, "Admin") => "ACCT-44",
            _ => "ACCT-45",
        };
        refused(&reply, 403, id, &start);
        let permission = &route.permission;
        if id != "ACCT-41" {
            let expected = format!(
                "The current session does not possess access to the {permission} privilege."
            );
            assert_eq!(reply.json.unwrap()["Error"], expected, "{start}");
        }
    }
}

/// Somebody new who may do nothing; the password comes from the mailed link.
pub(crate) async fn newcomer(stand: &Stand) -> Headers {
    let admin = stand.log_in(ADMIN, BIRCH).await;
    let name = "nobody@hollow-birch.example";
    let body = json!({"Username": name, "Permission": []});
    stand.ok("POST /v1/user", &admin, Some(&body)).await;
    let mailbox = stand.control("GET /worlds/default/mailbox", Value::Null).await;
    let token = mailbox["Mail"].as_array().unwrap().last().unwrap()["Token"].clone();
    let body = json!({"Token": token, "Password": "a-new-password-1"});
    stand.ok("POST /password", &Vec::new(), Some(&body)).await;
    let mut headers = stand.log_in_alone(name, BIRCH, "a-new-password-1").await;
    headers.push(header("Authorization", &format!("Bearer tagtrail-dev-token-{BIRCH}")));
    headers
}

#[tokio::test]
async fn a_laboratory_opens_no_route_of_licensees() {
    let stand = Stand::new().await;
    let lab = stand.log_in_lab("analyst@cedar-assay.example", "OCM-CPL-90011").await;
    let routes = guarded().filter(|it| it.audience == Audience::Licensee);
    for start in routes.map(start) {
        let reply = stand.call(&start, &lab, Some(&json!({}))).await;
        refused(&reply, 403, "ACCT-42", &start);
    }
}

#[tokio::test]
async fn a_licensee_opens_no_route_of_laboratories() {
    let stand = Stand::new().await;
    let licensee = stand.log_in(ADMIN, BIRCH).await;
    let routes = guarded().filter(|it| it.audience == Audience::Lab);
    for start in routes.map(start) {
        let reply = stand.call(&start, &licensee, Some(&json!({}))).await;
        refused(&reply, 403, "ACCT-41", &start);
    }
}

#[tokio::test]
async fn nobody_acts_for_the_license_of_another() {
    let stand = Stand::new().await;
    let strange = header("X-License", "OCM-RETL-25-900161");
    let mut licensee = stand.log_in(ADMIN, BIRCH).await;
    licensee.push(strange.clone());
    all_refuse(&stand, &licensee, 403, "LIC-10").await;
    let mut lab = stand.log_in_lab("analyst@cedar-assay.example", "OCM-CPL-90011").await;
    lab.push(strange);
    all_refuse(&stand, &lab, 403, "LIC-10").await;
}

#[tokio::test]
async fn nobody_speaks_for_the_company_of_another() {
    let stand = Stand::new().await;
    let mut licensee = stand.log_in(ADMIN, BIRCH).await;
    licensee.push(header("X-Ubi", "604900161"));
    all_refuse(&stand, &licensee, 403, "ACCT-38").await;
}

#[test]
fn every_published_route_is_alive() {
    assert!(planned().is_empty(), "{} has none: {:?}", "WIRE-11", planned());
    assert_eq!(live().len(), routes().len());
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let stand = Stand::new().await;
    for route in routes() {
        let (_, path) =
            start(route).split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let start = format!("TRACE {path}");
        let reply = stand.call(&start, &Vec::new(), None).await;
        // The directory is the state's: whoever writes to it is told that.
        let id =
            if reply.header("x-tagtrail-rule") == Some("DIR-24") { "DIR-24" } else { "WIRE-03" };
        refused(&reply, 405, id, &start);
        let allow = reply.header("allow").unwrap_or_default();
        assert!(allow.split(", ").any(|it| it == route.method.as_str()), "{start}: {allow}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_published_is_not_found() {
    let stand = Stand::new().await;
    for start in
        ["GET /v1", "GET /v1/nothing", "POST /v2/plant", "GET /V1/plant", "GET /v1/plant//"]
    {
        let reply = stand.call(start, &Vec::new(), None).await;
        refused(&reply, 404, "WIRE-02", start);
    }
}

#[tokio::test]
async fn every_live_route_answers_its_own_example_in_the_published_shape() {
    let stand = Stand::new().await;
    let (found, without) = examples(&stand).await;
    for example in &found {
        let schema = reply_schema(example.route);
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let body = example.reply.json.clone().unwrap_or_default();
        let errors: Vec<_> = validator
            .iter_errors(&body)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{} as {}: {errors:#?}\n{body}", example.start, example.who);
    }
    let excused = |operation: &str| WITHOUT_SUCCESS.iter().any(|(known, _)| *known == operation);
    let without: Vec<_> = without.into_iter().filter(|(it, _)| !excused(it)).collect();
    assert!(without.is_empty(), "no success of {without:#?}");
}

#[tokio::test]
async fn every_live_write_refuses_an_empty_body_and_one_that_is_no_object() {
    let stand = Stand::new().await;
    let admin = stand.log_in(ADMIN, BIRCH).await;
    for route in live().into_iter().filter(|it| it.body.is_some() && it.audience != Audience::Lab) {
        let start = start(route);
        let reply = stand.send(&start, &admin, Some(bytes::Bytes::new())).await;
        refused(&reply, 400, "WIRE-16", &start);
        assert_eq!(reply.json.unwrap()["Error"], "Error reading JSON body: EOF", "{start}");
        let reply = stand.call(&start, &admin, Some(&json!([1]))).await;
        refused(&reply, 400, "WIRE-19", &start);
    }
}

#[tokio::test]
async fn a_sentence_of_the_family_is_said_letter_for_letter() {
    let stand = Stand::new().await;
    let body = json!({"UBI": BIRCH, "Username": STAFF, "Password": "wrong"});
    let reply = stand.call("POST /v1/user/login", &Vec::new(), Some(&body)).await;
    refused(&reply, 401, "ACCT-32", "a wrong password");
    assert_eq!(reply.json.unwrap()["Error"], "Invalid username or password.");
}
