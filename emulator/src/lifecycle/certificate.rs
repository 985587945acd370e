//! What a laboratory says about goods, held against the panels and limits of their type: the one way
//! from values to verdicts, whether a laboratory files them or a licensee copies them from paper.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::panel::{self, Panel, Program, Test, Verdict};
use crate::{
    model::{Moment, Quantity, TestResult, TestValue, TestingData, listed},
    refusal::{Refusal, refuse, require},
};

/// One test, as a body carries it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SentTest {
    #[serde(default, deserialize_with = "listed::optional", rename = "TestID")]
    pub test_id: Option<u32>,
    pub sample_preparation_time: Option<Moment>,
    pub lab_analysis_time: Option<Moment>,
    pub test_result: Option<Vec<SentPanel>>,
}

/// One value of a test, as a body carries it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SentPanel {
    pub test_panel: Option<String>,
    pub test_value: Option<TestValue>,
    pub test_pass: Option<bool>,
}

/// By what goods are judged.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    /// The type of the goods.
    pub kind: u32,
    pub type_name: &'static str,
    pub program: Program,
    pub word: Word,
    /// Where ethanol may come from a flavor, the laboratory's verdict on it stands (LAB-90).
    pub ethanol_food: bool,
}

/// Whose word counts where value and limit say otherwise than the verdict that was sent (LAB-50).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Word {
    /// Neither: the call is refused.
    Agreed,
    Laboratory,
    Limit,
}

/// Who sends a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// A licensee, from paper (OFF-32).
    Paper,
    Laboratory,
}

/// Tests and panels that were found on the list of the goods.
pub struct Certificate<'a> {
    standard: Standard,
    tests: Vec<Sheet<'a>>,
}

struct Sheet<'a> {
    test: &'static Test,
    sent: &'a SentTest,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    test: &'static Test,
    panel: &'static Panel,
    sent: &'a SentPanel,
}

/// What is kept of a certificate, and what failed.
#[derive(Debug, Default)]
pub struct Judged {
    pub testing_data: Vec<TestingData>,
    /// Each test and panel that failed, in the order of the certificate.
    pub failed: Vec<(u32, &'static str)>,
    /// The first total that is off by more than 1 % of its parts (LAB-51).
    pub wrong_total: Option<&'static str>,
}

impl<'a> Certificate<'a> {
    /// Times that can be (LAB-44), then tests and panels that are listed, each once (LAB-45).
    pub fn read(standard: Standard, tests: &'a [SentTest], now: Moment) -> Result<Self, Refusal> {
        for sent in tests {
            check_times(sent, now)?;
        }
        let mut seen = BTreeSet::new();
        let mut sheets = Vec::new();
        for sent in tests {
            let id = sent.test_id.unwrap_or_default();
            let found = standard.test(id).filter(|_| seen.insert(id));
            let test = found.ok_or_else(|| standard.not_listed(&id.to_string()))?;
            sheets.push(Sheet { test, sent, lines: standard.lines(test, sent)? });
        }
        Ok(Self { standard, tests: sheets })
    }

    /// The first panel that is required and missing (LAB-46); of some tests only, in a round that asks
    /// for no others (LAB-47).
    pub fn missing(&self, asked: Option<&BTreeSet<u32>>) -> Option<&'static str> {
        let Standard { program, kind, .. } = self.standard;
        let sent = |panel: &Panel| self.lines().any(|line| std::ptr::eq(line.panel, panel));
        let tests = panel::tests().iter();
        let asked = tests.filter(|test| asked.is_none_or(|asked| asked.contains(&test.id)));
        let mut required =
            asked.flat_map(|test| test.panels_of(program, kind)).filter(|panel| panel.required);
        required.find(|panel| !sent(panel)).map(|panel| panel.name.as_str())
    }

