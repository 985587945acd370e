//! What is known of the market: what each party sees, the auditor's ledger, and what was decided.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tagtrail_tests::dice::mixed;

use crate::{
    cast::{Cast, Site},
    commitment::Commitments,
    kind::{Key, Kind, each, text},
    ledger::{Ledger, Stock},
    mirror::Mirror,
    moves::States,
};

#[derive(Default)]
pub(crate) struct Market {
    pub(crate) cast: Cast,
    pub(crate) mirrors: Vec<Mirror>,
    pub(crate) ledger: Ledger,
    pub(crate) commitments: Commitments,
    pub(crate) states: States,
    /// Who ever had a right to see a document.
    pub(crate) seen: BTreeMap<Key, BTreeSet<usize>>,
    /// The world's highest number.
    pub(crate) number: u64,
    pub(crate) hours: u64,
    pub(crate) step: usize,
    /// Sale lines that were refunded, by sale and number.
    pub(crate) refunds: BTreeSet<(String, String)>,
    /// The sales of each delivery in the order of its stops: no reply shows them.
    pub(crate) orders: BTreeMap<String, Vec<Value>>,
    /// The verbs that succeeded so far.
    pub(crate) done: BTreeSet<&'static str>,
    /// When each laboratory logged in.
    pub(crate) sessions: BTreeMap<usize, u64>,
    /// What the dice call a record: the step that made it and its place there.
    names: BTreeMap<Key, u64>,
}

impl Market {
    /// Names what is new by the step that made it, so that dice still find it when others were left out.
    pub(crate) fn name(&mut self, key: &Key) {
        let place = self.names.len() as u64;
        let step = self.step as u64;
        let key = Key { site: String::new(), ..key.clone() };
        self.names.entry(key).or_insert_with(|| {
            if step == 0 { mixed(place) } else { mixed((step << 32) | (place % 4)) }
        });
    }

    pub(crate) fn name_of(&self, kind: Kind, id: &str) -> u64 {
        self.names.get(&Key::new(kind, id)).copied().unwrap_or_default()
    }

    pub(crate) fn site(&self, license: &str) -> Option<&Site> {
        self.cast.sites.get(license)
    }

    /// The records of a kind, each as the party shows it whose it is.
    pub(crate) fn own(&self, kind: Kind) -> impl Iterator<Item = (usize, &Value)> {
        let rows = self.mirrors.iter().enumerate();
        let rows =
            rows.flat_map(move |(at, mirror)| mirror.all(kind).map(move |(_, row)| (at, row)));
        rows.filter(move |(at, row)| self.master(kind, row) == Some(*at))
    }

    /// The party whose showing of a record counts: the seller, the sender, the holder.
    pub(crate) fn master(&self, kind: Kind, row: &Value) -> Option<usize> {
        let license = match kind {
            Kind::Inventory | Kind::Adjustment | Kind::Sample | Kind::Invoice => "LocationLicense",
            Kind::Manifest => "LicenseNumber",
            Kind::Transfer => "OutboundLicense",
            Kind::Sale => {
                let at = row["Location"].as_u64();
                let shop = self.cast.sites.values().find(|site| Some(site.vendor) == at);
                return shop.map(|site| site.owner);
            }
        };
        let owner = self.cast.owner(row[license].as_str()?)?;
        // What a laboratory rejects it sends back, and sees only in its own list.
        if self.cast.parties[owner].lab {
            return self.receiver(kind, row);
        }
        Some(owner)
    }

    fn receiver(&self, kind: Kind, row: &Value) -> Option<usize> {
        let to = if kind == Kind::Manifest {
            &row["Stop"][0]["LocationLicense"]
        } else {
            &row["InboundLicense"]
        };
        self.cast.owner(to.as_str()?)
    }

    /// An item's row at the license that holds it.
    pub(crate) fn held(&self, id: &str) -> Option<(&Stock, &Value)> {
        let stock = self.ledger.stock.get(id)?;
        let owner = self.cast.owner(&stock.site)?;
        let row = self.mirrors[owner].rows.get(&Key::item(id, &stock.site))?;
        Some((stock, row))
    }

    /// Items that are there, each with its row.
    pub(crate) fn goods(&self) -> impl Iterator<Item = (&str, &Stock, &Value)> {
        let there = self.ledger.stock.iter().filter(|(_, stock)| stock.amount > 0);
        there.filter_map(|(id, _)| self.held(id).map(|(stock, row)| (id.as_str(), stock, row)))
    }

    /// Goods that may be split, sold or shipped.
    pub(crate) fn free(&self) -> impl Iterator<Item = (&str, &Stock, &Value)> {
        self.goods().filter(|(id, stock, row)| {
            let closed = ["IsSample", "Restocked", "Seized", "Destroyed", "Deleted"];
            let quarantined = self.site(&stock.site).is_some_and(|it| {
                row["RoomID"].as_u64().is_some_and(|at| it.quarantine.contains(&at))
            });
            let bound = self.commitments.of(id).is_some();
            let closed = closed.iter().any(|flag| row[*flag] == true);
            !(stock.scheduled || stock.hold || quarantined || bound || closed)
        })
    }

    /// The state of a document, in the words of the rulebook's tables.
    pub(crate) fn state(&self, kind: Kind, id: &str) -> &'static str {
        self.states.of(&Key::new(kind, id))
    }

    /// The stops of a manifest with their states.
    pub(crate) fn stops<'a>(
        &'a self,
        manifest: &'a Value,
    ) -> impl Iterator<Item = (&'a Value, &'static str)> {
        let id = text(&manifest["ManifestID"]);
        each(&manifest["Stop"]).map(move |stop| (stop, self.states.stop(&id, &stop["ID"])))
    }
}
