//! Text with `${name}` in it: which names it uses, and what it says once they are known.
//!
//! In a list, an element with `${plants[*].ID}` stands once for each element of what was captured as `plants`:
//! `Plant: [{PlantID: "${plants[*].ID}", RoomID: 3}]`. Without a field, `${ids[*]}` is the element itself.

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
        Kind::List(nodes) => {
            let mut filled = Vec::with_capacity(nodes.len());
            for node in nodes {
                match repeated(node).first() {
                    Some(list) => filled.extend(fill_each(node, list, captures)?),
                    None => filled.push(fill_node(node, captures)?),
                }
            }
            Ok(Value::Array(filled))
        }
        Kind::Map(entries) => {
            let filled = entries
                .iter()
                .map(|(key, node)| Ok((fill(&key.name, captures)?, fill_node(node, captures)?)));
            Ok(Value::Object(filled.collect::<Result<Map<_, _>, UnknownCapture>>()?))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Ok(node.value()),
    }
}

/// A node once for each element of a captured list.
fn fill_each(node: &Node, list: &str, captures: &Captures) -> Result<Vec<Value>, UnknownCapture> {
    let Value::Array(elements) = captured(list, captures)? else {
        return Err(UnknownCapture(format!("{list}[*]")));
    };
    let names = names_below(node);
    let (own, other): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| list_of(name) == Some(list));
    let other = other.into_iter().map(|name| list_of(name).unwrap_or(name));
    let mut scope: Captures = other
        .map(|name| Ok((name.to_owned(), captured(name, captures)?.clone())))
        .collect::<Result<_, UnknownCapture>>()?;
    let mut filled = Vec::with_capacity(elements.len());
    for element in elements {
        for name in &own {
            let field = name.split_once("[*].").map(|(_, field)| field);
            let value = field.map_or(Some(element), |field| element.get(field));
            let value = value.ok_or_else(|| UnknownCapture((*name).to_owned()))?;
            scope.insert((*name).to_owned(), value.clone());
        }
        filled.push(fill_node(node, &scope)?);
    }
    Ok(filled)
}

/// The captured lists for whose elements this element of a list is repeated; one at most makes sense.
pub fn repeated(node: &Node) -> Vec<&str> {
    match &node.kind {
        Kind::Text(text) => names(text).into_iter().filter_map(list_of).collect(),
        Kind::Map(entries) => entries.iter().flat_map(|(_, node)| repeated(node)).collect(),
        // A list below repeats its own elements.
        Kind::List(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) => Vec::new(),
    }
}

fn names_below(node: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    node.walk(&mut |node| match &node.kind {
        Kind::Text(text) => found.extend(names(text)),
        Kind::Map(entries) => found.extend(entries.iter().flat_map(|(key, _)| names(&key.name))),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) => {}
    });
    found
}

/// The list in `list[*]` and `list[*].field`.
pub fn list_of(name: &str) -> Option<&str> {
    name.split_once("[*]").map(|(list, _)| list)
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
        if !is_reference(name) {
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

fn is_reference(text: &str) -> bool {
    match text.split_once("[*]") {
        None => is_name(text),
        Some((list, "")) => is_name(list),
        Some((list, field)) => is_name(list) && field.strip_prefix('.').is_some_and(is_name),
    }
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

    #[track_caller]
    fn check(template: &str, expected: Result<Value, &str>) {
        let node: Node = serde_saphyr::from_str(template).unwrap();
        let captures = Captures::from([
            ("ids".to_owned(), json!([7, "b"])),
            ("plants".to_owned(), json!([{"ID": "1", "At": {"RoomID": 4}}, {"ID": "2", "At": {}}])),
            ("room".to_owned(), json!(3)),
        ]);
        let expected = expected.map_err(|name| UnknownCapture(name.to_owned()));
        assert_eq!(fill_node(&node, &captures), expected);
    }

    #[test]
    fn an_element_stands_for_each_element_of_a_captured_list() {
        check("['${ids[*]}']", Ok(json!([7, "b"])));
        check("[0, 'no ${ids[*]}', 9]", Ok(json!([0, "no 7", "no b", 9])));
        check(
            "{Plant: [{PlantID: '${plants[*].ID}', RoomID: '${room}'}]}",
            Ok(json!({"Plant": [{"PlantID": "1", "RoomID": 3}, {"PlantID": "2", "RoomID": 3}]})),
        );
        check(
            "[{A: '${plants[*].ID}', B: ['${ids[*]}', '${room}']}]",
            Ok(json!([{"A": "1", "B": [7, "b", 3]}, {"A": "2", "B": [7, "b", 3]}])),
        );
        check("[['${ids[*]}']]", Ok(json!([[7, "b"]])));
    }

    #[test]
    fn what_is_no_list_or_lacks_the_field_was_not_captured() {
        check("['${room[*]}']", Err("room[*]"));
        check("['${none[*]}']", Err("none"));
        check("['${plants[*].Name}']", Err("plants[*].Name"));
        check("{a: '${ids[*]}'}", Err("ids[*]"));
        check("['${ids[*].a.b}', '${ids[0]}']", Ok(json!(["${ids[*].a.b}", "${ids[0]}"])));
    }
}
