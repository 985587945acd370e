//! The profiles: the value of every knob, by jurisdiction and time.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use crate::embed::{Folder, file, files, parse};

const KNOBS: &str = "knobs";

/// What is known about a knob.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knob {
    /// The values it may have, in words.
    pub values: String,
    /// The prefix of the chapter that explains it.
    pub chapter: String,
    /// The rules that it turns.
    pub rules: Vec<String>,
}

/// The knobs of a profile, by their dotted names.
pub fn profile(name: &str) -> Option<&'static BTreeMap<String, Value>> {
    profiles().get(name)
}

/// Every profile, in alphabetical order.
pub fn profile_names() -> Vec<&'static str> {
    profiles().keys().copied().collect()
}

/// Every knob, by its dotted name.
pub fn knobs() -> &'static BTreeMap<String, Knob> {
    static CELL: OnceLock<BTreeMap<String, Knob>> = OnceLock::new();
    CELL.get_or_init(|| parse(KNOBS, file(Folder::Profiles, KNOBS).unwrap_or_default()))
}

fn profiles() -> &'static BTreeMap<&'static str, BTreeMap<String, Value>> {
    static CELL: OnceLock<BTreeMap<&'static str, BTreeMap<String, Value>>> = OnceLock::new();
    CELL.get_or_init(|| {
        let profiles = files(Folder::Profiles).into_iter().filter(|(name, _)| *name != KNOBS);
        profiles.map(|(name, text)| (name, parse(name, text))).collect()
    })
}
