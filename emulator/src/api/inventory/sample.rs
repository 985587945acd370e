//! `/v1/inventory/lab/lab/sample`: a part of an item, or of a growing plant, is to go to a laboratory.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{
    api::{
        Action,
        goods::{Goods, Source},
        site::Right,
    },
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
        plant,
        testing::{self, PENDING},
        trade::SAMPLING_FIRM,
    },
    model::{
        Barcode, Former, Inventory, InventoryRoom, ItemFacts, Key, Kind, LabSample, Plant,
        QaStatus, Quantity, Round, SampleFacts, Scope, listed, to_base,
    },
    profile::Policy,
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// Bulk flower, whose result does not reach the lot that is made of it (LAB-03).
const BULK: &[&str] = &["Flower", "Other Material", "Wet Flower"];

/// `POST /v1/inventory/lab/lab/sample`, and under the shorter spelling.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TakeSample {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
    amount: Quantity,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    lab_license: String,
    sample_use: Option<String>,
    #[serde(rename = "RnD")]
    rnd: Option<bool>,
    medical: Option<bool>,
    sampling_firm_license: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for TakeSample {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        txn.acting_may(Right::Hold)?;
        if let Some(parent) = txn.own_item(&self.inventory_id)? {
            return self.of_item(txn, parent);
        }
        let plant = txn.own_coded::<Plant>(&self.inventory_id)?;
        let plant = plant.ok_or_else(|| refuse("INV-10").with("id", &self.inventory_id))?;
        self.of_plant(txn, plant)
    }
}

impl TakeSample {
    fn of_item(self, txn: &mut Txn<'_, '_, '_>, mut parent: Held<Inventory>) -> Result<(), Fault> {
        let site = txn.site_of(&parent.scopes)?;
        txn.require_right(&site, Right::Hold)?;
        item::permit(&parent.wire, &parent.facts, Verb::Sample)?;
        let kind = ItemType::find(parent.wire.inventory_type)?;
        let rnd = self.rnd.unwrap_or_default();
        let never = txn.profile().lists("lab.never_types", &kind.id().into());
        require(!never, || refuse("LAB-02"))?;
        if !rnd && BULK.contains(&kind.name()) {
            txn.soften("lab.bulk_flower", refuse("LAB-03"))?;
        }
        let lab = self.laboratory(txn)?;
        let sample_use = self.checked_use(kind)?;
        let opened = if rnd { None } else { self.check_round(txn, &parent)? };
        let amount = self.checked_amount(txn, kind, &parent.wire)?;
        self.check_firm(txn, rnd)?;
        let room = self.room_id.unwrap_or(parent.wire.room_id);
        let room = txn.inventory_room(&site, Some(room), "ROOM-10", || refuse("ROOM-10"))?;
        txn.use_tags(&site, 1)?;
        if let Some(round) = opened {
            // Only an approved test keeps the former verdict until its first sample (LAB-55).
            let retest = round == Round::Retest;
            let former = retest.then(|| Former::of(&parent.wire));
            parent.facts.testing.open(round, former);
            parent.facts.testing.approved &= !retest;
        }
        let mut sample = txn.part_of(&parent)?;
        let held_by_state = parent.facts.held_by_state;
        sample.facts = ItemFacts { held_by_state, ..ItemFacts::default() };
        sample.put_into(&room);
        let split = Account::Split(sample.wire.id);
        let left = parent.wire.remaining_amount - amount;
        txn.set_amount(&mut parent, &split, left)?;
        txn.set_amount(&mut sample, &split, amount)?;
        parent.facts.uses.mark_undoable(txn.transaction());
        let medical = self.medical.unwrap_or(parent.wire.medicated);
        let testing = &parent.facts.testing;
        let scoped = txn.profile().is("lab.retest_scope", "failed");
        let part = scoped && testing.kind == Round::Remediation;
        let asked = if part { testing.failed.clone() } else { BTreeSet::new() };
        let row = Row { lab, sample_use, rnd, medical, round: testing.round, asked };
        let of = (parent.wire.id, kind);
        self.enter_sample(txn, &site, sample, of, row)?;
        txn.requalify(&mut parent)?;
        txn.save_as(&mut parent, Some("Parent"))
    }

    /// For research only; the plant loses nothing (LAB-18).
    fn of_plant(self, txn: &mut Txn<'_, '_, '_>, mut held: Held<Plant>) -> Result<(), Fault> {
        let site = txn.site_of(&held.scopes)?;
        plant::permit(&held.wire, plant::Verb::Sample)?;
        let open = self.rnd == Some(true) && txn.profile().on("lab.rnd_from_plant");
        require(open, || refuse("LAB-18"))?;
        let lab = self.laboratory(txn)?;
        let kind = ItemType::named("Non-Mandatory QA Sample")?;
        let sample_use = self.checked_use(kind)?;
        let amount = kind.own_amount("g", self.amount, self.uom.as_deref())?;
        require(amount.is_positive(), || refuse("INV-06"))?;
        let room = txn.inventory_room(&site, self.room_id, "ROOM-08", || refuse("ROOM-10"))?;
        txn.use_tags(&site, 1)?;
        let sample = self.cut_from(txn, &site, &room, &held.wire, (kind, amount))?;
        let medical = self.medical.unwrap_or_default();
        let row = Row { lab, sample_use, rnd: true, medical, round: 0, asked: BTreeSet::new() };
        let id = held.wire.id;
        self.enter_sample(txn, &site, sample, (id, kind), row)?;
        held.facts.used = true;
        txn.keep_facts(&held)
    }

