//! Items that are split.

use serde_json::{Value, json};
use tagtrail_tests::amount::{converted, micros, number};

use super::{
    Cast, Change, Forecast, Step,
    item::{Verb, permit},
};
use crate::{
    books::{Account, Posting},
    kind::Kind,
    model::{Row, item},
};

/// What a part shows of the whole (LOT-16).
const COPIED: &[&str] = &[
    "InventoryType",
    "UOM",
    "UnitBased",
    "Strain",
    "ProductName",
    "NetPackageWeight",
    "UsableWeight",
    "RecUsableWeight",
    "MedUsableWeight",
    "PackageDate",
    "ExpirationDate",
    "StateProductIdentifier",
    "ProductionBatchID",
    "SourcePlantID",
    "Medicated",
    "Dried",
    "Rework",
    "Remediated",
    "RemediationCount",
    "RemediationEligible",
];

impl Cast<'_> {
    /// An amount of what is left, now and then more than that or nothing.
    pub(super) fn share(&mut self, row: Option<&Row>) -> i64 {
        let left = row.map_or(9_000_000, |row| micros(&row.wire["RemainingAmount"]));
        let counted = row.is_some_and(|row| row.is("UnitBased"));
        let share = match self.dice.below(30) {
            0 => return 0,
            1 => left + 1_000_000,
            2 | 3 => left,
            4 => return left / 2 + 250_000,
            _ => left / 1_000 * (1 + self.dice.below(900)) as i64,
        };
        if counted { (share / 1_000_000).max(1) * 1_000_000 } else { share }
    }

    /// Another unit for an amount of an item, which mostly stays as it is.
    pub(super) fn reunited(
        &mut self,
        row: Option<&Row>,
        amount: i64,
    ) -> (i64, Option<&'static str>) {
        if !self.dice.one_in(5) {
            return (amount, None);
        }
        let own = row.and_then(|row| row.wire["UOM"].as_str()).unwrap_or("g");
        if own == "each" {
            return (amount, Some(*self.dice.pick(&["each", "each", "g"])));
        }
        let unit = *self.dice.pick(&["g", "mg", "kg", "oz", "lb", "OZ", "each"]);
        (converted(amount, own, unit), Some(unit))
    }

    pub(super) fn split(&mut self) -> Step {
        let id = self.some_item(|row| micros(&row.wire["RemainingAmount"]) > 0);
        let found = self.model.own(self.ubi, Kind::Inventory, &id).map(|(_, row)| row);
        let share = self.share(found);
        let (amount, unit) = self.reunited(found, share);
        let mut body = json!({"Amount": number(amount)});
        if let Some(unit) = unit {
            body["UOM"] = json!(unit);
        }
        if self.dice.one_in(3) {
            let site = self.own_site();
            body["RoomID"] = self.some_room(Kind::InventoryRoom, site);
        }
        if self.dice.one_in(4) {
            body["ExternalID"] = json!(self.word(4));
        }
        let forecast = self.split_off(&id, &body);
        self.step(format!("POST /v1/inventory/{id}/sublot"), body, forecast)
    }

    fn split_off(&self, id: &str, body: &Value) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-11")?;
        permit(row, Verb::Use)?;
        let site = self.model.site(&key.site);
        let amount = self.taken(row, &body["Amount"], &body["UOM"])?;
        let left = micros(&row.wire["RemainingAmount"]);
        if amount > left {
            return Err("INV-20");
        }
        let room = if body["RoomID"].is_null() { &row.wire["RoomID"] } else { &body["RoomID"] };
        self.check_room(site, room).map_err(|_| "ROOM-10")?;
        let whole = Change::set(key, row, json!({"RemainingAmount": number(left - amount)}));
        let part = self.part_of(row, amount, room);
        let mut outcome = self.with_tags(site, vec![whole], 1)?;
        outcome.postings.push(Posting::item(Account::Split, -amount, &row.wire));
        outcome.postings.push(Posting::item(Account::Split, amount, &row.wire));
        let mut part = Change::new(Kind::Inventory, part);
        if let Some(external) = body["ExternalID"].as_str() {
            part.row.wire["ExternalID"] = json!(external);
        }
        outcome.changes.push(part);
        Ok(outcome)
    }

    /// What an amount is in the unit of the item that it is taken from (INV-04 to INV-07).
    pub(super) fn taken(
        &self,
        row: &Row,
        amount: &Value,
        unit: &Value,
    ) -> Result<i64, &'static str> {
        let own = row.wire["UOM"].as_str().unwrap_or_default();
        let given = unit.as_str().unwrap_or(own);
        let counted = row.is("UnitBased");
        if given.eq_ignore_ascii_case("each") != counted {
            return Err("INV-05");
        }
        let amount = micros(amount);
        if counted && amount % 1_000_000 != 0 {
            return Err("INV-04");
        }
        let amount = converted(amount, given, own);
        if amount == 0 { Err("INV-06") } else { Ok(amount) }
    }

    /// A new item that is part of another.
    pub(super) fn part_of(&self, whole: &Row, amount: i64, room: &Value) -> Row {
        let site = whole.wire["LocationLicense"].as_str().unwrap_or_default();
        let mut wire = item(site, 0, false, amount, room);
        for field in COPIED {
            wire[*field] = whole.wire[*field].clone();
        }
        // A verdict goes along, a test does not (LOT-17).
        if ["Passed", "Failed"].iter().any(|it| whole.wire["QAStatus"] == *it) {
            for field in ["QAStatus", "LabSample", "ActiveSampleInventoryID"] {
                wire[field] = whole.wire[field].clone();
            }
        }
        wire["InventoryParentID"] = json!([whole.wire["ID"]]);
        Row::new(wire, self.ubi)
    }
}
