//! The card that a customer may read: what happened in plain words, and nothing that stands in a packet or names
//! who carries the call. Every word of it is ours or the customer's own.

use jiff::tz::TimeZone;

use super::{Card, Fact, Tone, figures};
use crate::diagnosis::{Diagnosis, Party, rules};
use crate::render::clean;
use crate::sip::EndedBy;

/// The card of one call of this customer.
#[must_use]
pub fn for_customer(call: &Diagnosis, zone: &TimeZone) -> Card {
    let leg = call.facts.first();
    let answered = leg.is_some_and(|leg| leg.answered);
    let ours = call.verdict.to_act == Party::Customer;
    let rule = rules::find(&call.verdict.rule);
    let mut facts = Vec::new();
    if let Some(leg) = leg {
        let (from, to) = (clean::line(&leg.from), clean::line(&leg.to));
        facts.push(Fact::new("Call", format!("{from} → {to}")));
    }
    if let Some(started) = call.started() {
        facts.push(Fact::new("When", figures::time(started, zone)));
    }
    Card {
        lead: None,
        headline: headline(call, answered).to_owned(),
        tone: match call.verdict.party {
            Party::Nobody if answered => Tone::Good,
            _ if answered => Tone::Warning,
            Party::Nobody => Tone::Neutral,
            _ => Tone::Bad,
        },
        judgement: None,
        facts,
        // Rules explain themselves without naming anybody.
        summary: rule
            .filter(|_| ours)
            .map_or_else(String::new, |it| it.matters.to_owned()),
        findings: Vec::new(),
        ruled_out: Vec::new(),
        not_checked: Vec::new(),
        next: match call.verdict.to_act {
            Party::Customer => rule.map(|it| it.remedy.to_owned()).into_iter().collect(),
            Party::Nobody => Vec::new(),
            Party::Undecided => vec!["We are looking into it.".to_owned()],
            _ => vec!["Nothing to do on your side: we are taking care of it.".to_owned()],
        },
        steps: Vec::new(),
        ids: call
            .call_ids
            .first()
            .map(|id| Fact::new("Call-ID", clean::line(id)))
            .into_iter()
            .collect(),
        ladder: String::new(),
        drawing: String::new(),
        hints: Vec::new(),
    }
}

fn headline(call: &Diagnosis, answered: bool) -> &'static str {
    let leg = call.facts.first();
    let given_up = leg.is_some_and(|leg| matches!(leg.ended_by, Some(EndedBy::Caller)));
    match (call.verdict.party, answered) {
        (Party::Nobody, true) => "The call went as it should.",
        (Party::Nobody, false) if given_up => "The caller ended the call before it was answered.",
        (Party::Nobody, false) => "The call was not answered.",
        (Party::Customer, true) => {
            "The call was answered, and something on your side disturbed it."
        }
        (Party::Customer, false) => "The call failed because of something on your side.",
        (Party::Undecided, true) => "The call was answered; what disturbed it is not known yet.",
        (Party::Undecided, false) => "The call failed; why is not known yet.",
        (_, true) => "The call was answered, and something beyond your side disturbed it.",
        (_, false) => "The call failed because of something beyond your side.",
    }
}
