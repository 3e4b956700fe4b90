//! Incidents into Discord: a message each, edited as it goes on, found again by its footer. Decides nothing of what is
//! told.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::CHAT;
use super::api::Api;
use super::directory::Directory;
use super::incoming::{id, snowflake_at};
use super::outlet::{DiscordOutlet, channel_and_message, named, nonce, unnamed};
use super::presses::Presses;
use super::show::Shown;
use super::show::message::{incident, sentences};
use crate::chat::commands::Table;
use crate::incidents::poster::{Place, Poster, Undelivered, Words, ours_alone};

/// Discord, as incidents are told there.
#[derive(Debug)]
pub struct DiscordPoster {
    api: Arc<Api>,
    outlet: Arc<DiscordOutlet>,
    directory: Arc<Directory>,
    presses: Presses,
    table: Table,
}

impl DiscordPoster {
    /// Over this API; buttons stand for commands of this table. The directory knows who reads where.
    #[must_use]
    pub fn new(
        api: Arc<Api>,
        outlet: Arc<DiscordOutlet>,
        directory: Arc<Directory>,
        presses: Presses,
        table: Table,
    ) -> DiscordPoster {
        DiscordPoster {
            api,
            outlet,
            directory,
            presses,
            table,
        }
    }

    /// Whether only our own people read there.
    async fn is_internal(&self, channel: u64) -> Result<(), Undelivered> {
        let is_for_a_customer = self.outlet.is_for_a_customer(&channel.to_string());
        let outsiders_read = self.directory.outsiders_read(channel);
        ours_alone(
            is_for_a_customer,
            outsiders_read,
            "a channel that only staff_roles may view",
        )
        .await
    }

    /// What is said, with what it is found by in the footer of its last embed, and what its buttons stand for kept.
    async fn shown(&self, words: Words<'_>, key: &str) -> Result<Shown, Undelivered> {
        let mut shown = match words {
            Words::Card(card) => incident(card, &self.table),
            Words::Text(text) => sentences(text),
        };
        if let Some(embed) = shown.embeds.last_mut().and_then(Value::as_object_mut) {
            embed.insert("footer".to_owned(), json!({ "text": key }));
        }
        let kept = self.presses.keep(&shown.kept, Timestamp::now()).await;
        kept.map_err(|error| Undelivered::Passing(error.to_string()))?;
        Ok(shown)
    }
}

fn channel_of(place: Place<'_>) -> Result<u64, Undelivered> {
    let id = place.channel.parse();
    id.map_err(|_| Undelivered::Final("the channel's id is none of Discord's".to_owned()))
}

impl Poster for DiscordPoster {
    fn chat(&self) -> &'static str {
        CHAT
    }

    fn post<'a>(
        &'a self,
        place: Place<'a>,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<String, Undelivered>> {
        Box::pin(async move {
            let channel = channel_of(place)?;
            self.is_internal(channel).await?;
            let shown = self.shown(words, place.key).await?;
            let mut body = shown.body();
            if let Some(body) = body.as_object_mut() {
                body.insert("nonce".to_owned(), json!(nonce(place.key, channel)));
                body.insert("enforce_nonce".to_owned(), json!(true));
                // What follows an incident stands as a reply to it.
                if let Some((_, first)) = place.thread.and_then(channel_and_message) {
                    let first =
                        json!({ "message_id": first.to_string(), "fail_if_not_exists": false });
                    body.insert("message_reference".to_owned(), first);
                }
            }
            let posted = self.api.post(channel, &body, &shown.files).await?;
            Ok(named(&posted).ok_or_else(unnamed)?)
        })
    }

    fn edit<'a>(
        &'a self,
        place: Place<'a>,
        message: &'a str,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            self.is_internal(channel_of(place)?).await?;
            let (channel, message) = channel_and_message(message).ok_or_else(unnamed)?;
            let shown = self.shown(words, place.key).await?;
            self.api
                .edit(channel, message, &shown.body(), &shown.files)
                .await?;
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        place: Place<'a>,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, Undelivered>> {
        Box::pin(async move {
            let channel = channel_of(place)?;
            let own = self.api.own().await?;
            let found = match self.api.messages_after(channel, snowflake_at(since)).await {
                Ok(found) => found,
                // Where it may not look, a second message is possible, and better than none.
                Err(error) if !error.is_passing() => {
                    tracing::warn!(%error, "cannot look for a message");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            };
            let is_its = |message: &&Value| {
                let author = message.get("author").unwrap_or(&Value::Null);
                let embeds = message.get("embeds").and_then(Value::as_array);
                let mut footers = embeds
                    .into_iter()
                    .flatten()
                    .filter_map(|it| it.pointer("/footer/text")?.as_str());
                id(author, "id") == Some(own) && footers.any(|it| it == place.key)
            };
            let message = found.as_array().into_iter().flatten().find(is_its);
            Ok(message.and_then(named))
        })
    }
}
