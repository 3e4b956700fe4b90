//! What a conversation remembers: the question that is open and what was investigated last. Asks
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
    /// The question that was asked last, while the next message may answer it.
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
#[derive(Debug)]
struct Open {
    choices: Vec<Choice>,
    then: Then,
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
        self.open = Some(Open { choices, then });
        Reply::Question {
            asked,
            choices: labels,
        }
    }

    /// The choice that a message makes of the open question, which is closed whatever it says.
    pub(super) fn chosen(&mut self, text: &str) -> Option<(Choice, Then)> {
        let Open { mut choices, then } = self.open.take()?;
        let at = text.trim().parse::<usize>().ok()?.checked_sub(1)?;
        (at < choices.len()).then(|| (choices.swap_remove(at), then))
    }
}
