//! Plants: planted, uploaded, described, moved, weighed as waste, turned into items, undone.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tagtrail_tests::amount::{micros, number};

use super::{
    Cast, Change, Forecast, Outcome, Refused, Step,
    goods::Upload,
    item::{Verb, permit},
    weigh,
};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::{Row, Site, item},
};

/// Seed, Clone, Plant Tissue, Mature Plant.
const PLANTABLE: [u32; 4] = [10, 7, 11, 12];
const MATURE: u32 = 12;
const WASTE: u32 = 27;

/// What comes before the state of a plant: it is removed, or waits for its destruction.
pub(super) fn open(row: &Row) -> Result<(), Refused> {
    if row.is("Deleted") {
        Err("WIRE-53")
    } else if row.is("DestroyScheduled") {
        Err("PLT-33")
    } else {
        Ok(())
    }
}

pub(super) fn grows(row: &Row) -> bool {
    row.wire["State"] == "Growing"
}

pub(super) fn batched(row: &Row) -> bool {
    row.wire["HarvestBatchID"] != ""
}

impl<'a> Cast<'a> {
    /// Plants of the company, mostly some that fit; now and then one that it does not have, or one twice.
    pub(super) fn some_plants(&mut self, fits: impl Fn(&Row) -> bool) -> Vec<String> {
        let all: Vec<(&Key, &Row)> = self.model.of(self.ubi, Kind::Plant).collect();
        let fit: Vec<(&Key, &Row)> = all.iter().copied().filter(|(_, row)| fits(row)).collect();
        let mut ids = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let from = if fit.is_empty() || self.dice.one_in(15) { &all } else { &fit };
            let nobody = *self.dice.pick(&["1000000000000000", "6685074728185133", "x"]);
            match self.one_of(from) {
                Some((key, _)) if !self.dice.one_in(60) => {
                    if !ids.contains(&key.id) {
                        ids.push(key.id.clone());
                    }
                }
                _ => return vec![nobody.to_owned()],
            }
        }
        if self.dice.one_in(40) {
            ids.push(ids[0].clone());
        }
        ids
    }

    /// Look-ups come before states; nothing is named twice (WIRE-28).
    pub(super) fn plants(
        &self,
        ids: &[String],
        unknown: Refused,
    ) -> Result<Vec<(&'a Key, &'a Row)>, Refused> {
        let model = self.model;
        let own = |id| model.own(self.ubi, Kind::Plant, id).ok_or(unknown);
        let plants: Vec<(&Key, &Row)> = ids.iter().map(|id| own(id)).collect::<Result<_, _>>()?;
        let distinct: BTreeSet<&String> = ids.iter().collect();
        if distinct.len() < ids.len() { Err("WIRE-28") } else { Ok(plants) }
    }

    /// A live plant room of a site; now and then one that does not fit.
    fn bed(&mut self, site: &Site) -> Value {
        if self.dice.one_in(15) {
            return json!(*self.dice.pick(&[0, 6, 12, 9_999]));
        }
        self.some_room(Kind::GrowRoom, site)
    }

    fn has_bed(&self, site: &Site, room: &Value) -> bool {
        self.has_room(Kind::GrowRoom, site, room)
    }

    /// A live inventory room; now and then none.
    pub(super) fn shelf(&mut self, site: &Site) -> Value {
        if self.dice.one_in(20) {
            return json!(9_999);
        }
        self.some_room(Kind::InventoryRoom, site)
    }

    pub(super) fn has_shelf(&self, site: &Site, room: &Value) -> bool {
        self.has_room(Kind::InventoryRoom, site, room)
    }

    fn birth(&mut self) -> Option<&'static str> {
        match self.dice.below(12) {
            0 => Some("2026-01-01"),
            1..=4 => Some("2025-06-02"),
            _ => None,
        }
    }

    /// A plant as it begins.
    fn seedling(&self, site: &Site, room: &Value, strain: &Value, birth: Option<&str>) -> Value {
        let birth = birth.map_or_else(|| self.model.today(), str::to_owned);
        let company: u64 = site.ubi.parse().unwrap();
        json!({
            "BirthDate": birth, "Converted": false, "CureCollections": 0, "Deleted": false,
            "DestroyReason": "", "DestroyReasonID": 0, "DestroyScheduled": false,
            "DestroyScheduledTime": "", "ExternalID": "", "HarvestBatchID": "",
            "HarvestCollections": 0, "HarvestScheduled": false, "ID": "",
            "Location": site.license, "Mother": false, "OrgID": company, "ParentPlantID": "",
            "RoomID": room, "SessionTime": 0, "SourceInventoryID": "", "State": "Growing",
            "StateID": 0, "Strain": strain, "TransactionID": 0,
        })
    }

    pub(super) fn plant(&mut self) -> Step {
        let site = self.grower();
        let plantable = |row: &Row| PLANTABLE.iter().any(|it| row.wire["InventoryType"] == *it);
        let rich = |row: &Row| micros(&row.wire["RemainingAmount"]) > 0;
        let source = self.fitting_id(Kind::Inventory, |key, row| {
            key.site == site.license && plantable(row) && rich(row)
        });
        let entangled = self.model.own(self.ubi, Kind::Inventory, &source);
        let source = match entangled {
            Some((_, row)) if row.untouchable => "zero".to_owned(),
            _ => source,
        };
        let quantity = *self.dice.pick(&[1, 1, 2, 3, 4, 6, 0, 60, 1_001]);
        let (room, birth) = (self.bed(site), self.birth());
        let mut body = json!({
            "LocationLicense": site.license, "RoomID": room, "SourceInventoryID": source,
            "Quantity": quantity, "ExternalID": "planted", "Mother": self.dice.one_in(5),
        });
        if self.dice.one_in(4) {
            body["Strain"] = json!(*self.dice.pick(&["Hudson Haze", "Catskill Kush"]));
        }
        if let Some(birth) = birth {
            body["BirthDate"] = json!(birth);
        }
        let forecast = self.planted(site, &body, quantity, birth);
        self.step("POST /v1/plant", body, forecast)
    }

    fn planted(&self, site: &Site, body: &Value, count: i64, birth: Option<&str>) -> Forecast {
        self.acting(site)?;
        if !site.grows {
            return Err("LIC-15");
        }
        if !self.has_bed(site, &body["RoomID"]) {
            return Err("PLT-01");
        }
        let id = body["SourceInventoryID"].as_str().unwrap_or_default();
        let source = self.model.own(self.ubi, Kind::Inventory, id);
        let (key, row) = source.filter(|it| it.0.site == site.license).ok_or("PLT-02")?;
        if !PLANTABLE.iter().any(|it| row.wire["InventoryType"] == *it) {
            return Err("PLT-03");
        }
        permit(row, Verb::Plant)?;
        if !(1..=1_000).contains(&count) {
            return Err("PLT-05");
        }
        let left = micros(&row.wire["RemainingAmount"]) - count * 1_000_000;
        if left < 0 {
            return Err("PLT-06");
        }
        let strain = if body["Strain"].is_null() { &row.wire["Strain"] } else { &body["Strain"] };
        if *strain == "" {
            return Err("PLT-07");
        }
        if birth == Some("2026-01-01") {
            return Err("PLT-09");
        }
        let mut wire = self.seedling(site, &body["RoomID"], strain, birth);
        wire["Mother"] = body["Mother"].clone();
        wire["ExternalID"] = body["ExternalID"].clone();
        wire["ParentPlantID"] = row.wire["SourcePlantID"].clone();
        wire["SourceInventoryID"] = json!(id);
        let mut changes = vec![Change::set(key, row, json!({"RemainingAmount": number(left)}))];
        changes.extend((0..count).map(|_| self.fresh(wire.clone(), Kind::Plant)));
        self.with_tags(site, changes, count as usize)
    }

    pub(super) fn upload_plants(&mut self) -> Step {
        let site = self.grower();
        let mut rows = Vec::new();
        let mut upload = Upload::default();
        for _ in 0..=self.dice.below(3) {
            let (room, birth, sent) = (self.bed(site), self.birth(), self.brought(Kind::Plant));
            let strain = *self.dice.pick(&["Hudson Haze", "Hudson Haze", "Catskill Kush", " "]);
            let mut row = json!({"RoomID": room, "Strain": strain});
            if let Some(birth) = birth {
                row["BirthDate"] = json!(birth);
            }
            if let Some(id) = &sent {
                row["ProviderBarcodeID"] = json!(id);
            }
            rows.push(row);
            let check = || {
                if !self.has_bed(site, &room) {
                    return Err("603");
                }
                upload.check_id(self, site, sent.as_ref())?;
                if strain == " " || birth == Some("2026-01-01") { Err("602") } else { Ok(()) }
            };
            let refused = check().err();
            let wire = self.seedling(site, &room, &json!(strain), birth);
            let (plant, one) =
                (self.fresh(wire, Kind::Plant), Posting::plants(Account::Opening, 1));
            upload.enter(self, site, sent, refused, plant, one);
        }
        let body = json!({"LocationLicense": site.license, "Data": rows});
        let forecast = if site.ubi != self.ubi {
            Err("INIT-04")
        } else if site.grows {
            Ok(upload.outcome())
        } else {
            Err("INIT-06")
        };
        self.step("POST /v1/plant/initial", body, forecast)
    }

    pub(super) fn update_plant(&mut self) -> Step {
        let id = self.fitting_id(Kind::Plant, |_, row| row.lives());
        let mut body = json!({});
        let site = self.grower();
        if self.dice.one_in(3) {
            body["Strain"] = json!(*self.dice.pick(&["Hudson Haze", "Catskill Kush", " "]));
        }
        if self.dice.one_in(4) {
            body["RoomID"] = self.bed(site);
        }
        if self.dice.one_in(4) {
            body["Mother"] = json!(self.dice.one_in(2));
        }
        if let Some(birth) = self.birth() {
            body["BirthDate"] = json!(birth);
        }
        if self.dice.one_in(3) {
            body["ExternalID"] = json!(self.word(4));
        }
        let forecast = self.updated_plant(&id, &body);
        self.step(format!("PUT /v1/plant/{id}"), body, forecast)
    }

    fn updated_plant(&self, id: &str, body: &Value) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Plant, id).ok_or("WIRE-31")?;
        open(row)?;
        if row.wire["State"] == "Cured" {
            return Err("PLT-16");
        }
        if !body["RoomID"].is_null() && !self.has_bed(self.model.site(&key.site), &body["RoomID"]) {
            return Err("PLT-21");
        }
        if *body == json!({}) {
            return Err("PLT-15");
        }
        let changes = |field: &str| !body[field].is_null() && body[field] != row.wire[field];
        let fixed = !grows(row) && (changes("Strain") || changes("Mother"));
        if fixed || (batched(row) && changes("Strain")) {
            return Err("PLT-17");
        }
        if body["Strain"] == " " {
            return Err("PLT-18");
        }
        if body["BirthDate"] == "2026-01-01" {
            return Err("PLT-09");
        }
        Ok(Outcome::of(vec![Change::set(key, row, body.clone())]))
    }

    pub(super) fn move_plants(&mut self) -> Step {
        let ids = self.some_plants(Row::lives);
        let site = self.grower();
        let beds: Vec<Value> = ids.iter().map(|_| self.bed(site)).collect();
        let rows: Vec<Value> =
            ids.iter().zip(&beds).map(|(id, bed)| json!({"PlantID": id, "RoomID": bed})).collect();
        let check = || {
            let mut changes = Vec::new();
            for ((key, row), bed) in self.plants(&ids, "WIRE-32")?.into_iter().zip(&beds) {
                open(row)?;
                if !row.lives() {
                    return Err("PLT-20");
                }
                if !self.has_bed(self.model.site(&key.site), bed) {
                    return Err("PLT-21");
                }
                changes.push(Change::set(key, row, json!({"RoomID": bed})));
            }
            Ok(Outcome::of(changes))
        };
        let forecast = check();
        self.step("PUT /v1/plant/move", json!({"Plant": rows}), forecast)
    }

    pub(super) fn waste(&mut self) -> Step {
        let (site, weight) = (self.grower(), self.amount(false));
        let room = self.shelf(site);
        let unit = *self.dice.pick(&["g", "g", "kg", "OZ", "stone", "each"]);
        let body = json!({
            "LocationLicense": site.license, "RoomID": room, "Weight": number(weight), "UOM": unit,
            "ExternalID": "leaves",
        });
        let check = || {
            self.acting(site)?;
            if !site.grows {
                return Err("LIC-15");
            }
            if !self.has_shelf(site, &room) {
                return Err("ROOM-10");
            }
            weigh::unit(unit)?;
            if weight == 0 {
                return Err("PLT-30");
            }
            let mut wire = item(&site.license, WASTE, false, weight, &room);
            wire["UOM"] = json!(unit.to_lowercase());
            wire["ExternalID"] = json!("leaves");
            let grown = Posting::item(Account::Grown, weight, &wire);
            let outcome = self.with_tags(site, vec![self.fresh(wire, Kind::Inventory)], 1)?;
            Ok(outcome.posting(grown))
        };
        let forecast = check();
        self.step("POST /v1/plant/waste/", body, forecast)
    }

    pub(super) fn convert(&mut self) -> Step {
        let ids = self.some_plants(|row| row.lives() && !batched(row));
        let site = self.grower();
        let shelves: Vec<Value> = ids.iter().map(|_| self.shelf(site)).collect();
        let rows = ids.iter().zip(&shelves);
        let rows: Vec<Value> =
            rows.map(|(id, shelf)| json!({"PlantID": id, "RoomID": shelf})).collect();
        let check = || {
            let mut changes = Vec::new();
            for ((key, row), shelf) in self.plants(&ids, "WIRE-32")?.into_iter().zip(&shelves) {
                open(row)?;
                if !grows(row) || batched(row) {
                    return Err("PLT-45");
                }
                if !self.has_shelf(self.model.site(&key.site), shelf) {
                    return Err("PLT-46");
                }
                let mut wire = item(&key.site, MATURE, true, 1_000_000, shelf);
                wire["ID"] = json!(key.id);
                wire["Strain"] = row.wire["Strain"].clone();
                wire["SourcePlantID"] = json!(key.id);
                let name = Key { kind: Kind::Inventory, ..key.clone() };
                changes.push(Change::to(&name, Row::new(wire, self.ubi)));
                let gone = json!({"Converted": true, "State": "Cured", "StateID": 2});
                changes.push(Change::set(key, row, gone));
            }
            Ok(Outcome::of(changes))
        };
        let forecast = check();
        self.step("PUT /v1/plant/convert/inventory", json!({"Plant": rows}), forecast)
    }

    pub(super) fn undo_planting(&mut self) -> Step {
        let id = self.fitting_id(Kind::Plant, |_, row| row.lives() && row.used == 0);
        let forecast = self.undone_planting(&id);
        self.step(format!("PUT /v1/plant/{id}/undo"), Value::Null, forecast)
    }

    fn undone_planting(&self, id: &str) -> Forecast {
        let (key, row) = self.model.own(self.ubi, Kind::Plant, id).ok_or("WIRE-31")?;
        open(row)?;
        if row.is("Converted") {
            return Err("PLT-47");
        }
        if !grows(row) || batched(row) || row.used > 0 {
            return Err("PLT-48");
        }
        let source = row.wire["SourceInventoryID"].as_str().unwrap_or_default();
        if source.is_empty() {
            return Err("PLT-50");
        }
        let found = self.model.own(self.ubi, Kind::Inventory, source);
        let (from, item) = found.filter(|it| it.0.site == key.site).ok_or("PLT-49")?;
        // What is seized is closed to every write (INV-14).
        let gone =
            item.transferred || ["Deleted", "Destroyed", "Seized"].iter().any(|it| item.is(it));
        if gone || item.scheduled {
            return Err("PLT-49");
        }
        // Nothing comes back into a room that was removed meanwhile.
        let left = micros(&item.wire["RemainingAmount"]);
        if left == 0 && !self.has_shelf(self.model.site(&from.site), &item.wire["RoomID"]) {
            return Err("ROOM-10");
        }
        let more = left + 1_000_000;
        Ok(Outcome::of(vec![
            Change::set(from, item, json!({"RemainingAmount": number(more)})),
            Change::set(key, row, json!({"Deleted": true})),
        ]))
    }
}
