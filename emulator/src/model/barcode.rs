//! The 16-digit identifier of a plant, an item, a batch or a document.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Sixteen digits, leading zeros kept; on the wire always text (UID-01).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Barcode(u64);

impl Barcode {
    /// One above the highest: sixteen nines plus one.
    pub const END: u64 = 10_000_000_000_000_000;

    pub fn new(number: u64) -> Option<Self> {
        (number > 0 && number < Self::END).then_some(Self(number))
    }

    /// Sixteen digits 0-9 and not sixteen zeros, or nothing (UID-06, UID-08).
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().and_then(Self::new)
    }

    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016}", self.0)
    }
}

impl Serialize for Barcode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Barcode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no identifier")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barcode_keeps_its_leading_zeros() {
        assert_eq!(Barcode::parse("0073518842960417").unwrap().to_string(), "0073518842960417");
    }

    #[test]
    fn anything_but_sixteen_digits_is_no_barcode() {
        for wrong in [
            "",
            "123",
            "00000000000000000",
            "0000000000000000",
            "12345678901234ab",
            "+123456789012345",
        ] {
            assert!(Barcode::parse(wrong).is_none(), "{wrong}");
        }
    }
}
