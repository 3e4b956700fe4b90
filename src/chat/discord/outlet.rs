//! Answers into Discord: the first answer to an interaction, edited as it goes on; after its quarter of an hour, and for
//! what was written, a message of the channel; for one person's eyes what only that person sees, else a direct message.
//! Runs no command.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::CHAT;
use super::api::{Api, ApiError};
use super::directory::Directory;
use super::incoming::{Callback, id};
use super::presses::Presses;
use super::show::callback::EPHEMERAL;
use super::show::limits::FILE_BYTES;
use super::show::{Shown, message};
use crate::chat::Reply;
use crate::chat::access::Access;
use crate::chat::commands::Table;
use crate::chat::jobs::{Job, Stage, Standing};
use crate::chat::outlet::{Around, Failure, Outlet};
use crate::chat::request::{Attached, Request};
use crate::chat::show::Context;
use crate::chat::show::text::Text;
use crate::diagnosis::investigator::progress::Tick;

/// An interaction takes answers for a quarter of an hour; a little is left for the way.
const TOKEN_LASTS: SignedDuration = SignedDuration::from_secs(14 * 60);

/// What is said where somebody's own answer can be given nowhere.
const ASK_AGAIN: &str = "A private answer is ready, but I may not write to you directly. Ask again, and you get it at \
                         once.";

/// Discord, as answers go there.
#[derive(Debug)]
pub struct DiscordOutlet {
    api: Arc<Api>,
    directory: Arc<Directory>,
    access: Arc<Access>,
    table: Table,
    presses: Presses,
}

impl DiscordOutlet {
    /// Over this API; buttons stand for commands of this table.
    #[must_use]
    pub fn new(
        api: Arc<Api>,
        directory: Arc<Directory>,
        access: Arc<Access>,
        table: Table,
        presses: Presses,
    ) -> DiscordOutlet {
        DiscordOutlet {
            api,
            directory,
            access,
            table,
            presses,
        }
    }

    /// Whether the configuration gives a channel to a customer.
    pub(super) fn is_for_a_customer(&self, channel: &str) -> bool {
        self.access.is_for_a_customer(CHAT, channel)
    }

    fn reply(&self, job: &Job, reply: &Reply, buttons: bool) -> Shown {
        let context = Context {
            job: job.id(),
            buttons,
            table: &self.table,
        };
        let callback = Callback::of(&job.request);
        let told = callback.and_then(|it| it.interaction?.file_bytes);
        let most = told.and_then(|it| usize::try_from(it).ok());
        message::reply_within(reply, &context, most.unwrap_or(FILE_BYTES))
    }

    /// A message in the channel, by a nonce that makes it one however often it is tried.
    async fn post(
        &self,
        job: &Job,
        channel: u64,
        reply_to: Option<u64>,
        shown: &Shown,
    ) -> Result<String, ApiError> {
        let mut body = shown.body();
        if let Some(body) = body.as_object_mut() {
            body.insert("nonce".to_owned(), json!(nonce(job.id(), channel)));
            body.insert("enforce_nonce".to_owned(), json!(true));
            if let Some(asked) = reply_to {
                let asked = json!({ "message_id": asked.to_string(), "fail_if_not_exists": false });
                body.insert("message_reference".to_owned(), asked);
            }
        }
        let posted = self.api.post(channel, &body, &shown.files).await?;
        named(&posted).ok_or_else(unnamed)
    }

    /// The message that stands for a job already, if one does and may be seen.
    async fn posted(&self, callback: &Callback) -> Result<Option<String>, ApiError> {
        let Some(asked) = callback.message else {
            return Ok(None);
        };
        let own = self.api.own().await?;
        let after = self.api.messages_after(callback.channel, asked).await?;
        let is_its = |message: &&Value| {
            let author = message.get("author").unwrap_or(&Value::Null);
            let replied_to = message.get("message_reference").unwrap_or(&Value::Null);
            id(author, "id") == Some(own) && id(replied_to, "message_id") == Some(asked)
        };
        let found = after.as_array().into_iter().flatten().find(is_its);
        Ok(found.and_then(named))
    }

    /// Lets a message stand for a job.
    async fn stand(&self, job: &Job, again: bool, shown: &Shown) -> Result<Standing, Failure> {
        let Some(callback) = Callback::of(&job.request) else {
            return Err(Failure::Final("the request names no place".to_owned()));
        };
        if let Some(interaction) = callback.interaction.as_ref().filter(|_| is_fresh(job)) {
            let body = shown.body();
            match self.api.edit_answer(&interaction.token, &body, &[]).await {
                Ok(edited) => return Ok(Standing::Message(named(&edited).ok_or_else(unnamed)?)),
                // Its first answer was never given, or its time is over.
                Err(error) if !error.is_passing() => {
                    tracing::info!(%error, "the answer goes on as a message");
                }
                Err(error) => return Err(error.into()),
            }
        }
        if again {
            match self.posted(&callback).await {
                Ok(Some(message)) => return Ok(Standing::Message(message)),
                Ok(None) => {}
                // Where it may not look, a second message is possible, and better than none.
                Err(error) if !error.is_passing() => {
                    tracing::warn!(%error, "cannot look for a message");
                }
                Err(error) => return Err(error.into()),
            }
        }
        let posted = self.post(job, callback.channel, callback.message, shown);
        match posted.await {
            Ok(message) => Ok(Standing::Message(message)),
            Err(error) if error.is_passing() => Err(error.into()),
            // Where it may not write, who asked is told directly.
            Err(error) => {
                tracing::warn!(
                    %error,
                    channel = callback.channel,
                    "the bot may not write in a channel: calltriage doctor says what it needs in those that are configured"
                );
                Ok(Standing::Apart)
            }
        }
    }

