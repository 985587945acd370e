//! The documentation keeps its word: every route has an example that works when it is pasted, and
//! every page is there, in every world, with every link leading somewhere.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_schemas::{Call, Example, examples, lay_out, routes};

use crate::golden::check;
use crate::stand::{Headers, Stand, header, text};

/// Who logs in for a laboratory.
const LABORATORIES: [(&str, &str); 2] =
    [("OCM-CPL-90011", "admin@cedar-assay.example"), ("OCM-CPL-90012", "admin@blue-heron.example")];
/// Of a longer list of plain values an example shows so many.
const VALUES_MAX: usize = 6;

/// Begins the default world anew, plays an example and gives the last reply.
async fn play(stand: &Stand, example: &Example, later: Option<&str>) -> Reply {
    stand.control("POST /worlds/default/reset", Value::Null).await;
    if let Some(by) = later {
        stand.control("POST /worlds/default/clock/step", json!({ "by": by })).await;
    }
    let mut kept = BTreeMap::new();
    let mut last = None;
    for call in &example.calls {
        let headers = headers(stand, call, &kept).await;
        let start = filled(&call.call.replace("{world}", "default"), &kept);
        let body = call.sent().map(|body| filled(&body.to_string(), &kept).into());
        let reply = stand.send(&start, &headers, body).await;
        let said = text(&reply);
        assert!(reply.is_success(), "{}: {start} {} {said}", example.operation, reply.status);
        if let Some(keep) = &call.keep {
            let value = Regex::new(&format!(r#".*"{}":"*([^",}}]*)"#, keep.of)).unwrap();
            kept.insert(format!("${}", keep.name), value.captures(&said).unwrap()[1].to_owned());
        }
        last = Some(reply);
    }
    last.unwrap()
}

async fn headers(stand: &Stand, call: &Call, kept: &BTreeMap<String, String>) -> Headers {
    let Some(who) = call.who.as_deref() else { return Vec::new() };
    match LABORATORIES.iter().find(|(license, _)| *license == who) {
        Some((license, person)) => stand.log_in_lab(person, license).await,
        None => {
            let token = kept.get(who).cloned();
            let token = token.unwrap_or_else(|| format!("tagtrail-dev-token-{who}"));
            vec![header("Authorization", &format!("Bearer {token}"))]
        }
    }
}

fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Of each list the beginning, and how much is left out.
fn begun(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let plain = items.iter().all(|it| !it.is_object());
            let most = if plain { VALUES_MAX } else { 1 };
            let mut shown: Vec<_> = items.iter().take(most).map(begun).collect();
            if items.len() > most {
                shown.push(json!(format!("… {} more", items.len() - most)));
            }
            Value::Array(shown)
        }
        Value::Object(parts) => parts.iter().map(|(name, it)| (name.clone(), begun(it))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn every_route_has_an_example_that_ends_with_a_call_of_it() {
    let shown: Vec<_> = examples().iter().map(|it| it.operation.as_str()).collect();
    let published: Vec<_> = routes().iter().map(|it| it.operation.as_str()).collect();
    assert_eq!(shown, published);
    for (route, example) in routes().iter().zip(examples()) {
        let parts = route.path.split(['{', '}']).enumerate();
        let path: String = parts
            .map(|(at, it)| if at % 2 == 0 { regex::escape(it) } else { "[^/]+".into() })
            .collect();
        let call = &example.calls.last().unwrap().call;
        let fits = Regex::new(&format!(r"^{} {path}(\?.*)?$", route.method)).unwrap();
        assert!(fits.is_match(call), "{}: {call}", route.operation);
    }
}

/// `GOLDEN=write` writes down the replies; the calls are written by hand.
#[tokio::test]
async fn every_example_gives_in_a_fresh_world_what_is_written_down() {
    let stand = Stand::new().await;
    let mut shown = Vec::new();
    for example in examples() {
        let reply = play(&stand, example, None).await;
        // An upload succeeds even where its rows do not.
        assert!(!text(&reply).contains("\"Success\":false"), "{}", text(&reply));
        let reply = begun(&reply.json.unwrap_or_default());
        shown.push(serde_json::to_value(Example { reply, ..example.clone() }).unwrap());
    }
    check("schemas/examples.json", &lay_out(&Value::Array(shown)));
}

/// Whoever pastes an example has started the sandbox some time ago.
#[tokio::test]
async fn every_example_still_works_the_next_morning() {
    let stand = Stand::new().await;
    for example in examples() {
        play(&stand, example, Some("20 h")).await;
    }
}

/// A page that has to be there.
async fn page(stand: &Stand, path: &str) -> String {
    let accept = vec![header("Accept", "text/html")];
    let reply = stand.call(&format!("GET {path}"), &accept, None).await;
    let page = text(&reply);
    assert_eq!(reply.status, 200, "{path}: {page}");
    page
}

fn found<'a>(page: &'a str, pattern: &str) -> BTreeSet<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(page).map(|it| it.get(1).unwrap().as_str()).collect()
}

#[tokio::test]
async fn the_pages_of_the_documentation_hang_together_in_every_world() {
    let stand = Stand::new().await;
    stand.control("POST /worlds", json!({ "name": "second" })).await;
    let script = Regex::new("<script[^>]*>[^<]").unwrap();
    for base in ["", "/worlds/second"] {
        let mut open = vec![format!("{base}/documentation/index.html")];
        let mut pages: BTreeMap<String, String> = BTreeMap::new();
        while let Some(path) = open.pop() {
            if pages.contains_key(&path) {
                continue;
            }
            let page = page(&stand, &path).await;
            let links = found(&page, r##"href="([^"#]*/documentation/[^"#]*)"##);
            open.extend(links.into_iter().map(str::to_owned));
            pages.insert(path, page);
        }
        for (path, page) in &pages {
            assert!(!page.contains("<style") && !page.contains(" style="), "{path}");
            assert!(!script.is_match(page), "{path}");
            for link in found(page, r##"href="([^"]*#[^"]+)"##) {
                let (to, id) = link.split_once('#').unwrap();
                let there = pages.get(if to.is_empty() { path.as_str() } else { to });
                let there = there.unwrap_or_else(|| panic!("{path} leads to {link}"));
                assert!(there.contains(&format!("id=\"{id}\"")), "{path} leads to {link}");
            }
        }
        let all: String = pages.into_values().collect();
        for route in routes() {
            assert!(
                all.contains(&format!("<article class=\"operation\" id=\"{}\"", route.operation))
            );
        }
        assert_eq!(found(&all, r#"curl -s [^"]*&#34;http://([^/]+)/"#).len(), 1);
    }
}

#[tokio::test]
async fn the_documentation_is_where_it_is_looked_for() {
    let stand = Stand::new().await;
    for path in ["/documentation", "/documentation/", "/worlds/default/documentation"] {
        let reply = stand.call(&format!("GET {path}"), &Vec::new(), None).await;
        let leads_to = reply.header("location").unwrap_or_default();
        assert!(leads_to.ends_with("/documentation/index.html"), "{path}: {}", reply.status);
    }
    let url = stand.sandbox.url();
    for base in ["", "/worlds/default"] {
        let start = format!("GET {base}/documentation/openapi.json");
        let document = stand.ok(&start, &Vec::new(), None).await;
        assert_eq!(document["servers"], json!([{ "url": format!("{url}{base}") }]));
    }
    let nowhere = stand.call("GET /documentation/nothing.html", &Vec::new(), None).await;
    crate::stand::refused(&nowhere, 404, "WIRE-02", "a page that is not there");
}
