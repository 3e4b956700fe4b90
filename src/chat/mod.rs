//! The neutral heart of every chat: a command in, a reply out. Translates no platform's words and
//! delivers nothing; knows sources only through the investigator.

pub mod access;
pub mod answer;
pub mod audit;
pub mod commands;
mod comparing;
mod conversation;
mod correcting;
mod explained;
mod files;
mod giving;
mod handed;
mod id;
pub mod jobs;
mod late;
pub mod local;
pub mod outlet;
pub mod reader;
mod reply;
pub mod request;
mod simulating;
pub mod slack;
pub mod threads;
mod topic;
pub mod view;
mod waiting;
pub mod work;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::archive::{Archive, Summary};
use crate::call::{self, CallQuery, Context, Reading, Term};
use crate::diagnosis::investigator::cancel::Course;
use crate::diagnosis::investigator::progress::unwatched;
use crate::diagnosis::{Investigated, Investigation, Investigator, PeerKind};
use crate::render::card::for_customer;
use crate::render::survey;
use crate::sip::{Call, Kind, Leg};
use crate::sources::{Evidence, Unread};
use crate::store::StoreError;
use commands::{Options, Place, Table, Verb};

use conversation::Then;
pub use conversation::{Conversation, ConversationId, Watcher};
pub use correcting::{Marked, accuracy_lines, marked};
pub use handed::Handed;
pub use id::new_id;
use reader::Reader;
pub use reply::{Alternative, Given, Offer, Reply, list_rules};
pub use topic::{Topic, cannot_explain};
pub use waiting::Late;
use waiting::Waiting;

/// How many past investigations a list shows unless it is told otherwise.
pub const HISTORY_LENGTH: usize = 20;

/// How many calls a list shows unless it is told otherwise.
const LIST_LENGTH: usize = 50;

/// Answers commands, whatever chat they come from.
#[derive(Debug)]
pub struct Desk {
    investigator: Investigator,
    archive: Option<Archive>,
    table: Table,
    zone: TimeZone,
    home_country: Option<String>,
    /// What waits for a platform.
    waiting: Waiting,
}

impl Desk {
    /// A desk over an investigator. Without an archive nothing is remembered between runs.
    #[must_use]
    pub fn new(
        investigator: Investigator,
        archive: Option<Archive>,
        table: Table,
        zone: TimeZone,
        home_country: Option<String>,
    ) -> Desk {
        Desk {
            investigator,
            archive,
            table,
            zone,
            home_country,
            waiting: Waiting::default(),
        }
    }

    /// The investigator behind it.
    #[must_use]
    pub fn investigator(&self) -> &Investigator {
        &self.investigator
    }

    /// The commands that it knows.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// A conversation that remembers this question, where it can be read.
    pub async fn reminded(
        &self,
        conversation: Conversation,
        typed: &str,
        now: Timestamp,
    ) -> Conversation {
        match self.read_in(&conversation, typed, now).await {
            Reading::Query(query) => conversation.about(typed.to_owned(), query),
            _ => conversation,
        }
    }

