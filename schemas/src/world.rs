//! The seed worlds: a state of the whole system to start from.

use crate::embed::{Folder, file, files};

/// A seed world as JSON text. Its `about` says which keys are for the loader only.
pub fn world(name: &str) -> Option<&'static str> {
    file(Folder::Worlds, name)
}

/// Every seed world, in alphabetical order.
pub fn world_names() -> Vec<&'static str> {
    files(Folder::Worlds).into_iter().map(|(name, _)| name).collect()
}
