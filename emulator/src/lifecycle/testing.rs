//! The life of an item under test: rounds of samples, and the verdict that follows from them.
//!
//! ```text
//!            sample                 passed
//!  Untested ───────▶ Pending ─────────────────▶ Passed ── approval, too old ──▶ a new round
//!     ▲                 │ failed
//!     │ remediated      ▼
//!     └────────────── Failed ── approval ──▶ a new round;  not eligible: only destruction is left
//! ```
//!
//! The verdict is never set: it follows from the counted samples of the current round (LAB-55), so
//! voiding or amending a sample needs nothing else.

use std::collections::BTreeSet;

use super::panel;
use crate::{
    model::{Inventory, LabSample, QaStatus, Round, SampleFacts, Testing, TestingData},
    refusal::{Refusal, refuse, require},
};

pub const PENDING: &str = "Pending";
pub const PASSED: &str = "Passed";
pub const FAILED: &str = "Failed";
pub const REJECTED: &str = "Rejected";
pub const VOIDED: &str = "Voided";

/// Whether a sample counts for the verdict: for release, neither voided nor rejected, of the current
/// round (LAB-54).
pub fn counts(sample: &LabSample, facts: &SampleFacts, testing: &Testing) -> bool {
    let open = !sample.deleted && [PENDING, PASSED, FAILED].contains(&sample.result.as_str());
    open && !sample.rnd && facts.round == testing.round
}

/// Which knob says how many samples a round needs (LAB-54).
pub fn needed(kind: Round) -> &'static str {
    match kind {
        Round::First | Round::Resample => "lab.round1_samples",
        Round::Retest | Round::Remediation => "lab.retest_samples",
    }
}

/// The verdict of the counted samples (LAB-55).
pub fn status(counted: &[&LabSample], testing: &Testing, needed: usize) -> QaStatus {
    let with = |result: &str| counted.iter().filter(|it| it.result == result).count();
    match () {
        () if counted.is_empty() => testing.former.as_ref().map(|it| it.status).unwrap_or_default(),
        () if with(FAILED) > 0 => QaStatus::Failed,
        () if with(PENDING) > 0 || with(PASSED) < needed => QaStatus::Pending,
        () => QaStatus::Passed,
    }
}

/// Whether a failed item may be remediated: fewer times than `most`, and not where one of the tests that
/// failed is `never` remediated. So a second failure is final where once is the most (LAB-60, LAB-66 to
/// LAB-68).
pub fn eligible(
    item: &Inventory,
    testing: &Testing,
    most: u64,
    never: impl Fn(&str) -> bool,
) -> bool {
    // An approved test of what had failed leaves it as it was.
    let former = testing.former.as_ref().filter(|_| testing.kind == Round::Retest);
    if let Some(former) = former.filter(|it| it.status == QaStatus::Failed) {
        return former.eligible;
    }
    let name = |id: &u32| panel::test(*id).map_or("", |test| test.name.as_str());
    u64::from(item.remediation_count) < most && !testing.failed.iter().any(|id| never(name(id)))
}

/// Guards of a release sample, by what the item's verdict and round are (LAB-07 to LAB-13). A soft one
/// goes through its knob. `too_old`: the pass has outlived its time.
pub fn may_sample(
    (item, testing): (&Inventory, &Testing),
    (counted, needed): (&[&LabSample], usize),
    lab: &str,
    too_old: bool,
    mut soften: impl FnMut(&str, Refusal) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let id = item.id;
    let approved = testing.approved || goes_on(testing, counted);
    if item.qa_status == QaStatus::Passed && !approved && !too_old {
        soften("lab.retest_passed", refuse("LAB-07").with("id", id))?;
    }
    let failed = item.qa_status == QaStatus::Failed && !approved;
    require(!failed || !item.remediation_eligible, || refuse("LAB-08").with("id", id))?;
    require(!failed, || refuse("LAB-10").with("id", id))?;
    let opens = opens(item, testing, counted, too_old);
    let again = matches!(opens.unwrap_or(testing.kind), Round::Retest | Round::Remediation);
    if again && !testing.lab.is_empty() && testing.lab != lab {
        soften("lab.retest_same_lab", refuse("LAB-11"))?;
    }
    let full = opens.is_none() && again && counted.len() >= needed;
    require(!full, || refuse("LAB-12").with("id", id))?;
    let elsewhere = counted.iter().any(|it| it.result == PENDING && it.lab_license != lab);
    if !again && opens.is_none() && elsewhere {
        soften("lab.second_lab", refuse("LAB-13").with("id", id))?;
    }
    Ok(())
}

/// The round that a new sample opens, if it opens one: an approved item is tested again, an old pass too.
pub fn opens(
    item: &Inventory,
    testing: &Testing,
    counted: &[&LabSample],
    too_old: bool,
) -> Option<Round> {
    let verdict = item.qa_status.is_verdict();
    match () {
        () if goes_on(testing, counted) => None,
        () if testing.approved && verdict => Some(Round::Retest),
        () if too_old && item.qa_status == QaStatus::Passed => Some(Round::Resample),
        () => None,
    }
}

/// A retest whose samples were all voided goes on; its approval is not used up.
fn goes_on(testing: &Testing, counted: &[&LabSample]) -> bool {
    testing.kind == Round::Retest && counted.is_empty()
}

/// The tests of a sample that failed.
pub fn failed_tests(sample: &LabSample) -> BTreeSet<u32> {
    let fails = |test: &&TestingData| test.test_result.iter().any(|it| !it.test_pass);
    sample.testing_data.iter().filter(fails).map(|test| test.test_id).collect()
}
