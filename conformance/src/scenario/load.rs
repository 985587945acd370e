//! From paths to sources, and from sources to scenarios that can be played.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::ast::Scenario;
use super::fault::{Complaint, LoadError};
use super::lint;
use super::place::Place;

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios");

/// The text of one scenario file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// As reports show it.
    pub file: String,
    pub text: Arc<str>,
}

impl Source {
    /// A source from its name and text.
    pub fn new(file: impl Into<String>, text: &str) -> Self {
        Self { file: file.into(), text: text.into() }
    }

    /// The file's name without folder and ending.
    pub fn slug(&self) -> &str {
        Path::new(&self.file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("")
    }
}

/// A scenario that was read and can be played.
#[derive(Debug)]
pub struct Loaded {
    pub source: Source,
    pub scenario: Scenario,
    /// Remarks that do not keep it from being played.
    pub lints: Vec<Complaint>,
}

/// The files named, and all `*.yaml` below the folders named, each folder sorted by path.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Source>, LoadError> {
    let mut sources = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file)
                .map_err(|source| LoadError::Unreadable { path: file.clone(), source })?;
            sources.push(Source::new(file.display().to_string(), &text));
        }
    }
    Ok(sources)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        if is_yaml || path.is_dir() {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// The scenarios that come with tagtrail, sorted by path.
pub fn builtin() -> Vec<Source> {
    let mut sources = Vec::new();
    embedded(&BUILTIN, &mut sources);
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    sources
}

fn embedded(dir: &Dir<'_>, sources: &mut Vec<Source>) {
    for file in
        dir.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "yaml"))
    {
        if let Some(text) = file.contents_utf8() {
            sources.push(Source::new(format!("scenarios/{}", file.path().display()), text));
        }
    }
    dir.dirs().for_each(|dir| embedded(dir, sources));
}

/// Reads every source; all complaints of all files come back together.
pub fn read(sources: &[Source]) -> Result<Vec<Loaded>, Vec<Complaint>> {
    let mut loaded = Vec::new();
    let mut faults = Vec::new();
    for source in sources {
        match parse(source) {
            Ok(one) => loaded.push(one),
            Err(mut complaints) => faults.append(&mut complaints),
        }
    }
    if faults.is_empty() { Ok(loaded) } else { Err(faults) }
}

/// Reads one source.
pub fn parse(source: &Source) -> Result<Loaded, Vec<Complaint>> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    let mut scenario: Scenario = serde_saphyr::from_str_with_options(&source.text, options)
        .map_err(|error| vec![refused(source, &error)])?;
    let mut faults = Vec::new();
    for node in scenario.nodes_mut() {
        node.restore(&source.text, &mut |place| {
            let message = "write this number as JSON does, such as 0.5 or -1.25e3";
            faults.push(Complaint::at(&source.file, &source.text, place, message));
        });
    }
    let (more, lints) = lint::complaints(source, &scenario);
    faults.extend(more);
    if faults.is_empty() {
        Ok(Loaded { source: source.clone(), scenario, lints })
    } else {
        Err(faults)
    }
}

fn refused(source: &Source, error: &serde_saphyr::Error) -> Complaint {
    let place = error.location().map(Place::from).unwrap_or_default();
    let text = error.without_snippet().to_string();
    let mut message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    if message.contains("flow mapping") && place.excerpt(&source.text).text.contains("${") {
        message.push_str("; between { } a capture stands in quotes: \"${name}\"");
    }
    Complaint::at(&source.file, &source.text, place, message)
}
