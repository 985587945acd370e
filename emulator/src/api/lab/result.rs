//! `/v1/lab/sample/{id}/result`: a laboratory files what it found, or amends it; nothing is overwritten.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use crate::{
    api::{
        Action,
        inventory::results::{check_link, standard},
    },
    fault::Fault,
    lifecycle::{
        certificate::{Certificate, Judged, SentTest, Source, Word},
        item_type::ItemType,
        panel::Program,
        testing::{FAILED, PASSED, REJECTED},
    },
    model::{
        Barcode, FormerResults, Inventory, Key, LabSample, Moment, QaStatus, Quantity, Round,
        TestingData,
    },
    refusal::{Refusal, refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// What a laboratory says about a sample.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Report {
    #[serde(rename = "id")]
    id: String,
    testing_data: Vec<SentTest>,
    amount_used: Option<Quantity>,
    #[serde(default, deserialize_with = "trimmed")]
    cert_of_analysis_hyperlink: Option<String>,
    #[serde(default, deserialize_with = "trimmed")]
    quality_control_data_hyperlink: Option<String>,
    medical_grade: Option<bool>,
    med_usable_weight: Option<Quantity>,
    #[serde(rename = "COAReleasedTime")]
    coa_released_time: Option<Moment>,
    /// Why they are amended.
    reason: Option<String>,
}

/// A link without the blanks around it: so it is checked, and so it is kept.
fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let said = Option::<String>::deserialize(deserializer)?;
    Ok(said.map(|link| link.trim().to_owned()))
}

/// `POST /v1/lab/sample/{id}/result`
#[derive(Deserialize)]
pub struct FileResults(Report);

impl Action for FileResults {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let sample = self.0.sample(txn)?;
        require(sample.facts.filed_at.is_none(), || refuse("LAB-42"))?;
        self.0.file(txn, sample)
    }
}

/// `PUT /v1/lab/sample/{id}/result`: the whole set again, and why (LAB-70).
#[derive(Deserialize)]
pub struct AmendResults(Report);

impl Action for AmendResults {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut sample = self.0.sample(txn)?;
        require(sample.facts.filed_at.is_some(), || refuse("LAB-42").saying(1))?;
        let row = &sample.wire;
        sample.facts.history.push(FormerResults {
            until: txn.now,
            reason: self.0.reason.clone().unwrap_or_default(),
            result: row.result.clone(),
            certificate: row.cert_of_analysis_hyperlink.clone(),
            testing_data: row.testing_data.clone(),
        });
        self.0.file(txn, sample)
    }
}

impl Report {
    /// A sample that this laboratory received (LAB-39 to LAB-41).
    fn sample(&self, txn: &Txn<'_, '_, '_>) -> Result<Held<LabSample>, Fault> {
        let unknown = || refuse("LAB-39").in_path();
        let found = match Barcode::parse(&self.id) {
            Some(item) => txn.samples_of_item(item)?.into_iter().next(),
            None => txn.own_numbered::<LabSample>(&self.id)?,
        };
        let mine = |held: &Held<LabSample>| held.scopes.iter().any(|scope| txn.sees(*scope));
        let sample = found.filter(mine).ok_or_else(unknown)?;
        let open = !sample.wire.deleted && sample.wire.result != REJECTED;
        require(open, || refuse("LAB-40"))?;
        require(sample.facts.received.is_some(), || refuse("LAB-41"))?;
        Ok(sample)
    }

    fn file(self, txn: &mut Txn<'_, '_, '_>, mut sample: Held<LabSample>) -> Result<(), Fault> {
        // A verdict reaches the goods wherever they are (LAB-71).
        let parent = sample.wire.parent_id.map_or(Ok(None), |id| txn.held_now(id))?;
        let own = ItemType::find(sample.wire.inventory_type)?;
        let used = self.checked_amount(&sample, own)?;
        self.check_links(txn, &sample, parent.as_ref())?;
        let kind = tested_as(own)?;
        let standard = standard(txn.profile(), kind, sample.wire.medical);
        let certificate = Certificate::read(standard, &self.testing_data, txn.soon())?;
        self.check_early(txn, &sample)?;
        if !sample.wire.rnd {
            check_complete(txn, &certificate, kind, &sample.facts.asked)?;
        }
        let judged = certificate.judge(Source::Laboratory)?;
        self.check_amended(txn, &sample.wire, &judged)?;
        if let Some(total) = judged.wrong_total {
            txn.soften("lab.totals", refuse("LAB-51").with("p", total))?;
        }
        if standard.word == Word::Agreed {
            self.check_grade(&sample.wire, &certificate)?;
        }
        self.check_late(txn);
        self.enter(txn, &mut sample, judged, used)?;
        match parent {
            Some(parent) => self.release(txn, &sample, parent),
            None => Ok(()),
        }
    }

