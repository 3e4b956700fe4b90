//! Calls to numbers that somebody does not know, or cannot reach.

use std::sync::Arc;

use super::{Reading, at_once, how_fast, is_one_party, leaves_open, refused};
use crate::call::Form;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static NUMBER_NOT_FOUND: Rule = Rule {
    id: "number-not-found",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "404, 410, 484 or 604 to the INVITE, or Q.850 cause 1 to 5, 22, 23 or 28 with any code.",
    matters: "The number is wrong, dead, misformatted, or this carrier cannot reach it.",
    remedy: "Whoever dialled or set up the number checks it against its numbering plan; try another carrier.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 sections 21.4.5, 21.4.10, 21.4.22, 21.6.3; RFC 3398 section 7.2.4.1; \
             catalogue S404, S410, S484, S604, I1 to I5, I22, I28, attribution modifiers 1, 4, 5",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::NumberNotFound, |refusal| {
            not_found(case, refusal)
        })
    }),
};

fn not_found(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let reading = why(case, refusal);
    // Whom nobody can reach cannot repair it: who dialled can. A customer's device that does not know a number of ours
    // is set up by that customer.
    let is_called_users = reading.owner == Side::CalledUser.into();
    if is_called_users && !case.roles.calls_a_customer() {
        reading.acts(Side::Caller)
    } else {
        reading
    }
}

fn why(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    const CODES: [u16; 4] = [404, 410, 484, 604];
    let cause = refusal.stated_cause();
    let says_dead = matches!(cause, Some(1 | 22 | 23)) || matches!(refusal.code, 410 | 604);
    let says_no_route = matches!(cause, Some(2 | 3));
    let says_misdialled = matches!(cause, Some(4 | 5 | 28)) || refusal.code == 484;
    let check = "Check the number with the person who dialled it.";
    match refusal.located(case) {
        Some(Side::CalledUser) => {
            return Reading::new(
                Side::CalledUser,
                Certainty::Likely,
                "The location of the cause is on the called side.",
                check,
            );
        }
        Some(side) if says_dead => {
            return Reading::new(
                side,
                Certainty::Possible,
                "It says that the number is dead, yet the location is a network on the way: that \
                 network's routing may be wrong.",
                "Check the number; if it works elsewhere, report it to the one who answered.",
            );
        }
        _ => {}
    }
    // A network that names the cause knows more than one that only answers fast, yet our own
    // prefix could be what made the number a dead one.
    if matches!(cause, Some(1 | 22 | 23)) && leaves_open(case, refusal) {
        return Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            &format!(
                "It says that the number is not in service. {}, so the form in which we send the \
                 number there may be the reason too.",
                how_fast(refusal)
            ),
            "Check the number, and the form in which it was sent, against a call that passes.",
        );
    }
    if matches!(refusal.code, 404 | 484) && leaves_open(case, refusal) {
        return at_once(
            case,
            refusal,
            "Check the number's format on this route, then try it over another carrier.",
        );
    }
    if refusal.refused_by(case, &CODES) >= 2 {
        let sure = if says_no_route || says_misdialled {
            Certainty::Possible
        } else {
            Certainty::Likely
        };
        return Reading::new(
            Side::CalledUser,
            sure,
            "Several routes do not know the number. If its neighbours fail too, suspect our own \
             prefix.",
            "Check the number with the person who dialled it; dial a neighbour.",
        );
    }
    if says_no_route {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            "The cause says that there is no route to the number from there.",
            "Try the number over another carrier; if it passes, open a ticket with this one.",
        );
    }
    if says_misdialled {
        return misdialled(case, refusal);
    }
    if says_dead {
        let is_gone = matches!(cause, Some(22 | 23)) || refusal.code == 410;
        let words = if is_gone {
            "The number was changed or given up."
        } else {
            "The number is not in service, or mistyped."
        };
        return Reading::new(Side::CalledUser, Certainty::Likely, words, check);
    }
    if is_one_party(case) {
        return Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            "The number is not known there.",
            "Check the number, and whether it is sent in the form that is expected there.",
        );
    }
    Reading::undecided(
        case,
        refusal,
        "One route's word: the number is not in service or mistyped, or this carrier cannot reach \
         it.",
        "Check the number; try it over another carrier.",
    )
}

/// Digits that are missing, or a form that is not taken: whose they are who dialled, unless the platform cut them. A
/// number that is whole by its country's plan and was passed on as it came may only have the wrong form for this route.
fn misdialled(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let called = |invite: &Signal| {
        let user = invite.message().request_uri().and_then(|uri| uri.user);
        user.unwrap_or_else(|| invite.message().to_user())
    };
    let bare = |invite: &Signal| called(invite).trim_start_matches('+').to_owned();
    let of = |invite: Option<&Arc<Signal>>| invite.map(|invite| called(invite)).unwrap_or_default();
    let came = of(case.call.ingress().and_then(Hop::first_invite));
    let sent = of(refusal.origin.hop.first_invite());
    let form = match Form::of(&sent) {
        Form::Empty => String::new(),
        form => format!(" It was sent in this form: {}.", form.label()),
    };
    let is_whole = |number: &str| matches!(Form::of(number), Form::E164 | Form::PlusE164);
    let digits = |number: &str| number.bytes().filter(u8::is_ascii_digit).count();
    let is_cut = is_whole(&came)
        && matches!(Form::of(&sent), Form::Short | Form::OtherDigits)
        && digits(&sent) < digits(&came);
    let next = "Compare the number as sent with its numbering plan and with a call that passes.";
    match refusal.introduced(case, bare) {
        Some(Side::Platform) if is_cut => Reading::new(
            Side::Platform,
            Certainty::Likely,
            &format!("The number came in whole, and the platform had cut it.{form}"),
            next,
        ),
        Some(Side::Platform) => Reading::undecided(
            case,
            refusal,
            &format!(
                "Digits are missing or the format is wrong; the platform had changed the number.{form}"
            ),
            next,
        ),
        _ if is_whole(&sent) => Reading::undecided(
            case,
            refusal,
            &format!(
                "It misses digits or does not take the form, though the number is whole by its country's plan.{form}"
            ),
            "Compare the form of the number with what this route expects and with a call that passes; ask the one who \
             answered.",
        ),
        _ => Reading::new(
            Side::Caller,
            Certainty::Likely,
            &format!("Digits are missing or the format is wrong.{form}"),
            next,
        ),
    }
}
