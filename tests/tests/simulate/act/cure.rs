//! Cures of a batch, corrected and undone.

use serde_json::{Value, json};
use tagtrail_tests::amount::{exact, micros};

use super::{
    Cast, Change, Forecast, Outcome, Step,
    batch::state,
    cut::stood,
    weigh::{FLOWER, OTHER, WASTE, Weights, Yielding},
};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::Row,
};

const TYPES: [u32; 3] = [FLOWER, OTHER, WASTE];

impl Cast<'_> {
    /// About what is left to cure, in grams: now and then a little more than that.
    fn left_to_cure(&self, batch: &str) -> i64 {
        let (wet, dry) = self.wet_and_dry(batch);
        ((wet - dry) / 1_000_000_000).clamp(1_000_000, 9_000_000_000) as i64
    }

    pub(super) fn cure(&mut self) -> Step {
        let batch = self.some_batch(&["Harvested"]);
        let most = self.left_to_cure(&batch) * 2 / 3;
        let weights = self.some_weights(&[(OTHER, 3), (FLOWER, 9), (WASTE, 3)], most);
        let site = self.own_site();
        let site = self.batch(&batch).map_or(site, |(key, _)| self.model.site(&key.site));
        let mut body = weights.body();
        body["RoomID"] = self.shelf(site);
        body["AdditionalCollections"] = json!(self.dice.one_in(2));
        body["ExternalID"] = json!("cure");
        let forecast = self.cured(&batch, &weights, &body);
        self.step(format!("POST /v1/harvest-batch/{batch}/cure"), body, forecast)
    }

    fn cured(&self, batch: &str, weights: &Weights, body: &Value) -> Forecast {
        let (key, row) = self.batch(batch)?;
        if state(row) != "Harvested" {
            return Err("HARV-50");
        }
        let plants: Vec<(&Key, &Row)> = self.model.in_batch(batch).collect();
        if plants.is_empty() || plants.iter().any(|(_, row)| row.is("DestroyScheduled")) {
            return Err("HARV-51");
        }
        weights.check(&TYPES, "HARV-52")?;
        let unit = weights.unit.unwrap_or("g").to_lowercase();
        let mut rows = weights.rows_in(&unit)?;
        rows.retain(|(_, weight)| *weight > 0);
        if !rows.iter().any(|(kind, _)| *kind == FLOWER) {
            return Err("HARV-53");
        }
        let total = rows.iter().map(|it| it.1).sum();
        let (wet, dry) = self.wet_and_dry(batch);
        let dry = dry + exact(total, &json!(unit));
        if dry > wet {
            return Err("HARV-54");
        }
        let (site, room) = (self.model.site(&key.site), &body["RoomID"]);
        if !self.has_shelf(site, room) {
            return Err("HARV-55");
        }
        let more = body["AdditionalCollections"] == true;
        let state = if more { "Drying" } else { "Cured" };
        let mut changes = vec![Change::to(key, row.clone())];
        changes
            .extend(plants.iter().map(|(key, row)| stood(key, row, "CureCollections", 1, state)));
        let wire = json!({
            "AdditionalCollections": more, "CureID": "", "Deleted": false, "Derivative": [],
            "ExternalID": "cure", "HarvestBatchID": batch, "LocationLicense": key.site,
            "TotalWeight": 0, "TransactionID": 0, "UOM": unit,
        });
        let place = changes.len();
        changes.push(self.fresh(wire, Kind::Cure));
        let of =
            Yielding { parent: "PlantCureID", key: None, place, batch: key, unit: &unit, room };
        let items = self.collect(&of, &rows, &mut changes);
        let mut outcome = self.with_tags(site, changes, items)?;
        if !more {
            outcome.postings.push(Posting::exact(Account::Moisture, dry - wet));
            outcome.postings.push(Posting::plants(Account::Cured, -(plants.len() as i64)));
        }
        Ok(outcome)
    }

    pub(super) fn correct_cure(&mut self) -> Step {
        let (batch, id) = self.some_yielding(Kind::Cure);
        let most = self.left_to_cure(&batch);
        let odds = [(OTHER, 4), (FLOWER, 5), (WASTE, 4)];
        let weights = self.some_correction(Kind::Cure, &id, &odds, most);
        let site = self.own_site();
        let site = self.batch(&batch).map_or(site, |(key, _)| self.model.site(&key.site));
        let mut body = weights.body();
        if !self.dice.one_in(6) {
            body["RoomID"] = self.shelf(site);
        }
        let forecast = self.corrected_cure([&batch, &id], &weights, &body["RoomID"]);
        self.step(format!("PUT /v1/harvest-batch/{batch}/cure/{id}"), body, forecast)
    }

    fn corrected_cure(&self, [batch, id]: [&str; 2], weights: &Weights, room: &Value) -> Forecast {
        let [(batch_key, batch_row), (key, row)] = self.yielding(Kind::Cure, batch, id)?;
        if self.yield_used(key, Some(&weights.rows)) {
            return Err("HARV-44");
        }
        weights.check(&TYPES, "HARV-52")?;
        let unit = row.wire["UOM"].as_str().unwrap_or_default();
        let rows = weights.rows_in(unit)?;
        if rows.contains(&(FLOWER, 0)) {
            return Err("HARV-53");
        }
        let mut changes =
            vec![Change::to(batch_key, batch_row.clone()), Change::to(key, row.clone())];
        let of = Yielding {
            parent: "PlantCureID",
            key: Some(key),
            place: 0,
            batch: batch_key,
            unit,
            room,
        };
        let (items, gained) = self.corrected_yields(&of, key, &rows, &mut changes);
        let gained = exact(gained, &row.wire["UOM"]);
        let (wet, dry) = self.wet_and_dry(batch);
        if dry + gained > wet {
            return Err("HARV-54");
        }
        let site = self.model.site(&key.site);
        if items > 0 && !self.has_shelf(site, room) {
            return Err("HARV-55");
        }
        let mut outcome = self.with_tags(site, changes, items)?;
        if state(batch_row) == "Cured" {
            outcome.postings.push(Posting::exact(Account::Moisture, gained));
        }
        Ok(outcome)
    }

    pub(super) fn undo_cure(&mut self) -> Step {
        let (batch, id) = self.some_yielding(Kind::Cure);
        let forecast = self.undone_cure(&batch, &id);
        self.step(format!("DELETE /v1/harvest-batch/{batch}/cure/{id}"), Value::Null, forecast)
    }

    fn undone_cure(&self, batch: &str, id: &str) -> Forecast {
        let [(batch_key, batch_row), (key, row)] = self.yielding(Kind::Cure, batch, id)?;
        if self.yield_used(key, None) {
            return Err("HARV-61");
        }
        let mut others = self.model.live_in(batch, Kind::Cure).filter(|it| it.0 != key);
        let last = others.any(|(_, row)| !row.is("AdditionalCollections"));
        let state = if last { "Cured" } else { "Drying" };
        let plants: Vec<(&Key, &Row)> = self.model.in_batch(batch).collect();
        self.revives(&plants, state)?;
        let mut changes = vec![
            Change::to(batch_key, batch_row.clone()),
            Change::set(key, row, json!({"Deleted": true})),
        ];
        changes
            .extend(plants.iter().map(|(key, row)| stood(key, row, "CureCollections", -1, state)));
        self.removed_yields(key, &mut changes);
        let mut outcome = Outcome::of(changes);
        let (wet, dry) = self.wet_and_dry(batch);
        if last {
            let weight = exact(micros(&row.wire["TotalWeight"]), &row.wire["UOM"]);
            outcome.postings.push(Posting::exact(Account::Moisture, -weight));
        } else if !row.is("AdditionalCollections") {
            outcome.postings.push(Posting::exact(Account::Moisture, wet - dry));
            outcome.postings.push(Posting::plants(Account::Cured, plants.len() as i64));
        }
        Ok(outcome)
    }
}
