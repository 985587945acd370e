//! Plays many scenarios, some at a time, and tells the reporters about them in the order of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::client::Client;
use super::people::People;
use super::play::{Played, play};
use super::target::Target;
use super::world;
use crate::contract::Contract;
use crate::coverage::Tally;
use crate::event::{Counts, Event, Outcome, Plan, Reporter, Summary, Verdict};
use crate::exit::Exit;
use crate::scenario::fault::Complaint;
use crate::scenario::load::{Loaded, Source, read};

/// After so many scenarios in a row that lost the connection the rest is not asked.
const LOST_MAX: usize = 3;

/// What to play, and against what.
#[derive(Clone, Debug)]
pub struct Options {
    pub target: Target,
    pub scenarios: Vec<Source>,
    /// Play only scenarios whose claim or file contains this, or that stand for this rule.
    pub filter: Option<String>,
    /// How many scenarios play at a time, where each has its own world.
    pub jobs: usize,
    /// The seed of the private worlds, unless a scenario has its own.
    pub seed: Option<u64>,
    pub control_token: Option<String>,
    /// The people of the target; without, those of the seed world.
    pub people: Option<People>,
    /// Operations that are not built on this target.
    pub planned: BTreeSet<String>,
}

impl Options {
    /// One job, the people of the seed world, everything live.
    pub fn new(target: Target, scenarios: Vec<Source>) -> Self {
        Self {
            target,
            scenarios,
            filter: None,
            jobs: 1,
            seed: None,
            control_token: None,
            people: None,
            planned: BTreeSet::new(),
        }
    }
}

/// What all scenarios of a run share.
pub(super) struct Player {
    pub(super) client: Client,
    pub(super) contract: Contract,
    pub(super) people: People,
    pub(super) instance: Option<String>,
    pub(super) seed: Option<u64>,
    pub(super) planned: BTreeSet<String>,
    control_token: Option<String>,
    events: UnboundedSender<Event>,
    next: AtomicUsize,
    lost: AtomicUsize,
    stopped: AtomicBool,
}

impl Player {
    pub(super) fn token(&self) -> Option<&str> {
        self.control_token.as_deref()
    }

    /// Why a scenario cannot be played on this target.
    pub(super) fn unfit(&self, loaded: &Loaded) -> Option<String> {
        let reason = loaded.scenario.needs_control().filter(|_| self.instance.is_none())?;
        Some(format!("{reason}, and the target has no control plane"))
    }

    /// Tells the dispatcher; it outlives every player.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Plays one scenario after the other until none is left or the target is gone.
    async fn work(self: Arc<Self>, scenarios: Arc<Vec<Loaded>>) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(loaded) =
                scenarios.get(index).filter(|_| !self.stopped.load(Ordering::Relaxed))
            else {
                return;
            };
            self.tell(Event::ScenarioStarted { index, claim: loaded.scenario.claim.value.clone() });
            let Played { outcome, lost } = play(&self, index, loaded).await;
            if !lost {
                self.lost.store(0, Ordering::Relaxed);
            } else if self.lost.fetch_add(1, Ordering::Relaxed) + 1 >= LOST_MAX {
                self.stopped.store(true, Ordering::Relaxed);
            }
            self.tell(Event::ScenarioFinished { index, outcome: Box::new(outcome) });
        }
    }
}

/// Plays the scenarios of `options` and tells `reporters` what happens. A reporter that cannot write is not asked again.
pub async fn run(options: Options, reporters: &mut [Box<dyn Reporter>]) -> Summary {
    let started = Instant::now();
    let mut desk = Desk::new(reporters);
    let scenarios = match read(&options.scenarios) {
        Ok(scenarios) => scenarios,
        Err(faults) => return desk.unreadable(&options, faults, started.elapsed()),
    };
    let scenarios: Vec<Loaded> =
        scenarios.into_iter().filter(|loaded| chosen(loaded, options.filter.as_deref())).collect();
    let client = Client::new(options.target.clone());
    let probed = if scenarios.is_empty() { Ok(None) } else { world::probe(&client).await };
    let (instance, unreachable) = match probed {
        Ok(instance) => (instance, None),
        Err(trouble) => (None, Some(trouble.to_string())),
    };
    let jobs = if instance.is_some() { options.jobs.clamp(1, scenarios.len().max(1)) } else { 1 };
    desk.note(&Event::RunStarted(Plan {
        target: options.target.to_string(),
        instance: instance.clone(),
        scenarios: scenarios.len(),
        jobs,
        lints: scenarios.iter().flat_map(|loaded| loaded.lints.clone()).collect(),
    }));
    let scenarios = Arc::new(scenarios);
    if unreachable.is_none() {
        desk.play(player(&options, client, instance.clone()), jobs, &scenarios).await;
    }
    let stopped = unreachable.or_else(|| {
        desk.tripped.then(|| format!("{LOST_MAX} scenarios in a row lost the connection"))
    });
    desk.finish(&options, &scenarios, instance, stopped, started.elapsed())
}

