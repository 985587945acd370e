//! New goods: from paper, from a plant, by the initial upload.

use std::collections::BTreeSet;

use serde_json::json;
use tagtrail_tests::amount::number;

use super::{Cast, Change, Outcome, Refused, Step};
use crate::{
    books::{Account, Posting},
    kind::{Key, Kind},
    model::{Row, Site, item},
};

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
        let (mut changes, mut postings) = (Vec::new(), Vec::new());
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
            postings.push(Posting::item(Account::Paper, amount, &wire));
            changes.push(self.fresh(wire, Kind::Inventory));
        }
        let body = json!({"LocationLicense": site.license, "Inventory": rows});
        let count = changes.len();
        let forecast = refused.map_or_else(|| self.with_tags(site, changes, count), Err);
        let forecast = forecast.map(|outcome| Outcome { postings, ..outcome });
        self.step("POST /v1/inventory", body, forecast)
    }

    pub(super) fn create_from_plant(&mut self) -> Step {
        let site = self.site_of_somebody();
        let plant = self.fitting_id(Kind::Plant, |_, row| row.is("Mother") && row.lives());
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
            let (mother, row) = self.mother(&plant, site)?;
            self.check_room(site, &room)
                .map_err(|it| if it == "none" { "INV-30" } else { "INV-31" })?;
            whole(amount, counted, "INV-06")?;
            let mut wire = item(&site.license, kind, counted, amount, &room);
            wire["SourcePlantID"] = json!(plant);
            wire["Strain"] = row.wire["Strain"].clone();
            let grown = Posting::item(Account::Grown, amount, &wire);
            let mut outcome = self.with_tags(site, vec![self.fresh(wire, Kind::Inventory)], 1)?;
            outcome.uses.push(mother.clone());
            Ok(outcome.posting(grown))
        };
        let forecast = check();
        self.step("POST /v1/inventory", body, forecast)
    }

    /// A plant that gives cuttings (PLT-28).
    fn mother(&self, id: &str, site: &Site) -> Result<(&Key, &Row), Refused> {
        let found = self.model.own(self.ubi, Kind::Plant, id);
        let (key, row) = found.filter(|it| it.0.site == site.license).ok_or("INV-25")?;
        if row.is("Deleted") {
            return Err("WIRE-32");
        }
        if row.wire["State"] != "Growing" || row.is("DestroyScheduled") {
            return Err("INV-25");
        }
        if row.is("Mother") { Ok((key, row)) } else { Err("INV-26") }
    }

    pub(super) fn upload(&mut self) -> Step {
        let site = self.site_of_somebody();
        let mut rows = Vec::new();
        let mut upload = Upload::default();
        for _ in 0..=self.dice.below(4) {
            let (kind, counted) = *self.dice.pick(&TYPES[..4]);
            let (amount, room) = (self.amount(counted), self.room_for(site));
            let sent = self.brought(Kind::Inventory);
            let mut row = json!({"InventoryType": kind, "Amount": number(amount), "RoomID": room});
            if let Some(id) = &sent {
                row["ProviderBarcodeID"] = json!(id);
            }
            rows.push(row);
            let check = || {
                self.check_room(site, &room).map_err(|_| "603")?;
                if counted && amount % 1_000_000 != 0 {
                    return Err("202");
                }
                upload.check_id(self, site, sent.as_ref())?;
                if amount == 0 { Err("202") } else { Ok(()) }
            };
            let refused = check().err();
            let mut wire = item(&site.license, kind, counted, amount, &room);
            wire["Initial"] = json!(true);
            let posting = Posting::item(Account::Opening, amount, &wire);
            let change = self.fresh(wire, Kind::Inventory);
            upload.enter(self, site, sent, refused, change, posting);
        }
        let body = json!({"LocationLicense": site.license, "Data": rows});
        let refused = if site.ubi == self.ubi { None } else { Some("INIT-04") };
        let forecast = refused.map_or(Ok(upload.outcome()), Err);
        self.step("POST /v1/inventory/initial", body, forecast)
    }

    /// An identifier that is already on the goods: new, or one that is in use.
    pub(super) fn brought(&mut self, kind: Kind) -> Option<String> {
        match self.dice.below(4) {
            0 => None,
            1 => {
                let rows = self.model.all(kind);
                let rows = rows.filter(|(_, row)| !row.untouchable && !row.transferred);
                let rows: Vec<(&Key, &Row)> = rows.collect();
                self.one_of(&rows).map(|(key, _)| key.id.clone())
            }
            _ => Some(format!(
                "{:08}{:08}",
                self.dice.below(100_000_000),
                self.dice.below(100_000_000)
            )),
        }
    }
}

/// An upload row by row: an earlier row may take the identifier or the last tag of a later one.
#[derive(Default)]
pub(super) struct Upload {
    codes: Vec<Option<&'static str>>,
    outcome: Outcome,
    taken: BTreeSet<String>,
}

impl Upload {
    /// The same license does not upload an identifier twice (INIT-22).
    pub(super) fn check_id(
        &self,
        cast: &Cast<'_>,
        site: &Site,
        sent: Option<&String>,
    ) -> Result<(), &'static str> {
        let own = |(key, row): (&Key, &Row)| {
            Some(&key.id) == sent && row.uploaded_by.as_ref() == Some(&site.license)
        };
        let fresh = sent.is_none_or(|id| self.taken.contains(id));
        if !fresh && cast.model.rows.iter().any(own) { Err("602") } else { Ok(()) }
    }

    pub(super) fn enter(
        &mut self,
        cast: &Cast<'_>,
        site: &Site,
        sent: Option<String>,
        refused: Option<&'static str>,
        mut change: Change,
        posting: Posting,
    ) {
        let tags = cast.model.tags.get(site.ubi).copied().unwrap_or_default();
        let broke = site.pays_tags && tags == self.outcome.tags;
        let code = refused.or(broke.then_some("602"));
        self.codes.push(code);
        if code.is_some() {
            return;
        }
        self.outcome.tags += u64::from(site.pays_tags);
        let free = |id: &&String| !cast.model.seen.contains(*id) && !self.taken.contains(*id);
        change.row.wire["ID"] = json!(sent.as_ref().filter(free).cloned().unwrap_or_default());
        change.row.uploaded_by = Some(site.license.clone());
        self.outcome.changes.push(change);
        self.outcome.postings.push(posting);
        self.taken.extend(sent);
    }

    pub(super) fn outcome(self) -> Outcome {
        Outcome { uploaded: Some(self.codes), ..self.outcome }
    }
}

fn whole(amount: i64, counted: bool, zero: Refused) -> Result<(), Refused> {
    if amount == 0 {
        return Err(zero);
    }
    if counted && amount % 1_000_000 != 0 { Err("INV-04") } else { Ok(()) }
}
