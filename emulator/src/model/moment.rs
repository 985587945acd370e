//! Points in time and calendar days, as the wire writes them: RFC 3339 in UTC, `YYYY-MM-DD`.

use std::fmt;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// 0000-01-01T00:00:00Z, the first second that RFC 3339 can write.
const FIRST: i64 = -62_167_219_200;

/// A whole second on the world clock.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(Timestamp);

impl Moment {
    pub const EPOCH: Self = Self(Timestamp::UNIX_EPOCH);

    pub fn from_second(second: i64) -> Option<Self> {
        Timestamp::from_second(second).ok().filter(|_| second >= FIRST).map(Moment)
    }

    /// Reads an RFC 3339 time and drops the fraction of its second.
    pub fn parse(text: &str) -> Option<Self> {
        let at: Timestamp = text.parse().ok()?;
        Self::from_second(at.as_second())
    }

    pub fn second(self) -> i64 {
        self.0.as_second()
    }

    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))
    }

    /// The same time of day, some months earlier.
    pub fn minus_months(self, months: u32) -> Self {
        let at = TimeZone::UTC.to_datetime(self.0);
        let span = jiff::Span::new().try_months(i64::from(months)).unwrap_or_default();
        Self(TimeZone::UTC.to_timestamp(at.saturating_sub(span)).unwrap_or(Timestamp::MIN))
    }

    /// The legal day, which is a day of New York (TIME-03).
    pub fn day_in(self, zone: &TimeZone) -> Day {
        Day(zone.to_datetime(self.0).date())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Moment::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no time")))
    }
}

/// A calendar day without a time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Day(civil::Date);

impl Day {
    /// Reads `YYYY-MM-DD`, or a full RFC 3339 time of which only the day is kept (WIRE-21).
    pub fn parse(text: &str) -> Option<Self> {
        let day = text.get(..10)?;
        if text.len() > 10 {
            Moment::parse(text)?;
        }
        day.parse().ok().map(Day)
    }

    /// Its year, and its month from 1.
    pub fn month(self) -> (i32, i32) {
        (i32::from(self.0.year()), i32::from(self.0.month()))
    }

    pub fn plus_years(self, years: i32) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(years.years()))
    }

    /// The day as the moment at which it begins in UTC.
    pub fn start(self) -> Moment {
        let at = TimeZone::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        Moment(at.unwrap_or(Timestamp::MAX))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_whole_seconds() {
        let at = Moment::parse("2025-07-28T09:00:00.75-04:00").unwrap();
        assert_eq!(at.to_string(), "2025-07-28T13:00:00Z");
    }

    #[test]
    fn a_moment_outside_the_years_of_rfc_3339_is_none() {
        assert!(Moment::parse("0000-01-01T00:00:00+14:00").is_none());
        assert!(Moment::parse("9999-12-31T23:59:59-14:00").is_none());
        assert_eq!(Moment::parse("0000-01-01T00:00:00Z").unwrap().second(), FIRST);
    }

    #[test]
    fn a_day_is_a_calendar_day_or_the_day_of_a_time() {
        assert_eq!(Day::parse("2025-02-28").unwrap().to_string(), "2025-02-28");
        assert_eq!(Day::parse("2025-02-28T23:00:00-05:00").unwrap().to_string(), "2025-02-28");
        for wrong in ["2025-02-30", "2025-2-3", "28.02.2025", "2025-02-28x", ""] {
            assert!(Day::parse(wrong).is_none(), "{wrong}");
        }
    }
}
