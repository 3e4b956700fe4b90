//! From a request to its answer, whatever the chat: taken once, permitted, worked on while people see how it goes
//! on, answered once, and noted in the audit log. Knows no platform: that is the [`Outlet`]'s.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture};
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::access::{Access, Who};
use super::audit::{Entry, Outcome};
use super::commands::Command;
use super::files;
use super::jobs::{Job, Jobs, Stage, Standing};
use super::late::Waits;
use super::outlet::{Failure, Outlet};
use super::reader::Reader;
use super::request::{Attached, Request};
use super::threads::{Thread, Threads};
use super::trouble::Trouble;
use super::understood::{Question, Understood, understood};
use super::unkept::{CANNOT_ACT, Unkept};
use super::view::View;
use super::{Conversation, ConversationId, Desk, Handed, Reply, Watcher};
use crate::diagnosis::Investigation;
use crate::diagnosis::investigator::progress::Tick;
use crate::metrics::{self, Metrics};
use crate::store::{Store, StoreError};

/// How many requests are worked on at once; others wait their turn.
const AT_ONCE: usize = 16;

/// A message is edited no more often than this.
const BETWEEN_EDITS: Duration = Duration::from_secs(1);

/// What failed in passing is tried again after this time, doubled with each try.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is said of something that may have been done before the process died.
const INTERRUPTED: &str = "The bot was stopped while it did this, so whether it was done is not known. Look for it in \
                           the platform's log before you ask again.";

/// What is said of an offer that somebody took before.
const TAKEN: &str = "Already done: see above. To do it once more, ask for it anew.";

/// Keeps of what was told what somebody who waits should see: of each step the newest, in the order in which they began.
fn told(progress: &mut Vec<Tick>, tick: Tick) {
    let about = |tick: &Tick| match tick {
        Tick::Started(name) => Some(*name),
        Tick::Ended(step) => Some(step.step),
        Tick::Counted { .. } | Tick::Judged(_) => None,
    };
    match progress.iter_mut().find(|it| about(it) == about(&tick)) {
        // A step that is begun again has not lost its outcome.
        Some(Tick::Ended(_)) if matches!(tick, Tick::Started(_)) => {}
        Some(known) => *known = tick,
        None => progress.push(tick),
    }
}

/// Works off the requests of one chat.
#[derive(Debug)]
pub struct Work<O> {
    pub(super) desk: Arc<Desk>,
    access: Arc<Access>,
    pub(super) jobs: Jobs,
    pub(super) threads: Threads,
    pub(super) outlet: Arc<O>,
    pub(super) metrics: Metrics,
    turns: Semaphore,
    /// The jobs whose questions wait for a platform, by what their conversations are called.
    waiting: Mutex<HashMap<String, Waits>>,
    /// What was taken without being kept.
    pub(super) unkept: Unkept,
}

/// A job in work, with what is not done again when something after it fails.
pub(super) struct Running {
    job: Job,
    /// Whether something was tried before, in this process or an earlier one.
    again: bool,
    /// Whether it was answered that a platform is away: nothing is said again until that is back.
    is_late: bool,
    reply: Option<Reply>,
}

impl Running {
    pub(super) fn new(job: Job, again: bool) -> Running {
        Running {
            job,
            again,
            is_late: false,
            reply: None,
        }
    }

    /// A job whose true answer waited for a platform.
    pub(super) fn late(job: Job) -> Running {
        Running {
            is_late: true,
            ..Running::new(job, true)
        }
    }
}

impl<O: Outlet> Work<O> {
    /// Over this desk, with what must survive in `store`.
    #[must_use]
    pub fn new(
        desk: Arc<Desk>,
        access: Arc<Access>,
        store: Store,
        metrics: Metrics,
        outlet: Arc<O>,
    ) -> Arc<Work<O>> {
        Arc::new(Work {
            desk,
            access,
            jobs: Jobs::new(store.clone(), O::CHAT),
            threads: Threads::new(store, O::CHAT),
            outlet,
            metrics,
            turns: Semaphore::new(AT_ONCE),
            waiting: Mutex::default(),
            unkept: Unkept::default(),
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
        let job = match self.jobs.accept(request.clone(), now).await {
            Ok(job) => job,
            Err(error) => self.taken_unkept(request, error)?,
        };
        if let Some(job) = job {
            tracing::info!(job = job.id(), "a request was taken");
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(Running::new(job, false)));
        }
        Ok(())
    }

    /// Whether something with this id comes in for the first time; from now on it does not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_new(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.jobs.is_new(id, now).await
    }

