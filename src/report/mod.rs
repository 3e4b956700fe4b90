//! The problem report: what is told of failing calls to who has to act, filled from an investigation and completed by
//! a person. Sends nothing by itself.

pub mod attachments;
pub mod audience;
mod checklist;
mod circumstances;
mod compose;
pub mod confirm;
pub mod delivery;
pub mod draft;
pub mod form;
mod involved;
pub mod mail;
mod named;
mod observed;
pub mod part;
pub mod severity;
pub mod template;
mod typed;
mod zip;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use audience::{Audience, Cleared, Screen};
pub use compose::{Counted, Material, Told, compose};
pub use severity::{Category, Level, Proposed, Reach, Response, Setting};

/// A report to one reader, without its files. Texts are cleared for that reader; whoever draws them escapes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who reads it.
    pub audience: Audience,
    /// How we call who is written to; empty where that is not known.
    pub to: Cleared,
    /// The investigation that it was made from.
    pub investigation: String,
    /// The rule that explains the calls, for our own books: readers are not shown it.
    pub rule: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What of the subject follows from the calls: the level and the words of a contact come before it.
    pub subject: Cleared,
    /// Whose affair it is by what was seen; see [`Report::category`].
    pub category: Category,
    /// How many calls are known to fail so.
    pub failing: usize,
    /// The calls, the one that it is about first.
    pub calls: Vec<CallRef>,
    /// What is the matter, in one sentence.
    pub symptom: Statement,
    /// When it began, whether it goes on, when it last worked.
    pub times: Vec<Statement>,
    /// What was seen.
    pub observations: Vec<Statement>,
    /// What follows from it, perhaps.
    pub assumptions: Vec<Statement>,
    /// What was done to find out, with its result.
    pub steps: Vec<Statement>,
    /// What could not be checked.
    pub not_checked: Vec<Statement>,
    /// A good call beside the failing one.
    pub pair: Option<Pair>,
    /// What failing calls share and good ones do not.
    pub common: Vec<Statement>,
    /// What its reader is asked to do.
    pub request: Statement,
    /// What we ourselves do next: for the platform and for ourselves alone.
    #[serde(default)]
    pub next: Vec<Statement>,
    /// Whether it is a note for ourselves: nobody else has to act, and nobody else is written to.
    #[serde(default)]
    pub is_note: bool,
    /// Who had a part in its calls, by the names that answers use: for our own books, no reader is shown it.
    #[serde(default)]
    pub involved: Vec<String>,
    /// What the person who reports it says.
    pub own: Own,
}

/// A sentence, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The sentence.
    pub text: Cleared,
    /// What it rests on.
    pub rests_on: Basis,
    /// The same as a reader is told it: `messages 3, 5`.
    pub proof: Cleared,
}

/// What a sentence rests on. There is no other way for one to come into a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Messages of the call, by their numbers.
    Messages(Vec<usize>),
    /// A finding, by its rule.
    Finding(String),
    /// The platform's log.
    Log,
    /// Calls that were counted or set against one another.
    Calls,
    /// A step of the investigation.
    Step,
    /// The person who reports it.
    Reporter,
    /// Words of ours that state no fact, such as a request.
    Words,
}

/// One call as its reader knows it. What is absent is not known, or not theirs to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRef {
    /// The Call-ID that its reader knows; the one on the way in for the platform.
    pub call_id: Cleared,
    /// The Call-ID on the way out (`callidb`), for the platform alone.
    pub outgoing: Option<Cleared>,
    /// When it began.
    pub at: Option<Timestamp>,
    /// Who called.
    pub from: Cleared,
    /// Who was called.
    pub to: Cleared,
    /// Which way it went, seen from us.
    pub direction: Option<Cleared>,
    /// Whose call it was.
    pub customer: Option<Cleared>,
    /// Who carried it.
    pub carrier: Option<Cleared>,
    /// The platform's server.
    pub server: Option<Cleared>,
    /// Where it came from.
    pub source: Option<Cleared>,
    /// Our address and theirs.
    pub between: Option<(Cleared, Cleared)>,
    /// The code that ended it.
    pub code: Option<u16>,
    /// The words that came with it.
    pub reason: Option<Cleared>,
    /// The Q.850 cause that came with it.
    pub cause: Option<u16>,
    /// How long it was up by what we saw, in milliseconds.
    pub talked_ms: Option<i64>,
    /// How long it was billed to us, in milliseconds.
    pub billed_ms: Option<i64>,
}

