//! What cuts and cures have in common: whose they are, and what they yielded.

use crate::{
    model::{Barcode, CureDerivative, Harvest, HarvestDerivative, PlantCure, Quantity, Record},
    world::ledger::Account,
};

/// A cut or a cure.
pub trait Collection: Record<Facts = ()> {
    /// The record that publishes one of its yields.
    type Row: Record<Facts = ()>;

    fn parts(&mut self) -> Parts<'_, Self::Row>;
    fn uom(&self) -> &str;

    /// Where the weights of its items come from.
    fn origin(&self) -> Account;

    /// Its yields, also those that were removed, in the order of its rows.
    fn yields(&self) -> Vec<Yield>;

    /// The row that publishes one of them.
    fn row(&self, of: Yield) -> Self::Row;

    /// Takes the totals from the live yields.
    fn sum_up(&mut self);

    fn live(&self) -> impl Iterator<Item = Yield> {
        self.yields().into_iter().filter(|it| !it.deleted)
    }
}

pub struct Parts<'a, Row> {
    pub batch: Barcode,
    pub deleted: &'a mut bool,
    pub rows: &'a mut Vec<Row>,
}

/// One weight that a cut or a cure yielded.
#[derive(Clone, Copy)]
pub struct Yield {
    pub id: Barcode,
    pub inventory_type: u32,
    /// None where it is only a weight.
    pub item: Option<Barcode>,
    pub weight: Quantity,
    pub deleted: bool,
}

impl Collection for Harvest {
    type Row = HarvestDerivative;

    fn parts(&mut self) -> Parts<'_, HarvestDerivative> {
        Parts {
            batch: self.harvest_batch_id,
            deleted: &mut self.deleted,
            rows: &mut self.derivative,
        }
    }

    fn uom(&self) -> &str {
        &self.uom
    }

    fn origin(&self) -> Account {
        Account::Grown(self.location_license.clone())
    }

    fn yields(&self) -> Vec<Yield> {
        let of = |row: &HarvestDerivative| Yield {
            id: row.id,
            inventory_type: row.inventory_type,
            item: row.inventory_id,
            weight: row.weight,
            deleted: row.deleted,
        };
        self.derivative.iter().map(of).collect()
    }

    fn row(&self, of: Yield) -> HarvestDerivative {
        HarvestDerivative {
            deleted: of.deleted,
            harvest_id: self.harvest_id,
            id: of.id,
            inventory_id: of.item,
            inventory_type: of.inventory_type,
            location_license: self.location_license.clone(),
            transaction_id: 0,
            weight: of.weight,
        }
    }

    fn sum_up(&mut self) {
        self.total_harvest_weight = self.live().map(|it| it.weight).sum();
        let hanging = self.live().filter(|it| it.item.is_none());
        self.dry_weight_max = hanging.map(|it| it.weight).sum();
    }
}

impl Collection for PlantCure {
    type Row = CureDerivative;

    fn parts(&mut self) -> Parts<'_, CureDerivative> {
        Parts {
            batch: self.harvest_batch_id,
            deleted: &mut self.deleted,
            rows: &mut self.derivative,
        }
    }

    fn uom(&self) -> &str {
        &self.uom
    }

    fn origin(&self) -> Account {
        Account::Batch(self.harvest_batch_id)
    }

    fn yields(&self) -> Vec<Yield> {
        let of = |row: &CureDerivative| Yield {
            id: row.id,
            inventory_type: row.inventory_type,
            item: row.inventory_id,
            weight: row.weight,
            deleted: row.deleted,
        };
        self.derivative.iter().map(of).collect()
    }

    fn row(&self, of: Yield) -> CureDerivative {
        CureDerivative {
            deleted: of.deleted,
            id: of.id,
            inventory_id: of.item,
            inventory_type: of.inventory_type,
            location_license: self.location_license.clone(),
            plant_cure_id: self.cure_id,
            transaction_id: 0,
            weight: of.weight,
        }
    }

    fn sum_up(&mut self) {
        self.total_weight = self.live().map(|it| it.weight).sum();
    }
}
