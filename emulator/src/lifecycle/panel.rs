//! The tests of the state: the panels that goods are tested by, and the limits that decide (rulebook
//! 11.12 and 11.13). The lists that are served and the verdict on results both ask here.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::model::Quantity;

/// Whose limits: those for adult use, or those for patients (LAB-78).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Program {
    AdultUse,
    Medical,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Passes,
    Fails,
}

/// One test of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Test {
    #[serde(rename = "ID")]
    pub id: u32,
    pub name: String,
    panels: Vec<Panel>,
}

/// One value that a test measures. A panel whose limit differs by type or program stands in the
/// catalogue once for each limit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Panel {
    pub name: String,
    #[serde(rename = "UOM")]
    pub uom: String,
    program: Served,
    pub inventory_types: Vec<u32>,
    pub required: bool,
    pub pass_fail_conditional: bool,
    pub pass_fail_condition: Condition,
    pub pass_fail_limit: String,
    pub test_value_record_only: bool,
    pub total_panel: bool,
    pub add_to_total: bool,
    #[serde(default)]
    formula: String,
}

/// In whose list a panel stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Served {
    Both,
    Adult,
    Medical,
}

/// How a value is held against its limit (LAB-86).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Condition {
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    Below,
    #[serde(rename = "=")]
    Equal,
    #[serde(rename = "")]
    Never,
}

/// Every test, in the order of the numbers.
pub fn tests() -> &'static [Test] {
    static CELL: OnceLock<Vec<Test>> = OnceLock::new();
    CELL.get_or_init(|| {
        let entries = tagtrail_schemas::catalogue("lab_tests").iter();
        let read = entries.map(Test::deserialize).collect::<Result<_, _>>();
        read.unwrap_or_else(|error| unreachable!("a test reads the catalogue: {error}"))
    })
}

pub fn test(id: u32) -> Option<&'static Test> {
    tests().iter().find(|test| test.id == id)
}

impl Test {
    /// What it measures in a program, for whatever goods.
    pub fn panels(&self, program: Program) -> impl Iterator<Item = &Panel> {
        self.panels.iter().filter(move |panel| panel.is_served(program))
    }

    /// What it measures of goods of one type.
    pub fn panels_of(&self, program: Program, kind: u32) -> impl Iterator<Item = &Panel> {
        self.panels(program).filter(move |panel| panel.inventory_types.contains(&kind))
    }

    /// Pesticides and residual solvents may be said in words (LAB-48).
    pub fn takes_words(&self) -> bool {
        self.name == "Pesticides" || self.name == "Residual Solvents"
    }

    /// What a total panel adds up, where any of it was measured: by its formula, else all that counts
    /// into the total (LAB-51).
    pub fn total(
        &self,
        total: &Panel,
        measured: impl Fn(&str) -> Option<Quantity>,
    ) -> Option<Quantity> {
        let one = Quantity::whole(1);
        let parts: Vec<(Quantity, &str)> = if total.formula.is_empty() {
            let counted = self.panels.iter().filter(|panel| panel.add_to_total);
            counted.map(|panel| (one, panel.name.as_str())).collect()
        } else {
            total.formula.split(" + ").map(|term| factor_and_name(term, one)).collect()
        };
        let weighed = |(factor, name)| measured(name).and_then(|value| value.times(factor));
        let found: Vec<Quantity> = parts.into_iter().filter_map(weighed).collect();
        (!found.is_empty()).then(|| found.into_iter().sum())
    }
}

/// `0.877 x THCA` is a part with a factor, `THC` one without.
fn factor_and_name(term: &str, one: Quantity) -> (Quantity, &str) {
    let parts = term.split_once(" x ");
    let read = parts.and_then(|(factor, name)| Some((Quantity::parse(factor)?, name)));
    read.unwrap_or((one, term))
}

impl Panel {
    fn is_served(&self, program: Program) -> bool {
        match self.program {
            Served::Both => true,
            Served::Adult => program == Program::AdultUse,
            Served::Medical => program == Program::Medical,
        }
    }

    /// Found or not found, 1 or 0 (LAB-49).
    pub fn is_presence(&self) -> bool {
        self.uom == "present"
    }

