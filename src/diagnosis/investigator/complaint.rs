//! What the person said besides naming the call: the symptom that was noticed, and whose traffic.
//! Where the evidence cannot show it, that is said; a call is then not called good.

use std::time::Duration;

use jiff::SignedDuration;

use super::unheard;
use crate::call::{Phase, Scope, Symptom};
use crate::diagnosis::case::seconds;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::Rule;
use crate::diagnosis::rules::record::place::{ASK, RIGHT_DESTINATION, WRONG_DESTINATION};
use crate::diagnosis::rules::record::released::RELEASED_IN_LOG;
use crate::diagnosis::verdict::Verdict;
use crate::knowledge::Knowledge;
use crate::peers::{PeerKind, Peers};
use crate::platform::Records;

/// Sets a diagnosis against what was noticed.
pub(super) fn answer(
    diagnosis: &mut Diagnosis,
    symptoms: &[Symptom],
    knowledge: &Knowledge,
    records: Option<&Records>,
) {
    unheard::answer(diagnosis, symptoms, records);
    misplaced(diagnosis, symptoms, records);
    overbilled(diagnosis, symptoms, records);
    not_ended(diagnosis, symptoms, knowledge);
    not_registered(diagnosis, symptoms, knowledge);
    dropped(diagnosis, symptoms, knowledge, records);
}

/// More of what ends calls after so long is not told.
const MOST_LIFETIMES: usize = 2;

/// A call that should have ended sooner, and that no BYE of a side ended: the BYE was lost on the way. What
/// notices that the next time stands in the table of symptoms.
fn not_ended(diagnosis: &mut Diagnosis, symptoms: &[Symptom], knowledge: &Knowledge) {
    const TIMERS: [&str; 4] = [
        "ping-timeout",
        "platform-ended-call",
        "released-in-log",
        "session-timer-expired",
    ];
    let is_reported = symptoms.contains(&Symptom::DoesNotEnd);
    let is_timer = TIMERS.contains(&diagnosis.verdict.rule.as_str());
    if !is_reported || !is_timer || diagnosis.verdict.party == Party::Nobody {
        return;
    }
    let advice = knowledge.symptom("E3").map(|it| it.next.as_slice());
    for action in advice.unwrap_or_default() {
        if !diagnosis.verdict.next.contains(action) {
            diagnosis.verdict.next.push(action.clone());
        }
    }
}

/// Whether a call that is said not to end is still up only the platform's list of calls can tell, where its path is
/// configured.
pub(super) fn still_up(diagnosis: &mut Diagnosis, symptoms: &[Symptom], can_tell: bool) {
    if symptoms.contains(&Symptom::DoesNotEnd) && !can_tell {
        diagnosis.not_checked.push(
            "Whether it is still up: could not be checked: no endpoint configured; look for it among the live calls \
             in the platform's panel."
                .to_owned(),
        );
    }
}

/// A call that ended by a BYE of one side, and of which somebody says that it dropped: it was not over, so that the
/// BYE wants a reason. What ends calls after that long is told with what would prove it.
fn dropped(
    diagnosis: &mut Diagnosis,
    symptoms: &[Symptom],
    knowledge: &Knowledge,
    records: Option<&Records>,
) {
    let is_reported = symptoms.iter().any(|it| matches!(it, Symptom::Drop { .. }));
    let verdict = &mut diagnosis.verdict;
    if !is_reported || verdict.rule != RELEASED_IN_LOG.id || verdict.party != Party::Nobody {
        return;
    }
    let answered = records
        .and_then(|it| it.row.as_ref())
        .and_then(|it| it.answered.as_ref());
    let ms = answered.and_then(|it| it.duration_ms);
    let lasted = ms
        .and_then(|ms| u64::try_from(ms).ok())
        .map(Duration::from_millis);
    verdict.leave_undecided();
    let ask = "Ask the side that sent the BYE why it did: the call was not over.".to_owned();
    let of_length = lasted
        .into_iter()
        .flat_map(|lasted| knowledge.lifetimes_of(lasted))
        .take(MOST_LIFETIMES);
    let of_length = of_length.map(|it| {
        format!(
            "Look whether this fits: {}. It would show as: {}.",
            it.cause.trim_end_matches('.'),
            it.proof.trim_end_matches('.')
        )
    });
    verdict.next = std::iter::once(ask).chain(of_length).collect();
}

/// A registration that is good in the evidence, and of which somebody says that it is not: what was seen is one
/// moment, and what takes registrations away between two of them it does not show.
fn not_registered(diagnosis: &mut Diagnosis, symptoms: &[Symptom], knowledge: &Knowledge) {
    let is_reported = symptoms
        .iter()
        .any(|symptom| symptom.phase() == Phase::Registration);
    if !is_reported || diagnosis.verdict.party != Party::Nobody {
        return;
    }
    diagnosis.not_checked.push(
        "Whether the device stays registered: the attempt that was found was accepted; what came after it is \
         not in the evidence."
            .to_owned(),
    );
    let verdict = &mut diagnosis.verdict;
    verdict.leave_undecided();
    let advice = knowledge.symptom("C4").map(|it| it.next.as_slice());
    let again = "Ask again with the Call-ID or the time of an attempt that failed.".to_owned();
    verdict.next = advice
        .unwrap_or_default()
        .iter()
        .cloned()
        .chain([again])
        .collect();
}

