//! Text with `${name}` in it: which names it uses, and what it says once they are known.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::node::{Kind, Node};

/// What earlier replies gave, by name; `world` is always there in a private world.
pub type Captures = BTreeMap<String, Value>;

/// A name that no earlier reply gave.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("nothing was captured as `{0}`")]
pub struct UnknownCapture(pub String);

/// A piece of a template: text as written, or the name between `${` and `}`.
#[derive(Debug, Eq, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// The names a text uses, in order.
pub fn names(text: &str) -> Vec<&str> {
    let name = |piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    };
    pieces(text).into_iter().filter_map(name).collect()
}

/// The text with every `${name}` replaced.
pub fn fill(text: &str, captures: &Captures) -> Result<String, UnknownCapture> {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => out.push_str(&plain(captured(name, captures)?)),
        }
    }
    Ok(out)
}

/// As `fill`, but a text that is only `${name}` keeps the JSON type that was captured.
pub fn fill_typed(text: &str, captures: &Captures) -> Result<Value, UnknownCapture> {
    match pieces(text).as_slice() {
        [Piece::Name(name)] => captured(name, captures).cloned(),
        _ => fill(text, captures).map(Value::String),
    }
}

/// A node as JSON with all captures filled in.
pub fn fill_node(node: &Node, captures: &Captures) -> Result<Value, UnknownCapture> {
    match &node.kind {
        Kind::Text(text) => fill_typed(text, captures),
        Kind::List(nodes) => nodes.iter().map(|node| fill_node(node, captures)).collect(),
        Kind::Map(entries) => {
            let filled = entries
                .iter()
                .map(|(key, node)| Ok((fill(&key.name, captures)?, fill_node(node, captures)?)));
            Ok(Value::Object(filled.collect::<Result<Map<_, _>, UnknownCapture>>()?))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Ok(node.value()),
    }
}

/// A value as it reads inside a longer text: strings without quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

fn captured<'a>(name: &str, captures: &'a Captures) -> Result<&'a Value, UnknownCapture> {
    captures.get(name).ok_or_else(|| UnknownCapture(name.to_owned()))
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        if !is_name(name) {
            break;
        }
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(Piece::Name(name));
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Whether a capture may be called so.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_that_is_only_a_capture_keeps_its_type() {
        let captures = Captures::from([("room".to_owned(), json!(12))]);
        assert_eq!(fill_typed("${room}", &captures), Ok(json!(12)));
        assert_eq!(fill_typed("/v1/room/${room}", &captures), Ok(json!("/v1/room/12")));
        assert_eq!(fill_typed("$.Room", &captures), Ok(json!("$.Room")));
        assert_eq!(fill_typed("${other}", &captures), Err(UnknownCapture("other".to_owned())));
    }
}
