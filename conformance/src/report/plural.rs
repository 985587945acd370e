//! Counted words.

/// `1 scenario`, `2 scenarios`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
