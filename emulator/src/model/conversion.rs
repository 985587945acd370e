//! What was made of what: lots and conversions, and the ingredients that are no cannabis.

use serde::{Deserialize, Serialize};

use super::{Barcode, Kind, Link, Moment, Quantity, Record, blank};

/// One lot or conversion: its product and its sources.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InventoryConversion {
    /// In the unit of the product.
    pub amount: Quantity,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    pub item: Vec<ConversionItem>,
    pub license_number: String,
    pub session_time: i64,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    /// Grams of the sources in one unit of the product; 0 for what is weighed.
    pub weight_per_unit: Quantity,
}

/// One source of a lot or a conversion.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConversionItem {
    pub amount: Quantity,
    #[serde(rename = "ConversionID")]
    pub conversion_id: u64,
    #[serde(rename = "ID")]
    pub id: u64,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "UOM")]
    pub uom: String,
}

/// What the world knows of a conversion and no published field shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ConversionFacts {
    /// The write that made it.
    pub made_at: u64,
    pub waste: Option<Barcode>,
    /// What each source weighed.
    pub grams: Vec<Quantity>,
    /// Grams that were lost; below zero, what was made above the sources.
    pub loss: Quantity,
}

impl Record for InventoryConversion {
    const KIND: Kind = Kind::InventoryConversion;
    type Facts = ConversionFacts;

    fn stamp(&mut self, transaction: u64, second: i64) {
        self.transaction_id = transaction;
        self.session_time = second;
        for item in &mut self.item {
            item.transaction_id = transaction;
        }
    }
}

/// Something without cannabis that was added to an item.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InventoryIngredient {
    #[serde(with = "blank")]
    pub created_on: Option<Moment>,
    pub deleted: bool,
    #[serde(rename = "ID")]
    pub id: u64,
    pub ingredient_name: String,
    #[serde(rename = "InventoryID")]
    pub inventory_id: Barcode,
    pub location_license: String,
    pub quantity: Quantity,
    #[serde(rename = "TransactionID")]
    pub transaction_id: u64,
    #[serde(rename = "UOM")]
    pub uom: String,
}

impl Record for InventoryIngredient {
    const KIND: Kind = Kind::InventoryIngredient;
    type Facts = ();

    fn stamp(&mut self, transaction: u64, _: i64) {
        self.transaction_id = transaction;
    }

    fn links(&self) -> Vec<Link> {
        vec![Link::to_barcode(Kind::Inventory, self.inventory_id)]
    }
}
