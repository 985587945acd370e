//! Who sees which document: MAN-07, XFER-20, BILL-03, and nobody else (SYNC-25).

use std::collections::BTreeSet;

use serde_json::Value;
use tagtrail_tests::{ensure, verdict::Verdict};

use crate::{
    kind::{Key, Kind, each},
    market::Market,
    moves::Road,
};

impl Market {
    /// Who must see a document now, laboratories left out: they list only what stands at their door.
    pub(crate) fn audience(&self, key: &Key, wire: &Value, road: &Road<'_>) -> BTreeSet<usize> {
        let mut licenses: Vec<&Value> = Vec::new();
        match key.kind {
            Kind::Invoice => {
                licenses.extend([&wire["LocationLicense"], &wire["BuyerLocationLicense"]]);
            }
            Kind::Manifest => {
                licenses.extend([
                    &wire["LicenseNumber"],
                    &wire["ThirdPartyTransporter"]["LicenseNumber"],
                ]);
                for stop in each(&wire["Stop"]) {
                    let shipped = road.transfer(&key.id, stop).is_some();
                    if shipped || wire["Type"] == "Pickup" {
                        licenses.push(&stop["LocationLicense"]);
                    }
                }
            }
            Kind::Transfer => {
                licenses.push(&wire["OutboundLicense"]);
                if ["Arrived", "ComingBack", "TakenBack", "Received", "Rejected"]
                    .contains(&self.state(Kind::Transfer, &key.id))
                {
                    licenses.push(&wire["InboundLicense"]);
                }
                let manifests = self.own(Kind::Manifest).map(|(_, row)| row);
                let mut manifests = manifests.filter(|it| it["ManifestID"] == wire["ManifestID"]);
                licenses.extend(
                    manifests.next().map(|it| &it["ThirdPartyTransporter"]["LicenseNumber"]),
                );
            }
            Kind::Inventory | Kind::Adjustment | Kind::Sample | Kind::Sale => {
                return self.master(key.kind, wire).into_iter().collect();
            }
        }
        let owners = licenses.into_iter().filter_map(|it| self.cast.owner(it.as_str()?));
        owners.filter(|owner| !self.cast.parties[*owner].lab).collect()
    }

    /// Everybody whose business a document is sees it, and nobody else ever did.
    pub(crate) fn check_sight(&mut self, key: &Key) -> Verdict {
        let Some(wire) = self.shown(key).cloned() else {
            return Err(format!("{key:?} is shown to somebody, but not to its owner"));
        };
        let due = self.audience(key, &wire, &Road::of(self));
        let mut seen = self.seen.remove(key).unwrap_or_default();
        seen.extend(&due);
        for (at, mirror) in self.mirrors.iter().enumerate() {
            let party = &self.cast.parties[at];
            let row = mirror.rows.get(key);
            ensure!(row.is_some() || !due.contains(&at), "{} does not see {wire}", party.id);
            let Some(row) = row else { continue };
            let may = seen.contains(&at) || row["LabLicense"] == party.id.as_str();
            ensure!(may, "{} sees a stranger's {key:?}: {row}", party.id);
            if key.kind == Kind::Manifest && due.contains(&at) {
                self.check_stops(at, &wire, row)?;
            }
        }
        self.seen.insert(key.clone(), seen);
        Ok(())
    }

    /// A destination sees its own stops and no others; sender and transporter see all.
    fn check_stops(&self, at: usize, whole: &Value, shown: &Value) -> Verdict {
        let is = |license: &Value| license.as_str().and_then(|it| self.cast.owner(it)) == Some(at);
        let all = is(&whole["LicenseNumber"])
            || is(&whole["ThirdPartyTransporter"]["LicenseNumber"])
            || self.master(Kind::Manifest, whole) == Some(at);
        let numbers = |manifest: &Value| -> Vec<Value> {
            let stops = each(&manifest["Stop"]);
            let stops = stops.filter(|stop| all || is(&stop["LocationLicense"]));
            stops.map(|stop| stop["StopNumber"].clone()).collect()
        };
        let (due, got) = (numbers(whole), each(&shown["Stop"]).map(|it| it["StopNumber"].clone()));
        let got: Vec<Value> = got.collect();
        let party = &self.cast.parties[at].id;
        ensure!(due == got, "{}: {party} should see stops {due:?}: {shown}", "MAN-07");
        let items: usize = each(&shown["Stop"]).map(|it| each(&it["Item"]).count()).sum();
        ensure!(
            shown["StopCount"] == got.len(),
            "{}: {party} counts stops of others: {shown}",
            "MAN-07"
        );
        ensure!(
            shown["TotalItemCount"] == items,
            "{}: {party} counts items of others: {shown}",
            "MAN-07"
        );
        Ok(())
    }

    /// A record as its owner shows it.
    pub(crate) fn shown(&self, key: &Key) -> Option<&Value> {
        let rows = self.mirrors.iter().enumerate();
        let mut rows = rows.filter_map(|(at, mirror)| Some((at, mirror.rows.get(key)?)));
        rows.find(|(at, row)| self.master(key.kind, row) == Some(*at)).map(|(_, row)| row)
    }
}
