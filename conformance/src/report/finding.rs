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

/// The findings of a scenario, each as its headline and what stands below; a call that several of them share is shown
/// below the last.
pub fn texts(findings: &[Finding]) -> Vec<(String, String)> {
    let next = findings.iter().skip(1).map(Some).chain([None]);
    let pairs = findings.iter().zip(next);
    pairs
        .map(|(one, next)| {
            let again = next.is_none_or(|next| next.curl != one.curl);
            (headline(one), details(one, again))
        })
        .collect()
}

fn details(finding: &Finding, again: bool) -> String {
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
    if again {
        line("again", &finding.curl);
    }
    for text in finding.diff.iter().flat_map(|diff| diff.lines()) {
        let _ = writeln!(out, "  {text}");
    }
    out
}
