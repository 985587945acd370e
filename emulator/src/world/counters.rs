//! What is counted in a world: writes, identifiers, records of each kind, tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{model::Kind, store::Overlay};

const KEY: &str = "counters";

/// The running numbers. A refused write gives its numbers back.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Counters {
    /// The number of the latest write (WIRE-49).
    pub transaction: u64,
    sequence: u64,
    numbers: BTreeMap<u8, u64>,
    tokens: u64,
}

impl Counters {
    pub const KEY: &str = KEY;

    pub fn next_sequence(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence += 1;
        sequence
    }

    /// All identifiers below this running number were minted.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn next(&mut self, kind: Kind) -> u64 {
        let number = self.numbers.entry(kind as u8).or_default();
        *number += 1;
        *number
    }

    /// A seeded record has taken this number.
    pub fn pass(&mut self, kind: Kind, taken: u64) {
        let number = self.numbers.entry(kind as u8).or_default();
        *number = taken.max(*number);
    }

    pub fn next_token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    pub fn save(&self, rows: &mut Overlay<'_, '_>) {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        rows.set_state(KEY, bytes);
        rows.set_state("transaction", self.transaction.to_be_bytes().to_vec());
    }
}
