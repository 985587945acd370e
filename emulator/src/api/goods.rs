//! What a new item is made of: the fields that creation and the initial upload share, and their guards.

use serde::Deserialize;

use super::inventory::results::PaperResults;
use crate::{
    fault::Fault,
    lifecycle::item_type::ItemType,
    model::{
        Barcode, Day, Inventory, InventoryRoom, ItemFacts, Key, Kind, Quantity, Status, Unit,
        listed, to_base,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// The fields that describe goods, as a body carries them.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Goods {
    /// For seed, clones and tissue: the mother plant.
    #[serde(rename = "SourcePlantID")]
    pub source_plant_id: Option<String>,
    /// For goods received on paper: who sent them.
    pub supplier_license: Option<String>,
    /// For opening stock: the identifier already on the goods.
    #[serde(rename = "ProviderBarcodeID")]
    pub provider_barcode_id: Option<String>,
    #[serde(default, deserialize_with = "listed::optional")]
    pub inventory_type: Option<u32>,
    pub amount: Option<Quantity>,
    #[serde(rename = "UOM")]
    pub uom: Option<String>,
    #[serde(default, deserialize_with = "listed::optional", rename = "RoomID")]
    pub room_id: Option<u64>,
    pub strain: Option<String>,
    pub product_name: Option<String>,
    pub net_package_weight: Option<Quantity>,
    pub usable_weight: Option<Quantity>,
    pub medicated: Option<bool>,
    pub state_product_identifier: Option<String>,
    pub package_date: Option<String>,
    pub expiration_date: Option<String>,
    #[serde(rename = "ExternalID")]
    pub external_id: Option<String>,
    pub lab_sample: Option<PaperResults>,
}

impl Goods {
    /// Goods of which nothing is said but what they are and how much.
    pub fn plain(kind: ItemType, amount: Quantity, uom: &str, strain: &str) -> Self {
        Self {
            inventory_type: Some(kind.id()),
            amount: Some(amount),
            uom: Some(uom.to_owned()),
            strain: Some(strain.to_owned()),
            ..Self::default()
        }
    }

    pub fn item_type(&self) -> Result<ItemType, Refusal> {
        ItemType::find(self.inventory_type.unwrap_or_default())
    }

    /// An amount that makes something is above zero (INV-06).
    pub fn checked_amount(&self, kind: ItemType) -> Result<(Quantity, &'static Unit), Refusal> {
        let unit = kind.unit(self.uom.as_deref())?;
        let said = self.amount.unwrap_or_default();
        let amount = unit.booked(said);
        require(amount.is_positive(), || refuse("INV-06"))?;
        kind.whole(said)?;
        Ok((amount, unit))
    }

    /// A name that is not blank, and that some types need; dates; weights only of units. The rule that
    /// asks for the name is the caller's.
    pub fn check_label(
        &self,
        kind: ItemType,
        today: Day,
        unnamed: &'static str,
    ) -> Result<(), Refusal> {
        let named = match &self.product_name {
            Some(name) => !name.trim().is_empty(),
            None => !kind.is("ProductNameRequired"),
        };
        require(named, || refuse(unnamed))?;
        check_dates(self.packed(), self.expires(), today)?;
        let weighed = self.net_package_weight.is_some() || self.usable_weight.is_some();
        require(kind.is("UnitBased") || !weighed, || refuse("INV-38"))
    }

    pub fn packed(&self) -> Option<Day> {
        self.package_date.as_deref().and_then(Day::parse)
    }

    pub fn expires(&self) -> Option<Day> {
        self.expiration_date.as_deref().and_then(Day::parse)
    }
}

/// Packed not after today, expired not before packed (INV-33).
pub fn check_dates(packed: Option<Day>, expires: Option<Day>, today: Day) -> Result<(), Refusal> {
    let future = packed.is_some_and(|packed| packed > today);
    let reversed = packed.zip(expires).is_some_and(|(packed, expires)| expires < packed);
    require(!future && !reversed, || refuse("INV-33"))
}

/// Writes down the grams of one unit; on retail types they count toward the purchase limits.
pub fn label_usable(item: &mut Inventory, kind: ItemType, grams: Quantity) {
    item.usable_weight = grams;
    if kind.is("Retail") {
        item.rec_usable_weight = grams;
        item.med_usable_weight = grams;
    }
}

/// Where a new item comes from.
pub struct Source {
    pub account: Account,
    pub plant: Option<Barcode>,
    pub facts: ItemFacts,
    pub initial: bool,
}

impl Source {
    /// An account, and nothing more that is known of it.
    pub fn plain(account: Account) -> Self {
        Self { account, plant: None, facts: ItemFacts::default(), initial: false }
    }
}

impl Txn<'_, '_, '_> {
    /// A live inventory room of the site, or the rule that says so.
    pub fn inventory_room(
        &self,
        site: &Site,
        number: Option<u64>,
        missing: &'static str,
        wrong: impl Fn() -> Refusal,
    ) -> Result<Held<InventoryRoom>, Fault> {
        let number = number.filter(|number| *number > 0).ok_or_else(|| refuse(missing))?;
        let room = self.find::<InventoryRoom>(Key::new(Kind::InventoryRoom, number))?;
        let live = room.filter(|it| !it.wire.deleted && it.scopes.contains(&site.scope()));
        Ok(live.ok_or_else(wrong)?)
    }

    /// Enters a checked item under an identifier and books where it came from.
    pub fn enter_goods(
        &mut self,
        site: &Site,
        id: Barcode,
        goods: &Goods,
        room: &Held<InventoryRoom>,
        source: Source,
    ) -> Result<Held<Inventory>, Fault> {
        let mut held = self.make_item(site, id, goods, room, source)?;
        self.save(&mut held)?;
        Ok(held)
    }

    /// A checked item under an identifier, its origin booked, not yet saved.
    pub fn make_item(
        &mut self,
        site: &Site,
        id: Barcode,
        goods: &Goods,
        room: &Held<InventoryRoom>,
        source: Source,
    ) -> Result<Held<Inventory>, Fault> {
        let kind = goods.item_type()?;
        let (amount, unit) = goods.checked_amount(kind)?;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut wire = Inventory {
            active_sample_inventory_id: None,
            deleted: false,
            destroyed: false,
            dried: false,
            expiration_date: goods.expires(),
            external_id: text(&goods.external_id),
            id,
            initial: source.initial,
            inventory_parent_id: Vec::new(),
            inventory_type: kind.id(),
            is_sample: false,
            lab_sample: Vec::new(),
            location_license: site.license.clone(),
            med_usable_weight: Quantity::ZERO,
            medicated: goods.medicated.unwrap_or_default(),
            net_package_weight: goods.net_package_weight.unwrap_or_default(),
            package_date: goods.packed(),
            product_name: text(&goods.product_name),
            production_batch_id: 0,
            qa_status: Default::default(),
            rec_usable_weight: Quantity::ZERO,
            remaining_amount: amount,
            remediated: false,
            remediation_count: 0,
            remediation_eligible: false,
            restocked: false,
            rework: false,
            room_id: 0,
            seized: false,
            session_time: 0,
            source_plant_id: source.plant,
            state_product_identifier: text(&goods.state_product_identifier),
            status: Status::Available,
            strain: text(&goods.strain),
            transaction_id: 0,
            uom: unit.name.clone(),
            unit_based: kind.is("UnitBased"),
            usable_weight: Quantity::ZERO,
        };
        label_usable(&mut wire, kind, goods.usable_weight.unwrap_or_default());
        let scope = site.scope();
        let key = Key::item(self.number_of(id), scope);
        let mut held = Held { wire, facts: source.facts, key, scopes: vec![scope] };
        held.put_into(room);
        self.post_item(&source.account, &held.wire, Quantity::ZERO, amount)?;
        Ok(held)
    }

    /// Planting stock gets its lot tag soon after it came: it is planted, moved or split (TIME-38).
    pub fn touch_stock(&mut self, held: &mut Held<Inventory>) -> Result<(), Fault> {
        let days = self.profile().days("finding.lot_tag_days");
        let since = held.facts.untouched_since.take_if(|_| !held.wire.restocked);
        let late = since.is_some_and(|since| since.plus_seconds(days) < self.now);
        if late && ItemType::find(held.wire.inventory_type)?.is_planting_stock() {
            self.note("TIME-38");
        }
        Ok(())
    }

    /// Gives an item another amount, in its unit, and books the difference with an account.
    pub fn set_amount(
        &mut self,
        held: &mut Held<Inventory>,
        account: &Account,
        amount: Quantity,
    ) -> Result<(), Fault> {
        let before = held.wire.remaining_amount;
        if amount.is_positive() && !before.is_positive() {
            // Nothing comes back into a room that was removed (BAL-27).
            let room = Key::new(Kind::InventoryRoom, held.wire.room_id);
            let room = self.find::<InventoryRoom>(room)?;
            require(room.is_some_and(|room| !room.wire.deleted), || refuse("ROOM-10"))?;
        }
        self.post_item(account, &held.wire, before, amount)?;
        held.wire.remaining_amount = amount;
        Ok(())
    }

    /// Books what an item gains, or loses, between two amounts in its unit. Each is rounded to the
    /// booked digit by itself, so that the postings of an item always add up to what it shows. That
    /// holds for one item only: `from` is never an item. Between two, post each against an account
    /// in the middle, which keeps what the rounding leaves.
    pub fn post_item(
        &mut self,
        from: &Account,
        item: &Inventory,
        before: Quantity,
        after: Quantity,
    ) -> Result<(), Fault> {
        let commodity = Commodity::of(item.unit_based);
        let booked = |amount| to_base(amount, &item.uom).unwrap_or_default();
        self.post(from, &Account::Item(item.id), commodity, booked(after) - booked(before))
    }
}
