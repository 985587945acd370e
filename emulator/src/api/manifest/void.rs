//! `PUT /v1/manifest/{id}/void`: cancels a trip, with its transfers if it was shipped (MAN-46 to MAN-51).

use serde::Deserialize;

use super::{SENDING, right_for};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::manifest::{self, State, Verb},
    model::ManifestType,
    refusal::{refuse, require},
    world::txn::Txn,
};

#[derive(Deserialize)]
pub struct VoidTrip {
    id: String,
}

impl Action for VoidTrip {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let site = txn.as_party(&held, &[&held.wire.license_number], "void")?;
        txn.require_right(&site, right_for(held.wire.kind))?;
        manifest::by_people(&held.wire)?;
        manifest::permit(&held.wire, Verb::Void)?;
        if held.wire.kind == ManifestType::Delivery {
            let handed = held.wire.stop.iter().any(|stop| stop.driver_arrived);
            require(!handed, || refuse("SALE-67"))?;
        }
        let settled = held.facts.stops.iter().any(|stop| stop.settled);
        require(!settled, || refuse("MAN-48"))?;
        let travels = manifest::state(&held.wire) == State::InTransit;
        let samples = txn.items_of(&held.wire)?.iter().any(|item| item.wire.is_sample);
        if travels && samples {
            txn.soften("lab.void_after_departure", refuse("LAB-28"))?;
        }
        for place in 0..held.facts.stops.len() {
            if let Some(transfer) = held.facts.stops[place].transfer.take() {
                txn.void_transfer(transfer)?;
            }
            held.facts.stops[place].shipped_on = None;
            held.wire.stop[place].plan_again();
        }
        txn.free_load(&held)?;
        held.wire.in_transit = false;
        held.wire.deleted = true;
        txn.save_manifest(&mut held)
    }
}
