//! Answers into Slack: one message a job, edited as it goes on, found again by what it carries; where the bot is no
//! member, and for answers that only one person may see, the address that came with the request. Runs no command.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::api::{Api, ApiError, Twice};
use super::incoming::CHAT;
use super::show::{Shown, message};
use crate::chat::Reply;
use crate::chat::access::Access;
use crate::chat::beliefs::Beliefs;
use crate::chat::commands::Table;
use crate::chat::jobs::{Job, Standing};
use crate::chat::outlet::{Around, Failure, Outlet};
use crate::chat::request::{Attached, Request};
use crate::chat::show::Context;
use crate::chat::show::files::Attachment;
use crate::diagnosis::investigator::progress::Tick;

/// The type of what our messages carry: <https://docs.slack.dev/messaging/message-metadata>.
const METADATA: &str = "calltriage_job";

/// An address takes answers for half an hour; a little is left for the way.
const ADDRESS_LASTS: SignedDuration = SignedDuration::from_secs(29 * 60);

/// How long it is believed who is in a group and who reads in a channel.
const BELIEVED: Duration = Duration::from_secs(60);

/// How long it is believed who is a guest. Whoever is new is asked for at once.
const PEOPLE_BELIEVED: Duration = Duration::from_secs(10 * 60);

/// Slack, as answers go there.
#[derive(Debug)]
pub struct SlackOutlet {
    api: Arc<Api>,
    access: Arc<Access>,
    table: Table,
    /// Who is in a group.
    members: Beliefs<String, Vec<String>>,
    /// Whether outsiders read in a channel.
    outsiders: Beliefs<String, bool>,
    /// Whether somebody is an outsider.
    people: Beliefs<String, bool>,
}

impl SlackOutlet {
    /// Over this API; buttons stand for commands of this table.
    #[must_use]
    pub fn new(api: Arc<Api>, access: Arc<Access>, table: Table) -> SlackOutlet {
        SlackOutlet {
            api,
            access,
            table,
            members: Beliefs::lasting(BELIEVED),
            outsiders: Beliefs::lasting(BELIEVED),
            people: Beliefs::lasting(PEOPLE_BELIEVED),
        }
    }

    /// Whether the configuration gives a channel to a customer.
    pub(super) fn is_for_a_customer(&self, channel: &str) -> bool {
        self.access.is_for_a_customer(CHAT, channel)
    }

    fn context<'a>(&'a self, job: &'a Job, buttons: bool) -> Context<'a> {
        Context {
            job: job.id(),
            buttons,
            table: &self.table,
        }
    }

