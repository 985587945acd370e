//! Shipping, arriving, receiving, taking back, voiding transfers.

use serde_json::{Value, json};
use tagtrail_tests::amount::micros;

use super::{Act, Chance};
use crate::kind::{Kind, each, text};

impl Chance<'_> {
    pub(super) fn ship(&mut self) -> Option<Act> {
        let (party, manifest) = self.shippable()?;
        let body = json!({"ManifestID": manifest});
        Some(Act::new(party, "ship", "POST /v1/inventory/transfer".to_owned(), body))
    }

    fn shippable(&mut self) -> Option<(usize, String)> {
        let wild = self.wild;
        let (party, manifest) = self.document(Kind::Manifest, "ManifestID", |market, row| {
            let state = market.state(Kind::Manifest, &text(&row["ManifestID"]));
            let offered = row["Type"] == "ThirdParty" && state == "Planned";
            let waits = market.stops(row).any(|(_, it)| it == "Planned");
            let open = ["Planned", "Accepted", "InTransit"].contains(&state);
            wild || (open && waits && !offered)
        })?;
        Some((party, text(&manifest["ManifestID"])))
    }

    /// One stop of a manifest that has several.
    pub(super) fn ship_stop(&mut self) -> Option<Act> {
        let (party, manifest) = self.document(Kind::Manifest, "ManifestID", |market, row| {
            let state = market.state(Kind::Manifest, &text(&row["ManifestID"]));
            let ready = row["Type"] != "ThirdParty" || state != "Planned";
            let waits = market.stops(row).any(|(_, it)| it == "Planned");
            let open = ["Planned", "Accepted", "InTransit"].contains(&state);
            open && ready && waits && each(&row["Stop"]).count() > 1 && row["Type"] != "Delivery"
        })?;
        let waits = self.market.stops(manifest).filter(|(_, state)| *state == "Planned");
        let waits: Vec<&Value> = waits.map(|(stop, _)| &stop["StopNumber"]).collect();
        let number = (*self.dice.pick(&waits)).clone();
        let body = json!({"ManifestID": manifest["ManifestID"], "ManifestStopNumber": [number]});
        Some(Act::new(party, "ship", "POST /v1/inventory/transfer".to_owned(), body))
    }

    /// A stop in a state, of a third party's trip or of another.
    fn at_stop(&mut self, third: bool, state: &str) -> Option<(usize, String)> {
        let (market, wild) = (self.market, self.wild);
        let (party, manifest) = self.document(Kind::Manifest, "ManifestID", |market, row| {
            let kind = (row["Type"] == "ThirdParty") == third && row["Type"] != "Rejected";
            kind && (wild || market.stops(row).any(|(_, it)| it == state))
        })?;
        let stops = market.stops(manifest).filter(|(_, it)| wild || *it == state);
        let stops: Vec<&Value> = stops.map(|(stop, _)| &stop["StopNumber"]).collect();
        if stops.is_empty() {
            return None;
        }
        let number = *self.dice.pick(&stops);
        let driver = if third {
            market.cast.owner(manifest["ThirdPartyTransporter"]["LicenseNumber"].as_str()?)?
        } else if manifest["Type"] == "Pickup" && self.dice.one_in(2) {
            market.cast.owner(manifest["Stop"][0]["LocationLicense"].as_str()?)?
        } else {
            party
        };
        let group = if third { "thirdparty/" } else { "" };
        let id = text(&manifest["ManifestID"]);
        Some((driver, format!("PUT /v1/manifest/{group}{id}/stop/{number}/arrive")))
    }

    pub(super) fn arrive(&mut self) -> Option<Act> {
        let (driver, start) = self.at_stop(false, "Shipped")?;
        Some(Act::new(driver, "arrive", start, json!({})))
    }

    pub(super) fn arrive_for_others(&mut self) -> Option<Act> {
        let (driver, start) = self.at_stop(true, "Shipped")?;
        Some(Act::new(driver, "arrive for others", start, json!({})))
    }

    pub(super) fn undo_arrival(&mut self) -> Option<Act> {
        let (driver, start) = self.at_stop(false, "Arrived")?;
        Some(Act::bare(driver, "undo arrival", format!("{start}/undo")))
    }

    pub(super) fn receive(&mut self) -> Option<Act> {
        let wild = self.wild;
        let (_, transfer) = self.document(Kind::Transfer, "ID", |market, row| {
            let state = market.state(Kind::Transfer, &text(&row["ID"]));
            let kind = row["TransferType"] != "Rejected" && row["TransferType"] != "Sample";
            kind && (wild || state == "Arrived")
        })?;
        let license = text(&transfer["InboundLicense"]);
        let receiver = self.market.cast.owner(&license)?;
        let mood = self.dice.below(9);
        let mut items = Vec::new();
        for line in each(&transfer["Item"]).filter(|line| line["Deleted"] == false) {
            let mut item = json!({"InventoryID": line["InventoryID"]});
            let counted = line["Inventory"]["UnitBased"] == true;
            let whole = micros(&line["Amount"]);
            match if mood >= 6 { self.dice.below(4) } else { mood } {
                0 => item["ReceivedAmount"] = self.some_of(whole, counted),
                1 => item["IsRejected"] = json!(true),
                2 if self.dice.one_in(2) => continue,
                _ => item["ReceivedAmount"] = line["Amount"].clone(),
            }
            if item["IsRejected"] != true {
                item["RoomID"] = json!(self.room(&license));
            }
            items.push(item);
        }
        let start = format!("PUT /v1/inventory/transfer/{}/receive", transfer["ID"]);
        Some(Act::new(receiver, "receive", start, json!({ "Item": items })))
    }

    pub(super) fn take_back(&mut self) -> Option<Act> {
        let (_, transfer) = self.document(Kind::Transfer, "ID", |market, row| {
            market.state(Kind::Transfer, &text(&row["ID"])) == "ComingBack"
        })?;
        let license = text(&transfer["InboundLicense"]);
        let receiver = self.market.cast.owner(&license)?;
        let mut items = Vec::new();
        for line in each(&transfer["Item"]) {
            let counted = line["Inventory"]["UnitBased"] == true;
            let amount = if self.dice.one_in(5) {
                self.some_of(micros(&line["Amount"]), counted)
            } else {
                line["Amount"].clone()
            };
            let room = self.room(&license);
            let id = &line["InventoryID"];
            items.push(json!({"InventoryID": id, "ReceivedAmount": amount, "RoomID": room}));
        }
        let start = format!("PUT /v1/inventory/transfer/{}/receive", transfer["ID"]);
        Some(Act::new(receiver, "receive", start, json!({ "Item": items })))
    }

    pub(super) fn void_transfer(&mut self) -> Option<Act> {
        let wild = self.wild;
        let (party, transfer) = self.document(Kind::Transfer, "ID", |market, row| {
            let state = market.state(Kind::Transfer, &text(&row["ID"]));
            wild || ["InTransit", "Arrived"].contains(&state)
        })?;
        let start = format!("PUT /v1/inventory/transfer/{}/void", transfer["ID"]);
        Some(Act::bare(party, "void transfer", start))
    }
}
