//! `POST /v1/inventory/initial`: what a site has on hand on the day it joins, row by row (rulebook 17).

use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{
        Action, OwnRules,
        goods::{Goods, Source, label_usable},
        site::{Right, has_right},
        upload::{self, Taken},
    },
    fault::Fault,
    lifecycle::item_type::ItemType,
    model::{Barcode, Day, Inventory, InventoryRoom, ItemFacts, Key, Quantity, to_base},
    refusal::{refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// `POST /v1/inventory/initial`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UploadInventory {
    location_license: String,
    data: Vec<Value>,
}

/// What a row is about.
enum Identity {
    /// Goods that are new to the state; the identifier that was sent, if they keep it.
    New(Option<Barcode>),
    /// The goods of a paper shipment to this site: the same thing under the same number (OFF-35).
    Adopted(Box<Held<Inventory>>),
}

impl Action for UploadInventory {
    const OWN_RULES: OwnRules = &[("Data", "INIT-02")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = upload::joining(txn, &self.location_license)?;
        txn.require_right(&site, Right::Hold)?;
        upload::enter_rows(txn, &site, self.data, code_of, |txn, row: Goods, taken| {
            enter_row(txn, &site, row, taken)
        })
    }
}

/// Checks a row whole before anything of it is written.
fn enter_row(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    goods: Goods,
    taken: &mut Taken,
) -> Result<Barcode, Fault> {
    let wrong_room = || refuse("INIT-20").saying(1);
    let room = txn.inventory_room(site, goods.room_id, "INIT-20", wrong_room)?;
    let missing = |field| refuse("INIT-34").with("Field", field);
    require(goods.inventory_type.is_some(), || missing("InventoryType"))?;
    let kind = goods.item_type()?;
    kind.unit(goods.uom.as_deref())?;
    kind.whole(goods.amount.unwrap_or_default())?;
    let sent = goods.provider_barcode_id.as_deref().and_then(Barcode::parse);
    let rows = sent.map_or(Ok(Vec::new()), |id| txn.custody(id))?;
    upload::refuse_repeated(txn, site, sent, taken)?;
    check_goods(txn, kind, &goods)?;
    let id = match identify(txn, site, sent, rows, &goods, taken)? {
        Identity::New(kept) => upload::issue(txn, site, kept, taken)?,
        Identity::Adopted(former) => {
            let id = adopt(txn, site, *former, &goods, &room)?;
            taken.insert(id);
            return Ok(id);
        }
    };
    let facts = ItemFacts { uploaded_by: Some(site.license.clone()), ..ItemFacts::default() };
    let opening = Account::Opening(site.license.clone());
    let source = Source { facts, initial: true, ..Source::plain(opening) };
    let mut held = txn.enter_goods(site, id, &goods, &room, source)?;
    if let Some(results) = &goods.lab_sample {
        txn.enter_results(&mut held, results)?;
    }
    note_untested(txn, site, &held.wire)?;
    Ok(id)
}

fn check_goods(txn: &mut Txn<'_, '_, '_>, kind: ItemType, goods: &Goods) -> Result<(), Fault> {
    let missing = || refuse("INIT-34").with("Field", "Amount");
    let amount = goods.amount.ok_or_else(missing)?;
    require(amount.is_positive(), || refuse("INIT-23"))?;
    // What is too little to be booked is nothing.
    goods.checked_amount(kind).map_err(|refusal| match refusal.rule {
        "INV-06" => refuse("INIT-23"),
        _ => refusal,
    })?;
    require(!kind.is_research_sample(), || refuse("INIT-24").with("name", kind.name()))?;
    let unread = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| !text.is_empty() && Day::parse(text).is_none())
    };
    let dated = !unread(&goods.package_date) && !unread(&goods.expiration_date);
    require(dated, || refuse("INIT-27"))?;
    goods.check_label(kind, txn.today(), "INIT-25").map_err(|refusal| match refusal.rule {
        "INV-33" => refuse("INIT-27"),
        _ => refusal,
    })?;
    if let Some(results) = &goods.lab_sample {
        results.check(txn, kind, goods.medicated.unwrap_or_default())?;
    }
    Ok(())
}

/// A shop's end products without results enter, but cannot be sold (INIT-31).
fn note_untested(txn: &mut Txn<'_, '_, '_>, site: &Site, item: &Inventory) -> Result<(), Fault> {
    let kind = ItemType::find(item.inventory_type)?;
    let untested =
        item.lab_sample.is_empty() && kind.is("FinalStage") && has_right(site, Right::Sell);
    if untested {
        txn.soften("init.untested_retail", refuse("INIT-31"))?;
    }
    Ok(())
}

/// Decides which identifier a row gets (INIT-10 to INIT-13).
fn identify(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    sent: Option<Barcode>,
    rows: Vec<Held<Inventory>>,
    goods: &Goods,
    taken: &Taken,
) -> Result<Identity, Fault> {
    let again = sent.is_some_and(|id| taken.contains(&id));
    if !rows.is_empty() && !again {
        return adoptable(txn, site, rows, goods);
    }
    Ok(Identity::New(upload::kept(txn, sent, taken)?))
}

