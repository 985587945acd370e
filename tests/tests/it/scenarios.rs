//! The built-in scenarios are played against the sandbox: it conforms, and nothing is left out.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tagtrail_conformance::report::Terminal;
use tagtrail_conformance::{Exit, Options, Reporter, load, run};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_conforms_to_every_scenario_and_none_is_skipped() {
    let stand = Stand::new().await;
    let scenarios = load(&[root().join("scenarios")]).unwrap();
    let mut options = Options::new(stand.sandbox.url().parse().unwrap(), scenarios);
    options.jobs = 4;
    options.planned = planned().into_iter().map(str::to_owned).collect();
    let page = Page::default();
    let mut reporters: Vec<Box<dyn Reporter>> =
        vec![Box::new(Terminal::new(Box::new(page.clone()), true))];
    let summary = run(options, &mut reporters).await;
    let report = String::from_utf8_lossy(&page.0.lock().unwrap()).into_owned();
    let report = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&report, "");
    assert_eq!(summary.exit, Exit::Conforms, "\n{report}");
    assert_eq!(summary.counts.judged(), summary.counts.total(), "some were not judged\n{report}");
}
