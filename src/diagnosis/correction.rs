//! What an engineer who knows better says of a verdict. It is kept and shown; it changes no rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::party::Party;

/// A verdict that somebody marked as wrong, and what is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The investigation whose verdict it was.
    pub investigation: String,
    /// The Call-IDs of the call, the caller's first.
    pub call_ids: Vec<String>,
    /// The rule of that verdict.
    pub rule: String,
    /// The party of that verdict.
    pub party: Party,
    /// Whose the cause truly is, where that was said.
    pub true_party: Option<Party>,
    /// The rule that would have been right, where that was said.
    pub true_rule: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// When it was said.
    pub at: Timestamp,
}

impl Correction {
    /// Whether it is about a call that has any of these Call-IDs.
    #[must_use]
    pub fn is_about(&self, call_ids: &[String]) -> bool {
        self.call_ids.iter().any(|id| call_ids.contains(id))
    }

    /// What it says, in one line.
    #[must_use]
    pub fn said(&self) -> String {
        let party = self.true_party.map(|it| format!("cause: {}", it.label()));
        let rule = self.true_rule.as_ref().map(|it| format!("rule: {it}"));
        let day = self.at.strftime("%F");
        let mut said = format!("{} on {day}, by {}", self.reason, self.rule);
        for part in [party, rule].into_iter().flatten() {
            said = format!("{said}; {part}");
        }
        said
    }
}

/// How often the verdicts that a rule made were marked as wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    /// The rule.
    pub rule: String,
    /// How many investigations whose first verdict it made are kept.
    pub verdicts: usize,
    /// How many verdicts of it were marked as wrong.
    pub wrong: usize,
}
