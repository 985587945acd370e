//! Wet flower dried as an item, and made wet again.

use serde_json::{Value, json};
use tagtrail_tests::amount::{converted, micros, number};

use super::{
    Cast, Change, Forecast, Outcome, Step,
    item::{Verb, permit},
    weigh::{FLOWER, WET, unit},
};
use crate::{
    books::{Account, Posting},
    kind::Kind,
    model::{Drying, Row},
};

fn wet(row: &Row) -> bool {
    row.wire["InventoryType"] == WET && micros(&row.wire["RemainingAmount"]) > 0
}

impl Cast<'_> {
    /// An item that hangs on no document, and that a company which dries has.
    pub(super) fn some_item(&mut self, fits: impl Fn(&Row) -> bool) -> String {
        let id = self.fitting_id(Kind::Inventory, |_, row| !row.untouchable && fits(row));
        match self.model.own(self.ubi, Kind::Inventory, &id) {
            Some((_, row)) if row.untouchable => "zero".to_owned(),
            _ => id,
        }
    }

    pub(super) fn dry(&mut self) -> Step {
        let id = self.some_item(wet);
        let found = self.model.own(self.ubi, Kind::Inventory, &id);
        let most = found.map_or(9_000_000, |(_, row)| micros(&row.wire["RemainingAmount"]));
        let mut amount = most / 1_000 * self.dice.below(1_050) as i64;
        let mut body = json!({});
        if self.dice.one_in(4) {
            let given = *self.dice.pick(&["g", "kg", "oz", "each", "stone"]);
            let known = found.and_then(|(_, row)| row.wire["UOM"].as_str());
            amount = converted(amount, known.unwrap_or("g"), given);
            body["UOM"] = json!(given);
        }
        body["Amount"] = number(amount);
        if let Some((key, _)) = found.filter(|_| self.dice.one_in(3)) {
            body["RoomID"] = self.shelf(self.model.site(&key.site));
        }
        let forecast = self.dried(&id, amount, &body);
        self.step(format!("POST /v1/inventory/{id}/dry"), body, forecast)
    }

    fn dried(&self, id: &str, amount: i64, body: &Value) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-11")?;
        let site = self.model.site(&key.site);
        if !site.dries {
            return Err("INV-74");
        }
        permit(row, Verb::Dry)?;
        if row.wire["InventoryType"] != WET {
            return Err("INV-71");
        }
        let own = row.wire["UOM"].as_str().unwrap_or_default();
        let given = body["UOM"].as_str().unwrap_or(own);
        unit(given).map_err(|it| if it == "WIRE-38" { "INV-05" } else { it })?;
        if amount == 0 {
            return Err("INV-06");
        }
        let (before, after) = (micros(&row.wire["RemainingAmount"]), converted(amount, given, own));
        if after > before {
            return Err("INV-72");
        }
        let room = if body["RoomID"].is_null() { &row.wire["RoomID"] } else { &body["RoomID"] };
        if !body["RoomID"].is_null() && !self.has_shelf(site, room) {
            return Err("ROOM-10");
        }
        let fields = json!({
            "InventoryType": FLOWER, "Dried": true, "RemainingAmount": number(after),
            "RoomID": room,
        });
        let mut change = Change::set(key, row, fields);
        change.row.dried =
            Some(Drying { at: self.model.transaction + 1, wet: before, used: row.used });
        let lost = Posting::item(Account::Moisture, after - before, &row.wire);
        Ok(Outcome::of(vec![change]).posting(lost))
    }

    pub(super) fn undo_drying(&mut self) -> Step {
        let id = self.some_item(|row| row.is("Dried"));
        let forecast = self.undone_drying(&id);
        self.step(format!("PUT /v1/inventory/{id}/dry/undo"), Value::Null, forecast)
    }

    fn undone_drying(&self, id: &str) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-11")?;
        permit(row, Verb::Dry)?;
        // Drying is itself the last use, if nothing followed.
        let last = |it: &&Drying| row.used == it.at && row.holders.iter().all(|use_| *use_ < it.at);
        let drying = row.dried.as_ref().filter(last).ok_or("INV-76")?;
        let fields = json!({
            "InventoryType": WET, "Dried": false, "RemainingAmount": number(drying.wet),
        });
        let mut change = Change::set(key, row, fields).corrected();
        change.row.dried = None;
        change.row.used = drying.used;
        let back = drying.wet - micros(&row.wire["RemainingAmount"]);
        Ok(Outcome::of(vec![change]).posting(Posting::item(Account::Moisture, back, &row.wire)))
    }
}
