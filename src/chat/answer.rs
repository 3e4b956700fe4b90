//! Investigations in the neutral form that every chat translates. Pure: says nothing that is not in
//! what it is given.

use jiff::tz::TimeZone;

use crate::diagnosis::{Case, Diagnosis, Investigated, Peers};
use crate::render::card::{self, Card};

/// A card for each call of an investigation, drawn from it and the evidence kept with it.
#[must_use]
pub fn cards(done: &Investigated, peers: &Peers, zone: &TimeZone) -> Vec<Card> {
    let seen = done.evidence.calls(&[]);
    let investigation = &done.investigation;
    let mut cards: Vec<Card> = investigation
        .calls
        .iter()
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
            card.not_checked = not_checked(diagnosis);
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

fn not_checked(diagnosis: &Diagnosis) -> Vec<String> {
    diagnosis.not_checked.clone()
}
