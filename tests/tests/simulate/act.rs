//! Random calls, each with what the rulebook says will come of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    dice::Dice,
    model::{COMPANIES, Key, Kind, Model, Row, Site, item, micros, number},
};

/// A write, and what will come of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) ubi: &'static str,
    pub(crate) start: String,
    pub(crate) body: Option<Value>,
    pub(crate) forecast: Result<Outcome, Refused>,
}

/// The id of a rule.
pub(crate) type Refused = &'static str;

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) changes: Vec<Change>,
    pub(crate) tags: u64,
    /// For each row of an upload the code with which it fails, or none.
    pub(crate) uploaded: Option<Vec<Option<&'static str>>>,
}

/// A row as it will be, but for its stamp; a new one has no key yet.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: Option<Key>,
    pub(crate) kind: Kind,
    pub(crate) row: Row,
}

type Forecast = Result<Outcome, Refused>;

/// An item type, whether it is counted, and its name's need.
const TYPES: &[(u32, bool)] =
    &[(13, false), (6, false), (15, false), (10, true), (28, true), (7, true)];
const SUPPLIER: &str = "OCM-CULT-25-900104";

/// A random write.
pub(crate) fn step(model: &Model, dice: &mut Dice) -> Step {
    let ubi = *dice.pick(COMPANIES);
    let mut cast = Cast { model, dice, ubi };
    match cast.dice.below(24) {
        0 | 1 => cast.create_room(),
        2 | 3 => cast.update_room(),
        4 => cast.remove_room(),
        5 | 6 => cast.create_from_paper(),
        7 => cast.create_from_plant(),
        8 => cast.adjust_one(),
        9 | 10 => cast.adjust_many(),
        11 | 12 => cast.relocate(),
        13 | 14 => cast.schedule(),
        15 => cast.name_items("PUT /v1/inventory/destroy/schedule/undo", Verb::Unschedule),
        16 => cast.name_items("PUT /v1/inventory/destroy", Verb::Destroy),
        17 => cast.describe(),
        18 | 19 => cast.upload(),
        20 => cast.employee(),
        21 => cast.vehicle(),
        _ => cast.user(),
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Verb {
    Change,
    Move,
    Schedule,
    Unschedule,
    Destroy,
}

/// The topmost row of the grid that applies decides (rulebook 9.3).
fn permit(row: &Row, verb: Verb) -> Result<(), Refused> {
    let wire = &row.wire;
    let scheduling = verb == Verb::Schedule;
    let closing = match verb {
        Verb::Unschedule => Some("INV-65"),
        Verb::Destroy => Some("INV-66"),
        Verb::Change | Verb::Move | Verb::Schedule => None,
    };
    let refused = if wire["Deleted"] == true || (row.transferred && wire["Destroyed"] == false) {
        Some("INV-12")
    } else if wire["Destroyed"] == true {
        Some("INV-13")
    } else if wire["Seized"] == true {
        Some("INV-14")
    } else if row.scheduled {
        scheduling.then_some("INV-63").or_else(|| closing.is_none().then_some("INV-15"))
    } else if wire["Restocked"] == true {
        closing.or_else(|| (verb == Verb::Change).then_some("INV-18"))
    } else if wire["Status"] == "Depleted" {
        closing.or_else(|| scheduling.then_some("INV-20"))
    } else {
        closing
    };
    refused.map_or(Ok(()), Err)
}

/// Who acts, and on what.
struct Cast<'a> {
    model: &'a Model,
    dice: &'a mut Dice,
    ubi: &'static str,
}

impl<'a> Cast<'a> {
    fn step(&self, start: impl Into<String>, body: Value, forecast: Forecast) -> Step {
        let body = (!body.is_null()).then_some(body);
        Step { ubi: self.ubi, start: start.into(), body, forecast }
    }

    fn own_site(&mut self) -> &'a Site {
        let own: Vec<&Site> = self.model.sites.iter().filter(|it| it.ubi == self.ubi).collect();
        self.dice.pick(&own)
    }

    /// Now and then somebody else's.
    fn site_of_somebody(&mut self) -> &'a Site {
        if self.dice.one_in(20) { self.dice.pick(&self.model.sites) } else { self.own_site() }
    }

    fn acting(&self, site: &Site) -> Result<(), Refused> {
        if site.ubi == self.ubi { Ok(()) } else { Err("LIC-10") }
    }

    fn word(&mut self, blank: usize) -> String {
        let words = ["Atrium", "Bench \"3\"", "Cold – room", "Drying", "Étage", "   ", ""];
        let count = if self.dice.one_in(blank) { 7 } else { 5 };
        (*self.dice.pick(&words[..count])).to_owned()
    }

    /// A live room of a site; now and then one that does not fit.
    fn room_for(&mut self, site: &Site) -> Value {
        if self.dice.one_in(15) {
            return json!(*self.dice.pick(&[0, 1, 9_999]));
        }
        let rooms = self.model.of(self.ubi, Kind::InventoryRoom);
        let fits = |row: &Row| {
            row.wire["LocationLicense"] == site.license.as_str() && row.wire["Deleted"] == false
        };
        let rooms: Vec<Value> =
            rooms.filter(|(_, row)| fits(row)).map(|(_, row)| row.wire["ID"].clone()).collect();
        if rooms.is_empty() { json!(9_999) } else { self.dice.pick(&rooms).clone() }
    }

    fn check_room(&self, site: &Site, room: &Value) -> Result<(), Refused> {
        if *room == json!(0) {
            return Err("none");
        }
        let own = self.model.own(site.ubi, Kind::InventoryRoom, &room.to_string());
        let fits = own.is_some_and(|(_, row)| {
            row.wire["Deleted"] == false && row.wire["LocationLicense"] == site.license.as_str()
        });
        if fits { Ok(()) } else { Err("wrong") }
    }

    fn fresh(&self, wire: Value, kind: Kind) -> Change {
        let row = Row {
            wire,
            ubi: self.ubi,
            transferred: false,
            scheduled: false,
            uploaded_by: None,
            untouchable: false,
        };
        Change { key: None, kind, row }
    }

    // Rooms

    fn room_kind(&mut self) -> Kind {
        if self.dice.one_in(3) { Kind::GrowRoom } else { Kind::InventoryRoom }
    }

    fn create_room(&mut self) -> Step {
        let (kind, site, name) = (self.room_kind(), self.site_of_somebody(), self.word(6));
        let quarantine = self.dice.one_in(4);
        let mut body = json!({"LocationLicense": site.license, "Name": name, "ExternalID": "x-1"});
        let mut wire = body.clone();
        wire["Deleted"] = json!(false);
        if kind == Kind::InventoryRoom {
            body["Quarantine"] = json!(quarantine);
            wire["Quarantine"] = json!(quarantine);
        } else {
            wire["UpdatedOn"] = json!("");
        }
        let forecast = self.acting(site).and_then(|()| {
            let right = kind == Kind::InventoryRoom || site.grows;
            if !right {
                return Err("LIC-15");
            }
            if name.trim().is_empty() {
                return Err("ROOM-03");
            }
            Ok(Outcome { changes: vec![self.fresh(wire, kind)], ..Outcome::default() })
        });
        self.step(format!("POST {}", kind.path()), body, forecast)
    }

    /// The id of a room, mostly an own one.
    fn some_id(&mut self, kind: Kind) -> String {
        let foreign = self.dice.one_in(12);
        let ubi = if foreign { *self.dice.pick(COMPANIES) } else { self.ubi };
        let ids: Vec<&String> = self.model.of(ubi, kind).map(|(key, _)| &key.id).collect();
        if ids.is_empty() || self.dice.one_in(30) {
            return (*self.dice.pick(&["99999", "zero", "-1"])).to_owned();
        }
        // The latest are the liveliest.
        let latest = ids.len().saturating_sub(6);
        let ids = if self.dice.one_in(2) { &ids[latest..] } else { &ids[..] };
        self.dice.pick(ids).to_string()
    }

    fn update_room(&mut self) -> Step {
        let kind = self.room_kind();
        let id = self.some_id(kind);
        let mut body = json!({});
        if self.dice.one_in(2) {
            body["Name"] = json!(self.word(6));
        }
        if self.dice.one_in(3) {
            body["ExternalID"] = json!(self.word(9));
        }
        if kind == Kind::InventoryRoom && self.dice.one_in(3) {
            body["Quarantine"] = json!(self.dice.one_in(2));
        }
        let forecast = self.updated_room(kind, &id, &body);
        self.step(format!("PUT {}/{id}", kind.path()), body, forecast)
    }

    fn updated_room(&self, kind: Kind, id: &str, body: &Value) -> Forecast {
        let (key, row) = self.model.own(self.ubi, kind, id).ok_or("ROOM-07")?;
        if row.wire["Deleted"] == true {
            return Err("ROOM-15");
        }
        let given = body.as_object().unwrap();
        if given.is_empty() {
            return Err("ROOM-12");
        }
        if body["Name"].as_str().is_some_and(|name| name.trim().is_empty()) {
            return Err("ROOM-03");
        }
        let mut room = row.clone();
        for (field, value) in given {
            room.wire[field] = value.clone();
        }
        let switched = room.wire["Quarantine"] != row.wire["Quarantine"];
        let mut changes = vec![Change { key: Some(key.clone()), kind, row: room }];
        if switched {
            // ROOM-18: what lies in it is stamped too; its status is settled when it is stored.
            let inside = self.model.of(self.ubi, Kind::Inventory);
            let inside = inside.filter(|(_, it)| it.wire["RoomID"] == row.wire["ID"]);
            changes.extend(inside.map(|(key, row)| Change {
                key: Some(key.clone()),
                kind: Kind::Inventory,
                row: row.clone(),
            }));
        }
        Ok(Outcome { changes, ..Outcome::default() })
    }

    fn remove_room(&mut self) -> Step {
        let kind = self.room_kind();
        let id = self.some_id(kind);
        let forecast = self.removed_room(kind, &id);
        self.step(format!("DELETE {}/{id}", kind.path()), Value::Null, forecast)
    }

    fn removed_room(&self, kind: Kind, id: &str) -> Forecast {
        let (key, row) = self.model.own(self.ubi, kind, id).ok_or("ROOM-07")?;
        if row.wire["Deleted"] == true {
            return Err("ROOM-15");
        }
        if kind == Kind::GrowRoom && self.model.planted.contains(id) {
            return Err("ROOM-13");
        }
        let holds = |it: &Row| {
            it.wire["RoomID"] == row.wire["ID"]
                && it.wire["Deleted"] == false
                && micros(&it.wire["RemainingAmount"]) > 0
        };
        let mut goods = self.model.of(self.ubi, Kind::Inventory);
        if kind == Kind::InventoryRoom && goods.any(|(_, it)| holds(it)) {
            return Err("ROOM-14");
        }
        let mut row = row.clone();
        row.wire["Deleted"] = json!(true);
        let changes = vec![Change { key: Some(key.clone()), kind, row }];
        Ok(Outcome { changes, ..Outcome::default() })
    }

    // New goods

    /// In millionths; whole where pieces are counted, but not always.
    fn amount(&mut self, counted: bool) -> i64 {
        match self.dice.below(14) {
            0 => 0,
            1 => 2_500_000,
            _ if counted => (1 + self.dice.below(40) as i64) * 1_000_000,
            _ => (1 + self.dice.below(90_000) as i64) * 10_000,
        }
    }

    fn create_from_paper(&mut self) -> Step {
        let site = self.site_of_somebody();
        let mut rows = Vec::new();
        let mut changes = Vec::new();
        let mut refused = self.acting(site).err();
        for _ in 0..=self.dice.below(3) {
            let (kind, counted) = *self.dice.pick(TYPES);
            let (amount, room) = (self.amount(counted), self.room_for(site));
            let supplier = match self.dice.below(12) {
                0 => "OCM-NONE-25-000000",
                1 => site.license.as_str(),
                2 => "OCM-DIST-25-900131",
                _ => SUPPLIER,
            };
            rows.push(json!({
                "SupplierLicense": supplier, "InventoryType": kind, "Amount": number(amount),
                "RoomID": room, "Strain": "Erie Diesel",
            }));
            let check = || {
                match supplier {
                    "OCM-NONE-25-000000" => return Err("OFF-20"),
                    "OCM-DIST-25-900131" => return Err("OFF-22"),
                    own if own == site.license => return Err("OFF-21"),
                    _ => {}
                }
                self.check_room(site, &room)
                    .map_err(|it| if it == "none" { "INV-30" } else { "INV-31" })?;
                whole(amount, counted, "INV-06")
            };
            refused = refused.or_else(|| check().err());
            let mut wire = item(&site.license, kind, counted, amount, &room);
            wire["Strain"] = json!("Erie Diesel");
            changes.push(self.fresh(wire, Kind::Inventory));
        }
        let body = json!({"LocationLicense": site.license, "Inventory": rows});
        let forecast = refused.map_or_else(|| self.with_tags(site, changes), Err);
        self.step("POST /v1/inventory", body, forecast)
    }

    fn with_tags(&self, site: &Site, changes: Vec<Change>) -> Forecast {
        let tags = if site.pays_tags { changes.len() as u64 } else { 0 };
        if tags > self.model.tags.get(self.ubi).copied().unwrap_or_default() {
            return Err("UID-20");
        }
        Ok(Outcome { changes, tags, uploaded: None })
    }

    fn create_from_plant(&mut self) -> Step {
        let site = self.site_of_somebody();
        let [plant, home, strain] = self.dice.pick(&self.model.mothers);
        let (kind, counted) = *self.dice.pick(&[(7, true), (10, true), (11, true), (13, false)]);
        let (amount, room) = (self.amount(counted), self.room_for(site));
        let body = json!({"LocationLicense": site.license, "Inventory": [{
            "SourcePlantID": plant, "InventoryType": kind, "Amount": number(amount), "RoomID": room,
        }]});
        let check = || {
            self.acting(site)?;
            // What a license may do comes before any look-up (LIC-15).
            if !site.grows {
                return Err("INV-28");
            }
            if kind == 13 {
                return Err("INV-24");
            }
            if *home != site.license {
                return Err("INV-25");
            }
            self.check_room(site, &room)
                .map_err(|it| if it == "none" { "INV-30" } else { "INV-31" })?;
            whole(amount, counted, "INV-06")?;
            let mut wire = item(&site.license, kind, counted, amount, &room);
            wire["SourcePlantID"] = json!(plant);
            wire["Strain"] = json!(strain);
            self.with_tags(site, vec![self.fresh(wire, Kind::Inventory)])
        };
        let forecast = check();
        self.step("POST /v1/inventory", body, forecast)
    }

    fn upload(&mut self) -> Step {
        let site = self.site_of_somebody();
        let mut rows = Vec::new();
        let mut outcome = Outcome { uploaded: Some(Vec::new()), ..Outcome::default() };
        let mut taken = BTreeSet::new();
        for _ in 0..=self.dice.below(4) {
            let (kind, counted) = *self.dice.pick(&TYPES[..4]);
            let (amount, room) = (self.amount(counted), self.room_for(site));
            let sent = self.brought();
            let mut row = json!({"InventoryType": kind, "Amount": number(amount), "RoomID": room});
            if let Some(id) = &sent {
                row["ProviderBarcodeID"] = json!(id);
            }
            rows.push(row);
            let code = self.upload_row(site, sent.as_ref(), (amount, counted), &room, &taken);
            let left = self.model.tags.get(self.ubi).copied().unwrap_or_default() - outcome.tags;
            let code = code.err().or((site.pays_tags && left == 0).then_some("602"));
            if code.is_none() {
                outcome.tags += u64::from(site.pays_tags);
                let mut wire = item(&site.license, kind, counted, amount, &room);
                wire["Initial"] = json!(true);
                let free = |id: &&String| !self.model.seen.contains(*id) && !taken.contains(*id);
                wire["ID"] = json!(sent.as_ref().filter(free).cloned().unwrap_or_default());
                let mut change = self.fresh(wire, Kind::Inventory);
                change.row.uploaded_by = Some(site.license.clone());
                outcome.changes.push(change);
                taken.extend(sent);
            }
            outcome.uploaded.as_mut().unwrap().push(code);
        }
        let body = json!({"LocationLicense": site.license, "Data": rows});
        let refused = if site.ubi == self.ubi { None } else { Some("INIT-04") };
        let forecast = refused.map_or(Ok(outcome), Err);
        self.step("POST /v1/inventory/initial", body, forecast)
    }

    /// An identifier that is already on the goods: new, or one that is in use.
    fn brought(&mut self) -> Option<String> {
        match self.dice.below(4) {
            0 => None,
            1 => {
                let goods = self.model.rows.iter().filter(|(key, row)| {
                    key.kind == Kind::Inventory && !row.untouchable && !row.transferred
                });
                let ids: Vec<&String> = goods.map(|(key, _)| &key.id).collect();
                Some(self.dice.pick(&ids).to_string())
            }
            _ => Some(format!(
                "{:08}{:08}",
                self.dice.below(100_000_000),
                self.dice.below(100_000_000)
            )),
        }
    }

    fn upload_row(
        &self,
        site: &Site,
        sent: Option<&String>,
        (amount, counted): (i64, bool),
        room: &Value,
        taken: &BTreeSet<String>,
    ) -> Result<(), &'static str> {
        self.check_room(site, room).map_err(|_| "603")?;
        if counted && amount % 1_000_000 != 0 {
            return Err("202");
        }
        let own = |(key, row): (&Key, &Row)| {
            Some(&key.id) == sent && row.uploaded_by.as_ref() == Some(&site.license)
        };
        let fresh = sent.is_none_or(|id| taken.contains(id));
        if !fresh && self.model.rows.iter().any(own) {
            return Err("602");
        }
        if amount == 0 { Err("202") } else { Ok(()) }
    }

    // Items

    fn some_items(&mut self) -> Vec<String> {
        let all: Vec<(&Key, &Row)> = self.model.of(self.ubi, Kind::Inventory).collect();
        let fits: Vec<_> = all.iter().filter(|(_, row)| !row.untouchable).collect();
        let mut ids = Vec::new();
        let mut site = None;
        for _ in 0..=self.dice.below(3) {
            if fits.is_empty() || self.dice.one_in(40) {
                ids.push(
                    (*self.dice.pick(&["1000000000000000", "6352992270030109", "x"])).to_owned(),
                );
                continue;
            }
            let at_site: Vec<_> = fits
                .iter()
                .filter(|(key, _)| site.as_ref().is_none_or(|site| *site == key.site))
                .collect();
            let (key, _) = self.dice.pick(&at_site);
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
    fn items(&self, ids: &[String]) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
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

    fn correction(&mut self, id: &str) -> Value {
        let known = self.model.own(self.ubi, Kind::Inventory, id);
        let counted = known.is_some_and(|(_, row)| row.wire["UnitBased"] == true);
        let amount = number(self.amount(counted));
        let field = if self.dice.one_in(3) { "RemoveAmount" } else { "Amount" };
        let kind = if self.dice.one_in(25) { 99 } else { 1 + self.dice.below(8) };
        let reason = if self.dice.one_in(15) { " " } else { "Counted again." };
        json!({field: amount, "Type": kind, "Reason": reason})
    }

    fn adjust_one(&mut self) -> Step {
        let ids = self.some_items();
        let id = ids[0].clone();
        let body = self.correction(&id);
        let found = self.model.own(self.ubi, Kind::Inventory, &id).ok_or("INV-11");
        let forecast = found.and_then(|found| {
            Ok(Outcome { changes: adjusted(found, &body)?, ..Outcome::default() })
        });
        self.step(format!("PUT /v1/inventory/{id}/adjust"), body, forecast)
    }

    fn adjust_many(&mut self) -> Step {
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
                outcome.changes.extend(adjusted(found, body)?);
            }
            Ok(outcome)
        });
        self.step("PUT /v1/inventory/adjust", json!({"Inventory": rows}), forecast)
    }

    fn relocate(&mut self) -> Step {
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

    fn relocated(&self, ids: &[String], rows: &[Value]) -> Forecast {
        let mut outcome = Outcome::default();
        for ((key, row), body) in self.items(ids)?.into_iter().zip(rows) {
            permit(row, Verb::Move)?;
            self.check_room(self.model.site(&key.site), &body["RoomID"])
                .map_err(|it| if it == "none" { "ROOM-08" } else { "ROOM-10" })?;
            let mut row = row.clone();
            row.wire["RoomID"] = body["RoomID"].clone();
            let key = Some(key.clone());
            outcome.changes.push(Change { key, kind: Kind::Inventory, row });
        }

        Ok(outcome)
    }

    fn schedule(&mut self) -> Step {
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

    fn name_items(&mut self, start: &str, verb: Verb) -> Step {
        let mut ids = self.some_items();
        let own = self.model.of(self.ubi, Kind::Inventory);
        let scheduled: Vec<&String> = own
            .filter(|(_, row)| row.scheduled && row.wire["Destroyed"] == false && !row.untouchable)
            .map(|(key, _)| &key.id)
            .collect();
        if !scheduled.is_empty() && !self.dice.one_in(3) {
            ids = vec![self.dice.pick(&scheduled).to_string()];
        }
        let forecast = self.fit_items(&ids, verb).map(|items| {
            closed(&items, |row| {
                if verb == Verb::Destroy {
                    row.wire["Destroyed"] = json!(true);
                    row.wire["RemainingAmount"] = json!(0);
                } else {
                    row.scheduled = false;
                }
            })
        });
        self.step(start, listed(&ids), forecast)
    }

    fn describe(&mut self) -> Step {
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

    fn described(&self, ids: &[String], rows: &[Value]) -> Forecast {
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
            let key = Some(key.clone());
            outcome.changes.push(Change { key, kind: Kind::Inventory, row });
        }

        Ok(outcome)
    }

    // People and vehicles

    /// A record that the simulation made: those of the seed world may drive a manifest.
    fn made(&mut self, kind: Kind) -> Option<String> {
        let made = |row: &Row| {
            row.wire["ExternalID"] == "sim"
                || row.wire["Username"].as_str().is_some_and(|it| it.starts_with("sim-"))
        };
        let own = self.model.of(self.ubi, kind).filter(|(_, row)| made(row));
        let ids: Vec<&String> = own.map(|(key, _)| &key.id).collect();
        (!ids.is_empty()).then(|| self.dice.pick(&ids).to_string())
    }

    fn employee(&mut self) -> Step {
        let made = self.made(Kind::Employee);
        let name = self.word(8);
        let wire = json!({
            "BirthDate": "1990-01-02", "Deleted": false, "DriverLicense": "", "Email": "",
            "ExternalID": "sim", "HireDate": "", "Name": name, "StateIssue": "",
        });
        let body = json!({"Name": name, "BirthDate": "1990-01-02", "ExternalID": "sim"});
        self.person(Kind::Employee, made, wire, body, ["DIR-03", "DIR-08", "DIR-11"])
    }

    fn vehicle(&mut self) -> Step {
        let made = self.made(Kind::Vehicle);
        let name = self.word(8);
        let wire = json!({
            "Color": "", "Deleted": false, "ExternalID": "sim", "Make": "", "Model": "",
            "Name": name, "Plate": "TAG-1", "Vin": "", "Year": "",
        });
        let body = json!({"Name": name, "Plate": "TAG-1", "ExternalID": "sim"});
        self.person(Kind::Vehicle, made, wire, body, ["DIR-14", "DIR-16", "DIR-19"])
    }

    /// Creates, changes or removes one of two kinds that live alike.
    fn person(
        &mut self,
        kind: Kind,
        made: Option<String>,
        wire: Value,
        body: Value,
        [blank, unknown, removed]: [Refused; 3],
    ) -> Step {
        let unnamed = body["Name"].as_str().is_some_and(|name| name.trim().is_empty());
        let verb = self.dice.below(4);
        let Some(id) = made.filter(|_| verb > 1) else {
            let changes = vec![self.fresh(wire, kind)];
            let done = Outcome { changes, ..Outcome::default() };
            let forecast = if unnamed { Err(blank) } else { Ok(done) };
            let tail = if kind == Kind::Vehicle { "/7" } else { "" };
            return self.step(format!("POST {}{tail}", kind.path()), body, forecast);
        };
        let id = if self.dice.one_in(12) { "88888".to_owned() } else { id };
        let found = self.model.own(self.ubi, kind, &id).ok_or(unknown);
        let found =
            found.and_then(|it| if it.1.wire["Deleted"] == true { Err(removed) } else { Ok(it) });
        let removing = verb == 2;
        let forecast = found.and_then(|(key, row)| {
            let mut row = row.clone();
            if removing {
                row.wire["Deleted"] = json!(true);
            } else if unnamed {
                return Err(blank);
            } else {
                row.wire["Name"] = body["Name"].clone();
            }
            let changes = vec![Change { key: Some(key.clone()), kind, row }];
            Ok(Outcome { changes, ..Outcome::default() })
        });
        if removing {
            return self.step(format!("DELETE {}/{id}", kind.path()), Value::Null, forecast);
        }
        self.step(format!("PUT {}/{id}", kind.path()), json!({"Name": body["Name"]}), forecast)
    }

    fn user(&mut self) -> Step {
        let kind = Kind::User;
        let permissions = [json!([]), json!(["ViewRoom"]), json!(["ViewRoom", "EditRoom"])];
        let permission = self.dice.pick(&permissions).clone();
        let made = self.made(kind);
        let verb = self.dice.below(4);
        let Some(id) = made.filter(|_| verb > 1) else {
            let name = match self.dice.below(6) {
                0 => "nobody".to_owned(),
                roll => format!("sim-{roll}{}@example.test", self.dice.below(5)),
            };
            let forecast = self.invited(&name, &permission);
            let body = json!({"Username": name, "Permission": permission});
            return self.step("POST /v1/user", body, forecast);
        };
        let id = if self.dice.one_in(12) { "88888".to_owned() } else { id };
        let found = self.model.own(self.ubi, kind, &id).ok_or("ACCT-50");
        let change = |key: &Key, row: Row| {
            let changes = vec![Change { key: Some(key.clone()), kind, row }];
            Outcome { changes, ..Outcome::default() }
        };
        if verb == 2 {
            let forecast = found.and_then(|(key, row)| {
                if row.wire["Active"] == false {
                    return Err("ACCT-51");
                }
                let mut row = row.clone();
                row.wire["Active"] = json!(false);
                Ok(change(key, row))
            });
            return self.step(format!("DELETE /v1/user/{id}"), Value::Null, forecast);
        }
        let forecast = found.map(|(key, row)| {
            let mut row = row.clone();
            row.wire["Permission"] = permission.clone();
            change(key, row)
        });
        self.step(format!("PUT /v1/user/{id}"), json!({"Permission": permission}), forecast)
    }

    fn invited(&self, name: &str, permission: &Value) -> Forecast {
        if !name.contains('@') {
            return Err("ACCT-47");
        }
        if self.model.of(self.ubi, Kind::User).any(|(_, row)| row.wire["Username"] == name) {
            return Err("ACCT-46");
        }
        let wire = json!({
            "Active": true, "Admin": false, "Permission": permission, "Username": name,
        });
        Ok(Outcome { changes: vec![self.fresh(wire, Kind::User)], ..Outcome::default() })
    }
}

fn whole(amount: i64, counted: bool, zero: Refused) -> Result<(), Refused> {
    if amount == 0 {
        return Err(zero);
    }
    if counted && amount % 1_000_000 != 0 { Err("INV-04") } else { Ok(()) }
}

fn listed(ids: &[String]) -> Value {
    let rows: Vec<Value> = ids.iter().map(|id| json!({"InventoryID": id})).collect();
    json!({"Inventory": rows})
}

fn closed(items: &[(&Key, &Row)], change: impl Fn(&mut Row)) -> Outcome {
    let changes = items.iter().map(|(key, row)| {
        let mut row = (*row).clone();
        change(&mut row);
        Change { key: Some((*key).clone()), kind: Kind::Inventory, row }
    });
    Outcome { changes: changes.collect(), ..Outcome::default() }
}

/// The item as it will be counted, and the adjustment that says so (INV-45 to INV-54).
fn adjusted((key, row): (&Key, &Row), body: &Value) -> Result<Vec<Change>, Refused> {
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
    let adjustment = Row { wire, scheduled: false, transferred: false, ..row.clone() };
    Ok(vec![
        Change { key: Some(key.clone()), kind: Kind::Inventory, row: item },
        Change { key: None, kind: Kind::Adjustment, row: adjustment },
    ])
}
