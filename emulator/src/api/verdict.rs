//! What follows from samples: an item's verdict, its newest sample, whether it may be remediated.

use std::collections::BTreeSet;

use crate::{
    fault::Fault,
    lifecycle::testing::{self, FAILED, PASSED},
    model::{Barcode, Inventory, Kind, LabSample, QaStatus, Round, Testing},
    refusal::refuse,
    world::txn::{Held, Txn},
};

/// The tests that a sample failed; what came on paper, or with the seed world, says so itself.
fn failed_tests(sample: &Held<LabSample>) -> BTreeSet<u32> {
    if sample.facts.failed.is_empty() {
        return testing::failed_tests(&sample.wire);
    }
    sample.facts.failed.clone()
}

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

    /// Lets the verdict of an item follow from its samples (LAB-54 to LAB-57, LAB-60). The item is not
    /// saved.
    pub fn requalify(&mut self, held: &mut Held<Inventory>) -> Result<(), Fault> {
        let profile = self.profile();
        let rows = self.samples_of(held.wire.id)?;
        let state = held.facts.testing.clone();
        let of_round = |it: &&Held<LabSample>| testing::counts(&it.wire, &it.facts, &state);
        let counted: Vec<&LabSample> = rows.iter().filter(of_round).map(|it| &it.wire).collect();
        let before = held.wire.qa_status;
        let status = testing::status(&counted, &state, self.samples_needed(&state));
        held.wire.qa_status = status;
        held.wire.active_sample_inventory_id = match counted.last() {
            Some(newest) => newest.inventory_id,
            None => state.former.as_ref().and_then(|former| former.sample),
        };
        let verdict = matches!(status, QaStatus::Passed | QaStatus::Failed);
        let word = if status == QaStatus::Failed { FAILED } else { PASSED };
        let speaks = counted.iter().rev().find(|it| it.result == word);
        if verdict && let Some(sample) = speaks {
            held.facts.testing.lab.clone_from(&sample.lab_license);
            let failed = rows.iter().filter(of_round).filter(|it| it.wire.result == FAILED);
            held.facts.testing.failed = failed.flat_map(failed_tests).collect();
        }
        held.wire.remediation_eligible = match status {
            QaStatus::Failed => {
                let most = profile.number("remediation.max");
                let never = |name: &str| profile.lists("remediation.never", &name.into());
                testing::eligible(&held.wire, &held.facts.testing, most, never)
            }
            QaStatus::Pending if state.kind == Round::Retest => {
                state.former.as_ref().is_some_and(|former| former.eligible)
            }
            QaStatus::Pending | QaStatus::Passed | QaStatus::Untested => false,
        };
        let failed = status == QaStatus::Failed;
        let since = held.facts.testing.failed_on.unwrap_or(self.now);
        held.facts.testing.failed_on = failed.then_some(since);
        let own = rows.iter().filter(|it| !it.wire.deleted && !it.wire.rnd).map(|it| &it.wire);
        let inherited = held.wire.lab_sample.iter().filter(|it| it.parent_id != Some(held.wire.id));
        held.wire.lab_sample = inherited.chain(own).cloned().collect();
        if before != status && verdict && self.has_children(held)? {
            self.soften("qa.recall_list", refuse("LOT-58"))?;
        }
        Ok(())
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
