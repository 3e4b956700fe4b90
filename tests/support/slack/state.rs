//! What a workspace holds: people, channels, messages, files, views, and what may be used once. Values
//! and look-ups; refuses nothing and sends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::record::Record;

/// Names that a test may rely on.
pub const TEAM: &str = "T0CALLTRIA";
pub const TEAM_DOMAIN: &str = "calltriage-test";
pub const APP: &str = "A0CALLTRIA";
pub const BOT_USER: &str = "U0BOTBOTBO";
pub const BOT: &str = "B0BOTBOTBO";

/// Somebody in the workspace.
#[derive(Debug, Clone)]
pub struct User {
    pub id: String,
    pub name: String,
    pub tz: String,
    pub is_bot: bool,
    /// A guest of several channels.
    pub is_restricted: bool,
    /// A guest of one channel.
    pub is_ultra_restricted: bool,
    /// From another workspace, through a shared channel.
    pub is_stranger: bool,
}

impl User {
    pub fn new(id: &str, name: &str) -> User {
        User {
            id: id.to_owned(),
            name: name.to_owned(),
            tz: "Europe/London".to_owned(),
            is_bot: false,
            is_restricted: false,
            is_ultra_restricted: false,
            is_stranger: false,
        }
    }

    pub(super) fn json(&self) -> Value {
        let team = if self.is_stranger { "T0STRANGER" } else { TEAM };
        json!({
            "id": self.id, "team_id": team, "name": self.name, "deleted": false, "color": "9f69e7",
            "real_name": self.name, "tz": self.tz, "tz_label": self.tz, "tz_offset": 0,
            "profile": {"real_name": self.name, "display_name": self.name, "team": team,
                "real_name_normalized": self.name, "display_name_normalized": self.name,
                "avatar_hash": "g0", "status_text": "", "status_emoji": "", "phone": "", "title": ""},
            "is_admin": false, "is_owner": false, "is_primary_owner": false, "is_app_user": false,
            "is_restricted": self.is_restricted, "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot, "is_stranger": self.is_stranger, "updated": 1_771_000_000,
        })
    }
}

/// A channel or a direct conversation.
#[derive(Debug, Clone)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub members: BTreeSet<String>,
    pub is_private: bool,
    pub is_im: bool,
    /// Shared with another workspace (Slack Connect).
    pub is_ext_shared: bool,
    pub is_archived: bool,
}

impl Channel {
    pub fn new(id: &str, name: &str, members: &[&str]) -> Channel {
        Channel {
            id: id.to_owned(),
            name: name.to_owned(),
            members: members.iter().map(|it| (*it).to_owned()).collect(),
            is_private: false,
            is_im: false,
            is_ext_shared: false,
            is_archived: false,
        }
    }

    pub fn has_bot(&self) -> bool {
        self.members.contains(BOT_USER)
    }

    /// What events call it.
    pub fn kind(&self) -> &'static str {
        match (self.is_im, self.is_private) {
            (true, _) => "im",
            (false, true) => "group",
            (false, false) => "channel",
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut value = json!({
            "id": self.id, "created": 1_771_000_000, "is_archived": self.is_archived,
            "is_im": self.is_im, "is_mpim": false, "is_group": self.is_private && !self.is_im,
            "is_channel": !self.is_im && !self.is_private, "is_private": self.is_private || self.is_im,
            "is_org_shared": false, "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared, "is_pending_ext_shared": false,
            "context_team_id": TEAM, "updated": 1_771_000_000_000_u64,
        });
        let more = if self.is_im {
            let user = self.members.iter().find(|it| *it != BOT_USER);
            json!({"user": user, "is_open": true, "is_user_deleted": false, "priority": 0})
        } else {
            json!({"name": self.name, "name_normalized": self.name, "is_general": false,
                "is_member": self.has_bot(), "creator": "U0CREATOR0", "unlinked": 0,
                "topic": {"value": "", "creator": "", "last_set": 0},
                "purpose": {"value": "", "creator": "", "last_set": 0}, "previous_names": []})
        };
        merge(&mut value, more);
        value
    }
}

