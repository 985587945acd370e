//! What a world answers outside `/v1`: the heartbeat, the list of routes, and the password link.

use std::collections::BTreeSet;

use bytes::Bytes;
use hyper::{Method, StatusCode, header::HeaderValue, http::request::Parts};
use serde_json::{Value, json};

use super::{
    answer::{Answer, json as json_answer, refused},
    body,
    router::planned,
};
use crate::{
    api::pairs,
    fault::Fault,
    refusal::refuse,
    world::{World, mail},
};

pub const PASSWORD: &str = "/password";

/// The answer to a path outside the API that needs no body, if it is one.
pub fn answer(world: &World, path: &str, parts: &Parts) -> Option<Answer> {
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
    let planned: BTreeSet<&str> = planned().map(|route| route.operation.as_str()).collect();
    let listing = escaped(&tagtrail_schemas::routes_txt(&planned));
    page(&format!(
        "<h1>tagtrail</h1><p>An offline sandbox that behaves like the BioTrack NY licensee API. Not \
         affiliated with BioTrack, Metrc or the OCM.</p><pre>{listing}</pre>"
    ))
}

/// A page in which the person of a mailed link chooses a password (ACCT-60). It works without scripts.
fn password_page(world: &World, query: &str) -> Result<Answer, Fault> {
    let token = pairs(query).find(|(name, _)| name == "token").map(|(_, value)| value);
    let token = token.unwrap_or_default();
    mail::check_link(world.core(), &token)?;
    let token = escaped(&token);
    Ok(page(&format!(
        "<h1>Choose a password</h1><p>At least 8 characters, with a letter and a digit.</p>\
         <form method=\"post\" action=\"{PASSWORD}\"><input type=\"hidden\" name=\"Token\" value=\"{token}\">\
         <label>Password <input type=\"password\" name=\"Password\" autocomplete=\"new-password\" required></label> \
         <button>Set it</button></form>"
    )))
}

fn page(content: &str) -> Answer {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>tagtrail</title>{content}</html>\n"
    );
    let mut answer = json_answer(StatusCode::OK, Bytes::from(page));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    answer
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// `/password`: the page of a mailed link, and what it sends (ACCT-60).
pub async fn password<B>(world: &World, parts: &Parts, body: B) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let outcome = match parts.method {
        Method::GET | Method::HEAD => password_page(world, parts.uri.query().unwrap_or_default()),
        Method::POST => set_password(world, body).await.map(ok),
        _ => Err(refuse("WIRE-03").with("method", &parts.method).with("path", PASSWORD).into()),
    };
    outcome.unwrap_or_else(|fault| refused(world, &fault))
}

/// Sets the password by `Token` and `Password`, sent as JSON or as a form.
async fn set_password<B>(world: &World, body: B) -> Result<Value, Fault>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let most = world.core().profile.number("wire.max_body");
    let bytes = body::read(body, most).await.map_err(|error| error.fault(most))?;
    let fields: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
        let form = String::from_utf8_lossy(&bytes);
        pairs(&form).map(|(name, value)| (name, Value::from(value))).collect()
    });
    let text = |key: &str| fields[key].as_str().unwrap_or_default().to_owned();
    let (token, password) = (text("Token"), text("Password"));
    let done = world.write(None, move |txn| mail::set_password(txn, &token, &password)).await?;
    Ok(Value::Object(done.extras))
}
