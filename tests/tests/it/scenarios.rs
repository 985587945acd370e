//! The built-in scenarios are played against the sandbox: it conforms, and nothing is left out.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tagtrail_conformance::event::Verdict;
use tagtrail_conformance::report::Terminal;
use tagtrail_conformance::{Event, Exit, Options, Reporter, load, run};

use crate::golden::planned;
use crate::source::root;
use crate::stand::Stand;

/// A report that is shown only if the test fails.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Scenarios that were left out, with the reason.
#[derive(Clone, Default)]
struct LeftOut(Arc<Mutex<Vec<String>>>);

impl Reporter for LeftOut {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        if let Event::ScenarioFinished { outcome, .. } = event
            && let Verdict::Skip(reason) = &outcome.verdict
        {
            self.0.lock().unwrap().push(format!("{}: {reason}", outcome.file));
        }
        Ok(())
    }
}

/// A scenario may wait for a route that is planned, and for nothing else: the list of planned routes
/// only shrinks, and when it is empty nothing may be left out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_conforms_to_every_scenario_and_none_is_left_out() {
    let stand = Stand::new().await;
    let scenarios = load(&[root().join("scenarios")]).unwrap();
    let mut options = Options::new(stand.sandbox.url().parse().unwrap(), scenarios);
    options.jobs = 4;
    options.planned = planned().into_iter().map(str::to_owned).collect();
    let page = Page::default();
    let left_out = LeftOut::default();
    let mut reporters: Vec<Box<dyn Reporter>> =
        vec![Box::new(Terminal::new(Box::new(page.clone()), true)), Box::new(left_out.clone())];
    let summary = run(options, &mut reporters).await;
    let report = String::from_utf8_lossy(&page.0.lock().unwrap()).into_owned();
    let report = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&report, "");
    assert_eq!(summary.exit, Exit::Conforms, "\n{report}");
    let waits = |it: &&String| {
        planned().iter().any(|op| it.ends_with(&format!(": {op} is planned, not built")))
    };
    let left_out = left_out.0.lock().unwrap().clone();
    let (waiting, skipped): (Vec<_>, Vec<_>) = left_out.iter().partition(waits);
    assert!(skipped.is_empty(), "left out without need: {skipped:#?}");
    let judged = summary.counts.judged() + waiting.len();
    assert_eq!(judged, summary.counts.total(), "some were not judged\n{report}");
}
