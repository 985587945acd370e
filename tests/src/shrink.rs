//! Finds out which steps a failure needs.
//!
//! A step is not the call it made but the dice it threw: with fewer steps before it, it finds other
//! rows and other identifiers and may become another call. So every trial is played and forecast anew,
//! and what is printed in the end is a run that did happen.

use std::time::{Duration, Instant};

use crate::listing::Told;

/// What some steps of a seed did.
#[derive(Default)]
pub struct Played {
    pub told: Vec<Told>,
    /// What differed, and after how many of the steps.
    pub failure: Option<(usize, String)>,
}

/// Longer than this nobody waits for a shorter list.
const PATIENCE: Duration = Duration::from_secs(90);

/// The shortest list of steps found that fails as the first ones of a seed do.
pub fn shortest(count: usize, play: impl Fn(&[usize]) -> Played) -> Played {
    let end = Instant::now() + PATIENCE;
    let mut steps: Vec<usize> = (0..count).collect();
    let mut best = play(&steps);
    let Some(sort) = sort(&best) else { return best };
    let mut size = steps.len().div_ceil(2).max(1);
    loop {
        let mut removed = false;
        let mut at = 0;
        while at < steps.len() && Instant::now() < end {
            let fewer: Vec<usize> = [&steps[..at], &steps[steps.len().min(at + size)..]].concat();
            let played = play(&fewer);
            if self::sort(&played).as_ref() != Some(&sort) {
                at += size;
                continue;
            }
            // It may fail even before the last of them.
            let needed = played.failure.as_ref().map_or(fewer.len(), |(count, _)| *count);
            steps = fewer[..needed.min(fewer.len())].to_vec();
            (best, removed) = (played, true);
        }
        if (size == 1 && !removed) || Instant::now() > end {
            return best;
        }
        size = if removed { size } else { size.div_ceil(2) }.min(steps.len().max(1));
    }
}

/// Failures are of one sort if they begin alike, but for figures.
fn sort(played: &Played) -> Option<String> {
    let (_, difference) = played.failure.as_ref()?;
    let letters = difference.chars().filter(|it| !it.is_ascii_digit());
    Some(letters.take(48).collect())
}
