//! Calls to users whose registration had run out. Compares a call with the registrations among the calls at hand; what
//! was registered before those it does not know.

use jiff::Timestamp;

use crate::diagnosis::case::seconds;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Ledger, Pattern};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::{Certainty, Kind};

pub(super) static REGISTRATION_EXPIRED: Rule = Rule {
    id: "registration-expired",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A call to a user that was refused with 404, 408, 430 or 480 after the user's last registration among these \
            calls had run out, by what its 2xx had granted, or had been taken back.",
    matters: "The user cannot be called until its device registers again, though its own calls may go out.",
    remedy: "Let the device register again well before its time is out, at half of it; look whether it is online and why \
             its last REGISTER got no 2xx.",
    silent: "No 2xx to a REGISTER of that user is among these calls, it named no time, or it still held. A call to a number \
             that leads to a user is not known to be for it.",
    source: "RFC 3261 sections 10.2.4 and 10.3; catalogue R8, R13",
    explains: &[],
    limits: &[],
    check: Check::Calls(registration_expired),
};

fn registration_expired(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let lost = ledger.calls_by(|call| {
        let is_away = matches!(call.refusal, Some(404 | 408 | 430 | 480));
        (is_away && !call.called.is_empty()).then_some(call.called.as_str())
    });
    let judged = lost.into_iter().filter_map(|(user, calls)| {
        let missed: Vec<(&Entry, Timestamp)> = calls
            .iter()
            .filter_map(|call| Some((*call, expired_before(ledger, user, call.at?)?)))
            .collect();
        let (first, until) = missed.first()?;
        let late = first.at?.duration_since(*until);
        rule.pattern(
            tuning,
            Conclusion {
                about: user.to_owned(),
                party: Party::Customer,
                to_act: Party::Customer,
                certainty: Certainty::Likely,
                severity: None,
                fact: format!(
                    "{user} was called {} and not reached, first {} after its registration had run out.",
                    crate::diagnosis::words::times(missed.len()),
                    seconds(late),
                ),
                cause: "Its device had not registered again by then.".to_owned(),
                next: format!(
                    "See whether the device of {user} is online, and have it register again well before its time is out."
                ),
                proof: missed.iter().map(|(call, _)| *call).collect(),
            },
        )
    });
    judged.collect()
}

/// Until when the user was registered last, where that was before this time.
fn expired_before(ledger: &Ledger, user: &str, at: Timestamp) -> Option<Timestamp> {
    let registered = ledger.all().filter(|it| {
        it.kind == Kind::Registration && it.answered && it.called.eq_ignore_ascii_case(user)
    });
    let until = |it: &Entry| -> Option<(Timestamp, Timestamp)> {
        let (from, last) = (it.at?, it.registered_for?);
        (from <= at).then_some((from, from.checked_add(last).ok()?))
    };
    let all: Option<Vec<_>> = registered
        .filter(|it| it.at.is_some_and(|from| from <= at))
        .map(until)
        .collect();
    let (_, until) = all?.into_iter().max_by_key(|(from, _)| *from)?;
    (until <= at).then_some(until)
}
