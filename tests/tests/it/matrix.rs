//! Every published route and every way to come to its door, as the rulebook has it (ACCT, LIC). The
//! whole is committed as `schemas/matrix.txt`.

use std::fmt::Write;

use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_schemas::{Audience, Method, Route, routes, rule};

use crate::contract::newcomer;
use crate::golden;
use crate::stand::{ADMIN, BIRCH, Headers, PASSWORD, Stand, header, is_error, refused, text};

const ANALYST: (&str, &str) = ("analyst@cedar-assay.example", "OCM-CPL-90011");
const LAB_ADMIN: (&str, &str) = ("admin@cedar-assay.example", "OCM-CPL-90011");
const VIEWER: &str = "viewer@hollow-birch.example";
/// The second license of the company that calls.
const SECOND: &str = "OCM-PROC-25-900102";
const FIRST: &str = "OCM-CULT-25-900101";
const OTHER: &str = "OCM-RETL-25-900161";
const LICENSE: &str = "X-License";
const WORLD: &str = "X-Tagtrail-World";

/// The rules of the door. What a call meets behind it is none of these.
const DOOR: [&str; 17] = [
    "ACCT-08", "ACCT-17", "ACCT-19", "ACCT-20", "ACCT-33", "ACCT-36", "ACCT-38", "ACCT-39",
    "ACCT-40", "ACCT-41", "ACCT-42", "ACCT-44", "ACCT-45", "ACCT-66", "LIC-10", "LIC-13", "LIC-14",
];

/// A way to come to the door.
struct Comer {
    name: &'static str,
    meets: Meets,
    headers: Headers,
}

/// What a comer meets at every route that is not public.
#[derive(Clone, Copy)]
enum Meets {
    /// One rule, whatever the route: session, consent and license come before the permission.
    Closed(&'static str),
    /// One rule where something is written.
    ClosedToWrites(&'static str),
    Permission(Person),
}

#[derive(Clone, Copy)]
enum Person {
    Bare,
    Viewer,
    Admin,
    Analyst,
    LabAdmin,
}

impl Person {
    fn is_admin(self) -> bool {
        matches!(self, Self::Admin | Self::LabAdmin)
    }

    fn is_lab(self) -> bool {
        matches!(self, Self::Analyst | Self::LabAdmin)
    }

    /// A laboratory has no list of permissions, and Admin stands for every one (ACCT-44, ACCT-66).
    fn holds(self, permission: &str) -> bool {
        match self {
            Self::Bare => false,
            Self::Viewer => permission.starts_with("View"),
            Self::Admin | Self::Analyst | Self::LabAdmin => true,
        }
    }
}

/// The rule by which the rulebook turns the comer away; `None`: the call goes through the door.
fn turned_away(meets: Meets, route: &Route) -> Option<&'static str> {
    let reads = route.method == Method::Get;
    match meets {
        _ if route.audience == Audience::Public => None,
        Meets::Closed(id) => Some(id),
        Meets::ClosedToWrites(id) if !reads => Some(id),
        Meets::ClosedToWrites(_) => not_permitted(Person::Admin, route),
        Meets::Permission(person) => not_permitted(person, route),
    }
}

fn not_permitted(person: Person, route: &Route) -> Option<&'static str> {
    match (route.audience, route.permission.as_str()) {
        (Audience::Lab, _) if !person.is_lab() => Some("ACCT-41"),
        (Audience::Licensee, _) if person.is_lab() => Some("ACCT-42"),
        (_, "SignedIn") => None,
        (_, "Admin") if person.is_admin() => None,
        (_, "Admin") if person.is_lab() => Some("ACCT-66"),
        (_, "Admin") => Some("ACCT-44"),
        (_, permission) if person.holds(permission) => None,
        _ => Some("ACCT-45"),
    }
}