fn player(
    options: &Options,
    client: Client,
    instance: Option<String>,
) -> (Player, UnboundedReceiver<Event>) {
    let (events, received) = unbounded_channel();
    let player = Player {
        client,
        contract: Contract::default(),
        people: options.people.clone().unwrap_or_else(People::of_seed_world),
        instance,
        seed: options.seed,
        planned: options.planned.clone(),
        control_token: options.control_token.clone(),
        events,
        next: AtomicUsize::new(0),
        lost: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
    };
    (player, received)
}

fn chosen(loaded: &Loaded, filter: Option<&str>) -> bool {
    let Some(filter) = filter else { return true };
    let scenario = &loaded.scenario;
    scenario.claim.value.to_lowercase().contains(&filter.to_lowercase())
        || loaded.source.file.contains(filter)
        || scenario.rules.iter().any(|rule| rule.value == filter)
}

/// Where all events come together: it puts them in order, counts, and hands them to the reporters.
struct Desk<'a> {
    reporters: Vec<&'a mut Box<dyn Reporter>>,
    counts: Counts,
    tally: Tally,
    /// Outcomes that wait for an earlier one.
    waiting: BTreeMap<usize, Box<Outcome>>,
    reported: usize,
    tripped: bool,
}

impl<'a> Desk<'a> {
    fn new(reporters: &'a mut [Box<dyn Reporter>]) -> Self {
        Self {
            reporters: reporters.iter_mut().collect(),
            counts: Counts::default(),
            tally: Tally::default(),
            waiting: BTreeMap::new(),
            reported: 0,
            tripped: false,
        }
    }

    fn note(&mut self, event: &Event) {
        self.reporters.retain_mut(|reporter| reporter.note(event).is_ok());
    }

    async fn play(
        &mut self,
        player: (Player, UnboundedReceiver<Event>),
        jobs: usize,
        scenarios: &Arc<Vec<Loaded>>,
    ) {
        let (player, mut events) = player;
        let player = Arc::new(player);
        let tasks: Vec<_> = (0..jobs)
            .map(|_| tokio::spawn(Arc::clone(&player).work(Arc::clone(scenarios))))
            .collect();
        let finished = async {
            for task in tasks {
                let _ = task.await;
            }
        };
        tokio::pin!(finished);
        loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => self.take(event),
                () = &mut finished => break,
            }
        }
        while let Ok(event) = events.try_recv() {
            self.take(event);
        }
        self.tripped = player.stopped.load(Ordering::Relaxed);
    }

    /// Passes an event on; an outcome waits for its turn.
    fn take(&mut self, event: Event) {
        match event {
            Event::ScenarioFinished { index, outcome } => {
                self.waiting.insert(index, outcome);
                while let Some(outcome) = self.waiting.remove(&self.reported) {
                    self.report(outcome);
                }
            }
            Event::RunStarted(_)
            | Event::ScenarioStarted { .. }
            | Event::StepFinished { .. }
            | Event::RunFinished(_) => {
                self.note(&event);
            }
        }
    }

    fn report(&mut self, outcome: Box<Outcome>) {
        self.counts.add(&outcome.verdict);
        self.tally.add(&outcome);
        let index = self.reported;
        self.reported += 1;
        self.note(&Event::ScenarioFinished { index, outcome });
    }

    /// Accounts for the scenarios that were not reached, and ends the run.
    fn finish(
        mut self,
        options: &Options,
        scenarios: &[Loaded],
        instance: Option<String>,
        stopped: Option<String>,
        elapsed: Duration,
    ) -> Summary {
        while let Some(loaded) = scenarios.get(self.reported) {
            let outcome = self.waiting.remove(&self.reported).unwrap_or_else(|| {
                let verdict = match &stopped {
                    Some(reason) => Verdict::NotRun(reason.clone()),
                    None => Verdict::Error("the player broke off".to_owned()),
                };
                Box::new(not_played(loaded, verdict))
            });
            self.report(outcome);
        }
        let exit = Exit::of(&self.counts, stopped.is_some());
        self.end(options, instance, stopped, exit, Vec::new(), elapsed)
    }

    fn unreadable(self, options: &Options, faults: Vec<Complaint>, elapsed: Duration) -> Summary {
        self.end(options, None, None, Exit::Usage, faults, elapsed)
    }

    fn end(
        mut self,
        options: &Options,
        instance: Option<String>,
        stopped: Option<String>,
        exit: Exit,
        faults: Vec<Complaint>,
        elapsed: Duration,
    ) -> Summary {
        let coverage = std::mem::take(&mut self.tally).coverage(&options.planned);
        let target = options.target.to_string();
        let summary = Summary {
            target,
            instance,
            counts: self.counts,
            coverage,
            stopped,
            exit,
            elapsed,
            faults,
        };
        self.note(&Event::RunFinished(Box::new(summary.clone())));
        summary
    }
}

fn not_played(loaded: &Loaded, verdict: Verdict) -> Outcome {
    let scenario = &loaded.scenario;
    Outcome {
        claim: scenario.claim.value.clone(),
        file: loaded.source.file.clone(),
        rules: scenario.rules.iter().map(|rule| rule.value.clone()).collect(),
        level: scenario.level,
        verdict,
        findings: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
        elapsed: Duration::ZERO,
    }
}
