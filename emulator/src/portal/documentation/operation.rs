//! One operation as its page shows it: who may call it, its fields, its reply and its rules.

use serde_json::{Value, json};
use tagtrail_schemas::{
    Audience, Field, FieldKind, Format, Items, Param, PathParam, Route, Rule, RuleKind, ScalarKind,
    Shape, catalogue, example, lay_out, rule,
};

use super::{Ground, shell};

/// Of a list of values so many are shown beside a field.
const VALUES_MAX: usize = 10;

/// What a page says of one operation.
pub struct Operation {
    pub route: &'static Route,
    pub ground: Ground,
    pub audience: &'static str,
    /// The permission, and what it guards.
    pub permission: Option<(&'static str, String)>,
    /// Whether writes of this kind also obey the rules of every write.
    pub writes: bool,
    pub tables: Vec<(&'static str, Vec<Row>)>,
    pub reply: Vec<Part>,
    pub rules: Vec<Chapter>,
    pub example: Option<Shell>,
}

/// An example, ready to be pasted.
pub struct Shell {
    pub lines: String,
    pub reply: String,
    /// Whether it rests on calls that were made before.
    pub prepares: bool,
    /// Whether something of its reply is left out.
    pub shortens: bool,
}

/// A parameter or a field.
pub struct Row {
    /// With the fields around it, as `Item[].InventoryID`.
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub meaning: &'static str,
    /// The list of its values.
    pub list: Option<&'static str>,
    /// The values themselves, where they are few.
    pub values: String,
    pub ground: Ground,
}

/// A key of the reply.
pub struct Part {
    pub name: String,
    pub before: &'static str,
    /// A record, which has a description of its own.
    pub entity: Option<&'static str>,
    pub kind: &'static str,
    pub remark: &'static str,
}

/// The rules of one kind.
pub struct Chapter {
    pub title: &'static str,
    /// The kind in a count, as `3 facts`.
    pub counted: &'static str,
    pub rules: Vec<&'static Rule>,
}

impl Operation {
    pub fn new(route: &'static Route, origin: &str, world: &str) -> Self {
        let mut tables = Vec::new();
        let mut put = |title, rows: Vec<Row>| {
            if !rows.is_empty() {
                tables.push((title, rows));
            }
        };
        put("In the path", route.path_params.iter().map(Row::of_path).collect());
        put("In the query", route.query.iter().map(Row::of_query).collect());
        put("In the body", body(route));
        let example = example(&route.operation).map(|it| Shell {
            lines: shell::lines(it, origin, world),
            reply: lay_out(&it.reply).trim_end().to_owned(),
            prepares: it.calls.len() > 1,
            shortens: it.reply.to_string().contains("\"… "),
        });
        let mut reply = Vec::new();
        parts(route, &route.response, String::new(), "", &mut reply);
        Self {
            route,
            ground: Ground(route.basis),
            audience: audience(route.audience),
            permission: permission(route),
            writes: route.method.as_str() != "GET",
            tables,
            reply,
            rules: rules(route),
            example,
        }
    }
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Licensee => {
            "A licensee's person (session), or the company's software (access token)"
        }
        Audience::Lab => "A laboratory's person (session)",
        Audience::Both => "A licensee (session or access token) or a laboratory (session)",
        Audience::Public => "Anyone, without a session",
    }
}

fn permission(route: &'static Route) -> Option<(&'static str, String)> {
    let known = catalogue("permissions").iter().find(|it| it["Name"] == route.permission.as_str());
    let guards = known.and_then(|it| it["Guards"].as_str()).unwrap_or_default();
    let needed = route.permission != "Anyone";
    needed.then(|| (route.permission.as_str(), guards.to_owned()))
}

fn rules(route: &'static Route) -> Vec<Chapter> {
    let known: Vec<&Rule> = route.rules.iter().filter_map(|id| rule(id)).collect();
    let of = |title, counted, kind| Chapter {
        title,
        counted,
        rules: known.iter().copied().filter(|rule| rule.kind == kind).collect(),
    };
    let chapters = [
        of("Refused", "refuse", RuleKind::Refusal),
        of("Let pass, and reported", "let pass and reported", RuleKind::Finding),
        of("What happens", "say what happens", RuleKind::Fact),
    ];
    chapters.into_iter().filter(|chapter| !chapter.rules.is_empty()).collect()
}

fn body(route: &'static Route) -> Vec<Row> {
    let mut rows = Vec::new();
    for field in route.body.iter().flatten() {
        Row::of_field(field, "", &mut rows);
    }
    rows
}

impl Row {
    fn of_path(param: &'static PathParam) -> Self {
        Self {
            name: param.name.clone(),
            kind: kind(param.kind, param.format),
            required: true,
            meaning: &param.meaning,
            list: param.catalogue.as_deref(),
            values: values(param.catalogue.as_deref(), param.kind, false),
            ground: Ground(param.basis),
        }
    }

    fn of_query(param: &'static Param) -> Self {
        let mut kind = kind(param.kind, param.format);
        kind.push_str(&limits(param.min.as_ref(), param.max.as_ref()));
        if let Some(default) = &param.default {
            kind.push_str(&format!(", default {default}"));
        }
        if param.repeats {
            kind.push_str(", may be repeated");
        }
        Self {
            name: param.name.clone(),
            kind,
            required: param.required,
            meaning: &param.meaning,
            list: param.catalogue.as_deref(),
            values: values(param.catalogue.as_deref(), param.kind, false),
            ground: Ground(param.basis),
        }
    }