    /// Lets what only who asked sees stand for a job, where that has begun so and its time is not over.
    async fn stand_alone(&self, job: &Job, shown: &Shown) -> Result<Standing, Failure> {
        let callback = Callback::of(&job.request);
        let interaction = callback.and_then(|it| it.interaction);
        let Some(interaction) = interaction.filter(|it| it.private && is_fresh(job)) else {
            return Ok(Standing::Apart);
        };
        let edited = self
            .api
            .edit_answer(&interaction.token, &shown.body(), &[])
            .await;
        match edited {
            Ok(edited) => Ok(Standing::Message(named(&edited).ok_or_else(unnamed)?)),
            Err(error) if error.is_passing() => Err(error.into()),
            Err(_) => Ok(Standing::Apart),
        }
    }

    /// Makes the message that stands for a job into this.
    async fn edit(&self, job: &Job, standing: &str, shown: &Shown) -> Result<(), Failure> {
        let body = shown.body();
        let callback = Callback::of(&job.request);
        let interaction = callback.as_ref().and_then(|it| it.interaction.as_ref());
        if let Some(interaction) = interaction.filter(|_| is_fresh(job)) {
            let edited = self
                .api
                .edit_answer(&interaction.token, &body, &shown.files);
            match edited.await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => tracing::info!(%error, "the answer goes on as a message"),
            }
        }
        if job.request.private {
            // What only one person sees can be changed by its token alone. What was told is not told again.
            return match job.stage {
                Stage::Answered(_) => Ok(()),
                _ => self.tell_directly(job, shown).await,
            };
        }
        let Some((channel, message)) = channel_and_message(standing) else {
            return Err(Failure::Final("no message stands for it".to_owned()));
        };
        match self.api.edit(channel, message, &body, &shown.files).await {
            Ok(_) => Ok(()),
            // Somebody took the message away: that was its answer.
            Err(error) if error.status() == 404 => Ok(()),
            Err(error) if error.is_passing() => Err(error.into()),
            Err(_) => match self.post(job, channel, None, shown).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_passing() => Err(error.into()),
                Err(_) => self.tell_directly(job, &shut_out(job, shown.clone())).await,
            },
        }
    }

    /// Answers so that only who asked sees it: never in the channel.
    async fn tell_alone(&self, job: &Job, shown: &Shown) -> Result<(), Failure> {
        let callback = Callback::of(&job.request);
        let interaction = callback.as_ref().and_then(|it| it.interaction.as_ref());
        if let Some(interaction) = interaction.filter(|_| is_fresh(job)) {
            let token = &interaction.token;
            let told = match interaction.private {
                true => {
                    self.api
                        .edit_answer(token, &shown.body(), &shown.files)
                        .await
                }
                false => {
                    // It was begun where others read: that goes, and what is for one comes apart.
                    match self.api.delete_answer(token).await {
                        Err(error) if error.is_passing() => return Err(error.into()),
                        _ => {}
                    }
                    let mut body = shown.body();
                    if let Some(body) = body.as_object_mut() {
                        body.insert("flags".to_owned(), json!(EPHEMERAL));
                    }
                    self.api.follow_up(token, &body, &shown.files).await
                }
            };
            match told {
                Ok(_) => return Ok(()),
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => tracing::info!(%error, "a private answer goes by direct message"),
            }
        }
        self.tell_directly(job, shown).await
    }

    /// In a message to the asker alone; where that cannot be, the channel is told that there is something to ask for again.
    async fn tell_directly(&self, job: &Job, shown: &Shown) -> Result<(), Failure> {
        let request = &job.request;
        let callback = Callback::of(request);
        let here = callback.as_ref().map(|it| it.channel);
        let channel = match here.filter(|_| request.place.direct) {
            Some(channel) => Ok(channel),
            None => self.api.direct(user(request)).await,
        };
        let told = match channel {
            Ok(channel) => self.post(job, channel, None, shown).await,
            Err(error) => Err(error),
        };
        let error = match told {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let Some(channel) = here.filter(|_| !error.is_passing() && !request.place.direct) else {
            return Err(error.into());
        };
        let person = Text::person(&request.asker.user).and(&Text::ours(": "));
        let notice = message::said(&person.and(&Text::ours(ASK_AGAIN)));
        self.post(job, channel, None, &notice).await?;
        Ok(())
    }

    async fn surroundings(&self, request: &Request, groups: &[&str]) -> Result<Around, ApiError> {
        let mut around = Around::default();
        let (asker, server) = (user(request), request.asker.workspace.parse::<u64>().ok());
        if let Some(server) = server.filter(|_| !groups.is_empty()) {
            // Roles that cannot be read grant nothing.
            let roles = match self.directory.roles_of(server, asker).await {
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, server, "who has which role is not known");
                    None
                }
                Ok(roles) => roles,
            };
            let roles: Vec<String> = roles
                .into_iter()
                .flatten()
                .map(|it| it.to_string())
                .collect();
            let has = |group: &&&str| roles.iter().any(|it| it == **group);
            around.groups = groups
                .iter()
                .filter(has)
                .map(|it| (*it).to_owned())
                .collect();
        }
        if request.place.direct {
            around.outsiders = !self.directory.is_staff(asker, server).await?;
            return Ok(around);
        }
        let channel = request.place.channel.parse().unwrap_or_default();
        around.outsiders = match self.directory.outsiders_read(channel).await {
            Ok(outside) => outside,
            // Where the bot may not look only who asked can be judged, and only they get the answer.
            Err(error) if !error.is_passing() => {
                around.only_asker = true;
                !self.directory.is_staff(asker, server).await?
            }
            Err(error) => return Err(error),
        };
        Ok(around)
    }
}

