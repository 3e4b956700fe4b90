//! From a request to its answer, whatever the chat: taken once, permitted, worked on while people see how it goes
//! on, answered once, and noted in the audit log. Knows no platform: that is the [`Outlet`]'s.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::access::{Access, Who};
use super::audit::{Audit, Outcome};
use super::commands::{Command, Verb};
use super::jobs::{Job, Jobs, Stage};
use super::request::Request;
use super::threads::{Thread, Threads};
use super::view::View;
use super::{Conversation, ConversationId, Desk, Reply};
use crate::diagnosis::Investigation;
use crate::diagnosis::investigator::progress::Tick;
use crate::store::{Store, StoreError};

/// How many requests are worked on at once; others wait their turn.
const AT_ONCE: usize = 16;

/// A message is edited no more often than this.
const BETWEEN_EDITS: Duration = Duration::from_secs(1);

/// What failed in passing is tried again after this time, doubled with each try.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Keeps of what was told what somebody who waits should see: of each step the newest, in the order in which they began.
fn told(progress: &mut Vec<Tick>, tick: Tick) {
    let about = |tick: &Tick| match tick {
        Tick::Started(name) => Some(*name),
        Tick::Ended(step) => Some(step.step),
        Tick::Counted { .. } => None,
    };
    match progress.iter_mut().find(|it| about(it) == about(&tick)) {
        // A step that is begun again has not lost its outcome.
        Some(Tick::Ended(_)) if matches!(tick, Tick::Started(_)) => {}
        Some(known) => *known = tick,
        None => progress.push(tick),
    }
}

/// What only the platform knows of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Those of the named groups that the asker is in.
    pub groups: Vec<String>,
    /// Whether anybody from outside can read where the answer goes.
    pub outsiders: bool,
    /// Whether it cannot be known who reads there: then only who asked may see the answer.
    pub only_asker: bool,
}

/// Why something could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may work later.
    #[error("{0}")]
    Passing(String),
    /// It will never work: the channel is gone, the app was removed.
    #[error("{0}")]
    Final(String),
}

/// A chat platform, as far as answers concern it. Everything is called with the same job until it worked.
pub trait Outlet: Send + Sync + 'static {
    /// The chat's name, as in "slack".
    const CHAT: &'static str;

    /// What is known of asker and place. `groups` are those that rules name.
    fn around<'a>(
        &'a self,
        request: &'a Request,
        groups: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Around, Failure>>;

    /// Lets a message stand for the job and gives its id. In stage [`Stage::Posting`] it may stand there already, and
    /// is looked for first.
    fn begin<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<String, Failure>>;

    /// Shows how far it is. What cannot be shown is not shown.
    fn progress<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        progress: &'a [Tick],
    ) -> BoxFuture<'a, ()>;

    /// Turns the message into the answer. Called again it does no harm.
    fn answer<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Gives the files of the answer; with `again` some may be there already, and are not given twice.
    fn attach<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        reply: &'a Reply,
        again: bool,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Tells who asked, and nobody else, that it is refused.
    fn refuse<'a>(&'a self, job: &'a Job, why: &'a str) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Works off the requests of one chat.
#[derive(Debug)]
pub struct Work<O> {
    desk: Arc<Desk>,
    access: Arc<Access>,
    jobs: Jobs,
    threads: Threads,
    audit: Audit,
    outlet: Arc<O>,
    turns: Semaphore,
}

/// What a request turned out to be.
struct Understood<'d> {
    command: &'d Command,
    /// What the desk is asked.
    text: String,
    /// What the thread is about that it joins.
    joined: Option<Thread>,
}

impl<O: Outlet> Work<O> {
    /// Over this desk, with what must survive in `store`.
    #[must_use]
    pub fn new(desk: Arc<Desk>, access: Arc<Access>, store: Store, outlet: Arc<O>) -> Arc<Work<O>> {
        Arc::new(Work {
            desk,
            access,
            jobs: Jobs::new(store.clone(), O::CHAT),
            threads: Threads::new(store.clone(), O::CHAT),
            audit: Audit::new(store),
            outlet,
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// Takes a request and begins to work on it. When it returns, the request is safe and may be acknowledged; one
    /// that was taken before changes nothing.
    ///
    /// # Errors
    /// Those of the store: it was not taken.
    pub async fn accept(
        self: &Arc<Self>,
        request: Request,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(job) = self.jobs.accept(request, now).await? {
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(job));
        }
        Ok(())
    }

    /// Goes on with what an earlier run left.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(self: &Arc<Self>, now: Timestamp) -> Result<usize, StoreError> {
        let left = self.jobs.left_over(now).await?;
        let count = left.len();
        for job in left {
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(job));
        }
        Ok(count)
    }

