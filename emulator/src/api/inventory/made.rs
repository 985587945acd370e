//! What a lot or a conversion makes: product, waste, booking and postings, the same for both.

use super::{
    sources::{Accounts, Part, one_strain},
    sublot::inherited,
};
use crate::{
    api::goods::{Goods, Source, label_usable},
    fault::Fault,
    lifecycle::item_type::ItemType,
    model::{
        ConversionFacts, Inventory, InventoryConversion, InventoryRoom, ItemFacts, Key, Kind,
        Quantity, to_base,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// What is to be made of some sources.
pub struct Recipe {
    pub kind: ItemType,
    pub product: Goods,
    /// Grams of the sources in one unit; 0 for what is weighed.
    pub weight_per_unit: Quantity,
    pub waste: Option<Goods>,
    pub rework: bool,
    /// The product keeps the verdict of its one source (LOT-54).
    pub keeps_verdict: bool,
}

impl Recipe {
    /// The product in grams of its sources.
    pub fn grams(&self) -> Quantity {
        let amount = self.product.amount.unwrap_or_default();
        if self.kind.is("UnitBased") {
            return amount.times(self.weight_per_unit).unwrap_or_default();
        }
        grams_of(&self.product)
    }

    pub fn waste_grams(&self) -> Quantity {
        self.waste.as_ref().map(grams_of).unwrap_or_default()
    }
}

fn grams_of(goods: &Goods) -> Quantity {
    let uom = goods.uom.as_deref().unwrap_or("g");
    to_base(goods.amount.unwrap_or_default(), uom).unwrap_or_default()
}

impl Txn<'_, '_, '_> {
    /// Takes the sources and makes the product, under one booking (LOT-11, LOT-37).
    pub fn make(
        &mut self,
        site: &Site,
        room: &Held<InventoryRoom>,
        recipe: &Recipe,
        parts: Vec<Part>,
    ) -> Result<(), Fault> {
        let id = self.next_number(Kind::InventoryConversion);
        let account = Accounts::new(id, &site.license);
        let used: Quantity = parts.iter().map(|part| part.grams).sum();
        let (made, wasted) = (recipe.grams(), recipe.waste_grams());
        let from = account.of(recipe.kind);
        let mut product = self.make_part(site, room, &recipe.product, from, &parts, id)?;
        if recipe.kind.is("UnitBased") {
            self.post(&account.conversion, &account.packed, Commodity::Grams, made)?;
        }
        inherit(&mut product, recipe, &parts);
        let mut waste = recipe
            .waste
            .as_ref()
            .map(|goods| self.make_part(site, room, goods, &account.conversion, &parts, id))
            .transpose()?;
        let loss = used - made - wasted;
        self.post_loss(site, &account.conversion, loss, false)?;
        let mut wire = InventoryConversion {
            amount: product.wire.remaining_amount,
            deleted: false,
            id,
            inventory_id: product.wire.id,
            item: Vec::new(),
            license_number: site.license.clone(),
            session_time: 0,
            transaction_id: 0,
            weight_per_unit: recipe.weight_per_unit,
        };
        let facts = ConversionFacts {
            made_at: self.transaction(),
            waste: waste.as_ref().map(|held| held.wire.id),
            grams: self.take_sources(parts, &mut wire)?,
            loss,
        };
        self.save_as(&mut product, Some("Derivative"))?;
        if let Some(waste) = &mut waste {
            self.save_as(waste, Some("Waste"))?;
        }
        let key = Key::new(Kind::InventoryConversion, id);
        self.save(&mut Held { wire, facts, key, scopes: vec![site.scope()] })
    }

    /// What is lost leaves the sources; what is made above them, within the tolerance, comes from there;
    /// and all that backward.
    pub fn post_loss(
        &mut self,
        site: &Site,
        conversion: &Account,
        loss: Quantity,
        back: bool,
    ) -> Result<(), Fault> {
        let license = site.license.clone();
        let gained = loss.is_negative();
        let account =
            if gained { Account::Tolerance(license) } else { Account::ProcessLoss(license) };
        let amount = if back { -loss } else { loss };
        self.post(conversion, &account, Commodity::Grams, amount)
    }

    /// A new item with the sources as its parents, not yet saved (LOT-37, LOT-71).
    fn make_part(
        &mut self,
        site: &Site,
        room: &Held<InventoryRoom>,
        goods: &Goods,
        account: &Account,
        parts: &[Part],
        booking: u64,
    ) -> Result<Held<Inventory>, Fault> {
        let id = self.mint()?;
        // What is made of held goods is held too (INV-91).
        let held_by_state = parts.iter().any(|part| part.held.facts.held_by_state);
        let facts = ItemFacts { held_by_state, ..ItemFacts::default() };
        let source = Source { facts, ..Source::plain(account.clone()) };
        let mut held = self.make_item(site, id, goods, room, source)?;
        held.wire.inventory_parent_id = parts.iter().map(|part| part.held.wire.id).collect();
        held.wire.production_batch_id = booking;
        held.wire.remediated = parts.iter().any(|part| part.held.wire.remediated);
        held.wire.rework = parts.iter().any(|part| part.held.wire.rework);
        Ok(held)
    }
}

/// What the product has from its sources (rulebook 10.6).
fn inherit(held: &mut Held<Inventory>, recipe: &Recipe, parts: &[Part]) {
    let product = &mut held.wire;
    let sources = || parts.iter().map(|part| &part.held.wire);
    product.medicated |= sources().all(|it| it.medicated);
    product.rework |= recipe.rework;
    if recipe.rework {
        let most = sources().map(|it| it.remediation_count).max().unwrap_or_default();
        product.remediation_count = most + 1;
    }
    if recipe.kind.is("UnitBased") {
        label_usable(product, recipe.kind, recipe.weight_per_unit);
    }
    if let Some(part) = parts.first().filter(|_| recipe.keeps_verdict) {
        let source = &part.held.wire;
        product.qa_status = source.qa_status;
        product.active_sample_inventory_id = source.active_sample_inventory_id;
        product.lab_sample.clone_from(&source.lab_sample);
        held.facts.testing = inherited(&part.held);
    }
}

/// A strain is free text of some length, or nothing (LOT-66).
pub fn said_strain(txn: &Txn<'_, '_, '_>, said: Option<String>) -> Result<Option<String>, Refusal> {
    let said = said.filter(|strain| !strain.trim().is_empty());
    let most = txn.profile().number("strain.max");
    let fits = said.as_ref().is_none_or(|strain| strain.chars().count() as u64 <= most);
    require(fits, || refuse("WIRE-29").with("Field", "Strain").with("n", most))?;
    Ok(said)
}

/// The strain of a conversion: the one that was said, else the common one, else none (LOT-68).
pub fn strain_of(said: Option<String>, parts: &[Part]) -> String {
    said.or_else(|| one_strain(parts).map(str::to_owned)).unwrap_or_default()
}
