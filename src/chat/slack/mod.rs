//! Slack: what comes in from there becomes requests, what is answered becomes messages, within what the app is allowed.
//! Translates only; decides nothing.

/// The Web API.
pub mod api;
/// The way in by HTTP.
pub mod http;
/// What comes in.
pub mod incoming;
/// The app as Slack has to know it.
pub mod manifest;
/// Where answers go.
pub mod outlet;
/// Where incidents are told.
pub mod poster;
/// What people see.
pub mod show;
/// The way in by Socket Mode.
pub mod socket;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use self::api::{Api, ApiError, Twice};
use self::incoming::{CHAT, Form, Incoming, Own};
use self::outlet::SlackOutlet;
use self::poster::SlackPoster;
use self::show::{forms, home, message};
use super::access::Access;
use super::reader::Reader;
use super::request::Request;
use super::show::Context;
use super::show::buttons::Button;
use super::show::forms::{self as neutral, FormKind, NO_FORM};
use super::view::View;
use super::work::Work;
use super::{Conversation, Desk, HISTORY_LENGTH, Reply, entering, new_id};
use crate::config;
use crate::metrics::{self, Metrics};
use crate::report::form::Form as ReportForm;
use crate::store::{Store, StoreError};

/// What Slack is told at once of what came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is taken.
    Taken,
    /// These fields of the form cannot stand as they are: each with a sentence.
    Wrong(Vec<(String, String)>),
}

/// Why something is not taken: Slack is to send it again.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Who the bot is is not known yet, so that it cannot be told what is meant for it.
    #[error(transparent)]
    Unknown(#[from] ApiError),
}

/// What Slack hands over, by the way that it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A slash command.
    Command,
    /// An event of the Events API.
    Event,
    /// A button, a select, a shortcut or a form.
    Interaction,
}

impl Kind {
    /// The word for it in numbers and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Command => "command",
            Kind::Event => "event",
            Kind::Interaction => "interaction",
        }
    }
}

/// What is said where nothing else can be.
const SORRY: &str = "Sorry, I could not read what Slack sent me for this, so nothing was done. Please ask again; if it \
                     happens again, tell whoever runs calltriage.";

/// What is said where a form may not have opened.
const NOT_IN_TIME: &str = "No form? Slack gives it three seconds to open, and did not take it in them. Press the button \
                           again.";

/// So long a form can be opened after it was asked for.
const TRIGGER: Duration = Duration::from_secs(3);

/// The bot in one workspace.
#[derive(Debug)]
pub struct Slack {
    api: Arc<Api>,
    desk: Arc<Desk>,
    access: Arc<Access>,
    work: Arc<Work<SlackOutlet>>,
    /// Since when it runs.
    since: Timestamp,
    metrics: Metrics,
}

impl Slack {
    /// Makes itself known to Slack. Where that cannot be asked now, all else goes on, and whoever needs it asks again.
    ///
    /// # Errors
    /// One sentence, where Slack does not know the token.
    pub async fn enter(
        settings: &config::Slack,
        desk: Arc<Desk>,
        access: Arc<Access>,
        store: Store,
        metrics: Metrics,
        now: Timestamp,
    ) -> anyhow::Result<Arc<Slack>> {
        let api = Api::new(&settings.api_url, &settings.bot_token, metrics.clone())?;
        let api = Arc::new(api);
        entering::asked(CHAT, api.own_user()).await?;
        let outlet = SlackOutlet::new(Arc::clone(&api), Arc::clone(&access), desk.table().clone());
        let work = Work::new(
            Arc::clone(&desk),
            Arc::clone(&access),
            store,
            metrics.clone(),
            Arc::new(outlet),
        );
        Ok(Arc::new(Slack {
            api,
            desk,
            access,
            work,
            since: now,
            metrics,
        }))
    }

    /// The Web API.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Where incidents are told in this workspace.
    #[must_use]
    pub fn poster(&self) -> SlackPoster {
        let outlet = Arc::clone(&self.work.outlet);
        SlackPoster::new(Arc::clone(&self.api), outlet, self.desk.table().clone())
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Goes on with what an earlier run left; how many requests that are.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.work.resume(now).await
    }

