//! What could stand in an option that somebody is typing: what they asked lately, rules, customers, the words of a choice.
//! Shows nothing that they might not see as an answer.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::Discord;
use super::incoming::Typing;
use super::show::limits::COMMAND_TEXT;
use crate::archive::Summary;
use crate::chat::commands::{OptionKind, Verb};
use crate::chat::reader::Reader;
use crate::chat::request::Request;
use crate::chat::show::text::{length, short};
use crate::chat::view::View;
use crate::chat::{HISTORY_LENGTH, Reply};
use crate::diagnosis::{Named, PeerKind, rules};

/// Discord waits three seconds for choices, and then shows none.
const AT_ONCE: Duration = Duration::from_millis(2_500);

/// People wait less: a platform that needs longer for names is not waited for, and what is known here is offered without
/// them.
const NAMES_AT_ONCE: Duration = Duration::from_millis(1_000);

/// What can be chosen: how it reads, and what it stands for.
type Choice = (String, String);

impl Discord {
    /// The choices for what somebody is typing, those first that begin as it does.
    pub(super) async fn completed(
        &self,
        typing: &Typing,
        request: Request,
        now: Timestamp,
    ) -> Vec<Choice> {
        let known = timeout(AT_ONCE, self.known(typing, request, now)).await;
        let wanted = typing.so_far.trim().to_lowercase();
        let words: Vec<&str> = words(&wanted).collect();
        let mut fitting: Vec<Choice> = known.unwrap_or_default();
        fitting.retain(|(label, value)| {
            let text = format!("{label} {value}").to_lowercase();
            let fits = !value.trim().is_empty() && length(value) <= COMMAND_TEXT;
            let is_wanted = words.iter().all(|it| text.contains(it));
            fits && !short(label, COMMAND_TEXT).is_empty() && is_wanted
        });
        fitting.sort_by_key(|(_, value)| !value.to_lowercase().starts_with(&wanted));
        let mut values = std::collections::BTreeSet::new();
        fitting.retain(|(_, value)| values.insert(value.clone()));
        fitting
    }

    async fn known(&self, typing: &Typing, request: Request, now: Timestamp) -> Vec<Choice> {
        let Some(command) = self.desk.table().named(&typing.command) else {
            return Vec::new();
        };
        let view = self.may_see(&format!("{} x", command.name), &request).await;
        if view == View::Nothing {
            return Vec::new();
        }
        let option = command.options.iter().find(|it| it.name == typing.option);
        if let Some(option) = option {
            return match &option.kind {
                OptionKind::Choice(words) => {
                    words.iter().map(|it| (it.clone(), it.clone())).collect()
                }
                _ => Vec::new(),
            };
        }
        match command.verb {
            Verb::Explain | Verb::Rules => {
                let rule = |rule: &rules::Rule| {
                    (format!("{} · {}", rule.id, rule.family), rule.id.to_owned())
                };
                rules::all().map(rule).collect()
            }
            // A reason is nobody's but their own.
            Verb::Wrong => Vec::new(),
            verb => {
                let recent = self.recent(verb, &request, now);
                let named = self.named(verb, &typing.so_far, &view);
                let (mut known, named) = tokio::join!(recent, named);
                known.extend(named);
                known
            }
        }
    }

    /// What this person may see of the answer to a command; nothing where that cannot be told.
    async fn may_see(&self, said: &str, request: &Request) -> View {
        let said = said.to_owned();
        let asked = Request {
            said,
            ..request.clone()
        };
        self.work.view(asked).await.unwrap_or(View::Nothing)
    }

    /// The customers and carriers whose name somebody types, for those who may see everything of what they ask.
    async fn named(&self, verb: Verb, so_far: &str, view: &View) -> Vec<Choice> {
        let takes_names = matches!(verb, Verb::Stats | Verb::Watch | Verb::Whois | Verb::Calls);
        if !takes_names || *view != View::Everything {
            return Vec::new();
        }
        let is_name = |word: &&str| !matches!(word.to_lowercase().as_str(), "customer" | "carrier");
        let part: Vec<&str> = words(so_far).filter(is_name).collect();
        let part = part.join(" ");
        let named = self.desk.investigator().named_like(&part);
        let named = timeout(NAMES_AT_ONCE, named).await.unwrap_or_default();
        named.into_iter().map(choice_of).collect()
    }

    /// What was asked lately, as far as this person may know of it.
    async fn recent(&self, verb: Verb, request: &Request, now: Timestamp) -> Vec<Choice> {
        if self.may_see("history", request).await != View::Everything {
            return Vec::new();
        }
        // What is completed is seen by nobody else.
        let reader = Reader::Alone(request.asker.named());
        let past = self.desk.history("", HISTORY_LENGTH, &reader, now).await;
        let Reply::History { list, .. } = past else {
            return Vec::new();
        };
        let by_id = matches!(verb, Verb::Again | Verb::Report | Verb::Simulate);
        let choice = |one: &Summary| {
            let time = one.asked_at.strftime("%F %T");
            let label = format!("{time} {} · {}", one.query, one.rule);
            let value = if by_id { &one.id } else { &one.query };
            (label, value.clone())
        };
        list.iter().map(choice).collect()
    }
}

/// The words of what is typed, as in `customer:acme`.
fn words(typed: &str) -> impl Iterator<Item = &str> {
    let words = typed.split(|c: char| c.is_whitespace() || c == ':');
    words.filter(|it| !it.is_empty())
}

/// Somebody as a scope, in the form that questions and watches take alike.
fn choice_of(named: Named) -> Choice {
    let kind = match named.kind {
        PeerKind::Carrier => "carrier",
        _ => "customer",
    };
    let name = named.name;
    match named.id {
        Some(id) => (format!("{name} · {kind} #{id}"), format!("{kind}:#{id}")),
        None if name.contains(char::is_whitespace) => (format!("{name} · {kind}"), name),
        None => (format!("{name} · {kind}"), format!("{kind}:{name}")),
    }
}
