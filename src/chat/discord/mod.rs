//! Discord: what comes in from there becomes requests, what is answered becomes messages, within what the application is
//! allowed. Translates only; decides nothing.

/// The REST API.
pub mod api;
mod completing;
/// Who reads where.
pub mod directory;
mod filling;
/// The way in over a connection that the bot opens.
pub mod gateway;
/// The way in by HTTP.
pub mod http;
/// What comes in.
pub mod incoming;
/// The application as Discord has to know it.
pub mod manifest;
/// Where answers go.
pub mod outlet;
mod pauses;
/// Where incidents are told.
pub mod poster;
/// What components stand for.
pub mod presses;
/// Where commands are registered.
pub mod registering;
mod relay;
/// What people see.
pub mod show;
mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::api::Api;
use self::directory::Directory;
use self::incoming::{Callback, Incoming, Own};
use self::outlet::DiscordOutlet;
use self::poster::DiscordPoster;
use self::presses::{Kept, Presses};
use self::show::callback::{self, privately};
use self::show::message;
use super::access::Access;
use super::request::Request;
use super::show::buttons::{Button, SAY};
use super::show::forms::FormKind;
use super::show::text::Text;
use super::work::Work;
use super::{Desk, entering};
use crate::config;
use crate::metrics::{self, Metrics};
use crate::store::{Store, StoreError};

/// The chat's name.
pub const CHAT: &str = "discord";

/// A message that tells nobody that it came.
const SILENT: u64 = 1 << 12;

/// What is said where nothing else can be.
const SORRY: &str = "Sorry, I could not read what Discord sent me for this, so nothing was done. Please ask again; if it \
                     happens again, tell whoever runs calltriage.";

/// What is said to who mentioned the bot's role: it has the bot's own name.
const ROLE_MENTIONED: &str = "you mentioned my role, which has my name, and Discord does not tell me what you wrote with it. \
                              Choose the one with the app's mark beside it.";

/// What is said where a request could not be kept.
const NOT_KEPT: &str = "Sorry, I could not keep this, so nothing was done. Please ask again in a minute; if it happens \
                        again, tell whoever runs calltriage.";

/// What is said of a button whose meaning is forgotten.
const FORGOTTEN: &str = "This is too old: what it stands for is no longer kept. Ask for it anew.";

/// The bot in the servers of one application.
#[derive(Debug)]
pub struct Discord {
    api: Arc<Api>,
    desk: Arc<Desk>,
    access: Arc<Access>,
    directory: Arc<Directory>,
    presses: Presses,
    work: Arc<Work<DiscordOutlet>>,
    /// Since when it runs.
    since: Timestamp,
    /// Whether Discord refused to tell it the text of messages.
    is_without_text: AtomicBool,
    metrics: Metrics,
}

impl Discord {
    /// Makes itself known to Discord. Where that cannot be asked now, all else goes on, and whoever needs it asks again.
    ///
    /// # Errors
    /// One sentence, where Discord does not know the token.
    pub async fn enter(
        settings: &config::Discord,
        desk: Arc<Desk>,
        access: Arc<Access>,
        store: Store,
        metrics: Metrics,
        now: Timestamp,
    ) -> anyhow::Result<Arc<Discord>> {
        let api = Arc::new(Api::new(settings, metrics.clone())?);
        entering::asked(CHAT, api.own()).await?;
        let directory = Arc::new(Directory::new(Arc::clone(&api), settings));
        let presses = Presses::new(store.clone());
        let outlet = DiscordOutlet::new(
            Arc::clone(&api),
            Arc::clone(&directory),
            Arc::clone(&access),
            desk.table().clone(),
            presses.clone(),
        );
        let work = Work::new(
            Arc::clone(&desk),
            Arc::clone(&access),
            store,
            metrics.clone(),
            Arc::new(outlet),
        );
        Ok(Arc::new(Discord {
            api,
            desk,
            access,
            directory,
            presses,
            work,
            since: now,
            is_without_text: AtomicBool::new(false),
            metrics,
        }))
    }

    /// The REST API.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Where incidents are told in these servers.
    #[must_use]
    pub fn poster(&self) -> DiscordPoster {
        DiscordPoster::new(
            Arc::clone(&self.api),
            Arc::clone(&self.work.outlet),
            Arc::clone(&self.directory),
            self.presses.clone(),
            self.desk.table().clone(),
        )
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether some channel wants pasted Call-IDs to be offered a diagnosis, and Discord lets the bot read them: only then
    /// the text of messages is needed.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.access.offers(CHAT) && !self.is_without_text.load(Ordering::Relaxed)
    }