    /// The message that stands for a job already, if one does and may be seen.
    async fn posted(&self, job: &Job) -> Result<Option<String>, ApiError> {
        let place = &job.request.place;
        let oldest = job
            .request
            .asked_at
            .as_second()
            .saturating_sub(60)
            .to_string();
        let mut params = vec![
            ("channel", place.channel.clone()),
            ("include_all_metadata", "true".to_owned()),
            ("limit", "200".to_owned()),
            ("oldest", oldest),
        ];
        let method = match &place.thread {
            Some(thread) => {
                params.push(("ts", thread.clone()));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        let found = self.api.get(method, &params).await?;
        let messages = found.get("messages").and_then(Value::as_array);
        let is_its = |message: &&Value| {
            let carried = message
                .pointer("/metadata/event_payload/job")
                .and_then(Value::as_str);
            carried == Some(job.id())
        };
        let message = messages.into_iter().flatten().find(is_its);
        Ok(message
            .and_then(|it| it.get("ts")?.as_str())
            .map(ToOwned::to_owned))
    }

    async fn post(&self, job: &Job, shown: &Shown) -> Result<String, ApiError> {
        let place = &job.request.place;
        let mut body = body_of(&place.channel, shown);
        if let (Some(body), Some(thread)) = (body.as_object_mut(), &place.thread) {
            body.insert("thread_ts".to_owned(), json!(thread));
        }
        if let Some(body) = body.as_object_mut() {
            let metadata = json!({ "event_type": METADATA, "event_payload": { "job": job.id() } });
            body.insert("metadata".to_owned(), metadata);
        }
        let _turn = self.api.turn(&place.channel).await;
        let posted = self
            .api
            .post("chat.postMessage", &body, Twice::Seen)
            .await?;
        let ts = posted.get("ts").and_then(Value::as_str);
        ts.map(ToOwned::to_owned)
            .ok_or_else(|| ApiError::Unreachable {
                method: "chat.postMessage".to_owned(),
                why: "the answer names no message".to_owned(),
            })
    }

    async fn edit(&self, job: &Job, message_ts: &str, shown: &Shown) -> Result<(), ApiError> {
        let mut body = body_of(&job.request.place.channel, shown);
        if let Some(body) = body.as_object_mut() {
            body.insert("ts".to_owned(), json!(message_ts));
        }
        self.api
            .post("chat.update", &body, Twice::Harmless)
            .await
            .map(|_| ())
    }

    /// Answers at the address of the request, else in a message to the asker alone: never in the channel.
    async fn tell_alone(&self, job: &Job, shown: &Shown, in_channel: bool) -> Result<(), ApiError> {
        let request = &job.request;
        let fresh = Timestamp::now().duration_since(request.asked_at) < ADDRESS_LASTS;
        if let Some(address) = request.answer_at.as_ref().filter(|_| fresh) {
            let kind = if in_channel {
                "in_channel"
            } else {
                "ephemeral"
            };
            let body = json!({
                "response_type": kind,
                "replace_original": false,
                "text": shown.text,
                "blocks": shown.blocks,
            });
            match self.api.post_to(address.0.expose(), &body).await {
                Err(ApiError::Refused { .. }) => {}
                other => return other,
            }
        } else if !request.place.direct && request.answer_at.is_none() {
            let mut body = body_of(&request.place.channel, shown);
            if let Some(body) = body.as_object_mut() {
                body.insert("user".to_owned(), json!(request.asker.user));
                if let Some(thread) = &request.place.thread {
                    body.insert("thread_ts".to_owned(), json!(thread));
                }
            }
            let _turn = self.api.turn(&request.place.channel).await;
            match self
                .api
                .post("chat.postEphemeral", &body, Twice::Seen)
                .await
            {
                Err(ApiError::Refused { .. }) => {}
                other => return other.map(|_| ()),
            }
        }
        let opened = json!({ "users": request.asker.user });
        let opened = self
            .api
            .post("conversations.open", &opened, Twice::Harmless)
            .await?;
        let channel = opened
            .pointer("/channel/id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let _turn = self.api.turn(channel).await;
        let body = body_of(channel, shown);
        self.api
            .post("chat.postMessage", &body, Twice::Seen)
            .await
            .map(|_| ())
    }

    async fn give(&self, job: &Job, thread: &str, file: &Attachment) -> Result<(), ApiError> {
        let asked = [
            ("filename", file.name.clone()),
            ("length", file.bytes.len().to_string()),
            ("alt_txt", file.alt.clone()),
        ];
        let slot = self.api.get("files.getUploadURLExternal", &asked).await?;
        let text = |name: &str| {
            slot.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        self.api
            .upload(&text("upload_url"), file.bytes.clone())
            .await?;
        let body = json!({
            "files": [{ "id": text("file_id"), "title": file.title }],
            "channel_id": job.request.place.channel,
            "thread_ts": thread,
        });
        let _turn = self.api.turn(&job.request.place.channel).await;
        self.api
            .post("files.completeUploadExternal", &body, Twice::Seen)
            .await
            .map(|_| ())
    }

    /// The names of the files that stand in a thread.
    async fn given(&self, channel: &str, thread: &str) -> Result<Vec<String>, ApiError> {
        let params = [
            ("channel", channel.to_owned()),
            ("ts", thread.to_owned()),
            ("limit", "200".to_owned()),
        ];
        let found = self.api.get("conversations.replies", &params).await?;
        let messages = found.get("messages").and_then(Value::as_array);
        let files = messages
            .into_iter()
            .flatten()
            .filter_map(|it| it.get("files")?.as_array());
        let names = files
            .flatten()
            .filter_map(|file| file.get("name")?.as_str());
        Ok(names.map(ToOwned::to_owned).collect())
    }

    async fn members_of(&self, group: &str) -> Result<Vec<String>, ApiError> {
        if let Some(known) = self.members.of(group) {
            return Ok(known);
        }
        let params = [("usergroup", group.to_owned())];
        let found = self.api.get("usergroups.users.list", &params).await?;
        let users = strings(found.get("users"));
        self.members.learn([(group.to_owned(), users.clone())]);
        Ok(users)
    }

    /// Whether somebody from outside reads in the place: another workspace, or a guest.
    async fn has_outsiders(&self, request: &Request) -> Result<bool, ApiError> {
        if request.place.direct {
            return self.is_outsider(&request.asker.user).await;
        }
        self.outsiders_read(&request.place.channel).await
    }

    /// Whether somebody from outside reads in a channel.
    ///
    /// # Errors
    /// Where Slack cannot be asked, or does not let the bot look.
    pub(super) async fn outsiders_read(&self, channel: &str) -> Result<bool, ApiError> {
        if let Some(known) = self.outsiders.of(channel) {
            return Ok(known);
        }
        let params = [("channel", channel.to_owned())];
        let info = self.api.get("conversations.info", &params).await?;
        let is = |name: &str| {
            let flag = info
                .pointer(&format!("/channel/{name}"))
                .and_then(Value::as_bool);
            flag.unwrap_or_default()
        };
        let mut outside = is("is_ext_shared") || is("is_pending_ext_shared") || is("is_org_shared");
        if !outside {
            for user in self.readers(channel).await? {
                if self.is_outsider(&user).await? {
                    outside = true;
                    break;
                }
            }
        }
        self.outsiders.learn([(channel.to_owned(), outside)]);
        Ok(outside)
    }

    async fn readers(&self, channel: &str) -> Result<Vec<String>, ApiError> {
        let mut readers = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut params = vec![("channel", channel.to_owned()), ("limit", "200".to_owned())];
            if !cursor.is_empty() {
                params.push(("cursor", cursor));
            }
            let page = self.api.get("conversations.members", &params).await?;
            readers.extend(strings(page.get("members")));
            cursor = next_page(&page);
            if cursor.is_empty() {
                return Ok(readers);
            }
        }
    }

    /// Whether somebody is a guest here, or from another workspace. All people are asked for at once: a channel may
    /// have more than Slack lets one ask for one by one.
    async fn is_outsider(&self, user: &str) -> Result<bool, ApiError> {
        if let Some(known) = self.people.of(user) {
            return Ok(known);
        }
        let mut cursor = String::new();
        loop {
            let mut params = vec![("limit", "1000".to_owned())];
            if !cursor.is_empty() {
                params.push(("cursor", cursor));
            }
            let page = self.api.get("users.list", &params).await?;
            let people = page.get("members").and_then(Value::as_array);
            let named = people.into_iter().flatten();
            let named =
                named.filter_map(|it| Some((it.get("id")?.as_str()?.to_owned(), is_outside(it))));
            self.people.learn(named);
            cursor = next_page(&page);
            if cursor.is_empty() {
                break;
            }
        }
        if let Some(known) = self.people.of(user) {
            return Ok(known);
        }
        // The list has nobody of other workspaces.
        let info = [("user", user.to_owned())];
        let info = self.api.get("users.info", &info).await?;
        let outside = info.get("user").is_none_or(is_outside);
        self.people.learn([(user.to_owned(), outside)]);
        Ok(outside)
    }
}

impl Outlet for SlackOutlet {
    const CHAT: &'static str = CHAT;

    fn around<'a>(
        &'a self,
        request: &'a Request,
        groups: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Around, Failure>> {
        Box::pin(async move {
            let mut around = Around::default();
            for group in groups {
                match self.members_of(group).await {
                    Ok(members) if members.contains(&request.asker.user) => {
                        around.groups.push((*group).to_owned());
                    }
                    Ok(_) => {}
                    // A group that may not be read grants nothing; one that is not told just now may.
                    Err(error @ ApiError::Refused { .. }) => {
                        tracing::warn!(%error, group, "who is in a group is not known");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            around.outsiders = match self.has_outsiders(request).await {
                Ok(outside) => outside,
                // Where the bot may not look only who asked can be judged, and only they get the answer.
                Err(ApiError::Refused { .. }) => {
                    around.only_asker = true;
                    self.is_outsider(&request.asker.user).await?
                }
                Err(error) => return Err(error.into()),
            };
            Ok(around)
        })
    }

    fn begin<'a>(&'a self, job: &'a Job, again: bool) -> BoxFuture<'a, Result<Standing, Failure>> {
        Box::pin(async move {
            if job.request.private {
                return Ok(Standing::Apart);
            }
            if again {
                match self.posted(job).await {
                    Ok(Some(message)) => return Ok(Standing::Message(message)),
                    Ok(None) => {}
                    // Where it may not look, a second message is possible, and better than none.
                    Err(ApiError::Refused { code, .. }) => {
                        tracing::warn!(code, "cannot look for a message");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            let shown = message::progress(&job.request.said, &[], Some(&job.request.asker.user));
            match self.post(job, &shown).await {
                Ok(message) => Ok(Standing::Message(message)),
                Err(error) if job.request.answer_at.is_some() && is_closed(&error) => {
                    Ok(Standing::Apart)
                }
                Err(error) => Err(error.into()),
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
            let shown =
                message::progress(&job.request.said, progress, Some(&job.request.asker.user));
            if let Err(error) = self.edit(job, message, &shown).await {
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
            let Standing::Message(message) = standing else {
                let shown = message::plain(reply, &self.context(job, false));
                let in_channel = !job.request.private;
                return Ok(self.tell_alone(job, &shown, in_channel).await?);
            };
            let shown = message::reply(reply, &self.context(job, true));
            match self.edit(job, message, &shown).await {
                // Somebody took the message away: that was its answer.
                Err(ApiError::Refused { code, .. }) if code == "message_not_found" => Ok(()),
                other => Ok(other?),
            }
        })
    }

    fn attach<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        reply: &'a Reply,
        again: bool,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut files = message::files(reply, &self.context(job, true));
            if files.is_empty() {
                return Ok(());
            }
            let thread = job.request.place.thread.as_deref().unwrap_or(message);
            if again {
                let given = self.given(&job.request.place.channel, thread).await?;
                files.retain(|file| !given.contains(&file.name));
            }
            for file in &files {
                match self.give(job, thread, file).await {
                    // The answer stands: a file that Slack will not have does not take it back.
                    Err(ApiError::Refused { code, .. }) => {
                        tracing::warn!(code, "a file was not taken");
                    }
                    other => other?,
                }
            }
            Ok(())
        })
    }

    fn fetch<'a>(
        &'a self,
        file: &'a Attached,
        most: u64,
    ) -> BoxFuture<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move { Ok(self.api.download(&file.url, most).await?) })
    }

    fn refuse<'a>(&'a self, job: &'a Job, why: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move { Ok(self.tell_alone(job, &message::denied(why), false).await?) })
    }
}

/// The body of a message.
pub(super) fn body_of(channel: &str, shown: &Shown) -> Value {
    json!({
        "channel": channel,
        "text": shown.text,
        "blocks": shown.blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Whether the bot may not write in a channel, although a command can be said there.
fn is_closed(error: &ApiError) -> bool {
    matches!(
        error.code(),
        "not_in_channel" | "channel_not_found" | "is_archived" | "restricted_action"
    )
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(ToOwned::to_owned).collect()
}

/// Whether a user, as Slack describes one, is a guest or of another workspace.
fn is_outside(user: &Value) -> bool {
    let is = |name: &str| user.get(name).and_then(Value::as_bool).unwrap_or_default();
    is("is_restricted") || is("is_ultra_restricted") || is("is_stranger")
}

/// What asks for the next page of a listing; empty after the last.
fn next_page(page: &Value) -> String {
    let next = page.pointer("/response_metadata/next_cursor");
    next.and_then(Value::as_str).unwrap_or_default().to_owned()
}
