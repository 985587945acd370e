//! The run as JUnit XML: one root, one suite per folder, one case per scenario, counts that add up.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::finding;
use crate::event::{Event, Outcome, Reporter, Summary, Verdict};
use crate::scenario::fault::Complaint;

/// Writes one document when the run is over.
pub struct JUnit {
    out: Box<dyn Write + Send>,
    suites: BTreeMap<String, TestSuite>,
}

impl JUnit {
    /// Writes to `out` at the end of the run.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, suites: BTreeMap::new() }
    }

    fn add(&mut self, file: &str, case: TestCase) {
        let folder = Path::new(file)
            .parent()
            .map_or_else(String::new, |folder| folder.display().to_string());
        let name = if folder.is_empty() { "scenarios".to_owned() } else { folder };
        let suite = self.suites.entry(name.clone()).or_insert_with(|| TestSuite::new(name));
        suite.add_test_case(case);
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for fault in &summary.faults {
            self.add(&fault.file, unreadable(fault));
        }
        let mut report = Report::new("tagtrail");
        report.set_time(summary.elapsed);
        report.add_test_suites(std::mem::take(&mut self.suites).into_values().map(timed));
        report.serialize(&mut self.out).map_err(io::Error::other)?;
        self.out.flush()
    }
}

impl Reporter for JUnit {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::ScenarioFinished { outcome, .. } => self.add(&outcome.file, case(outcome)),
            Event::RunFinished(summary) => self.finish(summary)?,
            Event::RunStarted(_) | Event::ScenarioStarted { .. } | Event::StepFinished { .. } => {}
        }
        Ok(())
    }
}

/// A suite takes as long as its cases together.
fn timed(mut suite: TestSuite) -> TestSuite {
    let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
    suite.set_time(time);
    suite
}

fn case(outcome: &Outcome) -> TestCase {
    let mut case = TestCase::new(outcome.claim.as_str(), status(outcome));
    case.set_classname(outcome.file.as_str());
    case.set_time(outcome.elapsed);
    case.set_assertions(outcome.steps.len());
    let mut text = outcome.notes.clone();
    if outcome.verdict == Verdict::Warn {
        text.push(joined(outcome));
    }
    if !text.is_empty() {
        case.set_system_out(text.join("\n"));
    }
    case
}

fn status(outcome: &Outcome) -> TestCaseStatus {
    match &outcome.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::Fail => failure(outcome),
        Verdict::Error(reason) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("could not ask").set_message(reason.as_str());
            status
        }
        Verdict::Skip(reason) => skipped(reason),
        Verdict::NotRun(reason) => skipped(&format!("not run: {reason}")),
    }
}

fn failure(outcome: &Outcome) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let headlines: Vec<String> = outcome.findings.iter().map(finding::headline).collect();
    status.set_type("finding").set_message(headlines.join("; ")).set_description(joined(outcome));
    status
}

fn joined(outcome: &Outcome) -> String {
    let texts = finding::texts(&outcome.findings).into_iter();
    texts.map(|(headline, details)| format!("{headline}\n{details}")).collect::<Vec<_>>().join("\n")
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(reason);
    status
}

fn unreadable(fault: &Complaint) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("unreadable scenario")
        .set_message(fault.message.as_str())
        .set_description(fault.to_string());
    let mut case = TestCase::new(fault.file.as_str(), status);
    case.set_classname(fault.file.as_str());
    case
}
