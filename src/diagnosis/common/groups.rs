//! Calls grouped by why they ended as they did: rule, party, and code or carrier. Judges no call
//! anew; the group is no surer than its least sure call.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::once::once;
use super::traits::{Ended, Traits};
use crate::diagnosis::party::Party;
use crate::diagnosis::words::listed;
use crate::sip::Certainty;

/// Calls with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its letter in this answer: `A`, `B` … `Z`, `AA`.
    pub name: String,
    /// How its calls ended.
    pub ended: Ended,
    /// What became of them, in a few words that complete "5 calls": `refused by Acme with 503`.
    pub words: String,
    /// The rule that explains them; nothing of calls that were not diagnosed.
    pub rule: Option<String>,
    /// Who owns the cause.
    pub party: Party,
    /// Who has to act first, where that is the same for all; else undecided.
    pub to_act: Party,
    /// The code that refused them, where it was made; nothing where they were answered or ended with
    /// several.
    pub code: Option<u16>,
    /// The carrier, where that is the same for all.
    pub carrier: Option<String>,
    /// How sure the cause is: as sure as of the least sure call.
    pub certainty: Certainty,
    /// Whether some of them are surer than that.
    pub mixed: bool,
    /// How many calls.
    pub count: usize,
    /// The Call-ID of the call that shows it best: messages of both legs, the surest verdict, the
    /// newest.
    pub example: String,
    /// The Call-IDs of each call, the caller's first.
    pub call_ids: Vec<Vec<String>>,
}

impl Group {
    /// Whether a Call-ID is one of its calls'.
    #[must_use]
    pub fn holds(&self, call_id: &str) -> bool {
        self.call_ids.iter().flatten().any(|id| id == call_id)
    }

    /// How sure the cause is, in words.
    #[must_use]
    pub fn sureness(&self) -> String {
        let mixed = if self.mixed { "at least " } else { "" };
        format!("{mixed}{}", self.certainty.word())
    }
}

/// The groups of these calls: failing ones first, then the larger ones. A call that was found twice
/// counts once.
#[must_use]
pub fn groups(calls: &[Traits]) -> Vec<Group> {
    let mut sorted: BTreeMap<_, Vec<&Traits>> = BTreeMap::new();
    for call in once(calls) {
        sorted.entry(key(call)).or_default().push(call);
    }
    let mut groups: Vec<Group> = sorted
        .into_values()
        .filter_map(|calls| group(&calls))
        .collect();
    // Stable: equals stay in the order of their keys.
    groups.sort_by_key(|group| (group.ended, Reverse(group.count)));
    for (at, group) in groups.iter_mut().enumerate() {
        group.name = letters(at);
    }
    groups
}

/// What makes calls one group. Good calls are one group whichever way they went; otherwise the
/// carrier matters where it is at fault.
fn key(call: &Traits) -> (Ended, &str, &'static str, Option<u16>, Option<&str>) {
    let verdict = call.verdict.as_ref();
    let rule = verdict.map_or("", |it| it.rule.as_str());
    let party = verdict.map_or(Party::Undecided, |it| it.party);
    let code = call.refusal.filter(|_| call.ended != Ended::Good);
    let is_theirs = party == Party::Carrier || verdict.is_none();
    let carrier = call
        .carrier
        .as_deref()
        .filter(|_| is_theirs && call.ended != Ended::Good);
    (call.ended, rule, party.label(), code, carrier)
}

fn group(calls: &[&Traits]) -> Option<Group> {
    let first = calls.first()?;
    let best = calls
        .iter()
        .max_by_key(|call| (call.worth(), Reverse(call.call_id())))?;
    let verdicts = || calls.iter().filter_map(|call| call.verdict.as_ref());
    let certainties = || verdicts().map(|it| it.certainty);
    let lowest = certainties().min().unwrap_or(Certainty::Possible);
    let verdict = first.verdict.as_ref();
    let to_act = verdict.map_or(Party::Undecided, |it| it.to_act);
    let same_to_act = verdicts().all(|it| it.to_act == to_act);
    let same_carrier = calls.iter().all(|call| call.carrier == first.carrier);
    let same_code = calls.iter().all(|call| call.refusal == first.refusal);
    let mut group = Group {
        name: String::new(),
        ended: first.ended,
        words: String::new(),
        rule: verdict.map(|it| it.rule.clone()),
        party: verdict.map_or(Party::Undecided, |it| it.party),
        to_act: if same_to_act {
            to_act
        } else {
            Party::Undecided
        },
        code: first.refusal.filter(|_| same_code),
        carrier: first.carrier.clone().filter(|_| same_carrier),
        certainty: lowest,
        mixed: certainties().any(|it| it > lowest),
        count: calls.len(),
        example: best.call_id().to_owned(),
        call_ids: calls.iter().map(|call| call.call_ids.clone()).collect(),
    };
    group.words = words(&group);
    if group.party == Party::Carrier && group.code.is_some() && group.carrier.is_some() {
        group.words.push_str(&before(calls));
    }
    Some(group)
}

/// What became of the calls of a group.
fn words(group: &Group) -> String {
    // Rules are named for what they find.
    let rule = group.rule.as_deref().unwrap_or_default().replace('-', " ");
    match (group.ended, group.code, &group.carrier) {
        (Ended::Good, _, _) if rule.is_empty() => "good".to_owned(),
        (Ended::Good, _, _) => format!("good ({rule})"),
        (_, Some(code), Some(carrier)) if group.party == Party::Carrier => {
            format!("refused by {carrier} with {code}")
        }
        (_, Some(code), Some(carrier)) if rule.is_empty() => {
            format!("ended with {code} through {carrier}")
        }
        (_, Some(code), _) if rule.is_empty() => format!("ended with {code}"),
        (_, Some(code), _) => format!("{rule} ({code})"),
        (_, None, _) if rule.is_empty() => "without a final code".to_owned(),
        (_, None, _) => rule,
    }
}

/// Who had refused these calls likewise before: all of them, or how many.
fn before(calls: &[&Traits]) -> String {
    let mut counts: Vec<(&String, usize)> = Vec::new();
    for name in calls.iter().flat_map(|call| &call.alike) {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let (all, some): (Vec<_>, Vec<_>) = counts
        .into_iter()
        .partition(|(_, count)| *count == calls.len());
    let all: Vec<String> = all.into_iter().map(|(name, _)| name.clone()).collect();
    let mut said = String::new();
    if !all.is_empty() {
        said = format!(", before that by {}", listed(&all));
    }
    for (name, count) in some {
        said = format!("{said}, {count} of them by {name} before");
    }
    said
}

/// `A` to `Z`, then `AA` and so on, as columns of a table are named.
fn letters(at: usize) -> String {
    let letter = |n: usize| u8::try_from(n % 26).map_or('A', |n| char::from(b'A' + n));
    match (at / 26).checked_sub(1) {
        None => letter(at).to_string(),
        Some(before) => format!("{}{}", letters(before), letter(at)),
    }
}
