//! One call per live route that succeeds in the seed world, made from the contract's own examples.

use serde_json::{Value, json};
use tagtrail_conformance::player::client::Reply;
use tagtrail_schemas::{Audience, Method, Route, request_example, routes};

use crate::golden::planned;
use crate::stand::{Headers, PASSWORD, Stand, header};

/// A company that is not connected when the world begins.
const NEWCOMER: (&str, &str) = ("admin@corner-moon.example", "604900171");

/// People who between them may do everything: (name, company or laboratory).
const PEOPLE: [(&str, &str); 11] = [
    ("admin@hollow-birch.example", "604900101"),
    ("admin@kestrel-ridge.example", "604900103"),
    ("admin@juniper-vale.example", "604900111"),
    ("admin@copper-kettle.example", "604900121"),
    ("admin@long-pier.example", "604900131"),
    ("admin@three-larks.example", "604900141"),
    ("admin@meridian-test.example", "604900151"),
    ("admin@lantern-street.example", "604900161"),
    ("admin@fair-draw.example", "604900191"),
    ("admin@cedar-assay.example", "OCM-CPL-90011"),
    ("admin@blue-heron.example", "OCM-CPL-90012"),
];

/// What has to be done before a route can be called: (operation, the call whose example does it).
const BEFORE: &[(&str, &str)] = &[
    ("cureShow", "POST /v1/harvest-batch/{batchid}/cure"),
    ("cureUpdate", "POST /v1/harvest-batch/{batchid}/cure"),
    ("cureDelete", "POST /v1/harvest-batch/{batchid}/cure"),
    ("inventoryDryUndo", "POST /v1/inventory/{id}/dry"),
    ("conversionDelete", "POST /v1/inventory/conversion"),
    ("ingredientDelete", "POST /v1/inventory/{id}/ingredient"),
    ("invoiceUpdate", "POST /v1/invoice"),
    ("invoiceVoid", "POST /v1/invoice"),
    ("paymentUpdate", "POST /v1/invoice/{id}/payment"),
    ("paymentDelete", "POST /v1/invoice/{id}/payment"),
    ("pickupUpdate", "POST /v1/manifest/pickup"),
    ("pickupModify", "POST /v1/manifest/pickup"),
    ("thirdPartyUpdate", "POST /v1/manifest/thirdparty"),
];

/// Lists that give the ids of a path or a query, where the text before the id is no list.
const LISTS: &[(&str, &str)] = &[
    ("/v1/inventory/lab/test/result?InventoryID=", "/v1/inventory"),
    ("/v1/lab/test/medical", "/v1/lab/test"),
    ("/v1/lab/inventory/transfer", "/v1/lab/inventory/transfer/inbound"),
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
    let mut found = None;
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
        let writes = route.method != Method::Get;
        let before = BEFORE.iter().find(|(operation, _)| *operation == route.operation);
        let apart = writes || before.is_some();
        let mut headers = headers.clone();
        if apart {
            headers.push(header("X-Tagtrail-World", "try"));
            begin(stand, &headers, before.map(|(_, start)| *start)).await;
        }
        for path in paths(stand, &headers, &asked(route)).await {
            let start = format!("{} {path}", route.method);
            let reply = stand.call(&start, &headers, body.as_ref()).await;
            if apart {
                stand.control("DELETE /worlds/try", Value::Null).await;
                begin(stand, &headers, before.map(|(_, start)| *start)).await;
            }
            if reply.is_success() {
                found = Some(Example { route, who, start, body: body.clone(), reply });
                break;
            }
            *last = format!("{start} as {who}: {}", crate::stand::text(&reply));
        }
        if apart {
            stand.control("DELETE /worlds/try", Value::Null).await;
        }
        if found.is_some() {
            break;
        }
    }
    found
}

/// Makes the world in which one call is tried, with what has to be done before.
pub(crate) async fn begin(stand: &Stand, headers: &Headers, before: Option<&str>) {
    stand.control("POST /worlds/default/fork", json!({"name": "try"})).await;
    if let Some(start) = before {
        let (method, path) = start.split_once(' ').unwrap();
        let known = |it: &&&Route| it.path == path && it.method.as_str() == method;
        let live = live();
        let body = request_example(live.iter().find(known).unwrap());
        for path in Box::pin(paths(stand, headers, path)).await {
            stand.call(&format!("{method} {path}"), headers, body.as_ref()).await;
        }
    }
}

/// A route's path with what has to be asked for.
fn asked(route: &Route) -> String {
    let required = route.query.iter().find(|it| it.required);
    let query = required.map(|it| format!("?{0}={{{0}}}", it.name));
    format!("{}{}", route.path, query.unwrap_or_default())
}

/// A route's path with ids that the caller sees in the lists that belong to it.
async fn paths(stand: &Stand, headers: &Headers, path: &str) -> Vec<String> {
    let Some((before, after)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (_, after) = after.split_once('}').unwrap();
    let before_id = before.trim_end_matches('/');
    let list = LISTS.iter().find(|(known, _)| *known == before_id);
    let list = list.map_or(before_id, |(_, list)| *list);
    let said = stand.call(&format!("GET {list}"), headers, None).await.json.unwrap_or_default();
    let rows = said.as_object().into_iter().flat_map(|it| it.values());
    let mut ids: Vec<String> =
        rows.filter_map(Value::as_array).flatten().filter_map(id_of).collect();
    if ids.is_empty() {
        // What no route lists is counted from 1.
        ids.extend(["0", "1", "2"].map(str::to_owned));
    }
    let mut found = Vec::new();
    for id in ids {
        let path = format!("{before}{id}{after}");
        found.extend(Box::pin(paths(stand, headers, &path)).await);
    }
    found
}

/// What a row is called in a path.
pub(crate) fn id_of(row: &Value) -> Option<String> {
    let id = ["ID", "HarvestID", "CureID", "HarvestBatchID", "InvoiceID", "ManifestID"];
    let id = id.into_iter().map(|key| &row[key]).find(|id| !id.is_null())?;
    id.as_str().map(str::to_owned).or_else(|| Some(id.as_u64()?.to_string()))
}
