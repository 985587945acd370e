//! What every record has in common.

use serde::{Serialize, de::DeserializeOwned};

use super::{Kind, Link};

/// A published entity, kept with what the world knows beside it.
pub trait Record: Serialize + DeserializeOwned {
    const KIND: Kind;

    /// What the world keeps of the record and the wire does not show.
    type Facts: Default + Serialize + DeserializeOwned;

    /// The fields of which one says the site that the filter `LocationLicense` asks for.
    const SITE_FIELDS: &'static [&'static str] = &["LocationLicense"];

    /// Takes the number and the second of the write that touched it.
    fn stamp(&mut self, transaction: u64, second: i64);

    /// Computes the published fields that follow from the others, before the record is stored.
    fn settle(&mut self, _: &Self::Facts) {}

    /// What the record belongs to, so that the other side can be asked for it.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }

    /// The link that answers a list's filter, so that only what belongs there is read.
    fn link_of(_field: &str, _value: &str) -> Option<Link> {
        None
    }
}
