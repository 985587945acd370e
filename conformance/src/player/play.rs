//! Plays one scenario from its world to its verdict.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serde_saphyr::Spanned;
use tokio::time::sleep;

use super::call::{self, Caller};
use super::capture;
use super::client::{Reply, Request, Trouble};
use super::evidence::Redactor;
use super::judge::{Draft, Judge, capture_draft};
use super::run::Player;
use super::world::{self, NoWorld};
use crate::contract;
use crate::event::{Event, Finding, Outcome, StepRecord, Verdict, Weight};
use crate::scenario::ast::{Phase, Role, Step};
use crate::scenario::load::Loaded;
use crate::scenario::place::Place;
use crate::scenario::template::{Captures, UnknownCapture};

/// An outcome, and whether the connection to the target was lost on the way.
pub(super) struct Played {
    pub(super) outcome: Outcome,
    pub(super) lost: bool,
}

/// Plays a scenario; every way it can end is a verdict.
pub(super) async fn play(player: &Player, index: usize, loaded: &Loaded) -> Played {
    let started = Instant::now();
    let mut stage = Stage::new(player, index, loaded);
    let end = match player.unfit(loaded) {
        Some(reason) => Err(Halt::Skip(reason)),
        None => stage.whole().await,
    };
    let lost = matches!(end, Err(Halt::Trouble { lost: true, .. }));
    Played { outcome: stage.outcome(end, started.elapsed()), lost }
}

/// Why a scenario ends before its last step.
enum Halt {
    /// A finding the later steps cannot stand on; it is already noted.
    Differs,
    Trouble {
        reason: String,
        lost: bool,
    },
    Skip(String),
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble { reason: trouble.to_string(), lost: trouble.is_connection() }
    }
}

impl From<UnknownCapture> for Halt {
    fn from(unknown: UnknownCapture) -> Self {
        Self::Trouble { reason: unknown.to_string(), lost: false }
    }
}

fn refused(reason: String) -> Halt {
    Halt::Trouble { reason, lost: false }
}

/// A reply with what was found in it.
struct Attempt {
    request: Request,
    reply: Reply,
    drafts: Vec<Draft>,
    notes: Vec<String>,
}

struct Stage<'a> {
    player: &'a Player,
    index: usize,
    loaded: &'a Loaded,
    judge: Judge<'a>,
    world: Option<String>,
    captures: Captures,
    /// Session tokens by role.
    sessions: BTreeMap<&'a str, String>,
    redactor: Redactor,
    findings: Vec<Finding>,
    steps: Vec<StepRecord>,
    notes: Vec<String>,
}

