//! `POST /v1/sale`: units leave the stock of a shop (SALE-01 to SALE-31).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::limits::{self, Grams, usable_grams};
use crate::{
    api::{
        Action,
        lookup::once,
        manifest::expired,
        site::{Right, has_right},
    },
    fault::Fault,
    lifecycle::{
        item::{self, Verb},
        item_type::ItemType,
    },
    model::{
        Inventory, Key, Kind, Moment, QaStatus, Quantity, Sale, SaleFacts, SaleItem, SaleType,
        TaxCollected,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// A line as a body has it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    barcode: String,
    quantity: i64,
    price: Quantity,
    tax_collected: Option<TaxCollected>,
    item_number: Option<i64>,
    #[serde(rename = "FormID")]
    form_id: Option<i64>,
    #[serde(rename = "OrderTypeID")]
    order_type_id: Option<i64>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SellItems {
    location_license: String,
    #[serde(rename = "Type")]
    kind: String,
    datetime: Option<Moment>,
    #[serde(rename = "TerminalID")]
    terminal_id: Option<String>,
    #[serde(rename = "RequestID")]
    request_id: Option<String>,
    #[serde(rename = "ExternalID")]
    external_id: Option<String>,
    #[serde(rename = "CardID")]
    card_id: Option<String>,
    ordering_physician: Option<String>,
    item: Vec<Line>,
}

/// A line that may be sold.
struct Sold {
    held: Held<Inventory>,
    kind: ItemType,
    units: Quantity,
}

impl Action for SellItems {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let site = txn.acting_for(&self.location_license)?;
        txn.require_right(&site, Right::Sell)?;
        let kind = self.check_kind(txn, &site)?;
        let at = self.check_time(txn)?;
        let numbers = self.item_numbers()?;
        let sold = self.sold(txn, &site)?;
        check_amounts(&sold)?;
        if kind == SaleType::Recreational {
            let mut grams = Grams::default();
            for line in &sold {
                grams.add(line.kind, usable_grams(txn, &line.held.wire, line.units)?);
            }
            limits::check(txn, &site.license, self.terminal_id.as_deref(), at, grams)?;
        }
        self.note_remarks(txn, &site, kind, at, &sold)?;
        let wire = self.into_sale(txn, &site, kind, &sold, &numbers)?;
        take_units(txn, &site, sold)?;
        let key = Key::new(Kind::Sale, wire.id);
        let facts = SaleFacts::default();
        txn.save(&mut Held { wire, facts, key, scopes: vec![site.scope()] })
    }
}

impl SellItems {
    /// Adult use, or to a patient of a dispensary that may (SALE-01, SALE-03, SALE-04).
    fn check_kind(&self, txn: &Txn<'_, '_, '_>, site: &Site) -> Result<SaleType, Refusal> {
        let kind = match self.kind.as_str() {
            "RECREATIONAL" => SaleType::Recreational,
            "MEDICAL" => SaleType::Medical,
            _ => return Err(refuse("SALE-01")),
        };
        if kind == SaleType::Medical {
            let dispenses = has_right(site, Right::SellMedical);
            require(dispenses, || refuse("SALE-03").with("n", &site.license))?;
            let card = self.card_id.as_deref().is_some_and(|card| !card.trim().is_empty());
            let needed = txn.profile().on("sale.card_required");
            require(card || !needed, || refuse("WIRE-22").with("Field", "CardID"))?;
        }
        Ok(kind)
    }

    /// Not ahead of the world's clock, nor too far behind it (SALE-06, SALE-07).
    fn check_time(&self, txn: &Txn<'_, '_, '_>) -> Result<Moment, Refusal> {
        let at = self.datetime.unwrap_or(txn.now);
        require(at <= txn.soon(), || refuse("SALE-06"))?;
        let window = txn.profile().hours("sale.backdate_hours");
        let skew = i64::try_from(txn.profile().number("clock.skew_seconds")).unwrap_or_default();
        // Where nothing may be late, a clock that is a little behind still means now (TIME-07).
        let open = at.plus_seconds(window.max(skew)) >= txn.now;
        require(open, || refuse("SALE-07"))?;
        Ok(at)
    }

    /// The number of each line; its position where it says none (SALE-10).
    fn item_numbers(&self) -> Result<Vec<u32>, Refusal> {
        let said = self.item.iter().zip(0_i64..);
        let numbers: Vec<i64> =
            said.map(|(line, place)| line.item_number.unwrap_or(place)).collect();
        once(numbers.iter().copied(), "SALE-10")?;
        let number = |number: i64| u32::try_from(number).map_err(|_| refuse("SALE-10"));
        numbers.into_iter().map(number).collect()
    }

    /// Each line's item, if it may be sold now (SALE-11 to SALE-17).
    fn sold(&self, txn: &Txn<'_, '_, '_>, site: &Site) -> Result<Vec<Sold>, Fault> {
        let mut sold = Vec::new();
        for line in &self.item {
            let id = &line.barcode;
            let held = txn.own_item(id)?.filter(|held| held.scopes.contains(&site.scope()));
            let held = held.ok_or_else(|| refuse("INV-10").with("id", id))?;
            item::permit(&held.wire, &held.facts, Verb::Sell)?;
            let kind = ItemType::find(held.wire.inventory_type)?;
            require(kind.is("Retail"), || refuse("SALE-14").with("type", kind.name()))?;
            require(line.quantity >= 1, || refuse("INV-06"))?;
            require(!txn.is_expired(&held.wire), || expired("SALE-16", &held.wire))?;
            let passed = held.wire.qa_status == QaStatus::Passed;
            let needed = txn.profile().on("sale.qa_required");
            require(passed || !needed, || refuse("SALE-17").with("id", id))?;
            sold.push(Sold { held, kind, units: units(line.quantity) });
        }
        Ok(sold)
    }

    /// What the tester reports and nobody refuses (SALE-25, SALE-28, SALE-29).
    fn note_remarks(
        &self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        kind: SaleType,
        at: Moment,
        sold: &[Sold],
    ) -> Result<(), Fault> {
        let weightless = sold.iter().any(|line| line.held.wire.rec_usable_weight.is_zero());
        if weightless && txn.profile().on("finding.no_usable_weight") {
            txn.note("SALE-25");
        }
        let percent = |knob| u32::try_from(txn.profile().number(knob)).unwrap_or_default();
        // What a dispensary sells to patients has its tax inside the price.
        let dispensed = kind == SaleType::Medical && has_right(site, Right::SellMedical);
        let rate = if dispensed {
            0
        } else {
            percent("tax.retail_percent") + percent("tax.local_percent")
        };
        if self.item.iter().any(|line| !fair_tax(line, rate)) && txn.profile().on("finding.tax") {
            txn.note("SALE-28");
        }
        let soon = i64::try_from(txn.profile().number("clock.realtime_seconds"));
        let late = soon.is_ok_and(|soon| at.plus_seconds(soon) < txn.now);
        // Shops go on selling while the system is down, and enter it later (SALE-30).
        if late && !txn.was_down(at)? {
            txn.note("SALE-29");
        }
        Ok(())
    }

    fn into_sale(
        self,
        txn: &mut Txn<'_, '_, '_>,
        site: &Site,
        kind: SaleType,
        sold: &[Sold],
        numbers: &[u32],
    ) -> Result<Sale, Fault> {
        let person = txn.person()?.id;
        let medical = kind == SaleType::Medical;
        // An adult's card and physician are nobody's business (SALE-04).
        let of_patient = |text: Option<String>| text.filter(|_| medical).unwrap_or_default();
        let row = |((line, sold), number): ((Line, &Sold), &u32)| SaleItem {
            barcode: sold.held.wire.id,
            external_id: line.external_id.unwrap_or_default(),
            form_id: line.form_id.unwrap_or_default(),
            item_number: *number,
            order_type_id: line.order_type_id.unwrap_or_default(),
            price: line.price,
            quantity: sold.units,
            tax_collected: line.tax_collected,
            transaction_id: 0,
            void_reason: String::new(),
        };
        let item = self.item.into_iter().zip(sold).zip(numbers).map(row).collect();
        Ok(Sale {
            card_id: of_patient(self.card_id),
            created_by_user_id: person,
            created_on: Some(txn.now),
            deleted: false,
            external_id: self.external_id.unwrap_or_default(),
            id: txn.next_number(Kind::Sale),
            item,
            location: site.number,
            ordering_physician: of_patient(self.ordering_physician),
            request_id: self.request_id.unwrap_or_default(),
            transaction_id: 0,
            kind,
            updated_on: None,
        })
    }
}

/// A count of units; one that is out of range is more than anybody has.
pub fn units(count: i64) -> Quantity {
    Quantity::whole(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Tax as it should be, to the cent; where none is sent, there is nothing to compare.
fn fair_tax(line: &Line, percent: u32) -> bool {
    let Some(tax) = line.tax_collected else { return true };
    let cent = Quantity::parse("0.01").unwrap_or_default();
    let price = line.price.times(units(line.quantity)).unwrap_or_default();
    let due = price.times(Quantity::whole(percent)).and_then(|it| it.over(Quantity::whole(100)));
    let off = tax.sum() - due.unwrap_or_default();
    off <= cent && -off <= cent
}

/// The lines of one item together take no more than there is (SALE-15).
fn check_amounts(sold: &[Sold]) -> Result<(), Refusal> {
    let mut wanted: BTreeMap<Key, Quantity> = BTreeMap::new();
    for line in sold {
        let of_item = wanted.entry(line.held.key).or_default();
        *of_item = *of_item + line.units;
    }
    for line in sold {
        let enough = wanted[&line.held.key] <= line.held.wire.remaining_amount;
        require(enough, || refuse("INV-20").with("id", line.held.wire.id))?;
    }
    Ok(())
}

/// Units leave the stock; what is used up stays in the lists (SALE-18).
fn take_units(txn: &mut Txn<'_, '_, '_>, site: &Site, sold: Vec<Sold>) -> Result<(), Fault> {
    let account = Account::Sold(site.license.clone());
    for line in sold {
        let scopes = line.held.scopes.clone();
        // A barcode may stand on several lines.
        let mut held = txn.item_at(line.held.wire.id, &scopes)?;
        let left = held.wire.remaining_amount - line.units;
        txn.set_amount(&mut held, &account, left)?;
        held.facts.uses.mark(txn.transaction());
        txn.save(&mut held)?;
    }
    Ok(())
}
