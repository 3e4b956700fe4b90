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
    let plain = Some(plain(&call.verdict.rule)).filter(|_| ours);
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
        summary: plain.map_or_else(String::new, |it| it.why.to_owned()),
        findings: Vec::new(),
        ruled_out: Vec::new(),
        not_checked: Vec::new(),
        next: match call.verdict.to_act {
            Party::Customer => plain.map(|it| it.next.to_owned()).into_iter().collect(),
            Party::Nobody => Vec::new(),
            Party::Undecided => vec!["We are looking into it.".to_owned()],
            _ if call.verdict.party == Party::Undecided => {
                vec!["We are looking into it.".to_owned()]
            }
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

/// Why, and what to do, as it is told to somebody who knows no protocol.
#[derive(Clone, Copy)]
struct Plain {
    why: &'static str,
    next: &'static str,
}

/// What a customer is told who has to act. A rule's own words are for who reads traces and sets up routes.
fn plain(rule: &str) -> Plain {
    if rule == "number-not-found" {
        return Plain {
            why: "The number, as it was dialled, does not exist or is not complete.",
            next: "Please check the number, with its country and area code.",
        };
    }
    let (why, next) = match rules::find(rule).map_or("", |it| it.family) {
        "authentication" | "registration" => (
            "Your phone system is not logged in with us as it should be.",
            "Please have its user name and password checked, and that it is logged in. We can set a new password with you.",
        ),
        "media" => (
            "The sound, or the keys that were pressed, did not get through between your side and ours.",
            "Please have the sound settings of your phone system and your firewall checked by whoever looks after them.",
        ),
        "ending" | "dialog" | "network" => (
            "Your phone system could not be reached during the call, or did not answer.",
            "Please have your phone system, your network and your firewall checked by whoever looks after them.",
        ),
        _ => (
            "",
            "Please show this to whoever looks after your phone system; we help with what we saw of the call.",
        ),
    };
    Plain { why, next }
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
