//! Answers that had to wait for a platform: given once it is back, in this run or a later one, where the question was
//! asked. Asks no platform by itself but for what an earlier run left.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::Late;
use super::jobs::{Job, Stage, Standing};
use super::outlet::{Failure, Outlet};
use super::request::Request;
use super::work::{Running, Work};
use crate::diagnosis::investigator::cancel::{Canceller, Course};
use crate::diagnosis::investigator::progress::unwatched;
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
    /// Gives the answers that have to wait for a platform, whenever one is back. Ends never.
    pub fn answer_late(self: Arc<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // Nobody watches a late answer come, and nobody cancels it.
            let canceller = Canceller::default();
            loop {
                self.desk.until_back(O::CHAT).await;
                let running = canceller.begin();
                let course = Course::new(&unwatched, &running);
                let now = Timestamp::now();
                for late in self.desk.catch_up(O::CHAT, now, course).await {
                    self.tell_late(late).await;
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
            self.go_on(job);
        }
        Ok(())
    }

    fn go_on(self: &Arc<Self>, job: Job) {
        let work = Arc::clone(self);
        tokio::spawn(work.carry_out(Running::late(job)));
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

    async fn tell_late(self: &Arc<Self>, late: Late) {
        let name = &late.conversation.name;
        let Some(waits) = self.waiting().remove(name) else {
            return;
        };
        let mut job = Job {
            request: waits.request,
            stage: Stage::Standing(waits.standing.clone()),
        };
        let told = self.told_late(&mut job, &waits.standing, late).await;
        match told {
            Ok(()) => {
                if let Err(error) = self.jobs.waits_no_more(&job, Timestamp::now()).await {
                    tracing::warn!(job = job.id(), %error, "a late answer may be given once more");
                }
            }
            Err(Failure::Final(why)) => {
                tracing::warn!(job = job.id(), why, "a late answer cannot be given");
                // Should that fail it is tried after a restart, and given up then.
                let _ = self.jobs.waits_no_more(&job, Timestamp::now()).await;
            }
            Err(Failure::Passing(why)) => {
                tracing::warn!(job = job.id(), why, "a late answer waits");
                self.go_on(job);
            }
        }
    }

    async fn told_late(
        &self,
        job: &mut Job,
        standing: &Standing,
        late: Late,
    ) -> Result<(), Failure> {
        let Some(understood) = self.understood(&job.request, None) else {
            return Ok(());
        };
        // Who reads there may have changed since it was asked.
        let permitted = self.permitted(&mut job.request, understood.command);
        let Ok(view) = permitted.await? else {
            return Ok(());
        };
        let name = late.conversation.name.clone();
        let mut conversation = self.conversation(&name, &job.request, view, Arc::new(|_| {}));
        let [_, reply] = self.desk.tell_late(&mut conversation, late);
        self.outlet.answer(job, standing, &reply).await?;
        if let Some(message) = standing.message() {
            self.outlet.attach(job, message, &reply, true).await?;
        }
        Ok(())
    }
}
