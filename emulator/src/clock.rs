//! The only reader of the time of day. Every rule asks a world's clock, never the machine's (TIME-01).

use std::time::SystemTime;

use crate::model::Moment;

/// A world's clock: it follows the machine at a distance, or stands still. It never runs backward.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase", tag = "mode")]
pub enum Clock {
    /// The machine's time plus `ahead` seconds.
    Real {
        ahead: i64,
    },
    Frozen {
        at: Moment,
    },
}

impl Clock {
    pub const REAL: Self = Self::Real { ahead: 0 };

    pub fn now(self) -> Moment {
        match self {
            Self::Real { ahead } => machine_time().plus_seconds(ahead),
            Self::Frozen { at } => at,
        }
    }

    /// Stands still at a moment that is not before now.
    pub fn freeze(self, at: Moment) -> Option<Self> {
        (at >= self.now()).then_some(Self::Frozen { at })
    }

    /// Runs with the machine, from where this clock stands.
    pub fn run(self) -> Self {
        Self::Real { ahead: self.now().second() - machine_time().second() }
    }

    pub fn step(self, seconds: u32) -> Self {
        let seconds = i64::from(seconds);
        match self {
            Self::Real { ahead } => Self::Real { ahead: ahead.saturating_add(seconds) },
            Self::Frozen { at } => Self::Frozen { at: at.plus_seconds(seconds) },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this file is the one place that asks the machine")]
fn machine_time() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let second = i64::try_from(since.as_secs()).unwrap_or_default();
    Moment::from_second(second).unwrap_or(Moment::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_frozen_clock_moves_only_by_steps() {
        let clock = Clock::Frozen { at: at("2025-07-28T13:00:00Z") };
        assert_eq!(clock.now(), clock.now());
        assert_eq!(clock.step(8_640_000).now(), at("2025-11-05T13:00:00Z"));
    }

    #[test]
    fn a_clock_is_never_set_back() {
        let clock = Clock::Frozen { at: at("2025-07-28T13:00:00Z") };
        assert_eq!(clock.freeze(at("2025-07-28T12:59:59Z")), None);
        assert!(clock.freeze(at("2025-07-28T13:00:00Z")).is_some());
    }

    #[test]
    fn a_frozen_clock_that_runs_again_goes_on_from_where_it_stood() {
        let far = at("2030-01-01T00:00:00Z");
        assert!(Clock::Frozen { at: far }.run().now() >= far);
    }
}
