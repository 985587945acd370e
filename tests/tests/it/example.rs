//! One call per live route that succeeds in the seed world, made from the contract's own examples.

use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_schemas::{Audience, Method, Route, request_example, routes};

use crate::golden::planned;
use crate::stand::{Headers, PASSWORD, Stand, header};

/// A company that is not connected when the world begins.
const NEWCOMER: (&str, &str) = ("admin@corner-moon.example", "604900171");

/// People who between them may do everything: (name, company or laboratory).
const PEOPLE: [(&str, &str); 10] = [
    ("admin@hollow-birch.example", "604900101"),
    ("admin@kestrel-ridge.example", "604900103"),
    ("admin@juniper-vale.example", "604900111"),
    ("admin@copper-kettle.example", "604900121"),
    ("admin@long-pier.example", "604900131"),
    ("admin@three-larks.example", "604900141"),
    ("admin@meridian-test.example", "604900151"),
    ("admin@lantern-street.example", "604900161"),
    ("admin@cedar-assay.example", "OCM-CPL-90011"),
    ("admin@blue-heron.example", "OCM-CPL-90012"),
];

/// A call that was answered with success.
pub(crate) struct Example {
    pub(crate) route: &'static Route,
    pub(crate) who: &'static str,
    /// Method and path, with the parameters filled in.
    pub(crate) start: String,
    pub(crate) body: Option<Value>,
    pub(crate) reply: Reply,
}

pub(crate) fn live() -> Vec<&'static Route> {
    let planned = planned();
    routes().iter().filter(|it| !planned.contains(it.operation.as_str())).collect()
}

/// Everyone's headers, once the newcomer is connected as well.
pub(crate) async fn everyone(stand: &Stand) -> Vec<(&'static str, Headers)> {
    let mut all = Vec::new();
    for (name, party) in PEOPLE {
        let headers = if party.starts_with("OCM") {
            stand.log_in_lab(name, party).await
        } else {
            stand.log_in(name, party).await
        };
        all.push((name, headers));
    }
    let (name, ubi) = NEWCOMER;
    let consent = json!({"UBI": ubi, "ClientID": "tagtrail-dev-client"});
    let granted = stand.control("POST /worlds/default/consents", consent).await;
    let mut headers = stand.log_in_alone(name, ubi, PASSWORD).await;
    let token = granted["AccessToken"].as_str().unwrap();
    headers.push(header("Authorization", &format!("Bearer {token}")));
    all.push((name, headers));
    all
}

/// Looks for a success of every live route, each in a world of its own; the routes without one come
/// second, with the last refusal.
pub(crate) async fn examples(stand: &Stand) -> (Vec<Example>, Vec<(&'static str, String)>) {
    let people = everyone(stand).await;
    let mut found = Vec::new();
    let mut without = Vec::new();
    for route in live() {
        let mut last = "nothing to call it on".to_owned();
        match example(stand, &people, route, &mut last).await {
            Some(example) => found.push(example),
            None => without.push((route.operation.as_str(), last)),
        }
    }
    (found, without)
}

async fn example(
    stand: &Stand,
    people: &[(&'static str, Headers)],
    route: &'static Route,
    last: &mut String,
) -> Option<Example> {
    let body = request_example(route);
    for (who, headers) in people {
        let is_lab = headers.len() == 1;
        let fits = match route.audience {
            Audience::Lab => is_lab,
            Audience::Licensee => !is_lab,
            Audience::Both | Audience::Public => true,
        };
        if !fits {
            continue;
        }
        for path in paths(stand, headers, route).await {
            let mut headers = headers.clone();
            if route.method != Method::Get {
                stand.control("POST /worlds/default/fork", json!({"name": "try"})).await;
                headers.push(header("X-Tagtrail-World", "try"));
            }
            let start = format!("{} {path}", route.method);
            let reply = stand.call(&start, &headers, body.as_ref()).await;
            if route.method != Method::Get {
                stand.control("DELETE /worlds/try", Value::Null).await;
            }
            if reply.is_success() {
                return Some(Example { route, who, start, body, reply });
            }
            *last = format!("{start} as {who}: {}", crate::stand::text(&reply));
        }
    }
    None
}

/// The route's path with ids that the caller sees in the list that belongs to it.
async fn paths(stand: &Stand, headers: &Headers, route: &Route) -> Vec<String> {
    let Some((before, after)) = route.path.split_once('{') else { return vec![route.path.clone()] };
    let (_, after) = after.split_once('}').unwrap();
    let list = before.trim_end_matches('/');
    let known = live().into_iter().any(|it| it.method == Method::Get && it.path == list);
    let mut ids = Vec::new();
    if known {
        let said = stand.call(&format!("GET {list}"), headers, None).await.json;
        let said = said.unwrap_or_default();
        let rows = said.as_object().into_iter().flat_map(|it| it.values());
        let rows = rows.filter_map(Value::as_array).flatten();
        ids.extend(rows.filter_map(|row| match &row["ID"] {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }));
    }
    if ids.is_empty() {
        ids.push("0".to_owned());
    }
    ids.into_iter().map(|id| format!("{before}{id}{after}")).collect()
}
