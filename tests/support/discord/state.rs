//! What is there in the fake: the server and its people, messages, interactions, what was refused. Sends nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::buckets::Buckets;
use super::{
    ANN, BEN, BOT, BOT_ROLE, FORUM, LOBBY, MONITOR, NOC, SERVER, STAFF, THREAD, VISITOR, VISITORS,
};

/// Permissions: <https://docs.discord.com/developers/topics/permissions>.
pub const VIEW: u64 = 1 << 10;
pub const SEND: u64 = 1 << 11;
pub const EMBED: u64 = 1 << 14;
pub const ATTACH: u64 = 1 << 15;
pub const READ_HISTORY: u64 = 1 << 16;
pub const SEND_IN_THREADS: u64 = 1 << 38;

/// What the portal lets the application read: the text of messages.
pub const READS_TEXT: u64 = 1 << 19;

/// Answers to come that are not good ones.
#[derive(Debug)]
pub struct Fault {
    pub path: &'static str,
    pub status: u16,
    pub body: &'static str,
    /// So many good answers come first.
    pub after: usize,
    pub times: usize,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: u64,
    pub channel: u64,
    pub author: u64,
    /// What it is now.
    pub body: Value,
    /// What it was before, the oldest first.
    pub before: Vec<Value>,
    /// The names and contents of its files.
    pub files: Vec<(String, Vec<u8>)>,
    /// Who alone sees it.
    pub only_for: Option<u64>,
    /// The interaction that it answers.
    pub interaction: Option<u64>,
    /// The message that it replies to.
    pub replies_to: Option<u64>,
    /// By what it was written: "callback", "follow-up", "channel".
    pub by: &'static str,
}

impl Message {
    pub fn is_bots(&self) -> bool {
        self.author == BOT
    }

    /// All that can be read in it.
    pub fn readable(&self) -> String {
        let mut text = self.body["content"].as_str().unwrap_or_default().to_owned();
        for embed in self.body["embeds"].as_array().into_iter().flatten() {
            text.push('\n');
            text.push_str(embed["description"].as_str().unwrap_or_default());
        }
        // As it is read: a backslash before a mark is not shown.
        let mut shown = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let is_mark = |c: &char| !c.is_alphanumeric() && !c.is_whitespace();
            match c {
                '\\' if chars.peek().is_some_and(is_mark) => shown.extend(chars.next()),
                c => shown.push(c),
            }
        }
        shown
    }

    /// Its buttons and selects.
    pub fn components(&self) -> Vec<Value> {
        let rows = self.body["components"].as_array();
        let rows = rows.into_iter().flatten();
        rows.flat_map(|row| row["components"].as_array().cloned().unwrap_or_default())
            .collect()
    }

    /// The id of the button with this label.
    #[track_caller]
    pub fn button(&self, label: &str) -> String {
        let all = self.components();
        let found = all.iter().find(|it| it["label"] == label);
        let found = found.unwrap_or_else(|| panic!("no button {label:?} in {all:#?}"));
        found["custom_id"].as_str().unwrap().to_owned()
    }

    /// As Discord gives it out.
    pub fn json(&self, state: &State) -> Value {
        let files = self.files.iter().enumerate().map(|(at, (name, bytes))| {
            json!({
                "id": (self.id + 1 + at as u64).to_string(), "filename": name, "size": bytes.len(),
                "url": format!("https://cdn.discordapp.com/{name}"), "proxy_url": "https://media.discordapp.net/x",
            })
        });
        let mut value = json!({
            "id": self.id.to_string(),
            "channel_id": self.channel.to_string(),
            "author": state.person(self.author),
            "content": self.body["content"].as_str().unwrap_or_default(),
            "timestamp": "2026-02-16T09:10:02.000000+00:00",
            "edited_timestamp": null,
            "tts": false,
            "mention_everyone": false,
            "mentions": [],
            "mention_roles": [],
            "attachments": files.collect::<Vec<_>>(),
            "embeds": self.body["embeds"].as_array().cloned().unwrap_or_default(),
            "components": self.body["components"].as_array().cloned().unwrap_or_default(),
            "pinned": false,
            "type": 0,
            "flags": if self.only_for.is_some() { 64 } else { 0 },
        });
        if let Some(asked) = self.replies_to {
            value["type"] = json!(19);
            value["message_reference"] =
                json!({ "message_id": asked.to_string(), "channel_id": self.channel.to_string() });
        }
        value
    }
}

/// An interaction that was sent to the bot.
#[derive(Debug, Clone)]
pub struct Asked {
    pub id: u64,
    pub token: String,
    pub user: u64,
    pub channel: u64,
    pub sent_at: Duration,
    /// The first answer, once it came, and after how long.
    pub answered: Option<(Value, Duration)>,
    /// The message that is its first answer.
    pub message: Option<u64>,
    pub follow_ups: usize,
}

