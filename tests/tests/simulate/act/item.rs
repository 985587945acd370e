//! What is done with items: counted, moved, described, destroyed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tagtrail_tests::amount::{micros, number};

use super::{Cast, Change, Forecast, Outcome, Refused, Step};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::{Model, Row},
};

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Verb {
    Change,
    Dry,
    Plant,
    Use,
    Move,
    Schedule,
    Unschedule,
    Destroy,
}

/// The topmost row of the grid that applies decides (rulebook 9.3).
pub(super) fn permit(row: &Row, verb: Verb) -> Result<(), Refused> {
    let wire = &row.wire;
    let scheduling = verb == Verb::Schedule;
    let closing = match verb {
        Verb::Unschedule => Some("INV-65"),
        Verb::Destroy => Some("INV-66"),
        Verb::Change | Verb::Dry | Verb::Plant | Verb::Use | Verb::Move | Verb::Schedule => None,
    };
    let moving = verb == Verb::Move || scheduling;
    let refused = if wire["Deleted"] == true || (row.transferred && wire["Destroyed"] == false) {
        Some("INV-12")
    } else if wire["Destroyed"] == true {
        Some("INV-13")
    } else if wire["Seized"] == true {
        Some("INV-14")
    } else if row.scheduled {
        scheduling.then_some("INV-63").or_else(|| closing.is_none().then_some("INV-15"))
    } else if wire["Restocked"] == true {
        closing.or_else(|| (!moving).then_some("INV-18"))
    } else if wire["Status"] == "Depleted" {
        closing
            .or_else(|| (scheduling || matches!(verb, Verb::Dry | Verb::Use)).then_some("INV-20"))
    } else {
        closing
    };
    refused.map_or(Ok(()), Err)
}

impl<'a> Cast<'a> {
    pub(super) fn some_items(&mut self) -> Vec<String> {
        let all: Vec<(&Key, &Row)> = self.model.of(self.ubi, Kind::Inventory).collect();
        let mut fits: Vec<(&Key, &Row)> =
            all.into_iter().filter(|(_, row)| !row.untouchable).collect();
        // What was made last is what cuts and cures may still take back.
        if self.dice.one_in(3) {
            fits.sort_by_key(|(_, row)| row.born);
            fits.drain(..fits.len().saturating_sub(8));
        }
        let mut ids = Vec::new();
        let mut site = None;
        for _ in 0..=self.dice.below(3) {
            if fits.is_empty() || self.dice.one_in(40) {
                ids.push(
                    (*self.dice.pick(&["1000000000000000", "6352992270030109", "x"])).to_owned(),
                );
                continue;
            }
            let near = |key: &Key| site.as_ref().is_none_or(|site| *site == key.site);
            let at_site: Vec<(&Key, &Row)> =
                fits.iter().copied().filter(|(key, _)| near(key)).collect();
            let Some((key, _)) = self.one_of(&at_site) else { continue };
            if !self.dice.one_in(30) {
                site = Some(key.site.clone());
            }
            if !ids.contains(&key.id) || self.dice.one_in(8) {
                ids.push(key.id.clone());
            }
        }
        ids
    }

