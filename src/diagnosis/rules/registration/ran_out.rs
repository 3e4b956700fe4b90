//! Calls to a user whose registration had run out, as far as registrations near the call were seen.

use jiff::SignedDuration;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Granted};

pub(super) static REGISTRATION_RAN_OUT: Rule = Rule {
    id: "registration-ran-out",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A call that was refused with 404, 408, 430 or 480 by the first node that got it, without ringing, to a user \
            whose last registration within two hours before it had run out, by what its 2xx had granted, or had been \
            taken back. Likely where that was within ten minutes, else possible: the device may have registered since \
            where this capture does not see it.",
    matters: "The user cannot be called until its device registers again, though its own calls may go out.",
    remedy: "Let the device register again well before its time is out, at half of it; look whether it is online.",
    silent: "No REGISTER of that user was seen near the call, its 2xx named no time, it still held, or the call was sent \
             on.",
    source: "RFC 3261 sections 10.2.4 and 10.3; catalogue R8, R13",
    explains: &[
        "refused-by-platform",
        "called-unavailable",
        "number-not-found",
        "request-timeout",
        "other-refusal",
        "stalled-after-trying",
    ],
    limits: &[],
    check: Check::Call(|rule, case| ran_out(rule, case).into_iter().collect()),
};

/// A registration that ran out longer ago may have been renewed out of sight.
const LATELY: SignedDuration = SignedDuration::from_mins(10);

fn ran_out(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.granted.is_empty() {
        return None;
    }
    let refusal = Refusal::of(case).filter(|it| matches!(it.code, 404 | 408 | 430 | 480))?;
    let invite = refusal.origin.hop.first_invite()?;
    let is_first = case.call.ingress()?.id == refusal.origin.hop.id;
    if !is_first || refusal.ringing.is_some() || !refusal.attempts.is_empty() {
        return None;
    }
    let user = invite.message().to_user();
    let last = Granted::run_out(case.granted, &user, invite.at())?;
    let since = invite.at().duration_since(last.until);
    let fact = format!(
        "{user} was called {} after its registration had run out; {}",
        case.lasting(since),
        refusal.sentence(case),
    );
    let blame = Blame {
        cause: "Its device had not registered again by then.".into(),
        owner: Party::Customer.into(),
        certainty: match since <= LATELY {
            true => Certainty::Likely,
            false => Certainty::Possible,
        },
        next: format!(
            "See whether the device of {user} is online, and have it register again well before its time is out."
        ),
    };
    let conclusion = Conclusion::certain(fact, refusal.origin.by, blame);
    rule.finding(case, [invite, refusal.origin.answer], conclusion)
}
