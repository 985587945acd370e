//! Goods and what was found out about them: items, adjustments, samples and their results.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Barcode, Day, Kind, Link, Moment, Quantity, Record, blank};

/// One row of goods under one identifier on the books of one site.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Inventory {
    #[serde(rename = "ActiveSampleInventoryID", with = "blank")]
    pub active_sample_inventory_id: Option<Barcode>,
    pub deleted: bool,
    pub destroyed: bool,
    pub dried: bool,
    #[serde(with = "blank")]
    pub expiration_date: Option<Day>,
    #[serde(rename = "ExternalID")]
    pub external_id: String,
    #[serde(rename = "ID")]
    pub id: Barcode,
    pub initial: bool,
    #[serde(rename = "InventoryParentID")]
    pub inventory_parent_id: Vec<Barcode>,
    pub inventory_type: u32,
    pub is_sample: bool,
    pub lab_sample: Vec<LabSample>,
    pub location_license: String,
    /// Grams of one unit that count for patients.
    pub med_usable_weight: Quantity,
    pub medicated: bool,
    /// Grams in one package.
    pub net_package_weight: Quantity,
    #[serde(with = "blank")]
    pub package_date: Option<Day>,
    pub product_name: String,
    #[serde(rename = "ProductionBatchID")]
    pub production_batch_id: u64,
    #[serde(rename = "QAStatus")]
    pub qa_status: QaStatus,
    /// Grams of one unit that count toward the purchase limit.
    pub rec_usable_weight: Quantity,
    pub remaining_amount: Quantity,
    pub remediated: bool,
    pub remediation_count: u32,
    pub remediation_eligible: bool,
    pub restocked: bool,
    pub rework: bool,
    #[serde(rename = "RoomID")]
    pub room_id: u64,
    pub seized: bool,
    pub session_time: i64,
    #[serde(rename = "SourcePlantID", with = "blank")]
    pub source_plant_id: Option<Barcode>,
    pub state_product_identifier: String,
    pub status: Status,
    pub strain: String,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "UOM")]
    pub uom: String,
    pub unit_based: bool,
    /// Grams of cannabis or extract in one unit.
    pub usable_weight: Quantity,
}

/// What the world knows of an item and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ItemFacts {
    /// Accepted by another site: this row is closed (INV-12).
    pub transferred: bool,
    /// On an open manifest or under way (INV-16).
    pub manifest: Option<Barcode>,
    /// On a live invoice (BILL-22).
    pub invoice: Option<Barcode>,
    pub destruction: Option<Destruction>,
    /// The room it lies in is one of quarantine (INV-90).
    pub quarantine_room: bool,
    /// What went out on paper and is not back, by the license named in the reason (OFF-02).
    pub on_paper: BTreeMap<String, Quantity>,
    /// The license that the latest lowering named, if it named one (OFF-36).
    pub last_lowered_for: Option<String>,
    /// The supplier of goods that came in on paper.
    pub supplier: Option<String>,
    /// The licenses that ever shipped it here, or that from which it was split off: its label is
    /// released (INV-41), and it may go back there (BILL-21, MAN-40).
    pub received_from: BTreeSet<String>,
    /// When it was received or brought back, until something is done with it (TIME-38, SALE-53).
    pub untouched_since: Option<Moment>,
    /// Entered by the initial upload of this license (INIT-22).
    pub uploaded_by: Option<String>,
    pub testing: Testing,
    /// The state holds it (INV-90).
    pub held_by_state: bool,
    /// A sample that its laboratory refused and that was taken back (LAB-34).
    pub came_back: bool,
    /// The writes that used it, in the sense of WIRE-54, and were not undone since.
    pub uses: Uses,
    /// It was wet flower, and how much of it (INV-75).
    pub dried: Option<Drying>,
}

