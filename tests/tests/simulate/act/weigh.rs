//! What cuts and cures have in common: weights by type, the items and the yield rows they make.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tagtrail_tests::amount::{converted, exact, micros, number};

use super::{Cast, Change, Refused};
use crate::{
    kind::{Key, Kind},
    model::{Row, item},
};

pub(super) const FLOWER: u32 = 6;
pub(super) const OTHER: u32 = 9;
pub(super) const WASTE: u32 = 27;
pub(super) const WET: u32 = 29;

/// A unit of weight (WIRE-37, WIRE-38).
pub(super) fn unit(name: &str) -> Result<(), Refused> {
    match name.to_lowercase().as_str() {
        "g" | "mg" | "kg" | "oz" | "lb" => Ok(()),
        "each" => Err("WIRE-38"),
        _ => Err("WIRE-37"),
    }
}

/// The `Derivative` and the `UOM` of a call.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub(super) rows: Vec<(u32, i64)>,
    pub(super) unit: Option<&'static str>,
}

impl Weights {
    pub(super) fn body(&self) -> Value {
        let row =
            |(kind, weight): &(u32, i64)| json!({"InventoryType": kind, "Weight": number(*weight)});
        let mut body = json!({"Derivative": self.rows.iter().map(row).collect::<Vec<_>>()});
        if let Some(unit) = self.unit {
            body["UOM"] = json!(unit);
        }
        body
    }

    /// Types that can be, each once, in a unit of weight; then the weights in the record's unit.
    pub(super) fn check(&self, types: &[u32], refused: Refused) -> Result<(), Refused> {
        if self.rows.iter().any(|(kind, _)| !types.contains(kind)) {
            return Err(refused);
        }
        let mut kinds: Vec<u32> = self.rows.iter().map(|it| it.0).collect();
        kinds.sort_unstable();
        if kinds.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("HARV-29");
        }
        unit(self.unit.unwrap_or("g"))
    }

    /// In the unit of the record; what is not nothing stays something.
    pub(super) fn rows_in(&self, unit: &str) -> Result<Vec<(u32, i64)>, Refused> {
        let given = self.unit.unwrap_or(unit);
        let row = |(kind, weight): &(u32, i64)| {
            let booked = converted(*weight, given, unit);
            if booked == 0 && *weight > 0 { Err("INV-06") } else { Ok((*kind, booked)) }
        };
        self.rows.iter().map(row).collect()
    }
}

/// A cut or cure whose yields change: its name (none before it is made), its site, and so on.
pub(super) struct Yielding<'a> {
    /// `HarvestID` or `PlantCureID`.
    pub(super) parent: &'static str,
    pub(super) key: Option<&'a Key>,
    /// Where the new cut or cure stands among the changes.
    pub(super) place: usize,
    pub(super) batch: &'a Key,
    pub(super) unit: &'a str,
    pub(super) room: &'a Value,
}

impl Yielding<'_> {
    fn kind(&self) -> Kind {
        if self.parent == "HarvestID" { Kind::CutYield } else { Kind::CureYield }
    }

    /// Flower of a cut is only a weight (HARV-34).
    fn is_item(&self, kind: u32) -> bool {
        kind != FLOWER || self.parent == "PlantCureID"
    }
}

impl<'a> Cast<'a> {
    /// Weights of some types up to a bound each; now and then of a wrong one, or of one twice.
    pub(super) fn some_weights(&mut self, types: &[(u32, usize)], most: i64) -> Weights {
        let unit = match self.dice.below(24) {
            0 => Some("each"),
            1 => Some("stone"),
            2..=4 => Some("kg"),
            5 | 6 => Some("oz"),
            7 => Some("MG"),
            8..=10 => Some("g"),
            _ => None,
        };
        let most = converted(most, "g", unit.unwrap_or("g")).max(1_000);
        let mut rows = Vec::new();
        for (kind, odds) in types {
            if self.dice.below(10) < *odds {
                let weight = most / 1_000 * (1 + self.dice.below(990) as i64);
                rows.push((*kind, if self.dice.one_in(15) { 0 } else { weight }));
            }
        }
        if self.dice.one_in(30) || rows.is_empty() {
            rows.push((*self.dice.pick(&[7, 10, FLOWER, WASTE]), 2_000_000));
        }
        Weights { rows, unit }
    }

    /// The strain and, if it is only one, the plant of a batch (HARV-41); the strain outlives the plants.
    fn origin(&self, batch: &str) -> (Value, Value) {
        let living: Vec<(&Key, &Row)> = self.model.in_batch(batch).collect();
        let mut ever =
            self.model.all(Kind::Plant).filter(|it| it.1.wire["HarvestBatchID"] == batch);
        let one = living.first().copied().or_else(|| ever.next());
        let strain = one.map_or(json!(""), |it| it.1.wire["Strain"].clone());
        let plant = if living.len() == 1 { json!(living[0].0.id) } else { json!("") };
        (strain, plant)
    }

