//! What is given out besides verdicts: ladders and captures of calls, and what is known of addresses, numbers and
//! traffic. Reads the text and hands it on; looks nothing up itself.

use jiff::Timestamp;

use super::conversation::Then;
use super::{Conversation, Desk, Given, Reply, answer, new_id};
use crate::call::{CallQuery, Question, Reading, Term};
use crate::diagnosis::investigator::progress::unwatched;
use crate::diagnosis::{Investigated, Investigation};

/// More of a Call-ID than this says nothing in the name of a file.
const LONGEST_NAME: usize = 60;

impl Desk {
    /// The ladders of the calls that a text means; of what was investigated last without one.
    pub(super) async fn ladders(
        &self,
        conversation: &mut Conversation,
        text: &str,
        now: Timestamp,
    ) -> Reply {
        match self.meant(conversation, text, Then::Ladder, now).await {
            Ok(query) => self.draw(conversation, text, &query, now).await,
            Err(back) => back,
        }
    }

    /// The ladders of these calls.
    pub(super) async fn draw(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Reply {
        let done = self.seen(conversation, typed, query, now).await;
        let zone = self.zone_in(conversation);
        Reply::Ladders(answer::cards(&done, self.investigator().peers(), zone))
    }

    /// The messages of the calls that a text means, as a capture; of what was investigated last without one.
    pub(super) async fn pcap(
        &self,
        conversation: &mut Conversation,
        text: &str,
        now: Timestamp,
    ) -> Reply {
        match self.meant(conversation, text, Then::Pcap, now).await {
            Ok(query) => self.captured(conversation, text, &query, now).await,
            Err(back) => back,
        }
    }

    /// The messages of these calls, as a capture.
    pub(super) async fn captured(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Reply {
        let done = self.seen(conversation, typed, query, now).await;
        let (bytes, written) = match done.evidence.to_pcap() {
            Ok((bytes, written)) if written.messages > 0 => (bytes, written),
            Ok(_) => return Reply::Text(no_messages(&done.investigation)),
            Err(error) => return Reply::Text(format!("The capture could not be made: {error}.")),
        };
        let ids = done.investigation.calls.iter().flat_map(|it| &it.call_ids);
        let name = file_name(ids.map(String::as_str).next().unwrap_or("calls"));
        let messages = match written.messages {
            1 => "1 message".to_owned(),
            n => format!("{n} messages"),
        };
        let left_out = match written.left_out {
            0 => String::new(),
            n => format!(
                " {n} left out: longer than a datagram, or between an IPv4 and an IPv6 address."
            ),
        };
        Reply::Files {
            said: format!(
                "{messages} as {name}, for Wireshark; credentials are blanked.{left_out}"
            ),
            files: vec![Given {
                name,
                title: format!("{messages} as a capture"),
                bytes,
            }],
        }
    }

    /// Who is behind what a text names.
    pub(super) async fn whois(
        &self,
        conversation: &mut Conversation,
        text: &str,
        now: Timestamp,
    ) -> Reply {
        let query = match self.read_in(conversation, &numbered(text), now).await {
            Reading::Query(query) => query,
            Reading::Ambiguous(question) => any_of(question),
            // A name that nothing else can be.
            Reading::Nothing(_) => CallQuery {
                terms: vec![Term::SipUser(text.trim().to_owned())],
                ..CallQuery::default()
            },
        };
        let mut known = Box::pin(self.asked_of(conversation).whois(&query)).await;
        known.title = text.trim().to_owned();
        Reply::Brief(known)
    }

    /// The traffic of what a text names, counted.
    pub(super) async fn stats(
        &self,
        conversation: &mut Conversation,
        text: &str,
        now: Timestamp,
    ) -> Reply {
        let query = match text.trim() {
            "" => CallQuery::default(),
            _ => match self.meant(conversation, text, Then::Stats, now).await {
                Ok(query) => query,
                Err(back) => return back,
            },
        };
        self.counted(conversation, text, query, now).await
    }

    /// The traffic of a query, counted.
    pub(super) async fn counted(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: CallQuery,
        now: Timestamp,
    ) -> Reply {
        let mut counted = Box::pin(self.asked_of(conversation).statistics(&query, now)).await;
        counted.title = match typed.trim() {
            "" => "All calls".to_owned(),
            typed => typed.to_owned(),
        };
        if let Some(window) = &query.window {
            counted.note(format!(
                "Looked at {}.",
                window.said(self.zone_in(conversation))
            ));
        }
        query.notes.into_iter().for_each(|it| counted.note(it));
        Reply::Brief(counted)
    }

    /// What all sources show of these calls; nothing is kept of it.
    async fn seen(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Investigated {
        let investigator = self.asked_of(conversation);
        let seen = investigator.investigate(new_id(now), typed, query, now, &unwatched);
        Box::pin(seen).await
    }

    /// The query of a text, and without one of what was investigated last; else what has to be said back first.
    async fn meant(
        &self,
        conversation: &mut Conversation,
        text: &str,
        then: Then,
        now: Timestamp,
    ) -> Result<CallQuery, Reply> {
        if let ("", Some((_, query))) = (text.trim(), &conversation.last) {
            return Ok(query.clone());
        }
        match self.read_in(conversation, text, now).await {
            Reading::Query(query) => Ok(query),
            Reading::Nothing(why) => Err(Reply::Text(why)),
            Reading::Ambiguous(question) => Err(conversation.ask(question, then)),
        }
    }
}

/// Whoever is meant is looked for in all books at once: nothing is asked back that they answer.
fn any_of(question: Question) -> CallQuery {
    let terms = question.choices.into_iter().flat_map(|it| it.query.terms);
    CallQuery {
        terms: terms.filter(|it| !it.is_call_id()).collect(),
        ..CallQuery::default()
    }
}

/// `#12` alone may be a customer or a carrier: both are meant.
fn numbered(text: &str) -> String {
    let id = text.trim().strip_prefix('#').map(str::trim);
    match id.filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit())) {
        Some(id) => format!("customer #{id} carrier #{id}"),
        None => text.to_owned(),
    }
}

fn no_messages(investigation: &Investigation) -> String {
    match investigation.said_missing().as_slice() {
        [] => "There are no messages of it to give out.".to_owned(),
        sentences => sentences.join(" "),
    }
}

/// A name for a file that holds nothing but what every system takes.
fn file_name(call_id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = call_id.chars().take(LONGEST_NAME).map(safe).collect();
    format!("{}.pcap", name.trim_matches('-'))
}
