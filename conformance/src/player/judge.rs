//! Judges one reply: what the step expects, and what the published interface says of every reply.

use regex::Regex;
use serde_json::Value;
use similar::TextDiff;

use super::check;
use super::client::Reply;
use super::compare::{Difference, Extent, differences};
use crate::contract::{self, Contract, Route};
use crate::event::{FindingKind, RuleNote, Weight};
use crate::scenario::ast::{Expect, Level, Scenario, Step};
use crate::scenario::node::{Kind, Node};
use crate::scenario::place::Place;
use crate::scenario::template::{self, Captures, UnknownCapture};

const RULE: &str = "X-Tagtrail-Rule";
const FINDING: &str = "X-Tagtrail-Finding";
/// More differences of one body than this only make a report longer.
const DIFFERENCES_MAX: usize = 8;

/// A finding before it has a file, an excerpt and evidence.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: FindingKind,
    pub(super) weight: Weight,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) seen: String,
    pub(super) diff: Option<String>,
    pub(super) rule: Option<RuleNote>,
}

impl Draft {
    /// Whether the steps that follow have nothing to stand on.
    pub(super) fn halts(&self) -> bool {
        match self.kind {
            FindingKind::Status | FindingKind::Capture => true,
            FindingKind::Rule
            | FindingKind::Finding
            | FindingKind::Wording
            | FindingKind::Header
            | FindingKind::Body
            | FindingKind::Check
            | FindingKind::Schema => false,
        }
    }
}

/// What a reply is measured against.
pub(super) struct Judge<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) contract: &'a Contract,
    /// Our own sandbox: it names its rules, and no basis excuses it.
    pub(super) is_tagtrail: bool,
}

/// All that is to say about one reply.
#[derive(Debug, Default)]
pub(super) struct Judgment {
    pub(super) drafts: Vec<Draft>,
    pub(super) notes: Vec<String>,
}

impl Judge<'_> {
    /// Judges a reply by the expectations of its step.
    pub(super) fn expectations(
        &self,
        step: &Step,
        place: Place,
        reply: &Reply,
        captures: &Captures,
    ) -> Result<Judgment, UnknownCapture> {
        let nothing = Expect::default();
        let expect = step.expect.as_ref().unwrap_or(&nothing);
        let mut bench =
            Bench { judge: self, expect, reply, captures, judgment: Judgment::default() };
        bench.status(place);
        bench.rule()?;
        bench.finding()?;
        bench.error()?;
        bench.headers()?;
        bench.bodies(place)?;
        bench.checks()?;
        Ok(bench.judgment)
    }

    /// Judges a reply by the published interface alone.
    pub(super) fn interface(
        &self,
        route: Option<&'static Route>,
        place: Place,
        reply: &Reply,
    ) -> Vec<Draft> {
        let refusal = reply.status >= 400;
        let Some(body) = &reply.json else {
            let expected = if refusal { "a JSON body with `Error`" } else { "a JSON body" };
            return vec![self.schema(
                place,
                "the reply is not JSON".to_owned(),
                expected,
                shown_text(reply),
            )];
        };
        let misfits = match route {
            _ if refusal => self.contract.misfits_error(body),
            Some(route) if reply.is_success() => self.contract.misfits_reply(route, body),
            Some(_) | None => Vec::new(),
        };
        let Some(first) = misfits.first() else { return Vec::new() };
        let lines: Vec<String> = misfits.iter().map(ToString::to_string).collect();
        let message = "the reply does not fit the published interface".to_owned();
        let mut draft =
            self.schema(place, message, "what the published interface says", first.to_string());
        if lines.len() > 1 {
            draft.seen = format!("{first}, and {} more", lines.len() - 1);
            draft.diff = Some(lines.join("\n"));
        }
        vec![draft]
    }

    fn schema(&self, place: Place, message: String, expected: &str, seen: String) -> Draft {
        let weight =
            if self.scenario.level == Level::Should { Weight::Remark } else { Weight::Failure };
        let kind = FindingKind::Schema;
        Draft {
            kind,
            weight,
            place,
            message,
            expected: expected.to_owned(),
            seen,
            diff: None,
            rule: None,
        }
    }

    /// A difference from what only a sibling system does, or from our own decision, never counts against a foreign target.
    pub(super) fn weight(&self, step_rule: Option<&str>) -> Weight {
        let named = self.scenario.rules.iter().map(|rule| rule.value.as_str());
        let ids: Vec<&str> = step_rule.map_or_else(|| named.collect(), |id| vec![id]);
        let excused = !ids.is_empty()
            && ids.iter().all(|id| contract::rule(id).is_some_and(contract::is_unproven));
        let remark = self.scenario.level == Level::Should || (excused && !self.is_tagtrail);
        if remark { Weight::Remark } else { Weight::Failure }
    }

    /// The rule that a finding cites.
    pub(super) fn note(&self, step_rule: Option<&str>) -> Option<RuleNote> {
        let id =
            step_rule.or_else(|| self.scenario.rules.first().map(|rule| rule.value.as_str()))?;
        contract::rule(id).map(contract::note)
    }
}