/// Where an item stands with its rounds of tests (LAB-54).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Testing {
    /// The number of the current round; samples of others do not count.
    pub round: u32,
    pub kind: Round,
    /// What stands while the round has no sample.
    pub former: Option<Former>,
    /// The state lets it be tested again (LAB-61).
    pub approved: bool,
    /// Who gave the latest verdict.
    pub lab: String,
    /// The tests that failed then.
    pub failed: BTreeSet<u32>,
    /// Since when it is failed.
    pub failed_on: Option<Moment>,
}

impl ItemFacts {
    /// By its room, or by the state (INV-90).
    pub fn is_quarantined(&self) -> bool {
        self.quarantine_room || self.held_by_state
    }
}

/// A verdict from before the round: of an approved retest, or inherited.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Former {
    pub status: QaStatus,
    pub sample: Option<Barcode>,
    pub eligible: bool,
}

impl Former {
    pub fn of(item: &Inventory) -> Self {
        Self {
            status: item.qa_status,
            sample: item.active_sample_inventory_id,
            eligible: item.remediation_eligible,
        }
    }
}

/// Why an item is tested.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum Round {
    #[default]
    First,
    /// Its pass had grown too old (LAB-07).
    Resample,
    /// The state approved it (LAB-61).
    Retest,
    /// It was remediated (LAB-62).
    Remediation,
}

impl Testing {
    /// Opens a round; until its first sample a former verdict may stand.
    pub fn open(&mut self, kind: Round, former: Option<Former>) {
        self.round += 1;
        self.kind = kind;
        self.former = former;
    }
}

/// What an item was before it was dried.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Drying {
    pub wet: Quantity,
    /// The write that dried it.
    pub at: u64,
    pub license: String,
}

/// The writes that used an item: those that can be undone one by one, and the latest of the others.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Uses {
    lasting: u64,
    undoable: Vec<u64>,
}

impl Uses {
    /// A use that nothing takes back.
    pub fn mark(&mut self, write: u64) {
        self.lasting = write;
    }

    /// A use that an undo of that write takes back.
    pub fn mark_undoable(&mut self, write: u64) {
        if !self.undoable.contains(&write) {
            self.undoable.push(write);
        }
    }

    pub fn take_back(&mut self, write: u64) {
        self.undoable.retain(|known| *known != write);
    }

    /// Whether any use came after a write.
    pub fn any_since(&self, write: u64) -> bool {
        self.lasting > write || self.undoable.iter().any(|at| *at > write)
    }
}

/// A destruction that was announced.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Destruction {
    pub at: Moment,
    pub reason_id: u32,
    pub reason: String,
}

/// What the item's status is called; computed, never asked for (INV-92).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Status {
    Destroyed,
    Transferred,
    Seized,
    #[serde(rename = "Scheduled for Destruction")]
    Scheduled,
    Restocked,
    Quarantined,
    Depleted,
    Available,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum QaStatus {
    #[default]
    Untested,
    Pending,
    Passed,
    Failed,
}

impl QaStatus {
    /// A laboratory has spoken.
    pub fn is_verdict(self) -> bool {
        match self {
            Self::Passed | Self::Failed => true,
            Self::Untested | Self::Pending => false,
        }
    }
}

impl Record for Inventory {
    const KIND: Kind = Kind::Inventory;
    type Facts = ItemFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
    }

    /// The one place that says what an item's status is called; the first that applies (INV-92).
    fn settle(&mut self, facts: &ItemFacts) {
        self.status = match () {
            () if self.destroyed => Status::Destroyed,
            () if facts.transferred => Status::Transferred,
            () if self.seized => Status::Seized,
            () if facts.destruction.is_some() => Status::Scheduled,
            () if self.restocked => Status::Restocked,
            () if facts.is_quarantined() => Status::Quarantined,
            () if !self.remaining_amount.is_positive() => Status::Depleted,
            () => Status::Available,
        };
    }

    fn links(&self) -> Vec<Link> {
        let room = Link { to: Kind::InventoryRoom, number: self.room_id };
        let parents = self.inventory_parent_id.iter();
        let parents = parents.map(|id| Link::to_barcode(Kind::Inventory, *id));
        std::iter::once(room).chain(parents).collect()
    }
}

