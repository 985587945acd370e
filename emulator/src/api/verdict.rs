//! What follows from samples: an item's verdict, its newest sample, whether it may be remediated.

use std::collections::BTreeSet;

use crate::{
    fault::Fault,
    lifecycle::testing::{self, FAILED, PASSED},
    model::{Barcode, Inventory, Kind, LabSample, Moment, QaStatus, Round, Testing},
    refusal::refuse,
    world::txn::{Held, Txn},
};

impl Txn<'_, '_, '_> {
    /// The samples that were taken from something, oldest first.
    pub fn samples_of(&self, parent: Barcode) -> Result<Vec<Held<LabSample>>, Fault> {
        let mut rows = self.linked::<LabSample>(Kind::Inventory, parent.number())?;
        rows.retain(|held| held.wire.parent_id == Some(parent));
        Ok(rows)
    }

    /// The row of a sample, by its item.
    pub fn samples_of_item(&self, item: Barcode) -> Result<Vec<Held<LabSample>>, Fault> {
        let mut rows = self.linked::<LabSample>(Kind::Inventory, item.number())?;
        rows.retain(|held| held.wire.inventory_id == Some(item));
        Ok(rows)
    }

    /// The sample that an item is, for which it was taken.
    pub fn sample_of_item(&self, item: Barcode) -> Result<Held<LabSample>, Fault> {
        let missing = || Fault::Broken(format!("item {item} is no sample of anything"));
        self.samples_of_item(item)?.into_iter().next().ok_or_else(missing)
    }

    /// Lets the verdict of an item follow from its samples, and all that hangs on it (LAB-54 to LAB-57,
    /// LAB-60). The item is not saved.
    pub fn requalify(&mut self, held: &mut Held<Inventory>) -> Result<(), Fault> {
        let rows = self.samples_of(held.wire.id)?;
        let before = held.wire.qa_status;
        let testing = &held.facts.testing;
        let counts = |it: &&Held<LabSample>| testing::counts(&it.wire, &it.facts, testing);
        let counted: Vec<_> = rows.iter().filter(counts).collect();
        let wires: Vec<_> = counted.iter().map(|it| &it.wire).collect();
        held.wire.qa_status = testing::status(&wires, testing, self.samples_needed(testing));
        held.wire.active_sample_inventory_id = newest(&wires, testing);
        keep_grounds(held, &counted);
        held.wire.remediation_eligible = self.is_eligible(held);
        keep_failure_date(held, self.now);
        show_samples(&mut held.wire, &rows);
        let spoken = held.wire.qa_status.is_verdict() && held.wire.qa_status != before;
        if spoken && self.has_children(held)? {
            self.soften("qa.recall_list", refuse("LOT-58"))?;
        }
        Ok(())
    }

    /// Whether an item may be remediated; during an approved retest, what held before it (LAB-60).
    fn is_eligible(&self, held: &Held<Inventory>) -> bool {
        let profile = self.profile();
        let testing = &held.facts.testing;
        match held.wire.qa_status {
            QaStatus::Failed => {
                let most = profile.number("remediation.max");
                let never = |name: &str| profile.lists("remediation.never", &name.into());
                testing::eligible(&held.wire, testing, most, never)
            }
            QaStatus::Pending if testing.kind == Round::Retest => {
                testing.former.as_ref().is_some_and(|former| former.eligible)
            }
            QaStatus::Pending | QaStatus::Passed | QaStatus::Untested => false,
        }
    }

    pub fn samples_needed(&self, testing: &Testing) -> usize {
        let number = self.profile().number(testing::needed(testing.kind));
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    /// Whether anything but samples was made from an item.
    fn has_children(&self, held: &Held<Inventory>) -> Result<bool, Fault> {
        let children = self.linked::<Inventory>(Kind::Inventory, held.wire.id.number())?;
        Ok(children.iter().any(|child| !child.wire.is_sample && !child.wire.deleted))
    }

    /// Whether the newest analysis of an item lies more than some months back (LOT-56).
    pub fn is_stale(&self, item: &Inventory, months: u32) -> bool {
        let tests = item.lab_sample.iter().filter(|it| !it.rnd).flat_map(|it| &it.testing_data);
        let newest = tests.filter_map(|test| test.lab_analysis_time).max();
        newest.is_some_and(|at| at < self.now.minus_months(months))
    }
}

/// The newest sample that counts, or the one of the former verdict.
fn newest(counted: &[&LabSample], testing: &Testing) -> Option<Barcode> {
    match counted.last() {
        Some(newest) => newest.inventory_id,
        None => testing.former.as_ref().and_then(|former| former.sample),
    }
}

/// Who spoke the verdict, and which tests failed; both stay until the next one is spoken.
fn keep_grounds(held: &mut Held<Inventory>, counted: &[&Held<LabSample>]) {
    let word = match held.wire.qa_status {
        QaStatus::Passed => PASSED,
        QaStatus::Failed => FAILED,
        QaStatus::Pending | QaStatus::Untested => return,
    };
    let Some(spoke) = counted.iter().rev().find(|it| it.wire.result == word) else { return };
    let testing = &mut held.facts.testing;
    testing.lab.clone_from(&spoke.wire.lab_license);
    let failed = counted.iter().filter(|it| it.wire.result == FAILED);
    testing.failed = failed.flat_map(|it| failed_tests(it)).collect();
}

/// The tests that a sample failed; what came on paper, or with the seed world, says so itself.
fn failed_tests(sample: &Held<LabSample>) -> BTreeSet<u32> {
    if sample.facts.failed.is_empty() {
        return testing::failed_tests(&sample.wire);
    }
    sample.facts.failed.clone()
}

/// An item is failed since it failed first.
fn keep_failure_date(held: &mut Held<Inventory>, now: Moment) {
    let failed = held.wire.qa_status == QaStatus::Failed;
    let since = held.facts.testing.failed_on.unwrap_or(now);
    held.facts.testing.failed_on = failed.then_some(since);
}

/// An item shows the samples that it inherited, then its own, but none for research.
fn show_samples(item: &mut Inventory, rows: &[Held<LabSample>]) {
    let inherited = item.lab_sample.iter().filter(|it| it.parent_id != Some(item.id));
    let own = rows.iter().map(|held| &held.wire).filter(|it| !it.deleted && !it.rnd);
    item.lab_sample = inherited.chain(own).cloned().collect();
}
