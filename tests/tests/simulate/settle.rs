//! What a row shows of other rows: an item of its room, a batch of its plants, cuts and cures, a cut or
//! cure of its yields.

use serde_json::{Value, json};
use tagtrail_tests::amount::{micros, number};

use crate::{
    kind::{Key, Kind},
    model::{Model, Row},
};

impl Model {
    /// Brings a row that a write touched up to date.
    pub(crate) fn settle(&mut self, key: &Key) {
        let Some(row) = self.rows.get(key) else { return };
        let mut wire = row.wire.clone();
        match key.kind {
            Kind::Inventory => {
                wire["Status"] = json!(self.status(row));
                self.test(row, &mut wire);
            }
            Kind::Batch => {
                wire["PlantCount"] = json!(self.in_batch(&key.id).count());
                wire["CurrentState"] = json!(self.batch_state(&key.id, row));
            }
            Kind::Cut | Kind::Cure => self.add_up(key, &mut wire),
            Kind::GrowRoom
            | Kind::InventoryRoom
            | Kind::Adjustment
            | Kind::Employee
            | Kind::Vehicle
            | Kind::User
            | Kind::Plant
            | Kind::Additive
            | Kind::CutYield
            | Kind::CureYield
            | Kind::Sample
            | Kind::Conversion => return,
        }
        if let Some(row) = self.rows.get_mut(key) {
            row.wire = wire;
        }
    }

    /// What the status of an item is called (rulebook 9.7).
    fn status(&self, row: &Row) -> &'static str {
        let wire = &row.wire;
        if row.is("Destroyed") {
            "Destroyed"
        } else if row.transferred {
            "Transferred"
        } else if row.is("Seized") {
            "Seized"
        } else if row.scheduled {
            "Scheduled for Destruction"
        } else if row.is("Restocked") {
            "Restocked"
        } else if self.quarantines(&wire["RoomID"]) {
            "Quarantined"
        } else if micros(&wire["RemainingAmount"]) <= 0 {
            "Depleted"
        } else {
            "Available"
        }
    }

    /// The samples that an item waits for (LAB-54 to LAB-56).
    fn test(&self, row: &Row, wire: &mut Value) {
        if row.untouchable || ["Passed", "Failed"].iter().any(|it| wire["QAStatus"] == *it) {
            return;
        }
        let counts =
            |row: &Row| row.wire["ParentID"] == wire["ID"] && !row.is("RnD") && !row.is("Deleted");
        let mut samples: Vec<&Row> =
            self.all(Kind::Sample).map(|it| it.1).filter(|it| counts(it)).collect();
        samples.sort_by_key(|it| it.born);
        let newest = samples.last().map_or(json!(""), |it| it.wire["InventoryID"].clone());
        wire["QAStatus"] = json!(if samples.is_empty() { "Untested" } else { "Pending" });
        wire["ActiveSampleInventoryID"] = newest;
        wire["LabSample"] = samples.iter().map(|it| it.wire.clone()).collect();
    }

    fn quarantines(&self, room: &Value) -> bool {
        let id = room.to_string();
        self.all(Kind::InventoryRoom).any(|(key, row)| key.id == id && row.is("Quarantine"))
    }

    /// The plants of a batch that are not removed (HARV-01).
    pub(crate) fn in_batch<'a>(
        &'a self,
        batch: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Row)> {
        let within = move |row: &Row| row.wire["HarvestBatchID"] == batch && !row.is("Deleted");
        self.all(Kind::Plant).filter(move |(_, row)| within(row))
    }

    /// The cuts or cures of a batch that are not removed.
    pub(crate) fn live_in<'a>(
        &'a self,
        batch: &'a str,
        kind: Kind,
    ) -> impl Iterator<Item = (&'a Key, &'a Row)> {
        let within = move |row: &Row| row.wire["HarvestBatchID"] == batch && !row.is("Deleted");
        self.all(kind).filter(move |(_, row)| within(row))
    }

    /// The first state that fits (HARV-02).
    fn batch_state(&self, batch: &str, row: &Row) -> &'static str {
        let last = |row: &Row| !row.is("AdditionalCollections");
        let final_cut = |row: &Row| row.is("FinalizeHarvestCure");
        if self.live_in(batch, Kind::Cure).any(|(_, row)| last(row))
            || self.live_in(batch, Kind::Cut).any(|(_, row)| final_cut(row))
        {
            "Cured"
        } else if self.live_in(batch, Kind::Cut).any(|(_, row)| last(row)) {
            "Harvested"
        } else if row.is("HarvestScheduled") {
            "Scheduled"
        } else {
            "Open"
        }
    }

    /// The yields of a cut or cure, oldest first.
    pub(crate) fn yields(&self, of: &Key) -> Vec<(&Key, &Row)> {
        let (kind, parent) = if of.kind == Kind::Cut {
            (Kind::CutYield, "HarvestID")
        } else {
            (Kind::CureYield, "PlantCureID")
        };
        let mut yields: Vec<(&Key, &Row)> =
            self.all(kind).filter(|(_, row)| row.wire[parent] == of.id.as_str()).collect();
        yields.sort_by_key(|(_, row)| row.born);
        yields
    }

    /// The live yield of a type.
    pub(crate) fn yielded(&self, of: &Key, kind: u32) -> Option<(&Key, &Row)> {
        let fits = |row: &Row| row.wire["InventoryType"] == kind && !row.is("Deleted");
        self.yields(of).into_iter().find(|(_, row)| fits(row))
    }

    /// The weights that follow from the yields (HARV-39, HARV-58); an undone cut or cure keeps its own.
    fn add_up(&self, key: &Key, wire: &mut Value) {
        let yields = self.yields(key);
        wire["Derivative"] = yields.iter().map(|(_, row)| row.wire.clone()).collect();
        if wire["Deleted"] == true {
            return;
        }
        let weight = |row: &Row| micros(&row.wire["Weight"]);
        let total: i64 =
            yields.iter().filter(|it| !it.1.is("Deleted")).map(|it| weight(it.1)).sum();
        if key.kind == Kind::Cut {
            let flower = self.yielded(key, 6).map(|(_, row)| weight(row)).unwrap_or_default();
            wire["TotalHarvestWeight"] = number(total);
            wire["DryWeightMax"] = number(flower);
        } else {
            wire["TotalWeight"] = number(total);
        }
    }
}
