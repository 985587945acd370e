//! Spoils a call: another caller, a field that is missing, twice there, or has a value it should not have.

use serde_json::{Value, json};
use tagtrail_tests::dice::Dice;

use super::Act;
use crate::market::Market;

pub(super) fn spoil(market: &Market, mut act: Act, dice: &mut Dice) -> Act {
    let bodies = act.body.as_ref().is_some_and(|body| leaves(body) > 0);
    match dice.below(4) {
        0 => act.party = dice.below(market.cast.parties.len()),
        1 => act.start = other_path(&act.start, dice),
        _ if bodies => {
            let body = act.body.get_or_insert_default();
            let at = dice.below(leaves(body));
            let mut count = at;
            change(body, &mut count, market, dice);
        }
        _ => act.party = dice.below(market.cast.parties.len()),
    }
    act
}

/// The number of values that are no lists and no objects.
fn leaves(body: &Value) -> usize {
    match body {
        Value::Array(rows) => rows.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// Changes the leaf that the count comes to.
fn change(body: &mut Value, count: &mut usize, market: &Market, dice: &mut Dice) {
    match body {
        Value::Array(rows) => {
            if !rows.is_empty() && dice.one_in(8) {
                rows.push(rows[0].clone());
                return;
            }
            rows.iter_mut().for_each(|row| change(row, count, market, dice));
        }
        Value::Object(fields) => {
            let mut missing = None;
            for (name, value) in fields.iter_mut() {
                let here = leaves(value);
                let leaf = !value.is_array() && !value.is_object();
                if leaf && *count == 0 && dice.one_in(3) {
                    missing = Some(name.clone());
                }
                if *count < here || leaf {
                    change(value, count, market, dice);
                } else {
                    *count -= here;
                }
            }
            if let Some(name) = missing {
                fields.shift_remove(&name);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            if *count == 0 {
                *body = wrong(body, market, dice);
            }
            *count = count.wrapping_sub(1);
        }
    }
}

fn wrong(value: &Value, market: &Market, dice: &mut Dice) -> Value {
    let odd =
        [json!(0), json!(-1), json!(0.000_000_4), json!(999_999_999), json!("x"), Value::Null];
    if dice.one_in(3) {
        return dice.pick(&odd).clone();
    }
    match value {
        Value::String(text) if text.len() == 16 && text.bytes().all(|it| it.is_ascii_digit()) => {
            let ids: Vec<&String> = market.ledger.stock.keys().collect();
            json!(dice.pick(&ids))
        }
        Value::String(text) if text.starts_with("OCM-") => {
            let licenses: Vec<&String> = market.cast.sites.keys().collect();
            json!(dice.pick(&licenses))
        }
        Value::String(_) => json!(""),
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or(7);
            let times = *dice.pick(&[2, 10, 1_000]);
            json!(number.saturating_mul(times).saturating_add(1))
        }
        Value::Bool(set) => json!(!set),
        Value::Null | Value::Array(_) | Value::Object(_) => json!([]),
    }
}

/// Another document, or one that is not there.
fn other_path(start: &str, dice: &mut Dice) -> String {
    let parts = start.split('/').map(|part| {
        let number = !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        match part.len() {
            16 if number => "1234567890123456".to_owned(),
            _ if number => (1 + dice.below(60)).to_string(),
            _ => part.to_owned(),
        }
    });
    let parts: Vec<String> = parts.collect();
    parts.join("/")
}
