//! Harvest batches: gathered, changed, scheduled, deleted.

use serde_json::{Value, json};

use super::{
    Cast, Change, Forecast, Outcome, Refused, Step,
    plant::{batched, grows},
};
use crate::{
    kind::{Key, Kind},
    model::{Row, Site},
};

const DATE: &str = "2025-07-29T08:00:00-04:00";
const DATE_SHOWN: &str = "2025-07-29T12:00:00Z";

pub(super) fn state(row: &Row) -> &str {
    row.wire["CurrentState"].as_str().unwrap_or_default()
}

fn free(row: &Row) -> bool {
    grows(row) && !row.is("Deleted") && !row.is("DestroyScheduled") && !batched(row)
}

fn named(ids: &[String]) -> Value {
    let rows: Vec<Value> = ids.iter().map(|id| json!({"PlantID": id})).collect();
    json!({"Plant": rows})
}

/// Strains are compared without case and outer blanks (HARV-07).
fn strain(row: &Row) -> String {
    row.wire["Strain"].as_str().unwrap_or_default().trim().to_lowercase()
}

impl<'a> Cast<'a> {
    /// The id of a batch in one of some states.
    pub(super) fn some_batch(&mut self, states: &[&str]) -> String {
        self.fitting_id(Kind::Batch, |_, row| !row.is("Deleted") && states.contains(&state(row)))
    }

    /// A batch from the path that is not removed.
    pub(super) fn batch(&self, id: &str) -> Result<(&'a Key, &'a Row), Refused> {
        let model = self.model;
        let (key, row) = model.own(self.ubi, Kind::Batch, id).ok_or("HARV-64")?;
        if row.is("Deleted") { Err("WIRE-53") } else { Ok((key, row)) }
    }

    /// Plants that can be gathered, mostly of one strain.
    fn some_free_plants(&mut self) -> Vec<String> {
        let kush = self.dice.one_in(2);
        let wanted = if kush { "Catskill Kush" } else { "Hudson Haze" };
        let mixed = self.dice.one_in(8);
        self.some_plants(|row| free(row) && (mixed || row.wire["Strain"] == wanted))
    }