    /// The zone in which times without one are read and told.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Answers one message.
    pub async fn answer(
        &self,
        conversation: &mut Conversation,
        text: &str,
        now: Timestamp,
    ) -> Reply {
        conversation.begin();
        if let Some(dry_run) = conversation.agreed(text) {
            return self.run_dry(conversation, &dry_run, now).await;
        }
        // A question is answered at once or not at all: any other message takes it back.
        if let Some((choice, then)) = conversation.chosen(text) {
            let (label, query) = (&choice.label, choice.query);
            return match then {
                Then::Diagnose => self.investigate(conversation, label, query, now).await,
                Then::Ladder => self.draw(conversation, label, &query, now).await,
                Then::Pcap => self.captured(conversation, label, &query, now).await,
                Then::Stats => {
                    let counted = self.asked_of(conversation).statistics(&query, now);
                    Reply::Brief(Box::pin(counted).await)
                }
                Then::Calls(options) => self.list(label, Some(&query), &options, now).await,
            };
        }
        if text.trim().is_empty() && conversation.handed.is_some() {
            return self.diagnose(conversation, "", now).await;
        }
        let parsed = match self.table.parse(text) {
            Ok(parsed) => parsed,
            Err(usage) => return Reply::Text(usage.to_string()),
        };
        match parsed.command.verb {
            Verb::Diagnose => self.diagnose(conversation, &parsed.rest, now).await,
            Verb::Simulate => {
                self.simulate(conversation, &parsed.rest, &parsed.options, now)
                    .await
            }
            Verb::Compare => self.compare(&parsed.rest, now).await,
            Verb::Ladder => self.ladders(conversation, &parsed.rest, now).await,
            Verb::Calls => {
                self.calls(conversation, &parsed.rest, parsed.options, now)
                    .await
            }
            Verb::Pcap => self.pcap(conversation, &parsed.rest, now).await,
            Verb::Whois => self.whois(conversation, &parsed.rest, now).await,
            Verb::Stats => self.stats(conversation, &parsed.rest, now).await,
            Verb::Status => Reply::Brief(self.investigator.standing(now).await),
            Verb::Patterns => {
                let (found, unread) = self.investigator.survey().await;
                let mut lines = survey::lines(&found);
                lines.extend(unread.sentences().cloned());
                Reply::Text(lines.join("\n"))
            }
            Verb::Again => self.again(conversation, &parsed.rest, now).await,
            Verb::History => {
                let most = parsed
                    .options
                    .number("limit")
                    .and_then(|n| usize::try_from(n).ok());
                let most = most.unwrap_or(HISTORY_LENGTH);
                self.history(&parsed.rest, most, &conversation.reader, now)
                    .await
            }
            Verb::Explain => {
                let knowledge = self.investigator.knowledge();
                let topics = Topic::all(&parsed.rest, knowledge);
                if topics.is_empty() && topic::may_be_about_a_call(&parsed.rest, knowledge) {
                    return self.diagnose(conversation, &parsed.rest, now).await;
                }
                let texts: Vec<String> = topics
                    .iter()
                    .map(|it| it.text(knowledge, self.investigator.tuning()))
                    .collect();
                Reply::Text(if texts.is_empty() {
                    cannot_explain(&parsed.rest, knowledge)
                } else {
                    texts.join("\n\n")
                })
            }
            Verb::Wrong => {
                let said = Marked {
                    call: parsed.options.text("call"),
                    party: parsed.options.text("party"),
                    rule: parsed.options.text("rule"),
                    reason: &parsed.rest,
                };
                let kept = self.mark_wrong(said, &conversation.reader, now).await;
                Reply::Text(kept.map_or_else(|why| why, |it| marked(&it)))
            }
            Verb::Rules if parsed.options.flag("accuracy") => {
                let counted = self.accuracy(now).await;
                Reply::Text(counted.map_or_else(|why| why, |it| accuracy_lines(&it).join("\n")))
            }
            Verb::Rules => list_rules(&parsed.rest),
            Verb::Help => Reply::Text(self.help(&parsed.rest)),
            Verb::Quit => Reply::End,
        }
    }

    async fn diagnose(&self, conversation: &mut Conversation, text: &str, now: Timestamp) -> Reply {
        let handed = self.read_handed(conversation, text, now).await;
        let read = match handed {
            Some(read) => read,
            None => self.read_in(conversation, text, now).await,
        };
        match read {
            Reading::Query(query) => {
                let typed = match text.trim() {
                    "" => query.to_string(),
                    _ => text.to_owned(),
                };
                let mut reply = self.investigate(conversation, &typed, query, now).await;
                self.note_strange(conversation, &mut reply);
                reply
            }
            Reading::Nothing(why) => Reply::Text(why),
            Reading::Ambiguous(question) => conversation.ask(question, Then::Diagnose),
        }
    }

