//! Reads a request body against its route's table, strictly, as a Go server would (rulebook 1).
//!
//! Syntax first, then types in the order of the body, then what is required in the order of the
//! table, then values. What comes out has the published spelling and nothing unknown.

use std::borrow::Cow;

use serde_json::{Map, Number, Value, json};
use tagtrail_schemas::{Field, FieldKind, Format, Route};

use super::go_json;
use crate::{
    api::{OwnRules, ROW_REFUSAL, pairs},
    model::{Day, Moment, Quantity},
    profile::Profile,
    refusal::{Refusal, refuse},
};

pub struct Decoder<'a> {
    pub route: &'a Route,
    /// The body as it was sent.
    pub text: Cow<'a, str>,
    pub profile: Profile,
    /// Fields whose absence a guard of the action refuses, after the look-ups.
    pub guarded: &'a [&'static str],
    /// Fields whose absence is refused here, but by a rule of their own chapter.
    pub own_rules: OwnRules,
}

impl Decoder<'_> {
    pub fn read(&self) -> Result<Map<String, Value>, Refusal> {
        let fields = match &self.route.body {
            Some(fields) if !fields.is_empty() => fields,
            // A route without body fields ignores any body (WIRE-26).
            Some(_) | None => return Ok(Map::new()),
        };
        let object = match parse(&self.text)? {
            Value::Object(object) => object,
            Value::Null => Map::new(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                return Err(self.no_object(&other));
            }
        };
        self.check_types(fields, &object, "")?;
        self.check_required(fields, &object, "")?;
        self.canonical(fields, &object, self.by_row())
    }

    /// The two uploads judge their rows one by one (INIT-34).
    fn by_row(&self) -> bool {
        self.route.response_shape == "upload"
    }

    fn no_object(&self, value: &Value) -> Refusal {
        refuse("WIRE-19").with("kind", kind_of(value)).with("Struct", self.struct_name())
    }

    fn struct_name(&self) -> String {
        let mut letters = self.route.operation.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).chain("Request".chars()).collect()
    }

    fn check_types(
        &self,
        fields: &[Field],
        object: &Map<String, Value>,
        path: &str,
    ) -> Result<(), Refusal> {
        for (key, value) in object {
            if let Some(field) = field_for(fields, key) {
                let path = inside(path, &field.name);
                self.check_type(field, value, &path)?;
            }
        }
        Ok(())
    }

    fn check_type(&self, field: &Field, value: &Value, path: &str) -> Result<(), Refusal> {
        if value.is_null() || field.also.contains(value) {
            return Ok(());
        }
        match (field.kind, value) {
            // Some numbers of records are texts, and may be sent as what they are.
            (FieldKind::String, Value::Number(number))
                if number.is_i64() && field.also.iter().any(|it| it == "integer") =>
            {
                Ok(())
            }
            (FieldKind::Integer, Value::Number(number)) if number.as_i64().is_none() => {
                Err(self.no_integer(number, path))
            }
            (FieldKind::String, Value::String(text)) => self.check_time(field, text),
            (FieldKind::Integer | FieldKind::Number, Value::Number(_))
            | (FieldKind::Boolean, Value::Bool(_)) => Ok(()),
            (FieldKind::Array, Value::Array(items)) => {
                items.iter().try_for_each(|item| self.check_item(field, item, path))
            }
            (FieldKind::Object, Value::Object(object)) => {
                self.check_types(&field.fields, object, path)
            }
            _ => Err(self.wrong_type(value, path, &go_type(field))),
        }
    }

    fn check_item(&self, field: &Field, item: &Value, path: &str) -> Result<(), Refusal> {
        let Some(items) = &field.items else { return Ok(()) };
        match (items.kind, item) {
            (_, Value::Null)
            | (FieldKind::String, Value::String(_))
            | (FieldKind::Number, Value::Number(_)) => Ok(()),
            (FieldKind::Object, Value::Object(object)) => {
                self.check_types(&items.fields, object, path)
            }
            (FieldKind::Integer, Value::Number(number)) if number.as_i64().is_some() => Ok(()),
            (FieldKind::Integer, Value::Number(number)) => Err(self.no_integer(number, path)),
            (kind, _) => {
                let go = scalar_type(kind).unwrap_or(&field.name);
                Err(self.wrong_type(item, path, go))
            }
        }
    }

    fn check_time(&self, field: &Field, text: &str) -> Result<(), Refusal> {
        if field.format != Some(Format::DateTime) {
            return Ok(());
        }
        let stopped = match go_json::time_error(text) {
            Some(stopped) => stopped,
            None if Moment::parse(text).is_some() => return Ok(()),
            // Well formed, but no day of the calendar.
            None => (format!("{}\"", &text[8..]), "02"),
        };
        let (rest, part) = stopped;
        Err(refuse("WIRE-20")
            .with("v", format!("\"{text}\""))
            .with("rest", rest)
            .with("part", part))
    }

    fn wrong_type(&self, value: &Value, path: &str, go: &str) -> Refusal {
        self.in_struct("WIRE-17", path).with("kind", kind_of(value)).with("type", go)
    }

    /// A fraction or an exponent (WIRE-18), or more than 64 bits hold (WIRE-17).
    fn no_integer(&self, number: &Number, path: &str) -> Refusal {
        let sent = self.as_sent(number);
        if sent.contains(['.', 'e', 'E']) {
            return self.in_struct("WIRE-18", path).with("n", sent);
        }
        let kind = format!("number {sent}");
        self.in_struct("WIRE-17", path).with("kind", kind).with("type", "int64")
    }

    /// A number in the spelling of the body: the JSON library writes `1e3` as `1e+3`.
    fn as_sent(&self, number: &Number) -> String {
        let read = number.to_string();
        let bare = read.replace("e+", "e");
        let spellings = [bare.to_uppercase(), bare, read.to_uppercase()];
        let sent = spellings.into_iter().find(|spelling| self.text.contains(spelling.as_str()));
        sent.filter(|_| !self.text.contains(&read)).unwrap_or(read)
    }

    fn in_struct(&self, rule: &'static str, path: &str) -> Refusal {
        refuse(rule).with("Struct", self.struct_name()).with("Field", path)
    }

    fn check_required(
        &self,
        fields: &[Field],
        object: &Map<String, Value>,
        path: &str,
    ) -> Result<(), Refusal> {
        for field in fields {
            let path = inside(path, &field.name);
            let value = value_of(field, object);
            let missing = match value {
                Value::Null => true,
                Value::String(text) => text.trim().is_empty(),
                Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
            };
            let guarded = [field.name.as_str(), &path].iter().any(|it| self.guarded.contains(it));
            if field.required && missing && !guarded {
                return Err(self.missing(field));
            }
            if self.by_row() {
                continue;
            }
            if let (Value::Array(rows), Some(items)) = (value, &field.items) {
                // Go reads null in a list as an element without fields.
                let empty = Map::new();
                let rows = rows.iter().filter(|row| row.is_object() || row.is_null());
                for row in rows.filter(|_| items.kind == FieldKind::Object) {
                    self.check_required(&items.fields, row.as_object().unwrap_or(&empty), &path)?;
                }
            }
            if let Value::Object(inner) = value {
                self.check_required(&field.fields, inner, &path)?;
            }
        }
        Ok(())
    }

    fn missing(&self, field: &Field) -> Refusal {
        let own = self.own_rules.iter().find(|(name, _)| *name == field.name);
        match own {
            // A list's own rule is about an empty one.
            Some((_, rule)) if field.kind != FieldKind::Array || self.by_row() => {
                refuse(rule).with("Field", &field.name)
            }
            _ if field.kind == FieldKind::Array => refuse("WIRE-22").saying(2),
            _ if field.name == "RoomID" => refuse("WIRE-22").saying(1),
            _ => refuse("WIRE-22").with("Field", &field.name),
        }
    }

    /// A row of an upload: a text that is too long or an amount out of range fails it, not the call.
    fn lenient_row(&self, fields: &[Field], row: &Map<String, Value>) -> Result<Value, Refusal> {
        let mut read = self.canonical(fields, row, true)?;
        let wrong = fields.iter().find_map(|field| match (&value_of(field, row), field.format) {
            (Value::String(_), Some(Format::Date)) => None,
            (Value::String(text), _) => Some((field, self.checked_text(field, text).err()?)),
            (Value::Number(number), _) if field.kind == FieldKind::Number => {
                Some((field, self.checked_amount(field, &number.to_string(), false).err()?))
            }
            _ => None,
        });
        if let Some((field, refusal)) = wrong {
            let n = refusal.facts().iter().find(|(name, _)| *name == "n").map(|(_, n)| n.clone());
            let said = json!([refusal.rule, field.name, n.unwrap_or_default()]);
            read.insert(ROW_REFUSAL.to_owned(), said);
        }
        Ok(Value::Object(read))
    }

    /// The body in the published spelling, its values checked.
    fn canonical(
        &self,
        fields: &[Field],
        object: &Map<String, Value>,
        lenient: bool,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut read = Map::new();
        for field in fields {
            let value = value_of(field, object);
            if !value.is_null() {
                read.insert(field.name.clone(), self.checked(field, value, lenient)?);
            }
        }
        Ok(read)
    }

    fn checked(&self, field: &Field, value: &Value, lenient: bool) -> Result<Value, Refusal> {
        Ok(match value {
            Value::String(text) if !lenient => self.checked_text(field, text)?,
            Value::Number(number) if field.kind == FieldKind::Number => {
                self.checked_amount(field, &number.to_string(), lenient)?
            }
            Value::Number(number) if field.kind == FieldKind::String => {
                Value::from(number.to_string())
            }
            Value::Array(items) => self.checked_list(field, items, lenient)?,
            Value::Object(inner) => Value::Object(self.canonical(&field.fields, inner, lenient)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        })
    }

    fn checked_text(&self, field: &Field, text: &str) -> Result<Value, Refusal> {
        if field.format == Some(Format::Date) && !text.is_empty() {
            let day =
                Day::parse(text).ok_or_else(|| refuse("WIRE-21").with("Field", &field.name))?;
            return Ok(Value::from(day.to_string()));
        }
        let most =
            self.profile.number(if is_long(field) { "wire.max_text" } else { "wire.max_name" });
        if text.chars().count() as u64 > most {
            return Err(refuse("WIRE-29").with("Field", &field.name).with("n", most));
        }
        Ok(Value::from(text))
    }

    fn checked_amount(&self, field: &Field, text: &str, lenient: bool) -> Result<Value, Refusal> {
        let wrong = || refuse("WIRE-36").with("n", text);
        let amount = match Quantity::parse(text) {
            Some(amount) => amount,
            None if lenient => Quantity::ZERO,
            None => return Err(wrong()),
        };
        let most = self.profile.quantity("wire.max_amount");
        // Where the table states no least, the verb judges what is negative (LAB-49).
        let negative = amount.is_negative() && field.min.is_some();
        if !lenient && (negative || amount > most) {
            return Err(wrong());
        }
        let digits = u32::try_from(self.profile.number("quantity.digits")).unwrap_or(6);
        let kept = if field.exact { amount } else { amount.rounded(digits) };
        serde_json::to_value(kept).map_err(|_| wrong())
    }

    /// A list of items has a rule of its own in their chapter.
    fn names_items(&self, field: &Field) -> bool {
        let rows = field.items.as_ref().is_some_and(|items| items.kind == FieldKind::Object);
        rows && self.route.path.starts_with("/v1/inventory")
    }

    fn checked_list(
        &self,
        field: &Field,
        items: &[Value],
        lenient: bool,
    ) -> Result<Value, Refusal> {
        // A list whose length the action judges itself, as `Stop[]`.
        let free = self.guarded.iter().any(|it| it.strip_suffix("[]") == Some(&field.name));
        let own = self.own_rules.iter().find(|(name, _)| *name == field.name);
        if !free && items.is_empty() && field.min_items.is_some_and(|least| least > 0) {
            return Err(own.map_or_else(|| refuse("WIRE-27"), |(_, rule)| refuse(rule)));
        }
        let bulk = self.profile.number("bulk.max_items");
        let most = field.max_items.filter(|_| !free).map(|most| bulk.min(most as u64));
        if let Some(most) = most.filter(|most| items.len() as u64 > *most) {
            let rule = match own {
                Some((_, "INIT-02")) => "INIT-03",
                _ if self.names_items(field) => "INV-22",
                _ => return Err(refuse("WIRE-27").saying(1).with("n", most)),
            };
            return Err(refuse(rule).with("n", most));
        }
        let Some(inner) = &field.items else { return Ok(Value::Array(items.to_vec())) };
        items
            .iter()
            .map(|item| match item {
                Value::Object(row) if lenient => self.lenient_row(&inner.fields, row),
                Value::Object(row) => {
                    self.canonical(&inner.fields, row, lenient).map(Value::Object)
                }
                // Go reads null in a list as an element without a value.
                Value::Null => Ok(zero_of(inner.kind)),
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    Ok(item.clone())
                }
            })
            .collect()
    }
}

