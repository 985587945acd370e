//! Who acts: the companies of the seed world with their sites, drivers and vehicles, and the laboratories.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tagtrail_tests::{ensure, listing::Voice, verdict::Verdict, wire::token, world::WORLD};

use crate::{
    kind::{Kind, each, text},
    run::Stage,
};

/// The company that stays outside the system: what is bought on paper comes from it.
pub(crate) const OUTSIDE: &str = "604900104";
pub(crate) const SUPPLIER: &str = "OCM-CULT-25-900104";
/// Companies whose consent is missing, has lapsed or lapses soon.
const NEWCOMERS: &[&str] =
    &["604900122", "604900132", "604900151", "604900171", "604900181", "604900191"];
/// Three Larks has three tags on purpose; a market needs more.
const TAGS: u64 = 500;

/// A company, or a laboratory under its permit number.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) id: String,
    pub(crate) bearer: String,
    pub(crate) lab: bool,
    /// The person who logs in for a laboratory.
    user: String,
}

impl Party {
    /// Where the party lists a kind of record.
    pub(crate) fn path(&self, kind: Kind) -> Option<&'static str> {
        if !self.lab {
            return Some(kind.path());
        }
        (kind == Kind::Sample).then_some("/v1/lab/sample")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) license: String,
    /// The place of its party.
    pub(crate) owner: usize,
    /// The license type; 0 for a laboratory.
    pub(crate) kind: u64,
    pub(crate) rooms: Vec<u64>,
    pub(crate) quarantine: BTreeSet<u64>,
    /// `Vendor.ID`
    pub(crate) vendor: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Cast {
    pub(crate) parties: Vec<Party>,
    pub(crate) sites: BTreeMap<String, Site>,
    /// Drivers and vehicles by company.
    pub(crate) drivers: BTreeMap<usize, Vec<u64>>,
    pub(crate) vehicles: BTreeMap<usize, Vec<u64>>,
}

impl Cast {
    /// The seed world's companies, as if all had consented.
    pub(crate) fn new() -> Self {
        let world: Value = serde_json::from_str(WORLD).unwrap();
        let mut cast = Self::default();
        for vendor in each(&world["Vendors"]).filter(|it| it["UBI"] != OUTSIDE) {
            let ubi = text(&vendor["UBI"]);
            let owner = cast.party(&ubi).unwrap_or_else(|| {
                let bearer = token(&ubi);
                cast.parties.push(Party { id: ubi, bearer, lab: false, user: String::new() });
                cast.parties.len() - 1
            });
            let license = text(&vendor["LocationLicense"]);
            let (kind, vendor) = (vendor["Type"].as_u64(), vendor["ID"].as_u64());
            cast.enter(license, owner, kind.unwrap_or_default(), vendor.unwrap_or_default());
        }
        for lab in each(&world["Labs"]) {
            let license = text(&lab["LicenseNumber"]);
            let user = each(&world["LabUsers"])
                .find(|it| it["LicenseNumber"] == license.as_str() && it["Admin"] == true);
            let user = user.map(|it| text(&it["Username"])).unwrap_or_default();
            let party = Party { id: license.clone(), bearer: String::new(), lab: true, user };
            cast.parties.push(party);
            cast.enter(license, cast.parties.len() - 1, 0, 0);
        }
        for room in each(&world["InventoryRooms"]) {
            let id = room["ID"].as_u64().unwrap_or_default();
            if let Some(site) = cast.sites.get_mut(&text(&room["LocationLicense"])) {
                site.rooms.push(id);
                site.quarantine.extend(Some(id).filter(|_| room["Quarantine"] == true));
            }
        }
        for (name, vehicles) in [("Employees", false), ("Vehicles", true)] {
            for row in each(&world[name]) {
                let Some(owner) = cast.party(&text(&row["UBI"])) else { continue };
                let of = if vehicles { &mut cast.vehicles } else { &mut cast.drivers };
                of.entry(owner).or_default().extend(row["ID"].as_u64());
            }
        }
        cast
    }

    fn enter(&mut self, license: String, owner: usize, kind: u64, vendor: u64) {
        let site = Site {
            license: license.clone(),
            owner,
            kind,
            rooms: Vec::new(),
            quarantine: BTreeSet::new(),
            vendor,
        };
        self.sites.insert(license, site);
    }

    pub(crate) fn party(&self, id: &str) -> Option<usize> {
        self.parties.iter().position(|it| it.id == id)
    }

    /// The place of the party that acts for a license.
    pub(crate) fn owner(&self, license: &str) -> Option<usize> {
        self.sites.get(license).map(|site| site.owner)
    }

    /// Brings everybody in: consents, rooms, drivers, vehicles, tags, log-ins.
    pub(crate) fn settle_in(&mut self, stage: &mut Stage) -> Verdict {
        for ubi in NEWCOMERS {
            let body = json!({"UBI": ubi, "ClientID": "tagtrail-dev-client"});
            let granted = stage.tell(Voice::Operator, "POST /consents", Some(body))?;
            let owner = self.party(ubi).unwrap_or_default();
            self.parties[owner].bearer = text(&granted["AccessToken"]);
        }
        let tags = json!({"Available": TAGS});
        stage.tell(Voice::Operator, "PUT /tags/604900141", Some(tags))?;
        for place in 0..self.parties.len() {
            if self.parties[place].lab {
                self.log_in(stage, place)?;
            } else {
                self.furnish(stage, place)?;
            }
        }
        Ok(())
    }

    /// A laboratory's session lives seven days (ACCT-33).
    pub(crate) fn log_in(&mut self, stage: &mut Stage, place: usize) -> Verdict {
        let Party { id, user, .. } = &self.parties[place];
        let body = json!({"LicenseNumber": id, "Username": user, "Password": "tagtrail-dev-1"});
        let nobody = Voice::Bearer(String::new());
        let opened = stage.tell(nobody, "POST /v1/lab/login", Some(body))?;
        self.parties[place].bearer = text(&opened["Session"]);
        Ok(())
    }

    fn furnish(&mut self, stage: &mut Stage, place: usize) -> Verdict {
        let bearer = self.parties[place].bearer.clone();
        let mut tell =
            |start: &str, body| stage.tell(Voice::Bearer(bearer.clone()), start, Some(body));
        for site in self.sites.values_mut().filter(|it| it.owner == place && it.kind < 13) {
            if site.rooms.is_empty() {
                let body = json!({"LocationLicense": site.license, "Name": "Stock"});
                let made = tell("POST /v1/inventory/room", body)?;
                let room = &made["InventoryRoomResponse"]["InventoryRoom"]["ID"];
                site.rooms.extend(room.as_u64());
            }
            ensure!(!site.rooms.is_empty(), "{} has no room", site.license);
        }
        if self.drivers.get(&place).is_none_or(Vec::is_empty) {
            let body =
                json!({"Name": "Kit Marlow", "BirthDate": "1990-02-03", "HireDate": "2024-11-04"});
            let made = tell("POST /v1/employee", body)?;
            let id = made["Employee"]["ID"].as_u64();
            ensure!(id.is_some(), "no driver was made: {made}");
            self.drivers.entry(place).or_default().extend(id);
        }
        if self.vehicles.get(&place).is_none_or(Vec::is_empty) {
            let body = json!({"Name": "Van", "Make": "Ford", "Model": "Transit", "Year": "2023", "Color": "Grey"});
            let made = tell("POST /v1/vehicle", body)?;
            let id = made["Vehicle"]["ID"].as_u64();
            ensure!(id.is_some(), "no vehicle was made: {made}");
            self.vehicles.entry(place).or_default().extend(id);
        }
        Ok(())
    }
}