/// Goods of a paper shipment keep their identifier, if nothing speaks against it (OFF-35 to OFF-38).
fn adoptable(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    rows: Vec<Held<Inventory>>,
    goods: &Goods,
) -> Result<Identity, Fault> {
    let nothing_left = rows.iter().all(|held| held.wire.remaining_amount.is_zero());
    if !nothing_left || !txn.profile().on("offline.keep_uid") {
        txn.note("OFF-35");
        return Ok(Identity::New(None));
    }
    let Some(former) = rows.into_iter().find(|held| !held.facts.transferred) else {
        return Ok(Identity::New(None));
    };
    let named = former.facts.last_lowered_for.as_ref() == Some(&site.license);
    if txn.profile().is("offline.uid_proof", "named") && !named {
        txn.note("OFF-36");
        return Ok(Identity::New(None));
    }
    let item = &former.wire;
    let closed = item.deleted || item.destroyed || item.seized || item.is_sample || item.restocked;
    if closed || Some(item.inventory_type) != goods.inventory_type {
        txn.note("OFF-37");
        return Ok(Identity::New(None));
    }
    Ok(Identity::Adopted(Box::new(former)))
}

/// The goods change holder like a transfer: results, parents and label stay (OFF-39).
fn adopt(
    txn: &mut Txn<'_, '_, '_>,
    site: &Site,
    mut former: Held<Inventory>,
    goods: &Goods,
    room: &Held<InventoryRoom>,
) -> Result<Barcode, Fault> {
    let kind = goods.item_type()?;
    let (amount, unit) = goods.checked_amount(kind)?;
    let mut wire = former.wire.clone();
    wire.location_license = site.license.clone();
    wire.remaining_amount = amount;
    wire.uom = unit.name.clone();
    wire.initial = true;
    overwrite_label(&mut wire, kind, goods);
    let key = Key::item(former.key.number, site.scope());
    let facts = ItemFacts {
        uploaded_by: Some(site.license.clone()),
        // Verdict and rounds stay with the goods (OFF-39).
        testing: former.facts.testing.clone(),
        supplier: former.facts.supplier.clone(),
        held_by_state: former.facts.held_by_state,
        received_from: [former.wire.location_license.clone()].into(),
        ..ItemFacts::default()
    };
    let open = former.facts.on_paper.remove(&site.license).unwrap_or_default();
    book_adoption(txn, &former, site, &wire, open)?;
    former.facts.transferred = true;
    txn.save(&mut former)?;
    let id = wire.id;
    let mut held = Held { wire, facts, key, scopes: vec![site.scope()] };
    held.put_into(room);
    txn.save(&mut held)?;
    // Results from paper count only where the goods brought none of their own.
    if let Some(results) = goods.lab_sample.as_ref().filter(|_| held.wire.lab_sample.is_empty()) {
        txn.enter_results(&mut held, results)?;
    }
    note_untested(txn, site, &held.wire)?;
    Ok(id)
}

/// What was taken down for this site comes from there; what is above it is opening stock (OFF-38).
fn book_adoption(
    txn: &mut Txn<'_, '_, '_>,
    former: &Held<Inventory>,
    site: &Site,
    item: &Inventory,
    open: Quantity,
) -> Result<(), Fault> {
    let open = to_base(open, &former.wire.uom).unwrap_or_default();
    let amount = to_base(item.remaining_amount, &item.uom).unwrap_or_default();
    let from_paper = amount.min(open);
    if amount > open {
        txn.soften("offline.return_cap", refuse("OFF-38"))?;
    }
    let paper = Account::AdjustedFor {
        named: site.license.clone(),
        license: former.wire.location_license.clone(),
    };
    let commodity = Commodity::of(item.unit_based);
    txn.post(&paper, &Account::Item(item.id), commodity, from_paper)?;
    let opening = Account::Opening(site.license.clone());
    txn.post(&opening, &Account::Item(item.id), commodity, amount - from_paper)
}

fn overwrite_label(item: &mut Inventory, kind: ItemType, goods: &Goods) {
    let put = |place: &mut String, text: &Option<String>| {
        if let Some(text) = text {
            text.clone_into(place);
        }
    };
    put(&mut item.product_name, &goods.product_name);
    put(&mut item.strain, &goods.strain);
    put(&mut item.state_product_identifier, &goods.state_product_identifier);
    put(&mut item.external_id, &goods.external_id);
    if let Some(weight) = goods.net_package_weight {
        item.net_package_weight = weight;
    }
    if let Some(weight) = goods.usable_weight {
        label_usable(item, kind, weight);
    }
    item.package_date = goods.packed().or(item.package_date);
    item.expiration_date = goods.expires().or(item.expiration_date);
}

/// A row's code, and the fields it is about (rulebook 17.5).
fn code_of(rule: &str) -> (&'static str, &'static [&'static str]) {
    match rule {
        "INIT-20" => ("603", &["RoomID"]),
        "INIT-23" | "INV-04" | "INV-06" => ("202", &["Amount"]),
        "INV-05" | "WIRE-37" => ("202", &["UOM"]),
        "INIT-24" | "INV-09" => ("202", &["InventoryType"]),
        "INIT-11" | "INIT-22" => ("602", &["ProviderBarcodeID"]),
        "INIT-25" => ("602", &["ProductName"]),
        "INIT-27" => ("602", &["PackageDate", "ExpirationDate"]),
        "INV-38" => ("602", &["NetPackageWeight", "UsableWeight"]),
        "LAB-44" | "LAB-45" | "LAB-48" | "LAB-49" | "LAB-50" | "LAB-75" | "OFF-29" | "OFF-30"
        | "OFF-31" => ("602", &["LabSample"]),
        "WIRE-36" => ("202", &[]),
        _ => ("602", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fail_with_the_codes_of_the_family() {
        assert_eq!(code_of("INIT-20").0, "603");
        assert_eq!(code_of("INV-09").0, "202");
        assert_eq!(code_of("UID-20").0, "602");
    }
}