/// Everything.
#[derive(Debug)]
pub struct State {
    next: u64,
    pub messages: Vec<Message>,
    pub asked: Vec<Asked>,
    /// The commands by the server's id; 0 for everywhere.
    pub commands: BTreeMap<u64, Value>,
    pub registrations: usize,
    /// The channels, as Discord gives them out.
    pub channels: BTreeMap<u64, Value>,
    pub members: BTreeMap<u64, Vec<u64>>,
    pub roles: Value,
    /// Whom the bot may write to directly.
    pub closed_to: Vec<u64>,
    pub nonces: BTreeMap<String, u64>,
    /// What was refused, a sentence each.
    pub refused: Vec<String>,
    pub faults: Vec<Fault>,
    /// Each call, as in "POST /channels/1/messages".
    pub calls: Vec<String>,
    /// All bodies that the bot sent, with their calls.
    pub sent: Vec<(String, Value)>,
    /// How often the gateway was opened, and how often it was resumed.
    pub sessions: usize,
    pub resumed: usize,
    /// How often its connection was cut by the fake's own timer.
    pub cuts: usize,
    pub intents: u64,
    pub files: BTreeMap<String, Vec<u8>>,
    pub application_flags: u64,
    /// Parts of the paths of calls that are not answered.
    pub hanging: Vec<&'static str>,
    /// Whether the gateway takes the bot's token.
    pub takes_token: bool,
    /// How often the bot said who it is, whether it was let in or not.
    pub identifies: usize,
    pub owner: u64,
    /// Whether what it tells has fields that are missing or of another form.
    pub is_odd: bool,
    pub buckets: Buckets,
    /// Once a call whose path contains this was answered, so much time passes.
    pub jump: Option<(&'static str, Duration)>,
    /// How many bytes a file may have.
    pub file_bytes: usize,
    /// The servers that the bot is in.
    pub servers: Vec<u64>,
    /// What time its answers say that it is, where not the true one.
    pub date: Option<String>,
}

impl State {
    pub fn new() -> State {
        let overwrite = |id: u64, allow: u64, deny: u64| json!({ "id": id.to_string(), "type": 0, "allow": allow.to_string(), "deny": deny.to_string() });
        let closed = json!([
            overwrite(SERVER, 0, VIEW),
            overwrite(STAFF, VIEW, 0),
            overwrite(BOT_ROLE, VIEW, 0)
        ]);
        let channel = |id: u64, name: &str, overwrites: Value| {
            json!({
                "id": id.to_string(), "type": 0, "name": name, "guild_id": SERVER.to_string(), "position": 0,
                "permission_overwrites": overwrites, "parent_id": null, "nsfw": false,
            })
        };
        let mut forum = channel(FORUM, "faults", closed.clone());
        forum["type"] = json!(15);
        let role = |id: u64, name: &str, permissions: u64| {
            json!({
                "id": id.to_string(), "name": name, "permissions": permissions.to_string(), "color": 0, "hoist": false,
                "position": 0, "managed": false, "mentionable": false, "flags": 0,
            })
        };
        let invited = VIEW | SEND | EMBED | ATTACH | READ_HISTORY | SEND_IN_THREADS;
        let mut of_bot = role(BOT_ROLE, "calltriage", invited);
        of_bot["managed"] = json!(true);
        of_bot["tags"] = json!({ "bot_id": BOT.to_string() });
        State {
            next: 1_088_100_000_000_000_000,
            messages: Vec::new(),
            asked: Vec::new(),
            commands: BTreeMap::new(),
            registrations: 0,
            channels: BTreeMap::from([
                (NOC, channel(NOC, "noc", closed)),
                (LOBBY, channel(LOBBY, "lobby", json!([]))),
                (FORUM, forum),
                (THREAD, thread(THREAD, NOC)),
            ]),
            members: BTreeMap::from([
                (BOT, vec![BOT_ROLE]),
                (ANN, vec![STAFF]),
                (BEN, vec![STAFF]),
                (VISITOR, vec![VISITORS]),
            ]),
            roles: json!([
                role(SERVER, "@everyone", VIEW),
                role(STAFF, "staff", 0),
                role(VISITORS, "visitors", 0),
                of_bot
            ]),
            closed_to: Vec::new(),
            nonces: BTreeMap::new(),
            refused: Vec::new(),
            faults: Vec::new(),
            calls: Vec::new(),
            sent: Vec::new(),
            sessions: 0,
            resumed: 0,
            cuts: 0,
            intents: 0,
            files: BTreeMap::new(),
            application_flags: READS_TEXT,
            hanging: Vec::new(),
            takes_token: true,
            identifies: 0,
            owner: ANN,
            is_odd: false,
            buckets: Buckets::default(),
            jump: None,
            file_bytes: 10 << 20,
            servers: vec![SERVER],
            date: None,
        }
    }