    fn help(&self, name: &str) -> String {
        let overview = || self.table.help(Place::Chat);
        if name.is_empty() {
            return overview();
        }
        self.table
            .help_for(name)
            .unwrap_or_else(|| format!("{name:?} is no command.\n\n{}", overview()))
    }

    /// What a text asks for. A single word that is a Call-ID some source holds is that Call-ID,
    /// whatever else it looks like: Call-IDs have no form of their own (RFC 3261 section 20.8).
    pub async fn read(&self, text: &str, now: Timestamp) -> Reading {
        self.read_in(&Conversation::default(), text, now).await
    }

    /// The same in a conversation: in its zone, and for a customer without the names of others.
    async fn read_in(&self, conversation: &Conversation, text: &str, now: Timestamp) -> Reading {
        let word = text.trim();
        if !word.is_empty() && !word.contains(char::is_whitespace) {
            for source in self.asked_of(conversation).sources() {
                if source.holds(word).await {
                    let terms = vec![Term::CallId(word.to_owned())];
                    return Reading::Query(CallQuery {
                        terms,
                        ..CallQuery::default()
                    });
                }
            }
        }
        self.read_words(conversation, text, now)
    }

    /// The same of a text that is no Call-ID which looks like something else.
    fn read_words(&self, conversation: &Conversation, text: &str, now: Timestamp) -> Reading {
        let names_all = !conversation.view.is_for_a_customer();
        let names = |kind: PeerKind| {
            let peers = self.investigator.peers().iter();
            let of_kind = peers.filter(move |peer| names_all && peer.kind == kind);
            of_kind.map(|peer| peer.name.clone()).collect()
        };
        let context = Context {
            home_country: self.home_country.clone(),
            customers: names(PeerKind::Customer),
            carriers: names(PeerKind::Carrier),
            ..Context::new(now, self.zone_in(conversation).clone())
        };
        call::parse(text, &context)
    }

    /// The zone in which times are read and told in a conversation.
    fn zone_in<'a>(&'a self, conversation: &'a Conversation) -> &'a TimeZone {
        conversation.zone.as_ref().unwrap_or(&self.zone)
    }

    async fn investigate(
        &self,
        conversation: &mut Conversation,
        typed: &str,
        query: CallQuery,
        now: Timestamp,
    ) -> Reply {
        let mut done = self.run_in(conversation, typed, &query, now).await;
        // What was cancelled tells nothing of whether the platform answers.
        if !conversation.is_cancelled() {
            self.waiting
                .note(conversation, typed, &query, now, &mut done);
        }
        conversation.last = Some((typed.to_owned(), query));
        self.told(conversation, done)
    }

    /// A finished investigation as it is told. Many calls are a list from which a number chooses.
    fn told(&self, conversation: &mut Conversation, done: Investigated) -> Reply {
        let done = conversation.view.of(done);
        let zone = self.zone_in(conversation);
        if conversation.view.is_for_a_customer() {
            let calls = done.investigation.calls.iter();
            return Reply::ForCustomer(calls.map(|it| for_customer(it, zone)).collect());
        }
        let mut cards = answer::cards_shown(&done, self.investigator.peers(), zone);
        let choices = answer::choices(&done.investigation);
        if let Some(last) = cards.last_mut().filter(|_| !choices.is_empty()) {
            last.hints
                .push("A number of the list shows all of that call.".into());
            conversation.offer(choices);
        }
        Reply::Investigation(Box::new(done.investigation), cards)
    }

    /// Investigates and keeps the result. What cannot be kept is said among the notes.
    pub async fn run(
        &self,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
        course: Course<'_>,
    ) -> Investigated {
        let own = &self.investigator;
        let mut done = self.look(own, &self.zone, typed, query, now, course).await;
        self.recall_corrections(&mut done, now).await;
        self.keep(&mut done, None, now).await;
        done
    }