    /// Tells who sent something that cannot be read, and nobody else.
    ///
    /// # Errors
    /// Where it cannot be delivered.
    pub async fn apologise(&self, request: Request, words: &str) -> Result<(), Failure> {
        let job = Job::new(request, Stage::Accepted);
        self.outlet.refuse(&job, words).await
    }

    pub(super) fn waiting(&self) -> MutexGuard<'_, HashMap<String, Waits>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn conversation(
        &self,
        name: &str,
        request: &Request,
        view: View,
        watcher: Watcher,
    ) -> Conversation {
        let id = ConversationId {
            chat: O::CHAT,
            name: name.to_owned(),
        };
        let channel = self.access.channel(O::CHAT, &request.place.channel);
        let zone = channel.and_then(|it| it.timezone.clone());
        // What only who asked can read is nobody else's to hear of later.
        let reader = match request.private || request.place.direct {
            true => Reader::Alone(request.asker.named()),
            false => Reader::Anybody,
        };
        let conversation = Conversation::watched(id, watcher).seeing(view);
        let conversation = conversation.asked_by(request.asker.named());
        let conversation =
            conversation.in_channel(format!("{}:{}", O::CHAT, request.place.channel));
        conversation.within(zone).read_by(reader)
    }

    /// How much of what a request asks for its asker may see, where it is asked: nothing where it is refused.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn view(&self, mut request: Request) -> Result<View, Failure> {
        let Some(understood) = understood(self.desk.table(), &request, None) else {
            return Ok(View::Nothing);
        };
        let permitted = self.permitted(&mut request, understood.command).await?;
        Ok(permitted.unwrap_or(View::Nothing))
    }

    /// Carries out a job to its end; what is logged meanwhile names it.
    pub(super) fn carry_out(self: Arc<Self>, mut running: Running) -> BoxFuture<'static, ()> {
        let span = tracing::error_span!("job", id = running.job.id());
        // From now on, and not only once it gets its turn: whoever waits until nothing is under way waits for it.
        let one = self.desk.underway().begin();
        let doing = async move {
            let _one = one;
            let _untold = self.desk.waiting.begin(ConversationId {
                chat: O::CHAT,
                name: name_of(&running.job),
            });
            self.metrics.add(&metrics::JOBS, &[O::CHAT], 1.0);
            // A panic ends this request and nothing else.
            let tried = AssertUnwindSafe(self.try_until_done(&mut running)).catch_unwind();
            if tried.await.is_err() {
                self.metrics.count(&metrics::PANICS, &[O::CHAT]);
                let why = "a defect of the program ended it".to_owned();
                self.give_up(&running.job, why).await;
            }
            self.metrics.add(&metrics::JOBS, &[O::CHAT], -1.0);
        };
        Box::pin(doing.instrument(span))
    }

    async fn try_until_done(&self, running: &mut Running) {
        let mut wait = FIRST_WAIT;
        loop {
            let tried = match self.or_handed_over(self.turns.acquire()).await {
                Ok(Ok(_turn)) => self.attempt(running).await,
                // Closed never.
                Ok(Err(_)) => return,
                Err(handed_over) => Err(handed_over),
            };
            running.again = true;
            match tried {
                Ok(()) => return,
                Err(Trouble::Taken) => {
                    tracing::info!(job = running.job.id(), "another process has taken it over");
                    return;
                }
                // Who asked is not let down because nothing can be kept of it.
                Err(Trouble::Unkept(why)) if !self.jobs.are_shared() && running.job.is_kept() => {
                    tracing::error!(why, "an answer is given that is not kept");
                    running.job = running.job.clone().unkept();
                }
                Err(Trouble::HandedOver) if running.job.is_kept() => {
                    tracing::info!("a request is left to whoever comes next");
                    return;
                }
                // Nobody else knows of it.
                Err(Trouble::HandedOver) => {
                    let why = "the program was stopped, and the request was not kept".to_owned();
                    return self.give_up(&running.job, why).await;
                }
                Err(Trouble::Final(why)) => return self.give_up(&running.job, why).await,
                Err(Trouble::Passing(why) | Trouble::Unkept(why)) => {
                    tracing::warn!(why, wait = ?wait, "an answer waits");
                    // Where it is handed over meanwhile, the next round finds out.
                    let _ = self.or_handed_over(tokio::time::sleep(wait)).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    /// Does something that may be left off at any moment, unless this process has to leave its work to another.
    async fn or_handed_over<T>(&self, doing: impl Future<Output = T>) -> Result<T, Trouble> {
        tokio::select! {
            biased;
            () = self.desk.underway().handed_over() => Err(Trouble::HandedOver),
            done = doing => Ok(done),
        }
    }

    /// Ends a job that can never be answered; where its message stands, it says so.
    async fn give_up(&self, job: &Job, why: String) {
        tracing::error!(job = job.id(), why, "a request cannot be answered");
        if let Stage::Standing(standing) | Stage::Acting(standing) = &job.stage {
            let sorry = format!(
                "This could not be answered; the log says why under {}.",
                job.id()
            );
            // It has failed already: there is nobody left to tell.
            let _ = self.outlet.answer(job, standing, &Reply::Text(sorry)).await;
        }
        if let Err(error) = self.close(job, "", Outcome::Failed(why)).await {
            tracing::error!(job = job.id(), %error, "a finished request stays in the store");
        }
    }

    // Boxed, like the others that are large: the compiler cannot see through all of them at once.
    fn attempt<'a>(&'a self, running: &'a mut Running) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let now = Timestamp::now();
            let Running {
                job,
                again,
                is_late,
                reply,
            } = running;
            let thread = match job.request.joins {
                true => self.thread_of(job, now).await?,
                false => None,
            };
            let Some(understood) = understood(self.desk.table(), &job.request, thread) else {
                return Err(Trouble::Final("there are no commands".to_owned()));
            };
            let command = understood.command.name.as_str();
            let view = match self.permitted(&mut job.request, understood.command).await? {
                Ok(view) => view,
                Err(why) => {
                    self.outlet.refuse(job, &why).await?;
                    return Ok(self.close(job, command, Outcome::Denied(why)).await?);
                }
            };
            let standing = self.standing(job, *again, &understood.question).await?;
            let answered = matches!(job.stage, Stage::Answered(_));
            let anew = reply.is_none() && standing.message().is_some();
            let reply = match reply {
                Some(reply) => reply,
                None => {
                    // Where an answer stands already, no steps are shown instead.
                    let quietly = answered || *is_late;
                    let done = self.worked_out(job, &standing, &understood, view, quietly);
                    // Nothing is said meanwhile that the next one would not say again.
                    let done = self.or_handed_over(done).await??;
                    reply.insert(done)
                }
            };
            if *is_late && still_waits(reply) {
                return Ok(());
            }
            // What had to be worked out anew may have come to something else.
            if !answered || anew {
                self.jobs.confirm(job, Timestamp::now()).await?;
                // Before it is seen: who reads the answer may go on in its thread at once.
                let remembered = self.remember(job, &standing, &understood.question, reply);
                match remembered.await {
                    Err(_) if !job.is_kept() => {}
                    remembered => remembered?,
                }
                self.outlet.answer(job, &standing, reply).await?;
                let stage = Stage::Answered(standing.clone());
                self.jobs.advance(job, stage, Timestamp::now()).await?;
            }
            if let Some(message) = standing.message() {
                let again = answered || *is_late;
                self.outlet.attach(job, message, reply, again).await?;
            }
            self.say_unkept(job).await;
            let id = investigated(reply).map(|it| it.id.clone());
            Ok(self.close(job, command, Outcome::Answered(id)).await?)
        })
    }

    /// Where the answer goes: into the message that stands for the job, or for what it joins.
    async fn standing(
        &self,
        job: &mut Job,
        again: bool,
        question: &Question,
    ) -> Result<Standing, Trouble> {
        let standing = match (&job.stage, question) {
            (Stage::Standing(it) | Stage::Acting(it) | Stage::Answered(it), _) => {
                return Ok(it.clone());
            }
            // What only who asked may see goes into no message that others read.
            (Stage::Accepted, Question::Join(_, thread)) if !job.request.private => {
                Standing::Message(thread.message.clone())
            }
            (Stage::Accepted, _) => {
                self.jobs.confirm(job, Timestamp::now()).await?;
                self.outlet.begin(job, again).await?
            }
        };
        let stage = Stage::Standing(standing.clone());
        self.jobs.advance(job, stage, Timestamp::now()).await?;
        Ok(standing)
    }

    /// The answer. What changes the world outside is begun once: a process that died in it may have done it.
    async fn worked_out(
        &self,
        job: &mut Job,
        standing: &Standing,
        understood: &Understood<'_>,
        view: View,
        quietly: bool,
    ) -> Result<Reply, Trouble> {
        let text = match &understood.question {
            Question::Ask(text) | Question::Join(text, _) => text,
            Question::Misspelt(usage) => return Ok(Reply::Text(usage.clone())),
        };
        let thread = self.thread_of(job, job.request.asked_at);
        let thread = thread.await?;
        let handed = files::fetched(self.outlet.as_ref(), &job.request, thread.as_ref());
        let handed = match handed.await? {
            Ok(handed) => handed,
            Err(why) => return Ok(Reply::Text(why)),
        };
        if understood.acts {
            if !job.is_kept() {
                // It could not be told later whether it was done.
                return Ok(Reply::Text(CANNOT_ACT.to_owned()));
            }
            if !matches!(job.stage, Stage::Standing(_)) {
                return Ok(Reply::Text(INTERRUPTED.to_owned()));
            }
            let begun = self
                .jobs
                .begin_acting(job, standing.clone(), Timestamp::now());
            if !begun.await? {
                return Ok(Reply::Text(TAKEN.to_owned()));
            }
        }
        let name = name_of(job);
        let asked = Asked {
            text,
            thread,
            handed,
            quietly,
        };
        let reply = self.asked(&name, job, standing, asked, view).await;
        if still_waits(&reply) {
            self.waits(name, job, standing).await?;
        }
        Ok(reply)
    }

    /// What may be seen of the answer, or why it is refused. Notes in the request where only its asker may see it.
    pub(super) async fn permitted(
        &self,
        request: &mut Request,
        command: &Command,
    ) -> Result<Result<View, String>, Failure> {
        let groups = self.access.groups(O::CHAT);
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let around = self.outlet.around(request, &groups).await?;
        let channel = self.access.channel(O::CHAT, &request.place.channel);
        if around.only_asker || channel.is_some_and(|it| it.private) {
            request.private = true;
        }
        let who = Who {
            asker: &request.asker,
            place: &request.place,
            groups: &around.groups,
            outsiders: around.outsiders,
        };
        Ok(self.access.decide(&who, command))
    }

    /// Lets the desk answer, and shows meanwhile how far it is.
    async fn asked(
        &self,
        name: &str,
        job: &Job,
        standing: &Standing,
        asked: Asked<'_>,
        view: View,
    ) -> Reply {
        let (tell, mut heard) = watch::channel(Vec::new());
        let watcher = Arc::new(move |tick| tell.send_modify(|progress| told(progress, tick)));
        let request = &job.request;
        // A customer learns what came out, not by which of our steps.
        let quietly = asked.quietly || view.is_for_a_customer();
        let mut conversation = self.conversation(name, request, view, watcher);
        if let Some(thread) = &asked.thread {
            conversation = self
                .desk
                .reminded(conversation, &thread.asked, request.asked_at)
                .await;
        }
        if !asked.handed.is_empty() {
            let handed = self.desk.hand_over(&mut conversation, asked.handed);
            Box::pin(handed).await;
        }
        let now = request.asked_at;
        let mut answer: BoxFuture<'_, Reply> =
            Box::pin(self.desk.answer(&mut conversation, asked.text, now));
        let Some(message) = standing.message().filter(|_| !quietly) else {
            return answer.await;
        };
        let mut next = Instant::now();
        let mut edit: OptionFuture<BoxFuture<'_, ()>> = None.into();
        loop {
            let change = async {
                tokio::time::sleep_until(next).await;
                // The desk has what tells, so this ends only with the answer.
                if heard.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                reply = &mut answer => {
                    // An edit on its way would come after the answer and undo it.
                    edit.await;
                    return reply;
                }
                Some(()) = &mut edit => edit = None.into(),
                () = change => {
                    // One edit after another: they would overtake each other.
                    edit.await;
                    next = Instant::now() + BETWEEN_EDITS;
                    let progress = heard.borrow_and_update().clone();
                    let shown = async move {
                        // The answer of a process that took over is not covered with steps.
                        if self.jobs.confirm(job, Timestamp::now()).await.is_ok() {
                            self.outlet.progress(job, message, &progress).await;
                        }
                    };
                    edit = Some(Box::pin(shown) as BoxFuture<'_, ()>).into();
                }
            }
        }
    }

    /// Remembers what the thread of an answer is about. What only one person saw is nobody else's to go on with.
    async fn remember(
        &self,
        job: &Job,
        standing: &Standing,
        question: &Question,
        reply: &Reply,
    ) -> Result<(), Trouble> {
        let now = Timestamp::now();
        // What only who asked sees is not what a thread is about: others read that.
        let message = standing.message().filter(|_| !job.request.private);
        let (Some(message), Some(investigation)) = (message, investigated(reply)) else {
            return Ok(());
        };
        let thread = Thread {
            asked: investigation.query.clone(),
            message: message.to_owned(),
            investigation: investigation.id.clone(),
            call_ids: investigation
                .calls
                .iter()
                .flat_map(|it| it.call_ids.clone())
                .collect(),
            files: Vec::new(),
        };
        let place = &job.request.place;
        // A thread goes on being about what it began with, whatever else is asked in it.
        let joins = matches!(question, Question::Join(..));
        let known = self.threads.at(place, now).await?;
        if joins || known.is_none() {
            let known = known.map(|it| it.files).unwrap_or_default();
            let new = job.request.files.iter().filter(|it| !known.contains(it));
            let new: Vec<Attached> = new.cloned().collect();
            let thread = Thread {
                files: known.into_iter().chain(new).collect(),
                ..thread
            };
            let first = place.thread.as_deref().unwrap_or(message);
            self.threads
                .keep(&place.channel, first, &thread, now)
                .await?;
        }
        Ok(())
    }

    /// Forgets the request and notes what came of it.
    async fn close(&self, job: &Job, command: &str, outcome: Outcome) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let labels = [O::CHAT, outcome.name()];
        self.metrics.count(&metrics::JOBS_DONE, &labels);
        let noted = Entry::of(&job.request, command, outcome).added(now);
        let waits = self.waiting().contains_key(&name_of(job));
        self.jobs.finish(job, Some(noted), waits, now).await
    }
}

/// What the desk is asked, with what it is asked about.
struct Asked<'q> {
    text: &'q str,
    thread: Option<Thread>,
    handed: Vec<Handed>,
    /// Whether nobody is shown how far it is.
    quietly: bool,
}

/// What the conversation of a job is called.
fn name_of(job: &Job) -> String {
    format!("{}/{}", job.request.place.channel, job.id())
}

/// Whether the true answer waits for a platform that told nothing.
fn still_waits(reply: &Reply) -> bool {
    investigated(reply).is_some_and(|it| it.lead.is_some())
}

/// The investigation that a reply tells, where it tells one.
fn investigated(reply: &Reply) -> Option<&Investigation> {
    match reply {
        Reply::Investigation(it, _) => Some(it),
        _ => None,
    }
}
