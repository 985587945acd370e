//! Judges every reply from replies and lists alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tagtrail_tests::{
    amount::micros,
    ensure, pages,
    verdict::{Verdict, same},
    wire::Reply,
};

use crate::{
    act::{Act, bill},
    commitment::Commitments,
    kind::{Key, Kind, each, text},
    market::Market,
    mirror::{News, bare},
    moves::Road,
    run::Stage,
};

impl Market {
    /// Learns the world as it is before the first call of the market.
    pub(crate) fn learn(&mut self, stage: &mut Stage) -> Verdict {
        self.number = self.highest(stage)?;
        self.mirrors.resize_with(self.cast.parties.len(), Default::default);
        let news = self.poll(stage)?;
        for row in each(&stage.seed["Inventory"]) {
            // What laboratories hold stands in no list of theirs.
            let at_lab = self.site(row["LocationLicense"].as_str().unwrap_or_default());
            if at_lab.is_some_and(|site| site.kind == 0) {
                let mut row = row.clone();
                row["UnitBased"] = json!(row["UOM"] == "each");
                self.ledger.open(&row);
            }
        }
        for item in &news {
            self.name(&item.key);
            if item.key.kind == Kind::Inventory {
                let row = self.mirrors[item.party].rows[&item.key].clone();
                self.ledger.open(&row);
            }
        }
        let keys: BTreeSet<Key> = news.into_iter().map(|it| it.key).collect();
        self.follow(&keys, None)?;
        self.commitments = Commitments::read(self)?;
        keys.iter()
            .filter(|key| key.kind == Kind::Inventory)
            .try_for_each(|key| self.check_item(key))
    }

    pub(crate) fn highest(&self, stage: &mut Stage) -> Verdict<u64> {
        pages::highest(&mut stage.client, &self.cast.parties[0].bearer)
    }

    fn poll(&mut self, stage: &mut Stage) -> Verdict<Vec<News>> {
        let mut news = Vec::new();
        for (at, mirror) in self.mirrors.iter_mut().enumerate() {
            let party = &self.cast.parties[at];
            mirror.poll(&mut stage.client, (at, party), self.number, &mut news)?;
        }
        Ok(news)
    }

