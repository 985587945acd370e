//! `PUT /v1/plant/{id}/undo`: a planting that nothing built upon is taken back.

use serde::Deserialize;

use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item::{self, State},
        plant::Verb,
    },
    model::{Inventory, Key, Plant, Quantity},
    refusal::{refuse, require},
    world::{
        ledger::Account,
        txn::{Held, Txn},
    },
};

/// `PUT /v1/plant/{id}/undo`
#[derive(Deserialize)]
pub struct UndoPlanting {
    id: String,
}

impl Action for UndoPlanting {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.plant_in_path(&self.id, Verb::Undo)?;
        require(!held.facts.used, || refuse("PLT-48").with("id", &self.id))?;
        let mut source = source(txn, &held)?;
        let account = Account::Plants(held.wire.location.clone());
        let more = source.wire.remaining_amount + Quantity::whole(1);
        txn.set_amount(&mut source, &account, more)?;
        held.wire.deleted = true;
        txn.save(&mut source)?;
        txn.save(&mut held)
    }
}

/// The item it was planted from, where that still lies at the site and can take it back (PLT-49, PLT-50).
fn source(txn: &Txn<'_, '_, '_>, plant: &Held<Plant>) -> Result<Held<Inventory>, Fault> {
    let gone = |rule| refuse(rule).with("id", plant.wire.id);
    let id = plant.wire.source_inventory_id.ok_or_else(|| gone("PLT-50"))?;
    let key = Key::item(txn.number_of(id), plant.scopes[0]);
    let held = txn.find::<Inventory>(key)?.ok_or_else(|| gone("PLT-49"))?;
    let state = item::state(&held.wire, &held.facts);
    let open = matches!(state, State::Available | State::Quarantined | State::Depleted);
    require(open, || gone("PLT-49"))?;
    Ok(held)
}
