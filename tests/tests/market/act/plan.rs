//! Manifests of all kinds: planning, changing, offering, accepting, parking, voiding.

use serde_json::{Value, json};

use super::{Act, Chance, bill::sells_to};
use crate::{
    calendar::moment,
    kind::{Kind, each, text},
    market::Market,
};

const CARRIERS: &[&str] = &["OCM-DIST-25-900131", "OCM-DIST-25-900132", "OCM-LSF-25-900191"];

impl<'a> Chance<'a> {
    /// A stop; what it names follows.
    fn stop(&mut self, number: usize, license: &Value) -> Value {
        let leaves = self.market.hours + 1 + self.dice.below(5) as u64;
        json!({
            "StopNumber": number, "LocationLicense": license,
            "ApproximateDeparture": moment(leaves), "ApproximateArrival": moment(leaves + 2),
            "ApproximateRoute": "By the usual road.",
        })
    }

    /// The stop that an invoice asks for.
    fn billed_stop(&mut self, number: usize, invoice: &Value) -> Value {
        let mut stop = self.stop(number, &invoice["BuyerLocationLicense"]);
        let lines = each(&invoice["Inventory"]).filter(|line| line["Deleted"] == false);
        let items: Vec<Value> = lines.map(|it| json!({"InventoryID": it["InventoryID"]})).collect();
        stop["InvoiceID"] = invoice["InvoiceID"].clone();
        stop["Item"] = json!(items);
        stop
    }

    /// An invoice that waits for a manifest.
    fn waiting(&mut self, refund: bool) -> Option<(usize, &'a Value)> {
        self.document(Kind::Invoice, "InvoiceID", |market, row| {
            let id = text(&row["InvoiceID"]);
            let open = market.state(Kind::Invoice, &id) == "Open";
            let lines = each(&row["Inventory"]).any(|line| line["Deleted"] == false);
            open && lines
                && row["Refund"] == refund
                && !market.commitments.planned.contains_key(&id)
        })
    }

    /// An invoice and others of the same seller to other buyers, as stops; or goods for the company's
    /// other site.
    fn stops(&mut self, most: usize) -> Option<(usize, String, Vec<Value>)> {
        if self.dice.one_in(6) {
            return self.stop_within();
        }
        let (party, first) = self.waiting(false)?;
        let mut invoices = vec![first];
        while invoices.len() < most && !self.dice.one_in(3) {
            let buyers: Vec<&Value> =
                invoices.iter().map(|it| &it["BuyerLocationLicense"]).collect();
            let more = self.document(Kind::Invoice, "InvoiceID", |market, row| {
                let id = text(&row["InvoiceID"]);
                market.state(Kind::Invoice, &id) == "Open"
                    && row["Refund"] == false
                    && row["LocationLicense"] == first["LocationLicense"]
                    && !buyers.contains(&&row["BuyerLocationLicense"])
                    && !market.commitments.planned.contains_key(&id)
            });
            let Some((_, more)) = more else { break };
            invoices.push(more);
        }
        let stops = invoices.iter().zip(1..).map(|(it, number)| self.billed_stop(number, it));
        Some((party, text(&first["LocationLicense"]), stops.collect()))
    }

    /// Goods for another site of the company, without an invoice.
    fn stop_within(&mut self) -> Option<(usize, String, Vec<Value>)> {
        let sister = |market: &Market, license: &str, row: &Value| {
            let from = market.site(license)?;
            let mut all = market.cast.sites.values();
            let fits = |to: &&crate::cast::Site| {
                to.owner == from.owner && to.license != from.license && sells_to(from, to, row)
            };
            all.find(fits).map(|to| to.license.clone())
        };
        let (id, stock, row) =
            self.goods(|market, stock, row| sister(market, &stock.site, row).is_some())?;
        let to = sister(self.market, &stock.site, row)?;
        let mut stop = self.stop(1, &json!(to));
        stop["Item"] = json!([{"InventoryID": id}]);
        Some((self.market.cast.owner(&stock.site)?, stock.site.clone(), vec![stop]))
    }

    fn manifest(
        &mut self,
        verb: &'static str,
        kind: &str,
        planned: (usize, String, Vec<Value>),
    ) -> Act {
        let (party, license, stops) = planned;
        let (driver, vehicle) = self.crew(party);
        let body = json!({
            "LocationLicense": license, "Type": kind, "Driver": driver, "Vehicle": vehicle, "Stop": stops,
        });
        Act::new(party, verb, "POST /v1/manifest".to_owned(), body)
    }

    pub(super) fn plan(&mut self) -> Option<Act> {
        let planned = self.stops(3)?;
        Some(self.manifest("plan", "Standard", planned))
    }

    pub(super) fn plan_return(&mut self) -> Option<Act> {
        let (party, invoice) = self.waiting(true)?;
        let stop = self.billed_stop(1, invoice);
        let planned = (party, text(&invoice["LocationLicense"]), vec![stop]);
        Some(self.manifest("plan", "Return", planned))
    }

