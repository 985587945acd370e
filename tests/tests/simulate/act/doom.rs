//! The destruction of plants: announced, taken back, done.

use serde_json::{Value, json};

use super::{Cast, Change, Forecast, Outcome, Refused, Step};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::Row,
};

fn named(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| json!({"PlantID": id})).collect()
}

impl<'a> Cast<'a> {
    /// Plants that are still there (PLT-42) and fit; the first in the list that does not is told.
    fn doomed(
        &self,
        ids: &[String],
        fits: impl Fn(&Row) -> bool,
        refused: Refused,
    ) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
        let plants = self.plants(ids, "WIRE-32")?;
        for (_, row) in &plants {
            if row.is("Deleted") {
                return Err("PLT-42");
            }
            if !fits(row) {
                return Err(refused);
            }
        }
        Ok(plants)
    }

    pub(super) fn schedule_plants(&mut self) -> Step {
        let ids = self.some_plants(|row| row.lives() && !row.is("Mother"));
        let reason = *self.dice.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 99]);
        let words = if self.dice.one_in(15) { "" } else { "Mold." };
        let mut body = json!({
            "Plant": named(&ids), "ReasonExtended": reason, "DestroyReason": words,
        });
        let again = self.dice.one_in(6);
        if again {
            body["Override"] = json!(true);
        }
        let check = || {
            let plants = self.doomed(&ids, Row::lives, "PLT-34")?;
            if reason == 99 {
                return Err("PLT-35");
            }
            if words.is_empty() {
                return Err("PLT-36");
            }
            if !again && plants.iter().any(|(_, row)| row.is("DestroyScheduled")) {
                return Err("PLT-37");
            }
            let fields = json!({
                "DestroyScheduled": true, "DestroyReasonID": reason, "DestroyReason": words,
                "DestroyScheduledTime": self.model.moment(),
            });
            let set = |(key, row): &(&Key, &Row)| Change::set(key, row, fields.clone());
            Ok(Outcome::of(plants.iter().map(set).collect()))
        };
        let forecast = check();
        self.step("PUT /v1/plant/destroy/schedule", body, forecast)
    }

    pub(super) fn unschedule_plants(&mut self) -> Step {
        let ids = self.some_plants(|row| row.is("DestroyScheduled") && !row.is("Deleted"));
        let check = || {
            let plants = self.doomed(&ids, |row| row.is("DestroyScheduled"), "PLT-39")?;
            let fields = json!({
                "DestroyScheduled": false, "DestroyReasonID": 0, "DestroyReason": "",
                "DestroyScheduledTime": "",
            });
            let set = |(key, row): &(&Key, &Row)| Change::set(key, row, fields.clone());
            Ok(Outcome::of(plants.iter().map(set).collect()))
        };
        let forecast = check();
        let body = json!({"Plant": named(&ids)});
        self.step("PUT /v1/plant/destroy/schedule/undo", body, forecast)
    }

    pub(super) fn destroy_plants(&mut self) -> Step {
        let ids = self.some_plants(|row| row.is("DestroyScheduled") && !row.is("Deleted"));
        let mut body = json!({"Plant": named(&ids)});
        if self.dice.one_in(3) {
            body["ReasonExtended"] = json!(*self.dice.pick(&[0, 5, 99]));
        }
        if self.dice.one_in(3) {
            body["DestroyReason"] = json!("Dead.");
        }
        let forecast = self.destroyed_plants(&ids, &body);
        self.step("PUT /v1/plant/destroy", body, forecast)
    }

    fn destroyed_plants(&self, ids: &[String], body: &Value) -> Forecast {
        let plants = self.doomed(ids, |row| row.is("DestroyScheduled"), "PLT-39")?;
        if body["ReasonExtended"] == 99 {
            return Err("PLT-35");
        }
        let mut fields = json!({"Deleted": true});
        if !body["ReasonExtended"].is_null() {
            fields["DestroyReasonID"] = body["ReasonExtended"].clone();
        }
        if !body["DestroyReason"].is_null() {
            fields["DestroyReason"] = body["DestroyReason"].clone();
        }
        let mut changes: Vec<Change> =
            plants.iter().map(|(key, row)| Change::set(key, row, fields.clone())).collect();
        // Each batch counts its plants anew (PLT-41).
        let within = |id: &str| plants.iter().any(|(_, row)| row.wire["HarvestBatchID"] == id);
        let batches = self.model.of(self.ubi, Kind::Batch).filter(|(key, _)| within(&key.id));
        changes.extend(batches.map(|(key, row)| Change::to(key, row.clone())));
        let gone = Posting::plants(Account::Destroyed, -(plants.len() as i64));
        Ok(Outcome::of(changes).posting(gone))
    }
}
