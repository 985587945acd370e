//! What is counted in a world: writes, identifiers, records of each kind, tokens.

use serde::{Deserialize, Serialize};

use crate::{
    model::Kind,
    store::{StoreError, Table, Tables},
};

/// What is numbered inside of records, over the whole world.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    ConversionItem,
    InvoiceLine,
    InvoicePayment,
    ManifestStop,
    ManifestItem,
    TransferItem,
}

/// How many kinds of pieces there are.
const PIECES: usize = Piece::TransferItem as usize + 1;

const KEY: &str = "counters";
/// One more than the highest number of a kind.
const KINDS: usize = 32;

/// The running numbers. A refused write gives its numbers back.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Counters {
    /// The number of the latest write (WIRE-49).
    pub transaction: u64,
    sequence: u64,
    numbers: [u64; KINDS],
    tokens: u64,
    pieces: [u64; PIECES],
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
        let number = &mut self.numbers[kind as usize];
        *number += 1;
        *number
    }

    /// A seeded record has taken this number.
    pub fn pass(&mut self, kind: Kind, taken: u64) {
        let number = &mut self.numbers[kind as usize];
        *number = taken.max(*number);
    }

    pub fn next_piece(&mut self, piece: Piece) -> u64 {
        let number = &mut self.pieces[piece as usize];
        *number += 1;
        *number
    }

    /// A seeded piece has taken this number.
    pub fn pass_piece(&mut self, piece: Piece, taken: u64) {
        let number = &mut self.pieces[piece as usize];
        *number = taken.max(*number);
    }

    pub fn next_token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    /// Keeps the numbers, once for all the writes of a batch.
    pub fn save(&self, tables: &mut Tables<'_>) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::Unreadable("number"))?;
        tables.insert(Table::State, KEY.as_bytes(), &bytes)?;
        tables.insert(Table::State, b"transaction", &self.transaction.to_be_bytes())
    }
}