    fn carry_out(self: Arc<Self>, mut job: Job) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut wait = FIRST_WAIT;
            loop {
                let tried = {
                    // Closed never.
                    let Ok(_turn) = self.turns.acquire().await else {
                        return;
                    };
                    self.attempt(&mut job).await
                };
                match tried {
                    Ok(()) => return,
                    Err(Trouble::Final(why)) => {
                        tracing::error!(job = job.id(), why, "a request cannot be answered");
                        self.note(&job, "", Outcome::Failed(why)).await;
                        if let Err(error) = self.jobs.finish(&job, Timestamp::now()).await {
                            tracing::error!(job = job.id(), %error, "a finished request stays in the store");
                        }
                        return;
                    }
                    Err(Trouble::Passing(why)) => {
                        tracing::warn!(job = job.id(), why, wait = ?wait, "an answer waits");
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                }
            }
        })
    }

    // Boxed, like the others that are large: the compiler cannot see through all of them at once.
    fn attempt<'a>(&'a self, job: &'a mut Job) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let now = Timestamp::now();
            let understood = self.understood(&job.request, now).await?;
            let (command, question) = match &understood {
                Ok(it) => (it.command.name.as_str(), Ok(it)),
                // What is no command is answered with how to write it.
                Err(usage) => ("", Err(usage)),
            };
            let view = match question {
                Err(_) => View::Everything,
                Ok(it) => match self.permitted(job, it.command).await? {
                    Ok(view) => view,
                    Err(why) => {
                        self.outlet.refuse(job, &why).await?;
                        self.note(job, command, Outcome::Denied(why)).await;
                        return Ok(self.jobs.finish(job, now).await?);
                    }
                },
            };
            let joined = question.ok().and_then(|it| it.joined.as_ref());
            let again = matches!(job.stage, Stage::Answered(_));
            let message = match &job.stage {
                Stage::Posted(message) | Stage::Answered(message) => message.clone(),
                Stage::Accepted | Stage::Posting => match joined {
                    Some(thread) => thread.message.clone(),
                    None => {
                        if job.stage == Stage::Accepted {
                            // A first try knows that there is nothing to look for.
                            let mut announced = job.clone();
                            self.jobs
                                .advance(&mut announced, Stage::Posting, now)
                                .await?;
                        }
                        let begun = self.outlet.begin(job).await;
                        if begun.is_err() {
                            job.stage = Stage::Posting;
                        }
                        begun?
                    }
                },
            };
            if !again {
                self.jobs
                    .advance(job, Stage::Posted(message.clone()), now)
                    .await?;
            }
            let reply = match question {
                Err(usage) => Reply::Text(usage.clone()),
                Ok(it) => self.work_out(job, &message, &it.text, view).await,
            };
            // Before it is seen: who reads the answer may go on in its thread at once.
            self.remember(job, &message, question.ok(), &reply).await?;
            if !again {
                self.outlet.answer(job, &message, &reply).await?;
                let now = Timestamp::now();
                self.jobs
                    .advance(job, Stage::Answered(message.clone()), now)
                    .await?;
            }
            self.outlet.attach(job, &message, &reply, again).await?;
            let id = investigated(&reply).map(|it| it.id.clone());
            self.note(job, command, Outcome::Answered(id)).await;
            Ok(self.jobs.finish(job, Timestamp::now()).await?)
        })
    }

    /// What a request asks; the usage where it is no command.
    async fn understood(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Understood<'_>, String>, Trouble> {
        let table = self.desk.table();
        let parsed = match table.parse(&request.said) {
            Ok(parsed) => parsed,
            Err(usage) => return Ok(Err(usage.to_string())),
        };
        let command = parsed.command;
        let alone = |text: &str| Understood {
            command,
            text: text.to_owned(),
            joined: None,
        };
        if !request.joins || command.verb != Verb::Diagnose {
            return Ok(Ok(alone(&request.said)));
        }
        let thread = self.threads.at(&request.place, now).await?;
        let joined = thread.and_then(|it| it.joined(&parsed.rest).map(|text| (text, it)));
        Ok(Ok(match joined {
            Some((text, thread)) => Understood {
                command,
                text,
                joined: Some(thread),
            },
            None => alone(&request.said),
        }))
    }

    async fn permitted(
        &self,
        job: &mut Job,
        command: &Command,
    ) -> Result<Result<View, String>, Failure> {
        let request = &job.request;
        let groups: Vec<&str> = self.access.groups(O::CHAT).collect();
        let around = self.outlet.around(request, &groups).await?;
        let channel = self.access.channel(O::CHAT, &request.place.channel);
        if around.only_asker || channel.is_some_and(|it| it.private) {
            job.request.private = true;
        }
        let request = &job.request;
        let who = Who {
            asker: &request.asker,
            place: &request.place,
            groups: &around.groups,
            outsiders: around.outsiders,
        };
        Ok(self.access.decide(&who, command))
    }

    /// Lets the desk answer, and shows meanwhile how far it is.
    async fn work_out(&self, job: &Job, message: &str, text: &str, view: View) -> Reply {
        let (tell, mut heard) = watch::channel(Vec::new());
        let watcher = Arc::new(move |tick| tell.send_modify(|progress| told(progress, tick)));
        let request = &job.request;
        let id = ConversationId {
            chat: O::CHAT,
            name: format!("{}/{message}", request.place.channel),
        };
        let mut conversation = Conversation::watched(id, watcher).seeing(view);
        if let Ok(Some(thread)) = self.threads.at(&request.place, request.asked_at).await {
            conversation = self
                .desk
                .reminded(conversation, &thread.asked, request.asked_at)
                .await;
        }
        let now = request.asked_at;
        let mut answer: BoxFuture<'_, Reply> =
            Box::pin(self.desk.answer(&mut conversation, text, now));
        let show = async {
            let mut next = Instant::now();
            while heard.changed().await.is_ok() {
                tokio::time::sleep_until(next).await;
                next = Instant::now() + BETWEEN_EDITS;
                let progress = heard.borrow_and_update().clone();
                self.outlet.progress(job, message, &progress).await;
            }
            std::future::pending().await
        };
        tokio::select! {
            reply = &mut answer => reply,
            () = show => Reply::End,
        }
    }

    /// Remembers what the thread of an answer is about.
    async fn remember(
        &self,
        job: &Job,
        message: &str,
        understood: Option<&Understood<'_>>,
        reply: &Reply,
    ) -> Result<(), Trouble> {
        let now = Timestamp::now();
        let (Some(it), Some(investigation)) = (understood, investigated(reply)) else {
            return Ok(());
        };
        let thread = Thread {
            asked: investigation.query.clone(),
            message: message.to_owned(),
            investigation: investigation.id.clone(),
        };
        let place = &job.request.place;
        // A thread goes on being about what it began with, whatever else is asked in it.
        if it.joined.is_some() || self.threads.at(place, now).await?.is_none() {
            let first = place.thread.as_deref().unwrap_or(message);
            self.threads
                .keep(&place.channel, first, &thread, now)
                .await?;
        }
        Ok(())
    }

    async fn note(&self, job: &Job, command: &str, outcome: Outcome) {
        let noted = self
            .audit
            .note(&job.request, command, outcome, Timestamp::now())
            .await;
        if let Err(error) = noted {
            tracing::error!(job = job.id(), %error, "an answer is not in the audit log");
        }
    }
}

/// The investigation that a reply tells, where it tells one.
fn investigated(reply: &Reply) -> Option<&Investigation> {
    match reply {
        Reply::Investigation(it, _) => Some(it),
        _ => None,
    }
}

/// Why an attempt ended.
enum Trouble {
    Passing(String),
    Final(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Passing(why) => Trouble::Passing(why),
            Failure::Final(why) => Trouble::Final(why),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Passing(error.to_string())
    }
}
