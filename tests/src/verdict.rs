//! How a test says what differs.

use std::{collections::BTreeSet, fmt::Debug};

use serde_json::Value;

/// What differs, for people.
pub type Verdict<T = ()> = Result<T, String>;

/// Returns the text as what differs, unless it holds.
#[macro_export]
macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+));
        }
    };
}

/// Two showings of one record agree.
pub fn same(name: &impl Debug, model: &Value, shown: &Value) -> Verdict {
    if model == shown {
        return Ok(());
    }
    let rows = [model, shown].map(|row| row.as_object().cloned().unwrap_or_default());
    let fields: BTreeSet<&String> = rows.iter().flat_map(|row| row.keys()).collect();
    let differing = fields.into_iter().filter(|field| rows[0].get(*field) != rows[1].get(*field));
    let text: String = differing
        .map(|field| format!("\n  {field}: model {}, shown {}", model[field], shown[field]))
        .collect();
    Err(format!("{name:?} differs:{text}"))
}
