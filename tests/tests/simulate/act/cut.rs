//! Cuts of a batch, corrected and undone.

use serde_json::{Value, json};
use tagtrail_tests::amount::micros;

use super::{
    Cast, Change, Forecast, Outcome, Refused, Step,
    batch::state,
    weigh::{FLOWER, OTHER, WASTE, WET, Weights, Yielding},
};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::{Row, Site},
};

const TYPES: [u32; 4] = [FLOWER, OTHER, WASTE, WET];
const ODDS: [(u32, usize); 4] = [(WASTE, 4), (FLOWER, 7), (WET, 4), (OTHER, 4)];

/// The weight of a type, 0 if it has none.
fn weight(rows: &[(u32, i64)], kind: u32) -> i64 {
    rows.iter().find(|it| it.0 == kind).map(|it| it.1).unwrap_or_default()
}

impl<'a> Cast<'a> {
    pub(super) fn cut(&mut self) -> Step {
        let batch = self.some_batch(&["Scheduled"]);
        let weights = self.some_weights(&ODDS, 9_000_000_000);
        let site = self.own_site();
        let site = self.batch(&batch).map_or(site, |(key, _)| self.model.site(&key.site));
        let mut body = weights.body();
        if !self.dice.one_in(12) {
            body["RoomID"] = self.shelf(site);
        }
        body["AdditionalCollections"] = json!(self.dice.one_in(3));
        body["FinalizeHarvestCure"] = json!(self.dice.one_in(8));
        body["ExternalID"] = json!("cut");
        let forecast = self.was_cut(&batch, &weights, &body);
        self.step(format!("POST /v1/harvest-batch/{batch}/harvest"), body, forecast)
    }

    fn was_cut(&self, batch: &str, weights: &Weights, body: &Value) -> Forecast {
        let (key, row) = self.batch(batch)?;
        if state(row) != "Scheduled" {
            return Err("HARV-25");
        }
        let plants: Vec<(&Key, &Row)> = self.model.in_batch(batch).collect();
        if plants.is_empty() {
            return Err("HARV-26");
        }
        if plants.iter().any(|(_, row)| row.is("DestroyScheduled")) {
            return Err("HARV-27");
        }
        weights.check(&TYPES, "HARV-28")?;
        let unit = weights.unit.unwrap_or("g").to_lowercase();
        let mut rows = weights.rows_in(&unit)?;
        rows.retain(|(_, weight)| *weight > 0);
        let site = self.model.site(&key.site);
        self.check_cut(site, &rows, rows.iter().any(|it| it.0 != FLOWER), &body["RoomID"])?;
        let (more, last) =
            (body["AdditionalCollections"] == true, body["FinalizeHarvestCure"] == true);
        if last && more {
            return Err("HARV-32");
        }
        let mut earlier = self.model.live_in(batch, Kind::Cut);
        let flower = weight(&rows, FLOWER) > 0
            || earlier.any(|(cut, _)| self.model.yielded(cut, FLOWER).is_some());
        if last && flower {
            return Err("HARV-33");
        }
        // Nothing is left to cure (HARV-38).
        let ends = !more && !flower;
        let state = if ends {
            "Cured"
        } else if more {
            "Growing"
        } else {
            "Drying"
        };
        let mut changes = vec![Change::to(key, row.clone())];
        changes.extend(
            plants.iter().map(|(key, row)| stood(key, row, "HarvestCollections", 1, state)),
        );
        let wire = json!({
            "AdditionalCollections": more, "Deleted": false, "Derivative": [], "DryWeightMax": 0,
            "ExternalID": "cut", "FinalizeHarvestCure": ends, "HarvestBatchID": batch,
            "HarvestID": "", "LocationLicense": key.site, "TotalHarvestWeight": 0,
            "TransactionID": 0, "UOM": unit,
        });
        let place = changes.len();
        changes.push(self.fresh(wire, Kind::Cut));
        let room = &body["RoomID"];
        let of = Yielding { parent: "HarvestID", key: None, place, batch: key, unit: &unit, room };
        let items = self.collect(&of, &rows, &mut changes);
        let total = rows.iter().map(|it| it.1).sum();
        let mut outcome = self.with_tags(site, changes, items)?;
        outcome.postings.push(Posting::grams(Account::Grown, total, &json!(unit)));
        if ends {
            outcome.postings.push(Posting::plants(Account::Cured, -(plants.len() as i64)));
        }
        Ok(outcome)
    }

