//! A value that may be absent: on the wire it is then the empty text, never a missing key (WIRE-45).

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::{Barcode, Day, Moment};

/// What can be read back from the text that it writes.
pub(super) trait Text: Display + Sized {
    fn read(text: &str) -> Option<Self>;
}

impl Text for Barcode {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Text for Day {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Text for Moment {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

pub(super) fn serialize<T: Text, S: Serializer>(
    value: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_str(""),
    }
}

pub(super) fn deserialize<'de, T: Text, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    match Option::<String>::deserialize(from)?.unwrap_or_default().as_str() {
        "" => Ok(None),
        text => T::read(text).map(Some).ok_or_else(|| D::Error::custom(format!("`{text}`"))),
    }
}
