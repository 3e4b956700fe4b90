//! The card that a customer may read: what happened in plain words, and nothing that stands in a packet or names
//! who carries the call. Every word of it is ours or the customer's own.

use jiff::tz::TimeZone;

use super::{Card, Fact, Tone, figures, plain};
use crate::diagnosis::{Diagnosis, Party};
use crate::render::clean;
use crate::sip::{Certainty, EndedBy};

/// The card of one call of this customer.
#[must_use]
pub fn for_customer(call: &Diagnosis, zone: &TimeZone) -> Card {
    let leg = call.facts.first();
    let log = call.logged.as_ref();
    let answered = was_answered(call);
    let ours = call.verdict.to_act == Party::Customer;
    let plain = Some(plain::of(call)).filter(|_| ours);
    let mut facts = Vec::new();
    if let Some(leg) = leg {
        let (from, to) = (clean::line(&leg.from), clean::line(&leg.to));
        facts.push(match call.is_registration() {
            true => Fact::new("User", to),
            false => Fact::new("Call", format!("{from} → {to}")),
        });
    } else if let Some((from, to)) = log.and_then(|it| it.from.as_ref().zip(it.to.as_ref())) {
        let (from, to) = (clean::line(from), clean::line(to));
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
        summary: plain.map_or_else(String::new, |it| it.why.to_owned()),
        findings: Vec::new(),
        ruled_out: Vec::new(),
        not_checked: Vec::new(),
        next: match call.verdict.to_act {
            Party::Customer => plain.map(|it| it.next.to_owned()).into_iter().collect(),
            Party::Nobody => Vec::new(),
            Party::Undecided => vec![LOOKING.to_owned()],
            _ if call.verdict.party == Party::Undecided => vec![LOOKING.to_owned()],
            // What is only possible may turn out to be theirs.
            _ if call.verdict.certainty == Certainty::Possible => {
                vec![format!(
                    "{LOOKING} So far there is nothing to do on your side."
                )]
            }
            _ if plain::is_of_account(&call.verdict.rule) => vec![ACCOUNT.to_owned()],
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

const LOOKING: &str = "We are looking into it.";
const ACCOUNT: &str = "It concerns your account with us: we are looking at it, and will tell you if there is something for you to do.";

/// Whether it was answered: as its messages show, else as the platform's log has it.
fn was_answered(call: &Diagnosis) -> bool {
    match (call.facts.first(), &call.logged) {
        (Some(leg), _) => leg.answered,
        (None, Some(log)) => log.was_answered(),
        (None, None) => false,
    }
}

fn headline(call: &Diagnosis, answered: bool) -> String {
    let leg = call.facts.first();
    let ended_by = |who: EndedBy| leg.is_some_and(|leg| leg.ended_by == Some(who));
    let code = leg.and_then(|it| it.final_code);
    let code = code.or(call.logged.as_ref().and_then(|it| it.code));
    // Whose it is is said no surer than it is known.
    let sure = match call.verdict.certainty {
        Certainty::Certain => "",
        Certainty::Likely => "probably ",
        Certainty::Possible => "possibly ",
    };
    let (party, to_act) = (call.verdict.party, call.verdict.to_act);
    let what = match call.is_registration() {
        true => "registration",
        false => "call",
    };
    match (party, answered) {
        (Party::Nobody, _) if call.is_registration() => {
            "The registration went as it should.".to_owned()
        }
        (Party::Nobody, true) => "The call went as it should.".to_owned(),
        (Party::Nobody, false) if ended_by(EndedBy::Caller) => {
            "The caller ended the call before it was answered.".to_owned()
        }
        (Party::FarEnd, false) => called(code).to_owned(),
        // Where nobody has anything to do the call went as calls go.
        (_, false) if to_act == Party::Nobody && code.is_some_and(is_everyday) => {
            called(code).to_owned()
        }
        (Party::Nobody, false) => "The call was not answered.".to_owned(),
        (Party::Undecided, true) => {
            "The call was answered; what disturbed it is not known yet.".to_owned()
        }
        (Party::Undecided, false) => format!("The {what} failed; why is not known yet."),
        (party, true) => {
            let side = side(party);
            format!("The call was answered, and {sure}something {side} disturbed it.")
        }
        (party, false) => {
            let side = side(party);
            format!("The {what} failed, {sure}because of something {side}.")
        }
    }
}

/// Whether calls end with this code every day: busy, not there, declined (RFC 3261 sections 21.4 and 21.6).
fn is_everyday(code: u16) -> bool {
    matches!(code, 408 | 480 | 486 | 600 | 603)
}

/// What the called side said with its code: the caller's machine heard the same (RFC 3261 sections 21.4 and 21.6).
fn called(code: Option<u16>) -> &'static str {
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
