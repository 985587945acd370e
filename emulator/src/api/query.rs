//! Reads a query string against its route's table (WIRE-30, SYNC-10 to SYNC-19).

use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tagtrail_schemas::{FieldKind, Format, Param, Route};

use crate::{
    model::{Day, Stamp},
    profile::Profile,
    refusal::{Refusal, refuse},
};

/// What a list is asked for.
#[derive(Debug, Default)]
pub struct Query {
    /// Where to go on; absent for the first page.
    pub cursor: Option<Stamp>,
    pub limit: usize,
    /// Only rows with this number or a higher one.
    pub transaction: u64,
    /// Fields and the values that they must have.
    pub filters: Vec<Filter>,
}

/// A field and the value that it must have.
#[derive(Debug)]
pub struct Filter {
    pub field: String,
    pub wanted: Value,
    /// How the record's bytes say it; none for fields that some kinds say otherwise.
    spelled: Option<Finder<'static>>,
}

impl Filter {
    pub fn new(field: &str, wanted: Value) -> Self {
        let plain = !["Active", "Deleted", "LocationLicense"].contains(&field);
        let spelled = plain.then(|| Finder::new(&format!("\"{field}\":{wanted}")).into_owned());
        Self { field: field.to_owned(), wanted, spelled }
    }

    /// A quick look at a record's bytes, before they are read: false if it cannot have the value.
    pub fn may_fit(&self, wire: &[u8]) -> bool {
        self.spelled.as_ref().is_none_or(|spelled| spelled.find(wire).is_some())
    }
}

impl Query {
    pub fn read(route: &Route, text: &str, profile: Profile) -> Result<Self, Refusal> {
        let number = |knob| usize::try_from(profile.number(knob)).unwrap_or(usize::MAX);
        let mut query = Self { limit: profile.hot.page_rows, ..Self::default() };
        let lists = route.query.iter().any(|param| param.name == "Cursor");
        for (name, value) in pairs(text) {
            let known = route.query.iter().find(|param| param.name.eq_ignore_ascii_case(&name));
            // Every list knows `Active`, whether its table names it or not (SYNC-19).
            if known.is_none() && lists && name.eq_ignore_ascii_case("Active") {
                let wrong = || refuse("WIRE-30").with("name", "Active");
                query.filters.push(Filter::new("Active", boolean(&value).ok_or_else(wrong)?));
            }
            // Unknown parameters and empty values are as if they were not there.
            let Some(param) = known.filter(|_| !value.is_empty()) else { continue };
            let wrong = || refuse("WIRE-30").with("name", &param.name);
            match param.name.as_str() {
                "Cursor" => {
                    let cursor: u64 = value.parse().map_err(|_| wrong())?;
                    query.cursor = (cursor > 0).then(|| Stamp::of_cursor(cursor));
                }
                "Limit" => {
                    let limit: usize = value.parse().map_err(|_| wrong())?;
                    if limit == 0 {
                        return Err(wrong());
                    }
                    query.limit = limit.min(number("page.max"));
                }
                "TransactionID" => query.transaction = value.parse().map_err(|_| wrong())?,
                _ => {
                    let read = typed(param, &value).ok_or_else(wrong)?;
                    query.filters.push(Filter::new(&param.name, read));
                }
            }
        }
        Ok(query)
    }
}

/// The decoded names and values of a query string or a form.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + use<'_> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn boolean(value: &str) -> Option<Value> {
    match value {
        "true" | "1" => Some(json!(true)),
        "false" | "0" => Some(json!(false)),
        _ => None,
    }
}

fn typed(param: &Param, value: &str) -> Option<Value> {
    match (param.kind, param.format) {
        (FieldKind::Boolean, _) => boolean(value),
        (FieldKind::Integer | FieldKind::Number, _) => value.parse::<i64>().ok().map(Value::from),
        (FieldKind::String, Some(Format::Date)) => {
            Day::parse(value).map(|day| json!(day.to_string()))
        }
        (FieldKind::String | FieldKind::Array | FieldKind::Object, _) => Some(json!(value)),
    }
}