/// A failing call and a good one that is like it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The failing one, by its Call-ID.
    pub bad: Cleared,
    /// The good one, by its Call-ID.
    pub good: Cleared,
    /// When the good one began.
    #[serde(default)]
    pub good_at: Option<Timestamp>,
    /// Why it is set against the other one.
    pub why: Cleared,
    /// What differs: where and what, in the failing one, in the good one.
    pub differences: Vec<(Cleared, Cleared, Cleared)>,
    /// How many further differences were left out.
    pub left_out: usize,
}

/// What the person who reports it says. Every word of it is marked as theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Own {
    /// The symptom in their words.
    #[serde(default)]
    pub symptom: Cleared,
    /// What was changed before it began.
    #[serde(default)]
    pub changes: Cleared,
    /// What they did about it, and what came of it.
    #[serde(default)]
    pub tried: Cleared,
    /// How it can be made to happen again.
    #[serde(default)]
    pub replication: Cleared,
    /// What else there is to say.
    #[serde(default)]
    pub remarks: Cleared,
    /// Who can be asked, and how.
    #[serde(default)]
    pub contact: Cleared,
    /// How far it reaches.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// What the calls were made for.
    #[serde(default)]
    pub setting: Setting,
    /// Whose affair it is.
    #[serde(default)]
    pub category: Option<Category>,
    /// How urgent it is, where that is less than what follows.
    #[serde(default)]
    pub level: Option<Level>,
    /// Who stated it, as in "slack:U012AB3CD".
    #[serde(default)]
    pub by: String,
}

impl Report {
    /// How urgent it is.
    #[must_use]
    pub fn severity(&self) -> Proposed {
        severity::propose(
            self.failing,
            self.own.reach,
            self.own.setting,
            self.own.level,
        )
    }

    /// Whose affair it is: as the reporter says, else by how far it reaches, else by what was seen. What all on the
    /// platform suffer is the platform's.
    #[must_use]
    pub fn category(&self) -> Category {
        let by_reach = (self.own.reach == Some(Reach::WholePlatform)).then_some(Category::Platform);
        self.own.category.or(by_reach).unwrap_or(self.category)
    }

    /// What its reader promises for a report that is sent now; nothing where that is not known.
    #[must_use]
    pub fn response(&self, now: Timestamp) -> Option<Response> {
        let promised = self.audience == Audience::Platform && !self.is_note;
        promised.then(|| severity::response(self.severity().level, self.category(), now))
    }

    /// The report as data for its reader, without what is for our own books.
    #[must_use]
    pub fn public(&self) -> serde_json::Value {
        let mut data = serde_json::to_value(self).unwrap_or_default();
        let severity = serde_json::to_value(self.severity()).unwrap_or_default();
        if let Some(data) = data.as_object_mut() {
            let ours: &[&str] = match self.audience {
                Audience::Platform => &["rule", "involved"],
                Audience::Carrier | Audience::Customer => &[
                    "rule",
                    "involved",
                    "investigation",
                    "category",
                    "failing",
                    "next",
                    "is_note",
                ],
            };
            for key in ours {
                data.remove(*key);
            }
            for (_, list) in data.iter_mut() {
                without_bases(list);
            }
            if let Some(own) = data.get_mut("own").and_then(|it| it.as_object_mut()) {
                own.remove("by");
            }
            if self.audience == Audience::Platform {
                data.insert("severity".to_owned(), severity);
                let category = serde_json::to_value(self.category());
                data.insert("category".to_owned(), category.unwrap_or_default());
            }
            data.insert("full_subject".to_owned(), self.full_subject().into());
        }
        data
    }

    /// What support would still ask for, a sentence each.
    #[must_use]
    pub fn missing(&self, now: Timestamp) -> Vec<String> {
        checklist::missing(self, now)
    }

    /// The subject as it is sent.
    #[must_use]
    pub fn full_subject(&self) -> String {
        match self.audience {
            Audience::Platform if self.is_note => format!("Note: {}", self.subject),
            Audience::Platform => format!(
                "[{}][{}] {}",
                self.severity().level.word(),
                self.category().word(),
                self.subject
            ),
            Audience::Carrier | Audience::Customer => self.subject.to_string(),
        }
    }

    /// What is the matter: in the reporter's words where there are some.
    #[must_use]
    pub fn said_symptom(&self) -> &Cleared {
        if self.own.symptom.is_empty() {
            &self.symptom.text
        } else {
            &self.own.symptom
        }
    }
}

/// Takes the names of our rules out of statements.
fn without_bases(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_bases),
        serde_json::Value::Object(fields) => {
            fields.remove("rests_on");
        }
        _ => {}
    }
}
