//! Investigations in the neutral form that every chat translates. Pure: says nothing that is not in
//! what it is given.

use jiff::tz::TimeZone;

use crate::call::{CallQuery, Choice, Term};
use crate::diagnosis::{Case, Diagnosis, Investigated, Investigation, Peers};
use crate::render::card::{self, Card, Fact};
use crate::render::clean;
use crate::render::summary;

/// A card for each call of an investigation, drawn from it and the evidence kept with it.
#[must_use]
pub fn cards(done: &Investigated, peers: &Peers, zone: &TimeZone) -> Vec<Card> {
    cards_of(done, done.investigation.calls.iter().collect(), peers, zone)
}

/// The cards that are shown of an investigation: each call's where there are few, else that of the
/// best example of each group.
#[must_use]
pub fn cards_shown(done: &Investigated, peers: &Peers, zone: &TimeZone) -> Vec<Card> {
    let investigation = &done.investigation;
    let shown = summary::shown(investigation);
    let mut cards = cards_of(done, shown.clone(), peers, zone);
    if (2..=summary::MOST_CARDS).contains(&investigation.calls.len()) {
        // As in a list: the number chooses the call, the letter names its group.
        for ((number, card), call) in (1..).zip(&mut cards).zip(shown) {
            let group = investigation.group_of(call);
            let letter = group.map(|it| format!("{} · ", it.name));
            let letter = letter.unwrap_or_default();
            card.headline = format!("{number} · {letter}{}", card.headline);
        }
    }
    cards
}

/// The calls of an investigation in the order in which they are shown, each to be chosen by its number; empty where
/// there is nothing to choose.
#[must_use]
pub fn choices(investigation: &Investigation) -> Vec<Choice> {
    if investigation.calls.len() < 2 {
        return Vec::new();
    }
    let choice = |call: &Diagnosis| {
        let id = call.call_ids.first().cloned().unwrap_or_default();
        Choice {
            label: id.clone(),
            query: CallQuery {
                terms: vec![Term::CallId(id)],
                ..CallQuery::default()
            },
        }
    };
    investigation.ranked().into_iter().map(choice).collect()
}

fn cards_of(
    done: &Investigated,
    diagnoses: Vec<&Diagnosis>,
    peers: &Peers,
    zone: &TimeZone,
) -> Vec<Card> {
    let seen = done.evidence.calls(&[]);
    let investigation = &done.investigation;
    let mut cards: Vec<Card> = diagnoses
        .into_iter()
        .map(|diagnosis| {
            let mut card = match diagnosis.find_in(&seen) {
                Some(known) => {
                    let case = Case::new(&known.call, peers, None)
                        .recorded(known.records.as_ref())
                        .observing(&done.evidence.observed);
                    card::for_call(&case, Some(&diagnosis.verdict), &diagnosis.findings, zone)
                }
                None => card::without_call(&diagnosis.verdict, &diagnosis.call_ids),
            };
            card.ruled_out.clone_from(&diagnosis.ruled_out);
            card.not_checked.clone_from(&diagnosis.not_checked);
            let correction = diagnosis.correction.as_ref();
            card.facts
                .extend(correction.map(|it| Fact::new("Marked wrong", clean::line(&it.said()))));
            let scope = diagnosis.scope.as_ref();
            card.facts
                .extend(scope.map(|it| Fact::new("Only this?", clean::line(&it.said))));
            let page = diagnosis.read_more.as_ref();
            card.facts
                .extend(page.map(|it| Fact::new("Read more", clean::line(it))));
            card
        })
        .collect();
    if let Some(first) = cards.first_mut() {
        first.lead.clone_from(&investigation.lead);
    }
    // The steps are those of the whole investigation: they stand once, under the last call.
    if let Some(last) = cards.last_mut() {
        last.steps = investigation.steps.clone();
        last.hints = investigation.notes.clone();
        if done.kept {
            last.hints.push(format!("Kept as {}.", investigation.id));
        }
    }
    cards
}