    fn of_field(field: &'static Field, around: &str, rows: &mut Vec<Self>) {
        let name = format!("{around}{}", field.name);
        let items = field.items.as_ref();
        let list = field.catalogue.as_deref().or(items.and_then(|it| it.catalogue.as_deref()));
        rows.push(Self {
            name: name.clone(),
            kind: field_kind(field, items),
            required: field.required,
            meaning: &field.meaning,
            list,
            values: values(list, items.map_or(field.kind, |it| it.kind), true),
            ground: Ground(field.basis),
        });
        for inner in &field.fields {
            Self::of_field(inner, &format!("{name}."), rows);
        }
        for inner in items.into_iter().flat_map(|it| &it.fields) {
            Self::of_field(inner, &format!("{name}[]."), rows);
        }
    }
}

/// The values of a short list: names, or numbers with their names.
fn values(list: Option<&str>, kind: FieldKind, sent: bool) -> String {
    // What may not be sent may still be looked for.
    let sendable =
        |it: &&Value| !sent || ["MaySend", "Grantable"].iter().all(|key| it[*key] != json!(false));
    let entries: Vec<_> = catalogue(list.unwrap_or_default()).iter().filter(sendable).collect();
    if entries.len() > VALUES_MAX {
        return String::new();
    }
    let value = |entry: &&Value| match kind {
        FieldKind::Integer => format!("{} {}", shown(&entry["ID"]), shown(&entry["Name"])),
        FieldKind::String
        | FieldKind::Number
        | FieldKind::Boolean
        | FieldKind::Array
        | FieldKind::Object => shown(&entry["Name"]),
    };
    entries.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn field_kind(field: &Field, items: Option<&Items>) -> String {
    let mut said = kind(field.kind, field.format);
    if let Some(items) = items {
        said.push_str(&format!(" of {}", kind(items.kind, items.format)));
    }
    said.push_str(&limits(field.min.as_ref(), field.max.as_ref()));
    match (field.min_items, field.max_items) {
        (None, None) => {}
        (Some(least), None) => said.push_str(&format!(", at least {least}")),
        (None, Some(most)) => said.push_str(&format!(", at most {most}")),
        (Some(least), Some(most)) => said.push_str(&format!(", {least} to {most}")),
    }
    if field.exact {
        said.push_str(", digits kept");
    }
    for other in &field.also {
        let other = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
        said.push_str(&format!(", or {other}"));
    }
    said
}

fn kind(kind: FieldKind, format: Option<Format>) -> String {
    let Some(format) = format else { return kind.as_str().to_owned() };
    let said = match format {
        Format::Barcode => "16 digits",
        Format::License => "license number",
        Format::Ubi => "UBI",
        Format::Email => "e-mail address",
        Format::Uri => "address",
        Format::Date => "YYYY-MM-DD",
        Format::DateTime => "RFC 3339 time",
    };
    format!("{}, {said}", kind.as_str())
}

fn limits(least: Option<&serde_json::Number>, most: Option<&serde_json::Number>) -> String {
    match (least, most) {
        (None, None) => String::new(),
        (Some(least), None) => format!(", from {least}"),
        (None, Some(most)) => format!(", up to {most}"),
        (Some(least), Some(most)) => format!(", {least} to {most}"),
    }
}

/// The keys of a reply, from the outside in.
fn parts(
    route: &'static Route,
    shape: &'static Shape,
    name: String,
    before: &'static str,
    found: &mut Vec<Part>,
) {
    let (entity, kind) = match shape {
        Shape::Object(inner) => {
            let around = if name.is_empty() { String::new() } else { format!("{name}.") };
            for (key, part) in inner {
                parts(route, part, format!("{around}{key}"), "", found);
            }
            return;
        }
        Shape::List(item) if matches!(**item, Shape::Object(_)) => {
            return parts(route, item, format!("{name}[]"), before, found);
        }
        Shape::List(item) => return parts(route, item, name, "array of ", found),
        Shape::Null => (None, "null"),
        Shape::Scalar(ScalarKind::Boolean) => (None, "boolean"),
        Shape::Scalar(ScalarKind::Integer) => (None, "integer"),
        Shape::Scalar(ScalarKind::String) => (None, "string"),
        Shape::Entity(name) => (Some(name.as_str()), ""),
    };
    let remark = match (route.nullable.contains(&name), route.optional.contains(&name)) {
        (true, _) => "or null",
        (false, true) => "may be absent",
        (false, false) => "",
    };
    found.push(Part { name, before, entity, kind, remark });
}

/// The statuses of a rule as one text.
pub fn statuses(rule: &Rule) -> String {
    rule.status.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// A text in pieces; every other one stood between backticks and is code.
pub fn pieces(text: &str) -> Vec<&str> {
    text.split('`').collect()
}

/// What a caller is told.
pub fn sentences(rule: &'static Rule) -> Vec<&'static str> {
    rule.messages.iter().map(|message| message.text.as_str()).collect()
}

/// A JSON value as a table shows it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().map(|it| shown(named(it))).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A record is shown by its name.
fn named(value: &Value) -> &Value {
    value.get("Name").unwrap_or(value)
}