    /// All that was received, where nothing else is said; what was used before stays (LAB-43, LAB-73).
    fn checked_amount(
        &self,
        sample: &Held<LabSample>,
        kind: ItemType,
    ) -> Result<Quantity, Refusal> {
        let received = sample.facts.received.unwrap_or_default();
        let before = sample.facts.filed_at.map(|_| sample.wire.amount_used);
        let used = self.amount_used.or(before).unwrap_or(received);
        let id = sample.wire.inventory_id.map(|id| id.to_string()).unwrap_or_default();
        require(used <= received, || refuse("LAB-43").with("id", id))?;
        kind.whole(used)?;
        Ok(used)
    }

    /// Links are links, and what is to be released has a certificate (LAB-75, LAB-76, LAB-69).
    fn check_links(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        sample: &Held<LabSample>,
        parent: Option<&Held<Inventory>>,
    ) -> Result<(), Fault> {
        let said = self.cert_of_analysis_hyperlink.as_deref();
        let known = !sample.wire.cert_of_analysis_hyperlink.is_empty();
        if !sample.wire.rnd && said.map_or(!known, str::is_empty) {
            txn.soften("lab.coa_required", refuse("LAB-76"))?;
        }
        check_link(said)?;
        check_link(self.quality_control_data_hyperlink.as_deref())?;
        let Some(parent) = parent else { return Ok(()) };
        let remediated = parent.facts.testing.kind == Round::Remediation
            && sample.facts.round == parent.facts.testing.round;
        // Its own samples, and those whose verdict it inherited.
        let mut others = parent.wire.lab_sample.iter().filter(|row| row.id != sample.wire.id);
        let served =
            |row: &LabSample, link| row.result == FAILED && row.cert_of_analysis_hyperlink == link;
        let link = said.filter(|link| !link.is_empty());
        if remediated && link.is_some_and(|link| others.any(|row| served(row, link))) {
            txn.soften("remediation.new_coa", refuse("LAB-69"))?;
        }
        Ok(())
    }

    /// An analysis from before the sample was taken is odd (LAB-44).
    fn check_early(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        sample: &Held<LabSample>,
    ) -> Result<(), Refusal> {
        let taken = sample.facts.taken_on;
        let analyzed = self.testing_data.iter().filter_map(|test| test.lab_analysis_time);
        if taken.zip(analyzed.min()).is_some_and(|(taken, at)| at < taken) {
            txn.soften("lab.early_analysis", refuse("LAB-44"))?;
        }
        Ok(())
    }

    /// An adult-use sample that is called medical keeps to the medical limits (LAB-79).
    fn check_grade(
        &self,
        sample: &LabSample,
        certificate: &Certificate<'_>,
    ) -> Result<(), Refusal> {
        let raised = self.medical_grade == Some(true) && !sample.medical;
        let broken = certificate.breaks(Program::Medical).filter(|_| raised);
        broken.map_or(Ok(()), |panel| Err(refuse("LAB-79").with("p", panel)))
    }

    /// Results should arrive soon after the certificate was released (LAB-77).
    fn check_late(&self, txn: &mut Txn<'_, '_, '_>) {
        let hours = txn.profile().hours("lab.report_hours");
        let late = |at: Moment| at.plus_seconds(hours) < txn.now;
        if hours > 0 && self.coa_released_time.is_some_and(late) {
            txn.note("LAB-77");
        }
    }

