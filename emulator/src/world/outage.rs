//! Times in which the system was down, as the operator declares them (MAN-87, SALE-30).

use serde::{Deserialize, Serialize};

use super::txn::Txn;
use crate::{fault::Fault, model::Moment};

const OUTAGES: &str = "outages";

/// From when to when; without an end, it goes on.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Outage {
    pub from: Moment,
    pub until: Option<Moment>,
}

impl Outage {
    fn holds(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    pub fn declare(self, txn: &mut Txn<'_, '_, '_>) -> Result<(), Fault> {
        let mut known: Vec<Self> = txn.state(OUTAGES)?.unwrap_or_default();
        // What is declared again has an end now.
        known.retain(|outage| outage.from != self.from);
        known.push(self);
        txn.set_state(OUTAGES, &known)?;
        txn.say("Outage", &known)
    }
}

impl Txn<'_, '_, '_> {
    pub fn was_down(&self, at: Moment) -> Result<bool, Fault> {
        let known: Vec<Outage> = self.state(OUTAGES)?.unwrap_or_default();
        Ok(known.iter().any(|outage| outage.holds(at)))
    }

    /// No transport starts and nothing is received while nobody can look it up (MAN-87).
    pub fn note_outage(&mut self, at: Moment) -> Result<(), Fault> {
        if self.was_down(at)? {
            self.note("MAN-87");
        }
        Ok(())
    }
}
