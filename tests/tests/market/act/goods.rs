//! Making and keeping goods: on paper, lots and their parts, products, counts, rooms, destruction, holds.

use serde_json::json;
use tagtrail_tests::amount::number;

use super::{Act, Chance};
use crate::{cast::SUPPLIER, kind::Kind, market::Market, trade};

impl Chance<'_> {
    pub(super) fn buy_on_paper(&mut self) -> Option<Act> {
        let sites = self.market.cast.sites.values().filter(|site| (1..=12).contains(&site.kind));
        let site = self.dice.favorite(sites, |site| site.vendor)?;
        let kind = *self.dice.pick(trade::bought(site.kind));
        let count = 1 + self.dice.below(2);
        let rows: Vec<_> = (0..count).map(|_| self.bought_row(&site.license, kind)).collect();
        let body = json!({"LocationLicense": site.license, "Inventory": rows});
        Some(Act::new(site.owner, "buy on paper", "POST /v1/inventory".to_owned(), body))
    }

    fn bought_row(&mut self, license: &str, kind: u64) -> serde_json::Value {
        let end = trade::is_end(kind);
        let units = (5 + self.dice.below(60)) as i64;
        let amount = if end || kind == 10 { units * 1_000_000 } else { units * 7_250_000 };
        let mut row = json!({
            "SupplierLicense": SUPPLIER, "InventoryType": kind, "Amount": number(amount),
            "RoomID": self.room(license), "Strain": "Erie Diesel", "ProductName": "Market goods",
            "PackageDate": "2025-07-01", "ExpirationDate": "2026-07-01",
        });
        if end {
            row["NetPackageWeight"] = json!(3.5);
            row["UsableWeight"] = json!(3.5);
        }
        if kind != 10 && (end || self.dice.one_in(2)) && !self.dice.one_in(6) {
            row["LabSample"] = json!({
                "LabLicense": "OCM-CPL-90011", "Result": "Passed",
                "CertOfAnalysisHyperlink": "https://coa.example/m.pdf",
            });
        }
        row
    }

    pub(super) fn sublot(&mut self) -> Option<Act> {
        let (id, stock, row) = self.goods(|_, stock, _| stock.amount > 1_000_000)?;
        let party = self.market.cast.owner(&stock.site)?;
        let counted = row["UnitBased"] == true;
        let mut body = json!({"Amount": self.some_of(stock.amount - 1_000_000, counted)});
        if self.dice.one_in(2) {
            body["RoomID"] = json!(self.room(&stock.site));
        }
        Some(Act::new(party, "sublot", format!("POST /v1/inventory/{id}/sublot"), body))
    }

    /// Two items of one site, type and strain become one.
    pub(super) fn lot(&mut self) -> Option<Act> {
        let flower = |_: &Market, _: &_, row: &serde_json::Value| row["InventoryType"] == 6;
        let lots = |_: &Market, _: &_, row: &serde_json::Value| row["InventoryType"] == 13;
        let (id, stock, row) =
            if self.dice.one_in(2) { self.goods(flower)? } else { self.goods(lots)? };
        let like = self.goods(|_, other, it| {
            it["ID"] != id
                && other.site == stock.site
                && ["InventoryType", "Strain", "QAStatus"]
                    .iter()
                    .all(|field| it[*field] == row[*field])
        })?;
        let party = self.market.cast.owner(&stock.site)?;
        let part = self.some_of(like.1.amount, false);
        let items = json!([{"InventoryID": id}, {"InventoryID": like.0, "Amount": part}]);
        let body = json!({"Item": items, "InventoryType": 13, "RoomID": self.room(&stock.site)});
        Some(Act::new(party, "lot", "POST /v1/inventory/lot".to_owned(), body))
    }

    /// A lot becomes pre-rolls of a gram.
    pub(super) fn convert(&mut self) -> Option<Act> {
        let (id, stock, _) = self.goods(|market, stock, row| {
            let kind = market.site(&stock.site).map_or(0, |site| site.kind);
            row["InventoryType"] == 13 && [3, 4, 6, 9].contains(&kind) && stock.amount >= 10_000_000
        })?;
        let party = self.market.cast.owner(&stock.site)?;
        let grams = 5 + self.dice.below(5) as i64;
        let mut body = json!({
            "Item": [{"InventoryID": id, "Amount": grams}], "InventoryType": 31, "Amount": grams - 2,
            "WeightPerUnit": 1, "RoomID": self.room(&stock.site), "Strain": "Erie Diesel",
            "ProductName": "Market pre-roll", "NetPackageWeight": 1,
            "PackageDate": "2025-07-01", "ExpirationDate": "2026-07-01",
        });
        if self.dice.one_in(2) {
            body["Waste"] = json!(0.5);
        }
        Some(Act::new(party, "convert", "POST /v1/inventory/conversion".to_owned(), body))
    }

    pub(super) fn adjust(&mut self) -> Option<Act> {
        let (id, stock, row) = self.goods(|_, _, _| true)?;
        let party = self.market.cast.owner(&stock.site)?;
        let amount = self.some_of(stock.amount, row["UnitBased"] == true);
        let field = *self.dice.pick(&["Amount", "RemoveAmount"]);
        let row = json!({"InventoryID": id, field: amount, "Type": 8, "Reason": "Counted."});
        let body = json!({"Inventory": [row]});
        Some(Act::new(party, "adjust", "PUT /v1/inventory/adjust".to_owned(), body))
    }

    pub(super) fn relocate(&mut self) -> Option<Act> {
        let (id, stock, _) = self.goods(|_, _, _| true)?;
        let party = self.market.cast.owner(&stock.site)?;
        let row = json!({"InventoryID": id, "RoomID": self.room(&stock.site)});
        let body = json!({"Inventory": [row]});
        Some(Act::new(party, "relocate", "PUT /v1/inventory/move".to_owned(), body))
    }

    pub(super) fn schedule(&mut self) -> Option<Act> {
        let (id, stock, _) = self.goods(|_, _, row| row["QAStatus"] != "Passed")?;
        let party = self.market.cast.owner(&stock.site)?;
        let body = json!({"Inventory": [{"InventoryID": id}], "ReasonExtended": 6});
        Some(Act::new(party, "schedule", "PUT /v1/inventory/destroy/schedule".to_owned(), body))
    }

    pub(super) fn unschedule(&mut self) -> Option<Act> {
        self.scheduled("unschedule", "PUT /v1/inventory/destroy/schedule/undo")
    }

    pub(super) fn destroy(&mut self) -> Option<Act> {
        self.scheduled("destroy", "PUT /v1/inventory/destroy")
    }

    fn scheduled(&mut self, verb: &'static str, start: &str) -> Option<Act> {
        let (market, wild) = (self.market, self.wild);
        let all = market.goods().filter(|(_, stock, _)| wild || stock.scheduled);
        let found = self.dice.favorite(all, |(id, ..)| market.name_of(Kind::Inventory, id));
        let (id, stock, _) = found?;
        let party = market.cast.owner(&stock.site)?;
        let body = json!({"Inventory": [{"InventoryID": id}]});
        Some(Act::new(party, verb, start.to_owned(), body))
    }

    pub(super) fn hold(&mut self) -> Option<Act> {
        let (market, dice) = (self.market, &mut *self.dice);
        let all = market.goods().filter(|(_, stock, _)| !stock.hold);
        let (id, ..) = dice.favorite(all, |(id, ..)| market.name_of(Kind::Inventory, id))?;
        Some(hold(id, true))
    }

    pub(super) fn release(&mut self) -> Option<Act> {
        let (market, dice) = (self.market, &mut *self.dice);
        let all = market.goods().filter(|(_, stock, _)| stock.hold);
        let (id, ..) = dice.favorite(all, |(id, ..)| market.name_of(Kind::Inventory, id))?;
        Some(hold(id, false))
    }
}

/// The state's own verb, by the control plane.
fn hold(id: &str, hold: bool) -> Act {
    let verb = if hold { "hold" } else { "release" };
    let start = format!("PUT /items/{id}/hold");
    Act { operator: true, ..Act::new(0, verb, start, json!({ "Hold": hold })) }
}