#[tokio::test]
async fn every_route_turns_away_whom_the_rulebook_turns_away_and_nobody_else() {
    let stand = Stand::new().await;
    let comers = comers(&stand).await;
    let names = comers.iter().map(|it| format!(" {:<9}", it.name));
    let head = format!("{:62}{}", "", names.collect::<String>());
    let mut lines = vec![head.trim_end().to_owned()];
    for route in routes() {
        let start = start(route);
        let mut line = format!("{:<6} {:<55}", route.method.as_str(), route.path);
        for comer in &comers {
            let reply = stand.call(&start, &comer.headers, Some(&json!({}))).await;
            let what = format!("{start} as {}", comer.name);
            let met = match turned_away(comer.meets, route) {
                Some(id) => turns_away(&reply, id, route, &what),
                None => lets_through(&reply, &what),
            };
            write!(line, " {met:<9}").unwrap();
        }
        lines.push(line.trim_end().to_owned());
    }
    golden::check("schemas/matrix.txt", &(lines.join("\n") + "\n"));
}

/// The route with ids that no record has, so that what goes through changes nothing.
fn start(route: &Route) -> String {
    let parts = route.path.split(['{', '}']).enumerate();
    let path: String = parts.map(|(at, part)| if at % 2 == 0 { part } else { "0" }).collect();
    format!("{} {path}", route.method)
}

/// Fails unless the reply is the rule's own sentence and not a letter more.
#[track_caller]
fn turns_away(reply: &Reply, id: &'static str, route: &Route, what: &str) -> &'static str {
    let rule = rule(id).unwrap();
    refused(reply, rule.status[0], id, what);
    let facts = [("n", SECOND.to_owned()), ("Permission", route.permission.clone())];
    let enters_results = route.path.ends_with("/result");
    let second = usize::from(id == "ACCT-41" && !enters_results);
    let expected = json!({"Error": rule.sentence_at(second, &facts)});
    assert_eq!(reply.json.as_ref(), Some(&expected), "{what}");
    id
}

/// Fails if the reply is of the door; the call may well end further on.
#[track_caller]
fn lets_through(reply: &Reply, what: &str) -> &'static str {
    if reply.is_success() {
        return "pass";
    }
    assert!((400..500).contains(&reply.status), "{what}: {} {}", reply.status, text(reply));
    is_error(reply, what);
    let keys: Vec<_> = reply.json.as_ref().and_then(Value::as_object).unwrap().keys().collect();
    assert_eq!(keys, ["Error"], "{what}");
    let id = reply.header("x-tagtrail-rule").unwrap_or_default();
    assert!(rule(id).is_some(), "{what}: {id:?} is no rule");
    assert!(!DOOR.contains(&id), "{what} is turned away by {id}: {}", text(reply));
    "past"
}

/// Everyone, each in a world where it is so.
async fn comers(stand: &Stand) -> Vec<Comer> {
    let bare = newcomer(stand).await;
    let viewer = stand.log_in(VIEWER, BIRCH).await;
    let admin = stand.log_in(ADMIN, BIRCH).await;
    let analyst = stand.log_in_lab(ANALYST.0, ANALYST.1).await;
    let lab_admin = stand.log_in_lab(LAB_ADMIN.0, LAB_ADMIN.1).await;
    let unknown = vec![header("X-Session-Token", "nobody-has-this")];
    let week = json!({"by": "7 d"});
    apart(stand, "expired", "POST", "clock/step", week).await;
    let license = format!("licenses/{SECOND}");
    apart(stand, "closed", "PUT", &license, json!({"State": "closed"})).await;
    apart(stand, "suspended", "PUT", &license, json!({"State": "suspended"})).await;
    let expired = with(&admin, WORLD, "expired");
    let other = with(&admin, LICENSE, OTHER);
    let closed = with(&with(&admin, LICENSE, SECOND), WORLD, "closed");
    let suspended = with(&with(&admin, LICENSE, SECOND), WORLD, "suspended");
    let lab_other = with(&lab_admin, LICENSE, OTHER);
    let all = [
        ("none", Meets::Closed("ACCT-36"), Headers::new()),
        ("unknown", Meets::Closed("ACCT-36"), unknown),
        ("expired", Meets::Closed("ACCT-33"), expired),
        ("lapsed", Meets::Closed("ACCT-17"), lapsed(stand).await),
        ("other", Meets::Closed("LIC-10"), other),
        ("unticked", Meets::Closed("ACCT-20"), unticked(stand).await),
        ("closed", Meets::Closed("LIC-14"), closed),
        ("suspended", Meets::ClosedToWrites("LIC-13"), suspended),
        ("bare", Meets::Permission(Person::Bare), bare),
        ("viewer", Meets::Permission(Person::Viewer), viewer),
        ("admin", Meets::Permission(Person::Admin), admin),
        ("lab-other", Meets::Closed("LIC-10"), lab_other),
        ("analyst", Meets::Permission(Person::Analyst), analyst),
        ("lab-admin", Meets::Permission(Person::LabAdmin), lab_admin),
    ];
    all.map(|(name, meets, headers)| Comer { name, meets, headers }).into()
}

