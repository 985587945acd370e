//! Amounts in exact whole numbers: millionths as they are shown, and shares of a gram or a piece.

use serde_json::Value;

/// A number in millionths.
pub fn micros(number: &Value) -> i64 {
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: i64 = format!("{part:0<6}")[..6].parse().unwrap();
    let whole_micros = whole.parse::<i64>().unwrap() * 1_000_000;
    if whole.starts_with('-') { whole_micros - part } else { whole_micros + part }
}

/// Millionths as the shortest number.
pub fn number(micros: i64) -> Value {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    serde_json::from_str(text).unwrap()
}

/// A unit in billionths of a gram or of a piece (WIRE-41).
fn billionths(unit: &str) -> i128 {
    match unit.to_ascii_lowercase().as_str() {
        "mg" => 1_000_000,
        "kg" => 1_000_000_000_000,
        "oz" => 28_349_523_125,
        "lb" => 453_592_370_000,
        _ => 1_000_000_000,
    }
}

/// An amount exactly: millionths of a billionth of a gram or of a piece.
pub fn exact(micros: i64, unit: &Value) -> i128 {
    i128::from(micros) * billionths(unit.as_str().unwrap_or_default())
}

/// In grams, half to even at the sixth digit (INV-07).
pub fn in_grams(micros: i64, unit: &str) -> i64 {
    rounded(i128::from(micros) * billionths(unit), 1_000_000_000)
}

/// In another unit by way of grams, also in its own: no booking is finer than a microgram.
pub fn converted(micros: i64, from: &str, to: &str) -> i64 {
    rounded(i128::from(in_grams(micros, from)) * 1_000_000_000, billionths(to))
}

fn rounded(above: i128, below: i128) -> i64 {
    let (whole, rest) = (above / below, above % below);
    let up = rest * 2 > below || (rest * 2 == below && whole % 2 == 1);
    (whole + i128::from(up)) as i64
}
