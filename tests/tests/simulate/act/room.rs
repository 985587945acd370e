//! Rooms of both kinds.

use serde_json::{Value, json};
use tagtrail_tests::amount::micros;

use super::{Cast, Change, Forecast, Outcome, Step};
use crate::{kind::Kind, model::Row};

impl Cast<'_> {
    fn room_kind(&mut self) -> Kind {
        if self.dice.one_in(3) { Kind::GrowRoom } else { Kind::InventoryRoom }
    }

    pub(super) fn create_room(&mut self) -> Step {
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
            Ok(Outcome::of(vec![self.fresh(wire, kind)]))
        });
        self.step(format!("POST {}", kind.path()), body, forecast)
    }

    pub(super) fn update_room(&mut self) -> Step {
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
        let mut changes = vec![Change::to(key, room)];
        if switched {
            // ROOM-18: what lies in it is stamped too; its status is settled when it is stored.
            let inside = self.model.of(self.ubi, Kind::Inventory);
            let inside = inside.filter(|(_, it)| it.wire["RoomID"] == row.wire["ID"]);
            changes.extend(inside.map(|(key, row)| Change::to(key, row.clone())));
        }
        Ok(Outcome::of(changes))
    }

    pub(super) fn remove_room(&mut self) -> Step {
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
        let mut plants = self.model.of(self.ubi, Kind::Plant);
        if kind == Kind::GrowRoom
            && plants.any(|(_, it)| it.lives() && it.wire["RoomID"] == row.wire["ID"])
        {
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
        Ok(Outcome::of(vec![Change::set(key, row, json!({"Deleted": true}))]))
    }
}
