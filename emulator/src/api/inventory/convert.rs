//! `/v1/inventory/conversion`: one or many sources become one product, and perhaps waste; and back.

use serde::Deserialize;

use super::{
    made::{Recipe, said_strain, strain_of},
    sources::{NamedSource, Part},
};
use crate::{
    api::{Action, OwnRules, goods::Goods, site::Right},
    fault::Fault,
    lifecycle::{item_type::ItemType, matrix},
    model::{InventoryConversion, InventoryIngredient, Key, Kind, QaStatus, Quantity, listed},
    refusal::{Refusal, refuse, require},
    world::txn::Txn,
};

/// The most units of one product (LOT-35).
const UNITS_MAX: u32 = 150_000;

/// `POST /v1/inventory/conversion`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConvertItems {
    item: Vec<NamedSource>,
    #[serde(deserialize_with = "listed::number")]
    inventory_type: u32,
    amount: Quantity,
    #[serde(rename = "UOM")]
    uom: Option<String>,
    weight_per_unit: Option<Quantity>,
    #[serde(deserialize_with = "listed::number", rename = "RoomID")]
    room_id: u64,
    strain: Option<String>,
    product_name: Option<String>,
    net_package_weight: Option<Quantity>,
    medicated: Option<bool>,
    state_product_identifier: Option<String>,
    package_date: Option<String>,
    expiration_date: Option<String>,
    waste: Option<Quantity>,
    #[serde(rename = "WasteUOM")]
    waste_uom: Option<String>,
    rework: Option<bool>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for ConvertItems {
    const OWN_RULES: OwnRules = &[("Item", "LOT-21"), ("RoomID", "ROOM-21")];

    fn apply(mut self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let named = std::mem::take(&mut self.item);
        let (site, mut parts) = txn.sources(named, (Right::Convert, "LOT-27"), "LOT-22")?;
        let rework = self.rework.unwrap_or_default();
        let kind = ItemType::find(self.inventory_type)?;
        check_verdicts(txn, &parts, rework)?;
        let mixed = parts.windows(2).any(|pair| pair[0].kind.id() != pair[1].kind.id());
        for part in &parts {
            check_pair(txn, part, kind, rework, mixed)?;
        }
        let mut used = Quantity::ZERO;
        for part in &mut parts {
            let left = part.held.wire.remaining_amount - part.amount;
            require(!left.is_negative(), || refuse("LOT-28").with("id", part.held.wire.id))?;
            part.grams = used_grams(txn, part)?;
            used = used + part.grams;
        }
        let recipe = self.recipe(txn, kind, &parts, rework)?;
        let tolerance = txn.profile().quantity("conversion.tolerance_g");
        let fits = recipe.grams() + recipe.waste_grams() <= used + tolerance;
        require(fits, || refuse("LOT-30"))?;
        check_product(txn, &recipe, &parts)?;
        let number = Some(self.room_id);
        let room = txn.inventory_room(&site, number, "ROOM-10", || refuse("ROOM-10"))?;
        txn.use_tags(&site, 1 + u64::from(recipe.waste.is_some()))?;
        txn.make(&site, &room, &recipe, parts)
    }
}

impl ConvertItems {
    fn recipe(
        &self,
        txn: &Txn<'_, '_, '_>,
        kind: ItemType,
        parts: &[Part],
        rework: bool,
    ) -> Result<Recipe, Fault> {
        let unit = kind.unit(self.uom.as_deref())?;
        kind.whole(self.amount)?;
        let amount = unit.booked(self.amount);
        require(amount.is_positive(), || refuse("INV-06"))?;
        let weight_per_unit = match self.weight_per_unit.filter(|weight| weight.is_positive()) {
            Some(weight) if kind.is("UnitBased") => weight,
            None if kind.is("UnitBased") => return Err(refuse("LOT-29").into()),
            Some(_) | None => Quantity::ZERO,
        };
        let strain = strain_of(said_strain(txn, self.strain.clone())?, parts);
        let product = Goods {
            external_id: self.external_id.clone(),
            product_name: self.product_name.clone(),
            net_package_weight: self.net_package_weight,
            medicated: self.medicated,
            state_product_identifier: self.state_product_identifier.clone(),
            package_date: self.package_date.clone(),
            expiration_date: self.expiration_date.clone(),
            ..Goods::plain(kind, amount, &unit.name, &strain)
        };
        let waste = self.waste.map(|said| self.waste_goods(said)).transpose()?;
        let keeps_verdict = keeps_verdict(txn, parts, kind)?;
        Ok(Recipe { kind, product, weight_per_unit, waste, rework, keeps_verdict })
    }

    /// Waste is weighed, and becomes an item of its own (LOT-32).
    fn waste_goods(&self, said: Quantity) -> Result<Goods, Refusal> {
        let waste = ItemType::named("Waste")?;
        let unit = waste.unit(self.waste_uom.as_deref())?;
        let amount = unit.booked(said);
        require(amount.is_positive(), || refuse("LOT-32"))?;
        Ok(Goods::plain(waste, amount, &unit.name, ""))
    }
}

