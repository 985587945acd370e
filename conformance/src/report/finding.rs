//! A finding as text: where it is written, what was expected, what was seen, and how to ask again.

use std::fmt::Write as _;

use crate::event::{Finding, Weight};

/// The line that names a finding.
pub fn headline(finding: &Finding) -> String {
    let word = match finding.weight {
        Weight::Failure => "finding",
        Weight::Remark => "remark",
    };
    format!("{word} ({}): {}", finding.kind.word(), finding.message)
}

/// Everything below the headline.
pub fn details(finding: &Finding) -> String {
    let excerpt = &finding.excerpt;
    let mut out =
        format!(" --> {}:{}:{}\n{}", finding.file, excerpt.line, excerpt.column, excerpt.render());
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "  {name:<9} {text}");
    };
    line("step", &finding.step);
    line("expected", &finding.expected);
    line("seen", &finding.seen);
    if let Some(rule) = &finding.rule {
        line("rule", &format!("{} ({}): {}", rule.id, rule.basis, rule.sentence));
    }
    line("again", &finding.curl);
    for text in finding.diff.iter().flat_map(|diff| diff.lines()) {
        let _ = writeln!(out, "  {text}");
    }
    out
}
