//! `POST /v1/sale/{id}/refund`: each line once; what comes back gets a new identifier and can only be
//! destroyed (SALE-46 to SALE-56).

use std::sync::Arc;

use serde::Deserialize;

use super::{create::units, unknown};
use crate::{
    api::{Action, inventory::sublot::inherited, site::Right},
    fault::Fault,
    lifecycle::{
        sale::{self, Verb},
        sale_line,
    },
    model::{
        Barcode, Inventory, InventoryRoom, ItemFacts, Key, Kind, Quantity, Sale, SaleFacts,
        SaleItem, SaleType, TaxCollected, listed,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::{Site, company_scope},
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// A line that is refunded, by its barcode or its number.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    barcode: Option<String>,
    item_number: Option<i64>,
    quantity: i64,
    price: Option<Quantity>,
    tax_collected: Option<TaxCollected>,
    restocked: Option<bool>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    room_id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefundSale {
    #[serde(rename = "id")]
    id: String,
    location_license: String,
    #[serde(rename = "RequestID")]
    request_id: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
    item: Vec<Line>,
}

/// A line that may be refunded, and where its goods go.
struct Refunded {
    sold: SaleItem,
    units: Quantity,
    price: Quantity,
    tax: Option<TaxCollected>,
    room: Option<Held<InventoryRoom>>,
}

impl Action for RefundSale {
    const GUARDED: &'static [&'static str] = &["Price"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = self.sale(txn)?;
        sale::permit(&held.wire, &held.facts, Verb::Refund)?;
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Sell)?;
        let anywhere = txn.profile().on("sale.refund_anywhere");
        require(anywhere || held.scopes.contains(&site.scope()), || refuse("LIC-10"))?;
        let mut refunded = Vec::new();
        for line in &self.item {
            let line = line.check(txn, &site, &held, &refunded)?;
            refunded.push(line);
        }
        let tags = refunded.iter().filter(|line| line.room.is_some()).count();
        txn.use_tags(&site, tags as u64)?;
        let id = txn.next_number(Kind::Sale);
        let lines = refunded.iter().map(Refunded::row).collect();
        for line in &refunded {
            held.facts.refunded.insert(line.sold.item_number);
            if let Some(room) = &line.room {
                txn.restock(&site, &held, line, room)?;
            }
        }
        let wire = Sale {
            created_by_user_id: txn.person()?.id,
            created_on: Some(txn.now),
            external_id: self.external_id.unwrap_or_default(),
            id,
            item: lines,
            location: site.number,
            request_id: self.request_id.unwrap_or_default(),
            transaction_id: 0,
            kind: SaleType::Refund,
            ..held.wire.clone()
        };
        let key = Key::new(Kind::Sale, id);
        let (facts, scopes) = (SaleFacts::default(), vec![site.scope()]);
        txn.save_as(&mut held, Some("Sale"))?;
        txn.save_as(&mut Held { wire, facts, key, scopes }, Some("Refund"))
    }
}

impl RefundSale {
    /// The sale of the path, whichever shop of the company made it (SALE-32, SALE-54).
    fn sale(&self, txn: &Txn<'_, '_, '_>) -> Result<Held<Sale>, Fault> {
        txn.acting_may(Right::Sell)?;
        let number = self.id.parse().map_err(|_| unknown(&self.id))?;
        let held = txn.sale(number)?.ok_or_else(|| unknown(&self.id))?;
        let home = txn.home();
        let mut shops = txn.around.access.sites.values();
        let ours = shops
            .any(|shop| company_scope(&shop.ubi) == home && held.scopes.contains(&shop.scope()));
        require(ours, || unknown(&self.id))?;
        Ok(held)
    }
}

