//! Questions that no platform could be asked about, kept by the desk until one answers again, and
//! answered then in the conversations where they were asked. Outlives no process, and asks nothing
//! itself: another question shows that the platform is back, or who looks for it meanwhile.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use super::conversation::ConversationId;
use super::{Conversation, Desk, Reply};
use crate::call::CallQuery;
use crate::diagnosis::Investigated;
use crate::diagnosis::investigator::cancel::Course;

/// More questions than one conversation asks of a platform that does not answer; older ones are given up.
const MOST: usize = 20;

/// More questions than wait at once in all conversations.
const MOST_IN_ALL: usize = 2_000;

/// So often it is looked in vain whether a platform is back, which takes a day at the pace of one that is long away;
/// then only another question shows it.
const MOST_LOOKS: u32 = 300;

/// The questions of all conversations.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    /// Whoever has it looks whether the platforms are back: one at a time, in whatever chat questions wait.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// The oldest first.
    questions: VecDeque<Question>,
    /// Whether the platforms answered what was asked last.
    are_back: bool,
    /// How often it was looked in vain since they last answered a question.
    looks: u32,
    /// The conversations that have yet to be told that their questions wait.
    untold: Vec<ConversationId>,
}

/// While it lives, a conversation is given no late answer: its first one has to come before.
#[derive(Debug)]
pub(super) struct Untold<'w> {
    waiting: &'w Waiting,
    conversation: ConversationId,
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        let mut state = self.waiting.state();
        let its = state.untold.iter().position(|it| *it == self.conversation);
        its.map(|at| state.untold.swap_remove(at));
        drop(state);
        self.waiting.changed.send_replace(());
    }
}

#[derive(Debug, Clone)]
struct Question {
    conversation: ConversationId,
    typed: String,
    query: CallQuery,
    asked_at: Timestamp,
}

/// An answer that had to wait for a platform.
#[derive(Debug)]
pub struct Late {
    /// Where it was asked, and belongs.
    pub conversation: ConversationId,
    /// What was asked.
    pub typed: String,
    /// When.
    pub asked_at: Timestamp,
    done: Investigated,
}

impl Waiting {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears how a question was answered, and keeps it where a platform told nothing. That is said
    /// among the notes.
    pub fn note(
        &self,
        conversation: &ConversationId,
        typed: &str,
        query: &CallQuery,
        asked_at: Timestamp,
        done: &mut Investigated,
    ) {
        let mut state = self.state();
        let is_of = |it: &Question| it.conversation == *conversation;
        state
            .questions
            .retain(|it| !(is_of(it) && it.query == *query));
        state.are_back = done.investigation.lead.is_none();
        if state.are_back {
            state.looks = 0;
            drop(state);
            self.changed.send_replace(());
            return;
        }
        state.questions.push_back(Question {
            conversation: conversation.clone(),
            typed: typed.to_owned(),
            query: query.clone(),
            asked_at,
        });
        if state.questions.iter().filter(|it| is_of(it)).count() > MOST
            && let Some(oldest) = state.questions.iter().position(is_of)
        {
            state.questions.remove(oldest);
        }
        if state.questions.len() > MOST_IN_ALL {
            state.questions.pop_front();
        }
        if state.looks >= MOST_LOOKS {
            state.looks = 0;
        }
        drop(state);
        self.changed.send_replace(());
        let note = "This question is kept, and asked again as soon as the platform answers.";
        done.investigation.notes.push(note.to_owned());
    }

