//! One check on what a JSONPath selects in a reply.

use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::compare::{Comparison, Difference, Extent, decimal, differences, same, shown};
use crate::scenario::ast::Check;
use crate::scenario::node::Node;
use crate::scenario::place::Place;
use crate::scenario::template::{self, Captures, UnknownCapture};

/// What a check found; `None` when it holds.
pub(super) fn difference(
    check: &Check,
    body: &Value,
    captures: &Captures,
) -> Result<Option<Difference>, UnknownCapture> {
    let path = template::fill(&check.path.value, captures)?;
    let Ok(parsed) = JsonPath::parse(&path) else {
        let seen = "not a JSONPath once the captures are filled in".to_owned();
        return Ok(Some(Difference {
            place: Place::of(&check.path),
            path: path.clone(),
            expected: path,
            seen,
        }));
    };
    let nodes = parsed.query(body).all();
    let selection = Selection { many: is_many(&path), path, nodes, captures };
    selection.test(check)
}

/// Whether a path can select several nodes; then it is the selection that is counted, not a list in it.
fn is_many(path: &str) -> bool {
    ["*", "..", "?", ":", ","].iter().any(|sign| path.contains(sign))
}

struct Selection<'a> {
    path: String,
    many: bool,
    nodes: Vec<&'a Value>,
    captures: &'a Captures,
}

