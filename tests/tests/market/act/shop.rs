//! Sales, refunds and deliveries.

use serde_json::{Value, json};

use super::{Act, Chance};
use crate::{
    calendar::moment,
    kind::{Kind, each, text},
    market::Market,
    trade,
};

impl<'a> Chance<'a> {
    pub(super) fn sell(&mut self) -> Option<Act> {
        let fits = |market: &Market, kind: &Value, license: &str| {
            let shop = market.site(license).is_some_and(|site| trade::sells(site.kind));
            shop && kind.as_u64().is_some_and(trade::is_end)
        };
        let (id, stock, row) = self.goods(|market, stock, row| {
            row["QAStatus"] == "Passed" && fits(market, &row["InventoryType"], &stock.site)
        })?;
        let mut lines = vec![self.sold(id)];
        if self.dice.one_in(3) {
            let more = self.goods(|market, other, it| {
                other.site == stock.site
                    && it["QAStatus"] == "Passed"
                    && fits(market, &it["InventoryType"], &other.site)
            });
            lines.extend(more.map(|(id, ..)| self.sold(id)));
        }
        let site = self.market.site(&stock.site)?;
        let medical = site.kind == 9 && self.dice.one_in(2) && row["UnitBased"] == true;
        let mut body = json!({
            "LocationLicense": stock.site, "Type": if medical { "MEDICAL" } else { "RECREATIONAL" },
            "Datetime": moment(self.market.hours), "Item": lines,
        });
        if medical {
            body["CardID"] = json!("P-77");
        }
        Some(Act::new(site.owner, "sell", "POST /v1/sale".to_owned(), body))
    }

    fn sold(&mut self, id: &str) -> Value {
        json!({
            "Barcode": id, "Quantity": 1 + self.dice.below(3), "Price": self.price(),
            "TaxCollected": {"Excise": 1.5, "Other": 0},
        })
    }

    /// A sale that is not voided, and no refund.
    fn sale(&mut self) -> Option<(usize, &'a Value)> {
        let wild = self.wild;
        self.document(Kind::Sale, "ID", |market, row| {
            wild || market.state(Kind::Sale, &text(&row["ID"])) == "Live"
        })
    }

    pub(super) fn change_sale(&mut self) -> Option<Act> {
        let (party, sale) = self.sale()?;
        let line = each(&sale["Item"]).next()?;
        let body = json!({"Item": [{"ItemNumber": line["ItemNumber"], "Price": self.price()}]});
        Some(Act::new(party, "change sale", format!("PUT /v1/sale/{}", sale["ID"]), body))
    }

    pub(super) fn void_sale(&mut self) -> Option<Act> {
        let (party, sale) = self.sale()?;
        let body = json!({"VoidReason": "Rung up twice."});
        Some(Act::new(party, "void sale", format!("PUT /v1/sale/{}/void", sale["ID"]), body))
    }

    pub(super) fn refund(&mut self) -> Option<Act> {
        let (party, sale) = self.sale()?;
        let at = sale["Location"].as_u64();
        let site = self.market.cast.sites.values().find(|site| Some(site.vendor) == at)?;
        // Another shop of the company may refund, too (SALE-54).
        let sites = self.market.cast.sites.values();
        let shops = sites.filter(|it| it.owner == party && trade::sells(it.kind));
        let other = self.dice.favorite(shops, |it| it.vendor);
        let site = if self.dice.one_in(4) { other.unwrap_or(site) } else { site };
        let lines: Vec<&Value> = each(&sale["Item"]).collect();
        let line = if lines.is_empty() { return None } else { *self.dice.pick(&lines) };
        let quantity = line["Quantity"].as_u64().unwrap_or(1).max(1);
        let mut item = json!({
            "ItemNumber": line["ItemNumber"], "Quantity": 1 + self.dice.below(quantity as usize),
            "Price": line["Price"],
        });
        if self.dice.one_in(3) {
            item["Restocked"] = json!(false);
        } else {
            item["RoomID"] = json!(self.room(&site.license));
        }
        let body = json!({"LocationLicense": site.license, "Item": [item]});
        Some(Act::new(party, "refund", format!("POST /v1/sale/{}/refund", sale["ID"]), body))
    }

    /// A sale that may go on a delivery, or any if rights are overlooked.
    fn order(&mut self, at: &Value) -> Option<(usize, &'a Value)> {
        let wild = self.wild;
        self.document(Kind::Sale, "ID", |market, row| {
            let live = market.state(Kind::Sale, &text(&row["ID"])) == "Live";
            wild || (live && (at.is_null() || row["Location"] == *at))
        })
    }

    fn delivery_stop(&self, number: usize, sale: &Value) -> Value {
        let leaves = self.market.hours + 1;
        json!({
            "StopNumber": number, "SaleID": sale, "Name": "A. Customer", "City": "Eastmoor",
            "State": "NY", "ZipCode": "11899", "ApproximateDeparture": moment(leaves),
            "ApproximateArrival": moment(leaves + 1), "ApproximateRoute": "Through the town.",
        })
    }

    pub(super) fn plan_delivery(&mut self) -> Option<Act> {
        let (party, first) = self.order(&Value::Null)?;
        let mut stops = vec![self.delivery_stop(1, &first["ID"])];
        for _ in 0..self.dice.below(3) {
            let Some((_, more)) = self.order(&first["Location"]) else { break };
            if stops.iter().all(|stop| stop["SaleID"] != more["ID"]) {
                stops.push(self.delivery_stop(stops.len() + 1, &more["ID"]));
            }
        }
        let at = first["Location"].as_u64();
        let site = self.market.cast.sites.values().find(|site| Some(site.vendor) == at)?;
        let (driver, vehicle) = self.crew(party);
        let body = json!({
            "LocationLicense": site.license, "Type": "Delivery", "Driver": driver,
            "Vehicle": vehicle, "Stop": stops,
        });
        Some(Act::new(party, "plan a delivery", "POST /v1/manifest".to_owned(), body))
    }

    /// Orders that cannot be handed over are dropped (SALE-66, SALE-68).
    pub(super) fn change_delivery(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["Delivery"], &["InTransit"])?;
        let mut stops = Vec::new();
        let sales = self.market.orders.get(&text(&manifest["ManifestID"]))?;
        for ((_, state), sale) in self.market.stops(manifest).zip(sales) {
            if state == "Arrived" || !self.dice.one_in(2) {
                stops.push(self.delivery_stop(stops.len() + 1, sale));
            }
        }
        let start = format!("PUT /v1/manifest/{}", text(&manifest["ManifestID"]));
        Some(Act::new(party, "change delivery", start, json!({ "Stop": stops })))
    }
}