    /// Values (LAB-48, LAB-49) and verdicts (LAB-50), then, for a laboratory, the totals (LAB-51).
    pub fn judge(&self, source: Source) -> Result<Judged, Refusal> {
        for line in self.lines() {
            line.check_words()?;
        }
        for line in self.lines() {
            line.check_number()?;
        }
        let mut judged = Judged::default();
        for sheet in &self.tests {
            let mut results = Vec::new();
            for line in &sheet.lines {
                let verdict = line.verdict(self.standard)?;
                // A value that is only recorded never fails (LAB-53).
                if verdict == Verdict::Fails && !line.panel.test_value_record_only {
                    judged.failed.push((sheet.test.id, &line.panel.name));
                }
                results.push(TestResult {
                    lab_provided: source == Source::Laboratory,
                    test_panel: line.panel.name.clone(),
                    test_pass: verdict == Verdict::Passes,
                    test_value: line.sent.test_value.clone().unwrap_or_default(),
                    transaction_id: 0,
                });
            }
            if source == Source::Laboratory {
                self.add_totals(sheet, &mut results, &mut judged);
            }
            judged.testing_data.push(TestingData {
                lab_analysis_time: sheet.sent.lab_analysis_time,
                sample_preparation_time: sheet.sent.sample_preparation_time,
                test_id: sheet.test.id,
                test_result: results,
            });
        }
        Ok(judged)
    }

    /// The first panel that breaks the limit of a program, the one of the goods or another (LAB-79).
    pub fn breaks(&self, program: Program) -> Option<&'static str> {
        let broken = self.lines().find(|line| {
            let mut panels = line.test.panels_of(program, self.standard.kind);
            let panel = panels.find(|panel| panel.name == line.panel.name);
            let value = line.number();
            panel.zip(value).and_then(|(panel, value)| panel.verdict(value)) == Some(Verdict::Fails)
        });
        broken.map(|line| line.panel.name.as_str())
    }

    fn lines(&self) -> impl Iterator<Item = &Line<'a>> {
        self.tests.iter().flat_map(|sheet| &sheet.lines)
    }

    /// Totals that were not sent are added; one that was sent is compared.
    fn add_totals(&self, sheet: &Sheet<'_>, results: &mut Vec<TestResult>, judged: &mut Judged) {
        let measured = |name: &str| {
            sheet.lines.iter().find(|line| line.panel.name == name).and_then(Line::number)
        };
        let Standard { program, kind, .. } = self.standard;
        for panel in sheet.test.panels_of(program, kind).filter(|panel| panel.total_panel) {
            let Some(total) = sheet.test.total(panel, measured) else { continue };
            match measured(&panel.name) {
                Some(sent) if differ(sent, total) => {
                    judged.wrong_total = judged.wrong_total.or(Some(&panel.name));
                }
                Some(_) => {}
                None => {
                    let fails = panel.verdict(total) == Some(Verdict::Fails);
                    if fails {
                        judged.failed.push((sheet.test.id, &panel.name));
                    }
                    results.push(TestResult {
                        lab_provided: false,
                        test_panel: panel.name.clone(),
                        test_pass: !fails,
                        test_value: TestValue::Number(total),
                        transaction_id: 0,
                    });
                }
            }
        }
    }
}

impl Standard {
    fn test(self, id: u32) -> Option<&'static Test> {
        panel::test(id).filter(|test| test.panels_of(self.program, self.kind).next().is_some())
    }

    fn lines<'a>(self, test: &'static Test, sent: &'a SentTest) -> Result<Vec<Line<'a>>, Refusal> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        for sent in sent.test_result.iter().flatten() {
            let name = sent.test_panel.as_deref().unwrap_or_default();
            let found = test.panels_of(self.program, self.kind).find(|panel| panel.name == name);
            let fresh = lines.iter().all(|line| line.panel.name != name);
            let panel = found.filter(|_| fresh).ok_or_else(|| self.not_listed(name))?;
            lines.push(Line { test, panel, sent });
        }
        Ok(lines)
    }

    fn not_listed(self, panel: &str) -> Refusal {
        refuse("LAB-45").with("p", panel).with("name", self.type_name)
    }
}

