//! The cut of a batch is announced, or the announcement taken back.

use serde::Deserialize;

use super::WholeBatch;
use crate::{
    api::Action, fault::Fault, lifecycle::batch::Verb, model::Moment, refusal::refuse,
    world::txn::Txn,
};

/// `PUT /v1/harvest-batch/{batchid}/harvest/schedule`: the date is kept and gates nothing (HARV-21).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleHarvest {
    #[serde(rename = "batchid")]
    batch: String,
    harvest_schedule_date: Moment,
}

impl Action for ScheduleHarvest {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Schedule)?;
        whole.check_plants(refuse("HARV-18"), refuse("HARV-19"))?;
        announce(txn, whole, Some(self.harvest_schedule_date))
    }
}

/// `PUT /v1/harvest-batch/{batchid}/harvest/schedule/undo`
#[derive(Deserialize)]
pub struct UnscheduleHarvest {
    #[serde(rename = "batchid")]
    batch: String,
}

impl Action for UnscheduleHarvest {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let whole = txn.whole_batch(&self.batch)?;
        whole.permit(Verb::Unschedule)?;
        announce(txn, whole, None)
    }
}

/// The mark stands on the batch and on each of its plants (HARV-22, HARV-24).
fn announce(
    txn: &mut Txn<'_, '_, '_>,
    mut whole: WholeBatch,
    at: Option<Moment>,
) -> Result<(), Fault> {
    whole.batch.wire.harvest_schedule_date = at;
    whole.batch.wire.harvest_scheduled = at.is_some();
    whole.batch.wire.current_state = whole.state().shown();
    txn.save(&mut whole.batch)?;
    for held in &mut whole.plants {
        held.wire.harvest_scheduled = at.is_some();
        txn.save(held)?;
    }
    Ok(())
}
