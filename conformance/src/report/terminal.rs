//! The run as text for a person: a line per scenario, findings in full, and a summary in words.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

use super::coverage::{self, Untouched};
use super::finding;
use super::plural::counted;
use crate::coverage::Coverage;
use crate::event::{Counts, Event, Outcome, Plan, Reporter, Summary, Verdict, Weight};

const SLOWEST_MAX: usize = 3;
/// How wide a table is where there is no terminal.
const PAPER: usize = 80;
/// Faster scenarios are not worth a line.
const SLOW: Duration = Duration::from_millis(500);

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Writes with colors; wrap the writer in `anstream::AutoStream` to honor `NO_COLOR` and pipes.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    /// Leaves out scenarios that pass.
    quiet: bool,
    /// Columns of the terminal, if it is one.
    width: Option<usize>,
    untouched: Untouched,
    bar: ProgressBar,
    slowest: Vec<(Duration, String)>,
}

impl Terminal {
    /// Writes to `out`.
    pub fn new(out: Box<dyn Write + Send>, quiet: bool) -> Self {
        Self {
            out,
            quiet,
            width: None,
            untouched: Untouched::default(),
            bar: ProgressBar::hidden(),
            slowest: Vec::new(),
        }
    }

    /// Also names what no scenario touched.
    pub fn naming(mut self, untouched: Untouched) -> Self {
        self.untouched = untouched;
        self
    }

    /// Lines of at most so many columns, where that is possible.
    pub fn wide(mut self, columns: usize) -> Self {
        self.width = Some(columns);
        self
    }

    /// Standard output, with colors and a progress bar where they are wanted.
    pub fn stdout(quiet: bool) -> Self {
        let mut terminal = Self::new(Box::new(anstream::AutoStream::auto(io::stdout())), quiet);
        terminal.width = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into());
        if io::stderr().is_terminal() && std::env::var_os("CI").is_none() {
            terminal.bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        }
        terminal
    }

    fn started(&mut self, plan: &Plan) -> io::Result<()> {
        let target = match &plan.instance {
            Some(instance) => format!("{} (tagtrail {instance})", plan.target),
            None => plan.target.clone(),
        };
        let scenarios = counted(plan.scenarios, "scenario", "scenarios");
        let jobs = if plan.jobs > 1 { format!(", {} at a time", plan.jobs) } else { String::new() };
        writeln!(self.out, "playing {scenarios} against {target}{jobs}")?;
        for lint in &plan.lints {
            write!(self.out, "{ODD}note{ODD:#} {lint}")?;
        }
        self.bar.set_length(u64::try_from(plan.scenarios).unwrap_or(0));
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            self.bar.set_style(style);
        }
        Ok(())
    }

    fn scenario(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.bar.inc(1);
        if outcome.elapsed >= SLOW {
            self.slowest.push((outcome.elapsed, outcome.claim.clone()));
        }
        if self.quiet && outcome.verdict == Verdict::Pass && outcome.notes.is_empty() {
            return Ok(());
        }
        let bar = self.bar.clone();
        bar.suspend(|| self.lines(outcome))
    }

    fn lines(&mut self, outcome: &Outcome) -> io::Result<()> {
        let (style, word) = label(&outcome.verdict);
        let reason =
            outcome.verdict.reason().map_or_else(String::new, |reason| format!(": {reason}"));
        writeln!(
            self.out,
            "{style}{word:>7}{style:#} {}{reason} {FAINT}{}{FAINT:#}",
            outcome.claim,
            took(outcome.elapsed)
        )?;
        for note in &outcome.notes {
            writeln!(self.out, "        {FAINT}note: {note}{FAINT:#}")?;
        }
        for (one, (headline, details)) in
            outcome.findings.iter().zip(finding::texts(&outcome.findings))
        {
            let style = if one.weight == Weight::Failure { BAD } else { ODD };
            writeln!(self.out, "        {style}{headline}{style:#}")?;
            for line in details.lines() {
                writeln!(self.out, "        {line}")?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn finished(&mut self, summary: &Summary) -> io::Result<()> {
        self.bar.finish_and_clear();
        for fault in &summary.faults {
            writeln!(self.out, "{BAD}unreadable{BAD:#} {fault}")?;
        }
        if summary.counts.judged() > 0 {
            self.coverage(&summary.coverage)?;
            self.slow()?;
        }
        let style = if summary.exit_code() == 0 { GOOD } else { BAD };
        let counts = counts(&summary.counts);
        let elapsed = took(summary.elapsed);
        writeln!(
            self.out,
            "{style}{}{style:#}: {counts} {FAINT}{elapsed}{FAINT:#}",
            summary.exit.sentence()
        )?;
        if let Some(reason) = &summary.stopped {
            writeln!(self.out, "  stopped: {reason}")?;
        }
        self.out.flush()
    }

    fn coverage(&mut self, coverage: &Coverage) -> io::Result<()> {
        let tables = coverage::tables(coverage, self.width.unwrap_or(PAPER));
        writeln!(self.out, "\n{tables}")?;
        let untouched = coverage::untouched(coverage, &self.untouched, self.width);
        if untouched.is_empty() { Ok(()) } else { writeln!(self.out, "{untouched}") }
    }

    fn slow(&mut self) -> io::Result<()> {
        self.slowest.sort_by(|one, other| other.cmp(one));
        for (elapsed, claim) in self.slowest.iter().take(SLOWEST_MAX) {
            writeln!(self.out, "  slow: {claim} {FAINT}{}{FAINT:#}", took(*elapsed))?;
        }
        if self.slowest.is_empty() { Ok(()) } else { writeln!(self.out) }
    }
}

impl Reporter for Terminal {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(plan) => self.started(plan),
            Event::ScenarioStarted { claim, .. } => {
                self.bar.set_message(claim.clone());
                Ok(())
            }
            Event::StepFinished { .. } => Ok(()),
            Event::ScenarioFinished { outcome, .. } => self.scenario(outcome),
            Event::RunFinished(summary) => self.finished(summary),
        }
    }
}

fn label(verdict: &Verdict) -> (Style, &'static str) {
    let style = match verdict {
        Verdict::Pass => GOOD,
        Verdict::Fail | Verdict::Error(_) => BAD,
        Verdict::Warn | Verdict::NotRun(_) => ODD,
        Verdict::Skip(_) => FAINT,
    };
    (style, verdict.word())
}

/// The counts in words; only what there is.
fn counts(counts: &Counts) -> String {
    let Counts { pass, fail, warn, skip, error, not_run } = *counts;
    let words = [
        (pass, "passed"),
        (fail, "failed"),
        (warn, "passed with remarks"),
        (skip, "skipped"),
        (error, "could not be asked"),
        (not_run, "not run"),
    ];
    let total = counted(counts.total(), "scenario", "scenarios");
    let parts: Vec<String> = words
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() { total } else { format!("{total}, {}", parts.join(", ")) }
}

fn took(elapsed: Duration) -> String {
    if elapsed < Duration::from_secs(10) {
        format!("{} ms", elapsed.as_millis())
    } else {
        format!("{} s", elapsed.as_secs())
    }
}