    /// A new id; its time is now, as far as the bot's start goes.
    pub fn id(&mut self) -> u64 {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let since = u64::try_from(now.as_millis()).unwrap() - 1_420_070_400_000;
        self.next = (self.next + 1).max(since << 22);
        self.next
    }

    pub fn person(&self, id: u64) -> Value {
        json!({
            "id": id.to_string(), "username": format!("user{}", id % 1000), "discriminator": "0", "avatar": null,
            "global_name": null, "bot": matches!(id, BOT | MONITOR), "public_flags": 0,
        })
    }

    /// The server, as a session is told of it at its beginning.
    pub fn server(&self) -> Value {
        let (threads, channels): (Vec<&Value>, Vec<&Value>) =
            self.channels.values().partition(|it| it["type"] == 11);
        json!({
            "id": SERVER.to_string(), "name": "the server", "owner_id": self.owner.to_string(), "roles": self.roles,
            "channels": channels, "threads": threads, "members": [], "member_count": self.members.len(), "emojis": [],
            "stickers": [], "features": [], "presences": [], "voice_states": [], "stage_instances": [],
            "joined_at": "2026-01-01T00:00:00.000000+00:00", "large": false, "unavailable": false, "afk_timeout": 300,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
            "premium_tier": 0, "preferred_locale": "en-US", "nsfw_level": 0, "system_channel_flags": 0,
        })
    }

    /// Takes these permissions from the bot in a channel.
    pub fn forbid(&mut self, channel: u64, bits: u64) {
        let overwrites =
            self.channels.get_mut(&channel).unwrap()["permission_overwrites"].as_array_mut();
        overwrites.unwrap().push(json!({
            "id": BOT.to_string(), "type": 1, "allow": "0", "deny": bits.to_string(),
        }));
    }

    /// What the bot may do in a channel of the server.
    pub fn bot_may(&self, channel: u64) -> u64 {
        let number = |of: &Value| {
            of.as_str()
                .unwrap_or_default()
                .parse::<u64>()
                .unwrap_or_default()
        };
        let Some(known) = self.channels.get(&channel) else {
            return 0;
        };
        if known["type"] == 11 {
            return self.bot_may(number(&known["parent_id"]));
        }
        let is_held = |id: u64| id == SERVER || id == BOT_ROLE;
        let roles = self.roles.as_array().unwrap().iter();
        let mut bits = roles
            .filter(|it| is_held(number(&it["id"])))
            .fold(0, |all, it| all | number(&it["permissions"]));
        let overwrites = known["permission_overwrites"].as_array().unwrap();
        for id in [SERVER, BOT_ROLE, BOT] {
            for it in overwrites.iter().filter(|it| number(&it["id"]) == id) {
                bits = bits & !number(&it["deny"]) | number(&it["allow"]);
            }
        }
        bits
    }

    /// Begins a thread in a channel; what it began with has the same id.
    pub fn begin_thread(&mut self, id: u64, channel: u64) {
        self.channels.insert(id, thread(id, channel));
    }

    pub fn message(&self, id: u64) -> Option<&Message> {
        self.messages.iter().find(|it| it.id == id)
    }

    /// What the bot wrote in a channel, the oldest first.
    pub fn of_bot(&self, channel: u64) -> impl Iterator<Item = &Message> {
        let all = self.messages.iter();
        all.filter(move |it| it.channel == channel && it.is_bots())
    }

    pub fn called(&self, part: &str) -> usize {
        self.calls.iter().filter(|it| it.contains(part)).count()
    }

    /// What there is, for whoever waits in vain.
    pub fn told(&self) -> String {
        let messages = self.messages.iter();
        let messages: Vec<String> = messages
            .map(|it| format!("{} in {}: {}", it.author, it.channel, it.readable()))
            .collect();
        format!(
            "messages:\n{}\nrefused: {:#?}\ncalls: {:#?}\nfirst answers: {:#?}",
            messages.join("\n"),
            self.refused,
            self.calls,
            self.asked.iter().map(|it| &it.answered).collect::<Vec<_>>(),
        )
    }
}

/// A thread of a channel, as Discord gives it out.
fn thread(id: u64, parent: u64) -> Value {
    json!({
        "id": id.to_string(), "type": 11, "name": "a thread", "guild_id": SERVER.to_string(),
        "parent_id": parent.to_string(), "owner_id": ANN.to_string(),
    })
}
