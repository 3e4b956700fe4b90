//! The card that a customer may read: what happened in plain words, and nothing that stands in a packet or names
//! who carries the call. Every word of it is ours or the customer's own.

use jiff::tz::TimeZone;

use super::{Card, Fact, Tone, figures};
use crate::diagnosis::{Diagnosis, Party, rules};
use crate::render::clean;
use crate::sip::{Certainty, EndedBy};

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
        headline: headline(call, answered),
        tone: match call.verdict.party {
            Party::Nobody if answered => Tone::Good,
            _ if answered => Tone::Warning,
            Party::Nobody | Party::FarEnd => Tone::Neutral,
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

fn headline(call: &Diagnosis, answered: bool) -> String {
    let leg = call.facts.first();
    let given_up = leg.is_some_and(|leg| matches!(leg.ended_by, Some(EndedBy::Caller)));
    // Whose it is is said no surer than it is known.
    let sure = match call.verdict.certainty {
        Certainty::Certain => "",
        Certainty::Likely => "probably ",
        Certainty::Possible => "possibly ",
    };
    match (call.verdict.party, answered) {
        (Party::Nobody, true) => "The call went as it should.".to_owned(),
        (Party::Nobody, false) if given_up => {
            "The caller ended the call before it was answered.".to_owned()
        }
        (Party::Nobody, false) => "The call was not answered.".to_owned(),
        (Party::FarEnd, false) => far_end(leg.and_then(|it| it.final_code)).to_owned(),
        (Party::Undecided, true) => {
            "The call was answered; what disturbed it is not known yet.".to_owned()
        }
        (Party::Undecided, false) => "The call failed; why is not known yet.".to_owned(),
        (party, true) => {
            let side = side(party);
            format!("The call was answered, and {sure}something {side} disturbed it.")
        }
        (party, false) => {
            let side = side(party);
            format!("The call failed, {sure}because of something {side}.")
        }
    }
}

/// What the called side said with its code: the caller's machine heard the same (RFC 3261 sections 21.4 and 21.6).
fn far_end(code: Option<u16>) -> &'static str {
    match code {
        Some(486 | 600) => "The called line was busy.",
        Some(404 | 410 | 484 | 604) => {
            "The called number was said not to exist, or not to be complete."
        }
        Some(408 | 480) => "The called line could not be reached.",
        Some(603 | 607 | 608) => "The call was declined.",
        _ => "The call was refused at the called side.",
    }
}

fn side(party: Party) -> &'static str {
    match party {
        Party::Customer => "on your side",
        _ => "beyond your side",
    }
}
