//! Random calls, each with what the rulebook says will come of it.

mod goods;
mod item;
mod person;

use serde_json::{Value, json};

use crate::{
    dice::Dice,
    model::{COMPANIES, Key, Kind, Model, Row, Site, micros},
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
        15 => cast.unschedule(),
        16 => cast.destroy(),
        17 => cast.describe(),
        18 | 19 => cast.upload(),
        20 => cast.employee(),
        21 => cast.vehicle(),
        _ => cast.user(),
    }
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
        own[self.dice.below(own.len())]
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
}
