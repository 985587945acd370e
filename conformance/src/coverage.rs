//! What a run touched: operations that were granted, only refused, or never called, and rules that were shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::contract;
use crate::event::Outcome;

/// Coverage of the published routes and of the rulebook.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Operations that are live on the target.
    pub live: usize,
    /// Operations the target has not built yet.
    pub planned: Vec<String>,
    /// Called, with at least one success.
    pub granted: Vec<String>,
    /// Called, and always refused.
    pub refused: Vec<String>,
    pub never: Vec<String>,
    /// Rules that played scenarios stand for.
    pub rules: Vec<String>,
    pub rules_known: usize,
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
        let mut coverage =
            Coverage { rules: self.rules.into_iter().collect(), ..Coverage::default() };
        coverage.rules_known = contract::rules_known();
        let operations: BTreeSet<&str> = contract::operations().collect();
        for operation in operations {
            let list = match self.called.get(operation) {
                Some(true) => &mut coverage.granted,
                _ if planned.contains(operation) => &mut coverage.planned,
                Some(false) => &mut coverage.refused,
                None => &mut coverage.never,
            };
            list.push(operation.to_owned());
        }
        coverage.live = coverage.granted.len() + coverage.refused.len() + coverage.never.len();
        coverage
    }
}
