//! A number that should be the ID of an entry somewhere. One that no list can have, below zero or out
//! of range, becomes one that no list has, so that the look-up refuses it by its own rule.

use serde::{Deserialize, Deserializer};

/// The unsigned numbers that IDs are.
pub trait Listed: TryFrom<i64> {
    /// A number that no entry has.
    const NOWHERE: Self;
}

impl Listed for u32 {
    const NOWHERE: Self = Self::MAX;
}

impl Listed for u64 {
    const NOWHERE: Self = Self::MAX;
}

pub fn number<'de, T: Listed, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    i64::deserialize(from).map(|number| T::try_from(number).unwrap_or(T::NOWHERE))
}

pub fn optional<'de, T: Listed, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    number(from).map(Some)
}
