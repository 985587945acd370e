//! Moments of the market's clock as they are written.

/// The hours from 1970 to the moment at which the seed world begins, July 28, 2025, 13:00.
const START_HOURS: u64 = 20_297 * 24 + 13;

/// The moment so many hours after the beginning.
pub(crate) fn moment(hours: u64) -> String {
    let all = START_HOURS + hours;
    let (year, month, day) = date(all / 24);
    format!("{year}-{month:02}-{day:02}T{:02}:00:00Z", all % 24)
}

/// The civil date of a day since 1970 (Howard Hinnant's algorithm).
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[test]
fn the_market_opens_when_the_seed_world_begins() {
    assert_eq!(moment(0), tagtrail_tests::wire::START);
    assert_eq!(moment(24 * 40), "2025-09-06T13:00:00Z");
}
