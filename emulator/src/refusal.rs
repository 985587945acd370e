//! The business "no": a rule of the rulebook and the facts that broke it.

use std::fmt::Display;

use tagtrail_schemas::Rule;

/// A rule said no. The sentence, the status and the basis are the rule's own data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    pub rule: &'static str,
    facts: Vec<(&'static str, String)>,
    sentence: usize,
    in_path: bool,
}

/// Refuses by a rule.
pub fn refuse(rule: &'static str) -> Refusal {
    Refusal { rule, facts: Vec::new(), sentence: 0, in_path: false }
}

impl Refusal {
    /// Fills `<name>` in the rule's sentence.
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Takes the rule's n-th sentence, where it has several; the first is 0.
    pub fn saying(mut self, sentence: usize) -> Self {
        self.sentence = sentence;
        self
    }

    /// The refused id stood in the path: where the rule has a 404 for that, it is the status.
    pub fn in_path(mut self) -> Self {
        self.in_path = true;
        self
    }

    pub fn is_in_path(&self) -> bool {
        self.in_path
    }

    pub fn facts(&self) -> &[(&'static str, String)] {
        &self.facts
    }

    pub fn rule(&self) -> &'static Rule {
        tagtrail_schemas::rule(self.rule)
            .unwrap_or_else(|| unreachable!("a test finds every rule id of the code in the data"))
    }

    /// What the client reads under `Error`.
    pub fn sentence(&self) -> String {
        self.rule().sentence_at(self.sentence, &self.facts)
    }
}

/// Refuses unless the condition holds.
pub fn require(holds: bool, otherwise: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
