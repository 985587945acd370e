//! Plays a seed.

use std::{
    env,
    time::{Duration, Instant},
};

use rand::Rng;
use serde_json::json;
use tagtrail_tests::{
    dice::Dice,
    listing::{self, Told, Voice},
    shrink::{Played, shortest},
    verdict::Verdict,
    wire::{Client, Reply, Stand},
};

use crate::{
    act,
    books::Books,
    judge,
    kind::Kind,
    model::{COMPANIES, Model},
    replica::{self, Replica},
};

const CLAIM: &str = "A random call comes out as the model says";
pub(crate) const STEPS: usize = 250;
/// The consents last 100 days, the uploads until the end of July.
const HOURS_MAX: u64 = 50;

/// Plays some of a seed's steps: each has its own dice, so that it stays what it was, as far as it can,
/// when others before it are left out.
pub(crate) fn play(seed: u64, steps: &[usize]) -> Played {
    let stand = Stand::new();
    let mut run = Run {
        client: stand.client(),
        model: Model::new(),
        books: Books::default(),
        replica: Replica::default(),
        told: Vec::new(),
    };
    let verdict = run.all(seed, steps);
    Played { told: run.told, failure: verdict.err() }
}

struct Run {
    client: Client,
    model: Model,
    books: Books,
    replica: Replica,
    told: Vec<Told>,
}

impl Run {
    fn all(&mut self, seed: u64, steps: &[usize]) -> Result<(), (usize, String)> {
        judge::learn(&mut self.client, &mut self.model, &mut self.books).map_err(|it| (0, it))?;
        for (count, step) in steps.iter().enumerate() {
            let mut dice = Dice::new(seed << 20 | *step as u64);
            self.model.step = *step;
            self.step(&mut dice).map_err(|it| (count + 1, it))?;
        }
        let mut dice = Dice::new(seed);
        let Self { client, model, replica, .. } = self;
        replica::audit(client, model, replica, &mut dice).map_err(|it| (steps.len(), it))
    }

    fn step(&mut self, dice: &mut Dice) -> Verdict {
        let Self { client, model, books, replica, told } = self;
        if dice.one_in(12) {
            let whose = (*dice.pick(COMPANIES), *dice.pick(Kind::ALL));
            replica.poll(client, model, whose, dice)?;
            judge::check_sync(client, model, whose.0)?;
        }
        if dice.one_in(25) && model.hours < HOURS_MAX {
            let hours = 1 + dice.below(5) as u64;
            let body = json!({"by": format!("{hours} h")});
            let start = "POST /_tagtrail/worlds/default/clock/step";
            let reply = client.call(COMPANIES[0], start, Some(&body));
            model.hours += hours;
            told.push(Told {
                voice: Voice::Operator,
                start: "POST /clock/step".to_owned(),
                body: Some(body),
                rule: None,
                reply,
            });
        }
        let step = act::step(model, dice);
        let reply = client.call(step.ubi, &step.start, step.body.as_ref());
        told.push(Told {
            voice: Voice::Role(format!("admin of {}", step.ubi)),
            start: step.start.clone(),
            body: step.body.clone(),
            rule: step.forecast.as_ref().err().map(|rule| (*rule).to_owned()),
            reply: reply.clone(),
        });
        judge::judge(client, model, books, step, &reply)
    }
}

fn number_in(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn random_calls_come_out_as_the_model_says() {
    let seconds = number_in("TAGTRAIL_SIMULATE_SECONDS").unwrap_or(4);
    let given = number_in("TAGTRAIL_SIMULATE_SEED");
    let end = Instant::now() + Duration::from_secs(seconds);
    let steps: Vec<usize> = (0..STEPS).collect();
    loop {
        let seed = given.unwrap_or_else(|| rand::rng().next_u64() >> 32);
        if let Some((count, _)) = play(seed, &steps).failure {
            let played = shortest(count, |steps| play(seed, steps));
            let Some((_, difference)) = &played.failure else {
                panic!("seed {seed} fails now and then")
            };
            panic!(
                "TAGTRAIL_SIMULATE_SEED={seed} fails\n\n{}",
                listing::scenario(
                    CLAIM,
                    &listing::administrators(COMPANIES.iter().copied()),
                    &played.told,
                    difference
                )
            );
        }
        if given.is_some() || Instant::now() > end {
            return;
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let steps: Vec<usize> = (0..120).collect();
    let (first, second) = (play(11, &steps), play(11, &steps));
    assert_eq!(first.failure, None);
    let replies = |played: &Played| -> Vec<Reply> {
        played.told.iter().map(|told| told.reply.clone()).collect()
    };
    assert!(replies(&first) == replies(&second), "two runs of one seed differ");
    let refused = first.told.iter().filter(|told| told.rule.is_some()).count();
    let refused = refused * 100 / first.told.len();
    assert!((10..60).contains(&refused), "{refused} % of the calls are refused: a dull run");
}