    /// The stop of one or two samples on the way to their laboratory.
    fn sample_stop(&mut self) -> Option<(usize, String, Value)> {
        let (_, sample) = self.document(Kind::Sample, "ID", |market, row| {
            let id = text(&row["InventoryID"]);
            let there = market.held(&id).is_some_and(|(stock, item)| {
                stock.amount > 0 && !stock.scheduled && item["IsSample"] == true
            });
            row["Result"] == "Pending" && there && market.commitments.of(&id).is_none()
        })?;
        let stock = self.market.ledger.stock.get(sample["InventoryID"].as_str()?)?;
        let mut stop = self.stop(1, &sample["LabLicense"]);
        stop["Item"] = json!([{"InventoryID": sample["InventoryID"]}]);
        Some((self.market.cast.owner(&stock.site)?, stock.site.clone(), stop))
    }

    pub(super) fn plan_samples(&mut self) -> Option<Act> {
        let (party, license, stop) = self.sample_stop()?;
        Some(self.manifest("plan", "Standard", (party, license, vec![stop])))
    }

    pub(super) fn plan_pickup(&mut self) -> Option<Act> {
        let (party, license, stops) = self.stops(1)?;
        let body = json!({
            "LocationLicense": license, "Stop": stops,
            "Driver": [{"Name": "Jo Marsh", "DateofBirth": "1990-02-03"}],
            "Vehicle": {"Description": "White van"},
        });
        Some(Act::new(party, "plan a pickup", "POST /v1/manifest/pickup".to_owned(), body))
    }