    /// Goes on, until `stopped`, with what has to wait for a platform and with what other processes leave.
    pub async fn follow(&self, stopped: impl Future<Output = ()>) {
        Arc::clone(&self.work).follow(stopped).await;
    }

    /// Takes what came in and was read at that moment. When it returns it may be acknowledged: a question is safe, and
    /// what has to be quick has begun.
    ///
    /// # Errors
    /// Why it is not safe.
    pub async fn receive(
        self: &Arc<Self>,
        kind: Kind,
        payload: &Value,
        read_at: Instant,
    ) -> Result<Answer, NotTaken> {
        let now = Timestamp::now();
        let incoming = match kind {
            Kind::Command => incoming::command(payload, now),
            Kind::Event => {
                let user = self.api.own_user().await.inspect_err(|error| {
                    tracing::warn!(%error, "an event is not taken: who the bot is is not known");
                })?;
                let own = Own {
                    user: user.to_owned(),
                    since: self.since,
                };
                incoming::event(payload, &own, now)
            }
            Kind::Interaction => incoming::interaction(payload, now),
        };
        if let Incoming::Unreadable(_) = incoming {
            self.unreadable(kind.name());
        }
        let taken = self.take(incoming, now).await;
        match &taken {
            Ok(_) => {
                let labels = [CHAT, kind.name()];
                self.metrics.count(&metrics::REQUESTS, &labels);
                self.metrics
                    .observe(&metrics::ACKS, &[CHAT], read_at.elapsed());
            }
            Err(error) => {
                self.metrics.count(&metrics::NOT_KEPT, &[CHAT]);
                let kind = kind.name();
                tracing::error!(kind, %error, "what Slack sent could not be kept");
            }
        }
        Ok(taken?)
    }

    /// Notes something that cannot be read. Its content reaches no log.
    pub fn unreadable(&self, kind: &str) {
        self.metrics.count(&metrics::UNREADABLE, &[CHAT, kind]);
        tracing::warn!(kind, "what Slack sent could not be read");
    }

    async fn take(
        self: &Arc<Self>,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        match incoming {
            Incoming::Ask(request) => self.work.accept(*request, now).await?,
            Incoming::Form(form) => self.aside(move |slack| async move { slack.open(form).await }),
            Incoming::Home(request) => {
                self.aside(move |slack| async move { slack.home(*request).await });
            }
            Incoming::Wrong(fields) => return Ok(Answer::Wrong(fields)),
            Incoming::Unreadable(request) => self.apologise(*request, now).await?,
            Incoming::Overheard(request) => {
                let channel = self.access.channel(CHAT, &request.place.channel);
                if channel.is_some_and(|it| it.offer) {
                    self.aside(move |slack| async move { slack.offer(&request).await });
                }
            }
            Incoming::Nothing(why) => tracing::debug!(why, "ignored"),
        }
        Ok(Answer::Taken)
    }

    /// Tells who asked, once, that it could not be read; where nobody is known, nobody.
    async fn apologise(
        self: &Arc<Self>,
        mut request: Request,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (asker, place) = (&request.asker.user, &request.place.channel);
        let is_known = !asker.is_empty() && !place.is_empty();
        if request.answer_at.is_none() && !is_known {
            return Ok(());
        }
        if request.id.is_empty() {
            request.id = new_id(now);
        }
        if self.work.is_new(&request.id, now).await? {
            self.aside(move |slack| async move { Ok(slack.work.apologise(request, SORRY).await?) });
        }
        Ok(())
    }

    /// Does something that nobody waits for to be kept.
    fn aside<F>(self: &Arc<Self>, what: impl FnOnce(Arc<Slack>) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let doing = what(Arc::clone(self));
        tokio::spawn(async move {
            if let Err(error) = doing.await {
                tracing::warn!(%error, "Slack");
            }
        });
    }

    /// Opens a form; who asked for it and does not get it is told so.
    async fn open(&self, form: Form) -> anyhow::Result<()> {
        let Err((why, words)) = self.opened(&form).await else {
            return Ok(());
        };
        tracing::warn!(why, "no form");
        Ok(self.work.apologise(*form.asked, words).await?)
    }

