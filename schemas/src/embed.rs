//! The data files of this crate, embedded, and the one place that may fail on them.

use include_dir::{Dir, DirEntry, include_dir};
use serde::de::DeserializeOwned;

static CATALOGUES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/catalogues");
static CONTRACT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/contract");
static ENTITIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/entities");
static PROFILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/profiles");
static RULES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");
static WORLDS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/worlds");

/// A folder of data files.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Folder {
    Catalogues,
    Contract,
    Entities,
    Profiles,
    Rules,
    Worlds,
}

/// The folder's JSON files as (name without ending, text), in the order of their names.
pub(crate) fn files(folder: Folder) -> Vec<(&'static str, &'static str)> {
    let dir = match folder {
        Folder::Catalogues => &CATALOGUES,
        Folder::Contract => &CONTRACT,
        Folder::Entities => &ENTITIES,
        Folder::Profiles => &PROFILES,
        Folder::Rules => &RULES,
        Folder::Worlds => &WORLDS,
    };
    let mut files: Vec<_> = dir.entries().iter().filter_map(text).collect();
    files.sort_unstable();
    files
}

/// The text of one file, named without its ending.
pub(crate) fn file(folder: Folder, name: &str) -> Option<&'static str> {
    files(folder).into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// Reads embedded JSON.
pub(crate) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> T {
    serde_json::from_str(text)
        .unwrap_or_else(|error| unreachable!("the embedded file {name}.json is broken: {error}"))
}

fn text(entry: &'static DirEntry<'static>) -> Option<(&'static str, &'static str)> {
    let file = entry.as_file()?;
    let name = file.path().to_str()?.strip_suffix(".json")?;
    Some((name, file.contents_utf8()?))
}
