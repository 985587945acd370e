//! Where goods come from and what became of them, over the whole state: the question of a recall
//! (BAL-40). No published route answers it; the control plane does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::{
    model::{Barcode, Inventory, Kind, Link, Quantity, Scope, Status},
    store::{Snapshot, StoreError},
    world::{Core, txn::number_of},
};

/// One identifier of a lineage, and who holds how much of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Relative {
    #[serde(rename = "ID")]
    id: Barcode,
    inventory_type: u32,
    /// How many steps away.
    distance: u32,
    #[serde(rename = "InventoryParentID")]
    parents: Vec<Barcode>,
    #[serde(rename = "SourcePlantID", skip_serializing_if = "Option::is_none")]
    plant: Option<Barcode>,
    holder: Vec<Holder>,
}

/// A license on whose books an identifier stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Holder {
    location_license: String,
    remaining_amount: Quantity,
    #[serde(rename = "UOM")]
    uom: String,
    status: Status,
}

/// Ancestors and descendants of an item.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Lineage {
    item: Relative,
    /// Everything that it was made from, nearest first.
    ancestor: Vec<Relative>,
    /// The ancestors that were made from nothing else; the item itself, where it has none.
    root: Vec<Barcode>,
    /// Everything that was made from it, nearest first.
    descendant: Vec<Relative>,
}

/// The lineage of an item, or nothing if there is no such item.
pub fn lineage(
    core: &Core,
    snapshot: &Snapshot,
    id: Barcode,
) -> Result<Option<Lineage>, StoreError> {
    let family = Family { core, snapshot };
    let Some(item) = family.relative(id, 0)? else { return Ok(None) };
    let ancestor = family.walk(id, |it| Ok(it.parents.clone()))?;
    let descendant = family.walk(id, |it| family.children(it.id))?;
    let orphan = |it: &&Relative| it.parents.is_empty();
    let root = ancestor.iter().chain([&item]).filter(orphan).map(|it| it.id).collect();
    Ok(Some(Lineage { item, ancestor, root, descendant }))
}

struct Family<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
}

impl Family<'_> {
    /// Breadth first, each identifier once.
    fn walk(
        &self,
        from: Barcode,
        next: impl Fn(&Relative) -> Result<Vec<Barcode>, StoreError>,
    ) -> Result<Vec<Relative>, StoreError> {
        let mut seen = BTreeSet::from([from]);
        let mut waiting = VecDeque::from([(from, 0)]);
        let mut found = Vec::new();
        while let Some((id, distance)) = waiting.pop_front() {
            let Some(relative) = self.relative(id, distance)? else { continue };
            for id in next(&relative)? {
                if seen.insert(id) {
                    waiting.push_back((id, distance + 1));
                }
            }
            if id != from {
                found.push(relative);
            }
        }
        Ok(found)
    }

    fn relative(&self, id: Barcode, distance: u32) -> Result<Option<Relative>, StoreError> {
        let number = number_of(&self.core.minter, id);
        let mut rows: BTreeMap<Scope, Inventory> = BTreeMap::new();
        for row in self.snapshot.custody(Kind::Inventory, number)? {
            let read = serde_json::from_slice(&row.wire);
            let item = read.map_err(|_| StoreError::Unreadable("Inventory"))?;
            rows.insert(row.scopes.first().copied().unwrap_or(Scope::State), item);
        }
        let Some(first) = rows.values().next() else { return Ok(None) };
        Ok(Some(Relative {
            id,
            inventory_type: first.inventory_type,
            distance,
            parents: first.inventory_parent_id.clone(),
            plant: first.source_plant_id,
            holder: rows.into_values().map(Holder::from).collect(),
        }))
    }

    fn children(&self, id: Barcode) -> Result<Vec<Barcode>, StoreError> {
        let link = Link::to_barcode(Kind::Inventory, id);
        let rows = self.snapshot.linked(link, Kind::Inventory)?;
        let ids = rows.iter().map(|row| {
            let item: Inventory = serde_json::from_slice(&row.wire)
                .map_err(|_| StoreError::Unreadable("Inventory"))?;
            Ok(item.id)
        });
        ids.collect()
    }
}

impl From<Inventory> for Holder {
    fn from(item: Inventory) -> Self {
        Self {
            location_license: item.location_license,
            remaining_amount: item.remaining_amount,
            uom: item.uom,
            status: item.status,
        }
    }
}
