//! The card: what is said of one call, as plain data that every chat and the terminal translate.
//! Holds no markup, no colours and no platform's words.

mod audio;
mod build;
mod customer;
mod figures;
mod logged;
mod plain;
mod terminal;

use serde::{Deserialize, Serialize};

use crate::diagnosis::{Field, Party, Severity, Step};
use crate::sip::Certainty;

pub use crate::render::page::Style;
pub use build::{for_call, headline_of, without_call};
pub use customer::for_customer;
pub use terminal::terminal;
pub(in crate::render) use terminal::{step_marks, tone_color};

/// What is said of one call. Texts come from packets and people too: whoever shows them escapes
/// them. Empty parts are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What has to be known before anything else: that a platform could not be asked. Stands first.
    #[serde(default)]
    pub lead: Option<String>,
    /// What happened, in one sentence with the party in front.
    pub headline: String,
    /// How bad that is.
    pub tone: Tone,
    /// Who and how sure.
    pub judgement: Option<Judgement>,
    /// The call itself: who called whom, when, how long each part took, which way it went.
    pub facts: Vec<Fact>,
    /// What there is to say beyond the headline.
    pub summary: String,
    /// Everything found, the verdict's finding among it.
    pub findings: Vec<Point>,
    /// What the trace shows not to be the cause: one sentence each.
    #[serde(default)]
    pub ruled_out: Vec<String>,
    /// What could not be checked, and why: one sentence each.
    pub not_checked: Vec<String>,
    /// What to do, in order.
    pub next: Vec<String>,
    /// The steps of the flow, in its order.
    pub steps: Vec<Step>,
    /// The ids of the call, never shortened.
    pub ids: Vec<Fact>,
    /// The ladder, preformatted; see [`crate::render::ladder`].
    pub ladder: String,
    /// The same ladder as SVG, for chats that show pictures; empty where the ladder is.
    #[serde(default)]
    pub drawing: String,
    /// What can be asked next.
    pub hints: Vec<String>,
}

/// How a card looks at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// It went as it should.
    Good,
    /// The call suffered.
    Warning,
    /// The call was lost.
    Bad,
    /// Nothing can be said, or nothing has to.
    Neutral,
}

/// Who answered, who owns the cause, who has to act: three things, and how sure they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Who owns the cause.
    pub party: Party,
    /// Who has to act first.
    pub to_act: Party,
    /// How sure the fact is.
    pub fact_certainty: Certainty,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// The node that answered or acted: name and address.
    pub answered_by: Option<String>,
}

impl Judgement {
    /// The judgement in words, part by part.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        if self.party != Party::Nobody {
            parts.push(format!("cause: {}", self.party.label()));
        }
        parts.push(match self.to_act {
            Party::Nobody => "nobody has to act".to_owned(),
            party => format!("to act: {}", party.label()),
        });
        let (fact, cause) = (self.fact_certainty.word(), self.certainty.word());
        parts.push(format!("fact {fact}, cause {cause}"));
        if let Some(node) = &self.answered_by {
            parts.push(format!("by {node}"));
        }
        parts
    }
}

impl Point {
    /// What proves it: `messages 3, 5`, `call log: sip_code 503, sip_reason Busy Here`, or both.
    #[must_use]
    pub fn proof(&self) -> String {
        let mut parts = match self.packets.as_slice() {
            [] => Vec::new(),
            [one] => vec![format!("message {one}")],
            several => vec![format!("messages {}", runs(several).join(", "))],
        };
        for fields in self.fields.chunk_by(|a, b| a.record == b.record) {
            let said = fields.iter().map(|it| format!("{} {}", it.name, it.value));
            let said: Vec<String> = said.collect();
            let record = fields.first().map_or("", |it| it.record.as_str());
            parts.push(format!("{record}: {}", said.join(", ")));
        }
        parts.join("; ")
    }
}

/// Numbers, with `3-7` for what follows without a gap.
fn runs(numbers: &[usize]) -> Vec<String> {
    let mut said = Vec::new();
    for run in numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        match run {
            [first, _, .., last] => said.push(format!("{first}-{last}")),
            few => said.extend(few.iter().map(usize::to_string)),
        }
    }
    said
}

/// Something with its name: `When`, `2026-02-16 09:10:02 UTC`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it says.
    pub text: String,
}

impl Fact {
    /// A text with its label.
    #[must_use]
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Fact {
        Fact {
            label: label.into(),
            text: text.into(),
        }
    }
}

/// One finding, as a card shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The rule that found it.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is so.
    pub fact: String,
    /// Why; empty where nothing can be said.
    pub cause: String,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// The messages that prove it, as numbered in the ladder.
    pub packets: Vec<usize>,
    /// What stands in the platform's records that proves it.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Whether the verdict is this finding: its words already stand in headline and summary.
    pub is_verdict: bool,
}
