//! What was sent to a door: JSON, or a form.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    api::pairs,
    fault::Fault,
    refusal::{Refusal, refuse, require},
};

/// The fields of a form; a name that comes several times is a list.
pub fn fields(form: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in pairs(form) {
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, Value::from(value));
            }
            Some(Value::Array(list)) => list.push(Value::from(value)),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    fields
}

/// The fields of a JSON object.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let wrong = |error: String| refuse("WIRE-16").with("Go's sentence", error);
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(wrong("an object is expected".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// The fields as what a door takes.
pub fn read<A: DeserializeOwned>(fields: Map<String, Value>) -> Result<A, Fault> {
    let read = serde_json::from_value(Value::Object(fields));
    Ok(read.map_err(|error| refuse("WIRE-16").with("Go's sentence", error))?)
}

/// A field that must say something.
pub fn needed<'a>(value: &'a str, field: &'static str) -> Result<&'a str, Refusal> {
    let value = value.trim();
    require(!value.is_empty(), || refuse("WIRE-22").with("Field", field))?;
    Ok(value)
}

/// A list, one text, or a text with something on each line.
pub fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lines {
        Many(Vec<String>),
        One(String),
    }
    let lines = match Lines::deserialize(deserializer)? {
        Lines::Many(many) => many,
        Lines::One(one) => one.lines().map(str::to_owned).collect(),
    };
    let lines = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

/// A list that may not have been sent at all.
pub fn some_lines<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    lines(deserializer).map(Some)
}

/// A number, or its digits.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Count {
        Number(u64),
        Digits(String),
    }
    match Count::deserialize(deserializer)? {
        Count::Number(number) => Ok(number),
        Count::Digits(digits) => digits.trim().parse().map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_twice_in_a_form_is_a_list() {
        let fields = fields("a=1&b=x+y&a=%32&a=3");
        assert_eq!(Value::Object(fields), json!({"a": ["1", "2", "3"], "b": "x y"}));
    }
}