struct Bench<'a> {
    judge: &'a Judge<'a>,
    expect: &'a Expect,
    reply: &'a Reply,
    captures: &'a Captures,
    judgment: Judgment,
}

impl Bench<'_> {
    fn differ(
        &mut self,
        kind: FindingKind,
        place: Place,
        message: &str,
        expected: String,
        seen: String,
    ) -> Option<&mut Draft> {
        let rule = self.expect.rule.as_ref().map(|rule| rule.value.as_str());
        let weight = self.judge.weight(rule);
        let rule = self.judge.note(rule);
        let message = message.to_owned();
        self.judgment.drafts.push(Draft {
            kind,
            weight,
            place,
            message,
            expected,
            seen,
            diff: None,
            rule,
        });
        self.judgment.drafts.last_mut()
    }

    fn status(&mut self, step: Place) {
        let refusal = self.expect.rule.is_some() || self.expect.error.is_some();
        let (place, expected, holds) = match &self.expect.status {
            Some(status) => {
                (Place::of(status), status.value.to_string(), self.reply.status == status.value)
            }
            None if refusal => {
                (step, "a refusal (4xx)".to_owned(), (400..500).contains(&self.reply.status))
            }
            None => (step, "success (2xx)".to_owned(), self.reply.is_success()),
        };
        if !holds {
            let seen = match error_of(self.reply) {
                Some(error) => format!("{} {error:?}", self.reply.status),
                None => self.reply.status.to_string(),
            };
            self.differ(FindingKind::Status, place, "the status differs", expected, seen);
        }
    }

    fn rule(&mut self) -> Result<(), UnknownCapture> {
        let Some(rule) = &self.expect.rule else { return Ok(()) };
        let expected = template::fill(&rule.value, self.captures)?;
        match self.reply.header(RULE) {
            Some(seen) if seen == expected => {}
            None if !self.judge.is_tagtrail => self
                .judgment
                .notes
                .push(format!("the target names no rules: {expected} was not compared")),
            seen => {
                let seen = seen.unwrap_or("no rule").to_owned();
                self.differ(
                    FindingKind::Rule,
                    Place::of(rule),
                    "another rule refuses",
                    expected,
                    seen,
                );
            }
        }
        Ok(())
    }

    fn finding(&mut self) -> Result<(), UnknownCapture> {
        let Some(finding) = &self.expect.finding else { return Ok(()) };
        let expected = template::fill(&finding.value, self.captures)?;
        let header = self.reply.header(FINDING);
        if header.is_none() && !self.judge.is_tagtrail {
            self.judgment
                .notes
                .push(format!("the target reports no findings: {expected} was not compared"));
        } else if !header.unwrap_or("").split([',', ' ']).any(|id| id == expected) {
            let seen = header.unwrap_or("no finding").to_owned();
            self.differ(
                FindingKind::Finding,
                Place::of(finding),
                "the finding is not reported",
                expected,
                seen,
            );
        }
        Ok(())
    }

    fn error(&mut self) -> Result<(), UnknownCapture> {
        let Some(error) = &self.expect.error else { return Ok(()) };
        let expected = template::fill(&error.value, self.captures)?;
        let seen = error_of(self.reply);
        if seen == Some(expected.as_str()) {
            return Ok(());
        }
        // No wording is known from New York itself: elsewhere another sentence never counts against the target.
        let free = !self.judge.is_tagtrail || self.is_our_wording(&expected);
        let seen = seen.map_or_else(|| "no `Error`".to_owned(), |seen| format!("{seen:?}"));
        let (place, expected) = (Place::of(error), format!("{expected:?}"));
        let message = "the error sentence differs";
        let draft = self.differ(FindingKind::Wording, place, message, expected, seen);
        if let Some(draft) = draft.filter(|_| free) {
            draft.weight = Weight::Remark;
        }
        Ok(())
    }

    /// Our own wordings are placeholders for sentences that nobody published.
    fn is_our_wording(&self, sentence: &str) -> bool {
        let step_rule = self.expect.rule.iter();
        let ids = step_rule
            .chain(&self.judge.scenario.rules)
            .filter_map(|rule| contract::rule(&rule.value));
        ids.flat_map(contract::messages)
            .find(|(text, _)| fits_template(text, sentence))
            .is_some_and(|(_, ours)| ours)
    }

    fn headers(&mut self) -> Result<(), UnknownCapture> {
        let Some(Node { kind: Kind::Map(entries), .. }) = &self.expect.headers else {
            return Ok(());
        };
        for (key, node) in entries {
            let expected = template::fill_node(node, self.captures)?;
            let seen = self.reply.header(&key.name);
            let holds = if expected.is_null() {
                seen.is_none()
            } else {
                seen == Some(template::plain(&expected).as_str())
            };
            if !holds {
                let expected = if expected.is_null() {
                    "no such header".to_owned()
                } else {
                    template::plain(&expected)
                };
                let seen = seen.unwrap_or("no such header").to_owned();
                let message = format!("the header {} differs", key.name);
                self.differ(FindingKind::Header, node.place, &message, expected, seen);
            }
        }
        Ok(())
    }

    fn bodies(&mut self, step: Place) -> Result<(), UnknownCapture> {
        let wanted = [(&self.expect.body, Extent::Part), (&self.expect.exact, Extent::Whole)];
        for (node, extent) in wanted {
            let Some(node) = node else { continue };
            let Some(body) = &self.reply.json else {
                let expected = template::fill_node(node, self.captures)?.to_string();
                self.differ(
                    FindingKind::Body,
                    step,
                    "the body is not JSON",
                    expected,
                    shown_text(self.reply),
                );
                continue;
            };
            let found = differences(node, body, extent, self.captures)?;
            let diff =
                (found.len() > 2).then(|| template::fill_node(node, self.captures)).transpose()?;
            let diff = diff.map(|wanted| lines_diff(&wanted, body));
            self.found(FindingKind::Body, found);
            if let (Some(diff), Some(last)) = (diff, self.judgment.drafts.last_mut()) {
                last.diff = Some(diff);
            }
        }
        Ok(())
    }

    fn checks(&mut self) -> Result<(), UnknownCapture> {
        for check in &self.expect.checks {
            let body = self.reply.json.as_ref().unwrap_or(&Value::Null);
            let found = check::difference(&check.value, body, self.captures)?;
            self.found(FindingKind::Check, found.into_iter().collect());
        }
        Ok(())
    }

    fn found(&mut self, kind: FindingKind, found: Vec<Difference>) {
        let more = found.len().saturating_sub(DIFFERENCES_MAX);
        for difference in found.into_iter().take(DIFFERENCES_MAX) {
            let message = format!("{} differs", difference.path);
            self.differ(kind, difference.place, &message, difference.expected, difference.seen);
        }
        if let Some(last) = self.judgment.drafts.last_mut().filter(|_| more > 0) {
            last.message = format!("{}, and {more} more", last.message);
        }
    }
}

