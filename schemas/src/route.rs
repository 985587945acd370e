//! The routes: every published call with its parameters, body fields, reply and rules.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Number, Value};

use crate::embed::{Folder, file, files, parse};
use crate::rule::Basis;
use crate::shape::Shape;

const ORDER: &str = "order";

/// One published route.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub method: Method,
    pub path: String,
    /// Further paths under which the route answers.
    pub aliases: Vec<String>,
    /// Noun first, then verb; unique.
    pub operation: String,
    pub family: String,
    pub summary: String,
    pub audience: Audience,
    /// A permission's name.
    pub permission: String,
    pub path_params: Vec<PathParam>,
    pub query: Vec<Param>,
    /// `None`: the route takes no body, and ignores one.
    pub body: Option<Vec<Field>>,
    pub response: Shape,
    /// The pattern of the reply in a word: `list`, `receipt`, `show` and others.
    pub response_shape: String,
    /// Where the reply may say `null` for a record that does not exist, as dotted paths.
    pub nullable: Vec<String>,
    /// Keys of the reply that a server may leave out.
    pub optional: Vec<String>,
    /// Whether a success may use up prepaid tags.
    pub consumes_tags: bool,
    pub constraints: Vec<String>,
    pub notes: Option<String>,
    /// The basis of the request as a whole.
    pub basis: Basis,
    /// The rules that govern it, beside those of every write.
    pub rules: Vec<String>,
}

/// The method of a route.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// Whose sessions may call a route.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Licensee,
    Lab,
    Both,
    /// Anyone, without a session.
    Public,
}

/// A parameter in the path.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathParam {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: FieldKind,
    pub meaning: String,
    #[serde(default)]
    pub format: Option<Format>,
    #[serde(default)]
    pub catalogue: Option<String>,
    pub basis: Basis,
}

/// A parameter of the query string.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: FieldKind,
    pub required: bool,
    pub meaning: String,
    #[serde(default)]
    pub format: Option<Format>,
    #[serde(default)]
    pub catalogue: Option<String>,
    #[serde(default)]
    pub default: Option<Value>,
    #[serde(default)]
    pub min: Option<Number>,
    #[serde(default)]
    pub max: Option<Number>,
    /// Whether it may stand several times.
    #[serde(default)]
    pub repeats: bool,
    pub basis: Basis,
}

/// A field of a body.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: FieldKind,
    pub required: bool,
    pub meaning: String,
    /// A value of the default world; null: the example leaves the field out.
    pub example: Value,
    pub basis: Basis,
    #[serde(default)]
    pub format: Option<Format>,
    /// The list that holds the allowed values.
    #[serde(default)]
    pub catalogue: Option<String>,
    /// Further forms that are accepted: a value, or the name of a JSON type.
    #[serde(default)]
    pub also: Vec<Value>,
    #[serde(default)]
    pub min: Option<Number>,
    #[serde(default)]
    pub max: Option<Number>,
    /// Whether the digits are kept as sent, where amounts are rounded (LAB-87).
    #[serde(default)]
    pub exact: bool,
    #[serde(default)]
    pub min_items: Option<usize>,
    #[serde(default)]
    pub max_items: Option<usize>,
    /// What an array holds.
    #[serde(default)]
    pub items: Option<Items>,
    /// What an object holds.
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// The elements of an array.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items {
    #[serde(rename = "type")]
    pub kind: FieldKind,
    #[serde(default)]
    pub catalogue: Option<String>,
    #[serde(default)]
    pub format: Option<Format>,
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// The JSON type of a field.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
}

/// What a text is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Barcode,
    License,
    Ubi,
    Email,
    Uri,
    Date,
    DateTime,
}

/// Every route, in published order.
pub fn routes() -> &'static [Route] {
    static CELL: OnceLock<Vec<Route>> = OnceLock::new();
    CELL.get_or_init(|| {
        let files = files(Folder::Contract).into_iter().filter(|(name, _)| *name != ORDER);
        let rows = files.flat_map(|(name, text)| parse::<Vec<Route>>(name, text));
        let mut rows: BTreeMap<String, Route> =
            rows.map(|route| (route.operation.clone(), route)).collect();
        let order: Vec<String> = parse(ORDER, file(Folder::Contract, ORDER).unwrap_or_default());
        order.iter().filter_map(|operation| rows.remove(operation)).collect()
    })
}

/// The route of an operation, such as `harvestBatchCreate`.
pub fn route(operation: &str) -> Option<&'static Route> {
    static CELL: OnceLock<BTreeMap<&'static str, &'static Route>> = OnceLock::new();
    let by_operation =
        CELL.get_or_init(|| routes().iter().map(|it| (&*it.operation, it)).collect());
    by_operation.get(operation).copied()
}

impl Route {
    /// The first segment of the path after `/v1`: the noun, and the name of the file.
    pub fn noun(&self) -> &str {
        self.path.split('/').nth(2).unwrap_or_default()
    }
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl FieldKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Barcode => "barcode",
            Self::License => "license",
            Self::Ubi => "ubi",
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Date => "date",
            Self::DateTime => "date-time",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}
