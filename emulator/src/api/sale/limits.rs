//! What a consumer may buy at once, worked out from the server's own items (SALE-20 to SALE-27).

use serde_json::json;

use crate::{
    fault::Fault,
    lifecycle::item_type::ItemType,
    model::{Inventory, Moment, Quantity, to_base},
    refusal::{refuse, require},
    world::txn::Txn,
};

/// Grams of each class of product in one sale.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grams {
    pub flower: Quantity,
    pub concentrate: Quantity,
}

impl Grams {
    /// Adds some units of an item (SALE-20, SALE-23).
    pub fn add(&mut self, kind: ItemType, grams: Quantity) {
        match kind.limit_class() {
            Some("flower") => self.flower = self.flower + grams,
            Some("concentrate") => self.concentrate = self.concentrate + grams,
            Some(_) | None => {}
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            flower: self.flower + other.flower,
            concentrate: self.concentrate + other.concentrate,
        }
    }

    /// The rule that a sale of so much breaks (SALE-21, SALE-22).
    pub fn broken(self, txn: &Txn<'_, '_, '_>) -> Option<&'static str> {
        let most = |knob| txn.profile().quantity(knob);
        let flower = most("sale.limit_flower_grams");
        let concentrate = most("sale.limit_concentrate_grams");
        match () {
            () if self.flower > flower => Some("SALE-21"),
            () if self.concentrate > concentrate => Some("SALE-22"),
            () => None,
        }
    }
}

/// The grams of cannabis in some units of an item. A sibling state keeps the weight in ounces.
pub fn usable_grams(
    txn: &Txn<'_, '_, '_>,
    item: &Inventory,
    units: Quantity,
) -> Result<Quantity, Fault> {
    let unit = txn.profile().text("sale.rec_usable_unit");
    let weight = to_base(item.rec_usable_weight, &unit);
    let grams = weight.and_then(|weight| weight.times(units));
    let too_much =
        || Fault::Broken(format!("{units} of item {} have no weight in {unit}", item.id));
    grams.ok_or_else(too_much)
}

/// Refuses what is too much for one sale, and remarks on what is too much for two at one register.
pub fn check(
    txn: &mut Txn<'_, '_, '_>,
    license: &str,
    terminal: Option<&str>,
    at: Moment,
    grams: Grams,
) -> Result<(), Fault> {
    if txn.profile().is("sale.limit_scope", "off") {
        return Ok(());
    }
    let broken = grams.broken(txn);
    require(broken.is_none(), || refuse(broken.unwrap_or_default()))?;
    note_split(txn, license, terminal, at, grams)
}

/// When a sale was made, and its grams of flower and of concentrate.
type Made = (i64, Quantity, Quantity);

/// Two sales at one register within minutes that are too much together (SALE-27).
fn note_split(
    txn: &mut Txn<'_, '_, '_>,
    license: &str,
    terminal: Option<&str>,
    at: Moment,
    grams: Grams,
) -> Result<(), Fault> {
    let minutes = txn.profile().number("finding.split_sale_minutes");
    let Some(terminal) = terminal.filter(|name| !name.is_empty() && minutes > 0) else {
        return Ok(());
    };
    let span = i64::try_from(minutes).unwrap_or_default() * 60;
    // Sales are entered late and in any order, so they are kept by the span in which they were made.
    let slot = at.second().div_euclid(span);
    let key = |slot: i64| format!("register/{license}/{terminal}/{slot}");
    for slot in slot - 1..=slot + 1 {
        let others: Vec<Made> = txn.state(&key(slot))?.unwrap_or_default();
        let too_much = |(second, flower, concentrate): &Made| {
            let both = grams.plus(Grams { flower: *flower, concentrate: *concentrate });
            (at.second() - second).abs() <= span && both.broken(txn).is_some()
        };
        if others.iter().any(too_much) {
            txn.note("SALE-27");
            break;
        }
    }
    let mut made: Vec<Made> = txn.state(&key(slot))?.unwrap_or_default();
    made.push((at.second(), grams.flower, grams.concentrate));
    txn.set_state(&key(slot), &json!(made))
}
