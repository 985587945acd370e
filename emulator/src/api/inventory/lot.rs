//! `POST /v1/inventory/lot`: flower or trim of one type is combined, without loss.

use serde::Deserialize;

use super::{
    made::{Recipe, said_strain},
    sources::{NamedSource, Part, amount_in, one_strain},
};
use crate::{
    api::{Action, OwnRules, goods::Goods, site::Right},
    fault::Fault,
    lifecycle::{item_type::ItemType, matrix},
    model::{Quantity, listed},
    refusal::{Refusal, refuse, require},
    world::txn::Txn,
};

/// `POST /v1/inventory/lot`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CombineItems {
    item: Vec<NamedSource>,
    #[serde(default, deserialize_with = "listed::optional")]
    inventory_type: Option<u32>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
    strain: Option<String>,
    product_name: Option<String>,
    medicated: Option<bool>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

impl Action for CombineItems {
    const OWN_RULES: OwnRules = &[("Item", "LOT-01")];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let (site, parts) = txn.sources(self.item, (Right::Lot, "LOT-09"), "LOT-02")?;
        let first = &parts[0];
        let kind = lot_type(txn, &parts, first.kind, self.inventory_type)?;
        for part in &parts {
            let left = part.held.wire.remaining_amount - part.amount;
            require(!left.is_negative(), || refuse("LOT-06").with("id", part.held.wire.id))?;
        }
        let uom = first.held.wire.uom.clone();
        let amount: Quantity =
            parts.iter().map(|part| amount_in(part.amount, &part.held.wire.uom, &uom)).sum();
        check_cap(txn, &parts)?;
        for part in parts.iter().filter(|part| part.has_failed()) {
            let failed = refuse("LOT-10").with("id", part.held.wire.id);
            txn.soften("conversion.failed_source", failed)?;
        }
        let strain = lot_strain(txn, said_strain(txn, self.strain)?, &parts)?;
        let product = Goods {
            product_name: self.product_name,
            medicated: self.medicated,
            external_id: self.external_id,
            ..Goods::plain(kind, amount, &uom, &strain)
        };
        product.check_label(kind, txn.today(), "LOT-69")?;
        let room = self.room_id.unwrap_or(first.held.wire.room_id);
        let room = txn.inventory_room(&site, Some(room), "ROOM-10", || refuse("ROOM-10"))?;
        txn.use_tags(&site, 1)?;
        let recipe = Recipe {
            kind,
            product,
            weight_per_unit: Quantity::ZERO,
            waste: None,
            rework: false,
            keeps_verdict: false,
        };
        txn.make(&site, &room, &recipe, parts)
    }
}

/// All sources of one type, and the lot that it gives (LOT-03 to LOT-05).
fn lot_type(
    txn: &mut Txn<'_, '_, '_>,
    parts: &[Part],
    from: ItemType,
    said: Option<u32>,
) -> Result<ItemType, Refusal> {
    if parts.iter().any(|part| part.kind.id() != from.id()) {
        txn.soften("lot.one_type", refuse("LOT-03"))?;
    }
    let said = said.map(ItemType::find).transpose()?;
    for part in parts {
        let own = said.map(ItemType::id).or_else(|| matrix::lot_of(part.kind.id()));
        let fits = own.is_some_and(|to| matrix::may_lot(part.kind.id(), to));
        // A lot is no source of a lot.
        let rule = if part.kind.is("LotStage") { "LOT-12" } else { "LOT-04" };
        require(fits, || {
            let to = said.map_or("a lot", ItemType::name);
            refuse(rule).with("A", part.kind.name()).with("B", to)
        })?;
    }
    match said {
        Some(kind) => Ok(kind),
        None => ItemType::find(matrix::lot_of(from.id()).unwrap_or_default()),
    }
}

/// Some states cap a lot (LOT-08); 0 is no cap.
fn check_cap(txn: &Txn<'_, '_, '_>, parts: &[Part]) -> Result<(), Refusal> {
    let most = txn.profile().quantity("lot.max_grams");
    let grams: Quantity = parts.iter().map(|part| part.grams).sum();
    require(most.is_zero() || grams <= most, || refuse("LOT-08"))
}

/// The strain of a lot: the common one, or one that is said (LOT-67).
fn lot_strain(
    txn: &mut Txn<'_, '_, '_>,
    said: Option<String>,
    parts: &[Part],
) -> Result<String, Refusal> {
    let alike = one_strain(parts).map(str::to_owned);
    let strain = said.or_else(|| alike.clone()).ok_or_else(|| refuse("LOT-67"))?;
    if alike.is_some_and(|alike| alike != strain) {
        txn.soften("lot.strain_differs", refuse("LOT-67"))?;
    }
    Ok(strain)
}
