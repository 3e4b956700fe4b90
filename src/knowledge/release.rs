//! Release reasons: how the platform says an answered call ended, and at which end. Which party is at an end says the
//! direction of the call, not this table.

use serde::{Deserialize, Serialize};

use super::party::Party;
use super::reasons::{about, no_party, wordless};
use super::table::{Entry, Matched};
use super::words::Words;

/// A release reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The text, found anywhere in what the platform writes.
    pub text: String,
    /// Whether nothing else may stand there.
    #[serde(default)]
    pub whole: bool,
    /// Which side it speaks of, if of one.
    pub side: Option<ReleaseSide>,
    /// Who may own the cause where no side says it, the likeliest first, said for an outbound call.
    #[serde(default)]
    pub parties: Vec<Party>,
    /// What it means, in one sentence.
    pub meaning: String,
    /// What to do, in order.
    pub next: Vec<String>,
    /// Where it stands; empty where nobody said.
    #[serde(default)]
    pub source: String,
}

/// Which side a release reason speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseSide {
    /// The calling one.
    Downstream,
    /// The answering one.
    Upstream,
    /// The one that the text names.
    Named,
}

/// An end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The side that calls. On an inbound call that is the carrier.
    Downstream,
    /// The side that is called.
    Upstream,
}

/// What a release reason was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Released<'k> {
    /// The entry.
    pub entry: &'k Release,
    /// How.
    pub matched: Matched,
    /// The end that it speaks of, where it speaks of one.
    pub end: Option<End>,
}

impl Released<'_> {
    /// Whether one of the two sides hung up.
    #[must_use]
    pub fn is_bye(&self) -> bool {
        self.end.is_some() && self.entry.text.to_ascii_lowercase().ends_with("bye")
    }
}

impl Release {
    /// The end that a text speaks of which is this release reason.
    pub(super) fn end(&self, text: &Words) -> Option<End> {
        match self.side? {
            ReleaseSide::Downstream => Some(End::Downstream),
            ReleaseSide::Upstream => Some(End::Upstream),
            ReleaseSide::Named => {
                let down = text.name(&["downstream", "caller"]);
                let up = text.name(&["upstream", "callee"]);
                match (down, up) {
                    (true, false) => Some(End::Downstream),
                    (false, true) => Some(End::Upstream),
                    _ => None,
                }
            }
        }
    }
}

impl Entry for Release {
    const SECTION: &'static str = "release_reasons";

    fn about(&self) -> String {
        about(&self.text)
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.text]
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let sided = matches!(
            self.side,
            Some(ReleaseSide::Downstream | ReleaseSide::Upstream)
        );
        let parties = || match (sided, self.parties.is_empty()) {
            (true, false) => {
                let said = "stands beside a side, which says who it is";
                Some(("parties", said.to_owned()))
            }
            (true, true) => None,
            (false, _) => no_party(&self.parties),
        };
        wordless("text", &self.text).or_else(parties)
    }
}