    /// Plants that may join, with those that are in already (HARV-03 to HARV-07).
    fn joining(
        &self,
        site: &str,
        ids: &[String],
        inside: &[&Row],
    ) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
        let plants = self.plants(ids, "HARV-03")?;
        if plants.iter().any(|(key, _)| key.site != site) {
            return Err("HARV-03");
        }
        for (_, row) in &plants {
            if row.is("Deleted") {
                return Err("WIRE-53");
            }
            if !grows(row) {
                return Err("HARV-04");
            }
            if row.is("DestroyScheduled") {
                return Err("HARV-05");
            }
            if batched(row) {
                return Err("HARV-06");
            }
        }
        let rows = inside.iter().copied().chain(plants.iter().map(|it| it.1));
        let strains: Vec<String> = rows.map(strain).collect();
        if strains.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err("HARV-07");
        }
        Ok(plants)
    }

    pub(super) fn gather(&mut self) -> Step {
        let site = self.grower();
        let ids = if self.dice.one_in(40) { Vec::new() } else { self.some_free_plants() };
        let mut body = named(&ids);
        body["LocationLicense"] = json!(site.license);
        body["ExternalID"] = json!("batch");
        let forecast = self.gathered(site, &ids);
        self.step("POST /v1/harvest-batch", body, forecast)
    }

    fn gathered(&self, site: &Site, ids: &[String]) -> Forecast {
        // An empty list is refused when the body is read.
        if ids.is_empty() {
            return Err("HARV-10");
        }
        self.acting(site)?;
        if !site.harvests {
            return Err("LIC-15");
        }
        let plants = self.joining(&site.license, ids, &[])?;
        let wire = json!({
            "CreatedOn": self.model.moment(), "CurrentState": "", "Deleted": false,
            "ExternalID": "batch", "HarvestBatchID": "", "HarvestScheduleDate": "",
            "HarvestScheduled": false, "LocationLicense": site.license, "PlantCount": 0,
            "TransactionID": 0, "UpdatedOn": "",
        });
        let mut changes = vec![self.fresh(wire, Kind::Batch)];
        let joined =
            |(key, row): &(&Key, &Row)| Change::to(key, (*row).clone()).linked("HarvestBatchID", 0);
        changes.extend(plants.iter().map(joined));
        Ok(Outcome::of(changes))
    }

    pub(super) fn add_plants(&mut self) -> Step {
        let (batch, ids) = (self.some_batch(&["Open"]), self.some_free_plants());
        let check = || {
            let (key, row) = self.batch(&batch)?;
            if state(row) != "Open" {
                return Err("HARV-12");
            }
            let inside: Vec<&Row> = self.model.in_batch(&batch).map(|it| it.1).collect();
            let plants = self.joining(&key.site, &ids, &inside)?;
            let mut changes = vec![Change::to(key, row.clone())];
            let joined =
                |(key, row): &(&Key, &Row)| Change::set(key, row, json!({"HarvestBatchID": batch}));
            changes.extend(plants.iter().map(joined));
            Ok(Outcome::of(changes))
        };
        let forecast = check();
        self.step(format!("PUT /v1/harvest-batch/{batch}/plant"), named(&ids), forecast)
    }

    pub(super) fn take_plants_out(&mut self) -> Step {
        let batch = self.some_batch(&["Open"]);
        let ids = self.some_plants(|row| row.wire["HarvestBatchID"] == batch.as_str());
        let check = || {
            let (key, row) = self.batch(&batch)?;
            if state(row) != "Open" {
                return Err("HARV-14");
            }
            let plants = self.plants(&ids, "HARV-03")?;
            if plants.iter().any(|(plant, _)| plant.site != key.site) {
                return Err("HARV-03");
            }
            let inside = |row: &Row| row.wire["HarvestBatchID"] == batch && !row.is("Deleted");
            if plants.iter().any(|(_, row)| !inside(row)) {
                return Err("HARV-15");
            }
            let mut changes = vec![Change::to(key, row.clone())];
            changes.extend(plants.iter().map(|(key, row)| freed(key, row)));
            Ok(Outcome::of(changes))
        };
        let forecast = check();
        let path = format!("DELETE /v1/harvest-batch/{batch}/plant");
        if self.dice.one_in(3) {
            let query: Vec<String> = ids.iter().map(|id| format!("PlantID={id}")).collect();
            return self.step(format!("{path}?{}", query.join("&")), Value::Null, forecast);
        }
        self.step(path, named(&ids), forecast)
    }

    pub(super) fn delete_batch(&mut self) -> Step {
        let batch = self.some_batch(&["Open"]);
        let check = || {
            let (key, row) = self.batch(&batch)?;
            if state(row) != "Open" {
                return Err("HARV-17");
            }
            let mut changes = vec![Change::set(key, row, json!({"Deleted": true}))];
            changes.extend(self.model.in_batch(&batch).map(|(key, row)| freed(key, row)));
            Ok(Outcome::of(changes))
        };
        let forecast = check();
        self.step(format!("DELETE /v1/harvest-batch/{batch}"), Value::Null, forecast)
    }

    pub(super) fn schedule_batch(&mut self) -> Step {
        let batch = self.some_batch(&["Open"]);
        let check = || {
            let (key, row) = self.batch(&batch)?;
            if state(row) != "Open" {
                return Err("HARV-20");
            }
            if self.model.in_batch(&batch).next().is_none() {
                return Err("HARV-18");
            }
            if self.model.in_batch(&batch).any(|(_, row)| row.is("DestroyScheduled")) {
                return Err("HARV-19");
            }
            Ok(self.switched(key, row, true))
        };
        let forecast = check();
        let body = json!({"HarvestScheduleDate": DATE});
        self.step(format!("PUT /v1/harvest-batch/{batch}/harvest/schedule"), body, forecast)
    }

    pub(super) fn unschedule_batch(&mut self) -> Step {
        let batch = self.some_batch(&["Scheduled"]);
        let check = || {
            let (key, row) = self.batch(&batch)?;
            let cut = self.model.live_in(&batch, Kind::Cut).next().is_some();
            if state(row) != "Scheduled" || cut {
                return Err("HARV-23");
            }
            Ok(self.switched(key, row, false))
        };
        let forecast = check();
        let path = format!("PUT /v1/harvest-batch/{batch}/harvest/schedule/undo");
        self.step(path, Value::Null, forecast)
    }

    /// The batch and its plants, scheduled or not.
    fn switched(&self, key: &Key, row: &Row, on: bool) -> Outcome {
        let date = if on { DATE_SHOWN } else { "" };
        let fields = json!({"HarvestScheduled": on, "HarvestScheduleDate": date});
        let mut changes = vec![Change::set(key, row, fields)];
        let set = |(key, row)| Change::set(key, row, json!({"HarvestScheduled": on}));
        changes.extend(self.model.in_batch(&key.id).map(set));
        Outcome::of(changes)
    }
}

fn freed(key: &Key, row: &Row) -> Change {
    Change::set(key, row, json!({"HarvestBatchID": ""}))
}
