//! Answers that had to wait for a platform: given once it is back, in this run or a later one, where the question was
//! asked: the job is carried out once more.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::jobs::{Job, Stage, Standing};
use super::outlet::Outlet;
use super::request::Request;
use super::work::{Running, Work};
use crate::store::StoreError;

/// More questions than this do not wait for a platform that is away; their askers were told that it is.
const MOST_WAITING: usize = 1_000;

/// A job whose question waits for a platform.
#[derive(Debug, Clone)]
pub(super) struct Waits {
    request: Request,
    standing: Standing,
}

impl<O: Outlet> Work<O> {
    /// Gives the answers that have to wait for a platform, whenever one is back. Ends never, but may be left off.
    pub(super) fn answer_late(self: Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            loop {
                self.desk.until_back(O::CHAT).await;
                // One after another: where it is away again, the others go on waiting.
                while let Some(conversation) = self.desk.next_waiting(O::CHAT) {
                    let waits = self.waiting().remove(&conversation.name);
                    if let Some(Waits { request, standing }) = waits {
                        let stage = Stage::Standing(standing);
                        let job = Running::late(Job::new(request, stage));
                        // On its own: whoever leaves this off must not cut off an answer. It ends no worse than with
                        // an apology.
                        let _ = tokio::spawn(Arc::clone(&self).carry_out(job)).await;
                    }
                }
            }
        })
    }

    /// Goes on with the questions that waited when an earlier run ended: each is asked once more, and waits on where
    /// the platform is still away.
    pub(super) async fn wait_on(
        self: &Arc<Self>,
        left: &[Job],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waiting = self.jobs.waiting(now).await?;
        // What was not yet answered at all is answered now.
        let is_left = |job: &Job| left.iter().any(|it| it.id() == job.id());
        for job in waiting.into_iter().filter(|it| !is_left(it)) {
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(Running::late(job)));
        }
        Ok(())
    }

    /// Notes, in the store too, that the true answer of a job waits for a platform.
    pub(super) async fn waits(
        &self,
        name: String,
        job: &Job,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        if self.waiting().len() >= MOST_WAITING {
            return Ok(());
        }
        let waits = Waits {
            request: job.request.clone(),
            standing: standing.clone(),
        };
        self.waiting().insert(name, waits);
        self.jobs.wait(job, Timestamp::now()).await
    }
}