/// A new session, with the access token of a consent that is 100 days old to the second.
async fn lapsed(stand: &Stand) -> Headers {
    apart(stand, "lapsed", "POST", "clock/step", json!({"by": "93 d"})).await;
    let token = format!("tagtrail-dev-token-{BIRCH}");
    log_in_apart(stand, "lapsed", &token).await
}

/// A session with the token of a consent for the first license, acting for the second.
async fn unticked(stand: &Stand) -> Headers {
    let consent = json!({"UBI": BIRCH, "ClientID": "tagtrail-dev-client", "License": [FIRST]});
    let granted = apart(stand, "unticked", "POST", "consents", consent).await;
    let token = granted["AccessToken"].as_str().unwrap();
    with(&log_in_apart(stand, "unticked", token).await, LICENSE, SECOND)
}

/// Makes a world of its own, in which the operator does one thing.
async fn apart(stand: &Stand, world: &str, method: &str, path: &str, body: Value) -> Value {
    stand.control("POST /worlds/default/fork", json!({"name": world})).await;
    stand.control(&format!("{method} /worlds/{world}/{path}"), body).await
}

/// The administrator's new session in a world, beside an access token that came later.
async fn log_in_apart(stand: &Stand, world: &str, token: &str) -> Headers {
    let there = vec![header(WORLD, world)];
    let body = json!({"UBI": BIRCH, "Username": ADMIN, "Password": PASSWORD});
    let said = stand.ok("POST /v1/user/login", &there, Some(&body)).await;
    let session = with(&there, "X-Session-Token", said["session"].as_str().unwrap());
    with(&session, "Authorization", &format!("Bearer {token}"))
}

fn with(headers: &Headers, name: &str, value: &str) -> Headers {
    let mut headers = headers.clone();
    headers.push(header(name, value));
    headers
}

#[tokio::test]
async fn who_logs_in_or_forgot_a_password_needs_no_session() {
    let stand = Stand::new().await;
    let user = json!({"UBI": BIRCH, "Username": ADMIN, "Password": PASSWORD});
    let (name, license) = ANALYST;
    let lab_user = json!({"LicenseNumber": license, "Username": name, "Password": PASSWORD});
    let dead = vec![header("X-Session-Token", "nobody-has-this"), header(LICENSE, OTHER)];
    for headers in [Headers::new(), dead] {
        for (login, body, key) in
            [("/v1/user/login", &user, "session"), ("/v1/lab/login", &lab_user, "Session")]
        {
            let said = stand.ok(&format!("POST {login}"), &headers, Some(body)).await;
            assert!(said[key].is_string(), "{login}: {said}");
        }
        for side in ["user", "lab/user"] {
            let start = format!("POST /v1/{side}/password-reset-request");
            for known in [ADMIN, name, "nobody@nowhere.example"] {
                let reply = stand.call(&start, &headers, Some(&json!({"Username": known}))).await;
                assert_eq!((reply.status, text(&reply).trim()), (200, "null"), "{start} {known}");
            }
        }
    }
}

#[tokio::test]
async fn a_login_checks_the_access_token_that_it_carries() {
    let stand = Stand::new().await;
    let user = json!({"UBI": BIRCH, "Username": ADMIN, "Password": PASSWORD});
    let fulton = ("staff@fulton-arcade.example", "604900181");
    let late = json!({"UBI": fulton.1, "Username": fulton.0, "Password": PASSWORD});
    for (token, body, id) in [("604900161", &user, "ACCT-34"), (fulton.1, &late, "ACCT-17")] {
        let token = format!("Bearer tagtrail-dev-token-{token}");
        let headers = vec![header("Authorization", &token)];
        let reply = stand.call("POST /v1/user/login", &headers, Some(body)).await;
        let rule = rule(id).unwrap();
        refused(&reply, rule.status[0], id, &token);
        assert_eq!(reply.json, Some(json!({"Error": rule.sentence(&[])})));
    }
}
