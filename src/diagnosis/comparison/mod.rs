//! Two calls side by side: only what differs and matters. Finds the good call to set a failing one
//! against, and goes through what a new interconnect has shown. Pure: fetches nothing.

mod headers;
mod media;
mod outcome;
mod profile;
mod route;
mod row;
mod timing;
mod turn_up;
mod twin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::investigation::Diagnosis;
use profile::{Entry, Profile, Section, Value, profile};

pub use profile::Area;
pub use turn_up::{Books, Check, Seen, TurnUp, turn_up};
pub use twin::{Twin, TwinKind, twin};

/// A call that was found and judged: what is compared.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The call.
    pub case: &'a Case<'a>,
    /// What was said of it.
    pub diagnosis: &'a Diagnosis,
}

/// Two calls, set against one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first call.
    pub a: Compared,
    /// The second call.
    pub b: Compared,
    /// How the second call was found; nothing where it was named.
    pub twin: Option<Twin>,
    /// What differs, in the order of the areas.
    pub differences: Vec<Difference>,
    /// What is known of one of them only, and so could not be compared.
    pub missing: Vec<Missing>,
    /// How many things were compared and are the same.
    pub equal: usize,
    /// What the reader should know besides. Sentences.
    pub notes: Vec<String>,
}

/// One of the two calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Its Call-IDs, the caller's first.
    pub call_ids: Vec<String>,
    /// When it began; nothing where nobody recorded times.
    pub started: Option<Timestamp>,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// The rule that explains it.
    pub rule: String,
    /// What happened and why.
    pub summary: String,
}

/// Something in which the two differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where.
    pub area: Area,
    /// What.
    pub label: String,
    /// Of the first call.
    pub a: String,
    /// Of the second call.
    pub b: String,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// The first call.
    A,
    /// The second call.
    B,
}

/// Something that one of the two lacks: that is no difference between the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Where.
    pub area: Area,
    /// What; empty where the whole area is missing.
    pub label: String,
    /// Of which call.
    pub of: Which,
}

/// Compares two calls.
#[must_use]
pub fn compare(a: Judged<'_>, b: Judged<'_>) -> Comparison {
    let (of_a, of_b): (Profile, Profile) = (profile(a), profile(b));
    let mut comparison = Comparison {
        a: compared(a),
        b: compared(b),
        twin: None,
        differences: Vec::new(),
        missing: Vec::new(),
        equal: 0,
        notes: Vec::new(),
    };
    // Both have every area, in one order.
    for (one, two) in of_a.iter().zip(&of_b) {
        comparison.area(one, two);
    }
    let answered = |of: Which| match of {
        Which::A => a.case.answer().is_some(),
        Which::B => b.case.answer().is_some(),
    };
    let is_lack = |it: &Missing| answered(it.of) || !follows_from_answer(it.area);
    comparison.missing.retain(is_lack);
    comparison
}

/// Whether a call that is not answered has no such thing: then it is not evidence that is missing.
fn follows_from_answer(area: Area) -> bool {
    matches!(area, Area::MediaToCaller | Area::CalledMedia | Area::Timing)
}

fn compared(call: Judged<'_>) -> Compared {
    let case = call.case;
    let facts = call.diagnosis.facts.first();
    let row = case.records.and_then(|records| records.row.as_ref());
    let user = |of_facts: Option<&String>, of_row: Option<&String>| {
        of_facts.or(of_row).cloned().unwrap_or_default()
    };
    Compared {
        call_ids: call.diagnosis.call_ids.clone(),
        started: case
            .call
            .started()
            .or(row.and_then(|row| row.started))
            .filter(|_| !case.call.is_timeless() || case.call.legs.is_empty()),
        from: user(
            facts.map(|it| &it.from),
            row.and_then(|row| row.from.as_ref()),
        ),
        to: user(facts.map(|it| &it.to), row.and_then(|row| row.to.as_ref())),
        rule: call.diagnosis.verdict.rule.clone(),
        summary: call.diagnosis.verdict.summary.clone(),
    }
}

impl Comparison {
    fn area(&mut self, one: &Section, two: &Section) {
        let area = one.area;
        let lacking = |of: Which| Missing {
            area,
            label: String::new(),
            of,
        };
        match (&one.entries, &two.entries) {
            (Some(one), Some(two)) => self.entries(area, one, two),
            (Some(_), None) => self.missing.push(lacking(Which::B)),
            (None, Some(_)) => self.missing.push(lacking(Which::A)),
            (None, None) => {}
        }
    }

    fn entries(&mut self, area: Area, one: &[Entry], two: &[Entry]) {
        let find = |entries: &[Entry], label: &str| -> Option<Value> {
            let found = entries.iter().find(|entry| entry.label == label);
            found.map(|entry| entry.value.clone())
        };
        let only_two = two.iter().filter(|entry| find(one, &entry.label).is_none());
        let labels: Vec<&String> = one
            .iter()
            .chain(only_two)
            .map(|entry| &entry.label)
            .collect();
        for label in labels {
            match (find(one, label), find(two, label)) {
                (Some(a), Some(b)) if a.is_like(&b) => self.equal += 1,
                (Some(a), Some(b)) => self.differences.push(Difference {
                    area,
                    label: label.clone(),
                    a: a.said(),
                    b: b.said(),
                }),
                (a, _) => self.missing.push(Missing {
                    area,
                    label: label.clone(),
                    of: if a.is_none() { Which::A } else { Which::B },
                }),
            }
        }
    }
}
