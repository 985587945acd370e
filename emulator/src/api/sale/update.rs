//! `PUT /v1/sale/{id}`: corrects prices, taxes and references, not what was sold (SALE-33 to SALE-38).

use serde::Deserialize;

use crate::{
    api::{Action, lookup::once},
    fault::Fault,
    lifecycle::{
        sale::{self, Verb},
        sale_line,
    },
    model::{Quantity, SaleItem, SaleType, TaxCollected},
    refusal::{refuse, require},
    world::txn::Txn,
};

/// A line that changes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    item_number: i64,
    price: Option<Quantity>,
    tax_collected: Option<TaxCollected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateSale {
    #[serde(rename = "id")]
    id: String,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
    ordering_physician: Option<String>,
    item: Option<Vec<Line>>,
}

impl Action for UpdateSale {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.sale_in_path(&self.id)?;
        sale::permit(&held.wire, &held.facts, Verb::Change)?;
        let says =
            self.external_id.is_some() || self.ordering_physician.is_some() || self.item.is_some();
        require(says, || refuse("WIRE-34"))?;
        let lines = self.item.unwrap_or_default();
        once(lines.iter().map(|line| line.item_number), "WIRE-28")?;
        let mut places = Vec::new();
        for line in &lines {
            let named = |it: &SaleItem| i64::from(it.item_number) == line.item_number;
            let place = held.wire.item.iter().position(named);
            let place = place.ok_or_else(|| refuse("SALE-34").with("n", line.item_number))?;
            let known = &held.wire.item[place];
            sale_line::permit(known, &held.wire, &held.facts, sale_line::Verb::Change)?;
            places.push(place);
        }
        txn.not_locked(held.wire.created_on, "SALE-38")?;
        for (line, place) in lines.into_iter().zip(places) {
            let known = &mut held.wire.item[place];
            known.price = line.price.unwrap_or(known.price);
            known.tax_collected = line.tax_collected.or(known.tax_collected);
            known.transaction_id = 0;
        }
        if let Some(external_id) = self.external_id {
            held.wire.external_id = external_id;
        }
        if let Some(physician) = self.ordering_physician
            && held.wire.kind == SaleType::Medical
        {
            held.wire.ordering_physician = physician;
        }
        txn.save(&mut held)
    }
}