    /// Goes on without the text of messages, which Discord refuses to tell.
    pub fn go_without_text(&self) {
        self.is_without_text.store(true, Ordering::Relaxed);
        tracing::warn!(
            "pasted Call-IDs are not offered a diagnosis, although a channel has offer = true: switch on Message Content \
             Intent in the portal, under Bot, and start calltriage again"
        );
    }

    /// Keeps the commands registered as they have to be, until `stopped`.
    ///
    /// # Errors
    /// One sentence, where Discord cannot be asked now.
    pub async fn keep_registered(
        &self,
        settings: &config::Discord,
        stopped: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let mut stopped = std::pin::pin!(stopped);
        tokio::select! {
            registered = registering::register(&self.api, settings, self.desk.table()) => registered?,
            () = &mut stopped => return Ok(()),
        }
        stopped.await;
        Ok(())
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

    /// Takes an interaction that was read at that moment, and gives its first answer. A question is safe by then.
    pub async fn receive(self: &Arc<Self>, payload: &Value, read_at: Instant) -> Value {
        let now = Timestamp::now();
        let incoming = incoming::interaction(payload, self.desk.table(), now);
        let is_ping = incoming == Incoming::Ping;
        let answer = match self.taken(incoming, now).await {
            Ok(answer) => answer,
            Err(error) => {
                self.metrics.count(&metrics::NOT_KEPT, &[CHAT]);
                tracing::error!(%error, "what Discord sent could not be kept");
                return privately(&message::said(&Text::ours(NOT_KEPT)));
            }
        };
        if !is_ping {
            self.metrics
                .count(&metrics::REQUESTS, &[CHAT, "interaction"]);
            self.metrics
                .observe(&metrics::ACKS, &[CHAT], read_at.elapsed());
        }
        answer
    }

    /// Takes a message that the gateway told of; `user` is the bot's own.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn hear(self: &Arc<Self>, payload: &Value, user: u64) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let own = Own {
            user,
            role: self.own_role(payload, user).await,
            since: self.since,
        };
        let heard = incoming::message(payload, None, own, now);
        let is_wanted = match &heard {
            Incoming::Ask(_) => true,
            Incoming::Overheard(_) => self.listens(),
            Incoming::Unreadable => {
                self.unreadable("message");
                false
            }
            _ => false,
        };
        if !is_wanted {
            return Ok(());
        }
        // Of a thread, the channel is needed: whose it is decides who may see what.
        let channel = incoming::id(payload, "channel_id").unwrap_or_default();
        let known = match incoming::id(payload, "guild_id") {
            Some(_) => self.directory.channel(channel).await.ok(),
            None => None,
        };
        let parent = known.and_then(|it| it.parent);
        match incoming::message(payload, parent, own, now) {
            Incoming::Ask(request) if request.said.is_empty() && own.role.is_some() => {
                // Of a message that mentions a role Discord tells no text.
                if let Err(error) = self.work.apologise(*request, ROLE_MENTIONED).await {
                    tracing::warn!(%error, "Discord");
                }
            }
            Incoming::Ask(request) => {
                self.metrics.count(&metrics::REQUESTS, &[CHAT, "message"]);
                self.work.accept(*request, now).await?;
            }
            Incoming::Overheard(request) => {
                let channel = self.access.channel(CHAT, &request.place.channel);
                if channel.is_some_and(|it| it.offer)
                    && let Err(error) = self.offer(&request).await
                {
                    tracing::warn!(%error, "Discord");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The bot's own role in the server of a message, where that mentions it.
    async fn own_role(&self, payload: &Value, user: u64) -> Option<u64> {
        let roles = payload.get("mention_roles")?.as_array()?;
        let mentioned = roles.iter().filter_map(|it| it.as_str()?.parse().ok());
        let mentioned: Vec<u64> = mentioned.collect();
        let server = incoming::id(payload, "guild_id").filter(|_| !mentioned.is_empty())?;
        match self.directory.role_of_app(server, user).await {
            Ok(role) => role.filter(|it| mentioned.contains(it)),
            Err(error) => {
                tracing::warn!(%error, server, "which role is the bot's own is not known");
                None
            }
        }
    }

    /// Notes something that cannot be read. Its content reaches no log.
    pub fn unreadable(&self, kind: &str) {
        self.metrics.count(&metrics::UNREADABLE, &[CHAT, kind]);
        tracing::warn!(kind, "what Discord sent could not be read");
    }

    async fn taken(
        self: &Arc<Self>,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        match incoming {
            Incoming::Ping => Ok(callback::pong()),
            Incoming::Ask(request) => self.accept(*request, now).await,
            Incoming::Used(id, request) => match self.presses.meant(&id, now).await? {
                Some(Kept::Press {
                    action,
                    command,
                    asks,
                    asked_in,
                }) => {
                    let mut request = *request;
                    if let Some((offer, private)) = asked_in {
                        // What asked back was for one person's eyes; what it is about may not be.
                        request = Request {
                            offer,
                            private,
                            ..request
                        };
                    }
                    if let Some(question) = asks {
                        let does = Kept::Press {
                            action,
                            command,
                            asks: None,
                            asked_in: Some((request.offer, request.private)),
                        };
                        let shown = message::question(&question, &does);
                        self.presses.keep(&shown.kept, now).await?;
                        return Ok(privately(&shown));
                    }
                    self.pressed(&action, command, request, now).await
                }
                Some(Kept::Form(filling)) => self.opened(filling, *request, now).await,
                None => Ok(privately(&message::said(&Text::ours(FORGOTTEN)))),
            },
            Incoming::Sent(id, fields, request) => match self.presses.meant(&id, now).await? {
                Some(Kept::Form(filling)) => self.sent(filling, fields, *request, now).await,
                _ => Ok(privately(&message::said(&Text::ours(FORGOTTEN)))),
            },
            Incoming::Complete(typing, request) => {
                let choices = self.completed(&typing, *request, now).await;
                Ok(callback::choices(&choices))
            }
            Incoming::Overheard(_) | Incoming::Nothing(_) | Incoming::Unreadable => {
                self.unreadable("interaction");
                Ok(privately(&message::said(&Text::ours(SORRY))))
            }
        }
    }

    async fn pressed(
        self: &Arc<Self>,
        action: &str,
        command: String,
        request: Request,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        if let Some(kind) = FormKind::opened_by(action) {
            let message = request.offer.clone();
            let filling = presses::Filling {
                kind: kind.word().to_owned(),
                about: command,
                message,
                private: request.private,
                filled: Vec::new(),
                page: 0,
            };
            return self.opened(filling, request, now).await;
        }
        if !action.starts_with(SAY) {
            return Ok(privately(&message::said(&Text::ours(FORGOTTEN))));
        }
        let said = command;
        self.accept(Request { said, ..request }, now).await
    }

    /// Keeps a question and begins to work on it; the answer says that it comes.
    async fn accept(
        self: &Arc<Self>,
        mut request: Request,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let channel = self.access.channel(CHAT, &request.place.channel);
        request.private |= channel.is_some_and(|it| it.private);
        let private = request.private;
        if let Some(mut callback) = Callback::of(&request) {
            if let Some(interaction) = &mut callback.interaction {
                interaction.private = private;
            }
            request.answer_at = Some(callback.address());
        }
        self.work.accept(request, now).await?;
        Ok(callback::deferred(private))
    }

    /// Offers, silently, to look at a Call-ID that was pasted: Discord shows what only one person sees to nobody who did
    /// not ask.
    async fn offer(&self, request: &Request) -> anyhow::Result<()> {
        let ids = self.desk.call_ids_in(&request.said, request.asked_at).await;
        let Some(callback) = Callback::of(request).filter(|_| !ids.is_empty()) else {
            return Ok(());
        };
        // Told twice it is offered once.
        if !self.work.is_new(&request.id, request.asked_at).await? {
            return Ok(());
        }
        let label = "Diagnose this call";
        let button = Button::say("offer", 0, label, format!("diagnose {}", ids.join(" ")));
        let shown = message::offer(&button);
        self.presses.keep(&shown.kept, request.asked_at).await?;
        let mut body = shown.body();
        if let Some(body) = body.as_object_mut() {
            body.insert("flags".to_owned(), json!(SILENT));
            body.insert(
                "nonce".to_owned(),
                json!(outlet::nonce(&request.id, callback.channel)),
            );
            body.insert("enforce_nonce".to_owned(), json!(true));
            if let Some(asked) = callback.message {
                let asked = json!({ "message_id": asked.to_string(), "fail_if_not_exists": false });
                body.insert("message_reference".to_owned(), asked);
            }
        }
        self.api.post(callback.channel, &body, &[]).await?;
        Ok(())
    }
}
