//! What cuts and cures yield: one weight for each type, most of them items. Weighing, correcting and
//! undoing are the same for both.

use serde::Deserialize;

use super::collection::{Collection, Yield};
use crate::{
    api::goods::{Goods, Source},
    fault::Fault,
    lifecycle::{
        item,
        item_type::{ItemType, weight_unit},
    },
    model::{
        Barcode, Harvest, InventoryRoom, Key, Quantity, Record, Unit, convert, listed, to_base,
        unit,
    },
    refusal::{Refusal, refuse, require},
    world::{
        access::Site,
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

pub const FLOWER: &str = "Flower";
pub const WET_FLOWER: &str = "Wet Flower";

/// One weight as a body says it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Said {
    #[serde(deserialize_with = "listed::number")]
    pub inventory_type: u32,
    weight: Quantity,
}

/// One weight that passed, in the unit of its cut or cure.
#[derive(Clone, Copy)]
pub struct Line {
    pub kind: ItemType,
    pub weight: Quantity,
}

/// The live yields of a collection in grams, all of them, or only what is `hanging` and no item yet.
pub fn grams<C: Collection>(of: &C, hanging: bool) -> Quantity {
    let live = of.live().filter(|it| !hanging || it.item.is_none());
    live.map(|it| to_base(it.weight, of.uom()).unwrap_or_default()).sum()
}

/// The weights of a body: types that may be yielded, each once, in a unit of weight.
pub fn lines(
    said: &[Said],
    uom: (Option<&str>, &str),
    types: &[&str],
    wrong: &'static str,
) -> Result<(Vec<Line>, &'static Unit), Refusal> {
    let mut kinds: Vec<ItemType> = Vec::new();
    for line in said {
        let found = ItemType::find(line.inventory_type).ok();
        let name = found.map_or("unknown", ItemType::name);
        let kind = found.filter(|_| types.contains(&name));
        kinds.push(kind.ok_or_else(|| refuse(wrong).with("Name", name))?);
    }
    for (place, kind) in kinds.iter().enumerate() {
        let again = kinds[..place].iter().any(|known| known.id() == kind.id());
        require(!again, || refuse("HARV-29").with("Name", kind.name()))?;
    }
    let Some(first) = kinds.first() else { return Err(refuse("WIRE-27")) };
    let unit = weight_unit(uom.0, uom.1, *first)?;
    let lines = kinds.iter().zip(said);
    let lines = lines.map(|(kind, said)| Line { kind: *kind, weight: unit.booked(said.weight) });
    Ok((lines.collect(), unit))
}

/// Weights in the unit of the collection that they correct; what is too little for it is refused.
pub fn in_unit(lines: Vec<Line>, said: &Unit, own: &str) -> Result<Vec<Line>, Refusal> {
    let own = unit(own).unwrap_or(said);
    let converted = |line: Line| {
        let weight = convert(line.weight, said, own).unwrap_or(line.weight);
        let nothing = line.weight.is_positive() && weight.is_zero();
        require(!nothing, || refuse("INV-06"))?;
        Ok(Line { weight, ..line })
    };
    lines.into_iter().map(converted).collect()
}

/// What a collection will weigh, type by type, once the lines are applied.
pub fn result<C: Collection>(of: &C, lines: &[Line]) -> impl Fn(&str) -> Quantity + use<C> {
    let mut weights: Vec<(u32, Quantity)> =
        of.live().map(|it| (it.inventory_type, it.weight)).collect();
    weights.retain(|(id, _)| lines.iter().all(|line| line.kind.id() != *id));
    weights.extend(lines.iter().map(|line| (line.kind.id(), line.weight)));
    move |name| {
        let id = ItemType::named(name).map(ItemType::id).ok();
        weights.iter().filter(|(known, _)| Some(*known) == id).map(|(_, weight)| *weight).sum()
    }
}

/// The lines that bring a new item: of an itemized type that has no live yield yet.
pub fn new_items<C: Collection>(of: &C, lines: &[Line]) -> u64 {
    let there = |line: &Line| of.live().any(|it| it.inventory_type == line.kind.id());
    let new = |line: &&Line| line.weight.is_positive() && itemized::<C>(line.kind) && !there(line);
    lines.iter().filter(new).count() as u64
}

/// The flower of a cut is only a weight; everything else is an item at once (HARV-34, HARV-56).
fn itemized<C: Collection>(kind: ItemType) -> bool {
    C::KIND != Harvest::KIND || kind.name() != FLOWER
}

/// Where the live yield of a type stands among the rows.
fn place_of<C: Collection>(of: &C, kind: ItemType) -> Option<usize> {
    of.yields().iter().position(|it| !it.deleted && it.inventory_type == kind.id())
}

/// What new items have in common.
pub struct Weighing<'a> {
    pub site: &'a Site,
    pub room: Option<Held<InventoryRoom>>,
    pub strain: &'a str,
    /// The one plant they come from, where the batch has only one (HARV-41).
    pub plant: Option<Barcode>,
}

