//! The lists of values as a page: each with what is to be known about it and its entries.

use askama::Template;
use serde_json::Value;
use tagtrail_schemas::{catalogue, catalogue_names, catalogue_note};

use super::{
    super::{page::Shown, visit::Visit},
    operation::shown,
};
use crate::fault::Fault;

struct List {
    name: &'static str,
    note: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "documentation_lists.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    lists: Vec<List>,
}

pub fn page(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let lists = catalogue_names().into_iter().map(list).collect();
    Shown::page(&Page { visit, lists })
}

fn list(name: &'static str) -> List {
    let entries = catalogue(name);
    let mut columns: Vec<&str> = Vec::new();
    for key in entries.iter().filter_map(Value::as_object).flat_map(|entry| entry.keys()) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    let row = |entry: &Value| columns.iter().map(|column| shown(&entry[*column])).collect();
    let rows = entries.iter().map(row).collect();
    List { name, note: catalogue_note(name).unwrap_or_default(), columns, rows }
}