/// A body made of repeated query parameters, where the route takes the rows of a list that way too and
/// was sent no body: `?PlantID=1&PlantID=2` for `{"Plant": [{"PlantID": …}, …]}`.
pub fn body_of_query(route: &Route, query: &str) -> Option<String> {
    let param = route.query.iter().find(|param| param.repeats)?;
    let names = |field: &&Field| {
        let fields = field.items.as_ref().map(|items| &items.fields);
        fields.is_some_and(|fields| fields.iter().any(|it| it.name == param.name))
    };
    let list = route.body.iter().flatten().find(names)?;
    let values = pairs(query).filter(|(name, _)| name.eq_ignore_ascii_case(&param.name));
    let values = values.filter(|(_, value)| !value.is_empty());
    let rows: Vec<Value> = values.map(|(_, value)| json!({ &param.name: value })).collect();
    (!rows.is_empty()).then(|| json!({ &list.name: rows }).to_string())
}

/// The first JSON value; what follows it is ignored (WIRE-25).
fn parse(text: &str) -> Result<Value, Refusal> {
    let first = |text: &str| {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        values.next().and_then(Result::ok)
    };
    if let Some(value) = first(text) {
        return Ok(value);
    }
    match go_json::syntax_error(text.as_bytes()) {
        Some(said) => Err(refuse("WIRE-16").with("Go's sentence", said)),
        // Go takes half a pair of surrogates; beyond that only depth is left.
        None => first(&go_json::without_lone_surrogates(text))
            .ok_or_else(|| refuse("WIRE-16").with("Go's sentence", "exceeded max depth")),
    }
}

