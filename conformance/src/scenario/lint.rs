//! What can be said about a scenario before it is played: faults that stop it, lints that do not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json_path::JsonPath;
use serde_saphyr::Spanned;

use super::ast::{Capture, Check, Expect, Scenario, Step};
use super::fault::Complaint;
use super::load::Source;
use super::node::{Kind, Node};
use super::place::Place;
use super::template;
use crate::contract;
use crate::player::compare::Comparison;

/// Methods and paths of `call` and `control`.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^([A-Z]+) (/\S*)$").ok());
/// A day of our time; days of birth and the like do not rot.
static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b20[2-9]\d-\d\d-\d\d\b").ok());

/// The method and the path of a call, if it is written as one.
pub fn split_call(text: &str) -> Option<(&str, &str)> {
    let captures = CALL.as_ref()?.captures(text)?;
    Some((captures.get(1)?.as_str(), captures.get(2)?.as_str()))
}

/// Faults first, lints second.
pub fn complaints(source: &Source, scenario: &Scenario) -> (Vec<Complaint>, Vec<Complaint>) {
    let mut linter = Linter { source, faults: Vec::new(), lints: Vec::new() };
    linter.head(scenario);
    linter.names(scenario);
    for (_, steps) in scenario.phases() {
        for step in steps {
            linter.step(scenario, step);
        }
    }
    if scenario.clock.is_none() {
        linter.days(scenario);
    }
    (linter.faults, linter.lints)
}

struct Linter<'a> {
    source: &'a Source,
    faults: Vec<Complaint>,
    lints: Vec<Complaint>,
}

