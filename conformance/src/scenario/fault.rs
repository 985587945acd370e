//! What keeps a scenario from being played, with its place; and remarks on scenarios that can be played all the same.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::place::{Excerpt, Place};

/// A complaint about a scenario file: a fault stops the run, a lint is shown and the run goes on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Complaint {
    pub file: String,
    pub excerpt: Option<Excerpt>,
    pub message: String,
}

impl Complaint {
    /// A complaint about one place of a file.
    pub fn at(file: &str, text: &str, place: Place, message: impl Into<String>) -> Self {
        let excerpt = (place.line > 0).then(|| place.excerpt(text));
        Self { file: file.to_owned(), excerpt, message: message.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, excerpt, message } = self;
        match excerpt {
            Some(excerpt) => {
                write!(
                    f,
                    "{file}:{}:{}: {message}\n{}",
                    excerpt.line,
                    excerpt.column,
                    excerpt.render()
                )
            }
            None => writeln!(f, "{file}: {message}"),
        }
    }
}

/// Why no scenarios came out of a list of paths.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}
