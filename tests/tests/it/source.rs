//! The project's own files as text: Rust cut into code, comments and texts, and kept lists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Where the workspace lies.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A Rust file of the workspace.
pub(crate) struct File {
    /// From the workspace's root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The same lines with comments, texts and characters blanked.
    pub(crate) code: String,
    /// The same lines with comments blanked.
    pub(crate) uncommented: String,
}

/// Every Rust file below a folder of the workspace, by path.
pub(crate) fn files(folder: &str) -> Vec<File> {
    let mut paths = Vec::new();
    collect(&root().join(folder), "rs", &mut paths);
    paths.sort();
    paths.into_iter().map(|path| File::read(&path)).collect()
}

pub(crate) fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            // What a compiler writes is nobody's prose.
            if !path.ends_with("target") {
                collect(&path, ending, found);
            }
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
}

impl File {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let code = blanked(&text, &[Kind::Comment, Kind::Text]);
        let uncommented = blanked(&text, &[Kind::Comment]);
        Self { path, text, code, uncommented }
    }

    /// The number of the line on which the unit tests begin, or of the line after the last.
    pub(crate) fn tests_from(&self) -> usize {
        let line = self.text.lines().position(|line| line == "#[cfg(test)]");
        line.unwrap_or_else(|| self.text.lines().count())
    }

    /// Code without its unit tests and comments, texts kept.
    pub(crate) fn product(&self) -> String {
        until(&self.uncommented, self.tests_from())
    }

    /// Code and comments without the unit tests.
    pub(crate) fn product_and_comments(&self) -> String {
        until(&self.text, self.tests_from())
    }

    /// Names of the crate's own modules that this file imports from or names in full.
    pub(crate) fn modules(&self) -> BTreeSet<String> {
        let code = until(&self.code, self.tests_from());
        let mut found = BTreeSet::new();
        for (_, rest) in code.match_indices("crate::").map(|(at, it)| (at, &code[at + it.len()..]))
        {
            match rest.strip_prefix('{') {
                Some(group) => found.extend(firsts(group)),
                None => found.extend(first(rest)),
            }
        }
        found
    }
}

fn until(text: &str, line: usize) -> String {
    text.lines().take(line).map(|line| format!("{line}\n")).collect()
}

fn first(path: &str) -> Option<String> {
    let name: String = path.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
    Some(name).filter(|name| !name.is_empty())
}

/// The first name of each part of `{a::B, c::{d, e}}`, without the opening brace.
fn firsts(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut found = Vec::new();
    let mut part = String::new();
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => found.extend(first(std::mem::take(&mut part).trim())),
            _ if depth == 1 => part.push(character),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found.extend(first(part.trim()));
    found
}

/// The rules that a text names, such as `PLT-07`.
pub(crate) fn rule_ids(text: &str) -> BTreeSet<String> {
    let id = Regex::new(r"\b[A-Z]{3,5}-[0-9]{2}\b").unwrap();
    id.find_iter(text).map(|it| it.as_str().to_owned()).collect()
}

/// The quoted texts of uncommented code that are a rule's id and nothing else.
pub(crate) fn quoted_rule_ids(uncommented: &str) -> BTreeSet<String> {
    let id = Regex::new(r#""([A-Z]{3,5}-[0-9]{2})""#).unwrap();
    id.captures_iter(uncommented).map(|it| it[1].to_owned()).collect()
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
}

/// The text with every piece of these kinds turned into blanks; lines stay where they are.
fn blanked(text: &str, kinds: &[Kind]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (kind, length) = piece(rest, out.chars().last());
        let (head, tail) = rest.split_at(length);
        if kinds.contains(&kind) {
            out.extend(head.chars().map(|it| if it == '\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(head);
        }
        rest = tail;
    }
    out
}

/// The kind and the length of the piece that a text begins with.
fn piece(rest: &str, before: Option<char>) -> (Kind, usize) {
    let in_word = before.is_some_and(|it| it.is_alphanumeric() || it == '_');
    if rest.starts_with("//") {
        (Kind::Comment, rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        (Kind::Comment, rest.find("*/").map_or(rest.len(), |at| at + 2))
    } else if let Some(marks) = raw_marks(rest).filter(|_| !in_word) {
        let end = format!("\"{marks}");
        let from = rest.find('"').map_or(0, |at| at + 1);
        (Kind::Text, rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len()))
    } else if rest.starts_with('"') {
        (Kind::Text, text_length(rest))
    } else if let Some(length) = character_length(rest) {
        (Kind::Text, length)
    } else {
        (Kind::Code, rest.chars().next().map_or(1, char::len_utf8))
    }
}

/// The marks between `r` and the quote of a raw text, often none.
fn raw_marks(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
    let after = rest.trim_start_matches('#');
    after.starts_with('"').then(|| &rest[..rest.len() - after.len()])
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a quoted character; none for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner[2..].find('\'').map(|at| at + 4);
    }
    let width = inner.chars().next()?.len_utf8();
    inner[width..].starts_with('\'').then_some(width + 2)
}

/// A committed list that may only shrink: what `found` has and the list lacks fails the test; what the
/// list has in excess has to go, and goes by itself with `GOLDEN=write`.
#[track_caller]
pub(crate) fn may_only_shrink(path: &str, found: &BTreeSet<String>, what: &str) {
    let full = root().join(path);
    let text = fs::read_to_string(&full).unwrap_or_default();
    let listed: BTreeSet<String> =
        text.lines().filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "{what}, and {path} does not excuse it (it may only shrink): {new:#?}");
    let settled: Vec<_> = listed.difference(found).collect();
    if settled.is_empty() {
        return;
    }
    assert!(
        crate::golden::writes(),
        "{path} excuses what is settled by now; GOLDEN=write drops it: {settled:#?}"
    );
    let kept: String = listed.intersection(found).map(|it| format!("{it}\n")).collect();
    fs::write(full, kept).unwrap();
}

#[test]
fn comments_and_texts_are_told_from_code() {
    let text =
        "let a = 'x'; // it's \"b\"\nfn f<'a>(s: &'a str) { g(\"// no\", r#\"\"q\"\"#, '\\'') }";
    let code = blanked(text, &[Kind::Comment, Kind::Text]);
    let squeezed = code.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeezed, "let a = ; fn f<'a>(s: &'a str) { g( , , ) }");
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn the_modules_of_a_grouped_import_are_found() {
    let found = firsts("model::{self, Key}, refusal::refuse,\n fault::Fault};");
    assert_eq!(found, ["model", "refusal", "fault"]);
}
