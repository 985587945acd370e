//! Where a node stands in its file, and the picture of that place: the line with a caret under it.

use std::fmt::Write as _;

use serde::Serialize;
use serde_saphyr::{Location, Spanned};

/// A position in a scenario file; line and column count from one.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    /// How many characters the node covers; 0 when that is not known.
    pub width: usize,
    /// Offset in bytes, when known; of the anchor, where the node is an alias.
    #[serde(skip)]
    pub offset: Option<usize>,
}

impl Place {
    /// The place of a value that kept its span.
    pub fn of<T>(spanned: &Spanned<T>) -> Self {
        Self::from(spanned.referenced)
    }

    /// The bare word that stands here in the source; a number is one.
    pub(super) fn token<'a>(&self, text: &'a str) -> &'a str {
        let rest = self.offset.and_then(|offset| text.get(offset..)).unwrap_or("");
        rest.split([' ', '\t', '\r', '\n', ',', ']', '}']).next().unwrap_or("")
    }

    /// The source line with a caret under the node, as a finding shows it.
    pub fn excerpt(&self, text: &str) -> Excerpt {
        let line = self.line.checked_sub(1).and_then(|index| text.lines().nth(index)).unwrap_or("");
        let room = line.chars().count().saturating_sub(self.column.saturating_sub(1)).max(1);
        let carets = self.width.clamp(1, room);
        Excerpt { line: self.line, column: self.column, carets, text: line.to_owned() }
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let narrow = |number: u64| usize::try_from(number).unwrap_or(0);
        Self {
            line: narrow(location.line()),
            column: narrow(location.column()),
            width: narrow(location.span().len()),
            offset: location.span().byte_offset().map(narrow),
        }
    }
}

/// One line of a scenario file and the part of it that is meant.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Excerpt {
    pub line: usize,
    pub column: usize,
    pub carets: usize,
    pub text: String,
}

impl Excerpt {
    /// Three lines of text: a rule, the source line, the caret.
    pub fn render(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let mut out = String::new();
        let gap = " ".repeat(self.column.saturating_sub(1));
        let _ = writeln!(out, "{margin} |");
        let _ = writeln!(out, "{number} | {}", self.text);
        let _ = writeln!(out, "{margin} | {gap}{}", "^".repeat(self.carets));
        out
    }
}