impl Selection<'_> {
    fn test(&self, check: &Check) -> Result<Option<Difference>, UnknownCapture> {
        if let Some(absent) = &check.absent {
            return Ok(self.absent(Place::of(absent), absent.value));
        }
        if let Some(node) = &check.is {
            let wanted = template::fill_node(node, self.captures)?;
            return Ok(self.every(node.place, &wanted.to_string(), |seen| same(&wanted, seen)));
        }
        if let Some(node) = &check.not {
            let unwanted = template::fill_node(node, self.captures)?;
            if self.many && self.nodes.is_empty() {
                return Ok(None);
            }
            return Ok(
                self.every(node.place, &format!("not {unwanted}"), |seen| !same(&unwanted, seen))
            );
        }
        if let Some(node) = &check.number {
            return self.number(node);
        }
        if let Some(pattern) = &check.matches {
            let text = template::fill(&pattern.value, self.captures)?;
            let regex = Regex::new(&text).ok();
            let fits = |seen: &Value| {
                regex.as_ref().is_some_and(|regex| regex.is_match(&template::plain(seen)))
            };
            return Ok(self.every(Place::of(pattern), &format!("text like {text}"), fits));
        }
        if let Some(node) = &check.length {
            return self.length(node);
        }
        check.contains.as_ref().map_or(Ok(None), |node| self.contains(node))
    }

    fn absent(&self, place: Place, wanted: bool) -> Option<Difference> {
        let expected = if wanted { "nothing" } else { "something" };
        (self.nodes.is_empty() != wanted)
            .then(|| self.differ(place, expected.to_owned(), self.seen()))
    }

    fn number(&self, node: &Node) -> Result<Option<Difference>, UnknownCapture> {
        let (text, comparison) = self.comparison(node)?;
        let fits = |seen: &Value| {
            let number = seen.is_number().then(|| decimal(&seen.to_string())).flatten();
            number
                .is_some_and(|number| comparison.is_some_and(|comparison| comparison.holds(number)))
        };
        Ok(self.every(node.place, &format!("a number {text}"), fits))
    }

    fn length(&self, node: &Node) -> Result<Option<Difference>, UnknownCapture> {
        let (text, comparison) = self.comparison(node)?;
        let length = if self.many {
            Some(self.nodes.len())
        } else {
            self.nodes.first().and_then(|seen| length(seen))
        };
        let fits =
            length.is_some_and(|length| comparison.is_some_and(|it| it.holds(length.into())));
        let seen = length.map_or_else(|| self.seen(), |length| format!("length {length}"));
        Ok((!fits).then(|| self.differ(node.place, format!("length {text}"), seen)))
    }

    /// A bound may be a capture.
    fn comparison(&self, node: &Node) -> Result<(String, Option<Comparison>), UnknownCapture> {
        let text = template::fill(&node.scalar().unwrap_or_default(), self.captures)?;
        let comparison = Comparison::parse(&text);
        Ok((text, comparison))
    }

    fn contains(&self, node: &Node) -> Result<Option<Difference>, UnknownCapture> {
        let wanted = template::fill_node(node, self.captures)?;
        let mut found = false;
        for seen in &self.nodes {
            found |= match seen {
                Value::String(text) => text.contains(&template::plain(&wanted)),
                Value::Array(elements) if !self.many => self.any(node, elements.iter())?,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => self.many && self.any(node, std::iter::once(*seen))?,
            };
        }
        Ok((!found).then(|| {
            self.differ(node.place, format!("something that contains {wanted}"), self.seen())
        }))
    }

    fn any<'a>(
        &self,
        node: &Node,
        elements: impl Iterator<Item = &'a Value>,
    ) -> Result<bool, UnknownCapture> {
        for element in elements {
            if differences(node, element, Extent::Part, self.captures)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// At least one node, and every one of them fits.
    fn every(
        &self,
        place: Place,
        expected: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Option<Difference> {
        if self.nodes.is_empty() {
            return Some(self.differ(place, expected.to_owned(), self.seen()));
        }
        let odd = self.nodes.iter().find(|seen| !fits(seen))?;
        Some(self.differ(place, expected.to_owned(), odd.to_string()))
    }

    fn seen(&self) -> String {
        match self.nodes.as_slice() {
            [] => shown(None),
            [one] => one.to_string(),
            [first, ..] => format!("{} values, the first {first}", self.nodes.len()),
        }
    }

    fn differ(&self, place: Place, expected: String, seen: String) -> Difference {
        Difference { place, path: self.path.clone(), expected, seen }
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Array(elements) => Some(elements.len()),
        Value::Object(fields) => Some(fields.len()),
        Value::String(text) => Some(text.chars().count()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whether a check holds on one body that all cases share.
    #[track_caller]
    fn check(text: &str, finding: Option<&str>) {
        let check: Check = serde_saphyr::from_str(text).unwrap();
        let body = json!({
            "Room": [{"ID": 1, "Name": "Veg"}, {"ID": 2, "Name": "Dry"}],
            "ID": "0073518842960417", "Weight": 12.50, "Gone": null,
        });
        let captures = Captures::from([("first".to_owned(), json!(1))]);
        let found = difference(&check, &body, &captures).unwrap();
        let found = found.map(|found| format!("{} / {}", found.expected, found.seen));
        assert_eq!(found.as_deref(), finding, "{text}");
    }

    #[test]
    fn checks_on_one_value() {
        check("{path: $.Weight, is: 12.5}", None);
        check("{path: $.Gone, is: null}", None);
        check("{path: $.Weight, not: 12.5}", Some("not 12.5 / 12.5"));
        check("{path: $.Weight, number: '> 12'}", None);
        check("{path: $.Weight, number: 12}", Some("a number 12 / 12.5"));
        check("{path: $.ID, number: '> 1'}", Some("a number > 1 / \"0073518842960417\""));
        check("{path: $.Weight, number: '> ${first}'}", None);
        check("{path: $.ID, matches: '^[0-9]{16}$'}", None);
        check("{path: $.ID, length: 16}", None);
        check("{path: $.ID, contains: '0417'}", None);
        check("{path: $.Weight, length: 1}", Some("length 1 / 12.5"));
    }

    #[test]
    fn checks_on_lists_and_selections() {
        check("{path: $.Room, length: '>= 2'}", None);
        check("{path: $.Room, length: 3}", Some("length 3 / length 2"));
        check("{path: $.Room, contains: {Name: Dry}}", None);
        check("{path: '$.Room[*].Name', contains: Dry}", None);
        check("{path: '$.Room[?@.ID == ${first}].Name', is: Veg}", None);
        check("{path: '$.Room[?@.ID == 9]', length: 0}", None);
        check("{path: '$.Room[*].ID', number: '>= 1'}", None);
        check("{path: '$.Room[*].Name', is: Veg}", Some("\"Veg\" / \"Dry\""));
        check("{path: '$.Room[?@.ID == 9].Name', not: Veg}", None);
    }

    #[test]
    fn what_is_not_there_is_only_absent() {
        check("{path: $.Nobody, absent: true}", None);
        check("{path: $.ID, absent: true}", Some("nothing / \"0073518842960417\""));
        check("{path: $.Nobody, absent: false}", Some("something / nothing"));
        check("{path: $.Nobody, is: null}", Some("null / nothing"));
        check("{path: $.Nobody, not: 1}", Some("not 1 / nothing"));
        check("{path: $.Nobody, contains: 1}", Some("something that contains 1 / nothing"));
    }
}
