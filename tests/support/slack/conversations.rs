//! The methods that read channels and people, and open direct conversations. Change nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Inner;
use super::state::{BOT_USER, Channel, Message};
use super::web_api::{Done, No, channel, flag, text};

/// A ts as a number that compares, in microseconds.
fn moment(ts: &str) -> u64 {
    let (seconds, micros) = ts.split_once('.').unwrap_or((ts, "0"));
    let seconds: u64 = seconds.parse().unwrap_or(0);
    seconds * 1_000_000 + format!("{micros:0<6}")[..6].parse::<u64>().unwrap_or(0)
}

/// A page of messages that are in order, with the metadata that is asked for.
fn page(arguments: &Value, all: Vec<&Message>, show: impl Fn(&Message, bool) -> Value) -> Value {
    let number = |name: &str| match &arguments[name] {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let limit = usize::try_from(number("limit").unwrap_or(100).clamp(1, 999)).unwrap();
    let inclusive = flag(arguments, "inclusive");
    let bound = |name: &str| arguments[name].as_str().filter(|it| *it != "0").map(moment);
    let within = |it: &&Message| {
        let at = moment(&it.ts);
        let later = bound("oldest").is_none_or(|from| at > from || (inclusive && at == from));
        let before = bound("latest").is_none_or(|to| at < to || (inclusive && at == to));
        later && before
    };
    let kept: Vec<_> = all.into_iter().filter(within).collect();
    let skipped = arguments["cursor"].as_str().unwrap_or("");
    let skipped: usize = skipped.trim_start_matches("next:").parse().unwrap_or(0);
    let metadata = flag(arguments, "include_all_metadata");
    let shown = kept.iter().skip(skipped).take(limit);
    let messages: Vec<_> = shown.map(|it| show(it, metadata)).collect();
    let next = skipped + messages.len();
    let more = next < kept.len();
    let cursor = if more {
        format!("next:{next}")
    } else {
        String::new()
    };
    json!({"messages": messages, "has_more": more, "pin_count": 0,
        "response_metadata": {"next_cursor": cursor}})
}

impl Inner {
    /// Newest first, without replies.
    pub(super) fn history(&self, arguments: &Value) -> Done {
        let (state, base) = (self.lock(), self.base());
        let place = member_of(channel(&state, text(arguments, "channel")?)?)?;
        let messages = state.messages.iter().rev().filter(|it| {
            let reply = it.thread_ts.as_ref().is_some_and(|thread| *thread != it.ts);
            it.channel == place.id && !it.deleted && it.only_for.is_none() && !reply
        });
        let show = |it: &Message, metadata| state.message_json(it, metadata, &base);
        Ok(page(arguments, messages.collect(), show))
    }

    /// Oldest first, with the first message of the thread.
    pub(super) fn replies(&self, arguments: &Value) -> Done {
        let (state, base) = (self.lock(), self.base());
        let place = member_of(channel(&state, text(arguments, "channel")?)?)?;
        let ts = text(arguments, "ts")?;
        let thread = state.thread(&place.id, ts);
        if thread.is_empty() {
            return Err(No::because("thread_not_found", ts));
        }
        let show = |it: &Message, metadata| state.message_json(it, metadata, &base);
        Ok(page(arguments, thread, show))
    }

    pub(super) fn channel_info(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let found = channel(&state, text(arguments, "channel")?)?;
        let mut value = found.json();
        if flag(arguments, "include_num_members") {
            value["num_members"] = json!(found.members.len());
        }
        Ok(json!({"channel": value}))
    }

    pub(super) fn members(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let found = channel(&state, text(arguments, "channel")?)?;
        Ok(json!({"members": found.members, "response_metadata": {"next_cursor": ""}}))
    }

    pub(super) fn open_direct(&self, arguments: &Value) -> Done {
        let users = match &arguments["users"] {
            Value::String(users) => users.clone(),
            Value::Array(users) => {
                let all: Vec<_> = users.iter().filter_map(Value::as_str).collect();
                all.join(",")
            }
            _ => return Err(No::because("invalid_arguments", "no users")),
        };
        if users.contains(',') {
            return Err(No::because("not_supported_here", "several users"));
        }
        let known = self.lock().users.get(&users).cloned();
        match known {
            None => return Err(No::because("user_not_found", users)),
            Some(user) if user.is_bot => return Err("cannot_dm_bot".into()),
            Some(_) => {}
        }
        let already = self.lock().direct(&users).is_some();
        let id = self.direct(&users);
        let shown = match flag(arguments, "return_im") {
            true => self.lock().channels[&id].json(),
            false => json!({"id": id}),
        };
        Ok(json!({"channel": shown, "no_op": already, "already_open": already}))
    }

    /// The direct conversation of somebody with the bot, made where there is none.
    pub(super) fn direct(&self, user: &str) -> String {
        self.change(|state| {
            if let Some(found) = state.direct(user) {
                return found.id.clone();
            }
            let id = state.id("D");
            let members: BTreeSet<_> = [user, BOT_USER].map(str::to_owned).into();
            let made = Channel {
                is_im: true,
                members,
                ..Channel::new(&id, "directmessage", &[])
            };
            state.channels.insert(id.clone(), made);
            id
        })
    }

    pub(super) fn user_info(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let id = text(arguments, "user")?;
        let user = state.users.get(id);
        let user = user.ok_or_else(|| No::because("user_not_found", id))?;
        Ok(json!({"user": user.json()}))
    }

    /// Everybody of this workspace, guests too, a page at a time; nobody of others.
    pub(super) fn users(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let limit = arguments["limit"]
            .as_str()
            .map_or(1000, |it| it.parse().unwrap());
        let limit: usize = limit.min(1000);
        let after = arguments["cursor"].as_str().unwrap_or_default();
        let own = state.users.values().filter(|it| !it.is_stranger);
        let left: Vec<_> = own.filter(|it| it.id.as_str() > after).collect();
        let page = &left[..left.len().min(limit)];
        let cursor = match (left.len() > limit, page.last()) {
            (true, Some(last)) => last.id.clone(),
            _ => String::new(),
        };
        let members: Vec<_> = page.iter().map(|it| it.json()).collect();
        Ok(json!({"members": members, "response_metadata": {"next_cursor": cursor}}))
    }

    pub(super) fn group(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let id = text(arguments, "usergroup")?;
        let users = state.groups.get(id);
        let users = users.ok_or_else(|| No::because("no_such_subteam", id))?;
        Ok(json!({"users": users}))
    }
}

fn member_of(channel: &Channel) -> Result<&Channel, No> {
    match channel.has_bot() {
        true => Ok(channel),
        false => Err(No::because("not_in_channel", channel.id.clone())),
    }
}
