//! What a conversation remembers: the question or list that is open and what was investigated last. Asks
//! nothing by itself and runs no command.

use std::sync::Arc;

use super::Reply;
use super::commands::Options;
use super::waiting::Waiting;
use crate::call::{CallQuery, Choice, Question};
use crate::diagnosis::investigator::progress::{Tick, unwatched};

/// What one conversation remembers from one message to the next.
pub struct Conversation {
    /// Who is told how an investigation goes on.
    pub(super) watch: Watcher,
    /// The question that was asked last or the list that was shown, while the next message may answer it.
    open: Option<Open>,
    /// What waits for a platform.
    pub(super) waiting: Waiting,
    /// What was investigated last.
    pub(super) last: Option<(String, CallQuery)>,
}

/// Who is told how an investigation goes on, for as long as a conversation lasts.
pub type Watcher = Arc<dyn Fn(Tick) + Send + Sync>;

impl Default for Conversation {
    fn default() -> Self {
        Conversation::watched(Arc::new(unwatched))
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
    /// List the calls, with these options.
    Calls(Options),
}

impl Conversation {
    /// A conversation in which somebody is told how an investigation goes on.
    #[must_use]
    pub fn watched(watch: Watcher) -> Conversation {
        Conversation {
            watch,
            open: None,
            waiting: Waiting::default(),
            last: None,
        }
    }

    /// Asks back; the number of a choice goes on with the command.
    pub(super) fn ask(&mut self, question: Question, then: Then) -> Reply {
        let Question { asked, choices } = question;
        let labels = choices.iter().map(|choice| choice.label.clone()).collect();
        self.open = Some(Open {
            choices,
            then,
            stays: false,
        });
        Reply::Question {
            asked,
            choices: labels,
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