impl Outlet for DiscordOutlet {
    const CHAT: &'static str = CHAT;

    fn around<'a>(
        &'a self,
        request: &'a Request,
        groups: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Around, Failure>> {
        Box::pin(async move { Ok(self.surroundings(request, groups).await?) })
    }

    fn begin<'a>(&'a self, job: &'a Job, again: bool) -> BoxFuture<'a, Result<Standing, Failure>> {
        Box::pin(async move {
            let shown = message::progress(&job.request.said, &[], Some(&job.request.asker.user));
            match job.request.private {
                true => self.stand_alone(job, &shown).await,
                false => self.stand(job, again, &shown).await,
            }
        })
    }

    fn progress<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        progress: &'a [Tick],
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let asker = Some(job.request.asker.user.as_str());
            let shown = message::progress(&job.request.said, progress, asker);
            let shown = match job.request.private {
                true => self.stand_alone(job, &shown).await.map(|_| ()),
                false => self.edit(job, message, &shown).await,
            };
            if let Err(error) = shown {
                tracing::debug!(%error, "a step was not shown");
            }
        })
    }

    fn answer<'a>(
        &'a self,
        job: &'a Job,
        standing: &'a Standing,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut shown = self.reply(job, reply, true);
            if let Err(error) = self.presses.keep(&shown.kept, Timestamp::now()).await {
                // Nobody could tell later what they stand for.
                tracing::error!(%error, "an answer goes without its buttons");
                shown = self.reply(job, reply, false);
            }
            match standing {
                Standing::Message(message) => self.edit(job, message, &shown).await,
                Standing::Apart => self.tell_alone(job, &shut_out(job, shown)).await,
            }
        })
    }

    /// The files came with the answer, and an edit replaces them.
    fn attach<'a>(
        &'a self,
        _job: &'a Job,
        _message: &'a str,
        _reply: &'a Reply,
        _again: bool,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn fetch<'a>(
        &'a self,
        file: &'a Attached,
        most: u64,
    ) -> BoxFuture<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move { Ok(self.api.download(&file.url, most).await?) })
    }

    fn refuse<'a>(&'a self, job: &'a Job, why: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move { self.tell_alone(job, &message::denied(why)).await })
    }
}

/// The same for who alone gets what all were to see: it says why.
fn shut_out(job: &Job, shown: Shown) -> Shown {
    let request = &job.request;
    match Callback::of(request).filter(|_| !request.private && !request.place.direct) {
        Some(callback) => message::shut_out(callback.channel, shown),
        None => shown,
    }
}

/// Whether an interaction still takes answers.
fn is_fresh(job: &Job) -> bool {
    Timestamp::now().duration_since(job.request.asked_at) < TOKEN_LASTS
}

fn user(request: &Request) -> u64 {
    request.asker.user.parse().unwrap_or_default()
}

/// What a message is known by: its channel and its id.
pub(super) fn named(message: &Value) -> Option<String> {
    Some(format!(
        "{}/{}",
        id(message, "channel_id")?,
        id(message, "id")?
    ))
}

/// The channel and the id of a message.
pub(super) fn channel_and_message(named: &str) -> Option<(u64, u64)> {
    let (channel, message) = named.split_once('/')?;
    Some((channel.parse().ok()?, message.parse().ok()?))
}

/// What is said where Discord's answer names no message.
pub(super) fn unnamed() -> ApiError {
    ApiError::Unreachable {
        what: "messages.create",
        why: "the answer names no message".to_owned(),
    }
}

/// What makes one message of what is posted twice: at most 25 characters, the same for the same.
pub(super) fn nonce(of: &str, channel: u64) -> String {
    let digest = Sha256::digest(format!("{channel} {of}").as_bytes());
    digest
        .iter()
        .take(12)
        .map(|it| format!("{it:02x}"))
        .collect()
}
