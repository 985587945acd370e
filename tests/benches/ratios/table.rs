//! The table that a run prints.

use std::fmt;

/// A ratio in hundredths: figures are whole numbers here.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ratio(pub u64);

impl Ratio {
    pub fn of(part: u64, whole: u64) -> Self {
        Self(part * 100 / whole.max(1))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// What counts as the same, whatever the size: a larger tree has a level more.
pub const FLAT: Ratio = Ratio(130);

pub struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    pub fn new() -> Self {
        let head = ["what", "measured", "target", "details"];
        Self { rows: vec![head.map(str::to_owned)] }
    }

    /// A cost that should stay the same per thing, round by round, at the larger size and at the smaller.
    pub fn add_growth(&mut self, what: &str, larger: &[u64], smaller: &[u64], details: String) {
        let pairs = larger.iter().zip(smaller);
        let ratio = median(pairs.map(|(large, small)| Ratio::of(*large, *small)).collect());
        let target = format!("≤ {FLAT}");
        self.add(what, ratio, Some((target.as_str(), ratio <= FLAT)), details);
    }

    /// `target` is a text such as `≥ 0.75`, and whether it was met; none where there is none.
    pub fn add(
        &mut self,
        what: &str,
        measured: impl fmt::Display,
        target: Option<(&str, bool)>,
        details: String,
    ) {
        let target = target.map(|(text, met)| format!("{text} {}", if met { "✓" } else { "✗" }));
        let row = [what.to_owned(), measured.to_string(), target.unwrap_or_default(), details];
        self.rows.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let (what, measured, target) = (width(0), width(1), width(2));
        for row in &self.rows {
            let line = format!(
                "{:<what$}  {:>measured$}  {:<target$}  {}",
                row[0], row[1], row[2], row[3]
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The middle of the rounds.
pub fn median<T: Copy + Ord>(mut rounds: Vec<T>) -> T {
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

/// The middle of the rounds in microseconds, such as `12.3`.
pub fn micros(nanos: &[u64]) -> String {
    let nanos = median(nanos.to_vec());
    format!("{}.{}", nanos / 1000, nanos % 1000 / 100)
}

/// A rate such as `145.2 k/s`.
pub fn per_second(rate: u64) -> String {
    format!("{}.{} k/s", rate / 1000, rate % 1000 / 100)
}
