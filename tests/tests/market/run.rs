//! Plays a seed.

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use rand::Rng;
use serde_json::{Value, json};
use tagtrail_tests::{
    dice::Dice,
    ensure,
    listing::{self, Told, Voice},
    shrink::{Played, shortest},
    verdict::Verdict,
    wire::{Client, Reply, Stand},
    world::WORLD,
};

use crate::{
    act::{self, Act, DEEDS},
    cast::Cast,
    market::Market,
};

const CLAIM: &str = "A market keeps its books whatever its members do";
/// How many calls a world sees.
const STEPS: usize = 600;
/// The consents of the seed world last until the end of October.
const HOURS_MAX: u64 = 24 * 88;
/// A laboratory's people log in anew before their session ends.
const SESSION_HOURS: u64 = 24 * 6;
/// After so many calls everything is listed from the start.
const CHECKPOINT: usize = 150;

/// A sandbox, a client of it, and all that was said.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) told: Vec<Told>,
    pub(crate) seed: Value,
}

impl Stage {
    pub(crate) fn new(stand: &Stand) -> Self {
        let seed = serde_json::from_str(WORLD).unwrap();
        Self { client: stand.client(), told: Vec::new(), seed }
    }

    /// Makes a call and writes it down.
    pub(crate) fn call(&mut self, voice: Voice, start: &str, body: Option<Value>) -> Reply {
        let reply = match &voice {
            Voice::Bearer(bearer) => self.client.call_with(bearer, start, body.as_ref()),
            Voice::Operator | Voice::Role(_) => {
                let start = start.replacen(" /", " /_tagtrail/worlds/default/", 1);
                self.client.call_with("", &start, body.as_ref())
            }
        };
        let rule = Some(reply.rule.clone()).filter(|rule| !rule.is_empty() && reply.status >= 300);
        let told = Told { voice, start: start.to_owned(), body, rule, reply: reply.clone() };
        self.told.push(told);
        reply
    }

    /// A call that must succeed.
    pub(crate) fn tell(
        &mut self,
        voice: Voice,
        start: &str,
        body: Option<Value>,
    ) -> Verdict<Value> {
        let reply = self.call(voice, start, body);
        ensure!(reply.status == 200, "{start} gets {reply:?}");
        Ok(reply.json())
    }
}

/// How often each deed was done.
pub(crate) type Tally = BTreeMap<&'static str, usize>;

/// Plays some of a seed's steps: each has its own dice, so that it stays what it was, as far as it can,
/// when others before it are left out.
pub(crate) fn play(seed: u64, steps: &[usize], tally: &mut Tally) -> Played {
    let stand = Stand::new();
    let mut run = Run { stage: Stage::new(&stand), market: Market::default() };
    let verdict = run.all(seed, steps, tally);
    Played { told: run.stage.told, failure: verdict.err() }
}

struct Run {
    stage: Stage,
    market: Market,
}

impl Run {
    fn all(
        &mut self,
        seed: u64,
        steps: &[usize],
        tally: &mut Tally,
    ) -> Result<(), (usize, String)> {
        self.open().map_err(|it| (0, it))?;
        for (count, step) in steps.iter().enumerate() {
            let mut dice = Dice::new(seed << 20 | *step as u64);
            self.market.step = step + 1;
            self.step(&mut dice, tally).map_err(|it| (count + 1, it))?;
            if (step + 1) % CHECKPOINT == 0 {
                let limit = 1 + dice.below(60);
                self.market.check_all(&mut self.stage, limit).map_err(|it| (count + 1, it))?;
            }
        }
        self.market.check_all(&mut self.stage, 7).map_err(|it| (steps.len(), it))
    }

    fn open(&mut self) -> Verdict {
        let mut cast = Cast::new();
        cast.settle_in(&mut self.stage)?;
        self.market.cast = cast;
        self.market.learn(&mut self.stage)
    }

    fn step(&mut self, dice: &mut Dice, tally: &mut Tally) -> Verdict {
        if dice.one_in(8) && self.market.hours < HOURS_MAX {
            let hours = 1 + dice.below(40) as u64;
            self.market.hours += hours;
            let body = json!({"by": format!("{hours} h")});
            self.stage.tell(Voice::Operator, "POST /clock/step", Some(body))?;
        }
        let Some(act) = act::act(&self.market, dice) else { return Ok(()) };
        // Sessions are renewed whoever calls, for polls need them, too.
        self.renew_sessions()?;
        let reply = self.make(&act);
        if let Some(deed) = self.market.judge(&mut self.stage, &act, &reply)? {
            *tally.entry(deed).or_default() += 1;
            self.market.done.insert(act.verb);
        }
        Ok(())
    }

    fn renew_sessions(&mut self) -> Verdict {
        let Market { cast, sessions, hours, .. } = &mut self.market;
        for place in 0..cast.parties.len() {
            let since = sessions.get(&place).copied().unwrap_or_default();
            if cast.parties[place].lab && *hours - since > SESSION_HOURS {
                cast.log_in(&mut self.stage, place)?;
                sessions.insert(place, *hours);
            }
        }
        Ok(())
    }

    fn make(&mut self, act: &Act) -> Reply {
        let voice = if act.operator {
            Voice::Operator
        } else {
            Voice::Bearer(self.market.cast.parties[act.party].bearer.clone())
        };
        self.stage.call(voice, &act.start, act.body.clone())
    }
}

/// Plays a whole seed, and prints the shortest way to what differs.
fn play_whole(seed: u64, tally: &mut Tally) {
    let steps: Vec<usize> = (0..STEPS).collect();
    let Some((count, _)) = play(seed, &steps, tally).failure else { return };
    let played = shortest(count, |steps| play(seed, steps, &mut Tally::default()));
    let Some((_, difference)) = &played.failure else { panic!("seed {seed} fails now and then") };
    let text = listing::scenario(CLAIM, &BTreeMap::new(), &played.told, difference);
    panic!("TAGTRAIL_SIMULATE_SEED={seed} fails\n\n{text}");
}

fn number_in(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// The same in every run: together they do everything there is to do.
const SEEDS: [u64; 2] = [1, 2];

#[test]
fn a_market_keeps_its_books_whatever_its_members_do() {
    let seconds = number_in("TAGTRAIL_SIMULATE_SECONDS").unwrap_or(20);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tally = Tally::default();
    if let Some(seed) = number_in("TAGTRAIL_SIMULATE_SEED") {
        return play_whole(seed, &mut tally);
    }
    SEEDS.iter().for_each(|seed| play_whole(*seed, &mut tally));
    let never: Vec<&&str> = DEEDS.iter().filter(|it| !tally.contains_key(**it)).collect();
    assert!(never.is_empty(), "never done: {never:?}\n{tally:?}");
    loop {
        play_whole(rand::rng().next_u64() >> 32, &mut tally);
        if Instant::now() > end {
            return;
        }
    }
}
