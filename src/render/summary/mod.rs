//! Many calls in one answer: how many failed and why, what the failing ones share, each group with
//! its best example, and a list to choose from. Plain data and its words; decides nothing.

mod terminal;
mod words;

use serde::{Deserialize, Serialize};

use super::card::{Card, Fact, Tone};
use super::clean;
use crate::diagnosis::common::Ended;
use crate::diagnosis::{Diagnosis, Group, Investigation, Step};

pub use terminal::terminal;

/// More calls than this are not told with a card each.
pub const MOST_CARDS: usize = 3;

/// What is said of several calls together. Texts come from packets and people too: whoever shows
/// them escapes them. Empty parts are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many calls failed, and why most of them did.
    pub headline: String,
    /// How it looks at first sight.
    pub tone: Tone,
    /// When it began, what failing calls share: a sentence each.
    pub shared: Vec<String>,
    /// The groups, failing ones first.
    pub groups: Vec<GroupHead>,
    /// The calls in the order of [`Investigation::ranked`], numbered from 1 by whoever shows them;
    /// empty where each call is told with a card of its own.
    pub calls: Vec<Row>,
    /// Ids under which nothing was found.
    pub not_found: Vec<String>,
    /// Ids that could not be asked for, with why.
    #[serde(default)]
    pub not_asked: Vec<Fact>,
    /// The steps of the flow.
    pub steps: Vec<Step>,
    /// What the reader should know besides, and what can be asked next.
    pub hints: Vec<String>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupHead {
    /// Its letter.
    pub name: String,
    /// How many calls, what became of them, who owns that, how sure.
    pub title: String,
    /// The headline of its best example, and the judgement; empty where that call has a card.
    pub example: Vec<String>,
    /// The Call-IDs of the best example, whole.
    pub ids: Vec<Fact>,
}

/// One call of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// When it began, UTC; empty where nobody recorded times.
    pub started: String,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// How it ended: a code, or how long it was up.
    pub outcome: String,
    /// The letter of its group.
    pub group: String,
    /// Its Call-ID, whole.
    pub call_id: String,
}

/// The summary of an investigation with several calls; nothing for others. `cards` are those that
/// [`shown`] chooses, in that order.
#[must_use]
pub fn of(investigation: &Investigation, cards: &[Card]) -> Option<Summary> {
    let common = investigation.common.as_ref()?;
    let (groups, last) = (&investigation.groups, cards.last());
    let is_listed = investigation.calls.len() > MOST_CARDS;
    let failed = groups.iter().any(|group| group.ended == Ended::Failed);
    let good = groups.iter().all(|group| group.ended == Ended::Good);
    let head = |(at, group): (usize, &Group)| GroupHead {
        name: group.name.clone(),
        title: clean::line(&words::title(group)),
        example: match cards.get(at) {
            Some(card) if is_listed => words::head(card),
            _ => Vec::new(),
        },
        ids: match cards.get(at) {
            Some(card) if is_listed => card.ids.clone(),
            _ => Vec::new(),
        },
    };
    let row = |call: &Diagnosis| {
        let group = investigation.group_of(call);
        words::row(call, group.map_or("", |group| &group.name))
    };
    Some(Summary {
        headline: clean::line(&words::headline(groups, common)),
        tone: match (failed, good) {
            (true, _) => Tone::Bad,
            (false, true) => Tone::Good,
            (false, false) => Tone::Neutral,
        },
        shared: words::shared(common),
        groups: groups.iter().enumerate().map(head).collect(),
        calls: if is_listed {
            investigation.ranked().into_iter().map(row).collect()
        } else {
            Vec::new()
        },
        not_found: investigation
            .not_found
            .iter()
            .map(|id| clean::line(id))
            .collect(),
        not_asked: investigation
            .not_asked
            .iter()
            .map(|it| Fact {
                label: clean::line(&it.call_id),
                text: clean::line(&it.why),
            })
            .collect(),
        steps: last
            .filter(|_| is_listed)
            .map_or_else(Vec::new, |card| card.steps.clone()),
        hints: last
            .filter(|_| is_listed)
            .map_or_else(Vec::new, |card| card.hints.clone()),
    })
}

/// The calls that are told with a card: all where they are few, ranked as in a list, else the best example of each
/// group.
#[must_use]
pub fn shown(investigation: &Investigation) -> Vec<&Diagnosis> {
    if investigation.calls.len() <= MOST_CARDS {
        return investigation.ranked();
    }
    let example = |group: &Group| {
        let is_it = |call: &&Diagnosis| call.call_ids.contains(&group.example);
        investigation.calls.iter().find(is_it)
    };
    investigation.groups.iter().filter_map(example).collect()
}
