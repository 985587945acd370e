//! One writer per world, with group commit: it drains what is waiting, runs each write on an overlay,
//! commits them together, then answers all. Nobody waits for a timer, and nothing is answered before
//! it is safe.

use std::{
    collections::VecDeque,
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
    pub reply: Reply,
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

type Reply = oneshot::Sender<Result<Done, Fault>>;
type Answer = (Reply, Result<Done, Fault>);

impl Writer {
    fn run(mut self, queue: &mpsc::Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut jobs = VecDeque::from([first]);
            jobs.extend(queue.try_iter().take(BATCH_MAX - 1));
            while !jobs.is_empty() {
                for (reply, answer) in self.commit(&mut jobs) {
                    // The caller may have hung up; what was committed stays.
                    let _ = reply.send(answer);
                }
            }
        }
    }

    /// Runs jobs from the front of the queue and commits them; if the disk fails, all of them failed.
    fn commit(&mut self, jobs: &mut VecDeque<Job>) -> Vec<Answer> {
        let before = self.counters;
        let mut answers = Vec::with_capacity(jobs.len());
        let mut touched = Vec::new();
        if let Err(fault) = self.run_jobs(jobs, &mut answers, &mut touched) {
            self.counters = before;
            let waiting = jobs.drain(..).map(|job| job.reply);
            return failed(answers.into_iter().map(|(reply, _)| reply).chain(waiting), &fault);
        }
        // From here on the writes are on disk: the numbers they took stay taken.
        match self.core.published(&touched) {
            Ok(()) => answers,
            Err(fault) => failed(answers.into_iter().map(|(reply, _)| reply), &fault),
        }
    }

    fn run_jobs(
        &mut self,
        jobs: &mut VecDeque<Job>,
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
            lockout: &core.lockout,
        };
        let batch = core.store.batch()?;
        {
            let mut tables = batch.tables()?;
            // What changes the mirror ends the batch, so that the next write sees it.
            while touched.is_empty() {
                let Some(job) = jobs.pop_front() else { break };
                let overlay = Overlay::new(&mut tables);
                let caller = job.caller.map(|caller| caller.renewed(&access));
                let txn = Txn::new(overlay, &around, caller, self.counters, core.now());
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

fn failed(replies: impl Iterator<Item = Reply>, fault: &Fault) -> Vec<Answer> {
    let Fault::Broken(reason) = fault else { return Vec::new() };
    replies.map(|reply| (reply, Err(Fault::Broken(reason.clone())))).collect()
}

/// A panic in an action is a defect; it ends the call, not the world.
fn run(mut txn: Txn<'_, '_, '_>, work: Work) -> Result<(Done, Counters, Vec<Touched>), Fault> {
    let finished = catch_unwind(AssertUnwindSafe(move || {
        work(&mut txn)?;
        txn.finish()
    }));
    finished.unwrap_or_else(|_| Err(Fault::Broken("an action panicked".to_owned())))
}