impl Line<'_> {
    fn number(&self) -> Option<Quantity> {
        match &self.sent.test_value {
            Some(TestValue::Number(value)) => Some(*value),
            Some(TestValue::Word(_)) | None => None,
        }
    }

    /// ND passes and TIC takes the laboratory's verdict, both where words are taken (LAB-48).
    fn check_words(&self) -> Result<(), Refusal> {
        let holds = match &self.sent.test_value {
            Some(TestValue::Number(_)) => true,
            Some(TestValue::Word(word)) if self.test.takes_words() => {
                word == "ND" || (word == "TIC" && self.sent.test_pass.is_some())
            }
            Some(TestValue::Word(_)) | None => false,
        };
        require(holds, || self.refuse("LAB-48"))
    }

    /// Not below zero, and 0 or 1 where something is there or not (LAB-49).
    fn check_number(&self) -> Result<(), Refusal> {
        let Some(value) = self.number() else { return Ok(()) };
        let binary = value == Quantity::ZERO || value == Quantity::whole(1);
        let holds = !value.is_negative() && (!self.panel.is_presence() || binary);
        require(holds, || self.refuse("LAB-49"))
    }

    fn verdict(&self, standard: Standard) -> Result<Verdict, Refusal> {
        let stated = self.sent.test_pass;
        let stated = stated.map(|pass| if pass { Verdict::Passes } else { Verdict::Fails });
        let Some(measured) = self.measured() else { return Ok(stated.unwrap_or(Verdict::Passes)) };
        let Some(stated) = stated.filter(|stated| *stated != measured) else { return Ok(measured) };
        let flavor = standard.ethanol_food && self.panel.name == "Ethanol";
        match standard.word {
            Word::Laboratory => Ok(stated),
            Word::Agreed | Word::Limit if flavor => Ok(stated),
            Word::Agreed => Err(self.refuse("LAB-50")),
            Word::Limit => Ok(measured),
        }
    }

    /// What the limit says, or the word that stands for a value below it.
    fn measured(&self) -> Option<Verdict> {
        match &self.sent.test_value {
            Some(TestValue::Number(value)) => self.panel.verdict(*value),
            Some(TestValue::Word(word)) => (word == "ND").then_some(Verdict::Passes),
            None => None,
        }
    }

    fn refuse(&self, rule: &'static str) -> Refusal {
        refuse(rule).with("p", &self.panel.name)
    }
}

/// Analyzed after it was prepared, and not in the future (LAB-44).
fn check_times(test: &SentTest, now: Moment) -> Result<(), Refusal> {
    let analyzed = test.lab_analysis_time;
    let early = analyzed.zip(test.sample_preparation_time).is_some_and(|(at, made)| at < made);
    require(!early && analyzed.is_none_or(|at| at <= now), || refuse("LAB-44"))
}