/// The path of a field inside of another: `Stop.Item`.
fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// An exact name wins over one that differs in case only (WIRE-23).
fn field_for<'a>(fields: &'a [Field], key: &str) -> Option<&'a Field> {
    let exact = fields.iter().find(|field| field.name == key);
    exact.or_else(|| fields.iter().find(|field| field.name.eq_ignore_ascii_case(key)))
}

fn value_of<'a>(field: &Field, object: &'a Map<String, Value>) -> &'a Value {
    let close = || {
        let mut same = object.iter().rev().filter(|(key, _)| key.eq_ignore_ascii_case(&field.name));
        same.next().map(|(_, value)| value)
    };
    object.get(&field.name).or_else(close).unwrap_or(&Value::Null)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn zero_of(kind: FieldKind) -> Value {
    match kind {
        FieldKind::String => Value::from(""),
        FieldKind::Integer | FieldKind::Number => Value::from(0),
        FieldKind::Boolean => Value::from(false),
        FieldKind::Array => Value::Array(Vec::new()),
        FieldKind::Object => Value::Object(Map::new()),
    }
}

fn go_type(field: &Field) -> String {
    let items = field.items.as_ref().and_then(|items| scalar_type(items.kind));
    match scalar_type(field.kind) {
        Some(name) => name.to_owned(),
        None if field.kind == FieldKind::Array => format!("[]{}", items.unwrap_or(&field.name)),
        None => field.name.clone(),
    }
}

fn scalar_type(kind: FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::String => Some("string"),
        FieldKind::Integer => Some("int64"),
        FieldKind::Number => Some("float64"),
        FieldKind::Boolean => Some("bool"),
        FieldKind::Array | FieldKind::Object => None,
    }
}

/// Reasons, notes, links and addresses may be long; names and codes may not (WIRE-29).
fn is_long(field: &Field) -> bool {
    let long = ["Reason", "Address", "Route", "Directions", "Note", "Hyperlink", "Street"];
    field.format == Some(Format::Uri) || long.iter().any(|part| field.name.contains(part))
}
