//! A world: a store with its clock, its identifiers, its profile, its people and its journal.

pub mod access;
pub mod caller;
pub mod counters;
pub mod journal;
pub mod ledger;
pub mod mail;
pub mod notice;
pub mod operator;
pub mod outage;
mod registry;
mod seed;
mod seeded;
mod sign_in;
pub mod software;
pub mod tags;
pub mod txn;
mod writer;

use std::{
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use arc_swap::{ArcSwap, Guard};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use self::{
    access::{Access, json},
    caller::Caller,
    counters::Counters,
    journal::Journal,
    sign_in::Lockout,
    txn::{Done, Touched, Txn},
    writer::Job,
};
use crate::{
    clock::Clock,
    fault::Fault,
    ids::{Minter, Secret},
    model::Moment,
    profile::Profile,
    store::{Snapshot, Store, StoreError},
};

pub use registry::{Registry, RegistryError};
pub use seed::built_in;
pub use writer::Work;

/// What makes a world the same again: given at its birth, kept with it, carried over by a fork.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Origin {
    pub seed: u64,
    /// The name under which identifiers and tokens are made.
    pub name: String,
    pub profile: String,
    pub start: Start,
    /// Without the people and goods of a seed world.
    pub empty: bool,
    /// The seed world's text.
    #[serde(skip)]
    pub people: Option<Arc<str>>,
    /// After how many failed sign-ins a name rests; as the profile says, if absent.
    #[serde(skip)]
    pub lockout: Option<u32>,
}

/// How a world's clock begins.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Start {
    /// With the machine.
    Real,
    /// At a moment, running.
    Running(Moment),
    /// At a moment, standing still.
    Frozen(Moment),
}

impl Start {
    fn clock(self) -> Clock {
        match self {
            Self::Real => Clock::REAL,
            Self::Running(at) => Clock::Frozen { at }.run(),
            Self::Frozen(at) => Clock::Frozen { at },
        }
    }
}

const ORIGIN: &str = "origin";
pub(crate) const CLOCK: &str = "clock";

/// Everything of a world that reads and the writer share.
pub struct Core {
    store: Store,
    pub origin: Origin,
    pub profile: Profile,
    pub minter: Minter,
    pub secret: Secret,
    lockout: Lockout,
    clock: RwLock<Clock>,
    latest: AtomicI64,
    access: RwLock<Access>,
    snapshot: ArcSwap<Snapshot>,
    pub journal: Journal,
}

impl Core {
    fn open(store: Store, origin: Origin) -> Result<Self, Fault> {
        let snapshot = store.snapshot()?;
        let access = Access::load(&snapshot)?;
        let clock = snapshot.state(CLOCK)?.map(|bytes| json(&bytes)).transpose()?;
        let clock = clock.unwrap_or_else(|| origin.start.clock());
        let profile = Profile::named(&origin.profile)
            .ok_or_else(|| Fault::Broken(format!("no profile is called {}", origin.profile)))?;
        Ok(Self {
            profile,
            minter: Minter::new(origin.seed, &origin.name),
            secret: Secret::new(origin.seed, &origin.name),
            lockout: Lockout::after(
                origin.lockout.or_else(|| profile.text("login.lockout").parse().ok()),
            ),
            clock: RwLock::new(clock),
            latest: AtomicI64::new(clock.now().second()),
            access: RwLock::new(access),
            snapshot: ArcSwap::from_pointee(snapshot),
            journal: Journal::default(),
            store,
            origin,
        })
    }

    pub fn access(&self) -> RwLockReadGuard<'_, Access> {
        self.access.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    pub fn clock(&self) -> Clock {
        *self.clock.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world's time. It never runs backward, even if the machine's does (TIME-01).
    pub fn now(&self) -> Moment {
        let now = self.clock().now();
        let latest = self.latest.fetch_max(now.second(), Ordering::Relaxed);
        Moment::from_second(latest).map_or(now, |latest| latest.max(now))
    }

    /// Makes a commit visible: in the mirror of people and licenses, then to reads.
    fn published(&self, touched: &[Touched]) -> Result<(), Fault> {
        let snapshot = self.store.snapshot()?;
        if !touched.is_empty() {
            // Read before the lock is taken, so that no call waits for it.
            let directory = touched.contains(&Touched::Directory);
            let anew = directory.then(|| Access::directory(&snapshot)).transpose()?;
            let mut access = self.access.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(anew) = anew {
                access.renew(anew);
            }
            for touch in touched {
                match touch {
                    Touched::Session(key) => {
                        let bytes = snapshot.state(key)?.unwrap_or_default();
                        access.learn_session(key, &bytes)?;
                    }
                    Touched::Clock(clock) => {
                        *self.clock.write().unwrap_or_else(PoisonError::into_inner) = *clock;
                    }
                    Touched::Directory => {}
                }
            }
        }
        self.snapshot.store(Arc::new(snapshot));
        Ok(())
    }
}

/// A world that takes calls.
pub struct World {
    core: Arc<Core>,
    /// Taken when the world ends.
    queue: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for World {
    /// Lets the writer finish what is queued, so that the store is closed when the world is gone.
    fn drop(&mut self) {
        self.queue.take();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to finish.
            let _ = writer.join();
        }
    }
}

impl World {
    /// The world that a store holds, or a new one in it, filled from its origin.
    pub fn in_store(store: Store, origin: Origin) -> Result<Self, Fault> {
        let known = store.snapshot()?.state(ORIGIN)?;
        match known {
            Some(bytes) => {
                let kept: Origin = json(&bytes)?;
                Self::start(
                    store,
                    Origin { people: origin.people, lockout: origin.lockout, ..kept },
                )
            }
            None => {
                seed::fill(&store, &origin)?;
                Self::start(store, origin)
            }
        }
    }

    /// A new world in an empty store: what was seeded for its origin, under a clock of its own.
    pub fn of_seeded(store: Store, seeded: &Store, origin: Origin) -> Result<Self, Fault> {
        let own = [(ORIGIN, bytes(&origin)?), (CLOCK, bytes(&origin.start.clock())?)];
        store.fill(&seeded.snapshot()?, &own)?;
        Self::start(store, origin)
    }

    /// A copy of this world as it is now, with the same identifiers to come.
    pub fn fork(&self, store: Store) -> Result<Self, Fault> {
        store.fill(&self.core.snapshot(), &[])?;
        Self::start(store, self.core.origin.clone())
    }

    fn start(store: Store, origin: Origin) -> Result<Self, Fault> {
        let counters = counters_of(&store)?;
        let core = Arc::new(Core::open(store, origin)?);
        let (queue, writer) = writer::start(Arc::clone(&core), counters)
            .map_err(|error| Fault::Broken(format!("no writer thread: {error}")))?;
        Ok(Self { core, queue: Some(queue), writer: Some(writer) })
    }

    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Queues a write and waits until it is committed or refused.
    pub async fn write(
        &self,
        caller: Option<Caller>,
        work: impl FnOnce(&mut Txn<'_, '_, '_>) -> Result<(), Fault> + Send + 'static,
    ) -> Result<Done, Fault> {
        let (reply, answer) = oneshot::channel();
        let gone = || Fault::Broken("this world is closing".to_owned());
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(Job { caller, work: Box::new(work), reply }).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn counters_of(store: &Store) -> Result<Counters, StoreError> {
    let bytes = store.snapshot()?.state(Counters::KEY)?;
    Ok(bytes.map(|bytes| json(&bytes)).transpose()?.unwrap_or_default())
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Broken(error.to_string()))
}