impl Linter<'_> {
    fn fault(&mut self, place: Place, message: impl Into<String>) {
        self.faults.push(Complaint::at(&self.source.file, &self.source.text, place, message));
    }

    fn lint(&mut self, place: Place, message: impl Into<String>) {
        self.lints.push(Complaint::at(&self.source.file, &self.source.text, place, message));
    }

    fn head(&mut self, scenario: &Scenario) {
        let claim = &scenario.claim;
        if claim.value.trim().is_empty() {
            self.fault(Place::of(claim), "a claim is a sentence");
        }
        let slug = slug(&claim.value);
        if slug != self.source.slug() {
            self.lint(
                Place::of(claim),
                format!("the file is named after its claim: expected {slug}.yaml"),
            );
        }
        for rule in &scenario.rules {
            self.rule(rule);
        }
        if scenario.steps.is_empty() {
            self.fault(Place::of(claim), "a scenario has at least one step");
        }
        for (name, role) in &scenario.roles {
            if role.user.is_some() == role.lab.is_some() {
                self.fault(
                    Place::of(claim),
                    format!("role `{name}` names either a `user` or a `lab`"),
                );
            }
        }
    }

    fn rule(&mut self, rule: &Spanned<String>) {
        if !rule.value.contains("${") && contract::rule(&rule.value).is_none() {
            self.fault(Place::of(rule), format!("there is no rule {}", rule.value));
        }
    }

    /// Captures and roles are known before they are used, and roles are used.
    fn names(&mut self, scenario: &Scenario) {
        let mut known = BTreeSet::from(["world"]);
        let mut acting = BTreeSet::new();
        for (_, steps) in scenario.phases() {
            for step in steps {
                for (place, name) in names_in(&step.value, Place::of(step)) {
                    let name = template::list_of(&name).unwrap_or(&name);
                    if !known.contains(name) {
                        self.fault(
                            place,
                            format!("nothing was captured as `{name}` before this step"),
                        );
                    }
                }
                known.extend(step.value.capture.keys().map(String::as_str));
                acting.extend(step.value.role.iter().map(|role| role.value.as_str()));
            }
        }
        for name in scenario.roles.keys().filter(|name| !acting.contains(name.as_str())) {
            self.lint(Place::of(&scenario.claim), format!("role `{name}` never acts"));
        }
    }

    fn step(&mut self, scenario: &Scenario, spanned: &Spanned<Step>) {
        let step = &spanned.value;
        let place = Place::of(spanned);
        match (&step.call, &step.control) {
            (Some(call), None) => self.call(call, step),
            (None, Some(control)) => self.control(control, step),
            (Some(_), Some(_)) | (None, None) => {
                self.fault(place, "a step has either a `call` or a `control`")
            }
        }
        if let Some(role) =
            step.role.as_ref().filter(|role| !scenario.roles.contains_key(&role.value))
        {
            self.fault(Place::of(role), format!("there is no role `{}`", role.value));
        }
        if let (None, Some(log_in)) = (&step.role, &step.log_in) {
            self.fault(Place::of(log_in), "nobody acts who could log in: name a role with `as`");
        }
        let bodies = [step.body.is_some(), step.form.is_some(), step.raw.is_some()];
        if bodies.into_iter().filter(|it| *it).count() > 1 {
            self.fault(place, "a step has one of `body`, `form` and `raw`");
        }
        if let Some(repeat) = step.repeat.as_ref().filter(|repeat| repeat.value == 0) {
            self.fault(Place::of(repeat), "repeat at least once");
        }
        let maps = [&step.query, &step.headers, &step.form].into_iter().flatten();
        for node in maps.filter(|node| !is_map(node)) {
            self.fault(node.place, "expected a map of names to values");
        }
        for (name, capture) in &step.capture {
            self.capture(name, capture);
        }
        if let Some(expect) = &step.expect {
            self.expect(expect);
        }
        for node in nodes_of(step) {
            node.walk(&mut |node| self.identifier(node));
        }
        self.repeated(step, place);
    }

    /// What is said once for each element of a captured list is an element of a list itself, and sent.
    fn repeated(&mut self, step: &Step, place: Place) {
        let mut elements = BTreeSet::new();
        for node in sent_by(step) {
            node.walk(&mut |node| {
                let Kind::List(nodes) = &node.kind else { return };
                for node in nodes {
                    let lists: BTreeSet<&str> = template::repeated(node).into_iter().collect();
                    if lists.len() > 1 {
                        self.fault(node.place, "an element is repeated for one list at a time");
                    }
                    node.walk(&mut |node| {
                        elements.insert(node.place);
                    });
                }
            });
        }
        for (at, name) in names_in(step, place) {
            if template::list_of(&name).is_some() && !elements.contains(&at) {
                let message = "stands in an element of a list in a `body` or a `query`";
                self.fault(at, format!("`${{{name}}}` {message}"));
            }
        }
    }

    fn call(&mut self, call: &Spanned<String>, step: &Step) {
        let Some((method, path)) = split_call(&call.value) else {
            return self
                .fault(Place::of(call), "a call is a method and a path, such as `GET /v1/plant`");
        };
        let refused = step
            .expect
            .as_ref()
            .and_then(|expect| expect.status.as_ref())
            .is_some_and(|status| status.value >= 400);
        if path.starts_with("/v1/") && !refused && contract::find(method, path).is_none() {
            self.lint(Place::of(call), "no published route has this method and path");
        }
    }

    fn control(&mut self, control: &Spanned<String>, step: &Step) {
        if split_call(&control.value).is_none() {
            self.fault(
                Place::of(control),
                "a control step is a method and a path, such as `POST /clock/step`",
            );
        }
        if let Some(role) = &step.role {
            self.fault(Place::of(role), "nobody acts in a control step");
        }
    }

    fn capture(&mut self, name: &str, capture: &Spanned<Capture>) {
        let place = Place::of(capture);
        if !template::is_name(name) {
            self.fault(place, format!("`{name}` is no name for a capture: letters, digits and _"));
        }
        match (&capture.value.path, &capture.value.header) {
            (Some(path), None) => self.path(place, path),
            (None, Some(_)) => {}
            (Some(_), Some(_)) | (None, None) => {
                self.fault(place, "a capture has either a `path` or a `header`")
            }
        }
        if let Some(pattern) = &capture.value.matches {
            self.pattern(place, pattern);
        }
    }

    fn expect(&mut self, expect: &Expect) {
        for rule in [&expect.rule, &expect.finding].into_iter().flatten() {
            self.rule(rule);
        }
        if let Some(status) =
            expect.status.as_ref().filter(|status| !(100..600).contains(&status.value))
        {
            self.fault(Place::of(status), "a status lies between 100 and 599");
        }
        if let Some(headers) = expect.headers.as_ref().filter(|node| !is_map(node)) {
            self.fault(headers.place, "expected a map of names to values");
        }
        for check in &expect.checks {
            self.check(check);
        }
    }

    fn check(&mut self, spanned: &Spanned<Check>) {
        let check = &spanned.value;
        self.path(Place::of(&check.path), &check.path.value);
        let tests = [
            check.is.is_some(),
            check.not.is_some(),
            check.number.is_some(),
            check.matches.is_some(),
            check.length.is_some(),
            check.absent.is_some(),
            check.contains.is_some(),
        ];
        if tests.into_iter().filter(|given| *given).count() != 1 {
            let message = "a check has exactly one of `is`, `not`, `number`, `matches`, `length`, `absent`, `contains`";
            self.fault(Place::of(spanned), message);
        }
        if let Some(pattern) = &check.matches {
            self.pattern(Place::of(pattern), &pattern.value);
        }
        for node in [&check.number, &check.length].into_iter().flatten() {
            let text = node.scalar().unwrap_or_default();
            if !text.contains("${") && Comparison::parse(&text).is_none() {
                self.fault(node.place, "expected a comparison such as `3` or `>= 1.5`");
            }
        }
    }

    fn path(&mut self, place: Place, path: &str) {
        if path.contains("${") {
            return;
        }
        if let Err(error) = JsonPath::parse(path) {
            self.fault(place, format!("not a JSONPath: {error}"));
        }
    }

    fn pattern(&mut self, place: Place, pattern: &str) {
        if !pattern.contains("${") && Regex::new(pattern).is_err() {
            self.fault(place, "not a regular expression");
        }
    }

    /// Identifiers have 16 digits and may begin with zeros: as a bare number they would be changed.
    fn identifier(&mut self, node: &Node) {
        let digits = match &node.kind {
            Kind::Number(number) => number.to_string(),
            Kind::Text(text) if self.is_bare(node.place) => text.clone(),
            Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => return,
        };
        if digits.len() >= 16 && digits.chars().all(|digit| digit.is_ascii_digit()) {
            self.fault(node.place, format!("an identifier is text: write \"{digits}\" in quotes"));
        }
    }

    fn is_bare(&self, place: Place) -> bool {
        let first = place.offset.and_then(|offset| self.source.text.as_bytes().get(offset));
        first.is_some_and(u8::is_ascii_digit)
    }

    /// Without a frozen clock a day written down is in the past sooner or later.
    fn days(&mut self, scenario: &Scenario) {
        let Some(day) = DAY.as_ref() else { return };
        let steps = scenario.phases().into_iter().flat_map(|(_, steps)| steps);
        for node in steps.flat_map(|step| [&step.value.body, &step.value.query]).flatten() {
            node.walk(&mut |node| {
                if matches!(&node.kind, Kind::Text(text) if day.is_match(text)) {
                    self.lint(
                        node.place,
                        "a fixed date needs a frozen `clock`, else the scenario rots",
                    );
                }
            });
        }
    }
}

