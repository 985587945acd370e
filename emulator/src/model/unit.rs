//! Units of measure: exact factors to grams or pieces, from the catalogue (WIRE-41).

use std::sync::OnceLock;

use super::Quantity;

/// What a unit measures. Nothing converts from one kind to another (WIRE-38).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnitKind {
    Weight,
    Count,
    Volume,
}

/// A unit in its listed spelling.
#[derive(Clone, Debug)]
pub struct Unit {
    pub name: String,
    pub kind: UnitKind,
    pub inventory: bool,
    pub ingredient: bool,
    factor: Quantity,
}

/// The fraction digits of a booked weight (`quantity.digits`).
pub const DIGITS: u32 = 6;

impl Unit {
    /// An amount as it is booked and shown in this unit (INV-07); one that does not fit stays as it is.
    pub fn booked(&self, amount: Quantity) -> Quantity {
        convert(amount, self, self).unwrap_or(amount)
    }
}

/// A unit by its name, compared without case (WIRE-37).
pub fn unit(name: &str) -> Option<&'static Unit> {
    units().iter().find(|unit| unit.name.eq_ignore_ascii_case(name))
}

pub fn units() -> &'static [Unit] {
    static UNITS: OnceLock<Vec<Unit>> = OnceLock::new();
    UNITS.get_or_init(|| tagtrail_schemas::catalogue("uoms").iter().map(read).collect())
}

/// An amount in grams or pieces.
pub fn to_base(amount: Quantity, uom: &str) -> Option<Quantity> {
    unit(uom)?.factor.times(amount).map(|it| it.rounded(DIGITS))
}

/// An amount of one unit in another, or the same, of one kind: booked in grams or pieces, and shown
/// as what was booked (INV-07).
pub fn convert(amount: Quantity, from: &Unit, to: &Unit) -> Option<Quantity> {
    let booked = from.factor.times(amount)?.rounded(DIGITS);
    booked.over(to.factor).map(|it| it.rounded(DIGITS))
}

fn read(entry: &serde_json::Value) -> Unit {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    let kind = match text("Kind") {
        "weight" => UnitKind::Weight,
        "count" => UnitKind::Count,
        _ => UnitKind::Volume,
    };
    Unit {
        name: text("Name").to_owned(),
        kind,
        inventory: entry["Inventory"].as_bool().unwrap_or_default(),
        ingredient: entry["Ingredient"].as_bool().unwrap_or_default(),
        factor: Quantity::parse(text("Factor")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ounces_are_exact_to_the_sixth_digit_of_a_gram() {
        let one = Quantity::whole(1);
        assert_eq!(to_base(one, "OZ").unwrap().to_string(), "28.349523");
        assert_eq!(to_base(one, "kg").unwrap().to_string(), "1000");
        assert!(to_base(one, "stone").is_none());
    }
}
