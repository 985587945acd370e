//! An example as lines for a shell: `curl`, against the very address at which the page was asked for.

use serde_json::{Value, json};
use tagtrail_schemas::{Call, Example, lay_out};

const PASSWORD: &str = "tagtrail-dev-1";
/// Where the session of a laboratory is kept between two lines.
const SESSION: &str = "SESSION";

/// People who may do everything a laboratory does.
const LABORATORIES: [(&str, &str); 2] =
    [("OCM-CPL-90011", "admin@cedar-assay.example"), ("OCM-CPL-90012", "admin@blue-heron.example")];

/// The lines of an example. `origin` is where its world answers.
pub fn lines(example: &Example, origin: &str, world: &str) -> String {
    let mut text = String::new();
    let mut laboratory = None;
    for (at, call) in example.calls.iter().enumerate() {
        let is_last = at + 1 == example.calls.len();
        let who = call.who.as_deref();
        if let Some(license) = who.filter(|who| is_laboratory(who) && laboratory != Some(*who)) {
            laboratory = Some(license);
            text.push_str(&log_in(license, origin));
        }
        text.push_str(&line(call, origin, world, is_last));
    }
    text.trim_end().to_owned()
}

fn is_laboratory(who: &str) -> bool {
    LABORATORIES.iter().any(|(license, _)| *license == who)
}

fn log_in(license: &str, origin: &str) -> String {
    let person = LABORATORIES.iter().find(|(known, _)| *known == license);
    let username = person.map_or("", |(_, username)| username);
    let body = json!({"LicenseNumber": license, "Username": username, "Password": PASSWORD});
    let call = format!("curl -s \"{origin}/v1/lab/login\" \\\n  -d '{body}'");
    kept(SESSION, "Session", &call)
}

/// One call. Of those before the last only what they keep is looked at.
fn line(call: &Call, origin: &str, world: &str, is_last: bool) -> String {
    let (method, path) = call.start();
    let path = path.replace("{world}", world);
    // The control plane lies beside the worlds.
    let prefix = format!("/worlds/{world}");
    let at = if path.starts_with("/_tagtrail") {
        origin.strip_suffix(&prefix).unwrap_or(origin)
    } else {
        origin
    };
    let body = call.sent();
    let implied = if body.is_some() { "POST" } else { "GET" };
    let verb = if method == implied { String::new() } else { format!("-X {method} ") };
    let quiet = if is_last || call.keep.is_some() { "" } else { "-o /dev/null " };
    let mut text = format!("curl -s {quiet}{verb}\"{at}{path}\"");
    match call.who.as_deref() {
        None => {}
        Some(who) if is_laboratory(who) => {
            text.push_str(&format!(" \\\n  -H \"X-Session-Token: ${SESSION}\""));
        }
        Some(who) if who.starts_with('$') => {
            text.push_str(&format!(" \\\n  -H \"Authorization: Bearer {who}\""));
        }
        Some(ubi) => {
            text.push_str(&format!(" \\\n  -H 'Authorization: Bearer tagtrail-dev-token-{ubi}'"));
        }
    }
    if let Some(body) = body {
        text.push_str(&format!(" \\\n  -d '{}'", quoted(&body)));
    }
    match &call.keep {
        Some(keep) => kept(&keep.name, &keep.of, &text),
        None => text + "\n",
    }
}

/// A line that keeps one value of what a call gives.
fn kept(name: &str, key: &str, call: &str) -> String {
    format!("{name}=$({call} \\\n  | sed 's/.*\"{key}\":\"*\\([^\",}}]*\\).*/\\1/')\n")
}

/// A body between single quotes; what was kept stands outside of them.
fn quoted(body: &Value) -> String {
    let text = lay_out(body).trim_end().replace('\'', "'\\''");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\"$") {
        let end = after.find('"').unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        out.push_str(&format!("{before}\"'${name}'"));
        rest = after;
    }
    out + rest
}
