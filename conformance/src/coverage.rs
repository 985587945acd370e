//! What a run touched: routes that were granted, only refused, or never called, and rules that were shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::contract::{self, Route, Rule};
use crate::event::Outcome;

/// Coverage of the published routes and of the rulebook. Routes stand for themselves by their operations.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// How many routes are live on the target.
    pub live: usize,
    /// The target has not built them yet.
    pub planned: Vec<String>,
    /// Called, with at least one success.
    pub granted: Vec<String>,
    /// Called, and always refused.
    pub refused: Vec<String>,
    pub never: Vec<String>,
    /// Rules that played scenarios stand for.
    pub rules: Vec<String>,
    pub rules_known: usize,
    /// The same rules by chapter of the rulebook, with those that were not shown.
    pub chapters: Vec<Chapter>,
    /// The same routes by family.
    pub families: Vec<Family>,
}

/// One chapter of the rulebook. Each of its rules is in one of the four lists.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chapter {
    pub number: usize,
    /// What the ids of its rules begin with.
    pub prefix: &'static str,
    pub subject: &'static str,
    pub rules: usize,
    /// Played scenarios stand for them.
    pub shown: Vec<String>,
    /// Not shown; they only describe, and refuse nothing.
    pub describing: Vec<String>,
    /// Not shown; no emulator acts on them yet.
    pub not_live: Vec<String>,
    /// Not shown, though the emulator acts on them.
    pub missing: Vec<String>,
}

/// One family of routes. Each of its routes is in one of the four lists.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Family {
    pub family: &'static str,
    pub routes: usize,
    pub granted: Vec<String>,
    pub refused: Vec<String>,
    pub never: Vec<String>,
    pub planned: Vec<String>,
}

/// Gathers coverage while scenarios come in.
#[derive(Debug, Default)]
pub struct Tally {
    /// Operation to whether it was ever granted.
    called: BTreeMap<String, bool>,
    rules: BTreeSet<String>,
}

impl Tally {
    /// Counts the calls of one scenario.
    pub fn add(&mut self, outcome: &Outcome) {
        for step in &outcome.steps {
            if let (Some(operation), Some(status)) = (&step.operation, step.status) {
                *self.called.entry(operation.clone()).or_default() |= (200..300).contains(&status);
            }
        }
        if outcome.verdict.reason().is_none() {
            self.rules.extend(outcome.rules.iter().cloned());
        }
    }

    /// The coverage of everything that was added.
    pub fn coverage(self, planned: &BTreeSet<String>) -> Coverage {
        let chapters = contract::chapters().map(|(number, prefix, subject)| {
            let chapter = Chapter { number, prefix, subject, ..Chapter::default() };
            self.chapter(chapter)
        });
        let families: Vec<Family> =
            contract::families().into_iter().map(|name| self.family(name, planned)).collect();
        let all = |list: fn(&Family) -> &Vec<String>| {
            let mut all: Vec<String> = families.iter().flat_map(list).cloned().collect();
            all.sort();
            all
        };
        let (granted, refused) = (all(|it| &it.granted), all(|it| &it.refused));
        let (never, planned) = (all(|it| &it.never), all(|it| &it.planned));
        Coverage {
            live: granted.len() + refused.len() + never.len(),
            planned,
            granted,
            refused,
            never,
            chapters: chapters.collect(),
            families,
            rules_known: contract::rules().count(),
            rules: self.rules.into_iter().collect(),
        }
    }

    fn chapter(&self, mut chapter: Chapter) -> Chapter {
        for rule in contract::rules().filter(|rule| contract::prefix(rule) == chapter.prefix) {
            chapter.rules += 1;
            let list = if self.rules.contains(&rule.id) {
                &mut chapter.shown
            } else if contract::only_describes(rule) {
                &mut chapter.describing
            } else if rule.live {
                &mut chapter.missing
            } else {
                &mut chapter.not_live
            };
            list.push(rule.id.clone());
        }
        chapter
    }

    fn family(&self, name: &'static str, planned: &BTreeSet<String>) -> Family {
        let mut family = Family { family: name, ..Family::default() };
        for route in contract::routes().iter().filter(|route| route.family == name) {
            family.routes += 1;
            let list = match self.called.get(&route.operation) {
                Some(true) => &mut family.granted,
                _ if planned.contains(&route.operation) => &mut family.planned,
                Some(false) => &mut family.refused,
                None => &mut family.never,
            };
            list.push(route.operation.clone());
        }
        family
    }
}

impl Chapter {
    /// Every rule that was not shown, in order, and why that may be.
    pub fn not_shown(&self) -> Vec<(&'static Rule, &'static str)> {
        let lists = [
            (&self.describing, "describes"),
            (&self.not_live, "not live"),
            (&self.missing, "missing"),
        ];
        let rules = lists.into_iter().flat_map(|(ids, why)| ids.iter().map(move |id| (id, why)));
        let mut rules: Vec<_> =
            rules.filter_map(|(id, why)| Some((contract::rule(id)?, why))).collect();
        rules.sort_by_key(|(rule, _)| &rule.id);
        rules
    }
}

impl Family {
    /// Every route that was not granted, and what became of it.
    pub fn not_granted(&self) -> Vec<(&'static Route, &'static str)> {
        let lists = [
            (&self.refused, "only refused"),
            (&self.never, "never called"),
            (&self.planned, "planned"),
        ];
        let why = |route: &Route| {
            lists.iter().find(|(list, _)| list.contains(&route.operation)).map(|(_, why)| *why)
        };
        contract::routes().iter().filter_map(|route| Some((route, why(route)?))).collect()
    }
}
