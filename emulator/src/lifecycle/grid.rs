//! A table of states and verbs that has a cell for each of both: no verb is forgotten in any state.

use std::fmt::Debug;

/// A cell that permits the verb.
pub const OK: &str = "";

/// State × verb: a cell permits ([`OK`]) or names the rule that refuses.
pub struct Grid<State: 'static, Verb: 'static, const VERBS: usize> {
    /// The columns, with the word that the messages use.
    pub verbs: [(Verb, &'static str); VERBS],
    pub rows: &'static [(State, [&'static str; VERBS])],
}

impl<State, Verb, const VERBS: usize> Grid<State, Verb, VERBS>
where
    State: Copy + Debug + Eq,
    Verb: Copy + Debug + Eq,
{
    pub fn cell(&self, state: State, verb: Verb) -> &'static str {
        let column = self.verbs.iter().position(|(known, _)| *known == verb);
        let row = self.rows.iter().find(|(known, _)| *known == state);
        let cell = row.zip(column).map(|((_, cells), column)| cells[column]);
        cell.unwrap_or_else(|| unreachable!("the grid is total, as a test makes sure"))
    }

    /// The rule that refuses a verb in a state.
    pub fn refusing(&self, state: State, verb: Verb) -> Option<&'static str> {
        Some(self.cell(state, verb)).filter(|cell| *cell != OK)
    }

    pub fn word(&self, verb: Verb) -> &'static str {
        self.verbs.iter().find(|(known, _)| *known == verb).map_or("", |(_, word)| word)
    }

    /// The grid as people read it.
    pub fn printed(&self) -> String {
        let mut lines = vec![line("", self.verbs.iter().map(|(verb, _)| format!("{verb:?}")))];
        for (state, cells) in self.rows {
            let shown = cells.iter().map(|cell| if *cell == OK { "ok" } else { cell });
            lines.push(line(&format!("{state:?}"), shown.map(str::to_owned)));
        }
        lines.join("\n") + "\n"
    }
}

fn line(head: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!("{cell:<13}")).collect();
    format!("{head:<18}{cells}").trim_end().to_owned()
}

/// Fails where a state or a verb has no row or column, or a cell names no rule. `states` and `verbs` are
/// how many there are.
#[cfg(test)]
pub fn assert_total<State, Verb, const VERBS: usize>(
    grid: &Grid<State, Verb, VERBS>,
    (states, verbs): (usize, usize),
) where
    State: Copy + Debug + Eq,
    Verb: Copy + Debug + Eq,
{
    assert_eq!((grid.rows.len(), VERBS), (states, verbs));
    for (state, _) in grid.rows {
        for (verb, _) in grid.verbs {
            let cell = grid.cell(*state, verb);
            let known = cell == OK || tagtrail_schemas::rule(cell).is_some();
            assert!(known, "{state:?} × {verb:?} names {cell}");
        }
    }
}
