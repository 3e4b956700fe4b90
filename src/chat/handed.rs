//! Files that somebody hands over: captures become a further source of the conversation, lists of Call-IDs a question.
//! Held in memory and forgotten with the conversation; what they hold is never trusted to be what their names say.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::{Conversation, Desk, Reply};
use crate::call::{CallQuery, MAX_TERMS, Reading, Term};
use crate::diagnosis::Investigator;
use crate::sip::{Call, Kind};
use crate::sources::{Captures, Source};

/// What answers call the captures that were handed over.
const NAME: &str = "the files handed over";

/// More than this is no list of ids.
const LONGEST_LIST: usize = 64 * 1024;

/// A file that somebody handed over.
#[derive(Debug, Clone)]
pub struct Handed {
    /// Its name as its owner called it: text from outside, never a path.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What a conversation was handed.
#[derive(Debug)]
pub(super) struct Found {
    /// The captures before all other sources.
    all: Investigator,
    /// The captures alone.
    alone: Investigator,
    /// What the other files say.
    list: String,
    /// Names of files that are neither.
    strange: Vec<String>,
    /// All of them as they are.
    files: Vec<(String, Bytes)>,
    has_captures: bool,
}

impl Desk {
    /// Lets a conversation look into files, whatever is asked in it from now on.
    pub async fn hand_over(&self, conversation: &mut Conversation, files: Vec<Handed>) {
        let peers = self.investigator().peers();
        let (mut captures, mut list, mut strange) = (Vec::new(), String::new(), Vec::new());
        let mut all_files = Vec::new();
        for (nth, file) in files.into_iter().enumerate() {
            let bytes = Bytes::from(file.bytes);
            all_files.push((file.name.clone(), bytes.clone()));
            // Two may have one name.
            let named = (format!("{}-{}", nth + 1, file.name), bytes.clone());
            let alone = Captures::in_memory(NAME, [named.clone()], peers.clone());
            if !alone.is_empty().await {
                captures.push(named);
                continue;
            }
            match std::str::from_utf8(&bytes).map(str::trim) {
                Ok(text) if !text.is_empty() && text.len() <= LONGEST_LIST => {
                    list.push_str(text);
                    list.push('\n');
                }
                _ => strange.push(file.name),
            }
        }
        let has_captures = !captures.is_empty();
        let source = Captures::in_memory(NAME, captures, peers.clone());
        let source = Source::Captures(Arc::new(source));
        let others = self.investigator().sources();
        let all = match has_captures {
            true => [std::slice::from_ref(&source), others].concat(),
            false => others.to_vec(),
        };
        conversation.handed = Some(Box::new(Found {
            all: self.investigator().over(all),
            alone: self.investigator().over(vec![source]),
            list,
            strange,
            files: all_files,
            has_captures,
        }));
    }

    /// The files that a conversation was handed, as they are: names are text from outside.
    pub(super) fn handed_files(conversation: &Conversation) -> &[(String, Bytes)] {
        let handed = conversation.handed.as_ref();
        handed.map_or(&[], |it| it.files.as_slice())
    }

    /// What is asked in a conversation: with what it was handed.
    pub(super) fn asked_of<'a>(&'a self, conversation: &'a Conversation) -> &'a Investigator {
        let handed = conversation.handed.as_ref();
        handed.map_or(&self.investigator, |it| &it.all)
    }

    /// What a text asks together with what was handed over: the ids that lists hold, else, where nothing is said, all
    /// calls of the captures.
    pub(super) async fn read_handed(
        &self,
        conversation: &Conversation,
        text: &str,
        now: Timestamp,
    ) -> Option<Reading> {
        let handed = conversation.handed.as_ref()?;
        if !handed.list.is_empty() {
            let text = format!("{text}\n{}", handed.list);
            return Some(self.read_in(conversation, &text, now).await);
        }
        if !text.trim().is_empty() {
            return handed
                .narrowed(self.read_in(conversation, text, now).await)
                .await;
        }
        if !handed.has_captures {
            let names = handed.strange.join(", ");
            return Some(Reading::Nothing(format!(
                "{names}: no SIP was found in it, and no list of Call-IDs. Captures (pcap, pcapng, also gzipped), text \
                 traces and lists are read."
            )));
        }
        Some(handed.everything().await)
    }

    /// Says what could not be read of what was handed over.
    pub(super) fn note_strange(&self, conversation: &Conversation, reply: &mut Reply) {
        let strange = conversation.handed.as_ref().map(|it| &it.strange);
        let Some(names) = strange.filter(|it| !it.is_empty()) else {
            return;
        };
        if let Reply::Investigation(_, cards) = reply
            && let Some(card) = cards.last_mut()
        {
            let names = names.join(", ");
            card.hints
                .push(format!("Not read: {names} holds no SIP and no Call-IDs."));
        }
    }
}

impl Found {
    /// What words beside a capture ask: where they name no call, all of them, as far as the words narrow them.
    async fn narrowed(&self, read: Reading) -> Option<Reading> {
        let said = match read {
            Reading::Query(query) if query.is_empty() => query,
            Reading::Nothing(_) => CallQuery::default(),
            other => return Some(other),
        };
        if !self.has_captures {
            return None;
        }
        Some(match self.everything().await {
            Reading::Query(all) => Reading::Query(CallQuery {
                terms: all.terms,
                notes: [all.notes, said.notes].concat(),
                ..said
            }),
            other => other,
        })
    }

    /// The newest calls in the captures; where there are none, the registrations.
    async fn everything(&self) -> Reading {
        for kind in [Kind::Call, Kind::Registration] {
            let wanted = move |call: &Call| call.kind() == kind;
            let latest = self.alone.latest(Arc::new(wanted), MAX_TERMS);
            let (facts, left_out, _) = latest.await;
            if facts.is_empty() {
                continue;
            }
            let mut query = CallQuery {
                terms: facts
                    .into_iter()
                    .map(|it| Term::CallId(it.call_id))
                    .collect(),
                ..CallQuery::default()
            };
            if left_out > 0 {
                query.notes.push(format!(
                    "{left_out} older calls of the file were not looked at: name one, or a number, to see it."
                ));
            }
            return Reading::Query(query);
        }
        Reading::Nothing("There is SIP in the file, but no call and no registration.".to_owned())
    }
}
