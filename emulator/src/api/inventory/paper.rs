//! Shipments on paper to and from licensees that are not integrated: how an adjustment becomes one
//! (rulebook 18).

use std::sync::Arc;

use crate::{
    fault::Fault,
    lifecycle::{item_type::ItemType, trade},
    model::{Inventory, QaStatus, Quantity},
    refusal::refuse,
    world::{
        access::{Access, Site},
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// Whether goods of a type may go from one site to another by the transfer rules, or `back` to the one
/// that they came from.
pub fn may_ship(from: &Site, to: &Site, kind: ItemType, back: bool) -> bool {
    let row = trade::rule(from.location_type, to.location_type, kind.id());
    row.is_some_and(|row| !row.returns || back)
}

impl Txn<'_, '_, '_> {
    /// Chooses the account of a correction, and keeps the book of paper shipments.
    pub fn book_correction(
        &mut self,
        held: &mut Held<Inventory>,
        kind: u32,
        reason: &str,
        after: Quantity,
    ) -> Result<Account, Fault> {
        let license = held.wire.location_license.clone();
        let plain = Account::Adjusted { kind, license };
        let change = held.wire.remaining_amount - after;
        if !self.profile().is("offline.detect", "reason") || change.is_zero() {
            return Ok(plain);
        }
        let named = self.named_receiver(held, reason)?;
        let raises = change.is_negative();
        let Some(receiver) = named else {
            held.facts.last_lowered_for = held.facts.last_lowered_for.take().filter(|_| raises);
            if raises && !held.facts.on_paper.is_empty() && held.wire.remaining_amount.is_zero() {
                self.soften("offline.return_cap", refuse("OFF-11"))?;
            }
            return Ok(plain);
        };
        let license = receiver.license.clone();
        let open = held.facts.on_paper.get(&license).copied().unwrap_or_default();
        if raises {
            return self.take_back(held, &license, open, change, plain);
        }
        self.judge_shipment(held, &receiver, kind, after)?;
        held.facts.on_paper.insert(license.clone(), open + change);
        held.facts.last_lowered_for = Some(license.clone());
        Ok(Account::AdjustedFor { named: license, license: held.wire.location_license.clone() })
    }

    /// Goods that the receiver refused at the door (OFF-11).
    fn take_back(
        &mut self,
        held: &mut Held<Inventory>,
        license: &str,
        open: Quantity,
        change: Quantity,
        plain: Account,
    ) -> Result<Account, Fault> {
        let left = open + change;
        if left.is_negative() {
            self.soften("offline.return_cap", refuse("OFF-11"))?;
            return Ok(plain);
        }
        if left.is_zero() {
            held.facts.on_paper.remove(license);
            held.facts.last_lowered_for = None;
        } else {
            held.facts.on_paper.insert(license.to_owned(), left);
        }
        let own = held.wire.location_license.clone();
        Ok(Account::AdjustedFor { named: license.to_owned(), license: own })
    }

    /// The license of the directory that a reason names (OFF-02, OFF-04, OFF-60).
    fn named_receiver(
        &mut self,
        held: &Held<Inventory>,
        reason: &str,
    ) -> Result<Option<Arc<Site>>, Fault> {
        let access = self.around.access;
        let own = &held.wire.location_license;
        let mut found = licenses_in(access, reason).into_iter().filter(|site| site.license != *own);
        let first = found.next();
        if found.next().is_some() {
            self.note("OFF-04");
        }
        let missed = first.is_none() && nearly_names(access, reason, own);
        if missed && self.profile().is("offline.near_miss", "info") {
            self.note("OFF-60");
        }
        Ok(first)
    }

    /// The soft rules of a shipment on paper (OFF-03 to OFF-09).
    fn judge_shipment(
        &mut self,
        held: &Held<Inventory>,
        receiver: &Site,
        kind: u32,
        after: Quantity,
    ) -> Result<(), Fault> {
        let wanted = self.profile().number("offline.adjust_type");
        if wanted != 0 && u64::from(kind) != wanted {
            self.note("OFF-03");
        }
        if receiver.integrated_on.is_some() {
            self.soften("offline.connected_receiver", refuse("OFF-05"))?;
        }
        if held.facts.is_quarantined() {
            self.soften("offline.held_goods", refuse("OFF-06"))?;
        }
        if after.is_positive() {
            self.soften("offline.part_without_sublot", refuse("OFF-07"))?;
        }
        let goods = ItemType::find(held.wire.inventory_type)?;
        if goods.is("FinalStage") && held.wire.qa_status != QaStatus::Passed {
            self.soften("offline.untested", refuse("OFF-08"))?;
        }
        let own = self.around.access.sites.get(&held.wire.location_license).cloned();
        let back = held.facts.came_from(&receiver.license);
        if own.is_some_and(|own| !may_ship(&own, receiver, goods, back)) {
            self.soften("offline.pair", refuse("OFF-09"))?;
        }
        Ok(())
    }
}

/// The license numbers that stand in a text as whole words, in any case, in their order.
fn licenses_in(access: &Access, text: &str) -> Vec<Arc<Site>> {
    let upper = text.to_ascii_uppercase();
    let part = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let words = upper.split(|character| !part(character)).map(|word| word.trim_matches('-'));
    words
        .filter_map(|word| {
            access.sites.values().find(|site| site.license.eq_ignore_ascii_case(word))
        })
        .cloned()
        .collect()
}

/// Whether a text names a license with blanks in it, or with another suffix (OFF-60).
fn nearly_names(access: &Access, text: &str, own: &str) -> bool {
    let squeezed = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    };
    let text = squeezed(text);
    let others = access.sites.keys().filter(|license| license.as_str() != own);
    others.into_iter().any(|license| {
        // A suffix is one letter behind the last dash.
        let stem = license.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 1);
        text.contains(&squeezed(stem.map_or(license.as_str(), |(stem, _)| stem)))
    })
}
