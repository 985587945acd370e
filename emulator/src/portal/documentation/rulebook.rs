//! The rulebook as a page: every rule with its sentence, status, knobs, basis and source.

use askama::Template;
use tagtrail_schemas::{Rule, Source, chapters, rules, sources, write_rules};

use super::{
    super::{page::Shown, visit::Visit},
    operation,
};
use crate::fault::Fault;

struct Chapter {
    prefix: &'static str,
    subject: &'static str,
    rules: Vec<&'static Rule>,
}

#[derive(Template)]
#[template(path = "documentation_rules.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    chapters: Vec<Chapter>,
    every_write: &'static [String],
    sources: &'static [Source],
}

pub fn page(visit: &Visit<'_>) -> Result<Shown, Fault> {
    let chapter = |(prefix, subject): &(&'static str, &'static str)| Chapter {
        prefix,
        subject,
        rules: rules().values().filter(|rule| rule.id.split('-').next() == Some(*prefix)).collect(),
    };
    let chapters = chapters().iter().map(chapter).collect();
    Shown::page(&Page { visit, chapters, every_write: write_rules(), sources: sources() })
}

/// Whether a source has a row of its own; a section of the regulation speaks for itself.
fn is_listed(key: &str) -> bool {
    sources().iter().any(|source| source.key == key)
}
