//! What the parser is told and what it answers. Holds no reading itself.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::CallQuery;

/// What has to be known to read a text: when, where, and for whom.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment of asking; "2h ago" counts from here.
    pub now: Timestamp,
    /// The zone in which times without one are read.
    pub zone: TimeZone,
    /// ISO code of the country whose national numbers are understood, as in `GB`.
    pub home_country: Option<String>,
    /// Names of customers, if the list is at hand.
    pub customers: Vec<String>,
    /// Names of carriers, if the list is at hand.
    pub carriers: Vec<String>,
}

impl Context {
    /// A context without a home country and without known names.
    #[must_use]
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            zone,
            home_country: None,
            customers: Vec::new(),
            carriers: Vec::new(),
        }
    }
}

/// How a text was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// In one way.
    Query(CallQuery),
    /// In several ways: ask the person.
    Ambiguous(Question),
    /// Not at all: one sentence saying what is missing, with an example.
    Nothing(String),
}

/// A question back, with the answers to click on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question, one sentence.
    pub asked: String,
    /// Two to five answers.
    pub choices: Vec<Choice>,
}

/// One answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What stands on the button.
    pub label: String,
    /// The whole query that this answer means.
    pub query: CallQuery,
}