/// Whether a call reached the right place no log tells: where it should have gone has to be said, or looked up
/// where the number is set up.
fn misplaced(diagnosis: &mut Diagnosis, symptoms: &[Symptom], records: Option<&Records>) {
    let is_reported = symptoms.contains(&Symptom::WrongDestination);
    if !is_reported || diagnosis.facts.is_empty() {
        return;
    }
    let is_told = |rule: &Rule| diagnosis.findings.iter().any(|it| it.rule == rule.id);
    if is_told(&WRONG_DESTINATION) {
        return;
    }
    let is_right = is_told(&RIGHT_DESTINATION);
    let is_shown = diagnosis
        .findings
        .iter()
        .flat_map(|it| &it.fields)
        .any(|it| it.record == "DID");
    // A path that is configured and failed is told among what could not be had.
    let is_failed = diagnosis
        .not_checked
        .iter()
        .any(|it| it.contains(": DID: "));
    let set = records.and_then(|it| it.did.as_ref());
    if let Some(set) = set.filter(|_| !is_shown) {
        diagnosis.not_checked.push(format!(
            "Whether that is the right place: the platform's setting for the number could not be set against where it \
             went. It says: {}",
            set.shown()
        ));
    } else if !is_shown && !is_right && !is_failed {
        diagnosis.not_checked.push(
            "Whether that is the right place: the destination that is set for the number could not be \
             checked (no endpoint configured); look at the number under DID in the platform's panel."
                .to_owned(),
        );
    }
    let verdict = &mut diagnosis.verdict;
    if verdict.party == Party::Nobody {
        verdict.leave_undecided();
    }
    let next = if is_right {
        "Say what was wrong with it: it went where it should have gone."
    } else {
        ASK
    };
    verdict.next.retain(|action| action != next);
    verdict.next.insert(0, next.into());
}

/// What was billed, where nothing is wrong with it or nobody can tell: the figures are shown all the same.
fn overbilled(diagnosis: &mut Diagnosis, symptoms: &[Symptom], records: Option<&Records>) {
    let is_told = |it: &Finding| it.rule.starts_with("billed-");
    if !symptoms.contains(&Symptom::Overbilled) || diagnosis.findings.iter().any(is_told) {
        return;
    }
    let Some(records) = records else { return };
    let Some(cdr) = &records.cdr else {
        diagnosis
            .not_checked
            .push("What was billed: no call detail record of this call is at hand.".to_owned());
        undecided(
            &mut diagnosis.verdict,
            "Ask again once its call detail record can be had; both bills have the figures to set against its messages.",
        );
        return;
    };
    let said = |who: &str, ms: Option<i64>| {
        let length = SignedDuration::from_millis(ms?);
        Some(format!("{who} {}", seconds(length)))
    };
    let figures = [
        said("the call", cdr.duration_ms),
        said("the customer", cdr.customer_billed_ms),
        said("the carrier", cdr.carrier_billed_ms),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    let billed = format!("Billed: {}.", figures.join(", "));
    let talked = diagnosis.facts.iter().find_map(|it| it.talk_ms);
    let Some(talked) = talked else {
        diagnosis.not_checked.push(format!(
            "Whether more was billed than was talked: no messages show both answer and BYE. {billed}"
        ));
        undecided(
            &mut diagnosis.verdict,
            "Set these figures against both bills: the step of the rate card rounds up, and Delayed Bye on the \
             carrier's card adds up to 30 s.",
        );
        return;
    };
    diagnosis.verdict.summary = format!(
        "{} {billed} Between answer and BYE lie {}.",
        diagnosis.verdict.summary,
        seconds(SignedDuration::from_millis(talked)),
    );
    let most = [cdr.customer_billed_ms, cdr.carrier_billed_ms];
    let more = most.into_iter().flatten().max().unwrap_or(0) - talked;
    if more > ROUNDING_MS {
        let more = seconds(SignedDuration::from_millis(more));
        diagnosis.not_checked.push(format!(
            "Whether the step and the minimum of the rate card explain the {more} that were billed beyond what was \
             talked: rate cards were not asked for them."
        ));
        undecided(
            &mut diagnosis.verdict,
            "Look at step (pulse) and minimum of the rate card that this call was billed by: they round up.",
        );
    }
}

/// What clocks and rounding to seconds explain.
const ROUNDING_MS: i64 = 2_000;

/// A call with which nothing is wrong as far as was seen, and of which that is no answer to what was asked.
fn undecided(verdict: &mut Verdict, next: &str) {
    if verdict.party == Party::Nobody {
        verdict.leave_undecided();
        verdict.next = vec![next.to_owned()];
    }
}

/// A sentence for each customer or carrier that was named and that no configured peer is called.
pub(super) fn unknown_peers(scope: &Scope, peers: &Peers) -> Vec<String> {
    let named = [
        (scope.customer.as_deref(), PeerKind::Customer, "customer"),
        (scope.carrier.as_deref(), PeerKind::Carrier, "carrier"),
    ];
    named
        .into_iter()
        .filter_map(|(name, kind, word)| Some((name?, kind, word)))
        .filter(|(name, kind, _)| {
            let is_it = |peer: &crate::peers::Peer| {
                peer.kind == *kind && peer.name.eq_ignore_ascii_case(name)
            };
            name.parse::<std::net::IpAddr>().is_err() && !peers.iter().any(is_it)
        })
        .map(|(name, _, word)| {
            format!(
                "No {word} called {name} is configured: add it to [[peers]] with its addresses."
            )
        })
        .collect()
}
