//! The coverage as text: a row for each chapter of the rulebook and each family of routes, and by name what is left.

use std::fmt::Write as _;
use std::str::FromStr;

use anstyle::Style;

use super::plural::counted;
use crate::contract;
use crate::coverage::{Chapter, Coverage, Family};

const FAINT: Style = Style::new().dimmed();
const ALL: &str = "all";
/// A subject cut shorter than this says nothing.
const SUBJECT_MIN: usize = 16;

/// The chapters and families of which is named what no scenario touched; `sale` is both.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Untouched(Vec<String>);

impl Untouched {
    fn of(&self, name: &str) -> bool {
        self.0.iter().any(|chosen| chosen == ALL || chosen.eq_ignore_ascii_case(name))
    }
}

impl FromStr for Untouched {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let prefixes: Vec<&str> = contract::chapters().map(|(_, prefix, _)| prefix).collect();
        let families = contract::families();
        let name = |word: &str| {
            let word = word.trim().to_lowercase();
            let mut known = [ALL].iter().chain(&prefixes).chain(&families);
            if known.any(|name| name.eq_ignore_ascii_case(&word)) {
                return Ok(word);
            }
            let (prefixes, families) = (prefixes.join(", "), families.join(", "));
            Err(format!(
                "there is no chapter or family `{word}`; name `{ALL}`, or any of {prefixes}, {families}"
            ))
        };
        text.split(',').map(name).collect::<Result<_, _>>().map(Self)
    }
}

/// Both tables: a row for everything that was touched, and the sums, in lines of at most `width` where that is possible.
pub fn tables(coverage: &Coverage, width: usize) -> String {
    let mut lines = table(
        ["rules", "shown", "describe", "not live", "missing"],
        coverage.chapters.iter().map(chapter).collect(),
        ("chapter", "chapters"),
    );
    lines.push(Line::default());
    lines.extend(table(
        ["routes", "granted", "refused", "never", "planned"],
        coverage.families.iter().map(family).collect(),
        ("family", "families"),
    ));
    lay_out(&lines, width)
}

/// The rules and routes that no scenario touched, a line each; `width` cuts what the rules say.
pub fn untouched(coverage: &Coverage, chosen: &Untouched, width: Option<usize>) -> String {
    let mut out = String::new();
    let mut line = |name: &str, why: &str, text: &str| {
        let head = format!("  {name:<9} {why:<12}  ");
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(head.len()));
        let _ = writeln!(out, "{head}{}", cut(text, room));
    };
    for chapter in coverage.chapters.iter().filter(|chapter| chosen.of(chapter.prefix)) {
        for (rule, why) in chapter.not_shown() {
            line(&rule.id, why, &rule.rule);
        }
    }
    for family in coverage.families.iter().filter(|family| chosen.of(family.family)) {
        for (route, why) in family.not_granted() {
            line(family.family, why, &format!("{} {}", route.method.as_str(), route.path));
        }
    }
    out
}

/// A chapter or a family: how much of it was touched, and what became of the rest.
struct Row {
    name: String,
    subject: &'static str,
    touched: bool,
    done: usize,
    all: usize,
    rest: [usize; 3],
}

fn chapter(chapter: &Chapter) -> Row {
    let Chapter { number, prefix, subject, rules, shown, describing, not_live, missing } = chapter;
    Row {
        name: format!("{number:>2} {prefix}"),
        subject,
        touched: !shown.is_empty(),
        done: shown.len(),
        all: *rules,
        rest: [describing.len(), not_live.len(), missing.len()],
    }
}

fn family(family: &Family) -> Row {
    let Family { family: name, routes, granted, refused, never, planned } = family;
    Row {
        name: (*name).to_owned(),
        subject: "",
        touched: !granted.is_empty() || !refused.is_empty(),
        done: granted.len(),
        all: *routes,
        rest: [refused.len(), never.len(), planned.len()],
    }
}

/// One line of a table.
#[derive(Default)]
struct Line {
    style: Style,
    name: String,
    subject: String,
    cells: [String; 4],
}

fn table(head: [&str; 5], rows: Vec<Row>, (one, many): (&str, &str)) -> Vec<Line> {
    let sum = |count: fn(&Row) -> usize| rows.iter().map(count).sum();
    let untouched = rows.iter().filter(|row| !row.touched).count();
    let all = Row {
        name: "all".to_owned(),
        subject: "",
        touched: true,
        done: sum(|row| row.done),
        all: sum(|row| row.all),
        rest: [sum(|row| row.rest[0]), sum(|row| row.rest[1]), sum(|row| row.rest[2])],
    };
    let mut last = line(all);
    if untouched > 0 {
        last.subject = format!("{} untouched", counted(untouched, one, many));
    }
    let [name, cells @ ..] = head.map(str::to_owned);
    let head = Line { style: FAINT, name, subject: String::new(), cells };
    let touched = rows.into_iter().filter(|row| row.touched).map(line);
    [head].into_iter().chain(touched).chain([last]).collect()
}

fn line(row: Row) -> Line {
    let [one, two, three] = row.rest.map(|count| match count {
        0 => "-".to_owned(),
        count => count.to_string(),
    });
    let done = format!("{} / {:>4}", row.done, row.all);
    Line {
        style: Style::new(),
        name: row.name,
        subject: row.subject.to_owned(),
        cells: [done, one, two, three],
    }
}

/// Numbers stand to the right; where it is narrow the subjects give way first, then what became of the rest.
fn lay_out(lines: &[Line], width: usize) -> String {
    let widest = |length: &dyn Fn(&Line) -> usize| lines.iter().map(length).max().unwrap_or(0);
    let name_width = widest(&|line| line.name.len());
    let cells: [usize; 4] = std::array::from_fn(|at| 2 + widest(&|line| line.cells[at].len()));
    let left = width.saturating_sub(2 + name_width + 2 + cells.iter().sum::<usize>());
    let subject_width = left.min(widest(&|line| line.subject.len()));
    let mut out = String::new();
    for Line { style, name, subject, cells: texts } in lines {
        let mut text = format!("  {name:<name_width$}");
        if subject_width >= SUBJECT_MIN {
            let _ = write!(text, "  {:<subject_width$}", cut(subject, subject_width));
        }
        for (at, (cell, cell_width)) in texts.iter().zip(cells).enumerate() {
            if at == 0 || text.chars().count() + cell_width <= width {
                let _ = write!(text, "{cell:>cell_width$}");
            }
        }
        let _ = writeln!(out, "{style}{}{style:#}", text.trim_end());
    }
    out
}

/// The text in so many columns.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
