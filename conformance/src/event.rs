//! What the player tells: the only interface between the player and the reporters.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::coverage::Coverage;
use crate::exit::Exit;
use crate::scenario::ast::{Level, Phase};
use crate::scenario::fault::Complaint;
use crate::scenario::place::Excerpt;

/// One thing that happened. `ScenarioFinished` comes in file order, the others when they happen.
#[derive(Clone, Debug)]
pub enum Event {
    RunStarted(Plan),
    ScenarioStarted { index: usize, claim: String },
    StepFinished { index: usize, step: StepRecord },
    ScenarioFinished { index: usize, outcome: Box<Outcome> },
    RunFinished(Box<Summary>),
}

/// A consumer of events.
pub trait Reporter {
    /// Takes note of one event.
    fn note(&mut self, event: &Event) -> std::io::Result<()>;
}

/// What is going to be played.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    pub target: String,
    /// The target's name for itself, if it is a tagtrail.
    pub instance: Option<String>,
    pub scenarios: usize,
    pub jobs: usize,
    #[serde(skip)]
    pub lints: Vec<Complaint>,
}

/// How a scenario ended.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status", content = "reason")]
pub enum Verdict {
    Pass,
    /// The target differs from the claim.
    Fail,
    /// It differs where it may.
    Warn,
    /// Not played, and why.
    Skip(String),
    /// We could not ask, and why.
    Error(String),
    /// The run stopped before its turn, and why.
    NotRun(String),
}

impl Verdict {
    /// The word that reports use.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip(_) => "skip",
            Self::Error(_) => "error",
            Self::NotRun(_) => "not run",
        }
    }

    /// Why there is no judgment, where there is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Skip(reason) | Self::Error(reason) | Self::NotRun(reason) => Some(reason),
            Self::Pass | Self::Fail | Self::Warn => None,
        }
    }
}

/// A scenario and all that came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub claim: String,
    pub file: String,
    pub rules: Vec<String>,
    pub level: Level,
    #[serde(flatten)]
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
    pub steps: Vec<StepRecord>,
    /// Things that were left out or could not be checked.
    pub notes: Vec<String>,
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub elapsed: Duration,
}

/// One step that was played.
#[derive(Clone, Debug, Serialize)]
pub struct StepRecord {
    pub phase: Phase,
    pub name: Option<String>,
    pub call: String,
    pub operation: Option<String>,
    /// Of the last reply, if there was one.
    pub status: Option<u16>,
    pub attempts: usize,
    pub findings: usize,
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub elapsed: Duration,
}

/// A difference between what a scenario expects and what the target answered.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    pub weight: Weight,
    pub file: String,
    #[serde(flatten)]
    pub excerpt: Excerpt,
    /// The step, by its name or its call.
    pub step: String,
    pub message: String,
    pub expected: String,
    pub seen: String,
    /// The two values line by line, where they are long.
    pub diff: Option<String>,
    pub rule: Option<RuleNote>,
    pub curl: String,
    pub exchange: Exchange,
}

/// What differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    Status,
    Rule,
    Finding,
    Wording,
    Header,
    Body,
    Check,
    Capture,
    /// The reply does not fit the published interface.
    Schema,
}

impl FindingKind {
    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Rule => "rule",
            Self::Finding => "finding",
            Self::Wording => "wording",
            Self::Header => "header",
            Self::Body => "body",
            Self::Check => "check",
            Self::Capture => "capture",
            Self::Schema => "schema",
        }
    }
}

/// Whether a finding counts against the target.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    Failure,
    Remark,
}

/// The rule behind a finding.
#[derive(Clone, Debug, Serialize)]
pub struct RuleNote {
    pub id: String,
    pub sentence: String,
    pub basis: String,
}

/// A request and its reply, secrets replaced.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    pub request: Message,
    pub reply: Message,
}

/// One half of an exchange.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// `GET http://…`, or the status.
    pub start: String,
    pub headers: Vec<(String, String)>,
    /// JSON where it is JSON, else the text.
    pub body: Value,
}

/// How many scenarios ended how.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    pub pass: usize,
    pub fail: usize,
    pub warn: usize,
    pub skip: usize,
    pub error: usize,
    pub not_run: usize,
}

impl Counts {
    /// Counts one more verdict.
    pub fn add(&mut self, verdict: &Verdict) {
        let counter = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Warn => &mut self.warn,
            Verdict::Skip(_) => &mut self.skip,
            Verdict::Error(_) => &mut self.error,
            Verdict::NotRun(_) => &mut self.not_run,
        };
        *counter += 1;
    }

    /// Scenarios that were judged.
    pub fn judged(&self) -> usize {
        self.pass + self.fail + self.warn
    }

    /// All scenarios.
    pub fn total(&self) -> usize {
        self.judged() + self.skip + self.error + self.not_run
    }
}

/// The end of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub target: String,
    pub instance: Option<String>,
    pub counts: Counts,
    pub coverage: Coverage,
    /// Why the run stopped early, if it did.
    pub stopped: Option<String>,
    pub exit: Exit,
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    /// Why nothing was played: scenarios that cannot be read.
    #[serde(skip)]
    pub faults: Vec<Complaint>,
}

impl Summary {
    /// The code the process ends with.
    pub fn exit_code(&self) -> u8 {
        self.exit.code()
    }
}

fn milliseconds<S: serde::Serializer>(
    elapsed: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