fn error_of(reply: &Reply) -> Option<&str> {
    reply.json.as_ref()?.get("Error")?.as_str()
}

fn shown_text(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    let start: String = text.chars().take(200).collect();
    if start.is_empty() { "an empty body".to_owned() } else { start }
}

/// A sentence of the rulebook with its `<x>` filled in.
fn fits_template(text: &str, sentence: &str) -> bool {
    let Ok(gap) = Regex::new("<[^<>]+>") else { return false };
    let pattern: Vec<String> = gap.split(text).map(regex::escape).collect();
    Regex::new(&format!("^{}$", pattern.join(".*"))).is_ok_and(|regex| regex.is_match(sentence))
}

/// Two values one above the other, line by line; of the reply only the keys that are expected.
fn lines_diff(wanted: &Value, seen: &Value) -> String {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let (wanted, seen) = (pretty(wanted), pretty(&trimmed(wanted, seen)));
    TextDiff::from_lines(&wanted, &seen)
        .unified_diff()
        .context_radius(2)
        .header("expected", "seen")
        .to_string()
}

fn trimmed(wanted: &Value, seen: &Value) -> Value {
    match (wanted, seen) {
        (Value::Object(wanted), Value::Object(seen)) => {
            let named = wanted.iter().filter_map(|(name, wanted)| {
                Some((name.clone(), trimmed(wanted, seen.get(name)?)))
            });
            Value::Object(named.collect())
        }
        (Value::Array(wanted), Value::Array(seen)) => {
            let pair = |(index, seen): (usize, &Value)| {
                wanted.get(index).map_or_else(|| seen.clone(), |wanted| trimmed(wanted, seen))
            };
            seen.iter().enumerate().map(pair).collect()
        }
        _ => seen.clone(),
    }
}

/// What a capture that failed says, as a draft.
pub(super) fn capture_draft(
    judge: &Judge<'_>,
    step: &Step,
    place: Place,
    name: &str,
    reason: String,
) -> Draft {
    let rule = step
        .expect
        .as_ref()
        .and_then(|expect| expect.rule.as_ref())
        .map(|rule| rule.value.as_str());
    Draft {
        kind: FindingKind::Capture,
        weight: judge.weight(rule),
        place,
        message: format!("nothing to keep as `{name}`"),
        expected: "one value".to_owned(),
        seen: reason,
        diff: None,
        rule: judge.note(rule),
    }
}
