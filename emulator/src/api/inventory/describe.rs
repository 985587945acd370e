//! `PUT /v1/inventory`: describes items; amounts, rooms and types are other verbs' business.

use serde::Deserialize;

use crate::{
    api::{
        Action,
        goods::{check_dates, label_usable},
    },
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{Day, Inventory, QaStatus, Quantity, Round},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// From the lot onward the strain is frozen; these types are before it (INV-36).
#[rustfmt::skip]
const STRAIN_OPEN: &[&str] = &[
    "Flower", "Clone", "Other Material", "Seed", "Plant Tissue", "Mature Plant", "Waste", "Wet Flower",
];

/// An ounce in grams, the most that a unit of packaged flower holds (INV-60).
const OUNCE: &str = "28.349523";

/// `PUT /v1/inventory`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateInventory {
    inventory: Vec<Description>,
}

/// What one item is told; what is absent stays.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
    strain: Option<String>,
    product_name: Option<String>,
    net_package_weight: Option<Quantity>,
    usable_weight: Option<Quantity>,
    medicated: Option<bool>,
    state_product_identifier: Option<String>,
    package_date: Option<String>,
    expiration_date: Option<String>,
    remediated: Option<bool>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for UpdateInventory {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut items =
            txn.named_items(self.inventory.iter().map(|it| it.inventory_id.as_str()))?;
        for (held, description) in items.iter_mut().zip(self.inventory) {
            item::permit(&held.wire, &held.facts, Verb::Describe)?;
            description.apply_to(txn, held)?;
        }
        items.iter_mut().try_for_each(|held| txn.save(held))
    }
}

impl Description {
    fn is_empty(&self) -> bool {
        let texts = [
            &self.strain,
            &self.product_name,
            &self.state_product_identifier,
            &self.package_date,
            &self.expiration_date,
            &self.external_id,
        ];
        texts.iter().all(|text| text.is_none())
            && self.net_package_weight.is_none()
            && self.usable_weight.is_none()
            && self.medicated.is_none()
            && self.remediated.is_none()
    }

    fn apply_to(self, txn: &mut Txn<'_, '_, '_>, held: &mut Held<Inventory>) -> Result<(), Fault> {
        require(!self.is_empty(), || refuse("INV-35"))?;
        let kind = ItemType::find(held.wire.inventory_type)?;
        let item = &mut held.wire;
        if let Some(strain) = self.strain {
            let frozen =
                txn.profile().is("strain.freeze", "lot") && !STRAIN_OPEN.contains(&kind.name());
            require(!frozen, || refuse("INV-36").with("id", item.id))?;
            item.strain = strain;
        }
        if let Some(name) = self.product_name {
            require(!name.trim().is_empty(), || refuse("INV-37"))?;
            item.product_name = name;
        }
        let before = (item.net_package_weight, item.package_date, item.expiration_date);
        if let Some(weight) = self.net_package_weight {
            require(kind.is("UnitBased"), || refuse("INV-38"))?;
            item.net_package_weight = weight;
        }
        if let Some(weight) = self.usable_weight {
            require(kind.is("UnitBased"), || refuse("INV-38"))?;
            set_usable(txn, item, kind, weight)?;
            held.facts.uses.mark(txn.transaction());
        }
        set_medicated(txn, item, self.medicated)?;
        set_dates(item, self.package_date, self.expiration_date, txn.today())?;
        if before != (item.net_package_weight, item.package_date, item.expiration_date)
            && (item.qa_status == QaStatus::Passed || !held.facts.received_from.is_empty())
        {
            txn.soften("label.after_release", refuse("INV-41").with("id", item.id))?;
        }
        let put = |place: &mut String, text: Option<String>| {
            if let Some(text) = text {
                *place = text;
            }
        };
        put(&mut item.state_product_identifier, self.state_product_identifier);
        put(&mut item.external_id, self.external_id);
        Ok(remediate(txn, held, self.remediated)?)
    }
}

/// Corrects the grams of one unit (INV-57 to INV-60).
pub fn set_usable(
    txn: &mut Txn<'_, '_, '_>,
    item: &mut Inventory,
    kind: ItemType,
    weight: Quantity,
) -> Result<(), Refusal> {
    require(weight.is_positive(), || refuse("INV-57"))?;
    require(kind.is("UnitBased"), || refuse("INV-58"))?;
    let package = item.net_package_weight;
    let above_package = package.is_positive() && weight > package;
    let ounce = Quantity::parse(OUNCE).unwrap_or_default();
    if above_package || (kind.name() == "Usable Cannabis" && weight > ounce) {
        txn.soften("usable.cap", refuse("INV-60"))?;
    }
    label_usable(item, kind, weight);
    Ok(())
}

/// Medical and adult-use limits differ, so a test freezes the flag (INV-39).
fn set_medicated(
    txn: &mut Txn<'_, '_, '_>,
    item: &mut Inventory,
    flag: Option<bool>,
) -> Result<(), Refusal> {
    let Some(flag) = flag.filter(|flag| *flag != item.medicated) else { return Ok(()) };
    if matches!(item.qa_status, QaStatus::Pending | QaStatus::Passed) {
        txn.soften("medicated.freeze", refuse("INV-39").with("id", item.id))?;
    }
    item.medicated = flag;
    Ok(())
}

fn set_dates(
    item: &mut Inventory,
    packed: Option<String>,
    expires: Option<String>,
    today: Day,
) -> Result<(), Refusal> {
    if packed.is_none() && expires.is_none() {
        return Ok(());
    }
    if let Some(packed) = packed {
        item.package_date = Day::parse(&packed);
    }
    if let Some(expires) = expires {
        item.expiration_date = Day::parse(&expires);
    }
    check_dates(item.package_date, item.expiration_date, today)
}

/// A failed item that was remediated opens a new round of samples (LAB-62).
fn remediate(
    txn: &mut Txn<'_, '_, '_>,
    held: &mut Held<Inventory>,
    remediated: Option<bool>,
) -> Result<(), Refusal> {
    let item = &mut held.wire;
    match remediated {
        Some(true) => {
            let failed = item.qa_status == QaStatus::Failed;
            require(failed, || refuse("LAB-62").saying(1).with("id", item.id))?;
            require(item.remediation_eligible, || refuse("LAB-62").with("id", item.id))?;
            item.remediated = true;
            item.remediation_count += 1;
            item.remediation_eligible = false;
            item.qa_status = QaStatus::Untested;
            item.active_sample_inventory_id = None;
            held.facts.testing.open(Round::Remediation, None);
            held.facts.testing.approved = false;
            // Nobody has a way to acknowledge the plan yet (LAB-65).
            txn.soften("remediation.needs_ack", refuse("LAB-65"))
        }
        Some(false) => require(!item.remediated, || refuse("LAB-62").saying(1).with("id", item.id)),
        None => Ok(()),
    }
}
