//! The control plane: whether the target has one, and the private world that each scenario gets from it.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::client::{Client, Reply, Request, Trouble};
use crate::scenario::load::Loaded;

/// The header that names the world of a call.
pub(super) const WORLD: &str = "X-Tagtrail-World";
/// How often another name is tried when a world of this name is already there.
const NAMES_MAX: usize = 20;
const SLUG_MAX: usize = 40;

/// Asks whether the target is a tagtrail; gives its name for itself.
pub(super) async fn probe(client: &Client) -> Result<Option<String>, Trouble> {
    let reply = client.send(&request("GET", "/_tagtrail/health", None, None)).await?;
    let instance =
        reply.json.as_ref().and_then(|body| body.get("instance")).and_then(Value::as_str);
    Ok(instance.filter(|_| reply.is_success()).map(str::to_owned))
}

/// A call to the control plane.
pub(super) fn request(
    method: &str,
    path: &str,
    body: Option<&Value>,
    token: Option<&str>,
) -> Request {
    let mut headers = Vec::new();
    if let Some(token) = token {
        headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    }
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let body = body.map(|body| Bytes::from(body.to_string()));
    Request { method: method.to_owned(), path: path.to_owned(), headers, body }
}

/// Why there is no private world.
pub(super) enum NoWorld {
    Trouble(Trouble),
    Refused(String),
}

/// Makes a world for one scenario. Its name follows from the file, because identifiers follow from the name of the world.
pub(super) async fn create(
    client: &Client,
    loaded: &Loaded,
    seed: Option<u64>,
    token: Option<&str>,
) -> Result<String, NoWorld> {
    let stem = stem(loaded);
    for number in 1..=NAMES_MAX {
        let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let wish = wish(loaded, &name, seed);
        let reply = client.send(&request("POST", "/_tagtrail/worlds", Some(&wish), token)).await;
        let reply = reply.map_err(NoWorld::Trouble)?;
        if reply.is_success() {
            return Ok(name);
        }
        if reply.status != 409 {
            return Err(NoWorld::Refused(sentence(&reply)));
        }
    }
    Err(NoWorld::Refused(format!("worlds named {stem} are left over from {NAMES_MAX} other runs")))
}

/// Removes a private world. A world that stays behind is no trouble for anybody else.
pub(super) async fn delete(client: &Client, name: &str, token: Option<&str>) {
    let _ =
        client.send(&request("DELETE", &format!("/_tagtrail/worlds/{name}"), None, token)).await;
}

fn wish(loaded: &Loaded, name: &str, seed: Option<u64>) -> Value {
    let scenario = &loaded.scenario;
    let mut wish = Map::new();
    wish.insert("name".to_owned(), json!(name));
    if let Some(seed) = scenario.seed.or(seed) {
        wish.insert("seed".to_owned(), json!(seed));
    }
    if let Some(clock) = &scenario.clock {
        wish.insert("clock".to_owned(), json!(clock.value));
    }
    if let Some(profile) = &scenario.profile {
        wish.insert("profile".to_owned(), json!(profile.value));
    }
    Value::Object(wish)
}

/// The beginning of the slug, and a digest of the whole path, so that two scenarios never share a world.
fn stem(loaded: &Loaded) -> String {
    let slug: String = loaded
        .source
        .slug()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    let slug: String = slug.chars().take(SLUG_MAX).collect();
    let digest =
        loaded.source.file.bytes().fold(0x811c_9dc5_u32, |digest, byte| {
            (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    format!("t-{}-{digest:08x}", slug.trim_matches('-').to_ascii_lowercase())
}

/// A refusal of the control plane in one line.
pub(super) fn sentence(reply: &Reply) -> String {
    let error =
        reply.json.as_ref().and_then(|body| body.get("Error").or_else(|| body.get("error")));
    let said = error
        .and_then(Value::as_str)
        .map_or_else(|| String::from_utf8_lossy(&reply.body).into_owned(), str::to_owned);
    format!("{}: {}", reply.status, said.trim())
}