    /// Flower of one kind or the other, and a room for what becomes an item (HARV-30, HARV-31).
    fn check_cut(
        &self,
        site: &Site,
        rows: &[(u32, i64)],
        needs_room: bool,
        room: &Value,
    ) -> Result<(), Refused> {
        if weight(rows, FLOWER) == 0 && weight(rows, WET) == 0 {
            return Err("HARV-30");
        }
        if needs_room && !self.has_shelf(site, room) { Err("HARV-31") } else { Ok(()) }
    }

    /// The path of a cut or cure; now and then below a batch that is not its own.
    pub(super) fn some_yielding(&mut self, kind: Kind) -> (String, String) {
        let id = self.fitting_id(kind, |_, row| !row.is("Deleted"));
        let found = self.model.own(self.ubi, kind, &id);
        let batch = found.and_then(|(_, row)| row.wire["HarvestBatchID"].as_str());
        let batch = batch.filter(|_| !self.dice.one_in(25)).map(str::to_owned);
        (batch.unwrap_or_else(|| self.some_batch(&["Scheduled", "Harvested"])), id)
    }

    /// Both ids of a path, in their order: the batch, the cut or cure, whether they belong together.
    pub(super) fn yielding(
        &self,
        kind: Kind,
        batch: &str,
        id: &str,
    ) -> Result<[(&'a Key, &'a Row); 2], Refused> {
        let model = self.model;
        let within = model.own(self.ubi, Kind::Batch, batch).ok_or("HARV-64")?;
        let found = model.own(self.ubi, kind, id).ok_or("HARV-64")?;
        if found.1.wire["HarvestBatchID"] != batch {
            return Err("HARV-47");
        }
        let removed = within.1.is("Deleted") || found.1.is("Deleted");
        if removed { Err("WIRE-53") } else { Ok([within, found]) }
    }

    /// Weights for a correction: in another unit only where no type is new.
    pub(super) fn some_correction(
        &mut self,
        kind: Kind,
        id: &str,
        odds: &[(u32, usize)],
        most: i64,
    ) -> Weights {
        let mut weights = self.some_weights(odds, most);
        let key = self.model.own(self.ubi, kind, id).map(|it| it.0);
        let old = |kind| key.is_some_and(|key| self.model.yielded(key, kind).is_some());
        if weights.rows.iter().any(|(kind, _)| !old(*kind)) {
            weights.unit = None;
        }
        weights
    }

    pub(super) fn correct_cut(&mut self) -> Step {
        let (batch, id) = self.some_yielding(Kind::Cut);
        let odds = [(WASTE, 3), (FLOWER, 4), (WET, 3), (OTHER, 3)];
        let weights = self.some_correction(Kind::Cut, &id, &odds, 9_000_000_000);
        let site = self.own_site();
        let site = self.batch(&batch).map_or(site, |(key, _)| self.model.site(&key.site));
        let mut body = weights.body();
        if !self.dice.one_in(6) {
            body["RoomID"] = self.shelf(site);
        }
        let forecast = self.corrected_cut([&batch, &id], &weights, &body["RoomID"]);
        self.step(format!("PUT /v1/harvest-batch/{batch}/harvest/{id}"), body, forecast)
    }

