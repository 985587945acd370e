//! One writer per world, with group commit: it drains what is waiting, runs each write on an overlay,
//! commits them together, then answers all. Nobody waits for a timer, and nothing is answered before
//! it is safe.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use tokio::sync::oneshot;

use super::{
    Core,
    caller::Caller,
    counters::Counters,
    txn::{Around, Done, Touched, Txn},
};
use crate::{fault::Fault, store::Overlay};

/// The most writes that one commit takes.
const BATCH_MAX: usize = 1024;

/// What a write does with its transaction.
pub type Work = Box<dyn FnOnce(&mut Txn<'_, '_, '_>) -> Result<(), Fault> + Send>;

pub struct Job {
    pub caller: Option<Caller>,
    pub work: Work,
    pub reply: oneshot::Sender<Result<Done, Fault>>,
}

/// The queue's end that callers hold, and the thread, which ends when the last one is gone.
pub fn start(
    core: Arc<Core>,
    counters: Counters,
) -> std::io::Result<(mpsc::Sender<Job>, thread::JoinHandle<()>)> {
    let (sender, receiver) = mpsc::channel();
    let writer = thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || Writer { core, counters }.run(&receiver))?;
    Ok((sender, writer))
}

struct Writer {
    core: Arc<Core>,
    counters: Counters,
}

type Answer = (oneshot::Sender<Result<Done, Fault>>, Result<Done, Fault>);

impl Writer {
    fn run(mut self, queue: &mpsc::Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut jobs = vec![first];
            jobs.extend(queue.try_iter().take(BATCH_MAX - 1));
            for (reply, answer) in self.commit(jobs) {
                // The caller may have hung up; what was committed stays.
                let _ = reply.send(answer);
            }
        }
    }

    /// Runs the jobs and commits them; if the disk fails, all of them failed.
    fn commit(&mut self, jobs: Vec<Job>) -> Vec<Answer> {
        let before = self.counters;
        let mut answers = Vec::with_capacity(jobs.len());
        let mut touched = Vec::new();
        let kept = self.run_jobs(jobs, &mut answers, &mut touched);
        match kept.and_then(|()| self.core.published(&touched)) {
            Ok(()) => answers,
            Err(fault) => {
                self.counters = before;
                let message = fault.to_string();
                let failed = |(reply, _)| (reply, Err(Fault::Broken(message.clone())));
                answers.into_iter().map(failed).collect()
            }
        }
    }

    fn run_jobs(
        &mut self,
        jobs: Vec<Job>,
        answers: &mut Vec<Answer>,
        touched: &mut Vec<Touched>,
    ) -> Result<(), Fault> {
        let core = Arc::clone(&self.core);
        let access = core.access();
        let around = Around {
            profile: core.profile,
            access: &access,
            minter: &core.minter,
            secret: &core.secret,
        };
        let batch = core.store.batch();
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => {
                answers.extend(jobs.into_iter().map(|job| (job.reply, Ok(Done::default()))));
                return Err(error.into());
            }
        };
        {
            let mut tables = batch.tables()?;
            for job in jobs {
                let now = core.now();
                let overlay = Overlay::new(&mut tables);
                let txn = Txn::new(overlay, &around, job.caller, self.counters, now);
                let answer = run(txn, job.work).map(|(done, counters, news)| {
                    self.counters = counters;
                    touched.extend(news);
                    done
                });
                answers.push((job.reply, answer));
            }
            self.counters.save(&mut tables)?;
        }
        Ok(batch.commit()?)
    }
}

/// A panic in an action is a defect; it ends the call, not the world.
fn run(mut txn: Txn<'_, '_, '_>, work: Work) -> Result<(Done, Counters, Vec<Touched>), Fault> {
    let finished = catch_unwind(AssertUnwindSafe(move || {
        work(&mut txn)?;
        txn.finish()
    }));
    finished.unwrap_or_else(|_| Err(Fault::Broken("an action panicked".to_owned())))
}
