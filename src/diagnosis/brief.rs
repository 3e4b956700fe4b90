//! What is known of something that is no call (an address, a number, a customer, the traffic of a scope, the platform
//! itself), as names and values in the order in which they are read. A value; finds out nothing.

use serde::{Deserialize, Serialize};

/// A title, facts under it and what else there is to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What it is about, as people say it.
    pub title: String,
    /// Names and values. A name may stand several times.
    pub facts: Vec<Known>,
    /// What was not found or could not be asked, a sentence each.
    pub notes: Vec<String>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it is.
    pub name: String,
    /// What it comes to; text from outside.
    pub value: String,
}

impl Brief {
    /// Nothing yet about this.
    #[must_use]
    pub fn about(title: impl Into<String>) -> Brief {
        Brief {
            title: title.into(),
            ..Brief::default()
        }
    }

    /// Adds a fact; an empty one is none.
    pub fn know(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.trim().is_empty() {
            self.facts.push(Known {
                name: name.to_owned(),
                value,
            });
        }
    }

    /// Adds a sentence, once.
    pub fn note(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.notes.contains(&sentence) {
            self.notes.push(sentence);
        }
    }
}