    fn corrected_cut(&self, [batch, id]: [&str; 2], weights: &Weights, room: &Value) -> Forecast {
        let [(batch_key, batch_row), (key, row)] = self.yielding(Kind::Cut, batch, id)?;
        if self.model.live_in(batch, Kind::Cure).next().is_some() {
            return Err("HARV-43");
        }
        if self.yield_used(key, Some(&weights.rows)) {
            return Err("HARV-44");
        }
        weights.check(&TYPES, "HARV-28")?;
        let unit = row.wire["UOM"].as_str().unwrap_or_default();
        let rows = weights.rows_in(unit)?;
        let named = |kind| rows.iter().any(|it| it.0 == kind);
        let mut result = rows.clone();
        for kind in TYPES.iter().copied().filter(|kind| !named(*kind)) {
            let kept = self.model.yielded(key, kind);
            result.extend(kept.map(|(_, row)| (kind, micros(&row.wire["Weight"]))));
        }
        let new = |(kind, weight): &(u32, i64)| {
            *weight > 0 && *kind != FLOWER && self.model.yielded(key, *kind).is_none()
        };
        let site = self.model.site(&key.site);
        self.check_cut(site, &result, rows.iter().any(new), room)?;
        let ended = self.model.live_in(batch, Kind::Cut).any(|it| it.1.is("FinalizeHarvestCure"));
        if ended && weight(&result, FLOWER) > 0 {
            return Err("HARV-33");
        }
        let mut changes =
            vec![Change::to(batch_key, batch_row.clone()), Change::to(key, row.clone())];
        let of = Yielding {
            parent: "HarvestID",
            key: Some(key),
            place: 0,
            batch: batch_key,
            unit,
            room,
        };
        let (items, gained) = self.corrected_yields(&of, key, &rows, &mut changes);
        let outcome = self.with_tags(site, changes, items)?;
        Ok(outcome.posting(Posting::grams(Account::Grown, gained, &row.wire["UOM"])))
    }

    pub(super) fn undo_cut(&mut self) -> Step {
        let (batch, id) = self.some_yielding(Kind::Cut);
        let forecast = self.undone_cut(&batch, &id);
        self.step(format!("DELETE /v1/harvest-batch/{batch}/harvest/{id}"), Value::Null, forecast)
    }

    fn undone_cut(&self, batch: &str, id: &str) -> Forecast {
        let [(batch_key, batch_row), (key, row)] = self.yielding(Kind::Cut, batch, id)?;
        if self.model.live_in(batch, Kind::Cure).next().is_some() {
            return Err("HARV-43");
        }
        if self.yield_used(key, None) {
            return Err("HARV-48");
        }
        let left = self.model.live_in(batch, Kind::Cut).filter(|it| it.0 != key);
        let left: Vec<&Row> = left.map(|it| it.1).collect();
        let state = if left.iter().any(|it| it.is("FinalizeHarvestCure")) {
            "Cured"
        } else if left.iter().any(|it| !it.is("AdditionalCollections")) {
            "Drying"
        } else {
            "Growing"
        };
        let plants: Vec<(&Key, &Row)> = self.model.in_batch(batch).collect();
        self.revives(&plants, state)?;
        let mut changes = vec![
            Change::to(batch_key, batch_row.clone()),
            Change::set(key, row, json!({"Deleted": true})),
        ];
        changes.extend(
            plants.iter().map(|(key, row)| stood(key, row, "HarvestCollections", -1, state)),
        );
        self.removed_yields(key, &mut changes);
        let weight = micros(&row.wire["TotalHarvestWeight"]);
        let mut outcome =
            Outcome::of(changes).posting(Posting::grams(Account::Grown, -weight, &row.wire["UOM"]));
        if row.is("FinalizeHarvestCure") {
            outcome.postings.push(Posting::plants(Account::Cured, plants.len() as i64));
        }
        Ok(outcome)
    }
}

/// A plant after one more cut or cure, or one less.
pub(super) fn stood(key: &Key, row: &Row, field: &str, more: i64, state: &str) -> Change {
    let count = row.wire[field].as_i64().unwrap_or_default() + more;
    let id = ["Growing", "Drying", "Cured"].iter().position(|it| *it == state);
    Change::set(key, row, json!({field: count, "State": state, "StateID": id}))
}
