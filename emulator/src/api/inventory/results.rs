//! Results that are entered by hand, from the certificate of goods that came in on paper (OFF-28 to
//! OFF-32).

use serde::Deserialize;

use crate::{
    fault::Fault,
    lifecycle::{
        certificate::{Certificate, SentTest, Source, Standard, Word},
        item_type::ItemType,
        panel::Program,
        testing::{FAILED, PASSED},
    },
    model::{Inventory, Key, Kind, LabSample, QaStatus, Quantity, SampleFacts, TestingData},
    profile::Profile,
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
    pub testing_data: Option<Vec<SentTest>>,
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
        let tests = self.testing_data.as_deref().unwrap_or_default();
        let standard = standard(txn.profile(), kind, medical);
        let judged = Certificate::read(standard, tests, txn.soon())?.judge(Source::Paper)?;
        match judged.failed.first() {
            Some((_, panel)) if verdict == QaStatus::Passed => {
                Err(refuse("OFF-31").with("p", panel).into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn verdict(&self) -> Option<QaStatus> {
        match self.result.as_deref() {
            Some(PASSED) => Some(QaStatus::Passed),
            Some(FAILED) => Some(QaStatus::Failed),
            Some(_) | None => None,
        }
    }
}

/// A link is absolute and of ordinary length; it is never fetched (LAB-75).
pub fn check_link(link: Option<&str>) -> Result<(), Refusal> {
    let Some(link) = link.filter(|link| !link.is_empty()) else { return Ok(()) };
    let schemes = ["http://", "https://"];
    let host = schemes.iter().find_map(|scheme| link.strip_prefix(scheme));
    let fits = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && link.len() <= 2_048
        && !link.contains(char::is_whitespace);
    require(fits, || refuse("LAB-75"))
}

impl Txn<'_, '_, '_> {
    /// Enters one sample row without a sample item, and the verdict on the item (OFF-32).
    pub fn enter_results(
        &mut self,
        held: &mut Held<Inventory>,
        results: &PaperResults,
    ) -> Result<(), Fault> {
        let id = self.next_number(Kind::LabSample);
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
        let mut sample = Held {
            wire,
            facts: SampleFacts::default(),
            key: Key::new(Kind::LabSample, id),
            scopes,
        };
        self.save(&mut sample)?;
        self.requalify(held)?;
        self.save(held)
    }

    fn testing_data(
        &self,
        results: &PaperResults,
        item: &Inventory,
    ) -> Result<Vec<TestingData>, Fault> {
        if self.profile().is("offline.results_detail", "none") {
            return Ok(Vec::new());
        }
        let kind = ItemType::find(item.inventory_type)?;
        // They were checked when they came in; the goods may be others to the letter by now.
        let standard = standard(self.profile(), kind, item.medicated);
        let standard = Standard { word: Word::Laboratory, ..standard };
        let tests = results.testing_data.as_deref().unwrap_or_default();
        Ok(Certificate::read(standard, tests, self.soon())?.judge(Source::Paper)?.testing_data)
    }
}

/// By what goods of a type are judged under a profile.
pub fn standard(profile: Profile, kind: ItemType, medical: bool) -> Standard {
    let food = kind.test_class().is_some_and(|class| FLAVORED.contains(&class));
    Standard {
        kind: kind.id(),
        type_name: kind.name(),
        program: if medical { Program::Medical } else { Program::AdultUse },
        word: match profile.text("lab.verdict").as_str() {
            "lab" => Word::Laboratory,
            "server" => Word::Limit,
            _ => Word::Agreed,
        },
        ethanol_food: food && profile.on("lab.ethanol_food"),
    }
}

/// Classes in which ethanol may come from a flavor (LAB-90).
const FLAVORED: &[&str] = &["solid edible", "liquid edible", "tincture"];
