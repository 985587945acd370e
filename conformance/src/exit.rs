//! The exit codes. They are part of the interface: few, named, stable.

use serde::Serialize;

use crate::event::Counts;

/// How a run ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// 0: scenarios were judged and none differs, remarks aside.
    Conforms,
    /// 1: at least one scenario fails.
    Findings,
    /// 2: wrong usage, or a scenario that cannot be read; nothing was played.
    Usage,
    /// 3: the target could not be asked.
    Unreachable,
    /// 4: nothing was judged: no scenario, or all were skipped.
    NothingRan,
}

impl Exit {
    /// The number handed to the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::NothingRan => 4,
        }
    }

    /// What it means, for the last line of a report.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Conforms => "the target conforms",
            Self::Findings => "the target differs",
            Self::Usage => "nothing was played",
            Self::Unreachable => "the target could not be asked",
            Self::NothingRan => "nothing was judged",
        }
    }

    /// The end that these counts call for. A finding outweighs trouble, trouble outweighs success.
    pub fn of(counts: &Counts, stopped: bool) -> Self {
        if counts.fail > 0 {
            Self::Findings
        } else if counts.error > 0 || stopped {
            Self::Unreachable
        } else if counts.judged() == 0 {
            Self::NothingRan
        } else {
            Self::Conforms
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(counts: Counts, stopped: bool, code: u8) {
        assert_eq!(Exit::of(&counts, stopped).code(), code, "{counts:?}");
    }

    #[test]
    fn nothing_executed_is_never_success() {
        check(Counts::default(), false, 4);
        check(Counts { skip: 7, ..Counts::default() }, false, 4);
        check(Counts { not_run: 7, ..Counts::default() }, true, 3);
    }

    #[test]
    fn a_finding_outweighs_trouble_and_trouble_outweighs_success() {
        check(Counts { pass: 1, ..Counts::default() }, false, 0);
        check(Counts { warn: 1, skip: 1, ..Counts::default() }, false, 0);
        check(Counts { pass: 1, error: 1, ..Counts::default() }, false, 3);
        check(Counts { pass: 1, error: 1, fail: 1, ..Counts::default() }, true, 1);
    }
}