    /// Other values under the same certificate: the new one must name the old (LAB-74).
    fn check_amended(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        row: &LabSample,
        judged: &Judged,
    ) -> Result<(), Refusal> {
        let amends = self.reason.is_some();
        let link = self.cert_of_analysis_hyperlink.as_ref();
        let same = link.is_none_or(|link| *link == row.cert_of_analysis_hyperlink);
        let values = |tests: &[TestingData]| -> Vec<_> {
            let results = tests.iter().flat_map(|test| &test.test_result);
            results.map(|it| (it.test_panel.clone(), it.test_value.clone(), it.test_pass)).collect()
        };
        if amends && same && values(&row.testing_data) != values(&judged.testing_data) {
            txn.soften("lab.amended_coa", refuse("LAB-74"))?;
        }
        Ok(())
    }

    /// The row of the sample, and what remains of it at the laboratory.
    fn enter(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        sample: &mut Held<LabSample>,
        judged: Judged,
        used: Quantity,
    ) -> Result<(), Fault> {
        let passed = judged.failed.is_empty();
        sample.facts.failed = judged.failed.iter().map(|(test, _)| *test).collect();
        let row = &mut sample.wire;
        row.result = if passed { PASSED } else { FAILED }.to_owned();
        row.testing_data = judged.testing_data;
        row.amount_used = used;
        let put = |place: &mut String, said: &Option<String>| {
            if let Some(said) = said {
                said.clone_into(place);
            }
        };
        put(&mut row.cert_of_analysis_hyperlink, &self.cert_of_analysis_hyperlink);
        put(&mut row.quality_control_data_hyperlink, &self.quality_control_data_hyperlink);
        row.medical_grade = self.medical_grade.unwrap_or(row.medical_grade);
        let write = txn.transaction();
        sample.facts.filed_at.get_or_insert(write);
        let Some(id) = sample.wire.inventory_id else { return txn.save(sample) };
        let scope = txn.caller.as_ref().and_then(|caller| caller.places().into_iter().next());
        let key = scope.map(|scope| Key::item(txn.number_of(id), scope));
        let item = key.map(|key| txn.find::<Inventory>(key)).transpose()?.flatten();
        if let Some(mut item) = item {
            let left = sample.facts.received.unwrap_or_default() - used;
            let account = Account::LabUse(sample.wire.lab_license.clone());
            txn.post_item(&account, &item.wire, item.wire.remaining_amount, left)?;
            item.wire.remaining_amount = left;
            if !sample.wire.rnd {
                item.wire.qa_status = if passed { QaStatus::Passed } else { QaStatus::Failed };
            }
            txn.save(&mut item)?;
        }
        txn.save(sample)
    }

    /// The verdict reaches the item, also after it was used or shipped (LAB-59, LAB-71, LAB-80).
    fn release(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        sample: &Held<LabSample>,
        mut parent: Held<Inventory>,
    ) -> Result<(), Fault> {
        let filed = sample.facts.filed_at.unwrap_or_default();
        let again = !sample.facts.history.is_empty();
        if again && parent.facts.uses.any_since(filed) {
            let open = txn.profile().is("lab.amend_after_use", "accept");
            require(open, || refuse("LAB-71").with("id", parent.wire.id))?;
        }
        let row = &sample.wire;
        if parent.wire.medicated && !row.rnd && !row.medical && !row.medical_grade {
            txn.soften("lab.medical_release", refuse("LAB-80"))?;
        }
        if let Some(weight) = self.med_usable_weight {
            parent.wire.med_usable_weight = weight;
        }
        txn.requalify(&mut parent)?;
        txn.save_as(&mut parent, Some("Inventory"))
    }
}

/// What is cut from a plant for research is tested as flower.
fn tested_as(kind: ItemType) -> Result<ItemType, Refusal> {
    if kind.is_research_sample() { ItemType::named("Flower") } else { Ok(kind) }
}

/// No partial report: every panel that the goods need; after remediation, those of the tests that failed
/// (LAB-46, LAB-47).
fn check_complete(
    txn: &mut Txn<'_, '_, '_>,
    certificate: &Certificate<'_>,
    kind: ItemType,
    asked: &BTreeSet<u32>,
) -> Result<(), Refusal> {
    let asked = Some(asked).filter(|asked| !asked.is_empty());
    let Some(panel) = certificate.missing(asked) else { return Ok(()) };
    let rule = if asked.is_some() { "LAB-47" } else { "LAB-46" };
    txn.soften("lab.complete", refuse(rule).with("p", panel).with("name", kind.name()))
}
