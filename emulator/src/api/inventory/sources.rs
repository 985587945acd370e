//! What lots and conversions take from: sources, in whole or in part, all of one site.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    api::{
        lookup::once,
        site::{Right, has_right, type_name},
    },
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{
        ConversionItem, Inventory, InventoryConversion, QaStatus, Quantity, Round, convert,
        to_base, unit,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        counters::Piece,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// A source as a body names it; without an amount, all that remains.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NamedSource {
    #[serde(rename = "InventoryID")]
    inventory_id: String,
    amount: Option<Quantity>,
    #[serde(rename = "UOM")]
    uom: Option<String>,
}

/// A source and what is taken of it.
pub struct Part {
    pub held: Held<Inventory>,
    pub kind: ItemType,
    /// In the unit of the source.
    pub amount: Quantity,
    /// What it weighs; for units, by what made them (LOT-64).
    pub grams: Quantity,
    /// As it was said, for the booking.
    said: (Quantity, String),
}

impl Part {
    /// Failed, or in a round after remediation that has not passed yet (LOT-10, LOT-23).
    pub fn has_failed(&self) -> bool {
        let status = self.held.wire.qa_status;
        let remediated = self.held.facts.testing.kind == Round::Remediation;
        status == QaStatus::Failed || (remediated && status != QaStatus::Passed)
    }
}

/// What all sources say alike, or nothing.
pub fn one_strain(parts: &[Part]) -> Option<&str> {
    let strain = parts.first().map(|part| part.held.wire.strain.as_str())?;
    let alike = parts.iter().all(|part| part.held.wire.strain == strain);
    Some(strain).filter(|_| alike)
}

impl Txn<'_, '_, '_> {
    /// The sources of a lot or a conversion, at least one, and their site: the caller's, usable, each
    /// named once, all of that site.
    pub fn sources(
        &self,
        named: Vec<NamedSource>,
        (right, unfit): (Right, &'static str),
        elsewhere: &'static str,
    ) -> Result<(Arc<Site>, Vec<Part>), Fault> {
        // A license that the call says it acts for is asked before any look-up (LIC-15).
        self.acting().map_or(Ok(()), |site| self.check_license(site, right, unfit))?;
        once(named.iter().map(|it| it.inventory_id.as_str()), "INV-21")?;
        let mut items = Vec::new();
        for it in &named {
            let id = &it.inventory_id;
            items.push(self.own_item(id)?.ok_or_else(|| refuse("INV-10").with("id", id))?);
        }
        let none = || Fault::Broken("a list without sources was let in".to_owned());
        let site = self.site_of(&items.first().ok_or_else(none)?.scopes)?;
        self.check_license(&site, right, unfit)?;
        for held in &items {
            item::permit(&held.wire, &held.facts, Verb::Use)?;
        }
        let one_site = items.windows(2).all(|pair| pair[0].scopes == pair[1].scopes);
        require(one_site, || refuse(elsewhere))?;
        let parts = items.into_iter().zip(named).map(part).collect::<Result<_, Refusal>>()?;
        Ok((site, parts))
    }

    /// Whether a license type may make lots, or convert; growers have a rule of their own (LIC-16).
    fn check_license(&self, site: &Site, right: Right, unfit: &'static str) -> Result<(), Refusal> {
        if right == Right::Convert && has_right(site, Right::Cut) && !self.may(site, right) {
            return self
                .require_right(site, right)
                .map_err(|_| refuse("LIC-16").with("Name", type_name(site)));
        }
        require(self.may(site, right), || refuse(unfit).with("B", "inventory"))
    }

    /// Takes from the sources and notes each in the booking.
    pub fn take_sources(
        &mut self,
        parts: Vec<Part>,
        booking: &mut InventoryConversion,
    ) -> Result<Vec<Quantity>, Fault> {
        let account = Accounts::of_booking(booking);
        let write = self.transaction();
        let mut grams = Vec::new();
        for mut part in parts {
            let left = part.held.wire.remaining_amount - part.amount;
            self.set_amount(&mut part.held, account.of(part.kind), left)?;
            if part.kind.is("UnitBased") {
                self.post(&account.packed, &account.conversion, Commodity::Grams, part.grams)?;
            }
            grams.push(part.grams);
            part.held.facts.uses.mark_undoable(write);
            self.save_as(&mut part.held, Some("Item"))?;
            booking.item.push(ConversionItem {
                amount: part.said.0,
                conversion_id: booking.id,
                id: self.counters.next_piece(Piece::ConversionItem),
                inventory_id: part.held.wire.id,
                transaction_id: 0,
                uom: part.said.1,
            });
        }
        Ok(grams)
    }

    /// Gives the sources of a booking back what they lost.
    pub fn return_sources(
        &mut self,
        booking: &Held<InventoryConversion>,
        sources: Vec<Held<Inventory>>,
    ) -> Result<(), Fault> {
        let account = Accounts::of_booking(&booking.wire);
        let taken = booking.wire.item.iter().zip(&booking.facts.grams);
        for (mut held, (taken, grams)) in sources.into_iter().zip(taken) {
            let amount = amount_in(taken.amount, &taken.uom, &held.wire.uom);
            let whole = held.wire.remaining_amount + amount;
            let kind = ItemType::find(held.wire.inventory_type)?;
            self.set_amount(&mut held, account.of(kind), whole)?;
            if kind.is("UnitBased") {
                self.post(&account.conversion, &account.packed, Commodity::Grams, *grams)?;
            }
            held.facts.uses.take_back(booking.facts.made_at);
            self.save(&mut held)?;
        }
        Ok(())
    }

    /// The rows of a booking's sources at its site.
    pub fn sources_of(
        &self,
        booking: &Held<InventoryConversion>,
    ) -> Result<Vec<Held<Inventory>>, Fault> {
        let items = booking.wire.item.iter();
        items.map(|it| self.item_at(it.inventory_id, &booking.scopes)).collect()
    }
}

