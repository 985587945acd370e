//! What a world answers outside `/v1`: the heartbeat, the list of routes, and the password link.

use bytes::Bytes;
use hyper::{Method, StatusCode, header::HeaderValue, http::request::Parts};
use serde_json::{Value, json};

use super::{
    answer::{Answer, RULE_HEADER, json as json_answer},
    body,
    router::planned,
};
use crate::{
    fault::Fault,
    world::{World, mail},
};

pub const PASSWORD: &str = "/password";

/// The answer to a path outside the API that needs no body, if it is one.
pub fn answer<B>(world: &World, path: &str, parts: &Parts, _: &B) -> Option<Answer> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    match path {
        "/heartbeat" if reads && world.core().profile.on("wire.heartbeat") => {
            Some(ok(json!({ "Status": "success" })))
        }
        "/" if reads => Some(route_page()),
        _ => None,
    }
}

fn ok(body: Value) -> Answer {
    json_answer(StatusCode::OK, Bytes::from(body.to_string()))
}

/// A page that lists the routes (WIRE-14).
fn route_page() -> Answer {
    let planned: std::collections::BTreeSet<&str> =
        planned().map(|route| route.operation.as_str()).collect();
    let listing = tagtrail_schemas::routes_txt(&planned);
    let escaped = listing.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>tagtrail</title>\
         <h1>tagtrail</h1><p>An offline sandbox that behaves like the BioTrack NY licensee API. Not \
         affiliated with BioTrack, Metrc or the OCM.</p><pre>{escaped}</pre></html>\n"
    );
    let mut answer = json_answer(StatusCode::OK, Bytes::from(page));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    answer
}

/// `POST /password` with `Token` and `Password`: the person of a mailed link sets it (ACCT-60).
pub async fn set_password<B>(world: &World, parts: &Parts, body: B) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let outcome = if parts.method == Method::POST {
        try_set(world, body).await
    } else {
        let refusal = crate::refusal::refuse("WIRE-03");
        Err(refusal.with("method", &parts.method).with("path", PASSWORD).into())
    };
    match outcome {
        Ok(body) => ok(body),
        Err(fault) => {
            let body = json!({ "Error": fault.to_string() }).to_string();
            let mut answer = json_answer(fault.status(), Bytes::from(body));
            if let Some(rule) = fault.rule() {
                answer.headers_mut().insert(RULE_HEADER, HeaderValue::from_static(rule));
            }
            answer
        }
    }
}

async fn try_set<B>(world: &World, body: B) -> Result<Value, Fault>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let most = world.core().profile.number("wire.max_body");
    let bytes = body::read(body, most).await.map_err(|_| Fault::TooSlow)?;
    let fields: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |key: &str| fields[key].as_str().unwrap_or_default().to_owned();
    let (token, password) = (text("Token"), text("Password"));
    let done = world.write(None, move |txn| mail::set_password(txn, &token, &password)).await?;
    Ok(Value::Object(done.extras))
}
