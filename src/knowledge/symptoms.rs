//! What is wrong, what shows it, whose it is and what to do; and what a trace looks like where a call failed. For
//! people and documents: no call is judged by it.

use serde::{Deserialize, Serialize};

use super::party::Party;
use super::reasons::{about, no_party};
use super::table::Entry;

/// One way in which something people complain about shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Symptom {
    /// The letter of the symptom and a number, as in `A2`.
    pub id: String,
    /// What people say.
    pub symptom: String,
    /// What is seen.
    pub evidence: String,
    /// Who may own it, the likeliest first, in the direction of the symptom: not turned for inbound calls.
    pub parties: Vec<Party>,
    /// What to do, in order.
    pub next: Vec<String>,
}

/// What a trace with both legs looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// What is seen.
    pub picture: String,
    /// Where the call failed.
    pub stage: String,
    /// Who may own it, the likeliest first, said for an outbound call.
    pub parties: Vec<Party>,
}

impl Entry for Symptom {
    const SECTION: &'static str = "symptoms";

    fn about(&self) -> String {
        self.id.to_lowercase()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let is_id = self.id.chars().all(|c| c.is_ascii_alphanumeric());
        let id = (!is_id).then(|| ("id", "is not letters and digits alone".to_owned()));
        id.or_else(|| no_party(&self.parties))
    }
}

impl Entry for Picture {
    const SECTION: &'static str = "pictures";

    fn about(&self) -> String {
        about(&self.picture)
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        no_party(&self.parties)
    }
}
