//! Samples: taking them, and what laboratories do with them.

use serde_json::{Value, json};
use tagtrail_tests::amount::micros;

use super::{Act, Chance};
use crate::{
    calendar::moment,
    kind::{Kind, each, text},
    market::Market,
};

impl<'a> Chance<'a> {
    pub(super) fn sample(&mut self) -> Option<Act> {
        let (id, stock, row) = self.goods(|_, stock, row| {
            row["QAStatus"] == "Untested" && stock.amount >= 4_000_000 && row["InventoryType"] != 10
        })?;
        let party = self.market.cast.owner(&stock.site)?;
        let lab = *self.dice.pick(&["OCM-CPL-90011", "OCM-CPL-90012"]);
        let amount = self.some_of(stock.amount.min(4_000_000), row["UnitBased"] == true);
        // A research report need not be complete.
        let research = !self.dice.one_in(5);
        let body = json!({
            "InventoryID": id, "Amount": amount, "LabLicense": lab, "RnD": research,
            "SamplingFirmLicense": "OCM-LSF-25-900191",
        });
        Some(Act::new(party, "sample", "POST /v1/inventory/lab/lab/sample".to_owned(), body))
    }

    pub(super) fn void_sample(&mut self) -> Option<Act> {
        let wild = self.wild;
        let (party, sample) = self.document(Kind::Sample, "ID", |market, row| {
            let id = text(&row["InventoryID"]);
            let here = market
                .ledger
                .stock
                .get(&id)
                .is_some_and(|it| row["LabLicense"] != it.site.as_str());
            wild || (row["Result"] == "Pending" && here && market.commitments.of(&id).is_none())
        })?;
        let body = json!({"Sample": [{"InventoryID": sample["InventoryID"]}]});
        Some(Act::new(party, "void sample", "PUT /v1/inventory/lab/sample/void".to_owned(), body))
    }

    pub(super) fn deliver_sample(&mut self) -> Option<Act> {
        let (_, sample) = self.document(Kind::Sample, "ID", |market, row| {
            let id = text(&row["InventoryID"]);
            let there = market.held(&id).is_some_and(|(stock, item)| {
                stock.amount > 0 && !stock.scheduled && item["IsSample"] == true
            });
            row["Result"] == "Pending" && there && market.commitments.of(&id).is_none()
        })?;
        let start = format!("POST /samples/{}/deliver", sample["ID"]);
        Some(Act { operator: true, ..Act::new(0, "deliver sample", start, json!({})) })
    }

    pub(super) fn receive_samples(&mut self) -> Option<Act> {
        let (_, transfer) = self.document(Kind::Transfer, "ID", |market, row| {
            let at = market.state(Kind::Transfer, &text(&row["ID"]));
            row["TransferType"] == "Sample" && at == "Arrived"
        })?;
        let lab = self.market.cast.owner(transfer["InboundLicense"].as_str()?)?;
        let mut items = Vec::new();
        for line in each(&transfer["Item"]).filter(|line| line["Deleted"] == false) {
            let whole = micros(&line["Amount"]);
            let amount = match self.dice.below(6) {
                0 => continue,
                1 => json!(0),
                2 => self.some_of(whole, line["Inventory"]["UnitBased"] == true),
                _ => line["Amount"].clone(),
            };
            items.push(json!({"InventoryID": line["InventoryID"], "ReceivedAmount": amount}));
        }
        let start = format!("PUT /v1/lab/inventory/transfer/{}/receive", transfer["ID"]);
        let body = json!({ "Item": items });
        Some(Act::new(lab, "receive at the laboratory", start, body))
    }

    /// A sample that its laboratory holds.
    fn held_sample(&mut self, pending: bool) -> Option<(usize, &'a Value)> {
        let fits = |market: &Market, row: &Value| {
            let stock = market.ledger.stock.get(&text(&row["InventoryID"]));
            let there = stock.is_some_and(|it| row["LabLicense"] == it.site.as_str());
            let waits = row["Result"] == "Pending";
            there && waits == pending && row["RnD"] == true && row["Deleted"] == false
        };
        let (_, sample) = self.document(Kind::Sample, "ID", fits)?;
        let lab = self.market.cast.owner(sample["LabLicense"].as_str()?)?;
        Some((lab, sample))
    }

    fn report(&mut self, sample: (String, i64, bool)) -> Value {
        let (_, left, counted) = sample;
        json!({
            "AmountUsed": self.some_of(left, counted),
            "CertOfAnalysisHyperlink": "https://coa.example/r.pdf",
            "TestingData": [{
                "TestID": 2, "LabAnalysisTime": moment(self.market.hours),
                "TestResult": [{"TestPanel": "THC", "TestValue": 1.5}],
            }],
        })
    }

    pub(super) fn result(&mut self) -> Option<Act> {
        let (lab, sample) = self.held_sample(true)?;
        let (number, id) = (sample["ID"].to_string(), text(&sample["InventoryID"]));
        let counted = sample["InventoryType"].as_u64().is_some_and(crate::trade::is_end);
        let left = self.market.ledger.amount(&id);
        let body = self.report((id, left, counted));
        let start = format!("POST /v1/lab/sample/{number}/result");
        Some(Act::new(lab, "result", start, body))
    }

    pub(super) fn amend(&mut self) -> Option<Act> {
        let (lab, sample) = self.held_sample(false)?;
        let (number, id) = (sample["ID"].to_string(), text(&sample["InventoryID"]));
        let counted = sample["InventoryType"].as_u64().is_some_and(crate::trade::is_end);
        let left = self.market.ledger.amount(&id) + micros(&sample["AmountUsed"]);
        let mut body = self.report((id, left, counted));
        body["Reason"] = json!("Typed wrongly.");
        let start = format!("PUT /v1/lab/sample/{number}/result");
        Some(Act::new(lab, "amend", start, body))
    }
}