impl<'a> Stage<'a> {
    fn new(player: &'a Player, index: usize, loaded: &'a Loaded) -> Self {
        let is_tagtrail = player.instance.is_some();
        Self {
            player,
            index,
            loaded,
            judge: Judge { scenario: &loaded.scenario, contract: &player.contract, is_tagtrail },
            world: None,
            captures: Captures::new(),
            sessions: BTreeMap::new(),
            redactor: Redactor::default(),
            findings: Vec::new(),
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// World, setup, steps, and in any case cleanup.
    async fn whole(&mut self) -> Result<(), Halt> {
        if self.player.instance.is_some() {
            self.open_world().await?;
        }
        let played = self.perform().await;
        let cleaned = self.clean_up().await;
        if let Some(world) = &self.world {
            world::delete(&self.player.client, world, self.player.token()).await;
        }
        played.and(cleaned)
    }

    async fn open_world(&mut self) -> Result<(), Halt> {
        let player = self.player;
        match world::create(&player.client, self.loaded, player.seed, player.token()).await {
            Ok(name) => {
                self.captures.insert("world".to_owned(), json!(name));
                self.world = Some(name);
                Ok(())
            }
            Err(NoWorld::Trouble(trouble)) => Err(trouble.into()),
            Err(NoWorld::Refused(reason)) => Err(refused(format!("no private world: {reason}"))),
        }
    }

    async fn perform(&mut self) -> Result<(), Halt> {
        let scenario = &self.loaded.scenario;
        for step in &scenario.setup {
            self.step(Phase::Setup, step).await?;
        }
        for step in &scenario.steps {
            self.step(Phase::Steps, step).await?;
        }
        Ok(())
    }

    /// Plays every step of the cleanup; a step that needs what was never captured has nothing to clean.
    async fn clean_up(&mut self) -> Result<(), Halt> {
        let mut end = Ok(());
        for step in &self.loaded.scenario.cleanup {
            if let Err(halt) = self.step(Phase::Cleanup, step).await
                && end.is_ok()
            {
                end = Err(halt);
            }
        }
        end
    }

    async fn step(&mut self, phase: Phase, step: &'a Spanned<Step>) -> Result<(), Halt> {
        let started = Instant::now();
        let repeat = step.value.repeat.as_ref().map_or(1, |repeat| repeat.value);
        let mut attempts = 0;
        let mut last = None;
        for _ in 0..repeat {
            let attempt = match self.poll(step, &mut attempts).await {
                Ok(attempt) => attempt,
                Err(halt) => {
                    self.record(phase, step, None, attempts, started, 0);
                    return Err(halt);
                }
            };
            let differs = !attempt.drafts.is_empty();
            last = Some(attempt);
            if differs {
                break;
            }
        }
        let Some(mut attempt) = last else { return Ok(()) };
        if !attempt.drafts.iter().any(Draft::halts) {
            self.capture(step, &mut attempt)?;
        }
        self.record(phase, step, Some(&attempt), attempts, started, attempt.drafts.len());
        self.conclude(step, attempt)
    }

    /// Calls until the expectations hold or the time of the step's `poll` is over.
    async fn poll(
        &mut self,
        step: &'a Spanned<Step>,
        attempts: &mut usize,
    ) -> Result<Attempt, Halt> {
        let started = Instant::now();
        loop {
            *attempts += 1;
            let mut attempt = self.attempt(step).await?;
            let again = step
                .value
                .poll
                .as_ref()
                .map(|poll| poll.value)
                .filter(|poll| started.elapsed() < poll.limit.0);
            match again.filter(|_| !attempt.drafts.is_empty()) {
                Some(poll) => sleep(poll.every.0).await,
                None => {
                    let found = self.interface(step, &attempt);
                    attempt.drafts.extend(found);
                    return Ok(attempt);
                }
            }
        }
    }

    async fn attempt(&mut self, spanned: &'a Spanned<Step>) -> Result<Attempt, Halt> {
        let step = &spanned.value;
        let request = self.request(step).await?;
        let reply = self.send(&request).await?;
        if step.control.is_some() && step.expect.is_none() && !reply.is_success() {
            return Err(refused(format!(
                "the control plane refused {}: {}",
                title(step),
                world::sentence(&reply)
            )));
        }
        let planned = contract::find(&request.method, &request.path)
            .filter(|route| reply.status == 501 && self.player.planned.contains(&route.operation));
        if let Some(route) = planned {
            return Err(Halt::Skip(format!("{} is planned, not built", route.operation)));
        }
        let judgment = self.judge.expectations(step, place(spanned), &reply, &self.captures)?;
        Ok(Attempt { request, reply, drafts: judgment.drafts, notes: judgment.notes })
    }

    async fn send(&mut self, request: &Request) -> Result<Reply, Halt> {
        let sent = self.player.client.send(request).await;
        self.redactor.learn(request, sent.as_ref().ok());
        Ok(sent?)
    }

    async fn request(&mut self, step: &'a Step) -> Result<Request, Halt> {
        if step.control.is_some() {
            let world = self.world.as_deref().unwrap_or("default");
            return Ok(call::control(step, world, self.player.token(), &self.captures)?);
        }
        let acting = step
            .role
            .as_ref()
            .and_then(|role| self.loaded.scenario.roles.get_key_value(&role.value));
        if let Some((name, role)) = acting {
            if step.log_in.as_ref().is_some_and(|log_in| log_in.value) {
                self.sessions.remove(name.as_str());
            }
            self.log_in(name, role).await?;
        }
        let caller = Caller {
            session: acting
                .and_then(|(name, _)| self.sessions.get(name.as_str()))
                .map(String::as_str),
            license: acting.and_then(|(_, role)| role.license.as_deref()),
            world: self.world.as_deref(),
        };
        Ok(call::api(step, &caller, &self.captures)?)
    }

    /// Logs a role in when it acts for the first time.
    async fn log_in(&mut self, name: &'a str, role: &'a Role) -> Result<(), Halt> {
        if self.sessions.contains_key(name) {
            return Ok(());
        }
        let started = Instant::now();
        let log_in = self
            .player
            .people
            .log_in(role)
            .map_err(|reason| refused(format!("`{name}` cannot log in: {reason}")))?;
        let mut request =
            world::request("POST", log_in.path, Some(&log_in.body), log_in.access_token.as_deref());
        request
            .headers
            .extend(self.world.iter().map(|world| (world::WORLD.to_owned(), world.clone())));
        let reply = self.send(&request).await?;
        self.tell(StepRecord {
            phase: Phase::Setup,
            name: Some(format!("log in as {name}")),
            call: format!("POST {}", log_in.path),
            operation: contract::find("POST", log_in.path).map(|route| route.operation.clone()),
            status: Some(reply.status),
            attempts: 1,
            findings: 0,
            elapsed: started.elapsed(),
        });
        let session = reply
            .json
            .as_ref()
            .and_then(|body| body.get("session").or_else(|| body.get("Session")));
        match session.and_then(Value::as_str).filter(|_| reply.is_success()) {
            Some(session) => self.sessions.insert(name, session.to_owned()),
            None => {
                return Err(refused(format!(
                    "`{name}` cannot log in: {}",
                    world::sentence(&reply)
                )));
            }
        };
        Ok(())
    }

    /// What the published interface says of a reply; the control plane and the portal are no part of it.
    fn interface(&self, step: &Spanned<Step>, attempt: &Attempt) -> Vec<Draft> {
        if !attempt.request.path.starts_with("/v1/") || attempt.request.method == "HEAD" {
            return Vec::new();
        }
        let route = contract::find(&attempt.request.method, &attempt.request.path);
        self.judge.interface(route, place(step), &attempt.reply)
    }

    fn capture(&mut self, step: &Spanned<Step>, attempt: &mut Attempt) -> Result<(), Halt> {
        for (name, wanted) in &step.value.capture {
            match capture::select(&wanted.value, &attempt.reply, &self.captures)? {
                Ok(value) => drop(self.captures.insert(name.clone(), value)),
                Err(reason) => attempt.drafts.push(capture_draft(
                    &self.judge,
                    &step.value,
                    Place::of(wanted),
                    name,
                    reason,
                )),
            }
        }
        Ok(())
    }

    /// Turns drafts into findings with their evidence.
    fn conclude(&mut self, step: &Spanned<Step>, attempt: Attempt) -> Result<(), Halt> {
        let halts = attempt.drafts.iter().any(Draft::halts);
        for note in attempt.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for draft in attempt.drafts {
            let finding = self.finding(&step.value, draft, &attempt.request, &attempt.reply);
            self.findings.push(finding);
        }
        if halts { Err(Halt::Differs) } else { Ok(()) }
    }

    fn finding(&self, step: &Step, draft: Draft, request: &Request, reply: &Reply) -> Finding {
        let target = self.player.client.target();
        let clean = |text: &str| self.redactor.clean(text);
        Finding {
            kind: draft.kind,
            weight: draft.weight,
            file: self.loaded.source.file.clone(),
            excerpt: draft.place.excerpt(&self.loaded.source.text),
            step: step.name.clone().unwrap_or_else(|| title(step)),
            message: clean(&draft.message),
            expected: clean(&draft.expected),
            seen: clean(&draft.seen),
            diff: draft.diff.as_deref().map(clean),
            rule: draft.rule,
            curl: self.redactor.curl(target, request),
            exchange: self.redactor.exchange(target, request, reply),
        }
    }

    fn record(
        &mut self,
        phase: Phase,
        step: &Spanned<Step>,
        attempt: Option<&Attempt>,
        attempts: usize,
        started: Instant,
        findings: usize,
    ) {
        let step = &step.value;
        let route = attempt
            .and_then(|attempt| contract::find(&attempt.request.method, &attempt.request.path));
        self.tell(StepRecord {
            phase,
            name: step.name.clone(),
            call: title(step),
            operation: route.map(|route| route.operation.clone()),
            status: attempt.map(|attempt| attempt.reply.status),
            attempts,
            findings,
            elapsed: started.elapsed(),
        });
    }

    fn tell(&mut self, step: StepRecord) {
        self.player.tell(Event::StepFinished { index: self.index, step: step.clone() });
        self.steps.push(step);
    }

    fn outcome(self, end: Result<(), Halt>, elapsed: Duration) -> Outcome {
        let scenario = &self.loaded.scenario;
        let fails = self.findings.iter().any(|finding| finding.weight == Weight::Failure);
        let verdict = match end {
            _ if fails => Verdict::Fail,
            Err(Halt::Trouble { reason, .. }) => Verdict::Error(self.redactor.clean(&reason)),
            Err(Halt::Skip(reason)) => Verdict::Skip(reason),
            Ok(()) | Err(Halt::Differs) if self.findings.is_empty() => Verdict::Pass,
            Ok(()) | Err(Halt::Differs) => Verdict::Warn,
        };
        Outcome {
            claim: scenario.claim.value.clone(),
            file: self.loaded.source.file.clone(),
            rules: scenario.rules.iter().map(|rule| rule.value.clone()).collect(),
            level: scenario.level,
            verdict,
            findings: self.findings,
            steps: self.steps,
            notes: self.notes,
            elapsed,
        }
    }
}

/// Where a step makes its call.
fn place(step: &Spanned<Step>) -> Place {
    let call = step.value.call.as_ref().or(step.value.control.as_ref());
    call.map_or_else(|| Place::of(step), Place::of)
}

fn title(step: &Step) -> String {
    match (&step.call, &step.control) {
        (Some(call), _) => call.value.clone(),
        (None, Some(control)) => format!("control {}", control.value),
        (None, None) => String::new(),
    }
}
