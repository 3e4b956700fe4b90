//! Requests that are answered although the store cannot be written: a full disk, one that became read-only. Who asked is
//! told that nothing of it is remembered. Only for a store that no other process has: there one may answer it, too.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::jobs::{Job, Stage};
use super::outlet::Outlet;
use super::request::Request;
use super::threads::Thread;
use super::work::Work;
use crate::metrics;
use crate::store::StoreError;

/// Beyond so many the ids are forgotten: no platform delivers anything again that long after.
const MOST: usize = 10_000;

/// What is said beside such an answer.
const FORGETFUL: &str = "I could not write to my store, so I will not remember this answer: no history, no audit entry, \
                         no follow-up in its thread. Please tell whoever runs calltriage: the disk may be full or \
                         read-only; `calltriage doctor` says more.";

/// What is said instead of doing something.
pub(super) const CANNOT_ACT: &str = "I could not write to my store, so I do nothing now that changes anything outside: \
                                     nobody could tell later whether it was done. Please tell whoever runs calltriage.";

/// The ids of what was taken without being kept.
#[derive(Debug, Default)]
pub(super) struct Unkept(Mutex<HashSet<String>>);

impl Unkept {
    fn is_new(&self, id: &str) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(id.to_owned())
    }
}

impl<O: Outlet> Work<O> {
    /// Takes a request that could not be kept; nothing for one that was taken before.
    pub(super) fn taken_unkept(
        &self,
        request: Request,
        why: StoreError,
    ) -> Result<Option<Job>, StoreError> {
        if self.jobs.are_shared() || matches!(why, StoreError::TooLarge(_)) {
            return Err(why);
        }
        self.metrics.count(&metrics::NOT_KEPT, &[O::CHAT]);
        tracing::error!(job = request.id, %why, "a request is answered that is not kept");
        let is_new = self.unkept.is_new(&request.id);
        Ok(is_new.then(|| Job::new(request, Stage::Accepted).unkept()))
    }

    /// What the thread of a job is about; nothing where nothing can be read, if that is known already.
    pub(super) async fn thread_of(
        &self,
        job: &Job,
        now: Timestamp,
    ) -> Result<Option<Thread>, StoreError> {
        match self.threads.at(&job.request.place, now).await {
            Err(_) if !job.is_kept() => Ok(None),
            thread => thread,
        }
    }

    /// Tells who asked that nothing of an answer is kept, where that is so.
    pub(super) async fn say_unkept(&self, job: &Job) {
        if job.is_kept() {
            return;
        }
        if let Err(error) = self.outlet.refuse(job, FORGETFUL).await {
            tracing::warn!(%error, "it is not said that an answer is not kept");
        }
    }
}
