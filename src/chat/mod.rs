//! The neutral heart of every chat: a command in, a reply out. Translates no platform's words and
//! delivers nothing; knows sources only through the investigator.

pub mod access;
pub mod answer;
mod asking;
pub mod audit;
mod beliefs;
pub mod commands;
mod comparing;
mod conversation;
mod correcting;
mod counting;
pub mod discord;
mod entering;
mod explained;
mod files;
mod filled;
mod giving;
mod handed;
mod handover;
mod id;
pub mod jobs;
mod late;
mod listing;
pub mod local;
mod making;
pub mod outlet;
mod past;
pub mod reader;
mod recipients;
mod reply;
mod reporting;
pub mod request;
pub mod show;
mod simulating;
pub mod slack;
mod submitting;
mod taking_over;
pub mod threads;
mod topic;
mod trouble;
mod understood;
pub mod underway;
mod unkept;
pub mod view;
mod waiting;
pub mod watching;
pub mod work;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::archive::Archive;
use crate::call::{self, CallQuery, Context, Reading, Term};
use crate::diagnosis::investigator::cancel::Course;
use crate::diagnosis::{Investigated, Investigator, PeerKind};
use crate::incidents::Keeper;
use crate::metrics::Metrics;
use crate::render::card::for_customer;
use crate::render::{summary, survey};
use crate::store::Store;
use commands::{Place, Table, Verb};

use conversation::Then;
pub use conversation::{Conversation, ConversationId, Watcher};
pub use correcting::{Marked, accuracy_lines, marked};
pub use filled::filling;
pub use handed::Handed;
pub use id::new_id;
pub use making::Made;
pub use reply::{Alternative, Given, Offer, Reply, list_rules};
pub use reporting::{Preview, Reporting};
pub use topic::{Topic, cannot_explain};
use underway::Underway;
pub use waiting::Late;
use waiting::Waiting;

/// How many past investigations a list shows unless it is told otherwise.
pub const HISTORY_LENGTH: usize = 20;

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
    /// What reports are written with; nothing where they are not.
    reporting: Option<Reporting>,
    /// Who keeps incidents; nobody where none are.
    incidents: OnceLock<Arc<Keeper>>,
    /// The requests of all chats that are worked on.
    underway: Underway,
    /// Where what it does is counted; nobody reads it where nobody asked for it.
    metrics: Metrics,
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
            reporting: None,
            incidents: OnceLock::new(),
            underway: Underway::default(),
            metrics: Metrics::default(),
        }
    }

    /// The same, which remembers investigations in this store.
    #[must_use]
    pub fn keeping_in(self, store: Option<Store>) -> Desk {
        Desk {
            archive: store.map(Archive::new),
            ..self
        }
    }

    /// The same, which writes reports.
    #[must_use]
    pub fn reporting_with(self, reporting: Reporting) -> Desk {
        Desk {
            reporting: Some(reporting),
            ..self
        }
    }

    /// The same, which counts there what it does.
    #[must_use]
    pub fn counting_in(self, metrics: Metrics) -> Desk {
        Desk { metrics, ..self }
    }

    /// What reports are written with.
    #[must_use]
    pub fn reports_with(&self) -> Option<&Reporting> {
        self.reporting.as_ref()
    }

    /// Whom commands about incidents are handed to, from now on.
    pub fn keep_incidents(&self, keeper: Arc<Keeper>) {
        // Once: there is one keeper in a process.
        let _ = self.incidents.set(keeper);
    }

    /// The requests of all chats that are worked on.
    #[must_use]
    pub fn underway(&self) -> &Underway {
        &self.underway
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
        if let Some((id, left)) = conversation.filling.take() {
            return self.filled_in(conversation, id, left, text, now).await;
        }
        // A question is answered at once or not at all: any other message takes it back.
        if let Some((choice, then)) = conversation.chosen(text) {
            let (label, query) = (&choice.label, choice.query);
            return match then {
                Then::Diagnose => self.investigate(conversation, label, query, now).await,
                Then::Ladder => self.draw(conversation, label, &query, now).await,
                Then::Pcap => self.captured(conversation, label, &query, now).await,
                Then::Stats => self.counted(conversation, label, query, now).await,
                Then::Calls(options) => {
                    self.list(conversation, label, Some(&query), &options, now)
                        .await
                }
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
            Verb::Report => {
                self.report(conversation, &parsed.rest, &parsed.options, now)
                    .await
            }
            Verb::Submit => {
                self.submit(conversation, &parsed.rest, &parsed.options, now)
                    .await
            }
            Verb::Reports => self.reports(conversation, &parsed.rest, now).await,
            Verb::Ticket => self.ticket(conversation, &parsed.rest, now).await,
            Verb::Compare => self.compare(conversation, &parsed.rest, now).await,
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
                let topics = Topic::all(&parsed.rest, &knowledge);
                if topics.is_empty() && topic::may_be_about_a_call(&parsed.rest, &knowledge) {
                    return self.diagnose(conversation, &parsed.rest, now).await;
                }
                let texts: Vec<String> = topics
                    .iter()
                    .map(|it| it.text(&knowledge, self.investigator.tuning()))
                    .collect();
                Reply::Text(if texts.is_empty() {
                    cannot_explain(&parsed.rest, &knowledge)
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
            Verb::Watch
            | Verb::Watches
            | Verb::Incidents
            | Verb::Acknowledge
            | Verb::Mute
            | Verb::Unmute => self.of_incidents(conversation, &parsed, now).await,
            Verb::Open => self.open(conversation, now).await,
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

    /// The Call-IDs in a text that asks for a diagnosis, as they are typed: what a chat may offer to look at.
    pub async fn call_ids_in(&self, text: &str, now: Timestamp) -> Vec<String> {
        let parsed = self.table.parse(text);
        if !parsed.is_ok_and(|it| it.command.verb == Verb::Diagnose) {
            return Vec::new();
        }
        let Reading::Query(query) = self.read(text, now).await else {
            return Vec::new();
        };
        let ids = query.terms.iter().filter(|it| it.is_call_id());
        ids.map(ToString::to_string).collect()
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
                .note(&conversation.id, typed, &query, now, &mut done);
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
        let is_list = choices.len() > summary::MOST_CARDS;
        if let Some(last) = cards.last_mut().filter(|_| is_list) {
            last.hints
                .push("A number of the list shows all of that call.".into());
        }
        if !choices.is_empty() {
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
        let looked = self.look(own, &self.zone, typed, query, now, course);
        let mut done = self
            .remember(looked.await, query, &reader::Reader::Operator, now)
            .await;
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
        let reader = &conversation.reader;
        let mut done = self.remember(looked.await, query, reader, now).await;
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
        let began = Instant::now();
        let mut done = Box::pin(investigated).await;
        counting::count(&self.metrics, &done.investigation, began.elapsed());
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
