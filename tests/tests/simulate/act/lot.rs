//! Items that become a lot, and lots and conversions that are undone.

use serde_json::{Value, json};
use tagtrail_tests::amount::{converted, in_grams, micros, number};

use super::{
    Cast, Change, Forecast, Outcome, Refused, Step,
    item::{Verb, permit},
};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::{Row, Site, item},
};

/// What becomes a lot, and which (LOT-04).
const LOTS: &[(u64, u64)] = &[(6, 13), (9, 14), (9, 38)];

/// What a lot or conversion takes of its sources.
pub(super) struct Sources<'a> {
    pub(super) rows: Vec<(&'a Key, &'a Row)>,
    /// In the unit of each source.
    pub(super) taken: Vec<i64>,
    /// What they lose by it, as they show it: a lot weighs that much (LOT-07).
    pub(super) grams: i64,
    /// The ConversionItem rows, without their numbers.
    pub(super) items: Vec<Value>,
}

impl<'a> Sources<'a> {
    /// The site of the first of them.
    pub(super) fn license(&self) -> &'a str {
        &self.rows[0].0.site
    }

    /// The strain that they have in common.
    pub(super) fn strain(&self) -> Option<&'a Value> {
        let first = &self.rows[0].1.wire["Strain"];
        self.rows.iter().all(|(_, row)| row.wire["Strain"] == *first).then_some(first)
    }

    /// The type of each.
    pub(super) fn types(&self) -> Vec<u64> {
        self.rows.iter().filter_map(|(_, row)| row.wire["InventoryType"].as_u64()).collect()
    }

    /// Whether there is as much of each as is asked; if not, the verb has a rule of its own for it.
    pub(super) fn check_left(&self, too_much: Refused) -> Result<(), Refused> {
        let left = |row: &Row| micros(&row.wire["RemainingAmount"]);
        let enough = |((_, row), taken): (&(&Key, &Row), &i64)| *taken <= left(row);
        if self.rows.iter().zip(&self.taken).all(enough) { Ok(()) } else { Err(too_much) }
    }

    /// What every product shows of them.
    pub(super) fn inherit(&self, body: &Value, wire: &mut Value) {
        let all = |field: &str| self.rows.iter().all(|(_, row)| row.is(field));
        wire["Medicated"] = json!(body["Medicated"] == true || all("Medicated"));
        wire["InventoryParentID"] = self.rows.iter().map(|(key, _)| json!(key.id)).collect();
    }
}

impl<'a> Cast<'a> {
    /// Items of a site, mostly of one type, as the sources of a call.
    pub(super) fn some_sources(&mut self, types: &[u64]) -> Vec<Value> {
        let fits = |row: &Row| {
            let kind = row.wire["InventoryType"].as_u64().unwrap_or_default();
            !row.untouchable && types.contains(&kind) && micros(&row.wire["RemainingAmount"]) > 0
        };
        let mut rows = Vec::new();
        let mut first: Option<&Value> = None;
        let mixed = self.dice.one_in(10);
        for _ in 0..=self.dice.below(3) {
            let alike = |row: &Row| first.is_none_or(|it| row.wire["InventoryType"] == *it);
            let id = self.some_item(|row| fits(row) && (mixed || alike(row)));
            let found = self.model.own(self.ubi, Kind::Inventory, &id).map(|(_, row)| row);
            first = first.or(found.map(|row| &row.wire["InventoryType"]));
            let twice = rows.iter().any(|it: &Value| it["InventoryID"] == id.as_str());
            if twice && !self.dice.one_in(12) {
                continue;
            }
            let mut row = json!({"InventoryID": id});
            // All of nothing, in quarantine, has no rule of its own.
            let empty = found.is_some_and(|row| micros(&row.wire["RemainingAmount"]) == 0);
            if empty || !self.dice.one_in(4) {
                let share = self.share(found);
                let (amount, unit) = self.reunited(found, share);
                row["Amount"] = number(amount);
                if let Some(unit) = unit {
                    row["UOM"] = json!(unit);
                }
            }
            rows.push(row);
        }
        if self.dice.one_in(60) { Vec::new() } else { rows }
    }