impl Txn<'_, '_, '_> {
    /// Refuses where an item of the yields was used since; `named` says which types matter.
    pub fn check_unused<C: Collection>(
        &self,
        held: &Held<C>,
        named: impl Fn(u32) -> bool,
        rule: &'static str,
    ) -> Result<(), Fault> {
        for it in held.wire.live().filter(|it| named(it.inventory_type)) {
            if let Some(id) = it.item {
                let item = self.item_at(id, &held.scopes)?;
                item::unused_since(0, &item.wire, &item.facts, rule)?;
            }
        }
        Ok(())
    }

    /// Applies weights that passed: new types are entered, weight 0 removes one, others are corrected
    /// without an adjustment (HARV-45, HARV-46).
    pub fn weigh<C: Collection>(
        &mut self,
        held: &mut Held<C>,
        lines: &[Line],
        weighing: &Weighing<'_>,
    ) -> Result<(), Fault> {
        for line in lines {
            match place_of(&held.wire, line.kind) {
                None if line.weight.is_zero() => {}
                None => self.enter_derivative(held, *line, weighing)?,
                Some(place) => {
                    self.reweigh(held, place, line.weight, Some(bucket(line.kind)))?;
                }
            }
        }
        held.wire.sum_up();
        self.save(held)
    }

    /// Takes a collection back with its yields and items (HARV-49, HARV-62).
    pub fn undo_collection<C: Collection>(&mut self, held: &mut Held<C>) -> Result<(), Fault> {
        for (place, it) in held.wire.yields().iter().enumerate() {
            if !it.deleted {
                self.reweigh(held, place, Quantity::ZERO, None)?;
            }
        }
        *held.wire.parts().deleted = true;
        self.save(held)
    }

    fn enter_derivative<C: Collection>(
        &mut self,
        held: &mut Held<C>,
        line: Line,
        weighing: &Weighing<'_>,
    ) -> Result<(), Fault> {
        let id = self.mint()?;
        let mut item = None;
        if itemized::<C>(line.kind) {
            let roomless = || Fault::Broken("a derivative has no room".to_owned());
            let room = weighing.room.as_ref().ok_or_else(roomless)?;
            let id = self.mint()?;
            let goods = Goods::plain(line.kind, line.weight, held.wire.uom(), weighing.strain);
            let source = Source { plant: weighing.plant, ..Source::plain(held.wire.origin()) };
            let mut made = self.make_item(weighing.site, id, &goods, room, source)?;
            self.save_as(&mut made, Some(bucket(line.kind)))?;
            item = Some(id);
        } else {
            self.post_flower(held, Quantity::ZERO, line.weight)?;
        }
        let inventory_type = line.kind.id();
        let entered = Yield { id, inventory_type, item, weight: line.weight, deleted: false };
        let row = self.save_row(held, entered)?;
        held.wire.parts().rows.push(row);
        Ok(())
    }

    /// Gives a yield and its item another weight; 0 removes both, the row keeps what it weighed.
    fn reweigh<C: Collection>(
        &mut self,
        held: &mut Held<C>,
        place: usize,
        to: Quantity,
        role: Option<&'static str>,
    ) -> Result<(), Fault> {
        let was = held.wire.yields()[place];
        if let Some(id) = was.item {
            let mut item = self.item_at(id, &held.scopes)?;
            self.set_amount(&mut item, &held.wire.origin(), to)?;
            item.wire.deleted = to.is_zero();
            self.save_as(&mut item, role)?;
        } else {
            self.post_flower(held, was.weight, to)?;
        }
        let gone = to.is_zero();
        let weight = if gone { was.weight } else { to };
        let row = self.save_row(held, Yield { weight, deleted: gone, ..was })?;
        held.wire.parts().rows[place] = row;
        Ok(())
    }

    /// Flower that was cut hangs in its batch until it is cured.
    fn post_flower<C: Collection>(
        &mut self,
        held: &mut Held<C>,
        before: Quantity,
        after: Quantity,
    ) -> Result<(), Fault> {
        let grams = |amount| to_base(amount, held.wire.uom()).unwrap_or_default();
        let (more, from) = (grams(after) - grams(before), held.wire.origin());
        let batch = Account::Batch(held.wire.parts().batch);
        self.post(&from, &batch, Commodity::Grams, more)
    }

    /// Saves the row of a yield, and answers it stamped, as the collection repeats it.
    fn save_row<C: Collection>(&mut self, held: &Held<C>, of: Yield) -> Result<C::Row, Fault> {
        let key = Key::new(C::Row::KIND, self.number_of(of.id));
        let wire = held.wire.row(of);
        let mut row = Held { wire, facts: (), key, scopes: held.scopes.clone() };
        self.save(&mut row)?;
        Ok(row.wire)
    }
}

/// Under which key of `InventoryCollected` a type stands.
fn bucket(kind: ItemType) -> &'static str {
    match kind.name() {
        FLOWER => "Flower",
        WET_FLOWER => "WetFlower",
        "Waste" => "Waste",
        _ => "OtherMaterial",
    }
}
