//! What a desk says back, before any chat puts it into its own form.

use super::reporting::Preview;
use crate::archive::Summary;
use crate::diagnosis::rules::{self, Rule};
use crate::diagnosis::{Brief, Comparison, Investigation, TurnUp};
use crate::render::card::Card;
use crate::sip::Facts;

/// What a customer is told where no call of theirs was found: the same whether there is none or somebody else's.
pub const NONE_OF_YOURS: &str = "No call of yours was found under that.";

/// What is said back.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A finished investigation with its cards: one for each call where there are few, else one for
    /// the best example of each group.
    Investigation(Box<Investigation>, Vec<Card>),
    /// Calls in words for the customer whose calls they are; empty where none may be shown.
    ForCustomer(Vec<Card>),
    /// Two calls side by side.
    Comparison(Box<Comparison>),
    /// What an address has shown.
    TurnUp(Box<TurnUp>),
    /// The ladders of calls.
    Ladders(Vec<Card>),
    /// A list of calls.
    Calls {
        /// Which calls were asked for, as it was typed; empty for all.
        about: String,
        /// The calls, the newest last.
        facts: Vec<Facts>,
        /// How many older ones were left out.
        left_out: usize,
        /// What could not be read, a sentence each.
        problems: Vec<String>,
    },
    /// Past investigations, the newest first.
    History {
        /// Which were asked for, as it was typed; empty for all.
        about: String,
        /// The investigations.
        list: Vec<Summary>,
        /// How many older ones were left out.
        left_out: usize,
    },
    /// The rules of the catalogue.
    Rules(Vec<&'static Rule>),
    /// What is known of something that is no call.
    Brief(Brief),
    /// Files, with one sentence on what they are.
    Files {
        /// What they are.
        said: String,
        /// The files.
        files: Vec<Given>,
    },
    /// Plain text.
    Text(String),
    /// A question with choices; a number chooses.
    Question {
        /// What is asked.
        asked: String,
        /// What can be chosen.
        choices: Vec<Alternative>,
    },
    /// Something that changes the world outside, which a person's word sets off.
    Offer(Box<Offer>),
    /// A problem report, before or after it was sent.
    Report(Box<Preview>),
    /// The conversation is over.
    End,
}

/// One answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What stands there.
    pub label: String,
    /// The message that says the same without the question.
    pub command: String,
}

/// A file that is given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name, which holds letters, digits, dots and dashes only.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What is done only once a person says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it does, and what it leaves behind.
    pub does: String,
    /// With what it would be done: names and values, in the order of the platform's form.
    pub values: Vec<(&'static str, String)>,
    /// What the reader should know before, a sentence each.
    pub notes: Vec<String>,
    /// The message that does exactly this, for a button or to be typed.
    pub command: String,
}

/// The rules that have to do with a word; all of them without one.
#[must_use]
pub fn list_rules(word: &str) -> Reply {
    let word = word.trim().to_ascii_lowercase();
    let hit = |rule: &&Rule| {
        word.is_empty()
            || rule.id.contains(&word)
            || rule.family == word
            || rule.finds.to_ascii_lowercase().contains(&word)
    };
    let found: Vec<&'static Rule> = rules::all().filter(hit).collect();
    if found.is_empty() {
        return Reply::Text(format!(
            "No rule has to do with {word:?}; `rules` lists them all."
        ));
    }
    Reply::Rules(found)
}