    /// Look-ups come before states (0.5).
    pub(super) fn items(&self, ids: &[String]) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
        let distinct: BTreeSet<&String> = ids.iter().collect();
        if distinct.len() < ids.len() {
            return Err("INV-21");
        }
        let model: &'a Model = self.model;
        let own = |id| model.own(self.ubi, Kind::Inventory, id).ok_or("INV-10");
        let items: Vec<(&Key, &Row)> = ids.iter().map(|id| own(id)).collect::<Result<_, _>>()?;
        let one_site = items.windows(2).all(|pair| pair[0].0.site == pair[1].0.site);
        if one_site { Ok(items) } else { Err("LIC-12") }
    }

    /// Items that are all in a state for a verb.
    fn fit_items(&self, ids: &[String], verb: Verb) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
        let items = self.items(ids)?;
        items.iter().try_for_each(|(_, row)| permit(row, verb))?;
        Ok(items)
    }

    pub(super) fn correction(&mut self, id: &str) -> Value {
        let known = self.model.own(self.ubi, Kind::Inventory, id);
        let counted = known.is_some_and(|(_, row)| row.wire["UnitBased"] == true);
        let amount = number(self.amount(counted));
        let field = if self.dice.one_in(3) { "RemoveAmount" } else { "Amount" };
        let kind = if self.dice.one_in(25) { 99 } else { 1 + self.dice.below(8) };
        let reason = if self.dice.one_in(15) { " " } else { "Counted again." };
        json!({field: amount, "Type": kind, "Reason": reason})
    }

    pub(super) fn adjust_one(&mut self) -> Step {
        let ids = self.some_items();
        let id = ids[0].clone();
        let body = self.correction(&id);
        let found = self.model.own(self.ubi, Kind::Inventory, &id).ok_or("INV-11");
        let forecast = found.and_then(|found| {
            let (changes, posting) = self.adjusted(found, &body)?;
            Ok(Outcome::of(changes).posting(posting))
        });
        self.step(format!("PUT /v1/inventory/{id}/adjust"), body, forecast)
    }

    pub(super) fn adjust_many(&mut self) -> Step {
        let ids = self.some_items();
        let mut rows = Vec::new();
        for id in &ids {
            let mut row = self.correction(id);
            row["InventoryID"] = json!(id);
            rows.push(row);
        }
        let forecast = self.items(&ids).and_then(|items| {
            let mut outcome = Outcome::default();
            for (found, body) in items.into_iter().zip(&rows) {
                let (changes, posting) = self.adjusted(found, body)?;
                outcome.changes.extend(changes);
                outcome.postings.push(posting);
            }
            Ok(outcome)
        });
        self.step("PUT /v1/inventory/adjust", json!({"Inventory": rows}), forecast)
    }

    pub(super) fn relocate(&mut self) -> Step {
        let ids = self.some_items();
        let mut rows = Vec::new();
        for id in &ids {
            let known = self.model.own(self.ubi, Kind::Inventory, id);
            let site = known.map(|(key, _)| self.model.site(&key.site));
            let site = site.unwrap_or_else(|| self.own_site());
            let room = self.room_for(site);
            rows.push(json!({"InventoryID": id, "RoomID": room}));
        }
        let forecast = self.relocated(&ids, &rows);
        self.step("PUT /v1/inventory/move", json!({"Inventory": rows}), forecast)
    }

    pub(super) fn relocated(&self, ids: &[String], rows: &[Value]) -> Forecast {
        let mut outcome = Outcome::default();
        for ((key, row), body) in self.items(ids)?.into_iter().zip(rows) {
            permit(row, Verb::Move)?;
            self.check_room(self.model.site(&key.site), &body["RoomID"])
                .map_err(|it| if it == "none" { "ROOM-08" } else { "ROOM-10" })?;
            outcome.changes.push(Change::set(key, row, json!({"RoomID": body["RoomID"]})));
        }

        Ok(outcome)
    }

    pub(super) fn schedule(&mut self) -> Step {
        let ids = self.some_items();
        let reason = *self.dice.pick(&[0, 1, 2, 3, 4, 5, 6, 6, 6, 99]);
        let words = if self.dice.one_in(3) { "Mold." } else { "" };
        let forecast = self.fit_items(&ids, Verb::Schedule).and_then(|items| {
            if reason == 99 || (reason == 0 && words.is_empty()) {
                return Err("INV-62");
            }
            Ok(closed(&items, |row| row.scheduled = true))
        });
        let mut body = listed(&ids);
        body["ReasonExtended"] = json!(reason);
        body["DestroyReason"] = json!(words);
        self.step("PUT /v1/inventory/destroy/schedule", body, forecast)
    }

    pub(super) fn unschedule(&mut self) -> Step {
        self.name_items("PUT /v1/inventory/destroy/schedule/undo", Verb::Unschedule)
    }

    pub(super) fn destroy(&mut self) -> Step {
        self.name_items("PUT /v1/inventory/destroy", Verb::Destroy)
    }

    fn name_items(&mut self, start: &str, verb: Verb) -> Step {
        let mut ids = self.some_items();
        let own = self.model.of(self.ubi, Kind::Inventory);
        let scheduled: Vec<(&Key, &Row)> = own
            .filter(|(_, row)| row.scheduled && !row.is("Destroyed") && !row.untouchable)
            .collect();
        if let Some((key, _)) = self.one_of(&scheduled).filter(|_| !self.dice.one_in(3)) {
            ids = vec![key.id.clone()];
        }
        let forecast = self.fit_items(&ids, verb).map(|items| {
            let mut outcome = closed(&items, |row| {
                if verb == Verb::Destroy {
                    row.wire["Destroyed"] = json!(true);
                    row.wire["RemainingAmount"] = json!(0);
                } else {
                    row.scheduled = false;
                }
            });
            for (_, row) in items.iter().filter(|_| verb == Verb::Destroy) {
                let gone = -micros(&row.wire["RemainingAmount"]);
                outcome.postings.push(Posting::item(Account::Destroyed, gone, &row.wire));
            }
            outcome
        });
        self.step(start, listed(&ids), forecast)
    }

    pub(super) fn describe(&mut self) -> Step {
        let ids = self.some_items();
        let mut rows = Vec::new();
        for id in &ids {
            let mut row = json!({"InventoryID": id});
            if self.dice.one_in(2) {
                row["ProductName"] = json!(self.word(8));
            }
            if self.dice.one_in(2) {
                row["ExternalID"] = json!(self.word(4));
            }
            rows.push(row);
        }
        let forecast = self.described(&ids, &rows);
        self.step("PUT /v1/inventory", json!({"Inventory": rows}), forecast)
    }

    pub(super) fn described(&self, ids: &[String], rows: &[Value]) -> Forecast {
        let mut outcome = Outcome::default();
        for ((key, row), body) in self.items(ids)?.into_iter().zip(rows) {
            permit(row, Verb::Change)?;
            let mut row = row.clone();
            if body.as_object().unwrap().len() == 1 {
                return Err("INV-35");
            }
            if let Some(name) = body["ProductName"].as_str() {
                if name.trim().is_empty() {
                    return Err("INV-37");
                }
                row.wire["ProductName"] = json!(name);
            }
            if let Some(external) = body["ExternalID"].as_str() {
                row.wire["ExternalID"] = json!(external);
            }
            outcome.changes.push(Change::to(key, row));
        }

        Ok(outcome)
    }

    /// The item as it will be counted, and the adjustment that says so (INV-45 to INV-54).
    fn adjusted(
        &self,
        (key, row): (&Key, &Row),
        body: &Value,
    ) -> Result<(Vec<Change>, Posting), Refused> {
        permit(row, Verb::Change)?;
        if body["Type"] == 99 {
            return Err("INV-46");
        }
        if body["Reason"] == " " {
            return Err("INV-47");
        }
        let removes = !body["RemoveAmount"].is_null();
        let said = micros(&body[if removes { "RemoveAmount" } else { "Amount" }]);
        if row.wire["UnitBased"] == true && said % 1_000_000 != 0 {
            return Err("INV-04");
        }
        if removes && said == 0 {
            return Err("INV-06");
        }
        let before = micros(&row.wire["RemainingAmount"]);
        let after = if removes { before - said } else { said };
        if after < 0 {
            return Err("INV-20");
        }
        // Nothing comes back into a room that was removed meanwhile.
        let back = before == 0 && after > 0;
        if back && !self.has_shelf(self.model.site(&key.site), &row.wire["RoomID"]) {
            return Err("ROOM-10");
        }
        let mut item = row.clone();
        item.wire["RemainingAmount"] = number(after);
        if after == 0 && (body["Type"] == 3 || body["Type"] == 7) {
            item.wire["Seized"] = json!(true);
        }
        let wire = json!({
            "InventoryID": key.id, "LocationLicense": key.site, "NewAmount": number(after),
            "PreviousAmount": number(before), "Reason": body["Reason"], "SessionTime": 0,
            "Type": body["Type"],
        });
        let adjustment = Change::new(Kind::Adjustment, Row::new(wire, row.ubi));
        let posting = Posting::item(Account::Adjusted, after - before, &row.wire);
        Ok((vec![Change::to(key, item), adjustment], posting))
    }
}

fn listed(ids: &[String]) -> Value {
    let rows: Vec<Value> = ids.iter().map(|id| json!({"InventoryID": id})).collect();
    json!({"Inventory": rows})
}

fn closed(items: &[(&Key, &Row)], change: impl Fn(&mut Row)) -> Outcome {
    let changes = items.iter().map(|(key, row)| {
        let mut row = (*row).clone();
        change(&mut row);
        Change::to(key, row)
    });
    Outcome::of(changes.collect())
}
