//! What is given to plants, and the correction of such records.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tagtrail_tests::amount::number;

use super::{
    Cast, Change, Forecast, Outcome, Refused, Step,
    plant::{grows, open},
};
use crate::{
    kind::{Key, Kind},
    model::Row,
};

/// How much of it, in a unit of the ingredients (PLT-23, WIRE-37).
fn dose(body: &Value) -> Result<(), Refused> {
    if body["AppliedQuantity"] == 0 {
        Err("PLT-23")
    } else if body["AppliedQuantityUOM"] == "cup" {
        Err("WIRE-37")
    } else {
        Ok(())
    }
}

impl<'a> Cast<'a> {
    /// A quantity and a unit, of which at most one is wrong.
    fn some_dose(&mut self) -> (Value, Value) {
        match self.dice.below(20) {
            0 => (json!(0), json!("ml")),
            1 => (json!(3), json!("cup")),
            _ => {
                let amount = number((1 + self.dice.below(9_000) as i64) * 10_000);
                (amount, json!(*self.dice.pick(&["ml", "FL OZ", "g", "each", "gal"])))
            }
        }
    }

    pub(super) fn treat(&mut self) -> Step {
        let mut rows = Vec::new();
        // A plant may be given several things in one call.
        let mut ids = self.some_plants(grows);
        ids.dedup();
        for id in &ids {
            let (amount, unit) = self.some_dose();
            rows.push(json!({
                "PlantID": id, "AdditiveName": "Neem", "AppliedQuantity": amount,
                "AppliedQuantityUOM": unit,
            }));
        }
        let forecast = self.treated(&rows);
        self.step("POST /v1/plant/additive", json!({"PlantAdditive": rows}), forecast)
    }

    fn treated(&self, rows: &[Value]) -> Forecast {
        let mut plants = Vec::new();
        for body in rows {
            let id = body["PlantID"].as_str().unwrap_or_default();
            plants.push(self.model.own(self.ubi, Kind::Plant, id).ok_or("WIRE-32")?);
        }
        let mut outcome = Outcome::default();
        for ((key, row), body) in plants.into_iter().zip(rows) {
            open(row)?;
            if !grows(row) {
                return Err("PLT-22");
            }
            dose(body)?;
            let mut wire = body.clone();
            wire["AppliedQuantityUOM"] = listed(&body["AppliedQuantityUOM"]);
            wire["CreatedOn"] = json!(self.model.moment());
            wire["Deleted"] = json!(false);
            wire["ID"] = json!(0);
            wire["LocationLicense"] = json!(key.site);
            wire["TransactionID"] = json!(0);
            outcome.changes.push(self.fresh(wire, Kind::Additive));
            outcome.uses.push(key.clone());
        }
        Ok(outcome)
    }

    pub(super) fn correct_treatment(&mut self) -> Step {
        let mut rows = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let id = self.fitting_id(Kind::Additive, |_, row| !row.is("Deleted"));
            let mut body = json!({"ID": id.parse::<i64>().unwrap_or(77_777)});
            let (amount, unit) = self.some_dose();
            if self.dice.one_in(2) {
                body["AppliedQuantity"] = amount;
                body["AppliedQuantityUOM"] = unit;
            }
            if self.dice.one_in(3) {
                body["AdditiveName"] = json!("Neem oil");
            }
            if self.dice.one_in(2) {
                body["Deleted"] = json!(self.dice.one_in(2));
            }
            rows.push(body);
        }
        let forecast = self.corrected_treatment(&rows);
        self.step("PUT /v1/plant/additive", json!({"PlantAdditive": rows}), forecast)
    }

    fn corrected_treatment(&self, rows: &[Value]) -> Forecast {
        let mut found: Vec<(&Key, &Row)> = Vec::new();
        for body in rows {
            let own = self.model.own(self.ubi, Kind::Additive, &body["ID"].to_string());
            found.push(own.filter(|(_, row)| !row.is("Deleted")).ok_or("PLT-24")?);
        }
        let distinct: BTreeSet<String> = rows.iter().map(|body| body["ID"].to_string()).collect();
        if distinct.len() < rows.len() {
            return Err("WIRE-28");
        }
        let mut changes = Vec::new();
        for ((key, row), body) in found.into_iter().zip(rows) {
            if body.as_object().is_some_and(|it| it.len() == 1) {
                return Err("PLT-25");
            }
            dose(body)?;
            let mut fields = body.clone();
            if !body["AppliedQuantityUOM"].is_null() {
                fields["AppliedQuantityUOM"] = listed(&body["AppliedQuantityUOM"]);
            }
            changes.push(Change::set(key, row, fields));
        }
        Ok(Outcome::of(changes))
    }
}

/// A unit in the listed spelling.
fn listed(unit: &Value) -> Value {
    json!(unit.as_str().unwrap_or_default().to_lowercase())
}
