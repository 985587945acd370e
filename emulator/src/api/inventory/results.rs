//! Results that are entered by hand, from the certificate of goods that came in on paper (OFF-28 to
//! OFF-32).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    super::goods::ItemType,
    panel::{self, Verdict},
};
use crate::{
    fault::Fault,
    model::{
        Inventory, Key, Kind, LabSample, Moment, QaStatus, Quantity, TestResult, TestValue,
        TestingData, listed,
    },
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// The `LabSample` object of a row.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PaperResults {
    pub lab_license: Option<String>,
    pub result: Option<String>,
    pub cert_of_analysis_hyperlink: Option<String>,
    pub testing_data: Option<Vec<PaperTest>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PaperTest {
    #[serde(default, deserialize_with = "listed::optional", rename = "TestID")]
    pub test_id: Option<u32>,
    pub sample_preparation_time: Option<Moment>,
    pub lab_analysis_time: Option<Moment>,
    pub test_result: Option<Vec<PaperPanel>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PaperPanel {
    pub test_panel: Option<String>,
    pub test_value: Option<TestValue>,
    pub test_pass: Option<bool>,
}

impl PaperResults {
    pub fn check(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        kind: ItemType,
        medical: bool,
    ) -> Result<(), Fault> {
        let license = self.lab_license.as_deref().unwrap_or_default();
        let lab = txn.around.access.labs.get(license);
        let listed = lab.is_some_and(|lab| !lab.suspended && !lab.closed);
        require(listed, || refuse("OFF-29"))?;
        let verdict = self.verdict().ok_or_else(|| refuse("OFF-30"))?;
        if verdict == QaStatus::Failed {
            txn.soften("offline.failed_receipt", refuse("OFF-30"))?;
        }
        check_link(self.cert_of_analysis_hyperlink.as_deref())?;
        if txn.profile().is("offline.results_detail", "none") {
            return Ok(());
        }
        let food = takes_ethanol(txn, kind);
        let mut failed = None;
        let mut tests = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for test in self.testing_data.iter().flatten() {
            check_times(test, txn.now)?;
            let id = test.test_id.unwrap_or_default();
            require(tests.insert(id), || refuse("LAB-45").with("p", id).with("name", kind.name()))?;
            for result in test.test_result.iter().flatten() {
                let name = result.test_panel.as_deref().unwrap_or_default();
                let unknown = || refuse("LAB-45").with("p", name).with("name", kind.name());
                require(seen.insert((id, name.to_owned())), unknown)?;
                let panel = panel::find(id, name, kind, medical).ok_or_else(unknown)?;
                if panel.judge(result, food)? == Verdict::Fails {
                    failed.get_or_insert(name.to_owned());
                }
            }
        }
        match failed {
            Some(name) if verdict == QaStatus::Passed => {
                Err(refuse("OFF-31").with("p", name).into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn verdict(&self) -> Option<QaStatus> {
        match self.result.as_deref() {
            Some("Passed") => Some(QaStatus::Passed),
            Some("Failed") => Some(QaStatus::Failed),
            Some(_) | None => None,
        }
    }
}

/// A link is absolute and of ordinary length; it is never fetched (LAB-75).
fn check_link(link: Option<&str>) -> Result<(), Refusal> {
    let Some(link) = link.filter(|link| !link.is_empty()) else { return Ok(()) };
    let schemes = ["http://", "https://"];
    let host = schemes.iter().find_map(|scheme| link.strip_prefix(scheme));
    let fits = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && link.len() <= 2_048
        && !link.contains(char::is_whitespace);
    require(fits, || refuse("LAB-75"))
}

/// Analyzed after it was prepared, and not in the future (LAB-44).
fn check_times(test: &PaperTest, now: Moment) -> Result<(), Refusal> {
    let analyzed = test.lab_analysis_time;
    let early = analyzed.zip(test.sample_preparation_time).is_some_and(|(at, made)| at < made);
    require(!early && analyzed.is_none_or(|at| at <= now), || refuse("LAB-44"))
}

impl Txn<'_, '_, '_> {
    /// Enters one sample row without a sample item, and the verdict on the item (OFF-32).
    pub fn enter_results(
        &mut self,
        held: &mut Held<Inventory>,
        results: &PaperResults,
    ) -> Result<(), Fault> {
        let id = self.next_number(Kind::LabSample);
        let verdict = results.verdict().unwrap_or_default();
        let wire = LabSample {
            amount: Quantity::ZERO,
            amount_used: Quantity::ZERO,
            cert_of_analysis_hyperlink: results
                .cert_of_analysis_hyperlink
                .clone()
                .unwrap_or_default(),
            deleted: false,
            id,
            inventory_id: None,
            inventory_type: held.wire.inventory_type,
            lab_license: results.lab_license.clone().unwrap_or_default(),
            location_license: held.wire.location_license.clone(),
            medical: held.wire.medicated,
            medical_grade: false,
            parent_id: Some(held.wire.id),
            quality_control_data_hyperlink: String::new(),
            result: results.result.clone().unwrap_or_default(),
            rnd: false,
            sample_use: "Usable".to_owned(),
            session_time: 0,
            testing_data: self.testing_data(results, &held.wire)?,
            transaction_id: 0,
        };
        let scopes = held.scopes.clone();
        let mut sample = Held { wire, facts: (), key: Key::new(Kind::LabSample, id), scopes };
        self.save(&mut sample)?;
        held.wire.qa_status = verdict;
        held.wire.lab_sample = vec![sample.wire];
        self.save(held)
    }

    fn testing_data(
        &self,
        results: &PaperResults,
        item: &Inventory,
    ) -> Result<Vec<TestingData>, Fault> {
        let kind = ItemType::find(item.inventory_type)?;
        let food = takes_ethanol(self, kind);
        let panel = |test: &PaperTest, result: &PaperPanel| {
            let name = result.test_panel.clone().unwrap_or_default();
            let id = test.test_id.unwrap_or_default();
            let panel = panel::find(id, &name, kind, item.medicated);
            let verdict = panel.and_then(|panel| panel.judge(result, food).ok());
            TestResult {
                // What a licensee copied from paper was not provided by a laboratory.
                lab_provided: false,
                test_panel: name,
                test_pass: verdict != Some(Verdict::Fails),
                test_value: result.test_value.clone().unwrap_or_default(),
                transaction_id: 0,
            }
        };
        let tests = results.testing_data.iter().flatten();
        let entered = tests.map(|test| TestingData {
            lab_analysis_time: test.lab_analysis_time,
            sample_preparation_time: test.sample_preparation_time,
            test_id: test.test_id.unwrap_or_default(),
            test_result: test.test_result.iter().flatten().map(|it| panel(test, it)).collect(),
        });
        Ok(entered.collect())
    }
}

/// Classes in which ethanol may come from a flavor (LAB-90).
const FLAVORED: &[&str] = &["solid edible", "liquid edible", "tincture"];

fn takes_ethanol(txn: &Txn<'_, '_, '_>, kind: ItemType) -> bool {
    let flavored = kind.test_class().is_some_and(|class| FLAVORED.contains(&class));
    flavored && txn.profile().on("lab.ethanol_food")
}
