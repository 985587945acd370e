//! The lists of values that the API names, entry by entry as JSON.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use crate::embed::{Folder, file, files, parse};

const NOTES: &str = "notes";

/// The entries of a list, in published order; none if there is no such list.
pub fn catalogue(name: &str) -> &'static [Value] {
    lists().get(name).map_or(&[], Vec::as_slice)
}

/// Every list, in alphabetical order.
pub fn catalogue_names() -> Vec<&'static str> {
    lists().keys().copied().collect()
}

/// What is to be known about a list: which of its keys go over the wire, and where it is from.
pub fn catalogue_note(name: &str) -> Option<&'static str> {
    static CELL: OnceLock<Notes> = OnceLock::new();
    let text = file(Folder::Catalogues, NOTES)?;
    CELL.get_or_init(|| parse(NOTES, text)).notes.get(name).map(String::as_str)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notes {
    #[expect(dead_code, reason = "the file says to its readers what it is")]
    about: String,
    notes: BTreeMap<String, String>,
}

fn lists() -> &'static BTreeMap<&'static str, Vec<Value>> {
    static CELL: OnceLock<BTreeMap<&'static str, Vec<Value>>> = OnceLock::new();
    CELL.get_or_init(|| {
        let lists = files(Folder::Catalogues).into_iter().filter(|(name, _)| *name != NOTES);
        lists.map(|(name, text)| (name, parse(name, text))).collect()
    })
}