    /// The sources with what is asked of them: twice, unknown, what the site may, closed, two sites,
    /// no amount.
    pub(super) fn found_sources(
        &self,
        rows: &[Value],
        gate: impl Fn(&Site) -> Result<(), Refused>,
        two_sites: Refused,
    ) -> Result<Sources<'a>, Refused> {
        let ids: Vec<String> =
            rows.iter().filter_map(|row| row["InventoryID"].as_str()).map(str::to_owned).collect();
        let found = match self.items(&ids) {
            Err("LIC-12") => {
                let own = |id| self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-10");
                ids.iter().map(|id| own(id)).collect::<Result<Vec<_>, _>>()?
            }
            found => found?,
        };
        gate(self.model.site(&found[0].0.site))?;
        found.iter().try_for_each(|(_, row)| permit(row, Verb::Use))?;
        let one_site = found.windows(2).all(|pair| pair[0].0.site == pair[1].0.site);
        if one_site { self.weighed_sources(found, rows) } else { Err(two_sites) }
    }

    /// What is asked of each source, which may be more than there is.
    fn weighed_sources(
        &self,
        found: Vec<(&'a Key, &'a Row)>,
        rows: &[Value],
    ) -> Result<Sources<'a>, Refused> {
        let mut sources = Sources { rows: found, taken: Vec::new(), grams: 0, items: Vec::new() };
        for ((key, row), body) in sources.rows.iter().zip(rows) {
            let own = row.wire["UOM"].as_str().unwrap_or_default();
            let amount = if body["Amount"].is_null() {
                row.wire["RemainingAmount"].clone()
            } else {
                body["Amount"].clone()
            };
            let unit = body["UOM"].as_str().unwrap_or(own).to_lowercase();
            let taken = self.taken(row, &amount, &json!(unit))?;
            sources.grams += in_grams(taken, own);
            sources.taken.push(taken);
            sources.items.push(json!({
                "Amount": amount, "ConversionID": 0, "ID": 0, "InventoryID": key.id,
                "TransactionID": 0, "UOM": unit,
            }));
        }
        Ok(sources)
    }

    /// The sources after the deduction, and the booking; the product is the first of the new items.
    pub(super) fn booked(
        &self,
        sources: &Sources<'a>,
        products: Vec<Value>,
        per_unit: &Value,
    ) -> Forecast {
        let site = self.model.site(sources.license());
        let (mut changes, mut postings) = (Vec::new(), Vec::new());
        for ((key, row), taken) in sources.rows.iter().zip(&sources.taken) {
            let left = micros(&row.wire["RemainingAmount"]) - taken;
            let mut change = Change::set(key, row, json!({"RemainingAmount": number(left)}));
            change.row.holders.insert(self.model.transaction + 1);
            changes.push(change.corrected());
            postings.push(Posting::item(Account::Converted, -taken, &row.wire));
        }
        let first = changes.len();
        let booking = first + products.len();
        let made = products[0]["RemainingAmount"].clone();
        let count = products.len();
        for wire in products {
            let amount = micros(&wire["RemainingAmount"]);
            postings.push(Posting::item(Account::Converted, amount, &wire));
            changes.push(self.fresh(wire, Kind::Inventory).linked("ProductionBatchID", booking));
        }
        let wire = json!({
            "Amount": made, "Deleted": false, "ID": 0, "InventoryID": "", "Item": sources.items,
            "LicenseNumber": site.license, "SessionTime": 0, "TransactionID": 0,
            "WeightPerUnit": per_unit,
        });
        changes.push(self.fresh(wire, Kind::Conversion).linked("InventoryID", first));
        let outcome = self.with_tags(site, changes, count)?;
        Ok(Outcome { postings, ..outcome })
    }

    /// Optional fields that lots and conversions share.
    pub(super) fn label(&mut self, body: &mut Value) {
        if self.dice.one_in(3) {
            body["Strain"] = json!("Field blend");
        }
        if self.dice.one_in(3) {
            body["ProductName"] = json!(self.word(10));
        }
        if self.dice.one_in(6) {
            body["Medicated"] = json!(true);
        }
        if self.dice.one_in(4) {
            body["ExternalID"] = json!(self.word(4));
        }
    }

    pub(super) fn lot(&mut self) -> Step {
        let kind = *self.dice.pick(&[6, 9, 9, 29]);
        let rows = self.some_sources(&[kind]);
        let mut body = json!({"Item": rows});
        if self.dice.one_in(3) {
            body["InventoryType"] = json!(*self.dice.pick(&[13, 14, 38, 28, 9]));
        }
        if self.dice.one_in(3) {
            let site = self.own_site();
            body["RoomID"] = self.some_room(Kind::InventoryRoom, site);
        }
        self.label(&mut body);
        let forecast = self.lotted(&rows, &body);
        self.step("POST /v1/inventory/lot", body, forecast)
    }

    fn lotted(&self, rows: &[Value], body: &Value) -> Forecast {
        if rows.is_empty() {
            return Err("LOT-01");
        }
        let gate = |site: &Site| if site.lots { Ok(()) } else { Err("LOT-09") };
        let sources = self.found_sources(rows, gate, "LOT-02")?;
        let types = sources.types();
        if types.iter().any(|it| *it != types[0]) {
            return Err("LOT-03");
        }
        if [13, 14, 38].contains(&types[0]) {
            return Err("LOT-12");
        }
        let default = LOTS.iter().find(|it| it.0 == types[0]).map(|it| it.1);
        let kind = body["InventoryType"].as_u64().or(default).ok_or("LOT-04")?;
        if !LOTS.contains(&(types[0], kind)) {
            return Err("LOT-04");
        }
        sources.check_left("LOT-06")?;
        let strain = match (body["Strain"].is_null(), sources.strain()) {
            (false, _) => &body["Strain"],
            (true, common) => common.ok_or("LOT-67")?,
        };
        self.check_name(body)?;
        let (key, first) = sources.rows[0];
        let room = if body["RoomID"].is_null() { &first.wire["RoomID"] } else { &body["RoomID"] };
        self.check_room(self.model.site(&key.site), room).map_err(|_| "ROOM-10")?;
        let unit = first.wire["UOM"].as_str().unwrap_or_default();
        let amount = converted(sources.grams, "g", unit);
        let mut wire = item(&key.site, kind as u32, false, amount, room);
        wire["UOM"] = json!(unit);
        wire["Strain"] = strain.clone();
        for field in ["ProductName", "ExternalID"] {
            wire[field] = json!(body[field].as_str().unwrap_or_default());
        }
        sources.inherit(body, &mut wire);
        self.booked(&sources, vec![wire], &json!(0))
    }

    /// A name is never blank (LOT-69).
    pub(super) fn check_name(&self, body: &Value) -> Result<(), Refused> {
        let blank = body["ProductName"].as_str().is_some_and(|it| it.trim().is_empty());
        if blank { Err("LOT-69") } else { Ok(()) }
    }

    pub(super) fn undo_making(&mut self) -> Step {
        let number = self.fitting_id(Kind::Conversion, |_, row| !row.is("Deleted"));
        let found = self.model.own(self.ubi, Kind::Conversion, &number);
        let by_product = found.filter(|_| self.dice.one_in(3));
        let product = by_product.and_then(|(_, row)| row.wire["InventoryID"].as_str());
        let forecast = self.unmade(&number);
        let id = product.unwrap_or(&number);
        self.step(format!("DELETE /v1/inventory/conversion/{id}"), Value::Null, forecast)
    }

    fn unmade(&self, number: &str) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Conversion, number).ok_or("LOT-40")?;
        if row.is("Deleted") {
            return Err("LOT-41");
        }
        let mut outcome = Outcome::default();
        for (key, row) in self.products(row) {
            if row.is("Seized") && !row.is("Destroyed") {
                return Err("INV-14");
            }
            if row.is_used() {
                return Err("LOT-42");
            }
            let gone = micros(&row.wire["RemainingAmount"]);
            let fields = json!({"Deleted": true, "RemainingAmount": 0});
            outcome.changes.push(Change::set(key, row, fields).corrected());
            outcome.postings.push(Posting::item(Account::Converted, -gone, &row.wire));
        }
        let made = row.wire["TransactionID"].as_u64().unwrap_or_default();
        for taken in row.wire["Item"].as_array().into_iter().flatten() {
            self.give_back(taken, made, &mut outcome)?;
        }
        outcome.changes.push(Change::set(key, row, json!({"Deleted": true})));
        Ok(outcome)
    }

    /// The product and the waste of a conversion, but not the parts of either.
    fn products(&self, booking: &Row) -> Vec<(&'a Key, &'a Row)> {
        let items = booking.wire["Item"].as_array().into_iter().flatten();
        let parents: Value = items.map(|it| it["InventoryID"].clone()).collect();
        let model = self.model;
        let made = model.of(self.ubi, Kind::Inventory).filter(|(_, row)| {
            row.wire["ProductionBatchID"] == booking.wire["ID"]
                && row.wire["InventoryParentID"] == parents
        });
        let mut made: Vec<(&Key, &Row)> = made.collect();
        made.sort_by_key(|(_, row)| row.born);
        made
    }

    /// What a source gave comes back to it (LOT-43, LOT-44).
    fn give_back(&self, taken: &Value, made: u64, outcome: &mut Outcome) -> Result<(), Refused> {
        let id = taken["InventoryID"].as_str().unwrap_or_default();
        let (key, row) = self.model.own(self.ubi, Kind::Inventory, id).ok_or("INV-12")?;
        permit(row, Verb::Change)?;
        let own = row.wire["UOM"].as_str().unwrap_or_default();
        let back = converted(micros(&taken["Amount"]), taken["UOM"].as_str().unwrap_or(own), own);
        let left = micros(&row.wire["RemainingAmount"]);
        // Nothing comes back into a room that was removed meanwhile.
        if left == 0 && !self.has_shelf(self.model.site(&key.site), &row.wire["RoomID"]) {
            return Err("ROOM-10");
        }
        let fields = json!({"RemainingAmount": number(left + back)});
        let mut change = Change::set(key, row, fields).corrected();
        change.row.holders.remove(&made);
        outcome.changes.push(change);
        outcome.postings.push(Posting::item(Account::Converted, back, &row.wire));
        Ok(())
    }
}
