//! The query itself, and its canonical text. Knows nothing of how people phrase things.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Expected, Phase, Scope, Symptom, Term, Window};

/// Which calls to look for.
///
/// `Display` writes a canonical text that [`super::parse`] reads back as the same query, whatever
/// the zone and home country; only the notes are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallQuery {
    /// What identifies single calls; a call is wanted when any of these fits.
    pub terms: Vec<Term>,
    /// What the calls must have in common.
    #[serde(default)]
    pub scope: Scope,
    /// When; `None` when nothing was said.
    pub window: Option<Window>,
    /// What was complained about, in the order said.
    #[serde(default)]
    pub symptoms: Vec<Symptom>,
    /// Where the calls should have gone; nothing where nobody said.
    #[serde(default)]
    pub expected: Option<Expected>,
    /// What of the text could not be used and why, to be said back.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl CallQuery {
    /// Whether nothing says which calls are meant. A time or a symptom alone does not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.scope.is_empty()
    }

    /// Whether a device's registration is asked about, and no single call.
    #[must_use]
    pub fn is_about_registration(&self) -> bool {
        let is_it = |symptom: &Symptom| symptom.phase() == Phase::Registration;
        !self.symptoms.is_empty()
            && self.symptoms.iter().all(is_it)
            && !self.terms.iter().any(Term::is_call_id)
    }

    /// Adds a term unless it is there already.
    pub(super) fn add(&mut self, term: Term) {
        if !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }

    /// Takes in where the calls should have gone. Of two places the first one stays.
    pub(super) fn expect(&mut self, expected: Expected) {
        match self.expected.as_ref().filter(|old| **old != expected) {
            Some(old) => {
                let (new, old) = (expected.words(), old.words());
                self.note(format!(
                    "one expected place at a time: {new} was left out, {old} taken"
                ));
            }
            None => self.expected = Some(expected),
        }
    }

    /// Adds a note unless it is there already.
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl fmt::Display for CallQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.terms.iter().map(ToString::to_string).collect();
        if !self.scope.is_empty() {
            parts.push(self.scope.to_string());
        }
        parts.extend(
            self.symptoms
                .iter()
                .map(|symptom| format!("symptom:{symptom}")),
        );
        parts.extend(self.expected.as_ref().map(ToString::to_string));
        parts.extend(self.window.map(|window| window.to_string()));
        f.write_str(&parts.join(" "))
    }
}