/// The label of the product, how much there is of it, how old its tests are (LOT-33, LOT-35, LOT-56,
/// LOT-70).
fn check_product(
    txn: &mut Txn<'_, '_, '_>,
    recipe: &Recipe,
    parts: &[Part],
) -> Result<(), Refusal> {
    let (kind, product) = (recipe.kind, &recipe.product);
    product.check_label(kind, txn.today(), "LOT-69")?;
    let unnumbered = product.state_product_identifier.as_deref().is_none_or(str::is_empty);
    if kind.is("Retail") && unnumbered {
        txn.soften("product.identifier", refuse("LOT-70"))?;
    }
    if kind.is("UnitBased") && product.amount > Some(Quantity::whole(UNITS_MAX)) {
        txn.soften("conversion.max_units", refuse("LOT-35"))?;
    }
    if kind.is("FinalStage") {
        check_age(txn, parts)?;
    }
    Ok(())
}

/// Failed sources are refused, unless they are reworked; a sample under test is noted (LOT-23, LOT-24,
/// LOT-61, LOT-62).
fn check_verdicts(txn: &mut Txn<'_, '_, '_>, parts: &[Part], rework: bool) -> Result<(), Refusal> {
    for part in parts {
        let item = &part.held.wire;
        if rework {
            let failed = item.qa_status == QaStatus::Failed;
            require(failed, || refuse("LOT-61").with("id", item.id))?;
            require(item.remediation_eligible, || refuse("LOT-62").with("id", item.id))?;
        } else if part.has_failed() {
            let failed = refuse("LOT-23").with("id", item.id);
            txn.soften("conversion.failed_source", failed)?;
        }
        if item.qa_status == QaStatus::Pending {
            let pending = refuse("LOT-24").with("id", item.id);
            txn.soften("conversion.pending_source", pending)?;
        }
    }
    Ok(())
}

/// Each source needs its own allowed pair (LOT-25, LOT-26, LOT-47 to LOT-52, LOT-63).
fn check_pair(
    txn: &Txn<'_, '_, '_>,
    part: &Part,
    to: ItemType,
    rework: bool,
    mixed: bool,
) -> Result<(), Refusal> {
    let from = part.kind;
    let profile = txn.profile();
    let closed = match (from.id(), to.id()) {
        (13, 31) => profile.is("matrix.13_31", "refuse"),
        (38, 28) => profile.is("matrix.38_28", "refuse"),
        _ => false,
    };
    let back = rework && profile.on("matrix.rework");
    let open = !closed && matrix::may_convert(from.id(), to.id(), back);
    let rule = match () {
        () if matrix::goes_back(from, to) => "LOT-51",
        () if rework => "LOT-63",
        () if from.is("FinalStage") => "LOT-26",
        () if from.id() == to.id() => "LOT-47",
        () if matrix::was_refused(from.id(), to.id()) => "LOT-48",
        () if mixed => "LOT-52",
        () => "LOT-25",
    };
    require(open, || refuse(rule).with("A", from.name()).with("B", to.name()))
}

/// What a source weighs; units by the conversion that made them, or by their label (LOT-64).
fn used_grams(txn: &Txn<'_, '_, '_>, part: &Part) -> Result<Quantity, Fault> {
    let item = &part.held.wire;
    if !item.unit_based {
        return Ok(part.grams);
    }
    let key = Key::new(Kind::InventoryConversion, item.production_batch_id);
    let made = txn.find::<InventoryConversion>(key)?;
    let made = made.map(|held| held.wire.weight_per_unit).unwrap_or_default();
    let known = [made, item.usable_weight, item.net_package_weight];
    let weight = known.into_iter().find(|weight| weight.is_positive());
    let weight = weight.ok_or_else(|| refuse("LOT-64"))?;
    Ok(part.amount.times(weight).unwrap_or_default())
}

/// A tested flower lot that is packaged alone, without ingredients, needs no second test (LOT-54).
fn keeps_verdict(txn: &Txn<'_, '_, '_>, parts: &[Part], to: ItemType) -> Result<bool, Fault> {
    let [part] = parts else { return Ok(false) };
    let item = &part.held.wire;
    let pair = format!("{}>{}", part.kind.id(), to.id());
    let kept = txn.profile().lists("qa.keep_pairs", &pair.into());
    let sample = item.lab_sample.iter().rev().find(|sample| !sample.rnd && !sample.deleted);
    let usable = sample.is_some_and(|sample| sample.sample_use == "Usable");
    let number = item.id.number();
    let ingredients = txn.linked::<InventoryIngredient>(Kind::Inventory, number)?;
    let pure = ingredients.iter().all(|held| held.wire.deleted);
    Ok(kept && usable && pure && item.qa_status == QaStatus::Passed)
}

/// Bulk stock with an old pass should be sampled again before it is packaged (LOT-56).
fn check_age(txn: &mut Txn<'_, '_, '_>, parts: &[Part]) -> Result<(), Refusal> {
    let (policy, months) = txn.profile().policy_after("qa.bulk_months");
    for part in parts.iter().filter(|part| !part.kind.is("FinalStage")) {
        let item = &part.held.wire;
        if txn.is_stale(item, months) && item.qa_status == QaStatus::Passed {
            txn.apply(policy, refuse("LOT-56").with("id", item.id))?;
        }
    }
    Ok(())
}
