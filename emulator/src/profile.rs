//! Every policy that differs by state or era, read by its dotted name. No code asks which state it is in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Quantity;

/// The knobs of one profile.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    pub name: &'static str,
    knobs: &'static BTreeMap<String, Value>,
    /// What every call asks, looked up once.
    pub hot: Hot,
}

/// The knobs that every call asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hot {
    /// `wire.trailing_slash`
    pub trailing_slash: bool,
    /// `auth.require_consent`
    pub consent: bool,
    /// `page.size`
    pub page_rows: usize,
    /// `oauth.token_path`
    pub token_path: &'static str,
}

/// What happens when a soft rule is broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    Off,
    /// The write goes through and is noted for the tester.
    Finding,
    Refuse,
}

impl Profile {
    pub fn named(name: &str) -> Option<Self> {
        let name = tagtrail_schemas::profile_names().into_iter().find(|known| *known == name)?;
        let cold = Self { name, knobs: tagtrail_schemas::profile(name)?, hot: Hot::default() };
        let hot = Hot {
            trailing_slash: cold.is("wire.trailing_slash", "accept"),
            consent: !cold.is("auth.require_consent", "none"),
            page_rows: usize::try_from(cold.number("page.size")).unwrap_or(usize::MAX),
            token_path: cold
                .value("oauth.token_path")
                .as_str()
                .unwrap_or_else(|| unreachable!("`oauth.token_path` is a path")),
        };
        Some(Self { hot, ..cold })
    }

    pub fn text(&self, knob: &str) -> String {
        let value = self.value(knob);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    pub fn is(&self, knob: &str, value: &str) -> bool {
        self.value(knob).as_str() == Some(value)
    }

    pub fn on(&self, knob: &str) -> bool {
        self.is(knob, "on")
    }

    pub fn number(&self, knob: &str) -> u64 {
        self.value(knob).as_u64().unwrap_or_else(|| unreachable!("`{knob}` is a number"))
    }

    /// A limit that may have a fraction.
    pub fn quantity(&self, knob: &str) -> Quantity {
        let value = Quantity::parse(&self.value(knob).to_string());
        value.unwrap_or_else(|| unreachable!("`{knob}` is a number"))
    }

    pub fn numbers(&self, knob: &str) -> Vec<u64> {
        let list = self.value(knob).as_array().into_iter().flatten();
        list.filter_map(Value::as_u64).collect()
    }

    pub fn lists(&self, knob: &str, value: &Value) -> bool {
        self.value(knob).as_array().is_some_and(|list| list.contains(value))
    }

    pub fn policy(&self, knob: &str) -> Policy {
        let text = self.text(knob);
        policy(&text).unwrap_or_else(|| unreachable!("`{knob}` is off, finding or refuse: {text}"))
    }

    /// A policy that begins after some number: `finding:6`.
    pub fn policy_after(&self, knob: &str) -> (Policy, u32) {
        let text = self.text(knob);
        let (word, after) = text.split_once(':').unwrap_or((&text, "0"));
        (policy(word).unwrap_or(Policy::Off), after.parse().unwrap_or_default())
    }

    /// A number of days, in seconds.
    pub fn days(&self, knob: &str) -> i64 {
        self.count(knob).saturating_mul(86_400)
    }

    /// A number of hours, in seconds.
    pub fn hours(&self, knob: &str) -> i64 {
        self.count(knob).saturating_mul(3_600)
    }

    fn count(&self, knob: &str) -> i64 {
        i64::try_from(self.number(knob)).unwrap_or(i64::MAX)
    }

    /// A length such as `100 d`, `24 h` or `10 min`, in seconds.
    pub fn seconds(&self, knob: &str) -> i64 {
        seconds(&self.text(knob)).unwrap_or_else(|| unreachable!("`{knob}` is a length of time"))
    }

    fn value(&self, knob: &str) -> &'static Value {
        self.knobs
            .get(knob)
            .unwrap_or_else(|| unreachable!("a test finds every knob of the code: `{knob}`"))
    }
}

fn policy(word: &str) -> Option<Policy> {
    match word {
        "refuse" => Some(Policy::Refuse),
        "finding" => Some(Policy::Finding),
        "off" => Some(Policy::Off),
        _ => None,
    }
}

/// Reads `<number> <unit>`, with the units s, min, h and d.
pub fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "s" => 1,
        "min" | "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        assert_eq!(seconds("100 d"), Some(8_640_000));
        assert_eq!(seconds("10 min"), Some(600));
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds(""), None);
    }
}
