//! What a conversation remembers: the question or list that is open and what was investigated last. Asks
//! nothing by itself and runs no command.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::commands::Options;
use super::handed::Found;
use super::reader::Reader;
use super::simulating::DryRun;
use super::view::View;
use super::{Alternative, Reply};
use crate::call::{CallQuery, Choice, Question};
use crate::diagnosis::investigator::cancel::{Canceller, Course, Running};
use crate::diagnosis::investigator::progress::{Tick, unwatched};

/// What one conversation remembers from one message to the next.
pub struct Conversation {
    /// Which one it is.
    pub(super) id: ConversationId,
    canceller: Canceller,
    /// What is under way in it.
    running: Running,
    /// Who is told how an investigation goes on.
    pub(super) watch: Watcher,
    /// The question that was asked last or the list that was shown, while the next message may answer it.
    open: Option<Open>,
    /// The report that is being filled in, and the fields that are still asked for.
    pub(super) filling: Option<(String, Vec<&'static str>)>,
    /// What was offered last, while the next message may agree to it.
    offered: Option<DryRun>,
    /// The files that were handed over in it.
    pub(super) handed: Option<Box<Found>>,
    /// What was investigated last.
    pub(super) last: Option<(String, CallQuery)>,
    /// What may be seen in it.
    pub(super) view: View,
    /// The zone in which times are read and told in it, where that is not the desk's.
    pub(super) zone: Option<TimeZone>,
    /// Who reads in it.
    pub(super) reader: Reader,
    /// Who asks in it, as in "slack:U012AB3CD"; the chat's name where nobody is told apart.
    pub(super) asker: String,
    /// The channel that it is in, as in "slack:C012AB3CD"; empty where it is in none.
    pub(super) channel: String,
}

/// Which conversation of which chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationId {
    /// The chat, as in "terminal".
    pub chat: &'static str,
    /// What the chat calls the conversation; empty where it has only one.
    pub name: String,
}

/// Who is told how an investigation goes on, for as long as a conversation lasts.
pub type Watcher = Arc<dyn Fn(Tick) + Send + Sync>;

impl Default for Conversation {
    fn default() -> Self {
        let id = ConversationId {
            chat: "",
            name: String::new(),
        };
        Conversation::watched(id, Arc::new(unwatched))
    }
}

/// A question that waits for its answer.
#[derive(Debug, Clone)]
struct Open {
    choices: Vec<Choice>,
    then: Then,
    /// Whether several answers may be given one after another, as from a list.
    stays: bool,
}

/// The command that goes on once it is known which calls are meant.
#[derive(Debug, Clone)]
pub(super) enum Then {
    /// Say what happened.
    Diagnose,
    /// Draw the messages.
    Ladder,
    /// Give the messages.
    Pcap,
    /// Count the calls.
    Stats,
    /// List the calls, with these options.
    Calls(Options),
}

impl Then {
    /// The command, as it is typed.
    fn command(&self) -> &'static str {
        match self {
            Then::Diagnose => "diagnose",
            Then::Ladder => "ladder",
            Then::Pcap => "pcap",
            Then::Stats => "stats",
            Then::Calls(_) => "calls",
        }
    }
}

impl Conversation {
    /// A conversation in which somebody is told how an investigation goes on.
    #[must_use]
    pub fn watched(id: ConversationId, watch: Watcher) -> Conversation {
        let canceller = Canceller::default();
        Conversation {
            asker: id.chat.to_owned(),
            id,
            running: canceller.begin(),
            canceller,
            watch,
            open: None,
            filling: None,
            offered: None,
            handed: None,
            last: None,
            view: View::Everything,
            zone: None,
            reader: Reader::default(),
            channel: String::new(),
        }
    }

    /// The same, in this channel.
    #[must_use]
    pub fn in_channel(self, channel: String) -> Conversation {
        Conversation { channel, ..self }
    }

    /// The same, read by these.
    #[must_use]
    pub fn read_by(self, reader: Reader) -> Conversation {
        Conversation { reader, ..self }
    }

    /// The same, in which this person asks.
    #[must_use]
    pub fn asked_by(self, asker: String) -> Conversation {
        Conversation { asker, ..self }
    }

    /// The same, in which no more than this may be seen.
    #[must_use]
    pub fn seeing(self, view: View) -> Conversation {
        Conversation { view, ..self }
    }

    /// The same, with times in this zone, if it is given.
    #[must_use]
    pub fn within(self, zone: Option<TimeZone>) -> Conversation {
        Conversation { zone, ..self }
    }

    /// The same, as if this had been investigated in it last.
    #[must_use]
    pub fn about(self, typed: String, query: CallQuery) -> Conversation {
        let last = Some((typed, query));
        Conversation { last, ..self }
    }

    /// What ends the answer that is under way in it, with what is done so far: for another task, as it may
    /// be called at any time.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Begins another answer, which the word that ended an earlier one does not end.
    pub(super) fn begin(&mut self) {
        self.running = self.canceller.begin();
    }

    /// Whether the answer under way was cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.running.is_cancelled()
    }

    /// How the answer under way goes on.
    pub(super) fn course(&self) -> Course<'_> {
        Course::new(&*self.watch, &self.running)
    }

    /// Asks back; the number of a choice goes on with the command.
    pub(super) fn ask(&mut self, question: Question, then: Then) -> Reply {
        let Question { asked, choices } = question;
        let alternative = |choice: &Choice| Alternative {
            label: choice.label.clone(),
            command: format!("{} {}", then.command(), choice.query),
        };
        let alternatives = choices.iter().map(alternative).collect();
        self.open = Some(Open {
            choices,
            then,
            stays: false,
        });
        Reply::Question {
            asked,
            choices: alternatives,
        }
    }

    /// Offers a list: the number of a choice diagnoses it, and the next message may choose again.
    pub(super) fn offer(&mut self, choices: Vec<Choice>) {
        self.open = Some(Open {
            choices,
            then: Then::Diagnose,
            stays: true,
        });
    }

    /// Offers something that a yes sets off.
    pub(super) fn offer_to_run(&mut self, dry_run: DryRun) {
        self.offered = Some(dry_run);
    }

    /// What a message agrees to. An offer is taken once, and taken back by any other message.
    pub(super) fn agreed(&mut self, text: &str) -> Option<DryRun> {
        let offered = self.offered.take()?;
        let word = text.trim().trim_end_matches(['.', '!']);
        word.eq_ignore_ascii_case("yes").then_some(offered)
    }

    /// The choice that a message makes of what is open. A question is closed whatever the message
    /// says, a list by any that chooses nothing from it.
    pub(super) fn chosen(&mut self, text: &str) -> Option<(Choice, Then)> {
        let open = self.open.take()?;
        let at = text.trim().parse::<usize>().ok()?.checked_sub(1)?;
        let choice = open.choices.get(at)?.clone();
        let then = open.then.clone();
        self.open = Some(open).filter(|open| open.stays);
        Some((choice, then))
    }
}
