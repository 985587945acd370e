//! What a write that succeeded does to the ledger, from its request and the rows before it.

use serde_json::Value;
use tagtrail_tests::{amount::micros, ensure, verdict::Verdict};

use crate::{
    act::Act,
    kind::{Key, Kind, each, text},
    ledger::{Account, Stock},
    market::Market,
};

impl Market {
    /// Books a write; what it made is found in the reply, how much of it there is in the request.
    pub(crate) fn post(&mut self, act: &Act, reply: &Value) -> Verdict<&'static str> {
        let body = act.body.as_ref().unwrap_or(&Value::Null);
        match act.verb {
            "buy on paper" => self.bought(body, reply)?,
            "sublot" => self.split(act, body, reply)?,
            "lot" | "convert" => self.made(act, body, reply)?,
            "adjust" => self.adjusted(body),
            "schedule" | "unschedule" => {
                for row in each(&body["Inventory"]) {
                    let id = text(&row["InventoryID"]);
                    self.ledger.item(&id).scheduled = act.verb == "schedule";
                }
            }
            "destroy" => {
                for row in each(&body["Inventory"]) {
                    self.ledger.set(&text(&row["InventoryID"]), 0, Account::Destroyed);
                }
            }
            "sample" => {
                let (parent, amount) = (text(&body["InventoryID"]), micros(&body["Amount"]));
                self.part(&parent, &reply["LabSampleInventory"], amount)?;
            }
            "void sample" => {
                for row in each(&body["Sample"]) {
                    let id = text(&row["InventoryID"]);
                    let parent = self.parent_of_sample(&id)?;
                    let amount = self.ledger.amount(&id);
                    self.ledger.set(&id, 0, Account::Converted);
                    self.ledger.add(&parent, amount, Account::Converted);
                }
            }
            "result" | "amend" => self.tested(act, body)?,
            "deliver sample" => self.delivered(act, body)?,
            "receive" => return self.received(act, body, reply),
            "receive at the laboratory" => return self.received_by_lab(act, body),
            "sell" => {
                for line in each(&body["Item"]) {
                    let quantity = micros(&line["Quantity"]);
                    self.ledger.add(&text(&line["Barcode"]), -quantity, Account::Sold);
                }
            }
            "void sale" => {
                let sale = self.row(act.party, Kind::Sale, act.in_path(3))?.clone();
                let refunded = self.refunds.iter().any(|(id, _)| id == act.in_path(3));
                ensure!(!refunded, "{}: {sale} is voided though refunded", "SALE-40");
                for line in each(&sale["Item"]) {
                    let quantity = micros(&line["Quantity"]);
                    self.ledger.add(&text(&line["Barcode"]), quantity, Account::Sold);
                }
            }
            "refund" => return self.refunded(act, body, reply),
            "plan a delivery" | "change delivery" => {
                let sales = each(&body["Stop"]).map(|stop| stop["SaleID"].clone()).collect();
                self.orders.insert(text(&reply["Manifest"]["ManifestID"]), sales);
            }
            "hold" | "release" => self.ledger.item(act.in_path(2)).hold = act.verb == "hold",
            _ => {}
        }
        Ok(act.verb)
    }

    fn bought(&mut self, body: &Value, reply: &Value) -> Verdict {
        let site = text(&body["LocationLicense"]);
        for (row, made) in each(&body["Inventory"]).zip(each(&reply["Inventory"])) {
            self.ledger.new_item(&site, made, micros(&row["Amount"]), Account::Paper)?;
        }
        Ok(())
    }

    fn split(&mut self, act: &Act, body: &Value, reply: &Value) -> Verdict {
        self.part(act.in_path(3), &reply["Derivative"], micros(&body["Amount"]))
    }

    fn part(&mut self, parent: &str, made: &Value, amount: i64) -> Verdict {
        let Stock { site, hold, .. } = self.ledger.item(parent).clone();
        self.ledger.add(parent, -amount, Account::Converted);
        self.ledger.new_item(&site, made, amount, Account::Converted)?;
        self.ledger.inherit(made, hold);
        Ok(())
    }

    /// A lot is as much as its sources (BAL-10), a product what the request says (BAL-11).
    fn made(&mut self, act: &Act, body: &Value, reply: &Value) -> Verdict {
        let (mut total, mut site, mut hold) = (0, String::new(), false);
        for source in each(&body["Item"]) {
            let id = text(&source["InventoryID"]);
            let all = self.ledger.amount(&id);
            let amount = if source["Amount"].is_null() { all } else { micros(&source["Amount"]) };
            self.ledger.add(&id, -amount, Account::Converted);
            site.clone_from(&self.ledger.stock[&id].site);
            hold |= self.ledger.stock[&id].hold;
            total += amount;
        }
        let amount = if act.verb == "lot" { total } else { micros(&body["Amount"]) };
        self.ledger.new_item(&site, &reply["Derivative"], amount, Account::Converted)?;
        self.ledger.inherit(&reply["Derivative"], hold);
        if !reply["Waste"].is_null() {
            let waste = micros(&body["Waste"]);
            self.ledger.new_item(&site, &reply["Waste"], waste, Account::Converted)?;
            self.ledger.inherit(&reply["Waste"], hold);
        }
        Ok(())
    }

    fn adjusted(&mut self, body: &Value) {
        for row in each(&body["Inventory"]) {
            let id = text(&row["InventoryID"]);
            let amount = if row["RemoveAmount"].is_null() {
                micros(&row["Amount"])
            } else {
                self.ledger.amount(&id) - micros(&row["RemoveAmount"])
            };
            self.ledger.set(&id, amount, Account::Adjusted);
        }
    }

    fn parent_of_sample(&self, id: &str) -> Verdict<String> {
        let samples = self.mirrors.iter().flat_map(|mirror| mirror.all(Kind::Sample));
        let sample = samples.map(|(_, row)| row).find(|row| row["InventoryID"] == id);
        sample.map(|row| text(&row["ParentID"])).ok_or_else(|| format!("{id} is no sample"))
    }

    /// What the laboratory used up; amending books the difference (BAL-13).
    fn tested(&mut self, act: &Act, body: &Value) -> Verdict {
        let sample = self.row(act.party, Kind::Sample, act.in_path(4))?;
        let id = text(&sample["InventoryID"]);
        let before = micros(&sample["AmountUsed"]);
        if !body["AmountUsed"].is_null() {
            let more = micros(&body["AmountUsed"]) - before;
            self.ledger.add(&id, -more, Account::LabUse);
        }
        Ok(())
    }

    /// The operator brings a sample to its laboratory.
    fn delivered(&mut self, act: &Act, body: &Value) -> Verdict {
        let samples = self.mirrors.iter().flat_map(|mirror| mirror.all(Kind::Sample));
        let sample = samples.map(|(_, row)| row).find(|row| text(&row["ID"]) == act.in_path(2));
        let sample = sample.ok_or_else(|| format!("nobody sees sample {}", act.in_path(2)))?;
        let (id, lab) = (text(&sample["InventoryID"]), text(&sample["LabLicense"]));
        if !body["ReceivedAmount"].is_null() {
            self.ledger.set(&id, micros(&body["ReceivedAmount"]), Account::Weighing);
        }
        self.ledger.hand(&id, &lab);
        Ok(())
    }

    /// Accepted goods change hands, what is rejected stays the sender's; of an item that was accepted in
    /// part the rest is a new item of the sender (BAL-17).
    fn received(&mut self, act: &Act, body: &Value, reply: &Value) -> Verdict<&'static str> {
        let transfer = self.row(act.party, Kind::Transfer, act.in_path(4))?.clone();
        let (from, to) = (text(&transfer["OutboundLicense"]), text(&transfer["InboundLicense"]));
        let comes_back = transfer["TransferType"] == "Rejected";
        let (mut whole, mut parts, mut none) = (0, 0, 0);
        for line in each(&transfer["Item"]) {
            let (id, sent) = (text(&line["InventoryID"]), micros(&line["Amount"]));
            let named = each(&body["Item"]).find(|it| it["InventoryID"] == id.as_str());
            let accepted = named.map_or(0, |it| accepted(it, sent));
            ensure!(self.ledger.amount(&id) == sent, "{}: {id} is not whole", "BAL-17");
            if comes_back {
                self.ledger.set(&id, accepted, Account::Weighing);
            } else if accepted == 0 {
                none += 1;
                self.ledger.item(&id);
            } else {
                self.ledger.set(&id, accepted, Account::Converted);
                self.ledger.hand(&id, &to);
                if accepted == sent {
                    whole += 1;
                    continue;
                }
                parts += 1;
                let rest = each(&reply["RejectedData"]["Inventory"])
                    .find(|it| each(&it["InventoryParentID"]).any(|parent| *parent == id.as_str()));
                let rest = rest.ok_or_else(|| format!("no rest of {id} goes back: {reply}"))?;
                let hold = self.ledger.stock[&id].hold;
                self.ledger.new_item(&from, rest, sent - accepted, Account::Converted)?;
                self.ledger.inherit(rest, hold);
            }
        }
        Ok(match (comes_back, whole, parts, none) {
            (true, ..) => "take back",
            (_, 0, 0, _) => "reject a transfer",
            (_, _, 0, 0) => "receive in full",
            (_, _, 0, _) => "receive some items",
            _ => "receive in part",
        })
    }

    /// A laboratory weighs for itself; what it does not name is rejected whole (BAL-13, LAB-35).
    fn received_by_lab(&mut self, act: &Act, body: &Value) -> Verdict<&'static str> {
        let transfer = self.transfer(act.in_path(5))?.clone();
        let to = text(&transfer["InboundLicense"]);
        let mut none = 0;
        for line in each(&transfer["Item"]) {
            let (id, sent) = (text(&line["InventoryID"]), micros(&line["Amount"]));
            let named = each(&body["Item"]).find(|it| it["InventoryID"] == id.as_str());
            let accepted = named.map_or(0, |it| accepted(it, sent));
            if accepted == 0 {
                none += 1;
                self.ledger.item(&id);
            } else {
                self.ledger.set(&id, accepted, Account::Weighing);
                self.ledger.hand(&id, &to);
            }
        }
        Ok(if none > 0 { "reject at the laboratory" } else { "receive at the laboratory" })
    }

    /// Each line once, and no more than was sold (BAL-19); what is restocked is new.
    fn refunded(&mut self, act: &Act, body: &Value, reply: &Value) -> Verdict<&'static str> {
        let site = text(&body["LocationLicense"]);
        let sale = self.row(act.party, Kind::Sale, act.in_path(3))?.clone();
        let mut made = each(&reply["Inventory"])
            .filter(|it| !self.ledger.stock.contains_key(&text(&it["ID"])));
        let mut new = Vec::new();
        for line in each(&body["Item"]) {
            let number = &line["ItemNumber"];
            let sold = each(&sale["Item"]).find(|it| it["ItemNumber"] == *number);
            let sold = sold.ok_or_else(|| format!("line {number} of {sale} is refunded"))?;
            let quantity = micros(&line["Quantity"]);
            ensure!(quantity <= micros(&sold["Quantity"]), "{}: {line} of {sale}", "BAL-19");
            let first = self.refunds.insert((act.in_path(3).to_owned(), number.to_string()));
            ensure!(first, "{}: {line} of {sale} is refunded twice", "SALE-47");
            if line["Restocked"] == false {
                continue;
            }
            let item = made.next().ok_or_else(|| format!("nothing is restocked: {reply}"))?;
            ensure!(item["Restocked"] == true, "a refund makes goods that can be sold: {item}");
            let hold = self.ledger.stock[&text(&sold["Barcode"])].hold;
            new.push((item, quantity, hold));
        }
        ensure!(made.next().is_none(), "more is restocked than came back: {reply}");
        let deed = if new.is_empty() { "refund money only" } else { "refund and restock" };
        for (item, quantity, hold) in new {
            self.ledger.new_item(&site, item, quantity, Account::Sold)?;
            self.ledger.inherit(item, hold);
        }
        Ok(deed)
    }

    fn row(&self, party: usize, kind: Kind, id: &str) -> Verdict<&Value> {
        let mut rows = self.mirrors[party].all(kind).filter(|(key, _)| key.id == id);
        let row = rows.next().map(|(_, row)| row);
        row.ok_or_else(|| format!("a write of {kind:?} {id} succeeds, which {party} never saw"))
    }

    /// A transfer as its sender shows it.
    pub(crate) fn transfer(&self, id: &str) -> Verdict<&Value> {
        let key = Key::new(Kind::Transfer, id);
        let row = self.mirrors.iter().find_map(|mirror| mirror.rows.get(&key));
        row.ok_or_else(|| format!("nobody sees transfer {id}"))
    }
}

/// How much of a line is accepted: all of it, unless the receiver says otherwise.
fn accepted(named: &Value, sent: i64) -> i64 {
    if named["IsRejected"] == true {
        0
    } else if named["ReceivedAmount"].is_null() {
        sent
    } else {
        micros(&named["ReceivedAmount"])
    }
}