    fn cut_from(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        room: &Held<InventoryRoom>,
        plant: &Plant,
        (kind, amount): (ItemType, Quantity),
    ) -> Result<Held<Inventory>, Fault> {
        let id = txn.mint()?;
        let source = Source {
            account: Account::Grown(site.license.clone()),
            plant: Some(plant.id),
            facts: ItemFacts::default(),
            initial: false,
        };
        txn.make_item(site, id, &Goods::plain(kind, amount, "g", &plant.strain), room, source)
    }

    /// The sample's own item, and its row for the laboratory (LAB-15).
    fn enter_sample(
        self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        mut sample: Held<Inventory>,
        (parent, kind): (Barcode, ItemType),
        row: Row,
    ) -> Result<(), Fault> {
        sample.wire.is_sample = true;
        sample.wire.external_id = self.external_id.unwrap_or_default();
        sample.wire.qa_status = if row.rnd { QaStatus::Untested } else { QaStatus::Pending };
        sample.wire.active_sample_inventory_id = None;
        sample.wire.lab_sample.clear();
        txn.save_as(&mut sample, Some("LabSampleInventory"))?;
        let id = txn.next_number(Kind::LabSample);
        let wire = LabSample {
            amount: sample.wire.remaining_amount,
            amount_used: Quantity::ZERO,
            cert_of_analysis_hyperlink: String::new(),
            deleted: false,
            id,
            inventory_id: Some(sample.wire.id),
            inventory_type: kind.id(),
            lab_license: self.lab_license,
            location_license: site.license.clone(),
            medical: row.medical,
            medical_grade: false,
            parent_id: Some(parent),
            quality_control_data_hyperlink: String::new(),
            result: PENDING.to_owned(),
            rnd: row.rnd,
            sample_use: row.sample_use,
            session_time: 0,
            testing_data: Vec::new(),
            transaction_id: 0,
        };
        let facts = SampleFacts {
            taken_at: txn.transaction(),
            taken_on: Some(txn.now),
            round: row.round,
            asked: row.asked,
            ..SampleFacts::default()
        };
        let key = Key::new(Kind::LabSample, id);
        let scopes = vec![site.scope(), row.lab];
        txn.save(&mut Held { wire, facts, key, scopes })
    }

    /// A listed laboratory (LAB-04).
    fn laboratory(&self, txn: &Txn<'_, '_, '_>) -> Result<Scope, Refusal> {
        let lab = txn.around.access.labs.get(&self.lab_license);
        let open = lab.filter(|lab| !lab.suspended && !lab.closed);
        open.map(|lab| Scope::Lab(lab.number)).ok_or_else(|| refuse("LAB-04"))
    }

    /// Sold as it is, or extracted, which an end product is not (LAB-05).
    fn checked_use(&self, kind: ItemType) -> Result<String, Refusal> {
        let said = self.sample_use.as_deref().filter(|said| !said.is_empty()).unwrap_or("Usable");
        let listed = tagtrail_schemas::catalogue("sample_uses").iter();
        let known = listed.clone().any(|it| it["Name"] == said);
        let fits = known && !(said == "Extraction" && kind.is("FinalStage"));
        require(fits, || refuse("LAB-05").with("name", kind.name()))?;
        Ok(said.to_owned())
    }

    /// Guards of a release sample; answers the round that it opens (LAB-07 to LAB-13).
    fn check_round(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        parent: &Held<Inventory>,
    ) -> Result<Option<Round>, Fault> {
        let rows = txn.samples_of(parent.wire.id)?;
        let state = &parent.facts.testing;
        let counts = |held: &&Held<LabSample>| testing::counts(&held.wire, &held.facts, state);
        let counted: Vec<&LabSample> = rows.iter().filter(counts).map(|held| &held.wire).collect();
        let (policy, months) = txn.profile().policy_after("qa.bulk_months");
        let too_old = policy != Policy::Off && txn.is_stale(&parent.wire, months);
        let lab = &self.lab_license;
        let item = &parent.wire;
        let round = (&counted[..], txn.samples_needed(state));
        let soften = |knob: &str, refusal| txn.soften(knob, refusal);
        testing::may_sample((item, state), round, lab, too_old, soften)?;
        Ok(testing::opens(item, state, &counted, too_old))
    }

    fn checked_amount(
        &self,
        txn: &Txn<'_, '_, '_>,
        kind: ItemType,
        parent: &Inventory,
    ) -> Result<Quantity, Refusal> {
        let amount = kind.own_amount(&parent.uom, self.amount, self.uom.as_deref())?;
        let least = txn.profile().quantity("lab.min_grams");
        let enough = kind.is("UnitBased")
            || to_base(amount, &parent.uom).is_some_and(|grams| grams >= least);
        require(amount.is_positive(), || refuse("INV-06"))?;
        require(enough, || refuse("LAB-14"))?;
        require(amount <= parent.remaining_amount, || refuse("INV-20").with("id", parent.id))?;
        Ok(amount)
    }

    /// An approved firm, or a laboratory, draws what is to be released (LAB-20).
    fn check_firm(&self, txn: &mut Txn<'_, '_, '_>, rnd: bool) -> Result<(), Refusal> {
        let access = txn.around.access;
        let firm = self.sampling_firm_license.as_deref().unwrap_or_default();
        let draws = access.sites.get(firm).is_some_and(|site| site.location_type == SAMPLING_FIRM);
        if rnd || draws || access.labs.contains_key(firm) {
            return Ok(());
        }
        txn.soften("lab.sampling_firm", refuse("LAB-20"))
    }
}

/// What a sample's row says beside the body.
struct Row {
    lab: Scope,
    sample_use: String,
    rnd: bool,
    medical: bool,
    round: u32,
    asked: BTreeSet<u32>,
}
