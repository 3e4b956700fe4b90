//! Where incidents are told: the port that each chat fills, and the terminal's own. Decides nothing of what is said.

use std::io::Write as _;
use std::sync::Mutex;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::render::incident::IncidentCard;

/// Why something was not delivered into a chat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It may work later. Whether it arrived is not known.
    #[error("{0}")]
    Passing(String),
    /// It never will: the channel is gone, the bot is no member, the app was removed.
    #[error("{0}")]
    Final(String),
}

/// Where something is said, and what the message carries so that it is found again.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The channel by the chat's own id.
    pub channel: &'a str,
    /// The thread in it, by its first message.
    pub thread: Option<&'a str>,
    /// What the message carries.
    pub key: &'a str,
}

/// What is said.
#[derive(Debug, Clone, Copy)]
pub enum Words<'a> {
    /// The card of an incident.
    Card(&'a IncidentCard),
    /// Plain sentences.
    Text(&'a str),
}

/// Whether an incident may be told in a channel. It names customers and carriers, so only where our own people alone
/// read; `instead` says what to choose where others do.
///
/// # Errors
/// Why not.
pub async fn ours_alone<E: Into<Undelivered>>(
    is_for_a_customer: bool,
    outsiders_read: impl Future<Output = Result<bool, E>>,
    instead: &str,
) -> Result<(), Undelivered> {
    if is_for_a_customer {
        let why =
            "the channel is a customer's, and an incident names others: choose an internal one";
        return Err(Undelivered::Final(why.to_owned()));
    }
    match outsiders_read.await.map_err(Into::into)? {
        false => Ok(()),
        true => Err(Undelivered::Final(format!(
            "people from outside can read there: choose {instead}"
        ))),
    }
}

/// A chat in which incidents are told.
pub trait Poster: Send + Sync + 'static {
    /// The chat's name, as in "slack".
    fn chat(&self) -> &'static str;

    /// Says something, and gives the message's id. Never tries twice what may have arrived.
    fn post<'a>(
        &'a self,
        place: Place<'a>,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<String, Undelivered>>;

    /// Changes what a message says.
    fn edit<'a>(
        &'a self,
        place: Place<'a>,
        message: &'a str,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<(), Undelivered>>;

    /// The message that carries the key, if one does that is not older than this.
    fn find<'a>(
        &'a self,
        place: Place<'a>,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, Undelivered>>;
}

/// The terminal: what is told is printed, a message changed is printed anew.
#[derive(Debug, Default)]
pub struct Terminal {
    told: Mutex<u64>,
}

impl Terminal {
    fn print(&self, head: &str, words: Words<'_>) -> u64 {
        let mut told = self
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *told += 1;
        let lines = match words {
            Words::Card(card) => card.lines(),
            Words::Text(text) => vec![crate::render::clean::line(text)],
        };
        let mut out = std::io::stdout().lock();
        // Whoever read our output may have gone.
        let _ = writeln!(out, "{head}{}\n", lines.join("\n"));
        *told
    }
}

impl Poster for Terminal {
    fn chat(&self) -> &'static str {
        "terminal"
    }

    fn post<'a>(
        &'a self,
        place: Place<'a>,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<String, Undelivered>> {
        let head = if place.thread.is_some() { "└ " } else { "" };
        let message = self.print(head, words).to_string();
        Box::pin(async move { Ok(message) })
    }

    fn edit<'a>(
        &'a self,
        _: Place<'a>,
        _: &'a str,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<(), Undelivered>> {
        self.print("(now) ", words);
        Box::pin(async { Ok(()) })
    }

    fn find<'a>(
        &'a self,
        _: Place<'a>,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, Undelivered>> {
        // A terminal is not read again: what a dead process printed is printed once more.
        Box::pin(async { Ok(None) })
    }
}
