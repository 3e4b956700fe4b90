//! Everything that is kept, as a whole: written out, taken in, rid of a person or a number. Knows what kinds of things
//! there are and where they lie; judges none.

pub mod export;
pub mod import;
pub mod purge;

use serde::{Deserialize, Serialize};

use crate::chat::discord::presses;
use crate::chat::{audit, jobs, threads};
use crate::report::draft;
use crate::store::Outbox;
use crate::{archive, incidents};

/// What is kept until its time is over: a word for people, and where it lies.
const KEPT: &[(&str, &str)] = &[
    ("investigations", archive::INVESTIGATIONS),
    ("history", archive::SUMMARIES),
    ("evidence", archive::EVIDENCE),
    ("corrections", archive::CORRECTIONS),
    ("audit", audit::NS),
    ("threads", threads::NS),
    ("buttons", presses::NS),
    ("reports", draft::NS),
    ("reports", draft::FILES),
    ("incidents", incidents::shelf::NS),
];

/// What is on its way: of use only where the work itself goes on. Addresses under which a chat takes one more answer
/// stand there.
const WORK: &[(&str, &str)] = &[
    ("work", jobs::OPEN),
    ("work", jobs::SEEN),
    ("work", jobs::LATE),
    ("work", jobs::OFFERS),
    ("work", Outbox::NS),
];

/// So many values are read at once.
const PAGE: usize = 50;

/// The version of the file that [`export`] writes.
const VERSION: u32 = 1;

/// The first line of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    calltriage_export: u32,
    /// The layout of the values in it.
    layout: u32,
    at: jiff::Timestamp,
}

/// A line of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    ns: String,
    key: String,
    #[serde(flatten)]
    value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<jiff::Timestamp>,
}

/// A value: as the text that it is, else in base64.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Value {
    Text(String),
    Base64(String),
}

/// The last line of a file, without which it is not whole.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    end: u64,
}

/// How many of each kind, in the order of the kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Counts(serde_json::Map<String, serde_json::Value>);

impl Counts {
    fn add(&mut self, kind: &str, count: u64) {
        let before = self.0.get(kind).and_then(serde_json::Value::as_u64);
        let sum = before.unwrap_or_default() + count;
        self.0.insert(kind.to_owned(), sum.into());
    }

    /// All together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.values().filter_map(serde_json::Value::as_u64).sum()
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        let each: Vec<String> = self
            .0
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        f.write_str(&each.join(", "))
    }
}

/// The word for what lies in a namespace; nothing for one that no file may write.
fn kind_of(ns: &str) -> Option<&'static str> {
    let mut known = KEPT.iter().chain(WORK);
    known.find(|(_, its)| *its == ns).map(|(kind, _)| *kind)
}