/// Adds the members of one object to another.
pub(super) fn merge(to: &mut Value, from: Value) {
    if let (Value::Object(to), Value::Object(from)) = (to, from) {
        to.extend(from);
    }
}

/// A message that stands in a channel for all, or (`only_for`) for one.
#[derive(Debug, Clone)]
pub struct Message {
    pub channel: String,
    pub ts: String,
    pub thread_ts: Option<String>,
    pub user: String,
    pub text: String,
    /// An array, or null.
    pub blocks: Value,
    pub attachments: Value,
    pub metadata: Option<Value>,
    pub files: Vec<String>,
    /// When it was last edited, as a ts.
    pub edited: Option<String>,
    pub deleted: bool,
    /// Who alone sees it: ephemeral.
    pub only_for: Option<String>,
    /// How it came: a method, `response_url`, `ack` or `user`.
    pub by: String,
    /// When it was posted and edited, on the fake's clock.
    pub times: Vec<Duration>,
    /// The texts that it had, oldest first, the present one last.
    pub texts: Vec<String>,
}

impl Message {
    pub fn is_bots(&self) -> bool {
        self.user == BOT_USER
    }

    /// All that can be read in it: the text, and the texts within blocks, a line each.
    pub fn readable(&self) -> String {
        let mut lines = vec![self.text.clone()];
        texts(&self.blocks, &mut lines);
        lines.join("\n")
    }

    /// The elements with an `action_id`, as they stand in the blocks, each with its `block_id`.
    pub fn elements(&self) -> Vec<(String, Value)> {
        elements(&self.blocks)
    }
}

fn texts(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match (name.as_str(), value) {
                    ("text", Value::String(text)) => lines.push(text.clone()),
                    _ => texts(value, lines),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| texts(value, lines)),
        _ => {}
    }
}

