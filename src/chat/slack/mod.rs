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
/// What people see.
pub mod show;
/// The way in by Socket Mode.
pub mod socket;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::api::{Api, Twice};
use self::incoming::{Form, FormKind, Incoming, Own};
use self::outlet::SlackOutlet;
use self::show::buttons::Button;
use self::show::{Context, forms, message};
use super::access::Access;
use super::commands::Verb;
use super::request::Request;
use super::view::View;
use super::work::Work;
use super::{Desk, HISTORY_LENGTH, Reply};
use crate::call::Reading;
use crate::config;
use crate::store::{Store, StoreError};

/// What Slack is told at once of what came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is taken.
    Taken,
    /// These fields of the form cannot stand as they are: each with a sentence.
    Wrong(Vec<(String, String)>),
}

/// The bot in one workspace.
#[derive(Debug)]
pub struct Slack {
    api: Arc<Api>,
    desk: Arc<Desk>,
    access: Arc<Access>,
    work: Arc<Work<SlackOutlet>>,
    own: Own,
}

impl Slack {
    /// Makes itself known to Slack.
    ///
    /// # Errors
    /// One sentence, where Slack does not know the token or cannot be asked.
    pub async fn enter(
        settings: &config::Slack,
        desk: Arc<Desk>,
        access: Arc<Access>,
        store: Store,
        now: Timestamp,
    ) -> anyhow::Result<Arc<Slack>> {
        let api = Arc::new(Api::new(&settings.api_url, &settings.bot_token)?);
        let known = api.get("auth.test", &[]).await?;
        let text = |name: &str| {
            known
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let own = Own {
            user: text("user_id"),
            bot: text("bot_id"),
            since: now,
        };
        let outlet = SlackOutlet::new(
            Arc::clone(&api),
            Arc::clone(&access),
            desk.table().clone(),
            desk.zone().clone(),
        );
        let work = Work::new(
            Arc::clone(&desk),
            Arc::clone(&access),
            store,
            Arc::new(outlet),
        );
        Ok(Arc::new(Slack {
            api,
            desk,
            access,
            work,
            own,
        }))
    }

    /// The Web API.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// What it knows of itself.
    #[must_use]
    pub fn own(&self) -> &Own {
        &self.own
    }

    /// Goes on with what an earlier run left, and from now on with what has to wait for a platform.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self, now: Timestamp) -> Result<usize, StoreError> {
        tokio::spawn(Arc::clone(&self.work).answer_late());
        self.work.resume(now).await
    }

    /// Takes what came in. When it returns it may be acknowledged: a question is safe, and what has to be quick has
    /// begun.
    ///
    /// # Errors
    /// Those of the store: it is not safe.
    pub async fn take(
        self: &Arc<Self>,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        match incoming {
            Incoming::Ask(request) => self.work.accept(*request, now).await?,
            Incoming::Form(form) => self.aside(move |slack| async move { slack.open(&form).await }),
            Incoming::Home(request) => {
                self.aside(move |slack| async move { slack.home(*request).await });
            }
            Incoming::Wrong(fields) => return Ok(Answer::Wrong(fields)),
            Incoming::Overheard(request) => {
                let channel = self.access.channel(incoming::CHAT, &request.place.channel);
                if channel.is_some_and(|it| it.offer) {
                    self.aside(move |slack| async move { slack.offer(&request).await });
                }
            }
            Incoming::Nothing(why) => tracing::debug!(why, "ignored"),
        }
        Ok(Answer::Taken)
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

    /// Opens a form while its trigger lasts.
    async fn open(&self, form: &Form) -> anyhow::Result<()> {
        let view = match form.kind {
            FormKind::Wrong => forms::not_right_form(&form.about, self.desk.table()),
            FormKind::Simulate => forms::simulate_form(&form.about, self.desk.table()),
        };
        let mut view = serde_json::to_value(view)?;
        let metadata = match form.kind {
            FormKind::Wrong => form.metadata(),
            // The form says itself what it carries besides its fields.
            FormKind::Simulate => {
                let about = view
                    .get("private_metadata")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                Form {
                    about: about.to_owned(),
                    ..form.clone()
                }
                .metadata()
            }
        };
        if let Some(view) = view.as_object_mut() {
            view.insert("private_metadata".to_owned(), json!(metadata));
        }
        let body = json!({ "trigger_id": form.trigger, "view": view });
        self.api.post("views.open", &body, Twice::Seen).await?;
        Ok(())
    }

    /// Draws the app's home for who opened it: past investigations only for those who may ask for them.
    async fn home(&self, request: Request) -> anyhow::Result<()> {
        let now = request.asked_at;
        let user = request.asker.user.clone();
        let view = self.work.view(request).await?;
        let recent = match view {
            View::Everything => self.desk.history("", HISTORY_LENGTH, now).await,
            _ => Reply::End,
        };
        let recent = match recent {
            Reply::History { list, .. } => list,
            _ => Vec::new(),
        };
        let context = Context {
            job: "home",
            buttons: true,
            zone: self.desk.zone(),
            table: self.desk.table(),
        };
        let body = json!({ "user_id": user, "view": forms::home(&recent, &context) });
        self.api
            .post("views.publish", &body, Twice::Harmless)
            .await?;
        Ok(())
    }

    /// Offers, to who wrote it and nobody else, to look at a Call-ID that was pasted.
    async fn offer(&self, request: &Request) -> anyhow::Result<()> {
        let is_question = match self.desk.table().parse(&request.said) {
            Ok(parsed) => parsed.command.verb == Verb::Diagnose,
            Err(_) => false,
        };
        let read = match is_question {
            true => self.desk.read(&request.said, request.asked_at).await,
            false => return Ok(()),
        };
        let Reading::Query(query) = read else {
            return Ok(());
        };
        let ids = query.terms.iter().filter(|it| it.is_call_id());
        let ids: Vec<String> = ids.map(ToString::to_string).collect();
        if ids.is_empty() {
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