/// Off by more than one percent of what the parts add up to (LAB-51).
fn differ(sent: Quantity, total: Quantity) -> bool {
    let apart = if sent > total { sent - total } else { total - sent };
    apart.times(Quantity::whole(100)).is_none_or(|apart| apart > total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2025-07-28T13:00:00Z";

    const FLOWER: Standard = Standard {
        kind: 13,
        type_name: "Flower Lot",
        program: Program::AdultUse,
        word: Word::Agreed,
        ethanol_food: false,
    };
    const TINCTURE: Standard = Standard { kind: 35, type_name: "Tincture", ..FLOWER };

    /// Rules that refuse, failed panels, totals that were added, and the one that is wrong, in words.
    fn outcome(standard: Standard, tests: &str) -> String {
        let tests: Vec<SentTest> = serde_json::from_str(tests).unwrap();
        let now = Moment::parse(NOW).unwrap();
        let judged = Certificate::read(standard, &tests, now)
            .and_then(|certificate| certificate.judge(Source::Laboratory));
        let judged = match judged {
            Ok(judged) => judged,
            Err(refusal) => return refusal.rule.to_owned(),
        };
        let results = judged.testing_data.iter().flat_map(|test| &test.test_result);
        let added = results.filter(|result| !result.lab_provided);
        let added = added.map(|it| match &it.test_value {
            TestValue::Number(value) => format!("{} {value}", it.test_panel),
            TestValue::Word(word) => format!("{} {word}", it.test_panel),
        });
        let failed = judged.failed.iter().map(|(_, panel)| format!("{panel} failed"));
        let wrong = judged.wrong_total.map(|panel| format!("{panel} is wrong"));
        failed.chain(added).chain(wrong).collect::<Vec<_>>().join(", ")
    }

    fn one(test: u32, panel: &str, value: &str, pass: &str) -> String {
        let pass = if pass.is_empty() { String::new() } else { format!(r#","TestPass":{pass}"#) };
        format!(
            r#"[{{"TestID":{test},"TestResult":[{{"TestPanel":"{panel}","TestValue":{value}{pass}}}]}}]"#
        )
    }

    #[test]
    fn values_and_verdicts_are_held_against_the_limits() {
        for (test, panel, value, pass, expected) in [
            (8, "Lead", "0.5", "", ""),
            (8, "Lead", "0.51", "", "Lead failed"),
            (8, "Lead", "0.51", "false", "Lead failed"),
            (8, "Lead", "0.51", "true", "LAB-50"),
            (8, "Lead", "-1", "true", "LAB-49"),
            (8, "Lead", r#""ND""#, "", "LAB-48"),
            (8, "Plutonium", "1", "", "LAB-45"),
            (5, "Ethanol", "1", "", "LAB-45"),
            (7, "Naled", r#""ND""#, "", ""),
            (7, "Naled", r#""TIC""#, "", "LAB-48"),
            (7, "Naled", r#""TIC""#, "false", "Naled failed"),
            (4, "Salmonella spp.", "0", "", ""),
            (4, "Salmonella spp.", "1", "", "Salmonella spp. failed"),
            (4, "Salmonella spp.", "2", "", "LAB-49"),
            (3, "Stems", "4", "false", "Stems failed"),
            (3, "Stems", "4", "", ""),
            (2, "CBN", "101", "false", ""),
        ] {
            let tests = one(test, panel, value, pass);
            assert_eq!(outcome(FLOWER, &tests), expected, "{tests}");
        }
    }

    #[test]
    fn whose_word_counts_is_a_matter_of_the_profile() {
        let lead = one(8, "Lead", "0.51", "true");
        assert_eq!(outcome(Standard { word: Word::Laboratory, ..FLOWER }, &lead), "");
        assert_eq!(outcome(Standard { word: Word::Limit, ..FLOWER }, &lead), "Lead failed");
        let ethanol = one(5, "Ethanol", "5001", "true");
        assert_eq!(outcome(TINCTURE, &ethanol), "LAB-50");
        assert_eq!(outcome(Standard { ethanol_food: true, ..TINCTURE }, &ethanol), "");
    }

    #[test]
    fn totals_are_added_or_compared() {
        let parts = r#"{"TestPanel":"THC","TestValue":1},{"TestPanel":"THCA","TestValue":20}"#;
        let sent = |total: &str| {
            let total = if total.is_empty() {
                String::new()
            } else {
                format!(r#",{{"TestPanel":"Total THC","TestValue":{total}}}"#)
            };
            outcome(FLOWER, &format!(r#"[{{"TestID":2,"TestResult":[{parts}{total}]}}]"#))
        };
        assert_eq!(sent(""), "Total THC 18.54");
        assert_eq!(sent("18.7254"), "");
        assert_eq!(sent("18.7255"), "Total THC is wrong");
        let terpenes = one(10, "Limonene", "11.6", "");
        let expected = "Total Terpenes failed, Total Terpenes 11.6";
        assert_eq!(outcome(FLOWER, &terpenes), expected);
    }

    #[test]
    fn what_is_required_and_missing_is_named_in_the_order_of_the_list() {
        let tests: Vec<SentTest> = serde_json::from_str(&one(1, "Moisture", "1", "")).unwrap();
        let now = Moment::parse(NOW).unwrap();
        let certificate = Certificate::read(FLOWER, &tests, now).unwrap();
        assert_eq!(certificate.missing(None), Some("THC"));
        assert_eq!(certificate.missing(Some(&BTreeSet::from([9]))), Some("Water Activity"));
        assert_eq!(certificate.missing(Some(&BTreeSet::from([1]))), None);
    }

    #[test]
    fn the_limits_of_the_other_program_are_asked_for_by_name() {
        let tests: Vec<SentTest> =
            serde_json::from_str(&one(4, "Total Yeast and Mold", "20000", "")).unwrap();
        let now = Moment::parse(NOW).unwrap();
        let certificate = Certificate::read(FLOWER, &tests, now).unwrap();
        assert_eq!(certificate.breaks(Program::AdultUse), None);
        assert_eq!(certificate.breaks(Program::Medical), Some("Total Yeast and Mold"));
    }

    #[test]
    fn times_are_judged_before_panels_and_each_test_and_panel_stands_once() {
        let late = r#"[{"TestID":99},{"TestID":1,"LabAnalysisTime":"2025-07-28T13:00:01Z"}]"#;
        assert_eq!(outcome(FLOWER, late), "LAB-44");
        assert_eq!(outcome(FLOWER, r#"[{"TestID":1},{"TestID":1}]"#), "LAB-45");
        let twice = r#"{"TestPanel":"Moisture","TestValue":1}"#;
        let twice = format!(r#"[{{"TestID":1,"TestResult":[{twice},{twice}]}}]"#);
        assert_eq!(outcome(FLOWER, &twice), "LAB-45");
    }
}