/// Between sources and product: grams go through the conversion, units through what was packed.
pub struct Accounts {
    pub conversion: Account,
    pub packed: Account,
}

impl Accounts {
    pub fn new(booking: u64, license: &str) -> Self {
        Self {
            conversion: Account::Conversion(booking),
            packed: Account::Packed(license.to_owned()),
        }
    }

    pub fn of_booking(booking: &InventoryConversion) -> Self {
        Self::new(booking.id, &booking.license_number)
    }

    pub fn of(&self, kind: ItemType) -> &Account {
        if kind.is("UnitBased") { &self.packed } else { &self.conversion }
    }
}

fn part((held, named): (Held<Inventory>, NamedSource)) -> Result<Part, Refusal> {
    let kind = ItemType::find(held.wire.inventory_type)?;
    let own = held.wire.uom.clone();
    let uom = named.uom.filter(|uom| !uom.is_empty());
    let (amount, said) = match named.amount {
        None => (held.wire.remaining_amount, (held.wire.remaining_amount, own.clone())),
        Some(said) => {
            let amount = kind.own_amount(&own, said, uom.as_deref())?;
            require(amount.is_positive(), || refuse("INV-06"))?;
            let listed = uom.as_deref().and_then(unit).map(|unit| unit.name.clone());
            (amount, (said, listed.unwrap_or_else(|| own.clone())))
        }
    };
    let grams = to_base(amount, &own).unwrap_or_default();
    Ok(Part { held, kind, amount, grams, said })
}

/// An amount in another unit; as it stands where the two units do not convert.
pub(super) fn amount_in(amount: Quantity, from: &str, to: &str) -> Quantity {
    let units = unit(from).zip(unit(to));
    units.and_then(|(from, to)| convert(amount, from, to)).unwrap_or(amount)
}