    /// Opens a form while its trigger lasts.
    ///
    /// # Errors
    /// Why it did not open, for the log and for who asked for it.
    async fn opened(&self, form: &Form) -> Result<(), (String, &'static str)> {
        let table = self.desk.table();
        let drawn = match form.kind {
            FormKind::Wrong => neutral::not_right(&form.about, table),
            FormKind::Simulate => neutral::simulate(&form.about, table),
            FormKind::Report => {
                let filled = self.report_form(form).await;
                neutral::report(&filled.map_err(|why| (why, NO_FORM))?, &form.about)
            }
        };
        let view = serde_json::to_value(forms::view(&drawn));
        let mut view = view.map_err(|error| (error.to_string(), NO_FORM))?;
        // The form says itself what it carries besides its fields.
        let carried = Form {
            about: drawn.about,
            ..form.clone()
        };
        let metadata = carried.metadata();
        if let Some(view) = view.as_object_mut() {
            view.insert("private_metadata".to_owned(), json!(metadata));
        }
        let body = json!({ "trigger_id": form.trigger, "view": view });
        // A trigger opens one form, however often it is tried.
        let opened = self.api.post("views.open", &body, Twice::Harmless);
        match timeout(TRIGGER, opened).await {
            Ok(Ok(_)) => Ok(()),
            // A try before was heard.
            Ok(Err(error)) if error.code() == "exchanged_trigger_id" => Ok(()),
            Ok(Err(error)) => Err((error.to_string(), NOT_IN_TIME)),
            Err(_) => Err(("its trigger ended".to_owned(), NOT_IN_TIME)),
        }
    }

    /// The form of a report, for those who may report and may know what stands in it.
    async fn report_form(&self, form: &Form) -> Result<ReportForm, String> {
        let now = Timestamp::now();
        let request = Request {
            said: format!("report {}", form.about),
            ..(*form.asked).clone()
        };
        let reader = match request.place.direct {
            true => Reader::Alone(request.asker.named()),
            false => Reader::Anybody,
        };
        let view = self.work.view(request).await;
        if view.map_err(|error| error.to_string())? != View::Everything {
            return Err("it is not for them".to_owned());
        }
        let conversation = Conversation::default().read_by(reader);
        self.desk.report_form(&conversation, &form.about, now).await
    }

    /// Draws the app's home for who opened it: past investigations only for those who may ask for them.
    async fn home(&self, request: Request) -> anyhow::Result<()> {
        let now = request.asked_at;
        let user = request.asker.user.clone();
        let reader = Reader::Alone(request.asker.named());
        let view = self.work.view(request).await?;
        let recent = match view {
            View::Everything => self.desk.history("", HISTORY_LENGTH, &reader, now).await,
            _ => Reply::End,
        };
        let recent = match recent {
            Reply::History { list, .. } => list,
            _ => Vec::new(),
        };
        let context = Context {
            job: "home",
            buttons: true,
            table: self.desk.table(),
        };
        let body = json!({ "user_id": user, "view": home(&recent, &context) });
        self.api
            .post("views.publish", &body, Twice::Harmless)
            .await?;
        Ok(())
    }

    /// Offers, to who wrote it and nobody else, to look at a Call-ID that was pasted.
    async fn offer(&self, request: &Request) -> anyhow::Result<()> {
        let ids = self.desk.call_ids_in(&request.said, request.asked_at).await;
        // Told twice it is offered once.
        if ids.is_empty() || !self.work.is_new(&request.id, request.asked_at).await? {
            return Ok(());
        }
        let label = "Diagnose this call";
        let button = Button::say("offer", 0, label, format!("diagnose {}", ids.join(" ")));
        let shown = message::offer(&button);
        let body = json!({
            "channel": request.place.channel,
            "user": request.asker.user,
            "text": shown.text,
            "blocks": shown.blocks,
            "thread_ts": request.place.thread,
        });
        self.api
            .post("chat.postEphemeral", &body, Twice::Seen)
            .await?;
        Ok(())
    }
}