fn is_map(node: &Node) -> bool {
    matches!(node.kind, Kind::Map(_))
}

/// Every node of a step's request.
fn sent_by(step: &Step) -> impl Iterator<Item = &Node> {
    [&step.query, &step.headers, &step.body, &step.form].into_iter().flatten()
}

/// Every node a step is written with.
fn nodes_of(step: &Step) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = sent_by(step).collect();
    if let Some(expect) = &step.expect {
        nodes.extend([&expect.headers, &expect.body, &expect.exact].into_iter().flatten());
        for check in &expect.checks {
            let check = &check.value;
            nodes.extend(
                [&check.is, &check.not, &check.number, &check.length, &check.contains]
                    .into_iter()
                    .flatten(),
            );
        }
    }
    nodes
}

/// Every capture a step uses, with the place where it does.
fn names_in(step: &Step, place: Place) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    let mut take = |place: Place, text: &str| {
        found.extend(template::names(text).into_iter().map(|name| (place, name.to_owned())));
    };
    for text in [&step.call, &step.control, &step.raw].into_iter().flatten() {
        take(Place::of(text), &text.value);
    }
    for node in nodes_of(step) {
        node.walk(&mut |node| match &node.kind {
            Kind::Text(text) => take(node.place, text),
            Kind::Map(entries) => entries.iter().for_each(|(key, _)| take(key.place, &key.name)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) => {}
        });
    }
    if let Some(expect) = &step.expect {
        for text in [&expect.rule, &expect.finding, &expect.error].into_iter().flatten() {
            take(Place::of(text), &text.value);
        }
        for check in &expect.checks {
            for text in
                [Some(&check.value.path), check.value.matches.as_ref()].into_iter().flatten()
            {
                take(Place::of(text), &text.value);
            }
        }
    }
    for capture in step
        .capture
        .values()
        .flat_map(|capture| [&capture.value.path, &capture.value.matches])
        .flatten()
    {
        take(place, capture);
    }
    found
}

/// A claim as a file name: lower case, words joined by hyphens.
pub fn slug(claim: &str) -> String {
    let spaced: String = claim
        .chars()
        .filter(|letter| *letter != '\'')
        .map(|letter| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("-")
}
