//! What an item can be: a type of the catalogue, the units it takes, and what the guards ask of it.

use serde_json::{Value, json};

use crate::{
    model::{Quantity, Unit, UnitKind, convert, unit},
    refusal::{Refusal, refuse, require},
};

/// A type of the catalogue, with what the guards ask of it.
#[derive(Clone, Copy, Debug)]
pub struct ItemType(&'static Value);

impl ItemType {
    pub fn find(id: u32) -> Result<Self, Refusal> {
        entry("inventory_types", id).map(Self).ok_or_else(|| refuse("INV-09"))
    }

    pub fn named(name: &str) -> Result<Self, Refusal> {
        let mut types = tagtrail_schemas::catalogue("inventory_types").iter();
        types.find(|it| it["Name"] == name).map(Self).ok_or_else(|| refuse("INV-09"))
    }

    pub fn id(self) -> u32 {
        self.0["ID"].as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or_default()
    }

    pub fn name(self) -> &'static str {
        self.0["Name"].as_str().unwrap_or_default()
    }

    /// Where in the making of products it stands: cultivation, lot, intermediate, final, or none.
    pub fn stage(self) -> &'static str {
        self.0["Stage"].as_str().unwrap_or_default()
    }

    pub fn is(self, flag: &str) -> bool {
        self.0[flag] == json!(true)
    }

    pub fn test_class(self) -> Option<&'static str> {
        self.0["TestClass"].as_str()
    }

    /// Which purchase limit counts it, if one does.
    pub fn limit_class(self) -> Option<&'static str> {
        self.0["LimitClass"].as_str()
    }

    /// Clones, seed, tissue, mature plants: they become plants, not products.
    pub fn is_planting_stock(self) -> bool {
        self.stage() == "cultivation" && self.is("UnitBased")
    }

    pub fn is_waste(self) -> bool {
        self.name() == "Waste"
    }

    pub fn is_research_sample(self) -> bool {
        self.name() == "Non-Mandatory QA Sample"
    }

    /// The unit of an amount: the one that was said, or the type's own (WIRE-39, INV-05).
    pub fn unit(self, said: Option<&str>) -> Result<&'static Unit, Refusal> {
        let name = said.filter(|name| !name.is_empty());
        let name = name.unwrap_or(self.0["DefaultUOM"].as_str().unwrap_or("g"));
        let found = unit(name).filter(|unit| unit.inventory);
        let found = found.ok_or_else(|| refuse("WIRE-37").with("uom", name))?;
        let wanted = if self.is("UnitBased") { UnitKind::Count } else { UnitKind::Weight };
        require(found.kind == wanted, || {
            refuse("INV-05").with("uom", &found.name).with("name", self.name())
        })?;
        Ok(found)
    }

    /// An amount of an item, said in whatever unit, in the item's own (INV-05, INV-04, INV-07).
    pub fn own_amount(
        self,
        own: &str,
        amount: Quantity,
        said: Option<&str>,
    ) -> Result<Quantity, Refusal> {
        let said = said.filter(|name| !name.is_empty()).unwrap_or(own);
        let said = self.unit(Some(said))?;
        self.whole(amount)?;
        Ok(convert(amount, said, unit(own).unwrap_or(said)).unwrap_or(amount))
    }

    /// Units are whole (INV-04).
    pub fn whole(self, amount: Quantity) -> Result<(), Refusal> {
        require(!self.is("UnitBased") || amount.is_whole(), || refuse("INV-04"))
    }
}

/// A unit of weight by its name, for a type that is weighed (WIRE-37, WIRE-38).
pub fn weight_unit(
    said: Option<&str>,
    otherwise: &str,
    kind: ItemType,
) -> Result<&'static Unit, Refusal> {
    let name = said.filter(|name| !name.is_empty()).unwrap_or(otherwise);
    let found = unit(name).filter(|unit| unit.inventory);
    let found = found.ok_or_else(|| refuse("WIRE-37").with("uom", name))?;
    require(found.kind == UnitKind::Weight, || {
        refuse("WIRE-38").with("uom", &found.name).with("name", kind.name())
    })?;
    Ok(found)
}

/// An entry of a catalogue by its number.
pub fn entry(catalogue: &str, id: u32) -> Option<&'static Value> {
    tagtrail_schemas::catalogue(catalogue).iter().find(|entry| entry["ID"] == json!(id))
}
