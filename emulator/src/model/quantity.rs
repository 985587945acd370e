//! Weights, counts and money: fixed-point decimals, read from and written as JSON numbers.

use std::{fmt, ops, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Number;

/// An exact decimal. On the wire it is a JSON number in its shortest form (WIRE-46).
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Quantity(Decimal);

impl Quantity {
    pub const ZERO: Self = Self(Decimal::ZERO);

    pub fn parse(text: &str) -> Option<Self> {
        let exact = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        // More digits than fit are rounded, and what is too small to be written is nothing.
        let rounded = exact.or_else(|_| Decimal::from_str(text)).ok().map(Self);
        rounded.or_else(|| tiny(text).then_some(Self::ZERO))
    }

    pub fn whole(count: u32) -> Self {
        Self(Decimal::from(count))
    }

    /// Half to even at the given digit (WIRE-35, WIRE-41).
    pub fn rounded(self, digits: u32) -> Self {
        Self(self.0.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven))
    }

    /// Half up at the second digit: dollars in whole cents (BILL-19).
    pub fn to_cents(self) -> Self {
        Self(self.0.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_positive(self) -> bool {
        self > Self::ZERO
    }

    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    pub fn is_whole(self) -> bool {
        self.0.is_integer()
    }

    /// The product, where it fits into 28 digits.
    pub fn times(self, factor: Self) -> Option<Self> {
        self.0.checked_mul(factor.0).map(Self)
    }

    pub fn over(self, divisor: Self) -> Option<Self> {
        self.0.checked_div(divisor.0).map(Self)
    }
}

/// A number with a negative exponent, which only fails to be read when it is below all digits.
fn tiny(text: &str) -> bool {
    let mut parts = text.split(['e', 'E']);
    let digits = parts.next().is_some_and(|it| it.len() < 28 && Decimal::from_str(it).is_ok());
    digits && parts.next().is_some_and(|exponent| exponent.starts_with('-'))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl ops::Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, ops::Add::add)
    }
}

impl ops::Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl ops::Neg for Quantity {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: Number = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let text = number.to_string();
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` has too many digits")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through_json(text: &str) -> String {
        serde_json::to_string(&serde_json::from_str::<Quantity>(text).unwrap()).unwrap()
    }

    #[test]
    fn a_quantity_is_written_in_its_shortest_form() {
        for (read, written) in
            [("12.50", "12.5"), ("0.0", "0"), ("3e2", "300"), ("-1.25", "-1.25"), ("24", "24")]
        {
            assert_eq!(through_json(read), written);
        }
    }

    #[test]
    fn cents_are_rounded_half_up() {
        for (exact, cents) in [("0.005", "0.01"), ("1.115", "1.12"), ("2.004999", "2")] {
            assert_eq!(Quantity::parse(exact).unwrap().to_cents().to_string(), cents);
        }
    }

    #[test]
    fn rounding_is_half_to_even_at_the_sixth_digit() {
        let rounded = |text| Quantity::parse(text).unwrap().rounded(6).to_string();
        assert_eq!(rounded("0.0000005"), "0");
        assert_eq!(rounded("0.0000015"), "0.000002");
        assert_eq!(rounded("28.349523125"), "28.349523");
    }
}
