//! `/v1/sale`: units sold to consumers and patients, corrected, voided, refunded (rulebook 15).

mod create;
mod limits;
mod refund;
mod update;
mod void;

use super::{
    Read, Reply, Row, act, read,
    read::{Wanted, list_of, not_found, show},
    site::Right,
};
use crate::{
    fault::Fault,
    model::{Barcode, Key, Kind, Sale},
    refusal::Refusal,
    world::txn::{Held, Txn},
};

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/sale",             list_sales),
    act::<create::SellItems>("POST /v1/sale"),
    read("GET /v1/sale/{id}",        show::<Sale>),
    act::<update::UpdateSale>("PUT /v1/sale/{id}"),
    act::<refund::RefundSale>("POST /v1/sale/{id}/refund"),
    act::<void::VoidSale>("PUT /v1/sale/{id}/void"),
];

/// `GET /v1/sale`: a sale shows its site as a number, so the list itself is narrowed to the site.
fn list_sales(read: &Read<'_>) -> Result<Reply, Fault> {
    list_of::<Sale>(read, Wanted::at_places(read, Some))
}

/// The refusal of an unknown sale (SALE-32).
fn unknown(id: &str) -> Refusal {
    not_found(Kind::Sale, id)
}

impl Txn<'_, '_, '_> {
    /// The sale of a path, if a site of the caller made it (SALE-32).
    fn sale_in_path(&self, id: &str) -> Result<Held<Sale>, Fault> {
        self.acting_may(Right::Sell)?;
        let held = self.own_numbered::<Sale>(id)?.ok_or_else(|| unknown(id))?;
        self.site_of(&held.scopes)?;
        Ok(held)
    }
}

impl Txn<'_, '_, '_> {
    pub fn sale(&self, id: u64) -> Result<Option<Held<Sale>>, Fault> {
        self.find::<Sale>(Key::new(Kind::Sale, id))
    }

    /// A sale comes on a route or off it; it shows neither.
    pub fn plan_sale(&mut self, id: u64, manifest: Option<Barcode>) -> Result<(), Fault> {
        let mut held = self.known::<Sale>(Key::new(Kind::Sale, id))?;
        held.facts.manifest = manifest;
        self.keep_facts(&held)
    }

    /// A sale is handed over, or is not after all (SALE-65).
    pub fn set_delivered(&mut self, id: u64, delivered: bool) -> Result<(), Fault> {
        let mut held = self.known::<Sale>(Key::new(Kind::Sale, id))?;
        held.facts.delivered = delivered;
        self.keep_facts(&held)
    }
}
