//! What somebody asked for in a chat, whichever way it came in: as much as must be kept to answer it later, after a
//! restart too. Says nothing of how a platform writes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Secret;

/// One thing that was asked for. A button that is clicked asks for the command it stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The platform's own id of what came in, so that a redelivery is known; unique within its chat.
    pub id: String,
    /// Who asked.
    pub asker: Asker,
    /// Where, and so where the answer goes.
    pub place: Place,
    /// What was asked, as a command or as a sentence about a call.
    pub said: String,
    /// The files that came with it.
    #[serde(default)]
    pub files: Vec<Attached>,
    /// When it came in.
    pub asked_at: Timestamp,
    /// Whether a sentence about a call joins what its thread is about, as what people write there does; what a button
    /// says stands alone.
    pub joins: bool,
    /// Whether only who asked may see the answer.
    pub private: bool,
    /// Where the platform takes an answer to just this, where it gives such an address.
    pub answer_at: Option<AnswerAddress>,
    /// What offered it, where it was clicked and not written: one offer is taken once.
    #[serde(default)]
    pub offer: Option<String>,
}

/// Somebody in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asker {
    /// The chat, as in "slack".
    pub chat: String,
    /// The user's id there.
    pub user: String,
    /// The workspace or server; empty where there is none.
    pub workspace: String,
}

impl Asker {
    /// The person across chats, as in "slack:U012AB3CD".
    #[must_use]
    pub fn named(&self) -> String {
        format!("{}:{}", self.chat, self.user)
    }
}

/// Somewhere in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The channel's id.
    pub channel: String,
    /// The thread in it, by the id of its first message.
    pub thread: Option<String>,
    /// Whether nobody but the bot and the asker can read there.
    pub direct: bool,
}

/// A file that somebody gave, still where the platform keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The platform's id of it.
    pub id: String,
    /// Its name as its owner called it: text from outside, never a path.
    pub name: String,
    /// Its size in bytes, as the platform says.
    pub size: u64,
    /// Where it can be fetched.
    pub url: String,
}

/// An address that lets whoever knows it answer in the bot's name, for a while.
#[derive(Debug, Clone)]
pub struct AnswerAddress(pub Secret);

impl AnswerAddress {
    /// From the address as the platform gave it.
    #[must_use]
    pub fn new(url: &str) -> AnswerAddress {
        AnswerAddress(Secret::new(url.to_owned()))
    }
}

impl PartialEq for AnswerAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

impl Serialize for AnswerAddress {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Into the store only: it is of no use after half an hour, and the store is as private as the tokens.
        to.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for AnswerAddress {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|url| AnswerAddress::new(&url))
    }
}
