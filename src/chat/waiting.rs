//! Questions that no platform could be asked about, kept by a conversation until one answers again, and
//! answered then. Outlives no process, and asks nothing by itself: another question shows that the
//! platform is back.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{Conversation, Desk, Reply};
use crate::call::CallQuery;
use crate::diagnosis::Investigated;

/// More questions than somebody asks of a platform that does not answer; older ones are given up.
const MOST: usize = 20;

/// The questions, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    questions: VecDeque<Question>,
    /// Whether the platforms answered what was asked last.
    are_back: bool,
}

#[derive(Debug)]
struct Question {
    typed: String,
    query: CallQuery,
    asked_at: Timestamp,
}

impl Waiting {
    /// Hears how a question was answered, and keeps it where a platform told nothing. That is said
    /// among the notes.
    pub fn note(
        &mut self,
        typed: &str,
        query: &CallQuery,
        asked_at: Timestamp,
        done: &mut Investigated,
    ) {
        self.questions.retain(|it| it.query != *query);
        self.are_back = done.investigation.lead.is_none();
        if self.are_back {
            return;
        }
        self.questions.push_back(Question {
            typed: typed.to_owned(),
            query: query.clone(),
            asked_at,
        });
        if self.questions.len() > MOST {
            self.questions.pop_front();
        }
        let note = "This question is kept, and asked again once the platform answers another.";
        done.investigation.notes.push(note.to_owned());
    }

    /// The next question, if the platforms are back.
    fn next(&mut self) -> Option<Question> {
        if !self.are_back {
            return None;
        }
        self.questions.pop_front()
    }

    /// Keeps a question that still could not be answered, and all behind it.
    fn keep(&mut self, question: Question) {
        self.are_back = false;
        self.questions.push_front(question);
    }
}

impl Desk {
    /// Answers the questions that wait for a platform, if the last answer showed that it is back:
    /// before each reply a line that says what it answers. Call it after [`Desk::answer`].
    pub async fn catch_up(&self, conversation: &mut Conversation, now: Timestamp) -> Vec<Reply> {
        let mut replies = Vec::new();
        while let Some(question) = conversation.waiting.next() {
            let watch = conversation.watch.clone();
            let (typed, query) = (&question.typed, &question.query);
            let mut done = self.look(typed, query, now, &*watch).await;
            if done.investigation.lead.is_some() {
                conversation.waiting.keep(question);
                break;
            }
            self.keep(&mut done, now).await;
            let at = question.asked_at.to_zoned(self.zone.clone());
            let at = at.strftime("%H:%M %Z");
            replies.push(Reply::Text(format!(
                "The platform answers again. You asked at {at}: {typed}"
            )));
            replies.push(self.told(conversation, done));
        }
        replies
    }
}
