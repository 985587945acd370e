//! Bodies that are nearly right: every live write takes them, refuses them, and never falls over.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use tagtrail_schemas::Method;

use crate::example::{Example, everyone, examples};
use crate::stand::{Headers, Stand, header, text};

const MUTATIONS: usize = 2_000;
const SEED: u64 = 20_250_728;
/// So often the goods are as at the start again; what was granted may have used them up.
const FRESH_EVERY: usize = 40;

/// A stream of numbers that is the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

/// Values that fields seldom hold, as they are written.
const ODD: [&str; 30] = [
    "null",
    "true",
    "false",
    "\"\"",
    "\" \"",
    "0",
    "-0",
    "-1",
    "1",
    "0.5",
    "1e3",
    "1e400",
    "-1e-400",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "0.0000000000000000000000000001",
    "99999999999999999999999999999999999999999",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[{}]",
    "{\"ID\":1}",
    "\"0000000000000000\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"2025-02-30\"",
    "\"\u{202e}\u{1f33f}\"",
    "\"9999-12-31T23:59:60Z\"",
];

/// A body that differs in one to three places.
fn mutated(body: &Value, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = body.to_string().into_bytes();
    for _ in 0..=dice.below(3) {
        bytes = if dice.below(3) == 0 { scratched(bytes, dice) } else { swapped(bytes, dice) };
    }
    bytes
}

/// Changes bytes without regard to what they mean.
fn scratched(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(bytes.len());
    let end = (at + 1 + dice.below(12)).min(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.insert(at, b"{}[]\",:\\0-.eE\0\xff\n"[dice.below(16)]),
        3 => bytes.extend_from_within(at..end),
        4 => bytes.splice(at..at, "[".repeat(300).into_bytes()).for_each(drop),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
    bytes
}

/// Puts an odd value in the place of a value, if the bytes still are JSON.
fn swapped(bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else { return bytes };
    let mut count = 0;
    visit(&mut value, &mut |_| count += 1);
    let chosen = dice.below(count);
    let mut at = 0;
    // A mark that is replaced in the text, because some odd values have no `Value`.
    visit(&mut value, &mut |place| {
        if at == chosen {
            *place = json!("MARK");
        }
        at += 1;
    });
    let odd = match dice.below(12) {
        0 => format!("\"{}\"", "long ".repeat(4_000)),
        1 => format!("[{}1]", "1,".repeat(1_500)),
        _ => ODD[dice.below(ODD.len())].to_owned(),
    };
    value.to_string().replacen("\"MARK\"", &odd, 1).into_bytes()
}

fn visit(value: &mut Value, see: &mut dyn FnMut(&mut Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| visit(it, see)),
        Value::Object(fields) => fields.values_mut().for_each(|it| visit(it, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// No body makes the sandbox fail inside (WIRE-12), and a refused one leaves the world as it was.
#[tokio::test]
async fn two_thousand_odd_bodies_change_nothing_where_they_are_refused_and_never_break_anything() {
    let stand = Stand::new().await;
    let (writes, _) = examples(&stand).await;
    let writes: Vec<_> = writes
        .into_iter()
        .filter(|it| it.route.method != Method::Get && it.body.is_some())
        .collect();
    assert!(writes.len() >= 15, "there are fewer live writes than there were");
    let mut people = everyone(&stand).await;
    for (_, headers) in &mut people {
        headers.push(header("X-Tagtrail-World", "fuzz"));
    }
    let mut dice = Dice(SEED);
    let mut granted = 0;
    let mut complaints = BTreeMap::new();
    for number in 0..MUTATIONS {
        if number % FRESH_EVERY == 0 {
            if number > 0 {
                stand.control("DELETE /worlds/fuzz", Value::Null).await;
            }
            stand.control("POST /worlds/default/fork", json!({"name": "fuzz"})).await;
        }
        let example = &writes[number % writes.len()];
        let (_, headers) = people.iter().find(|(who, _)| *who == example.who).unwrap();
        let body = mutated(example.body.as_ref().unwrap(), &mut dice);
        match probe(&stand, example, headers, body).await {
            Ok(success) => granted += usize::from(success),
            Err((said, what)) => drop(complaints.entry(said).or_insert(what)),
        }
    }
    let shown: Vec<_> =
        complaints.iter().map(|(said, what)| format!("{what}\n    {said}")).collect();
    assert!(complaints.is_empty(), "\n{}", shown.join("\n"));
    assert!(granted > 0 && granted < MUTATIONS, "{granted} of {MUTATIONS} were granted");
}

/// Sends a body; tells whether it was granted, or what was said that may not be, and to what.
async fn probe(
    stand: &Stand,
    example: &Example,
    headers: &Headers,
    body: Vec<u8>,
) -> Result<bool, (String, String)> {
    let before = stand.sync(headers).await;
    let shown = String::from_utf8_lossy(&body).chars().take(600).collect::<String>();
    let what = format!("{} as {}: {shown}", example.start, example.who);
    let reply = stand.send(&example.start, headers, Some(Bytes::from(body))).await;
    if reply.is_success() {
        return Ok(true);
    }
    let is_refusal = reply.status < 500
        && reply.header("x-tagtrail-rule").is_some_and(|rule| rule != "WIRE-12")
        && reply.json.as_ref().is_some_and(|it| it["Error"].is_string());
    if !is_refusal {
        return Err((text(&reply), what));
    }
    if stand.sync(headers).await != before {
        return Err((format!("refused, and something changed: {}", text(&reply)), what));
    }
    Ok(false)
}
