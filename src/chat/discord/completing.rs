//! What could stand in an option that somebody is typing: what they asked lately, rules, customers, the words of a choice.
//! Shows nothing that they might not see as an answer.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Discord;
use super::incoming::Typing;
use super::show::limits::{CHOICES, COMMAND_TEXT};
use crate::archive::Summary;
use crate::chat::commands::{OptionKind, Verb};
use crate::chat::reader::Reader;
use crate::chat::request::Request;
use crate::chat::show::text::{length, short};
use crate::chat::view::View;
use crate::chat::{HISTORY_LENGTH, Reply};
use crate::diagnosis::{PeerKind, rules};

/// Discord waits three seconds for choices; people wait less.
const AT_ONCE: Duration = Duration::from_millis(1_500);

/// What can be chosen: how it reads, and what it stands for.
type Choice = (String, String);

impl Discord {
    /// The choices for what somebody is typing, those first that begin as it does.
    pub(super) async fn completed(
        &self,
        typing: &Typing,
        request: Request,
        now: Timestamp,
    ) -> Vec<Value> {
        let known = timeout(AT_ONCE, self.known(typing, request, now)).await;
        let wanted = typing.so_far.trim().to_lowercase();
        let mut fitting: Vec<Choice> = known.unwrap_or_default();
        fitting.retain(|(label, value)| {
            let is_wanted = |text: &str| text.to_lowercase().contains(&wanted);
            let fits = !value.trim().is_empty() && length(value) <= COMMAND_TEXT;
            fits && !short(label, COMMAND_TEXT).is_empty() && (is_wanted(label) || is_wanted(value))
        });
        fitting.sort_by_key(|(_, value)| !value.to_lowercase().starts_with(&wanted));
        let mut values = std::collections::BTreeSet::new();
        fitting.retain(|(_, value)| values.insert(value.clone()));
        let choice =
            |(label, value): &Choice| json!({ "name": short(label, COMMAND_TEXT), "value": value });
        fitting.iter().take(CHOICES).map(choice).collect()
    }

    async fn known(&self, typing: &Typing, request: Request, now: Timestamp) -> Vec<Choice> {
        let Some(command) = self.desk.table().named(&typing.command) else {
            return Vec::new();
        };
        let option = command.options.iter().find(|it| it.name == typing.option);
        if let Some(option) = option {
            return match &option.kind {
                OptionKind::Choice(words) => {
                    words.iter().map(|it| (it.clone(), it.clone())).collect()
                }
                _ => Vec::new(),
            };
        }
        if matches!(command.verb, Verb::Explain | Verb::Rules) {
            let rule =
                |rule: &rules::Rule| (format!("{} · {}", rule.id, rule.family), rule.id.to_owned());
            return rules::all().map(rule).collect();
        }
        if command.verb == Verb::Wrong {
            // A reason is nobody's but their own.
            return Vec::new();
        }
        let asked = Request {
            said: "history".to_owned(),
            ..request.clone()
        };
        if self.work.view(asked).await.ok() != Some(View::Everything) {
            return Vec::new();
        }
        let mut known = self.recent(command.verb, &request, now).await;
        if matches!(
            command.verb,
            Verb::Stats | Verb::Watch | Verb::Whois | Verb::Calls
        ) {
            let peers = self.desk.investigator().peers().iter();
            let customers = peers.filter(|it| it.kind == PeerKind::Customer);
            known.extend(customers.map(|it| (it.name.clone(), it.name.clone())));
        }
        known
    }

    /// What was asked lately, as far as this person may know of it.
    async fn recent(&self, verb: Verb, request: &Request, now: Timestamp) -> Vec<Choice> {
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