/// One count or correction of an item; never changed or removed (INV-54).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InventoryAdjustment {
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    pub location_license: String,
    pub new_amount: Quantity,
    pub previous_amount: Quantity,
    pub reason: String,
    pub session_time: i64,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "Type")]
    pub adjustment_type: u32,
}

impl Record for InventoryAdjustment {
    const KIND: Kind = Kind::InventoryAdjustment;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
    }
}

/// What a laboratory got, or what a paper certificate says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LabSample {
    pub amount: Quantity,
    pub amount_used: Quantity,
    pub cert_of_analysis_hyperlink: String,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID", with = "blank")]
    pub inventory_id: Option<Barcode>,
    pub inventory_type: u32,
    pub lab_license: String,
    pub location_license: String,
    pub medical: bool,
    pub medical_grade: bool,
    #[serde(rename = "ParentID", with = "blank")]
    pub parent_id: Option<Barcode>,
    pub quality_control_data_hyperlink: String,
    pub result: String,
    #[serde(rename = "RnD")]
    pub rnd: bool,
    pub sample_use: String,
    pub session_time: i64,
    pub testing_data: Vec<TestingData>,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// What the world knows of a sample and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SampleFacts {
    /// The write that took it.
    pub taken_at: u64,
    pub taken_on: Option<Moment>,
    /// The round of tests that it belongs to.
    pub round: u32,
    /// What the laboratory received.
    pub received: Option<Quantity>,
    /// The write that filed its results first.
    pub filed_at: Option<u64>,
    /// The tests that a limit failed.
    pub failed: BTreeSet<u32>,
    /// The tests that a report must hold, where not all are asked (LAB-47).
    pub asked: BTreeSet<u32>,
    /// Results as they were before each amendment, oldest first; never overwritten (LAB-72).
    pub history: Vec<FormerResults>,
}

/// Results that were amended.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FormerResults {
    pub until: Moment,
    /// Why they were amended.
    pub reason: String,
    pub result: String,
    pub certificate: String,
    pub testing_data: Vec<TestingData>,
}

impl Record for LabSample {
    const KIND: Kind = Kind::LabSample;
    type Facts = SampleFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
        for result in self.testing_data.iter_mut().flat_map(|test| &mut test.test_result) {
            result.transaction_id = transaction;
        }
    }

    /// To the item that it is, and to what it was taken from.
    fn links(&self) -> Vec<Link> {
        let both = [self.inventory_id, self.parent_id].into_iter().flatten();
        both.map(|barcode| Link::to_barcode(Kind::Inventory, barcode)).collect()
    }

    fn link_of(field: &str, value: &str) -> Option<Link> {
        let named = ["InventoryID", "ParentID"].contains(&field);
        let barcode = Barcode::parse(value).filter(|_| named)?;
        Some(Link::to_barcode(Kind::Inventory, barcode))
    }
}

/// One test that was run on a sample.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestingData {
    #[serde(with = "blank")]
    pub lab_analysis_time: Option<Moment>,
    #[serde(with = "blank")]
    pub sample_preparation_time: Option<Moment>,
    #[serde(rename = "TestID")]
    pub test_id: u32,
    pub test_result: Vec<TestResult>,
}

/// One panel of a test.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestResult {
    pub lab_provided: bool,
    pub test_panel: String,
    pub test_pass: bool,
    pub test_value: TestValue,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
}

/// A measured value, or one of the two words that stand for one (LAB-48).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TestValue {
    Number(Quantity),
    Word(String),
}

impl Default for TestValue {
    fn default() -> Self {
        Self::Number(Quantity::ZERO)
    }
}
