//! Calls as a list: those that a scope means, or all that the sources hold. Diagnoses none.

use std::sync::Arc;

use jiff::Timestamp;

use super::commands::Options;
use super::conversation::Then;
use super::{Conversation, Desk, Reply};
use crate::call::{CallQuery, Reading};
use crate::sip::{Call, Kind, Leg};

/// How many calls a list shows unless it is told otherwise.
const LIST_LENGTH: usize = 50;

/// What is said where there is no capture to list the calls of.
const OF_CAPTURES: &str = "`calls` lists the calls of capture files, and none are configured. Ask the platform about a \
                           number, a Call-ID or a customer: `diagnose 441632960106`, or `diagnose customer #12 since 9:10`.";

impl Desk {
    /// The calls of a scope, or all of them.
    pub(super) async fn calls(
        &self,
        conversation: &mut Conversation,
        scope: &str,
        options: Options,
        now: Timestamp,
    ) -> Reply {
        let query = match self.read_in(conversation, scope, now).await {
            Reading::Query(query) => Some(query),
            _ if scope.trim().is_empty() => None,
            Reading::Nothing(why) => return Reply::Text(why),
            Reading::Ambiguous(question) => {
                return conversation.ask(question, Then::Calls(options));
            }
        };
        self.list(conversation, scope, query.as_ref(), &options, now)
            .await
    }

    /// The calls of a query, or all of them.
    pub(super) async fn list(
        &self,
        conversation: &Conversation,
        scope: &str,
        query: Option<&CallQuery>,
        options: &Options,
        now: Timestamp,
    ) -> Reply {
        let investigator = self.asked_of(conversation);
        let kind = options.text("kind").map(str::to_owned);
        let keep_alives = options.flag("all");
        let wanted = move |call: &Call| {
            // One line a call: the caller's leg stands for all of them.
            let of_kind = |leg: &Leg| match leg.facts.kind {
                Kind::Call => "call",
                Kind::Registration => "registration",
                Kind::Other => "other",
            };
            (keep_alives || !call.is_keep_alive_only())
                && kind
                    .as_deref()
                    .is_none_or(|only| call.first_leg().map(of_kind) == Some(only))
        };
        let most = options
            .number("limit")
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(LIST_LENGTH);
        let (facts, left_out, unread) = match query {
            None => investigator.latest(Arc::new(wanted), most).await,
            Some(query) => {
                let (mut calls, unread) = investigator.matching(query, now).await;
                calls.retain(|known| wanted(&known.call));
                let left_out = calls.len().saturating_sub(most);
                let facts = calls.into_iter().skip(left_out);
                let facts = facts.filter_map(|known| known.call.legs.into_iter().next());
                (facts.map(|leg| leg.facts).collect(), left_out, unread)
            }
        };
        let has_captures = investigator
            .sources()
            .iter()
            .any(|it| it.captures().is_some());
        if facts.is_empty() && !has_captures && investigator.platforms().next().is_some() {
            return Reply::Text(OF_CAPTURES.to_owned());
        }
        Reply::Calls {
            about: match options.text("kind") {
                Some(kind) if !scope.trim().is_empty() => format!("{} --kind {kind}", scope.trim()),
                _ => scope.trim().to_owned(),
            },
            facts,
            left_out,
            problems: unread.sentences().cloned().collect(),
        }
    }
}