    fn transporter(&mut self) -> &'static str {
        let carrier: &&str = self.dice.pick(CARRIERS);
        carrier
    }

    pub(super) fn offer(&mut self) -> Option<Act> {
        let samples = self.dice.one_in(3);
        let (party, license, stops) = if samples {
            let (party, license, stop) = self.sample_stop()?;
            (party, license, vec![stop])
        } else {
            self.stops(3)?
        };
        let carrier = if samples { "OCM-LSF-25-900191" } else { self.transporter() };
        let body = json!({
            "LocationLicense": license, "ThirdPartyTransporter": {"LicenseNumber": carrier}, "Stop": stops,
        });
        Some(Act::new(party, "offer", "POST /v1/manifest/thirdparty".to_owned(), body))
    }

    /// A manifest of a kind in one of some states.
    pub(super) fn trip(&mut self, kinds: &[&str], states: &[&str]) -> Option<(usize, &'a Value)> {
        let wild = self.wild;
        self.document(Kind::Manifest, "ManifestID", |market, row| {
            let state = market.state(Kind::Manifest, &text(&row["ManifestID"]));
            let kind = kinds.is_empty() || kinds.iter().any(|it| row["Type"] == *it);
            kind && (wild || states.contains(&state))
        })
    }

    /// The stops of a manifest as a call names them, some of them left out.
    fn replaced(&mut self, manifest: &Value, party: usize) -> Option<Vec<Value>> {
        let mut stops = Vec::new();
        let all = each(&manifest["Stop"]).count();
        for stop in each(&manifest["Stop"]) {
            let left_out = stops.len() + 1 < all && self.dice.one_in(3);
            if left_out {
                continue;
            }
            let mut new = self.stop(stops.len() + 1, &stop["LocationLicense"]);
            let lines = each(&stop["Item"]).filter(|line| line["Deleted"] == false);
            new["Item"] = lines.map(|it| json!({"InventoryID": it["InventoryID"]})).collect();
            if stop["InvoiceID"] != "" {
                new["InvoiceID"] = stop["InvoiceID"].clone();
            }
            stops.push(new);
        }
        if self.dice.one_in(3) && manifest["Type"] != "Return" {
            let (other, license, more) = self.stops(1)?;
            if other == party && manifest["LicenseNumber"] == license.as_str() {
                return Some(more);
            }
        }
        Some(stops)
    }

    pub(super) fn change_stops(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["Standard", "Return"], &["Planned"])?;
        let body = json!({"Stop": self.replaced(manifest, party)?});
        let start = format!("PUT /v1/manifest/{}", text(&manifest["ManifestID"]));
        Some(Act::new(party, "change stops", start, body))
    }

    pub(super) fn change_driver(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["Standard", "Return"], &["Planned"])?;
        let (driver, vehicle) = self.crew(party);
        let start = format!("PUT /v1/manifest/{}", text(&manifest["ManifestID"]));
        let body = json!({"Driver": driver, "Vehicle": vehicle});
        Some(Act::new(party, "change driver", start, body))
    }

    pub(super) fn change_pickup(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["Pickup"], &["Planned"])?;
        let body = json!({"Stop": self.replaced(manifest, party)?});
        let start = format!("PUT /v1/manifest/pickup/{}", text(&manifest["ManifestID"]));
        Some(Act::new(party, "change pickup", start, body))
    }

    pub(super) fn modify_pickup(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["Pickup"], &["Planned"])?;
        let buyer = self.market.cast.owner(manifest["Stop"][0]["LocationLicense"].as_str()?)?;
        let party = if self.dice.one_in(2) { party } else { buyer };
        let start = format!("PUT /v1/manifest/pickup/{}/modify", text(&manifest["ManifestID"]));
        let body = json!({
            "Driver": [{"Name": "Lou Finch", "DateofBirth": "1985-06-01"}],
            "Vehicle": {"Description": "Red truck"},
        });
        Some(Act::new(party, "modify pickup", start, body))
    }

    pub(super) fn change_offer(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&["ThirdParty"], &["Planned"])?;
        let start = format!("PUT /v1/manifest/thirdparty/{}", text(&manifest["ManifestID"]));
        let body = if self.dice.one_in(2) {
            json!({"ThirdPartyTransporter": {"LicenseNumber": self.transporter()}})
        } else {
            json!({"Stop": self.replaced(manifest, party)?})
        };
        Some(Act::new(party, "change offer", start, body))
    }

    /// A third party's trip and its transporter.
    pub(super) fn carried(&mut self, states: &[&str]) -> Option<(usize, &'a Value, String)> {
        let (_, manifest) = self.trip(&["ThirdParty"], states)?;
        let carrier = manifest["ThirdPartyTransporter"]["LicenseNumber"].as_str()?;
        let carrier = self.market.cast.owner(carrier)?;
        let path = format!("/v1/manifest/thirdparty/{}", text(&manifest["ManifestID"]));
        Some((carrier, manifest, path))
    }

    pub(super) fn accept(&mut self) -> Option<Act> {
        let (carrier, _, path) = self.carried(&["Planned"])?;
        let (driver, vehicle) = self.crew(carrier);
        let body = json!({"Driver": driver, "Vehicle": vehicle});
        Some(Act::new(carrier, "accept", format!("PUT {path}/accept"), body))
    }

    pub(super) fn decline(&mut self) -> Option<Act> {
        let (carrier, _, path) = self.carried(&["Planned", "Accepted"])?;
        Some(Act::bare(carrier, "decline", format!("PUT {path}/reject")))
    }

    pub(super) fn change_crew(&mut self) -> Option<Act> {
        let (carrier, _, path) = self.carried(&["Accepted", "InTransit"])?;
        let (driver, vehicle) = self.crew(carrier);
        let body = json!({"Driver": driver, "Vehicle": vehicle});
        Some(Act::new(carrier, "change crew", format!("PATCH {path}"), body))
    }

    /// The number of a stop in a state.
    fn stop_in(&mut self, manifest: &Value, state: &str) -> Option<Value> {
        let stops = self.market.stops(manifest).filter(|(_, it)| self.wild || *it == state);
        let stops: Vec<Value> = stops.map(|(stop, _)| stop["StopNumber"].clone()).collect();
        if stops.is_empty() { None } else { Some(self.dice.pick(&stops).clone()) }
    }

    pub(super) fn park(&mut self) -> Option<Act> {
        let (carrier, manifest, path) = self.carried(&["InTransit"])?;
        let number = self.stop_in(manifest, "Shipped")?;
        let body = json!({"Stop": [{"StopNumber": number, "TransporterParked": true}]});
        Some(Act::new(carrier, "park", format!("PATCH {path}"), body))
    }

    pub(super) fn resume(&mut self) -> Option<Act> {
        let parked = |market: &Market, row: &Value| market.stops(row).any(|(_, it)| it == "Parked");
        let (_, manifest) = self.document(Kind::Manifest, "ManifestID", parked)?;
        let carrier = manifest["ThirdPartyTransporter"]["LicenseNumber"].as_str()?;
        let carrier = self.market.cast.owner(carrier)?;
        let number = self.stop_in(manifest, "Parked")?;
        let hours = self.market.hours;
        let body = json!({"Stop": [{
            "StopNumber": number, "TransporterResumed": true,
            "ResumedEstimatedDeparture": moment(hours + 1),
            "ResumedEstimatedArrival": moment(hours + 3), "ResumedDirections": "Back on the road.",
        }]});
        let start = format!("PATCH /v1/manifest/thirdparty/{}", text(&manifest["ManifestID"]));
        Some(Act::new(carrier, "resume", start, body))
    }

    pub(super) fn void_manifest(&mut self) -> Option<Act> {
        let (party, manifest) = self.trip(&[], &["Planned", "Accepted", "InTransit"])?;
        let start = format!("PUT /v1/manifest/{}/void", text(&manifest["ManifestID"]));
        Some(Act::bare(party, "void manifest", start))
    }
}