impl Line {
    /// The guards of one line, in the rulebook's order (SALE-46 to SALE-50).
    fn check(
        &self,
        txn: &Txn<'_, '_, '_>,
        site: &Site,
        sale: &Held<Sale>,
        before: &[Refunded],
    ) -> Result<Refunded, Fault> {
        let sold = self.find(&sale.wire)?;
        let number = sold.item_number;
        let twice = before.iter().any(|line| line.sold.item_number == number);
        if txn.profile().on("sale.refund_once") {
            sale_line::permit(&sold, &sale.wire, &sale.facts, sale_line::Verb::Refund)?;
            require(!twice, || refuse("SALE-47").with("n", number))?;
        }
        let fits = self.quantity >= 1 && units(self.quantity) <= sold.quantity;
        require(fits, || refuse("SALE-48"))?;
        let price = unsigned(self.price.unwrap_or(sold.price));
        let tax = self.tax_collected;
        let paid = sold.tax_collected.unwrap_or_default();
        let units = units(self.quantity);
        let share = |back: Quantity, paid: Quantity| {
            let (back, paid) = (unsigned(back).times(sold.quantity), paid.times(units));
            back.zip(paid).is_some_and(|(back, paid)| back <= paid)
        };
        let within =
            tax.is_none_or(|tax| share(tax.excise, paid.excise) && share(tax.other, paid.other));
        require(price <= sold.price && within, || refuse("SALE-49"))?;
        let restocks = self.restocked.unwrap_or_else(|| txn.profile().on("sale.restock_default"));
        let wrong = || refuse("ROOM-10");
        let room = if restocks {
            Some(txn.inventory_room(site, self.room_id, "ROOM-08", wrong)?)
        } else {
            None
        };
        Ok(Refunded { sold, units, price, tax, room })
    }

    /// The one line that a number or a barcode names (SALE-46).
    fn find(&self, sale: &Sale) -> Result<SaleItem, Refusal> {
        let code = self.barcode.as_deref().map(Barcode::parse);
        let named = |line: &&SaleItem| {
            let number = self.item_number.is_none_or(|it| it == i64::from(line.item_number));
            number && code.is_none_or(|code| code == Some(line.barcode))
        };
        let mut found = sale.item.iter().filter(named);
        let one = found.next().filter(|_| self.item_number.is_some() || self.barcode.is_some());
        let said = self.barcode.clone().unwrap_or_default();
        one.filter(|_| found.next().is_none())
            .cloned()
            .ok_or_else(|| refuse("SALE-46").with("id", said))
    }
}

/// The sign is ignored (SALE-49).
fn unsigned(amount: Quantity) -> Quantity {
    amount.max(-amount)
}

impl Refunded {
    /// Positive quantities, negative prices and taxes (SALE-55).
    fn row(&self) -> SaleItem {
        let tax = self
            .tax
            .map(|tax| TaxCollected { excise: -unsigned(tax.excise), other: -unsigned(tax.other) });
        SaleItem {
            price: -self.price,
            quantity: self.units,
            tax_collected: tax,
            transaction_id: 0,
            ..self.sold.clone()
        }
    }
}

impl Txn<'_, '_, '_> {
    /// Units come back as a new item, child of what was sold (SALE-51).
    fn restock(
        &mut self,
        site: &Arc<Site>,
        sale: &Held<Sale>,
        line: &Refunded,
        room: &Held<InventoryRoom>,
    ) -> Result<(), Fault> {
        let sold = self.item_at(line.sold.barcode, &sale.scopes)?;
        let id = self.mint()?;
        let wire = Inventory {
            deleted: false,
            destroyed: false,
            external_id: String::new(),
            id,
            initial: false,
            inventory_parent_id: vec![sold.wire.id],
            location_license: site.license.clone(),
            remaining_amount: Quantity::ZERO,
            restocked: true,
            seized: false,
            ..sold.wire.clone()
        };
        let facts = ItemFacts {
            testing: inherited(&sold),
            held_by_state: sold.facts.held_by_state,
            untouched_since: Some(self.now),
            ..ItemFacts::default()
        };
        let key = Key::item(self.number_of(id), site.scope());
        let mut held = Held { wire, facts, key, scopes: vec![site.scope()] };
        held.put_into(room);
        let account = Account::Sold(sold.wire.location_license.clone());
        self.set_amount(&mut held, &account, line.units)?;
        self.save(&mut held)
    }
}
