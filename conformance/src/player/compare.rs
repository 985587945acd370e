//! Whether two JSON values are the same, in whole or in the part that a scenario names. Numbers are compared as decimals.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Number, Value};

use crate::scenario::node::{Kind, Node};
use crate::scenario::place::Place;
use crate::scenario::template::{self, Captures, UnknownCapture};

/// The last element of an expected list that leaves the rest of the list open.
const REST: &str = "...";

/// A value that is not what the scenario says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    pub place: Place,
    /// Where in the reply, as a JSONPath.
    pub path: String,
    pub expected: String,
    pub seen: String,
}

/// How much of a value an expectation speaks about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Keys that are not named do not matter, and a list may end in `...`.
    Part,
    Whole,
}

/// All places where `seen` is not what `expected` says.
pub fn differences(
    expected: &Node,
    seen: &Value,
    extent: Extent,
    captures: &Captures,
) -> Result<Vec<Difference>, UnknownCapture> {
    let mut comparer = Comparer { extent, captures, found: Vec::new() };
    comparer.node(expected, Some(seen), "$")?;
    Ok(comparer.found)
}

struct Comparer<'a> {
    extent: Extent,
    captures: &'a Captures,
    found: Vec<Difference>,
}

impl Comparer<'_> {
    fn node(
        &mut self,
        expected: &Node,
        seen: Option<&Value>,
        path: &str,
    ) -> Result<(), UnknownCapture> {
        match (&expected.kind, seen) {
            (Kind::Map(entries), Some(Value::Object(fields))) => {
                for (key, node) in entries {
                    let name = template::fill(&key.name, self.captures)?;
                    self.node(node, fields.get(&name), &format!("{path}.{name}"))?;
                }
                if self.extent == Extent::Whole {
                    self.unnamed(
                        expected,
                        entries.iter().map(|(key, _)| key.name.as_str()),
                        fields,
                        path,
                    );
                }
            }
            (Kind::List(nodes), Some(Value::Array(elements))) => {
                self.list(expected, nodes, elements, path)?
            }
            (
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::Text(_)
                | Kind::List(_)
                | Kind::Map(_),
                Some(_) | None,
            ) => {
                let wanted = template::fill_node(expected, self.captures)?;
                if !seen.is_some_and(|seen| same(&wanted, seen)) {
                    self.differ(expected.place, path, wanted.to_string(), shown(seen));
                }
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        list: &Node,
        nodes: &[Node],
        elements: &[Value],
        path: &str,
    ) -> Result<(), UnknownCapture> {
        let (nodes, open) = match nodes.split_last() {
            Some((last, rest)) if self.extent == Extent::Part && is_rest(last) => (rest, true),
            Some(_) | None => (nodes, false),
        };
        if elements.len() < nodes.len() || (!open && elements.len() > nodes.len()) {
            let more = if open { " or more" } else { "" };
            let expected = format!("{}{more}", elements_counted(nodes.len()));
            self.differ(list.place, path, expected, elements_counted(elements.len()));
        }
        for (index, (node, element)) in nodes.iter().zip(elements).enumerate() {
            self.node(node, Some(element), &format!("{path}[{index}]"))?;
        }
        Ok(())
    }

    fn unnamed<'a>(
        &mut self,
        expected: &Node,
        named: impl Iterator<Item = &'a str> + Clone,
        fields: &serde_json::Map<String, Value>,
        path: &str,
    ) {
        for (name, value) in
            fields.iter().filter(|(name, _)| !named.clone().any(|other| other == name.as_str()))
        {
            self.differ(
                expected.place,
                &format!("{path}.{name}"),
                "nothing".to_owned(),
                value.to_string(),
            );
        }
    }

    fn differ(&mut self, place: Place, path: &str, expected: String, seen: String) {
        self.found.push(Difference { place, path: path.to_owned(), expected, seen });
    }
}

fn is_rest(node: &Node) -> bool {
    matches!(&node.kind, Kind::Text(text) if text == REST)
}

fn elements_counted(count: usize) -> String {
    if count == 1 { "1 element".to_owned() } else { format!("{count} elements") }
}

/// A value as findings show it.
pub fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// Equality, with numbers as decimals and objects without order.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    match (decimal(&one.to_string()), decimal(&other.to_string())) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, Some(_) | None) => one.to_string() == other.to_string(),
    }
}

