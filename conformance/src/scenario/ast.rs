//! The shape of a scenario file. Every step, expectation and check keeps its place; unknown keys are refused.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_saphyr::Spanned;

use super::node::Node;

/// One file: one claim, and the calls that show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub claim: Spanned<String>,
    #[serde(default)]
    pub rules: Vec<Spanned<String>>,
    #[serde(default)]
    pub needs: Vec<Need>,
    #[serde(default)]
    pub level: Level,
    pub seed: Option<u64>,
    pub clock: Option<Spanned<String>>,
    pub profile: Option<Spanned<String>>,
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    #[serde(default)]
    pub setup: Vec<Spanned<Step>>,
    pub steps: Vec<Spanned<Step>>,
    #[serde(default)]
    pub cleanup: Vec<Spanned<Step>>,
}

impl Scenario {
    /// All steps with the phase they belong to, in the order in which they are played.
    pub fn phases(&self) -> [(Phase, &[Spanned<Step>]); 3] {
        [(Phase::Setup, &self.setup), (Phase::Steps, &self.steps), (Phase::Cleanup, &self.cleanup)]
    }

    /// Every value of every step.
    pub(super) fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let phases = [&mut self.setup, &mut self.steps, &mut self.cleanup];
        phases.into_iter().flatten().flat_map(|step| step.value.nodes_mut())
    }

    /// Why the target must offer a control plane, if it must.
    pub fn needs_control(&self) -> Option<&'static str> {
        let steps = || self.phases().into_iter().flat_map(|(_, steps)| steps);
        let reasons = [
            (self.needs.contains(&Need::Control), "the scenario needs the control plane"),
            (self.clock.is_some(), "the scenario freezes the clock"),
            (self.seed.is_some(), "the scenario sets the seed"),
            (self.profile.is_some(), "the scenario chooses a profile"),
            (steps().any(|step| step.value.control.is_some()), "a step calls the control plane"),
        ];
        reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
    }
}

/// The three parts of a scenario.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Setup,
    Steps,
    Cleanup,
}

/// What the target must offer beside the API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    Control,
}

/// Whether a difference fails the run or is only a warning.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    Must,
    Should,
}

/// Someone who acts in a scenario; looked up among the people of the target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// User name of a licensee's person.
    pub user: Option<String>,
    /// User name of a laboratory's person.
    pub lab: Option<String>,
    /// The company, where one user name occurs in several.
    pub ubi: Option<String>,
    /// Sent as `X-License`.
    pub license: Option<String>,
    /// `none`: log in without an access token.
    pub token: Option<TokenUse>,
}

/// How a role's log-in proves the app.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum TokenUse {
    None,
}

/// One call with what is expected of its reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub name: Option<String>,
    #[serde(rename = "as")]
    pub role: Option<Spanned<String>>,
    /// The role logs in anew before the call, as after its session ended.
    pub log_in: Option<Spanned<bool>>,
    pub call: Option<Spanned<String>>,
    pub control: Option<Spanned<String>>,
    pub query: Option<Node>,
    pub headers: Option<Node>,
    #[serde(default, deserialize_with = "present")]
    pub body: Option<Node>,
    /// Sent as a form, as browsers send it.
    pub form: Option<Node>,
    pub raw: Option<Spanned<String>>,
    pub expect: Option<Expect>,
    #[serde(default)]
    pub capture: BTreeMap<String, Spanned<Capture>>,
    pub poll: Option<Spanned<Poll>>,
    pub repeat: Option<Spanned<usize>>,
}

impl Step {
    fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let sent = [&mut self.query, &mut self.headers, &mut self.body, &mut self.form];
        let call = sent.into_iter().flatten();
        call.chain(self.expect.iter_mut().flat_map(Expect::nodes_mut))
    }
}

/// What a reply must be like. Without `status` any 2xx will do, or any refusal where `rule` or `error` is named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub status: Option<Spanned<u16>>,
    pub rule: Option<Spanned<String>>,
    pub finding: Option<Spanned<String>>,
    pub error: Option<Spanned<String>>,
    pub headers: Option<Node>,
    #[serde(default, deserialize_with = "present")]
    pub body: Option<Node>,
    #[serde(default, deserialize_with = "present")]
    pub exact: Option<Node>,
    #[serde(default, rename = "where")]
    pub checks: Vec<Spanned<Check>>,
}

impl Expect {
    fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let reply = [&mut self.headers, &mut self.body, &mut self.exact].into_iter().flatten();
        reply.chain(self.checks.iter_mut().flat_map(|check| check.value.nodes_mut()))
    }
}

/// One test of what a JSONPath selects; exactly one of the keys beside `path` is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub path: Spanned<String>,
    #[serde(default, deserialize_with = "present")]
    pub is: Option<Node>,
    #[serde(default, deserialize_with = "present")]
    pub not: Option<Node>,
    pub number: Option<Node>,
    pub matches: Option<Spanned<String>>,
    pub length: Option<Node>,
    pub absent: Option<Spanned<bool>>,
    #[serde(default, deserialize_with = "present")]
    pub contains: Option<Node>,
}

impl Check {
    fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let Self { is, not, number, length, contains, .. } = self;
        [is, not, number, length, contains].into_iter().flatten()
    }
}

/// What to keep of a reply: what a JSONPath selects, or a part of it or of a header.
#[derive(Debug)]
pub struct Capture {
    pub path: Option<String>,
    pub header: Option<String>,
    /// A regular expression; the first group is kept, or the whole match.
    pub matches: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a JSONPath, or a map of `path` or `header`, and `matches`"
)]
enum CaptureForm {
    Path(String),
    Parts { path: Option<String>, header: Option<String>, matches: Option<String> },
}

impl<'de> Deserialize<'de> for Capture {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match CaptureForm::deserialize(deserializer)? {
            CaptureForm::Path(path) => Self { path: Some(path), header: None, matches: None },
            CaptureForm::Parts { path, header, matches } => Self { path, header, matches },
        })
    }
}

/// Repeat the call until its expectations hold, or the time is over.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    #[serde(rename = "for")]
    pub limit: Pause,
    #[serde(default)]
    pub every: Pause,
}

/// A length of time, written `100ms`, `5s` or `2m`.
#[derive(Clone, Copy, Debug)]
pub struct Pause(pub Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

impl<'de> Deserialize<'de> for Pause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_pause(&text).map(Self).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is not a length of time such as 100ms, 5s or 2m"))
        })
    }
}

fn parse_pause(text: &str) -> Option<Duration> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number = number.parse().ok()?;
    match unit.trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

/// A key that is there counts as given, also when its value is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Node>, D::Error> {
    Node::deserialize(deserializer).map(Some)
}
