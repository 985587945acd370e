//! Annotations that GitHub shows beside the scenario's line.

use std::io::{self, Write};

use crate::event::{Event, Finding, Outcome, Reporter, Verdict, Weight};

/// Writes workflow commands; meant for standard output of a workflow's step.
pub struct GitHub {
    out: Box<dyn Write + Send>,
}

impl GitHub {
    /// Annotates on `out`.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out }
    }

    /// On standard output, if this runs in a workflow.
    pub fn in_workflow() -> Option<Self> {
        std::env::var_os("GITHUB_ACTIONS").map(|_| Self::new(Box::new(io::stdout())))
    }

    fn outcome(&mut self, outcome: &Outcome) -> io::Result<()> {
        for finding in &outcome.findings {
            self.finding(outcome, finding)?;
        }
        if let Verdict::Error(reason) = &outcome.verdict {
            let (file, text) =
                (property(&outcome.file), message(&format!("{}: {reason}", outcome.claim)));
            writeln!(self.out, "::error file={file},title=could not ask::{text}")?;
        }
        Ok(())
    }

    fn finding(&mut self, outcome: &Outcome, finding: &Finding) -> io::Result<()> {
        let command = match finding.weight {
            Weight::Failure => "error",
            Weight::Remark => "warning",
        };
        let rule = finding
            .rule
            .as_ref()
            .map_or_else(String::new, |rule| format!(" [{} {}]", rule.id, rule.basis));
        let text = format!(
            "{}{rule}\nexpected {}\nseen {}",
            finding.message, finding.expected, finding.seen
        );
        let (file, title) = (property(&finding.file), property(&outcome.claim));
        let (line, column) = (finding.excerpt.line, finding.excerpt.column);
        writeln!(
            self.out,
            "::{command} file={file},line={line},col={column},title={title}::{}",
            message(&text)
        )
    }
}

impl Reporter for GitHub {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::ScenarioFinished { outcome, .. } => self.outcome(outcome),
            Event::RunFinished(summary) => {
                for fault in &summary.faults {
                    let (line, column) = fault
                        .excerpt
                        .as_ref()
                        .map_or((1, 1), |excerpt| (excerpt.line, excerpt.column));
                    let (file, text) = (property(&fault.file), message(&fault.message));
                    writeln!(
                        self.out,
                        "::error file={file},line={line},col={column},title=unreadable scenario::{text}"
                    )?;
                }
                self.out.flush()
            }
            Event::RunStarted(_) | Event::ScenarioStarted { .. } | Event::StepFinished { .. } => {
                Ok(())
            }
        }
    }
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
