//! `/v1/plant/destroy`: announced, taken back, done; two steps always (PLT-39).

use serde::Deserialize;
use serde_json::json;

use super::{Named, ids};
use crate::{
    api::Action,
    fault::Fault,
    lifecycle::{
        item_type::entry,
        plant::{self, State, Verb},
    },
    model::{Plant, Quantity, listed},
    refusal::{Refusal, refuse, require},
    world::{
        ledger::{Account, Commodity},
        txn::{Held, Txn},
    },
};

/// `PUT /v1/plant/destroy/schedule`: announces the destruction.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleDestruction {
    plant: Vec<Named>,
    #[serde(deserialize_with = "listed::number")]
    reason_extended: u32,
    destroy_reason: Option<String>,
    r#override: Option<bool>,
}

impl Action for ScheduleDestruction {
    const GUARDED: &'static [&'static str] = &["DestroyReason"];

    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut plants = txn.named_plants(ids(&self.plant))?;
        let scheduled = |held: &Held<Plant>| {
            matches!(plant::state(&held.wire), State::Scheduled | State::DryingScheduled)
        };
        for held in plants.iter().filter(|held| !scheduled(held)) {
            plant::permit(&held.wire, Verb::Schedule)?;
        }
        known_reason(self.reason_extended)?;
        let words = self.destroy_reason.unwrap_or_default();
        require(!words.trim().is_empty(), || refuse("PLT-36"))?;
        let again =
            self.r#override == Some(true) || txn.profile().is("destroy.reschedule", "reset");
        for held in plants.iter().filter(|held| scheduled(held) && !again) {
            plant::permit(&held.wire, Verb::Schedule)?;
        }
        let due = txn.now.plus_seconds(txn.profile().hours("destroy.wait_hours"));
        for held in &mut plants {
            held.wire.destroy_scheduled = true;
            held.wire.destroy_scheduled_time = Some(due);
            held.wire.destroy_reason_id = self.reason_extended;
            held.wire.destroy_reason.clone_from(&words);
            txn.save(held)?;
        }
        tell(txn, self.reason_extended, &words);
        Ok(())
    }
}

/// `PUT /v1/plant/destroy/schedule/undo`: takes the announcement back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnscheduleDestruction {
    plant: Vec<Named>,
}

impl Action for UnscheduleDestruction {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut plants = txn.named_plants(ids(&self.plant))?;
        for held in &mut plants {
            plant::permit(&held.wire, Verb::Unschedule)?;
            held.wire.destroy_scheduled = false;
            held.wire.destroy_scheduled_time = None;
            held.wire.destroy_reason_id = 0;
            held.wire.destroy_reason.clear();
        }
        plants.iter_mut().try_for_each(|held| txn.save(held))
    }
}

/// `PUT /v1/plant/destroy`: destroys what was announced, once the wait is over. No item arises, and no
/// weight is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DestroyPlants {
    plant: Vec<Named>,
    #[serde(default, deserialize_with = "listed::optional")]
    reason_extended: Option<u32>,
    destroy_reason: Option<String>,
}

impl Action for DestroyPlants {
    fn apply(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut plants = txn.named_plants(ids(&self.plant))?;
        let hours = txn.profile().number("destroy.wait_hours");
        for held in &plants {
            plant::permit(&held.wire, Verb::Destroy)?;
            let due = held.wire.destroy_scheduled_time.is_none_or(|due| due <= txn.now);
            require(due, || refuse("PLT-40").with("n", hours))?;
        }
        self.reason_extended.map_or(Ok(()), known_reason)?;
        let words = self.destroy_reason.filter(|words| !words.trim().is_empty());
        for held in &mut plants {
            held.wire.deleted = true;
            held.wire.destroy_reason_id =
                self.reason_extended.unwrap_or(held.wire.destroy_reason_id);
            if let Some(words) = &words {
                held.wire.destroy_reason.clone_from(words);
            }
            txn.save(held)?;
        }
        txn.recount(&plants)?;
        if let Some(first) = plants.first() {
            let license = &first.wire.location;
            let (from, to) =
                (Account::Plants(license.clone()), Account::Destroyed(license.clone()));
            let gone = Quantity::whole(u32::try_from(plants.len()).unwrap_or(u32::MAX));
            txn.post(&from, &to, Commodity::Each, gone)?;
            tell(txn, first.wire.destroy_reason_id, &first.wire.destroy_reason);
        }
        Ok(())
    }
}

/// The reply repeats why.
fn tell(txn: &mut Txn<'_, '_, '_>, reason: u32, words: &str) {
    let extras = &mut txn.done.extras;
    extras.insert("ReasonExtended".to_owned(), json!(reason));
    extras.insert("DestroyReason".to_owned(), json!(words));
}

fn known_reason(id: u32) -> Result<(), Refusal> {
    require(entry("destroy_reasons", id).is_some(), || refuse("PLT-35"))
}
