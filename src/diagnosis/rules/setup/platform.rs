//! Calls that the platform decided alone, before it tried any route.

use super::called::media;
use super::message::of_what_was_sent;
use super::{Reading, other_leg, refused};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Fault};
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::{self, Direction, Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::Matched;
use crate::sip::Certainty;

pub(super) static REFUSED_BY_PLATFORM: Rule = Rule {
    id: "refused-by-platform",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform answered with a final code and no INVITE that it sent on was seen. At once, a code about the \
            message (413, 414, 416, 420 to 422, 433, 482, 483, 491, 505, 513) or the media offered (415, 488, 606) is \
            read as from anybody else.",
    matters: "No carrier was seen to get the call: looking there first is lost time.",
    remedy: "Read the reason text: it names the setting. Simulate the call after changing it.",
    silent: "An INVITE was sent on, it rang, or only one leg was seen and nothing says that the \
             answering node is the platform; or a busy line or a Q.850 cause, not at once, shows that somebody was \
             called on a leg that was not captured.",
    source: "ConnexCS routing texts; catalogue S400, S402, S404a, S413 to S422, S480a, S482 to S488, H10, B1, Q5, \
             attribution modifier 2",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Platform, |refusal| {
            own_decision(case, refusal)
        })
    }),
};

fn own_decision(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    if let Some(found) = refusal.platform_reason(case) {
        let reason = found.entry;
        let mut reading = known(case, &reason.parties, &reason.meaning, &reason.next);
        if found.matched == Matched::Beginning {
            reading.certainty = reading.certainty.min(Certainty::Likely);
            reading.cause = format!(
                "{} The text begins with one that is known ({}) and goes on.",
                reading.cause, reason.text
            );
        }
        return reading;
    }
    let by_code = || {
        let code = case.knowledge.platform_code(refusal.code)?;
        // A normal answer is no reason for a refusal.
        let is_reason = code.parties.first() != Some(&Party::Nobody);
        let reading = known(case, &code.parties, &code.meaning, &code.next);
        is_reason.then(|| Reading {
            certainty: reading.certainty.min(Certainty::Likely),
            ..reading
        })
    };
    let decided = || {
        by_code().unwrap_or_else(|| {
            Reading::new(
                Side::Platform,
                Certainty::Likely,
                "The platform decided before any route was tried: number format, routing, rates, \
                 limits or blocks are set there.",
                "Read the routing log of this call, correct the setting, simulate the call.",
            )
        })
    };
    match refusal.code {
        // They speak of the message and of the account, not of what a route said.
        400 | 402 => decided(),
        430 | 480 if case.roles.direction == Direction::Inbound => Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            "Mostly the called user's device is not registered.",
            "Look whether the called user is registered, and where its calls are sent if not.",
        ),
        430 | 480 | 486 | 600 if calls_a_number(refusal) => Reading::undecided(
            case,
            refusal,
            "The platform tried no route that was seen: a setting of ours says so, or it took the number for one of our \
             own.",
            "Read the routing log of this call: it says what the number was taken for.",
        ),
        430 | 480 | 486 | 600 => Reading::undecided(
            case,
            refusal,
            "The platform tried no route that was seen: a setting of ours says so, or the called number is a user of \
             ours who is not registered or busy.",
            "Read the routing log of this call; where the number is a user of ours, look whether it is registered.",
        ),
        403 if follows_credentials(case) => Reading::undecided(
            case,
            refusal,
            "It came straight after credentials, without a word: they are wrong, or the platform decided before any \
             route was tried by number format, routing, rates, limits or blocks. One call cannot tell.",
            "Read the routing log of this call; where it says nothing, compare user name and password with the account.",
        ),
        408 | 504 => unseen_leg(case, refusal),
        _ if !refusal.is_immediate() => unseen_leg(case, refusal),
        415 | 488 | 606 => media(case, refusal),
        // Our plan of numbers may be what is wrong.
        484 => Reading::new(
            Side::Caller,
            Certainty::Possible,
            "Digits are missing from the number as it was sent, or a number format is set too strictly with us.",
            "Compare the number as it was sent with its numbering plan and with a call that passes.",
        ),
        _ => of_what_was_sent(case, refusal).unwrap_or_else(decided),
    }
}

/// Whether a telephone number was called, and not a user by name or a short extension.
fn calls_a_number(refusal: &Refusal<'_>) -> bool {
    const SHORTEST: usize = 7;
    let invite = refusal.origin.hop.first_invite();
    let called = invite.map(|it| it.message().to_user()).unwrap_or_default();
    let digits = called.trim_start_matches('+');
    digits.len() >= SHORTEST && digits.chars().all(|c| c.is_ascii_digit())
}

/// Whether the call ended with a mute 403 to credentials, which may be about them.
fn follows_credentials(case: &Case<'_>) -> bool {
    case.exchanges().iter().any(|exchange| {
        let ended = exchange.decides.then(|| exchange.ended()).flatten();
        matches!(ended, Some(Ended::Refused(refused)) if refused.fault == Fault::Forbidden)
    })
}

/// What a table knows of a refusal. Of several parties nothing in the packets says which one it is.
fn known(case: &Case<'_>, parties: &[Party], meaning: &str, next: &[String]) -> Reading {
    let parties = party::turned(parties, case.roles.direction);
    let (first, others) = match parties.split_first() {
        Some((first, others)) => (*first, others),
        None => (Party::Undecided, &[][..]),
    };
    let certainty = match (first, others) {
        (_, [_, ..]) => Certainty::Possible,
        (Party::Platform, []) => Certainty::Likely,
        (_, []) => Certainty::Certain,
    };
    let others: Vec<&str> = others.iter().map(|other| other.label()).collect();
    let cause = if others.is_empty() {
        meaning.to_owned()
    } else {
        format!("{meaning} It can also be: {}.", others.join(", "))
    };
    let mut next = next.first().cloned().unwrap_or_default();
    if first == Party::Configuration && !next.is_empty() {
        next.push_str(" Then simulate the call, and call again.");
    }
    Reading::new(first, certainty, &cause, &next)
}

fn unseen_leg(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let answered = refusal.origin.hop;
    if answered.upstream.is_some() {
        // It is the leg that was sent on, to a machine of the platform's own.
        let own = case.name(answered.server);
        return Reading::undecided(
            case,
            refusal,
            &format!(
                "The platform had sent the call on to {own}, a machine of its own, and that refused it."
            ),
            &format!("Look at the log of {own} for this call."),
        );
    }
    let (leg, next) = other_leg(case);
    Reading::undecided(
        case,
        refusal,
        &format!(
            "No INVITE to a route is known to be this call's: the platform tried none, or {leg}."
        ),
        &format!("{next} Read the routing log of this call."),
    )
}