/// A number as a decimal, also in scientific notation.
pub fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

type Test = fn(Ordering) -> bool;

/// `>= 1.5`, `!= 0` or just `3`.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    holds: Test,
    bound: Decimal,
}

/// The two-letter signs stand before the signs they begin with.
#[rustfmt::skip]
const SIGNS: &[(&str, Test)] = &[
    ("!=", Ordering::is_ne),
    ("<=", Ordering::is_le),
    (">=", Ordering::is_ge),
    ("<",  Ordering::is_lt),
    (">",  Ordering::is_gt),
    ("=",  Ordering::is_eq),
];

impl Comparison {
    /// Reads a comparison; a bare number means equality.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let signed =
            SIGNS.iter().find_map(|(sign, holds)| Some((*holds, text.strip_prefix(sign)?)));
        let (holds, bound) = signed.unwrap_or((Ordering::is_eq, text));
        Some(Self { holds, bound: decimal(bound)? })
    }

    /// Whether a number meets it.
    pub fn holds(self, number: Decimal) -> bool {
        (self.holds)(number.cmp(&self.bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(extent: Extent, expected: &str, seen: &str, differing: &[&str]) {
        let expected: Node = serde_saphyr::from_str(expected).unwrap();
        let seen = serde_json::from_str(seen).unwrap();
        let captures = Captures::from([("id".to_owned(), Value::from(7))]);
        let found = differences(&expected, &seen, extent, &captures).unwrap();
        let lines: Vec<String> = found
            .iter()
            .map(|one| format!("{}: {} / {}", one.path, one.expected, one.seen))
            .collect();
        assert_eq!(lines, differing);
    }

    #[test]
    fn a_part_matches_whatever_else_there_is() {
        check(Extent::Part, "{a: 1}", r#"{"a": 1.0, "b": 2}"#, &[]);
        check(Extent::Part, "{a: 1e2, b: 0.10}", r#"{"a": 100, "b": 0.1}"#, &[]);
        check(Extent::Part, "{a: '${id}'}", r#"{"a": 7}"#, &[]);
        check(Extent::Part, "{a: '7'}", r#"{"a": 7}"#, &["$.a: \"7\" / 7"]);
        check(
            Extent::Part,
            "{a: {b: x}}",
            r#"{"a": {"b": "y", "c": 1}}"#,
            &["$.a.b: \"x\" / \"y\""],
        );
        check(
            Extent::Part,
            "{a: 1, b: null}",
            r#"{"c": 1}"#,
            &["$.a: 1 / nothing", "$.b: null / nothing"],
        );
    }

    #[test]
    fn lists_match_element_by_element_unless_left_open() {
        check(Extent::Part, "[{a: 1}, 2]", r#"[{"a": 1, "b": 1}, 2]"#, &[]);
        check(Extent::Part, "[1]", "[1, 2]", &["$: 1 element / 2 elements"]);
        check(Extent::Part, "[1, '...']", "[1, 2]", &[]);
        check(Extent::Part, "[1, 2, '...']", "[1]", &["$: 2 elements or more / 1 element"]);
        check(Extent::Part, "[1, 2]", "[1, 3]", &["$[1]: 2 / 3"]);
    }

    #[test]
    fn a_whole_body_has_no_other_keys() {
        check(Extent::Whole, "{a: 1.50}", r#"{"a": 1.5}"#, &[]);
        check(Extent::Whole, "{a: 1}", r#"{"a": 1, "b": 2}"#, &["$.b: nothing / 2"]);
        check(Extent::Whole, "[1, '...']", "[1, 2]", &["$[1]: \"...\" / 2"]);
    }

    #[test]
    fn numbers_are_compared_as_decimals() {
        let holds = |text: &str, number: &str| {
            Comparison::parse(text).unwrap().holds(decimal(number).unwrap())
        };
        assert!(
            holds(">= 0.3", "0.30")
                && holds("3", "3.0")
                && holds("!= 1", "1.01")
                && holds("< 1e3", "999.9")
        );
        assert!(!holds("> 0.3", "0.30") && !holds("= 1", "2") && !holds("<=-1", "0"));
        assert!(Comparison::parse("about 3").is_none());
    }
}
