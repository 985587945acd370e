//! Samples that are taken for a laboratory, and taken back.

use serde_json::{Value, json};
use tagtrail_tests::amount::{micros, number};

use super::{
    Cast, Change, Forecast, Outcome, Step,
    item::{Verb, permit},
};
use crate::{
    books::{Account, Posting},
    kind::Kind,
};

/// What cannot be sampled (LAB-02).
const NEVER: &[u64] = &[7, 10, 11, 12, 26, 27, 33];
const LAB: &str = "OCM-CPL-90011";

impl Cast<'_> {
    pub(super) fn sample(&mut self) -> Step {
        let never = self.dice.one_in(12);
        let id = self.some_item(|row| {
            let kind = row.wire["InventoryType"].as_u64().unwrap_or_default();
            // What is wet may be dried meanwhile, which no rule foresees.
            kind != 29 && never == NEVER.contains(&kind) && micros(&row.wire["RemainingAmount"]) > 0
        });
        let found = self.model.own(self.ubi, Kind::Inventory, &id).map(|(_, row)| row);
        let share = self.share(found);
        let (amount, unit) = self.reunited(found, share);
        let lab = if self.dice.one_in(20) { "OCM-CPL-00000" } else { LAB };
        let mut body = json!({
            "InventoryID": id, "Amount": number(amount), "LabLicense": lab,
            "SamplingFirmLicense": "OCM-LSF-25-900191",
        });
        if let Some(unit) = unit {
            body["UOM"] = json!(unit);
        }
        // Whether a pass may be tested again is a matter of its age (LAB-07).
        let tested = found
            .is_some_and(|row| ["Passed", "Failed"].iter().any(|it| row.wire["QAStatus"] == *it));
        if tested || self.dice.one_in(3) {
            body["RnD"] = json!(true);
        }
        if self.dice.one_in(4) {
            let site = self.own_site();
            body["RoomID"] = self.some_room(Kind::InventoryRoom, site);
        }
        let forecast = self.sampled(&id, &body);
        self.step("POST /v1/inventory/lab/lab/sample", body, forecast)
    }

    fn sampled(&self, id: &str, body: &Value) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-10")?;
        permit(row, Verb::Use)?;
        if row.wire["InventoryType"].as_u64().is_some_and(|it| NEVER.contains(&it)) {
            return Err("LAB-02");
        }
        if body["LabLicense"] != LAB {
            return Err("LAB-04");
        }
        let amount = self.taken(row, &body["Amount"], &body["UOM"])?;
        let left = micros(&row.wire["RemainingAmount"]);
        if amount > left {
            return Err("INV-20");
        }
        let site = self.model.site(&key.site);
        let room = if body["RoomID"].is_null() { &row.wire["RoomID"] } else { &body["RoomID"] };
        self.check_room(site, room).map_err(|_| "ROOM-10")?;
        let research = body["RnD"] == true;
        let mut whole = Change::set(key, row, json!({"RemainingAmount": number(left - amount)}));
        whole.row.holders.insert(self.model.transaction + 1);
        let mut part = self.part_of(row, amount, room);
        part.untouchable = true;
        part.wire["IsSample"] = json!(true);
        part.wire["LabSample"] = json!([]);
        part.wire["ActiveSampleInventoryID"] = json!("");
        part.wire["QAStatus"] = json!(if research { "Untested" } else { "Pending" });
        let sample = json!({
            "Amount": number(amount), "AmountUsed": 0, "CertOfAnalysisHyperlink": "",
            "Deleted": false, "ID": 0, "InventoryID": "",
            "InventoryType": row.wire["InventoryType"], "LabLicense": LAB,
            "LocationLicense": key.site, "Medical": row.wire["Medicated"], "MedicalGrade": false,
            "ParentID": id, "QualityControlDataHyperlink": "", "Result": "Pending",
            "RnD": research, "SampleUse": "Usable", "SessionTime": 0, "TestingData": [],
            "TransactionID": 0,
        });
        let changes = vec![
            whole.corrected(),
            Change::new(Kind::Inventory, part),
            self.fresh(sample, Kind::Sample).linked("InventoryID", 1),
        ];
        let mut outcome = self.with_tags(site, changes, 1)?;
        outcome.postings.push(Posting::item(Account::Split, -amount, &row.wire));
        outcome.postings.push(Posting::item(Account::Split, amount, &row.wire));
        Ok(outcome)
    }

    pub(super) fn void_sample(&mut self) -> Step {
        let own = self.model.of(self.ubi, Kind::Sample).filter(|(_, row)| !row.untouchable);
        let own: Vec<_> = own.collect();
        let live: Vec<_> = own.iter().copied().filter(|(_, row)| !row.is("Deleted")).collect();
        let some = if live.is_empty() || self.dice.one_in(6) { own } else { live };
        let found = self.one_of(&some).filter(|_| !self.dice.one_in(20));
        let id =
            found.map_or(json!("1000000000000000"), |(_, row)| row.wire["InventoryID"].clone());
        let forecast = self.voided(&id);
        self.step(
            "PUT /v1/inventory/lab/sample/void",
            json!({"Sample": [{"InventoryID": id}]}),
            forecast,
        )
    }

    fn voided(&self, id: &Value) -> Forecast {
        let own = self.model.of(self.ubi, Kind::Sample);
        let found = own.into_iter().find(|(_, row)| row.wire["InventoryID"] == *id);
        let (number_of, sample) = found.filter(|(_, row)| !row.is("Deleted")).ok_or("LAB-21")?;
        let item =
            |id: &Value| self.model.own(self.ubi, Kind::Inventory, id.as_str().unwrap_or_default());
        let (key, part) = item(id).ok_or("LAB-21")?;
        let (whole, row) = item(&sample.wire["ParentID"]).ok_or("LAB-25")?;
        permit(row, Verb::Change).map_err(|_| "LAB-25")?;
        let (left, amount) =
            (micros(&row.wire["RemainingAmount"]), micros(&part.wire["RemainingAmount"]));
        // Nothing comes back into a room that was removed meanwhile.
        if left == 0 && !self.has_shelf(self.model.site(&whole.site), &row.wire["RoomID"]) {
            return Err("ROOM-10");
        }
        let back = json!({"RemainingAmount": number(left + amount)});
        let mut raised = Change::set(whole, row, back).corrected();
        raised.row.holders.remove(&sample.wire["TransactionID"].as_u64().unwrap_or_default());
        let gone = json!({"Deleted": true, "RemainingAmount": 0});
        let void = json!({"Deleted": true, "Result": "Voided"});
        let mut outcome = Outcome::of(vec![
            raised,
            Change::set(key, part, gone).corrected(),
            Change::set(number_of, sample, void),
        ]);
        outcome.postings.push(Posting::item(Account::Split, amount, &row.wire));
        outcome.postings.push(Posting::item(Account::Split, -amount, &row.wire));
        Ok(outcome)
    }
}