    /// Judges a call; says what was done, if it was.
    pub(crate) fn judge(
        &mut self,
        stage: &mut Stage,
        act: &Act,
        reply: &Reply,
    ) -> Verdict<Option<&'static str>> {
        let who = &self.cast.parties[act.party].id;
        ensure!((200..500).contains(&reply.status), "{who}: {} gets {reply:?}", act.start);
        let now = self.highest(stage)?;
        let before = self.number;
        if reply.status >= 300 {
            let known = act.operator || tagtrail_schemas::rule(&reply.rule).is_some();
            ensure!(known, "a refusal names no rule: {} gets {reply:?}", act.start);
            ensure!(now == before, "{}: a refusal takes number {now} after {before}", "BAL-31");
            return Ok(None);
        }
        ensure!(now == before + 1, "{}: {} takes number {now} after {before}", "BAL-29", act.start);
        self.number = now;
        let answer = reply.json();
        check_receipt(&answer, now)?;
        self.ledger.changed.clear();
        let deed = self.post(act, &answer)?;
        let deed = self.refined(act, deed);
        let news = self.poll(stage)?;
        for item in &news {
            self.name(&item.key);
        }
        self.check_news(act, &news)?;
        self.check_said(act.party, &answer)?;
        self.check_numbers(stage)?;
        self.commitments = Commitments::read(self)?;
        Ok(Some(deed))
    }

    /// Sync shows the highest number of what is listed; what is not listed any more is none of the
    /// party's business: a stop that did not arrive after all, a buyer or carrier that was replaced.
    fn check_numbers(&mut self, stage: &mut Stage) -> Verdict {
        for at in 0..self.mirrors.len() {
            let (mirror, party) = (&mut self.mirrors[at], &self.cast.parties[at]);
            for key in mirror.forget(&mut stage.client, party)? {
                let road = Road::of(self);
                let due =
                    self.shown(&key).is_some_and(|it| self.audience(&key, it, &road).contains(&at));
                ensure!(!due, "{} no longer sees {key:?}", self.cast.parties[at].id);
            }
        }
        Ok(())
    }

    fn check_news(&mut self, act: &Act, news: &[News]) -> Verdict {
        let mut keys: BTreeSet<Key> = news.iter().map(|it| it.key.clone()).collect();
        for key in keys.iter().filter(|key| key.kind == Kind::Inventory) {
            self.check_item(key)?;
        }
        for id in &self.ledger.changed {
            let Some(stock) = self.ledger.stock.get(id) else { continue };
            let listed = self.cast.owner(&stock.site).is_some_and(|at| !self.cast.parties[at].lab);
            let shown = keys.contains(&Key::item(id, &stock.site));
            ensure!(
                shown || !listed,
                "{}: `{}` changes {id} without its number",
                "BAL-29",
                act.verb
            );
            // Who held it before shows nothing any more (BAL-08).
            for site in self.cast.sites.keys() {
                let key = Key::item(id, site);
                if self.shown(&key).is_some() {
                    self.check_item(&key)?;
                }
            }
        }
        for item in news {
            let row = &self.mirrors[item.party].rows[&item.key];
            let before = item.before.as_ref();
            check_lasting(before, row)?;
            if item.key.kind == Kind::Adjustment {
                ensure!(before.is_none(), "{}: an adjustment changes: {row}", "BAL-20");
                let now = self.ledger.amount(&text(&row["InventoryID"]));
                ensure!(micros(&row["NewAmount"]) == now, "{}: {now} is there: {row}", "BAL-20");
            }
            self.check_embedded(item.party, &item.key, row)?;
            if item.key.kind == Kind::Invoice && act.verb != "receive" && row["Deleted"] == false {
                let due = bill::open_cents(row) >= before.map_or(0, bill::open_cents).min(0);
                ensure!(due, "{}: more is paid than is due on {row}", "BILL-53");
            }
        }
        // One part of a shipment is judged with the others.
        let mut trips: BTreeSet<String> = BTreeSet::new();
        for key in keys.iter().filter(|key| matches!(key.kind, Kind::Manifest | Kind::Transfer)) {
            trips.extend(self.shown(key).map(|row| text(&row["ManifestID"])));
        }
        for kind in [Kind::Manifest, Kind::Transfer] {
            let rows = self.own(kind).filter(|(_, row)| trips.contains(&text(&row["ManifestID"])));
            keys.extend(rows.map(|(_, row)| Key::of(kind, row)).collect::<Vec<_>>());
        }
        self.follow(&keys, Some(act.verb))
    }

    /// Follows the states of documents, and who sees them.
    fn follow(&mut self, keys: &BTreeSet<Key>, verb: Option<&str>) -> Verdict {
        let mut states = std::mem::take(&mut self.states);
        let road = Road::of(self);
        let shown = keys.iter().filter_map(|key| Some((key, self.shown(key)?)));
        let followed: Verdict = shown.into_iter().try_for_each(|it| states.take(it, &road, verb));
        self.states = states;
        followed?;
        keys.iter().try_for_each(|key| self.check_sight(key))
    }

    /// An item's row shows what the ledger says, and is called what follows from it (BAL-33).
    fn check_item(&self, key: &Key) -> Verdict {
        let Some(row) = self.shown(key) else {
            return Err(format!("{key:?} is shown to a stranger"));
        };
        let stock = self.ledger.stock.get(&key.id);
        let stock = stock.ok_or_else(|| format!("{}: {row} comes from nowhere", "BAL-03"))?;
        let here = stock.site == key.site;
        let (left, due) = (micros(&row["RemainingAmount"]), if here { stock.amount } else { 0 });
        ensure!(left == due, "{}: {} should be {due}: {row}", "BAL-01", key.id);
        ensure!(left >= 0, "{}: {row}", "BAL-04");
        ensure!(row["UnitBased"] == false || left % 1_000_000 == 0, "{}: {row}", "BAL-05");
        let gone = row["Deleted"] == true || row["Destroyed"] == true;
        ensure!(!gone || left == 0, "{}: {row}", "BAL-06");
        let quarantined = self
            .site(&key.site)
            .is_some_and(|it| row["RoomID"].as_u64().is_some_and(|at| it.quarantine.contains(&at)));
        let status = match () {
            () if row["Destroyed"] == true => "Destroyed",
            () if !here => "Transferred",
            () if row["Seized"] == true => "Seized",
            () if stock.scheduled => "Scheduled for Destruction",
            () if row["Restocked"] == true => "Restocked",
            () if quarantined || stock.hold => "Quarantined",
            () if left == 0 => "Depleted",
            () => "Available",
        };
        ensure!(row["Status"] == status, "{}: {} should be {status}: {row}", "BAL-33", key.id);
        Ok(())
    }

    /// What a reply shows is what the lists show.
    fn check_said(&self, at: usize, reply: &Value) -> Verdict {
        for (name, value) in reply.as_object().into_iter().flatten() {
            let kind = match name.as_str() {
                "Inventory" | "Derivative" | "Waste" | "Parent" | "LabSampleInventory" | "Item" => {
                    Kind::Inventory
                }
                "Invoice" => Kind::Invoice,
                "Manifest" => Kind::Manifest,
                "InventoryTransfer" => Kind::Transfer,
                "Sale" | "Refund" => Kind::Sale,
                "Sample" | "LabSample" => Kind::Sample,
                _ => {
                    each(value).chain(value.as_object().map(|_| value)).try_for_each(|it| {
                        if name == "RejectedData" { self.check_said(at, it) } else { Ok(()) }
                    })?;
                    continue;
                }
            };
            let one = value.as_object().map(|_| value);
            for row in each(value).chain(one) {
                // A sale that is shown bare has lines of that name.
                if name == "Item" && row["InventoryType"].is_null() {
                    continue;
                }
                self.check_row(at, kind, row)?;
            }
        }
        Ok(())
    }

    fn check_row(&self, at: usize, kind: Kind, row: &Value) -> Verdict {
        let key = Key::of(kind, row);
        let own = self.mirrors[at].rows.get(&key);
        let lab = |license: &str| self.site(license).is_some_and(|site| site.kind == 0);
        // What a laboratory holds, and the transfers that it settled, stand in no list of its own.
        if own.is_none() && (self.cast.parties[at].lab || lab(&key.site)) {
            return Ok(());
        }
        let shown = own.or_else(|| self.shown(&key));
        let shown = shown.ok_or_else(|| format!("the reply shows what no list shows: {row}"))?;
        same(&("the reply and the list", &key), &bare(kind, shown), &bare(kind, row))?;
        self.check_embedded(at, &key, row)
    }

    /// A deed is what a verb did; what one verb does in several ways is told apart.
    fn refined(&self, act: &Act, deed: &'static str) -> &'static str {
        let body = act.body.as_ref().unwrap_or(&Value::Null);
        let first = self.site(body["Stop"][0]["LocationLicense"].as_str().unwrap_or_default());
        let stops = &body["ManifestStopNumber"];
        let delivery = |id: &str| {
            let row = self.shown(&Key::new(Kind::Manifest, id));
            row.is_some_and(|row| row["Type"] == "Delivery")
        };
        match deed {
            "plan" if body["Type"] == "Return" => "plan a return",
            "plan" if first.is_some_and(|site| site.kind == 0) => "plan samples",
            "ship" if stops.is_array() => "ship a stop",
            "ship" if delivery(&text(&body["ManifestID"])) => "ship a delivery",
            "arrive" if delivery(act.in_path(3)) => "deliver",
            _ => deed,
        }
    }

    /// Everything, from the start: what the polls brought is what the whole lists say.
    pub(crate) fn check_all(&mut self, stage: &mut Stage, limit: usize) -> Verdict {
        self.ledger.check()?;
        for at in 0..self.mirrors.len() {
            let road = Road::of(self);
            let gone = |key: &Key| {
                let wire = self.shown(key);
                wire.is_some_and(|wire| !self.audience(key, wire, &road).contains(&at))
            };
            let (mirror, party) = (&self.mirrors[at], &self.cast.parties[at]);
            for (key, wire) in mirror.check(&mut stage.client, party, limit, gone)? {
                self.check_embedded(at, &key, &wire)?;
            }
            if party.lab {
                self.check_door(stage, at)?;
            }
        }
        Ok(())
    }

    /// A laboratory's list of what stands at its door (XFER-70).
    fn check_door(&self, stage: &mut Stage, at: usize) -> Verdict {
        let party = &self.cast.parties[at];
        let path = "/v1/lab/inventory/transfer/inbound";
        let listed = pages::list(&mut stage.client, &party.bearer, path, 0, 1_000)?.rows;
        let listed: BTreeSet<String> = listed.iter().map(|row| text(&row["ID"])).collect();
        let due = self.own(Kind::Transfer).map(|(_, row)| (text(&row["ID"]), row));
        let due = due.filter(|(id, row)| {
            row["InboundLicense"] == party.id.as_str()
                && self.state(Kind::Transfer, id) == "Arrived"
        });
        let due: BTreeSet<String> = due.map(|(id, _)| id).collect();
        ensure!(
            listed == due,
            "{}: {} finds {listed:?} at its door, not {due:?}",
            "XFER-70",
            party.id
        );
        Ok(())
    }
}

/// The receipt names the write, under whatever spelling (WIRE-47).
fn check_receipt(reply: &Value, now: u64) -> Verdict {
    for name in ["TransactionID", "transactionID"] {
        let number = &reply[name];
        ensure!(number.is_null() || *number == now, "the receipt says {number} after write {now}");
    }
    let next = &reply["NextTransactionID"];
    ensure!(next.is_null() || *next == now + 1, "the next number is {next} after write {now}");
    Ok(())
}

/// What never turns back (BAL-35).
fn check_lasting(before: Option<&Value>, now: &Value) -> Verdict {
    let Some(before) = before else { return Ok(()) };
    // Goods that come again take up their row.
    for flag in ["Destroyed", "Restocked", "Completed", "Received"] {
        ensure!(
            before[flag] != true || now[flag] == true,
            "{}: {flag} turns false: {now}",
            "BAL-35"
        );
    }
    ensure!(before["Deleted"] != true || now["Deleted"] == true, "{}: {now} lives again", "BAL-35");
    Ok(())
}