pub(super) fn elements(blocks: &Value) -> Vec<(String, Value)> {
    fn look(value: &Value, block: &str, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(object) => {
                if object.contains_key("action_id") {
                    found.push((block.to_owned(), value.clone()));
                }
                object.values().for_each(|value| look(value, block, found));
            }
            Value::Array(all) => all.iter().for_each(|value| look(value, block, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for block in blocks.as_array().into_iter().flatten() {
        look(block, block["block_id"].as_str().unwrap_or(""), &mut found);
    }
    found
}

/// A file: asked for, uploaded, then shared.
#[derive(Debug, Clone)]
pub struct File {
    pub id: String,
    pub name: String,
    pub title: String,
    pub user: String,
    pub announced: usize,
    pub content: Option<Vec<u8>>,
    /// Where it is shared, as (channel, ts of the message).
    pub shares: Vec<(String, String)>,
    pub complete: bool,
}

/// A modal that somebody has open.
#[derive(Debug, Clone)]
pub struct View {
    pub id: String,
    pub user: String,
    pub root: String,
    pub previous: Option<String>,
    pub hash: String,
    /// As the bot gave it, with ids for its blocks.
    pub view: Value,
    /// What Slack shows beside inputs after `response_action: errors`, by block.
    pub errors: Value,
}

impl View {
    pub fn title(&self) -> &str {
        self.view["title"]["text"].as_str().unwrap_or("")
    }

    pub fn callback_id(&self) -> &str {
        self.view["callback_id"].as_str().unwrap_or("")
    }

    pub(super) fn json(&self, values: &Value) -> Value {
        view_json(
            &self.id,
            &self.root,
            self.previous.as_deref(),
            &self.hash,
            &self.view,
            values,
        )
    }
}

pub(super) fn view_json(
    id: &str,
    root: &str,
    previous: Option<&str>,
    hash: &str,
    view: &Value,
    values: &Value,
) -> Value {
    let mut full = json!({
        "id": id, "team_id": TEAM, "app_id": APP, "app_installed_team_id": TEAM, "bot_id": BOT,
        "hash": hash, "root_view_id": root, "previous_view_id": previous,
        "state": {"values": values}, "private_metadata": "", "callback_id": "", "external_id": "",
        "clear_on_close": false, "notify_on_close": false, "close": null, "submit": null,
    });
    merge(&mut full, view.clone());
    full
}

/// What lets a bot open a form.
#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub user: String,
    pub made: Duration,
    pub used: bool,
    /// The view in which the click happened, which a `views.push` would go upon.
    pub view: Option<String>,
}

/// What lets a bot answer without a token.
#[derive(Debug, Clone)]
pub(super) struct ResponseUrl {
    pub user: String,
    pub channel: String,
    /// The thread of the message that was clicked.
    pub thread_ts: Option<String>,
    /// The message that was clicked, which may be replaced.
    pub message_ts: Option<String>,
    pub made: Duration,
    pub uses: usize,
    /// Whether it is taken for older than it is.
    pub is_expired: bool,
}

/// What stands in the workspace, and what happened.
#[derive(Debug, Default)]
pub struct State {
    pub users: BTreeMap<String, User>,
    pub channels: BTreeMap<String, Channel>,
    /// Members of user groups by id.
    pub groups: BTreeMap<String, Vec<String>>,
    /// In the order of posting; ephemeral and deleted ones are among them.
    pub messages: Vec<Message>,
    pub files: BTreeMap<String, File>,
    /// Open modals, the topmost of a user last.
    pub views: Vec<View>,
    /// Published app homes by user.
    pub homes: BTreeMap<String, Value>,
    pub record: Record,
    pub(super) triggers: BTreeMap<String, Trigger>,
    pub(super) response_urls: BTreeMap<String, ResponseUrl>,
    pub(super) tickets: BTreeSet<String>,
    pub(super) last_ts: u64,
    pub(super) count: u64,
}

impl State {
    /// A new id with a prefix, as `V0000012AB`.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}0{:08X}", self.count)
    }

    /// A ts, later than all before. `micros` since 1970.
    pub(super) fn ts(&mut self, micros: u64) -> String {
        self.last_ts = micros.max(self.last_ts + 1);
        format!(
            "{}.{:06}",
            self.last_ts / 1_000_000,
            self.last_ts % 1_000_000
        )
    }

    /// A message that stands, by its place.
    pub fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        let mut all = self.messages.iter();
        all.find(|it| it.channel == channel && it.ts == ts && !it.deleted)
    }

    /// What the bot has standing for all in a channel and its threads, oldest first.
    pub fn bots(&self, channel: &str) -> Vec<&Message> {
        self.messages
            .iter()
            .filter(|it| it.channel == channel && it.is_bots() && !it.deleted)
            .filter(|it| it.only_for.is_none())
            .collect()
    }

    /// What one person alone sees of the bot in a channel, oldest first.
    pub fn ephemerals(&self, channel: &str, user: &str) -> Vec<&Message> {
        self.messages
            .iter()
            .filter(|it| it.channel == channel && it.only_for.as_deref() == Some(user))
            .filter(|it| !it.deleted)
            .collect()
    }

    /// A thread with its first message, oldest first.
    pub fn thread(&self, channel: &str, ts: &str) -> Vec<&Message> {
        self.messages
            .iter()
            .filter(|it| it.channel == channel && !it.deleted && it.only_for.is_none())
            .filter(|it| it.ts == ts || it.thread_ts.as_deref() == Some(ts))
            .collect()
    }

    /// The direct conversation of somebody with the bot.
    pub fn direct(&self, user: &str) -> Option<&Channel> {
        let mut all = self.channels.values();
        all.find(|it| it.is_im && it.members.contains(user))
    }

    /// What somebody sees on top.
    pub fn top_view(&self, user: &str) -> Option<&View> {
        self.views.iter().rfind(|it| it.user == user)
    }

    pub(super) fn message_json(&self, message: &Message, metadata: bool, base: &str) -> Value {
        let mut value = json!({
            "type": "message", "ts": message.ts, "user": message.user, "text": message.text,
            "team": TEAM,
        });
        if message.is_bots() {
            merge(&mut value, bot_fields());
        } else {
            value["client_msg_id"] = json!(format!(
                "00000000-0000-4000-8000-{:0>12}",
                message.ts.replace('.', "").split_off(4)
            ));
        }
        if message.blocks.is_array() {
            value["blocks"] = message.blocks.clone();
        }
        if message.attachments.is_array() {
            value["attachments"] = message.attachments.clone();
        }
        if let Some(thread) = &message.thread_ts {
            value["thread_ts"] = json!(thread);
            value["parent_user_id"] =
                json!(self.message(&message.channel, thread).map(|it| &it.user));
        }
        if let Some(edited) = &message.edited {
            value["edited"] = json!({"user": message.user, "ts": edited});
        }
        if let Some(known) = &message.metadata {
            value["metadata"] = match metadata {
                true => known.clone(),
                false => json!({"event_type": known["event_type"]}),
            };
        }
        if !message.files.is_empty() {
            let files = message
                .files
                .iter()
                .map(|id| self.file_json(&self.files[id], base));
            value["files"] = files.collect();
            value["upload"] = json!(message.user != BOT_USER);
            value["display_as_bot"] = json!(false);
        }
        let replies = self.thread(&message.channel, &message.ts);
        if replies.len() > 1 {
            let users: BTreeSet<_> = replies[1..].iter().map(|it| &it.user).collect();
            merge(
                &mut value,
                json!({
                    "thread_ts": message.ts, "reply_count": replies.len() - 1, "reply_users": users,
                    "reply_users_count": users.len(), "is_locked": false, "subscribed": false,
                    "latest_reply": replies.last().map(|it| &it.ts),
                }),
            );
        }
        value
    }

    pub(super) fn file_json(&self, file: &File, base: &str) -> Value {
        let kind = file
            .name
            .rsplit_once('.')
            .map_or("binary", |(_, kind)| kind);
        let url = format!(
            "{base}/files-pri/{TEAM}-{}/{}",
            file.id,
            super::user::encoded(&file.name)
        );
        let channels: Vec<_> = file.shares.iter().map(|(channel, _)| channel).collect();
        json!({
            "id": file.id, "created": 1_771_000_000, "timestamp": 1_771_000_000,
            "name": file.name, "title": file.title, "mimetype": mime(kind), "filetype": kind,
            "pretty_type": kind.to_uppercase(), "user": file.user, "user_team": TEAM,
            "editable": false, "size": file.content.as_ref().map_or(0, Vec::len), "mode": "hosted",
            "is_external": false, "external_type": "", "is_public": true,
            "public_url_shared": false, "display_as_bot": false, "username": "",
            "url_private": url, "url_private_download": format!("{url}?download=1"),
            "permalink": format!("{base}/files/{}/{}", file.user, file.id),
            "permalink_public": format!("{base}/public/{TEAM}-{}", file.id),
            "is_starred": false, "has_rich_preview": false, "file_access": "visible",
            "channels": channels, "groups": [], "ims": [], "comments_count": 0,
        })
    }
}

/// What stands in each message of the bot.
pub(super) fn bot_fields() -> Value {
    json!({
        "bot_id": BOT, "app_id": APP,
        "bot_profile": {"id": BOT, "app_id": APP, "name": "calltriage", "deleted": false,
            "updated": 1_771_000_000, "team_id": TEAM},
    })
}

fn mime(kind: &str) -> &'static str {
    match kind {
        "png" => "image/png",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        "gz" => "application/gzip",
        "pcap" => "application/vnd.tcpdump.pcap",
        _ => "application/octet-stream",
    }
}
