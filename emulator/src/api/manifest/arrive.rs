//! The driver stands at a stop; only now can the receiver act (rulebook 13.6).

use serde::Deserialize;

use super::{SENDING, delivery, stop_in_path};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        manifest,
        stop::{self, Verb},
    },
    model::{Manifest, ManifestType, Moment},
    refusal::{Refusal, refuse, require},
    world::txn::{Held, Txn},
};

/// `PUT /v1/manifest/{id}/stop/{stopnumber}/arrive`
#[derive(Deserialize)]
pub struct Arrive {
    id: String,
    stopnumber: String,
    #[serde(rename = "DriverArrivedTime")]
    at: Option<Moment>,
}

impl Action for Arrive {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let held = txn.manifest_in_path(&self.id, SENDING)?;
        let place = stop_in_path(&held.wire, &self.stopnumber)?;
        manifest::by_people(&held.wire)?;
        as_driver(txn, &held)?;
        mark(txn, held, place, self.at)
    }
}

/// `PUT /v1/manifest/{id}/stop/{stopnumber}/arrive/undo`
#[derive(Deserialize)]
pub struct UndoArrive {
    id: String,
    stopnumber: String,
}

impl Action for UndoArrive {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut held = txn.manifest_in_path(&self.id, SENDING)?;
        let place = stop_in_path(&held.wire, &self.stopnumber)?;
        manifest::by_people(&held.wire)?;
        if held.wire.kind == ManifestType::ThirdParty {
            let parties = [held.wire.license_number.as_str(), held.wire.carrier()];
            txn.as_party(&held, &parties, "mark")?;
        } else {
            as_driver(txn, &held)?;
        }
        require(!held.wire.deleted, || refuse("MAN-49"))?;
        let (stop, facts) = (&mut held.wire.stop[place], &mut held.facts.stops[place]);
        stop::permit(stop, facts, Verb::UndoArrive)?;
        require(held.wire.kind != ManifestType::ThirdParty, || refuse("MAN-63"))?;
        stop.driver_arrived = false;
        stop.driver_arrived_time = None;
        facts.marked_on = None;
        if let Some(transfer) = facts.transfer {
            txn.set_arrived(transfer, false)?;
        }
        if let Some(sale) = facts.sale {
            txn.set_delivered(sale, false)?;
        }
        txn.save_manifest(&mut held)
    }
}

/// Marks a stop, by whoever drives (MAN-59, MAN-60).
pub fn mark(
    txn: &mut Txn<'_, '_, '_>,
    mut held: Held<Manifest>,
    place: usize,
    at: Option<Moment>,
) -> Result<(), Fault> {
    require(!held.wire.deleted, || refuse("MAN-49"))?;
    let (stop, facts) = (&mut held.wire.stop[place], &mut held.facts.stops[place]);
    stop::permit(stop, facts, Verb::Arrive)?;
    let at = at.unwrap_or(txn.now);
    let shipped = facts.shipped_on.is_none_or(|shipped| shipped <= at);
    require(shipped && at <= txn.soon(), || refuse("MAN-59").with("n", stop.stop_number))?;
    if at.plus_seconds(txn.profile().hours("finding.late_entry_hours")) < txn.now {
        txn.note("TIME-30");
    }
    txn.note_outage(at)?;
    // A clock that is a little ahead means now (TIME-07).
    stop.driver_arrived_time = Some(at.min(txn.now));
    stop.driver_arrived = true;
    facts.marked_on = Some(txn.now);
    if let Some(transfer) = facts.transfer {
        txn.set_arrived(transfer, true)?;
    }
    if let Some(sale) = facts.sale {
        txn.set_delivered(sale, true)?;
        delivery::note_hurried(txn, &held.facts.stops, place);
        delivery::complete(txn, &mut held)?;
    }
    txn.save_manifest(&mut held)
}

/// The sender marks its own trips, sender or buyer a pickup, a transporter by its own route (MAN-61).
fn as_driver(txn: &Txn<'_, '_, '_>, held: &Held<Manifest>) -> Result<(), Refusal> {
    let wire = &held.wire;
    let parties: &[&str] = match wire.kind {
        ManifestType::Standard | ManifestType::Return | ManifestType::Delivery => {
            &[&wire.license_number]
        }
        ManifestType::Pickup => &[&wire.license_number, wire.carrier()],
        ManifestType::ThirdParty | ManifestType::Rejected => &[],
    };
    txn.as_party(held, parties, "mark").map(drop)
}
