//! The whole run as one JSON document.

use std::io::{self, Write};

use serde::Serialize;

use crate::event::{Event, Outcome, Reporter, Summary};
use crate::scenario::fault::Complaint;

/// The version of the document's shape; it rises when a field changes its meaning or goes away.
const FORMAT: u32 = 1;

/// Writes one document when the run is over:
///
/// ```json
/// {
///   "format": 1,
///   "target": "http://…", "instance": "…" or null,
///   "exit": "conforms" | "findings" | "usage" | "unreachable" | "nothing_ran", "exit_code": 0,
///   "stopped": null or why the run stopped early, "milliseconds": 12,
///   "counts": {"pass": 1, "fail": 0, "warn": 0, "skip": 0, "error": 0, "not_run": 0},
///   "coverage": {
///     "live": 169, "planned": […], "granted": […], "refused": […], "never": […], "rules": […], "rules_known": 1,
///     "chapters": [{
///       "number": 7, "prefix": "PLT", "subject": "plants", "rules": 52,
///       "shown": […], "describing": […], "not_live": […], "missing": […]
///     }],
///     "families": [{"family": "plant", "routes": 15, "granted": […], "refused": […], "never": […], "planned": […]}]
///   },
///   "faults": [{"file", "excerpt", "message"}],
///   "scenarios": [{
///     "claim", "file", "rules": […], "level": "must" | "should",
///     "status": "pass" | "fail" | "warn" | "skip" | "error" | "not_run", "reason"?,
///     "findings": [{
///       "kind", "weight": "failure" | "remark", "file", "line", "column", "carets", "text", "step", "message",
///       "expected", "seen", "diff", "rule": {"id", "sentence", "basis"} or null, "curl",
///       "exchange": {"request": {"start", "headers", "body"}, "reply": {"start", "headers", "body"}}
///     }],
///     "steps": [{"phase", "name", "call", "operation", "status", "attempts", "findings", "milliseconds"}],
///     "notes": […], "milliseconds": 3
///   }]
/// }
/// ```
pub struct Json {
    out: Box<dyn Write + Send>,
    scenarios: Vec<Outcome>,
}

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    exit_code: u8,
    #[serde(flatten)]
    summary: &'a Summary,
    faults: &'a [Complaint],
    scenarios: &'a [Outcome],
}

impl Json {
    /// Writes to `out` at the end of the run.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, scenarios: Vec::new() }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let document = Document {
            format: FORMAT,
            exit_code: summary.exit_code(),
            summary,
            faults: &summary.faults,
            scenarios: &self.scenarios,
        };
        serde_json::to_writer_pretty(&mut self.out, &document)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl Reporter for Json {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::ScenarioFinished { outcome, .. } => {
                self.scenarios.push(outcome.as_ref().clone())
            }
            Event::RunFinished(summary) => self.finish(summary)?,
            Event::RunStarted(_) | Event::ScenarioStarted { .. } | Event::StepFinished { .. } => {}
        }
        Ok(())
    }
}
