//! Incidents into Slack: a message each, edited as it goes on, found again by what it carries. Decides nothing of what is
//! told.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::api::{Api, ApiError, Twice};
use super::incoming::CHAT;
use super::outlet::{SlackOutlet, body_of};
use super::show::Shown;
use super::show::message::{incident, sentences};
use crate::chat::commands::Table;
use crate::incidents::poster::{Place, Poster, Undelivered, Words, ours_alone};

/// The type of what our messages carry.
const METADATA: &str = "calltriage_incident";

/// So many messages are looked through for one that may have arrived.
const LOOKED_AT: &str = "200";

/// Slack, as incidents are told there.
#[derive(Debug)]
pub struct SlackPoster {
    api: Arc<Api>,
    outlet: Arc<SlackOutlet>,
    table: Table,
}

impl SlackPoster {
    /// Over this API; buttons stand for commands of this table. The outlet knows who reads where.
    #[must_use]
    pub fn new(api: Arc<Api>, outlet: Arc<SlackOutlet>, table: Table) -> SlackPoster {
        SlackPoster { api, outlet, table }
    }

    /// Whether only our own people read there.
    async fn is_internal(&self, channel: &str) -> Result<(), Undelivered> {
        let is_for_a_customer = self.outlet.is_for_a_customer(channel);
        let outsiders_read = self.outlet.outsiders_read(channel);
        ours_alone(is_for_a_customer, outsiders_read, "an internal channel").await
    }

    fn shown(&self, words: Words<'_>) -> Shown {
        match words {
            Words::Card(card) => incident(card, &self.table),
            Words::Text(text) => sentences(text),
        }
    }
}

impl Poster for SlackPoster {
    fn chat(&self) -> &'static str {
        CHAT
    }

    fn post<'a>(
        &'a self,
        place: Place<'a>,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<String, Undelivered>> {
        Box::pin(async move {
            self.is_internal(place.channel).await?;
            let mut body = body_of(place.channel, &self.shown(words));
            if let Some(body) = body.as_object_mut() {
                if let Some(thread) = place.thread {
                    body.insert("thread_ts".to_owned(), json!(thread));
                }
                let metadata =
                    json!({ "event_type": METADATA, "event_payload": { "key": place.key } });
                body.insert("metadata".to_owned(), metadata);
            }
            let _turn = self.api.turn(place.channel).await;
            let posted = self
                .api
                .post("chat.postMessage", &body, Twice::Seen)
                .await?;
            let ts = posted.get("ts").and_then(Value::as_str);
            ts.map(ToOwned::to_owned)
                .ok_or_else(|| Undelivered::Passing("Slack's answer names no message".to_owned()))
        })
    }

    fn edit<'a>(
        &'a self,
        place: Place<'a>,
        message: &'a str,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            self.is_internal(place.channel).await?;
            let mut body = body_of(place.channel, &self.shown(words));
            if let Some(body) = body.as_object_mut() {
                body.insert("ts".to_owned(), json!(message));
            }
            self.api.post("chat.update", &body, Twice::Harmless).await?;
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        place: Place<'a>,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, Undelivered>> {
        Box::pin(async move {
            let mut params = vec![
                ("channel", place.channel.to_owned()),
                ("include_all_metadata", "true".to_owned()),
                ("limit", LOOKED_AT.to_owned()),
                ("oldest", since.as_second().to_string()),
            ];
            let method = match place.thread {
                Some(thread) => {
                    params.push(("ts", thread.to_owned()));
                    "conversations.replies"
                }
                None => "conversations.history",
            };
            let found = match self.api.get(method, &params).await {
                Ok(found) => found,
                // Where it may not look, a second message is possible, and better than none.
                Err(ApiError::Refused { code, .. }) => {
                    tracing::warn!(code, "cannot look for a message");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            };
            let messages = found.get("messages").and_then(Value::as_array);
            let is_its = |message: &&Value| {
                let carried = message
                    .pointer("/metadata/event_payload/key")
                    .and_then(Value::as_str);
                carried == Some(place.key)
            };
            let message = messages.into_iter().flatten().find(is_its);
            Ok(message
                .and_then(|it| it.get("ts")?.as_str())
                .map(ToOwned::to_owned))
        })
    }
}