    /// What the limit says of a value, to the last digit (LAB-87); nothing where there is none.
    pub fn verdict(&self, value: Quantity) -> Option<Verdict> {
        let limit = Quantity::parse(&self.pass_fail_limit)?;
        let within = match self.pass_fail_condition {
            Condition::AtMost => value <= limit,
            Condition::Below => value < limit,
            Condition::Equal => value == limit,
            Condition::Never => return None,
        };
        Some(if within { Verdict::Passes } else { Verdict::Fails })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIBLE: u32 = 22;
    const FLOWER: u32 = 13;

    fn panel(test: &str, name: &str, program: Program, kind: u32) -> Option<&'static Panel> {
        let test = tests().iter().find(|it| it.name == test).unwrap();
        test.panels_of(program, kind).find(|panel| panel.name == name)
    }

    fn number(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn a_panel_has_one_limit_for_each_type_and_program() {
        for program in [Program::AdultUse, Program::Medical] {
            for test in tests() {
                for kind in 0..100 {
                    let mut names: Vec<_> =
                        test.panels_of(program, kind).map(|panel| &panel.name).collect();
                    let all = names.len();
                    names.sort();
                    names.dedup();
                    assert_eq!(names.len(), all, "{} of type {kind}", test.name);
                }
            }
        }
    }

    #[test]
    fn a_limit_that_applies_can_be_read_and_nothing_else_has_one() {
        for panel in tests().iter().flat_map(|test| &test.panels) {
            let conditional = panel.pass_fail_condition != Condition::Never;
            assert_eq!(panel.pass_fail_conditional, conditional, "{}", panel.name);
            assert_eq!(panel.verdict(Quantity::ZERO).is_some(), conditional, "{}", panel.name);
            assert!(!(conditional && panel.test_value_record_only), "{}", panel.name);
            assert_eq!(panel.pass_fail_limit.is_empty(), !conditional, "{}", panel.name);
        }
    }

    #[test]
    fn a_value_equal_to_its_limit_passes_unless_it_must_lie_below() {
        let lead = panel("Heavy Metals", "Lead", Program::AdultUse, FLOWER).unwrap();
        assert_eq!(lead.verdict(number("0.5")), Some(Verdict::Passes));
        assert_eq!(lead.verdict(number("0.5000001")), Some(Verdict::Fails));
        let toxin = panel("Mycotoxins", "Ochratoxin A", Program::AdultUse, FLOWER).unwrap();
        assert_eq!(toxin.verdict(number("0.0199999")), Some(Verdict::Passes));
        assert_eq!(toxin.verdict(number("0.02")), Some(Verdict::Fails));
    }

    #[test]
    fn the_programs_differ_by_limits() {
        let yeast = |program| panel("Microbiology", "Total Yeast and Mold", program, FLOWER);
        assert_eq!(yeast(Program::AdultUse).unwrap().verdict(number("900000")), None);
        let medical = yeast(Program::Medical).unwrap();
        assert_eq!(medical.verdict(number("10001")), Some(Verdict::Fails));
        assert!(panel("Moisture", "Moisture", Program::AdultUse, EDIBLE).is_none());
    }

    #[test]
    fn totals_follow_their_formula_or_add_all_that_counts() {
        let total = |test: &str, name: &str, values: &[(&str, &str)]| {
            let total = panel(test, name, Program::AdultUse, FLOWER).unwrap();
            let test = tests().iter().find(|it| it.name == test).unwrap();
            let measured = |name: &str| {
                values.iter().find(|(known, _)| *known == name).map(|(_, value)| number(value))
            };
            test.total(total, measured).map(|it| it.to_string())
        };
        let thc = [("THC", "1.1"), ("THCA", "20"), ("CBD", "3")];
        assert_eq!(total("Cannabinoids", "Total THC", &thc).as_deref(), Some("18.64"));
        assert_eq!(total("Cannabinoids", "Total CBD", &[("CBN", "1")]), None);
        let terpenes = [("Limonene", "0.5"), ("Linalool", "0.25")];
        assert_eq!(total("Terpenes", "Total Terpenes", &terpenes).as_deref(), Some("0.75"));
    }
}