    async fn run_in(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Investigated {
        let (zone, course) = (self.zone_in(conversation), conversation.course());
        let investigator = self.asked_of(conversation);
        let looked = self.look(investigator, zone, typed, query, now, course);
        let mut done = looked.await;
        self.recall_corrections(&mut done, now).await;
        self.keep(&mut done, conversation.reader.alone(), now).await;
        done
    }

    async fn look(
        &self,
        investigator: &Investigator,
        zone: &TimeZone,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
        course: Course<'_>,
    ) -> Investigated {
        let id = new_id(now);
        let investigated = investigator.investigate_while(id, typed, query, now, course);
        // Large, and better not on the stack.
        let mut done = Box::pin(investigated).await;
        if let Some(window) = &query.window {
            done.investigation
                .notes
                .push(format!("Looked at {}.", window.said(zone)));
        }
        note_unread(&mut done);
        done
    }

    /// Keeps an investigation, for one person alone where that is said.
    async fn keep(&self, done: &mut Investigated, only_for: Option<&str>, now: Timestamp) {
        done.investigation.only_for = only_for.map(ToOwned::to_owned);
        let Some(archive) = &self.archive else { return };
        match archive.save(&done.investigation, &done.evidence, now).await {
            Ok(()) => done.kept = true,
            Err(error) => {
                tracing::warn!(id = %done.investigation.id, %error, "an investigation was not kept");
                let notes = &mut done.investigation.notes;
                notes.push(format!("This investigation was not kept: {error}"));
            }
        }
    }

    async fn ladders(&self, conversation: &mut Conversation, text: &str, now: Timestamp) -> Reply {
        let query = match (text.trim(), &conversation.last) {
            ("", Some((_, query))) => query.clone(),
            _ => match self.read_in(conversation, text, now).await {
                Reading::Query(query) => query,
                Reading::Nothing(why) => return Reply::Text(why),
                Reading::Ambiguous(question) => return conversation.ask(question, Then::Ladder),
            },
        };
        self.draw(conversation, text, &query, now).await
    }

    async fn draw(
        &self,
        conversation: &Conversation,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Reply {
        let done = self
            .asked_of(conversation)
            .investigate(new_id(now), typed, query, now, &unwatched)
            .await;
        let zone = self.zone_in(conversation);
        Reply::Ladders(answer::cards(&done, self.investigator.peers(), zone))
    }

    async fn again(&self, conversation: &mut Conversation, id: &str, now: Timestamp) -> Reply {
        let id = id.trim();
        if id.is_empty() {
            return match conversation.last.clone() {
                Some((typed, query)) => self.investigate(conversation, &typed, query, now).await,
                None => self.again_newest(conversation, now).await,
            };
        }
        self.again_kept(conversation, id, now).await
    }

    /// Runs what was investigated last before this conversation.
    async fn again_newest(&self, conversation: &mut Conversation, now: Timestamp) -> Reply {
        let kept = match &self.archive {
            Some(archive) => listed(archive, "", &conversation.reader, now).await,
            None => Ok(Vec::new()),
        };
        match kept.as_deref() {
            Ok([newest, ..]) => self.again_kept(conversation, &newest.id, now).await,
            Ok([]) => Reply::Text("There is nothing to run again yet; paste a Call-ID.".into()),
            Err(error) => Reply::Text(error.to_string()),
        }
    }

    async fn again_kept(&self, conversation: &mut Conversation, id: &str, now: Timestamp) -> Reply {
        let Some(archive) = &self.archive else {
            return Reply::Text("Nothing is kept in this session, so there is no such id.".into());
        };
        match loaded(archive, id, &conversation.reader, now).await {
            Err(error) => Reply::Text(error.to_string()),
            Ok(None) => Reply::Text(format!(
                "No investigation is called {id}; `history` lists those that are kept."
            )),
            Ok(Some((kept, packets))) => self.rerun(conversation, kept, packets, now).await,
        }
    }

    /// Runs a kept investigation again; where its calls are gone from the sources, over the
    /// evidence that was kept.
    async fn rerun(
        &self,
        conversation: &mut Conversation,
        kept: Investigation,
        evidence: Evidence,
        now: Timestamp,
    ) -> Reply {
        // What was typed may have several readings; the canonical words have the one that was taken.
        // A Call-ID that looks like something else is known as one only while a source holds it.
        let fresh = match self
            .read_in(conversation, &kept.read_as, kept.asked_at)
            .await
        {
            Reading::Query(query) => {
                let course = conversation.course();
                let zone = self.zone_in(conversation);
                let fresh = self
                    .look(&self.investigator, zone, &kept.query, &query, now, course)
                    .await;
                conversation.last = Some((kept.query.clone(), query));
                Some(fresh)
            }
            _ => None,
        };
        let unread = match fresh {
            Some(mut fresh)
                if !fresh.evidence.packets.is_empty() || evidence.packets.is_empty() =>
            {
                let only_for = conversation.reader.alone();
                self.keep(&mut fresh, only_for, now).await;
                return self.told(conversation, fresh);
            }
            Some(fresh) => fresh.unread,
            None if evidence.packets.is_empty() => {
                let id = kept.id;
                return Reply::Text(format!("The query of {id} cannot be read any more."));
            }
            None => Unread::default(),
        };
        let note = format!(
            "The sources hold it no more: judged anew from the evidence of {}.",
            kept.id
        );
        let mut investigation = self.investigator.judge_again(kept, &evidence);
        investigation.notes.push(note);
        let mut done = Investigated {
            investigation,
            evidence,
            unread,
            kept: true,
        };
        note_unread(&mut done);
        self.told(conversation, done)
    }

    async fn calls(
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
        self.list(scope, query.as_ref(), &options, now).await
    }

    async fn list(
        &self,
        scope: &str,
        query: Option<&CallQuery>,
        options: &Options,
        now: Timestamp,
    ) -> Reply {
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
            None => self.investigator.latest(Arc::new(wanted), most).await,
            Some(query) => {
                let (mut calls, unread) = self.investigator.matching(query, now).await;
                calls.retain(|known| wanted(&known.call));
                let left_out = calls.len().saturating_sub(most);
                let facts = calls.into_iter().skip(left_out);
                let facts = facts.filter_map(|known| known.call.legs.into_iter().next());
                (facts.map(|leg| leg.facts).collect(), left_out, unread)
            }
        };
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

    /// Past investigations that this reader may know of, the newest first; with a Call-ID or a number only those about
    /// it.
    pub async fn history(
        &self,
        about: &str,
        most: usize,
        reader: &Reader,
        now: Timestamp,
    ) -> Reply {
        let Some(archive) = &self.archive else {
            return Reply::Text("Nothing is kept in this session.".into());
        };
        match listed(archive, about, reader, now).await {
            Ok(mut list) => {
                let left_out = list.len().saturating_sub(most);
                list.truncate(most);
                Reply::History {
                    about: about.trim().to_owned(),
                    list,
                    left_out,
                }
            }
            Err(error) => Reply::Text(error.to_string()),
        }
    }
}

/// Past investigations that a reader may know of, the newest first.
async fn listed(
    archive: &Archive,
    about: &str,
    reader: &Reader,
    now: Timestamp,
) -> Result<Vec<Summary>, StoreError> {
    let mut list = archive.list(about, usize::MAX, now).await?;
    list.retain(|it| reader.may_read(it.only_for.as_deref()));
    Ok(list)
}

/// A past investigation that a reader may know of.
async fn loaded(
    archive: &Archive,
    id: &str,
    reader: &Reader,
    now: Timestamp,
) -> Result<Option<(Investigation, Evidence)>, StoreError> {
    let found = archive.load(id, now).await?;
    Ok(found.filter(|(it, _)| reader.may_read(it.only_for.as_deref())))
}

/// Notes what could not be read where no step says so.
fn note_unread(done: &mut Investigated) {
    let investigation = &mut done.investigation;
    for sentence in done.unread.sentences() {
        let said = investigation
            .steps
            .iter()
            .any(|step| step.detail.contains(sentence));
        if !said {
            investigation.notes.push(sentence.clone());
        }
    }
}
