//! The published interface as the judge needs it: which route a call meets, whether a reply fits, what a rule says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

use tagtrail_schemas as published;
use tagtrail_schemas::{Basis, RuleKind, Wording};
pub use tagtrail_schemas::{Route, Rule};

use crate::event::RuleNote;

const MESSAGE_MAX: usize = 160;

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    published::rule(id)
}

/// All rules of the rulebook.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    published::rules().values()
}

/// The chapters of the rulebook: number, prefix of the rules' ids, subject.
pub fn chapters() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    (1..).zip(published::chapters()).map(|(number, (prefix, subject))| (number, *prefix, *subject))
}

/// The prefix of a rule's chapter.
pub fn prefix(rule: &Rule) -> &str {
    rule.id.split('-').next().unwrap_or(&rule.id)
}

/// Whether a rule says what happens, and refuses nothing.
pub fn only_describes(rule: &Rule) -> bool {
    rule.kind == RuleKind::Fact
}

/// Whether a rule is only known from a sibling system, or is our own decision.
pub fn is_unproven(rule: &Rule) -> bool {
    match rule.basis {
        Basis::Family | Basis::Inferred => true,
        Basis::Documented | Basis::Regulation => false,
    }
}

/// The sentences a rule refuses with, and whether we worded them ourselves.
pub fn messages(rule: &Rule) -> impl Iterator<Item = (&str, bool)> {
    rule.messages.iter().map(|message| (message.text.as_str(), message.wording == Wording::Ours))
}

/// A rule as a finding cites it.
pub fn note(rule: &Rule) -> RuleNote {
    RuleNote { id: rule.id.clone(), sentence: rule.rule.clone(), basis: rule.basis.to_string() }
}

/// All routes of the published interface.
pub fn routes() -> &'static [Route] {
    published::routes()
}

/// The families of the routes, in the order of the published interface.
pub fn families() -> Vec<&'static str> {
    let mut families = Vec::new();
    for route in routes() {
        if !families.contains(&route.family.as_str()) {
            families.push(route.family.as_str());
        }
    }
    families
}

/// The route that a call meets; a literal segment wins over a parameter.
pub fn find(method: &str, path: &str) -> Option<&'static Route> {
    let path = path.split('?').next().unwrap_or(path);
    let spellings = |route: &'static Route| std::iter::once(&route.path).chain(&route.aliases);
    published::routes()
        .iter()
        .filter(|route| route.method.as_str() == method)
        .flat_map(|route| spellings(route).map(move |pattern| (pattern, route)))
        .filter(|(pattern, _)| fits(pattern, path))
        .min_by_key(|(pattern, _)| pattern.matches('{').count())
        .map(|(_, route)| route)
}

/// A slash at the end makes no other route.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_end_matches('/'), path.trim_end_matches('/'));
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            (Some(_), Some(_) | None) | (None, Some(_)) => return false,
        }
    }
}

/// A place where a reply does not fit its schema.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Misfit {
    /// JSON pointer into the reply; empty at the root.
    pub pointer: String,
    pub message: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "" } else { " at " };
        write!(f, "{}{at}{}", self.message, self.pointer)
    }
}

/// The validators of all replies, made when first needed and shared by all players.
#[derive(Default)]
pub struct Contract {
    validators: Mutex<BTreeMap<&'static str, Option<Arc<Validator>>>>,
}

impl Contract {
    /// Where a successful reply of this route does not fit; empty when it does.
    pub fn misfits_reply(&self, route: &'static Route, reply: &Value) -> Vec<Misfit> {
        self.misfits(&route.operation, || published::reply_schema(route), reply)
    }

    /// Where a refusal does not fit the one shape that all refusals have.
    pub fn misfits_error(&self, reply: &Value) -> Vec<Misfit> {
        self.misfits("", published::error_schema, reply)
    }

    fn misfits(
        &self,
        key: &'static str,
        schema: impl FnOnce() -> Value,
        reply: &Value,
    ) -> Vec<Misfit> {
        let validator = {
            let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
            let made = || jsonschema::validator_for(&schema()).ok().map(Arc::new);
            validators.entry(key).or_insert_with(made).clone()
        };
        let Some(validator) = validator else { return Vec::new() };
        let misfit = |error: jsonschema::ValidationError<'_>| Misfit {
            pointer: error.instance_path().to_string(),
            message: short(&error),
        };
        validator.iter_errors(reply).map(misfit).collect()
    }
}

/// A validator quotes what it refuses, which may be a whole record; then its value is left out.
fn short(error: &jsonschema::ValidationError<'_>) -> String {
    let full = error.to_string();
    if full.len() > MESSAGE_MAX { error.masked().to_string() } else { full }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reply_schema_can_be_compiled() {
        for route in published::routes() {
            let compiled = jsonschema::validator_for(&published::reply_schema(route));
            assert!(compiled.is_ok(), "{}: {:?}", route.operation, compiled.err());
        }
        assert!(jsonschema::validator_for(&published::error_schema()).is_ok());
    }

    #[test]
    fn every_rule_is_in_a_chapter_and_every_chapter_has_rules() {
        let known: Vec<&str> = chapters().map(|(_, prefix, _)| prefix).collect();
        for rule in rules() {
            assert!(known.contains(&prefix(rule)), "{} is in no chapter", rule.id);
        }
        for name in known {
            assert!(rules().any(|rule| prefix(rule) == name), "chapter {name} is empty");
        }
    }

    #[track_caller]
    fn check(method: &str, path: &str, route: Option<&str>) {
        assert_eq!(find(method, path).map(|route| route.path.as_str()), route, "{method} {path}");
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        check("GET", "/v1/plant/room?Limit=1", Some("/v1/plant/room"));
        check("GET", "/v1/plant/0073518842960417", Some("/v1/plant/{id}"));
        check("POST", "/v1/plant/waste", Some("/v1/plant/waste/"));
        check("GET", "/v1/plant/", Some("/v1/plant"));
        check("GET", "/v1/nowhere", None);
    }
}
