//! The rulebook: what is refused, what is only reported and what just happens, each with its basis.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::embed::{Folder, file, files, parse};

const SOURCES: &str = "sources";
const EVERY_WRITE: &str = "every-write";

/// The chapters of the rulebook, in its order: what the ids of their rules begin with, and what they are about.
#[rustfmt::skip]
const CHAPTERS: &[(&str, &str)] = &[
    ("WIRE", "transport, JSON, errors"),
    ("ACCT", "consent, sessions, users"),
    ("LIC",  "companies and licenses"),
    ("UID",  "identifiers and tags"),
    ("ROOM", "rooms of both kinds"),
    ("DIR",  "people and partners"),
    ("PLT",  "plants"),
    ("HARV", "batches, cuts, cures"),
    ("INV",  "inventory"),
    ("LOT",  "lots and conversions"),
    ("LAB",  "samples and results"),
    ("BILL", "invoices and payments"),
    ("MAN",  "manifests"),
    ("XFER", "transfers"),
    ("SALE", "sales, limits, refunds"),
    ("SYNC", "lists and sync"),
    ("INIT", "the initial upload"),
    ("OFF",  "transfers on paper"),
    ("TIME", "every clock rule"),
    ("BAL",  "conservation"),
];

/// Where a statement comes from, from fact to guess.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// A document about New York says so, or the published interface.
    Documented,
    /// Seen in a sibling BioTrack system.
    Family,
    /// New York law, regulation or guidance.
    Regulation,
    /// Our decision, taken to close a gap.
    Inferred,
}

/// What becomes of a call that breaks the rule, by the rule's own status column.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// The emulator refuses. A knob may soften that to a finding.
    Refusal,
    /// The emulator accepts, the tester reports.
    Finding,
    /// Nothing is refused; the row says what happens.
    Fact,
}

/// Whose words a sentence has.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Known from a sibling system, letter for letter; tests compare it exactly.
    Family,
    /// Written by us; tests compare the rule id, never the sentence.
    Ours,
}

/// One `Error` sentence; `<x>` in it is filled in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Tells the sentences of one rule apart.
    #[serde(default)]
    pub when: Option<String>,
    pub text: String,
    pub wording: Wording,
}

/// One row of the rulebook.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    /// A condition and its outcome.
    pub rule: String,
    pub messages: Vec<Message>,
    /// The rules whose sentences these are.
    #[serde(default)]
    pub same_as: Vec<String>,
    pub status: Vec<u16>,
    pub kind: RuleKind,
    /// Refused only when the knob is turned away from its New York value.
    pub off: bool,
    pub knobs: Vec<String>,
    pub basis: Basis,
    pub source: Vec<String>,
    /// Whether the emulator acts on it by now.
    pub live: bool,
}

/// A source that rules cite by its key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub key: String,
    pub title: String,
    pub address: String,
}

/// Every rule, by its id.
pub fn rules() -> &'static BTreeMap<String, Rule> {
    static CELL: OnceLock<BTreeMap<String, Rule>> = OnceLock::new();
    CELL.get_or_init(|| {
        let chapters = files(Folder::Rules).into_iter();
        let chapters = chapters.filter(|(name, _)| ![SOURCES, EVERY_WRITE].contains(name));
        let rows = chapters.flat_map(|(name, text)| parse::<Vec<Rule>>(name, text));
        rows.map(|rule| (rule.id.clone(), rule)).collect()
    })
}

/// The rule with this id, such as `PLT-07`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().get(id)
}

/// The chapters of the rulebook, in its order: what the ids of their rules begin with, and what they
/// are about.
pub fn chapters() -> &'static [(&'static str, &'static str)] {
    CHAPTERS
}

/// The rules that govern every write, beside those of its route.
pub fn write_rules() -> &'static [String] {
    static CELL: OnceLock<Vec<String>> = OnceLock::new();
    CELL.get_or_init(|| parse(EVERY_WRITE, file(Folder::Rules, EVERY_WRITE).unwrap_or_default()))
}

/// The sources that rules cite.
pub fn sources() -> &'static [Source] {
    static CELL: OnceLock<Vec<Source>> = OnceLock::new();
    CELL.get_or_init(|| parse(SOURCES, file(Folder::Rules, SOURCES).unwrap_or_default()))
}

impl Rule {
    /// The rule's first sentence, with the facts in the places named after them.
    pub fn sentence(&self, facts: &[(&str, String)]) -> String {
        self.sentence_at(0, facts)
    }

    /// The rule's n-th sentence, from 0. A rule without one speaks with its own text.
    pub fn sentence_at(&self, index: usize, facts: &[(&str, String)]) -> String {
        let text = self.messages.get(index).map_or(&self.rule, |message| &message.text);
        fill(text, facts)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Documented => "documented",
            Self::Family => "family",
            Self::Regulation => "regulation",
            Self::Inferred => "inferred",
        })
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Refusal => "refusal",
            Self::Finding => "finding",
            Self::Fact => "fact",
        })
    }
}

/// One pass from left to right, so that a fact that looks like a place stays what it is.
fn fill(text: &str, facts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('<') {
        filled.push_str(before);
        let place = from.split_once('>');
        let fact = place.and_then(|(name, after)| {
            facts.iter().find(|(known, _)| *known == name).map(|(_, fact)| (fact, after))
        });
        rest = if let Some((fact, after)) = fact {
            filled.push_str(fact);
            after
        } else {
            filled.push('<');
            from
        };
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn check(text: &str, facts: &[(&str, &str)], expected: &str) {
        let facts: Vec<_> = facts.iter().map(|(name, fact)| (*name, (*fact).to_owned())).collect();
        assert_eq!(fill(text, &facts), expected);
    }

    #[test]
    fn places_are_filled_once_and_unknown_ones_stay() {
        check(
            "Barcode <id> is on invoice <n>.",
            &[("id", "<n>"), ("n", "7")],
            "Barcode <n> is on invoice 7.",
        );
        check("no place", &[("id", "1")], "no place");
        check("a <b> c < d", &[], "a <b> c < d");
        check("<a><a>", &[("a", "x")], "xx");
    }
}