    /// Items and yield rows for new types, in a unit that is the record's.
    pub(super) fn collect(
        &self,
        of: &Yielding<'_>,
        rows: &[(u32, i64)],
        changes: &mut Vec<Change>,
    ) -> usize {
        let (strain, plant) = self.origin(&of.batch.id);
        let mut items: Vec<(u32, i64)> =
            rows.iter().copied().filter(|(kind, _)| of.is_item(*kind)).collect();
        items.sort_unstable();
        let mut places = BTreeMap::new();
        for (kind, weight) in &items {
            let mut wire = item(&of.batch.site, *kind, false, *weight, of.room);
            wire["UOM"] = json!(of.unit);
            wire["Strain"] = strain.clone();
            wire["SourcePlantID"] = plant.clone();
            places.insert(*kind, changes.len());
            changes.push(self.fresh(wire, Kind::Inventory));
        }
        for (kind, weight) in rows {
            let wire = json!({
                "Deleted": false, "ID": "", "InventoryID": "", "InventoryType": kind,
                "LocationLicense": of.batch.site, "TransactionID": 0, "Weight": number(*weight),
                of.parent: of.key.map(|key| key.id.as_str()).unwrap_or_default(),
            });
            let mut change = self.fresh(wire, of.kind());
            if of.key.is_none() {
                change = change.linked(of.parent, of.place);
            }
            if let Some(place) = places.get(kind) {
                change = change.linked("InventoryID", *place);
            }
            changes.push(change);
        }
        items.len()
    }

    /// The item of a yield row, if it has one.
    fn item_of(&self, row: &Row) -> Option<(&'a Key, &'a Row)> {
        let model = self.model;
        let id = row.wire["InventoryID"].as_str().filter(|id| !id.is_empty())?;
        model.own(self.ubi, Kind::Inventory, id)
    }

    /// Whether an item of a cut or cure was used since it was weighed (WIRE-54): any, or of some types.
    pub(super) fn yield_used(&self, of: &Key, types: Option<&[(u32, i64)]>) -> bool {
        let named = |row: &Row| {
            types.is_none_or(|it| it.iter().any(|(kind, _)| row.wire["InventoryType"] == *kind))
        };
        let live = self.model.yields(of).into_iter().filter(|(_, row)| !row.is("Deleted"));
        let mut items = live.filter(|(_, row)| named(row)).filter_map(|it| self.item_of(it.1));
        items.any(|(_, row)| row.is_used())
    }

    /// A yield and its item with another weight; 0 removes both.
    fn reweighed(&self, (key, row): (&Key, &Row), weight: i64, changes: &mut Vec<Change>) {
        let gone = weight == 0;
        let fields =
            if gone { json!({"Deleted": true}) } else { json!({"Weight": number(weight)}) };
        changes.push(Change::set(key, row, fields));
        if let Some((key, row)) = self.item_of(row) {
            let fields = json!({"RemainingAmount": number(weight), "Deleted": gone});
            changes.push(Change::set(key, row, fields).corrected());
        }
    }

    /// Only the types named change (HARV-45). Gives the number of new items and what was gained.
    pub(super) fn corrected_yields(
        &self,
        of: &Yielding<'_>,
        key: &Key,
        rows: &[(u32, i64)],
        changes: &mut Vec<Change>,
    ) -> (usize, i64) {
        let mut gained = 0;
        let mut new = Vec::new();
        for (kind, weight) in rows {
            let Some((yielded, row)) = self.model.yielded(key, *kind) else {
                new.extend((*weight > 0).then_some((*kind, *weight)));
                continue;
            };
            gained += weight - micros(&row.wire["Weight"]);
            self.reweighed((yielded, row), *weight, changes);
        }
        gained += new.iter().map(|it| it.1).sum::<i64>();
        (self.collect(of, &new, changes), gained)
    }

    /// All yields of a cut or cure and their items, removed.
    pub(super) fn removed_yields(&self, key: &Key, changes: &mut Vec<Change>) {
        for (key, row) in self.model.yields(key) {
            if !row.is("Deleted") {
                self.reweighed((key, row), 0, changes);
            }
        }
    }

    /// Plants do not come back to life in a room that was removed meanwhile (ROOM-10).
    pub(super) fn revives(&self, plants: &[(&Key, &Row)], state: &str) -> Result<(), Refused> {
        let back = plants.iter().filter(|(_, row)| !row.lives() && state != "Cured");
        let mut beds = back.map(|(key, row)| (self.model.site(&key.site), &row.wire["RoomID"]));
        let all = beds.all(|(site, bed)| self.has_room(Kind::GrowRoom, site, bed));
        if all { Ok(()) } else { Err("ROOM-10") }
    }

    /// What the live cuts hold to cure, and what the live cures took of it, exactly.
    pub(super) fn wet_and_dry(&self, batch: &str) -> (i128, i128) {
        let sum = |kind, field: &str| -> i128 {
            let rows = self.model.live_in(batch, kind);
            rows.map(|(_, row)| exact(micros(&row.wire[field]), &row.wire["UOM"])).sum()
        };
        (sum(Kind::Cut, "DryWeightMax"), sum(Kind::Cure, "TotalWeight"))
    }
}