    /// Begins what a conversation is told first.
    pub(super) fn begin(&self, conversation: ConversationId) -> Untold<'_> {
        self.state().untold.push(conversation.clone());
        Untold {
            waiting: self,
            conversation,
        }
    }

    /// Waits until questions of a chat wait for platforms that nobody knows to be back.
    async fn until_missed(&self, chat: &str) {
        let mut changed = self.changed.subscribe();
        while self.looks(chat).is_none() {
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// How often it was looked in vain whether the platforms are back that questions of a chat wait for; nothing where
    /// it is not to be looked any more.
    fn looks(&self, chat: &str) -> Option<u32> {
        let state = self.state();
        state.waits(chat)?;
        (!state.are_back && state.looks < MOST_LOOKS).then_some(state.looks)
    }

    /// Hears whether the platforms are back.
    fn looked(&self, are_back: bool) {
        let mut state = self.state();
        // Until a question is answered, a platform that answers a probe is not yet trusted.
        state.looks = state.looks.saturating_add(1);
        state.are_back |= are_back;
        drop(state);
        self.changed.send_replace(());
    }

    /// Takes the next question of a chat, if the platforms are back.
    fn next(&self, chat: &str) -> Option<Question> {
        let mut state = self.state();
        let at = state.position(chat)?;
        state.questions.remove(at)
    }

    /// Keeps a question that still could not be answered, and all behind it.
    fn keep(&self, question: Question) {
        let mut state = self.state();
        state.are_back = false;
        state.questions.push_front(question);
    }
}

impl State {
    /// Where the next question of a chat is that can be asked now.
    fn position(&self, chat: &str) -> Option<usize> {
        self.waits(chat).filter(|_| self.are_back)
    }

    /// Where the next question of a chat is that waits.
    fn waits(&self, chat: &str) -> Option<usize> {
        let is_next =
            |it: &Question| it.conversation.chat == chat && !self.untold.contains(&it.conversation);
        self.questions.iter().position(is_next)
    }
}

impl Desk {
    /// Waits until questions of a chat can be answered that waited for a platform, and looks for it meanwhile: what a
    /// chat does in the background, before each [`Desk::catch_up`]. May be left off.
    pub async fn until_back(&self, chat: &str) {
        let mut changed = self.waiting.changed.subscribe();
        let mut looking = pin!(self.keep_looking(chat));
        while self.waiting.state().position(chat).is_none() {
            tokio::select! {
                told = changed.changed() => if told.is_err() {
                    // The desk that we are part of has the other end.
                    std::future::pending::<()>().await;
                },
                never = &mut looking => match never {},
            }
        }
    }

    /// Looks whether the platforms are back while questions of a chat wait for them: with one small question at a
    /// time, less and less often.
    async fn keep_looking(&self, chat: &str) -> Infallible {
        loop {
            self.waiting.until_missed(chat).await;
            let _turn = self.waiting.turn.lock().await;
            let Some(looks) = self.waiting.looks(chat) else {
                continue;
            };
            self.investigator.leave_alone(looks.saturating_add(1)).await;
            if self.waiting.looks(chat).is_some() {
                let are_back = self.investigator.platforms_answer().await;
                self.waiting.looked(are_back);
            }
        }
    }

    /// The conversation of the next question of a chat that waits, if the platforms are back: whoever asked has to
    /// ask it again.
    pub fn next_waiting(&self, chat: &str) -> Option<ConversationId> {
        self.waiting.next(chat).map(|it| it.conversation)
    }

    /// Answers the questions of a chat that has one reader, whoever runs the program, if the last answer showed that
    /// the platform is back. Nothing waits for anything here; each question is answered once, whoever asks.
    pub async fn catch_up(&self, chat: &str, now: Timestamp, course: Course<'_>) -> Vec<Late> {
        let mut late = Vec::new();
        while let Some(question) = self.waiting.next(chat) {
            let (typed, query) = (&question.typed, &question.query);
            let mut done = self
                .look(&self.investigator, &self.zone, typed, query, now, course)
                .await;
            if done.investigation.lead.is_some() {
                self.waiting.keep(question);
                break;
            }
            self.keep(&mut done, None, now).await;
            late.push(Late {
                conversation: question.conversation,
                typed: question.typed,
                asked_at: question.asked_at,
                done,
            });
        }
        late
    }

    /// A late answer as it is told where it was asked: before it a line that says what it answers.
    pub fn tell_late(&self, conversation: &mut Conversation, late: Late) -> [Reply; 2] {
        let at = late.asked_at.to_zoned(self.zone_in(conversation).clone());
        let (at, typed) = (at.strftime("%H:%M %Z"), &late.typed);
        let line = format!("The platform answers again. You asked at {at}: {typed}");
        [Reply::Text(line), self.told(conversation, late.done)]
    }
}
