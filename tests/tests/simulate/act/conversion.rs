//! What is made of lots and of what came of them.

use serde_json::{Value, json};
use tagtrail_tests::amount::{in_grams, micros, number};

use super::{Cast, Forecast, Refused, Step, lot::Sources};
use crate::{
    kind::Kind,
    model::{Site, item},
};

/// What becomes what (rulebook 10.5).
const MATRIX: &[(u64, &[u64])] = &[
    (5, &[16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (13, &[5, 15, 16, 17, 18, 19, 20, 21, 26, 28, 30, 31, 32]),
    (14, &[5, 15, 16, 17, 18, 19, 20, 21, 30]),
    (15, &[16, 20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (16, &[20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (17, &[18, 19, 20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (18, &[17, 19, 20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (19, &[17, 18, 20, 21, 22, 23, 24, 25, 32, 34, 35, 36, 37]),
    (20, &[22, 23, 25, 34, 37]),
    (21, &[22, 23, 25, 34, 35]),
    (30, &[17, 18, 19, 20, 21, 31, 32]),
    (38, &[5, 16, 17, 18, 19, 20, 21, 28, 30, 32]),
];
const INTERMEDIATE: &[u64] = &[5, 15, 16, 17, 18, 19, 20, 21, 30];
const FINAL: &[u64] = &[22, 23, 24, 25, 26, 28, 31, 32, 34, 35, 36, 37];
/// Lots, and what is harvested.
const EARLIER: &[u64] = &[6, 7, 9, 10, 11, 12, 13, 14, 29, 38];
/// What the older systems refused (LOT-48).
const NEVER: &[(u64, u64)] = &[(13, 24), (17, 28), (18, 28), (30, 24), (30, 28)];
/// End products that need no name, the second of which is not sold (LOT-69).
const NAMELESS: &[u64] = &[28, 26];
const SAMPLE_JAR: u64 = 26;
const WASTE: u32 = 27;
/// LOT-30.
const TOLERANCE: i64 = 1_000_000;
const PRODUCTS: &[u64] = &[5, 15, 17, 18, 19, 20, 22, 24, 26, 28, 28, 30, 31, 32, 35, 36];

fn may_become(from: u64, to: u64) -> bool {
    MATRIX.iter().any(|(it, products)| *it == from && products.contains(&to))
}

/// The most special rule that refuses a pair.
fn check_pair(from: u64, to: u64, mixed: bool) -> Result<(), Refused> {
    if may_become(from, to) {
        return Ok(());
    }
    let onward = INTERMEDIATE.contains(&from) || FINAL.contains(&from);
    Err(if onward && EARLIER.contains(&to) {
        "LOT-51"
    } else if FINAL.contains(&from) {
        "LOT-26"
    } else if from == to {
        "LOT-47"
    } else if NEVER.contains(&(from, to)) {
        "LOT-48"
    } else if mixed {
        "LOT-52"
    } else {
        "LOT-25"
    })
}

/// What is made, in grams and as it is counted.
struct Product {
    kind: u64,
    counted: bool,
    amount: i64,
    grams: i64,
    per_unit: Value,
}

impl Cast<'_> {
    pub(super) fn process(&mut self) -> Step {
        let sources: Vec<u64> = MATRIX.iter().map(|it| it.0).collect();
        let rows = match self.dice.below(12) {
            0 => self.some_sources(&[6, 9, 28, 31, 22, 27]),
            _ => self.some_sources(&sources),
        };
        let kind = self.some_product(&rows);
        let site = self.model.sites.iter().find(|it| it.ubi == self.ubi && it.converts);
        let site = if let Some(site) = site { site } else { self.own_site() };
        let mut body = json!({"Item": rows, "InventoryType": kind, "RoomID": self.room_for(site)});
        self.label(&mut body);
        if !NAMELESS.contains(&kind) && !self.dice.one_in(8) {
            body["ProductName"] = json!("Night shift");
        }
        self.yield_of(&rows, kind, &mut body);
        let forecast = self.processed(&rows, &body);
        self.step("POST /v1/inventory/conversion", body, forecast)
    }

    /// A type that the first source may become, and now and then any.
    fn some_product(&mut self, rows: &[Value]) -> u64 {
        let id = rows.first().and_then(|row| row["InventoryID"].as_str()).unwrap_or_default();
        let found = self.model.own(self.ubi, Kind::Inventory, id);
        let from = found.and_then(|(_, row)| row.wire["InventoryType"].as_u64());
        let products = MATRIX.iter().find(|it| Some(it.0) == from).map(|it| it.1);
        match products {
            Some(products) if !self.dice.one_in(12) => *self.dice.pick(products),
            _ if self.dice.one_in(3) => *self.dice.pick(&[6, 9, 13, 14, 27, 38]),
            _ => *self.dice.pick(PRODUCTS),
        }
    }

    /// Product and waste near what is used, now and then above it.
    fn yield_of(&mut self, rows: &[Value], kind: u64, body: &mut Value) {
        let grams = |row: &Value| {
            let id = row["InventoryID"].as_str().unwrap_or_default();
            let found = self.model.own(self.ubi, Kind::Inventory, id).map(|(_, row)| row);
            let own = found.and_then(|row| row.wire["UOM"].as_str()).unwrap_or("g");
            let left = found.map_or(&Value::Null, |row| &row.wire["RemainingAmount"]);
            let amount = if row["Amount"].is_null() { left } else { &row["Amount"] };
            if amount.is_null() {
                0
            } else {
                in_grams(micros(amount), row["UOM"].as_str().unwrap_or(own))
            }
        };
        let used: i64 = rows.iter().map(grams).sum();
        let product = used / 1_000 * *self.dice.pick(&[150, 400, 700, 990, 1_000, 1_000, 1_100]);
        let extra = *self.dice.pick(&[0, 0, 0, 1_000_000, 1_000_001]);
        let left = (used - product).max(0);
        if FINAL.contains(&kind) {
            let each = *self.dice.pick(&[1_000_000, 3_500_000, 100_000, 333_333]);
            body["Amount"] = number((product / each).max(1) * 1_000_000);
            body["WeightPerUnit"] = number(if self.dice.one_in(20) { 0 } else { each });
        } else {
            body["Amount"] = number((product + extra).max(1));
        }
        if self.dice.one_in(3) && left > 0 {
            let share = *self.dice.pick(&[500, 1_000, 1_000, 0]);
            body["Waste"] = number(left / 1_000 * share);
        }
    }

    fn processed(&self, rows: &[Value], body: &Value) -> Forecast {
        if rows.is_empty() {
            return Err("LOT-21");
        }
        let gate = |site: &Site| match (site.converts, site.harvests) {
            (true, _) => Ok(()),
            (false, true) => Err("LIC-16"),
            (false, false) => Err("LOT-27"),
        };
        let sources = self.found_sources(rows, gate, "LOT-22")?;
        let product = Self::product(body)?;
        let types = sources.types();
        let mixed = types.iter().any(|it| *it != types[0]);
        types.iter().try_for_each(|from| check_pair(*from, product.kind, mixed))?;
        sources.check_left("LOT-28")?;
        if product.counted && body["WeightPerUnit"] == 0 {
            return Err("LOT-29");
        }
        let waste = if body["Waste"].is_null() { None } else { Some(micros(&body["Waste"])) };
        if product.grams + waste.unwrap_or_default() > sources.grams + TOLERANCE {
            return Err("LOT-30");
        }
        if waste == Some(0) {
            return Err("LOT-32");
        }
        let named = !body["ProductName"].is_null();
        if FINAL.contains(&product.kind) && !NAMELESS.contains(&product.kind) && !named {
            return Err("LOT-69");
        }
        self.check_name(body)?;
        let site = self.model.site(sources.license());
        self.check_room(site, &body["RoomID"]).map_err(|_| "ROOM-10")?;
        self.products_of(&sources, &product, waste, body)
    }

    fn product(body: &Value) -> Result<Product, Refused> {
        let kind = body["InventoryType"].as_u64().unwrap_or_default();
        let counted = FINAL.contains(&kind);
        let amount = micros(&body["Amount"]);
        let per_unit = if counted { body["WeightPerUnit"].clone() } else { json!(0) };
        let grams = if counted { amount / 1_000_000 * micros(&per_unit) } else { amount };
        Ok(Product { kind, counted, amount, grams, per_unit })
    }

    fn products_of(
        &self,
        sources: &Sources<'_>,
        product: &Product,
        waste: Option<i64>,
        body: &Value,
    ) -> Forecast {
        let (license, room) = (sources.license(), &body["RoomID"]);
        let mut wire = item(license, product.kind as u32, product.counted, product.amount, room);
        sources.inherit(body, &mut wire);
        if product.counted {
            wire["UsableWeight"] = product.per_unit.clone();
        }
        // What is sold counts with it against the limits (INV-57).
        if product.counted && product.kind != SAMPLE_JAR {
            for field in ["RecUsableWeight", "MedUsableWeight"] {
                wire[field] = product.per_unit.clone();
            }
        }
        for field in ["Strain", "ProductName", "ExternalID"] {
            wire[field] = json!(body[field].as_str().unwrap_or_default());
        }
        if body["Strain"].is_null() {
            wire["Strain"] = sources.strain().cloned().unwrap_or(json!(""));
        }
        let mut products = vec![wire];
        if let Some(waste) = waste {
            let mut wire = item(license, WASTE, false, waste, room);
            sources.inherit(&Value::Null, &mut wire);
            // Nobody takes waste as medicine.
            wire["Medicated"] = json!(false);
            products.push(wire);
        }
        self.booked(sources, products, &product.per_unit)
    }
}
