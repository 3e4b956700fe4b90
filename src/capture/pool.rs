//! Work on several processors, answered in the order in which it was given. Knows nothing of what
//! the work is.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

/// Hands jobs out and takes results in.
pub(super) enum Pool<'a, J, R> {
    /// Each job is done when it is given.
    Inline {
        work: &'a (dyn Fn(J) -> R + Sync),
        done: VecDeque<R>,
    },
    /// Threads do the jobs.
    Threads {
        jobs: Sender<(u64, J)>,
        results: Receiver<(u64, R)>,
        /// Results whose turn has not come.
        early: BTreeMap<u64, R>,
        given: u64,
        taken: u64,
    },
}

impl<J, R> Pool<'_, J, R> {
    /// Gives a job. Bound how many are given by [`Pool::in_hand`].
    pub(super) fn give(&mut self, job: J) {
        match self {
            Pool::Inline { work, done } => done.push_back(work(job)),
            Pool::Threads { jobs, given, .. } => {
                // Without threads there is no result either, which `take` says.
                let _ = jobs.send((*given, job));
                *given += 1;
            }
        }
    }

    /// The result of the oldest job whose result was not taken; waits for it. `None` where there is
    /// no such job, or a thread broke off.
    pub(super) fn take(&mut self) -> Option<R> {
        match self {
            Pool::Inline { done, .. } => done.pop_front(),
            Pool::Threads {
                results,
                early,
                given,
                taken,
                ..
            } => {
                if taken == given {
                    return None;
                }
                while !early.contains_key(taken) {
                    let (number, result) = results.recv().ok()?;
                    early.insert(number, result);
                }
                let result = early.remove(taken);
                *taken += 1;
                result
            }
        }
    }

    /// How many jobs were given whose results were not taken.
    pub(super) fn in_hand(&self) -> usize {
        match self {
            Pool::Inline { done, .. } => done.len(),
            Pool::Threads { given, taken, .. } => usize::try_from(given - taken).unwrap_or(0),
        }
    }

    /// How many jobs keep every thread busy.
    pub(super) fn depth(&self) -> usize {
        match self {
            Pool::Inline { .. } => 1,
            Pool::Threads { .. } => processors() * 2,
        }
    }
}

/// Asked once: the answer takes several files of the system.
fn processors() -> usize {
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));
    *PROCESSORS
}

/// Runs `lead` with a pool that does `work`: in threads, or where it is said that there is little
/// to do, in this one.
pub(super) fn with_pool<J: Send, R: Send, Out>(
    little: bool,
    work: &(dyn Fn(J) -> R + Sync),
    lead: impl FnOnce(&mut Pool<'_, J, R>) -> Out,
) -> Out {
    if little || processors() == 1 {
        return lead(&mut Pool::Inline {
            work,
            done: VecDeque::new(),
        });
    }
    let (jobs, waiting) = channel::<(u64, J)>();
    let (finished, results) = channel();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..processors() {
            let (waiting, finished) = (&waiting, finished.clone());
            scope.spawn(move || {
                loop {
                    // The lock is held while waiting: the others wait for the same thing.
                    let job = waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .recv();
                    let Ok((number, job)) = job else { return };
                    if finished.send((number, work(job))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(finished);
        let mut pool = Pool::Threads {
            jobs,
            results,
            early: BTreeMap::new(),
            given: 0,
            taken: 0,
        };
        // Dropping the pool closes the jobs, and the threads end.
        lead(&mut pool)
    })
}
