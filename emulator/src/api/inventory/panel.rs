//! Panels and their limits: from a value to a verdict, by the catalogue (LAB-45, LAB-48 to LAB-50).

use serde_json::{Value, json};

use super::results::PaperPanel;
use crate::{
    lifecycle::item_type::ItemType,
    model::{Quantity, TestValue},
    refusal::{Refusal, refuse},
};

/// A panel of the catalogue.
#[derive(Clone, Copy)]
pub struct Panel(&'static Value);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Passes,
    Fails,
}

/// The panel of a test, on the list that the goods are tested by.
pub fn find(test: u32, name: &str, kind: ItemType, medical: bool) -> Option<Panel> {
    let mut tests = tagtrail_schemas::catalogue("lab_tests").iter();
    let test = tests.find(|it| it["ID"] == json!(test))?;
    let list = if medical { "medical" } else { "adult" };
    let fits = |panel: &&Value| {
        let types = panel["InventoryTypes"].as_array();
        panel["Name"] == name
            && types.is_some_and(|types| types.contains(&json!(kind.id())))
            && (panel["Program"] == "both" || panel["Program"] == list)
    };
    test["Panels"].as_array()?.iter().find(fits).map(Panel)
}

impl Panel {
    /// The verdict on a value; a stated verdict must agree with the limit (LAB-50), except where the
    /// laboratory's stands: ethanol in flavored food (LAB-90).
    pub fn judge(self, result: &PaperPanel, ethanol_food: bool) -> Result<Verdict, Refusal> {
        let stated =
            result.test_pass.map(|pass| if pass { Verdict::Passes } else { Verdict::Fails });
        let Some(measured) = self.measured(result, stated)? else {
            return Ok(stated.unwrap_or(Verdict::Passes));
        };
        match stated {
            Some(stated) if ethanol_food && self.0["Name"] == "Ethanol" => Ok(stated),
            Some(stated) if stated != measured => Err(self.refuse("LAB-50")),
            Some(_) | None => Ok(measured),
        }
    }

    /// What the limit says, where there is one.
    fn measured(
        self,
        result: &PaperPanel,
        stated: Option<Verdict>,
    ) -> Result<Option<Verdict>, Refusal> {
        let value = match &result.test_value {
            Some(TestValue::Number(value)) => *value,
            Some(TestValue::Word(word)) => return self.word(word, stated).map(Some),
            None => return Err(self.refuse("LAB-48")),
        };
        let presence = self.0["UOM"] == "present";
        let binary = value == Quantity::ZERO || value == Quantity::whole(1);
        if value.is_negative() || (presence && !binary) {
            return Err(self.refuse("LAB-49"));
        }
        let limit = self.0["PassFailLimit"].as_str().and_then(Quantity::parse);
        let Some(limit) = limit.filter(|_| self.0["PassFailConditional"] == true) else {
            return Ok(None);
        };
        let within = match self.0["PassFailCondition"].as_str() {
            Some("<") => value < limit,
            Some("=") => value == limit,
            Some(_) | None => value <= limit,
        };
        Ok(Some(if within { Verdict::Passes } else { Verdict::Fails }))
    }

    /// ND passes, TIC is the laboratory's to judge; both only where the catalogue allows words.
    fn word(self, word: &str, stated: Option<Verdict>) -> Result<Verdict, Refusal> {
        match word {
            "ND" if self.takes_words() => Ok(Verdict::Passes),
            "TIC" if self.takes_words() => stated.ok_or_else(|| self.refuse("LAB-48")),
            _ => Err(self.refuse("LAB-48")),
        }
    }

    /// Pesticides and residual solvents (LAB-48).
    fn takes_words(self) -> bool {
        let tests = tagtrail_schemas::catalogue("lab_tests").iter();
        let mut worded = tests
            .filter(|test| test["Name"] == "Pesticides" || test["Name"] == "Residual Solvents");
        worded.any(|test| {
            let panels = test["Panels"].as_array();
            panels.is_some_and(|panels| panels.iter().any(|panel| std::ptr::eq(panel, self.0)))
        })
    }

    fn refuse(self, rule: &'static str) -> Refusal {
        refuse(rule).with("p", self.0["Name"].as_str().unwrap_or_default())
    }
}
