//! New goods: from paper, from a plant, by the initial upload.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Cast, Change, Forecast, Outcome, Refused, Step};
use crate::model::{Key, Kind, Row, Site, item, number};

/// Item types, and whether they are counted.
const TYPES: &[(u32, bool)] =
    &[(13, false), (6, false), (15, false), (10, true), (28, true), (7, true)];
/// A site that is not connected.
const SUPPLIER: &str = "OCM-CULT-25-900104";

impl Cast<'_> {
    /// In millionths; whole where pieces are counted, but not always.
    pub(super) fn amount(&mut self, counted: bool) -> i64 {
        match self.dice.below(14) {
            0 => 0,
            1 => 2_500_000,
            _ if counted => (1 + self.dice.below(40) as i64) * 1_000_000,
            _ => (1 + self.dice.below(90_000) as i64) * 10_000,
        }
    }

    pub(super) fn create_from_paper(&mut self) -> Step {
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

    pub(super) fn with_tags(&self, site: &Site, changes: Vec<Change>) -> Forecast {
        let tags = if site.pays_tags { changes.len() as u64 } else { 0 };
        if tags > self.model.tags.get(self.ubi).copied().unwrap_or_default() {
            return Err("UID-20");
        }
        Ok(Outcome { changes, tags, uploaded: None })
    }

    pub(super) fn create_from_plant(&mut self) -> Step {
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

    pub(super) fn upload(&mut self) -> Step {
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
    pub(super) fn brought(&mut self) -> Option<String> {
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

    pub(super) fn upload_row(
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
}

fn whole(amount: i64, counted: bool, zero: Refused) -> Result<(), Refused> {
    if amount == 0 {
        return Err(zero);
    }
    if counted && amount % 1_000_000 != 0 { Err("INV-04") } else { Ok(()) }
}
