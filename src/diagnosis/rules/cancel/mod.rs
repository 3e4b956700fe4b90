//! Rules on calls that somebody cancelled: who it was, and after what; on calls that went several ways at once; and on
//! BYEs before the answer.

mod early;
mod early_bye;
mod forked;
mod mismatch;

use std::sync::Arc;

use jiff::SignedDuration;

use super::ending::ended::answered;
use super::ring_time::{RING_TIME, timer_c};
use super::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::origin::Tried;
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal, cause_words};
use crate::sip::{Certainty, Hop, Method, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &CALLER_GAVE_UP,
    &ANSWERED_ELSEWHERE,
    &PLATFORM_GAVE_UP,
    &CANCEL_UNSEEN,
    &ANSWER_CROSSED_CANCEL,
    &CANCEL_UNANSWERED,
    &early::CANCEL_BEFORE_RESPONSE,
    &mismatch::CANCEL_MISMATCH,
    &forked::CALL_FORKED,
    &forked::TWO_ANSWERS,
    &forked::GLOBAL_REFUSAL_LOST,
    &early_bye::BYE_BEFORE_ANSWER,
];

/// The caller's CANCEL that ended the call, or the BYE in its place, with the hop it came in on: not one that came
/// too late, after the call had been answered or refused.
fn callers_cancel<'a>(case: &Case<'a>) -> Option<(&'a Hop, &'a Arc<Signal>)> {
    let hop = case.call.ingress()?;
    let cancel = case.call.withdrawal(hop)?;
    if matches!(hop.final_code(), Some(200..=299)) {
        return None;
    }
    let refused = Refusal::of(case).filter(|refusal| refusal.code >= 300 && refusal.code != 487);
    let is_late = refused.is_some_and(|refusal| refusal.origin.answer.at() < cancel.at());
    (!is_late).then_some((hop, cancel))
}

/// Whether a CANCEL says that another phone took the call (RFC 3326: SIP ;cause=200; Q.850 26).
fn says_answered_elsewhere(cancel: &Signal) -> bool {
    cancel.message().reasons().iter().any(|reason| {
        (reason.protocol.eq_ignore_ascii_case("SIP") && reason.cause == Some(200))
            || (reason.protocol.eq_ignore_ascii_case("Q.850") && reason.cause == Some(26))
    })
}

static CALLER_GAVE_UP: Rule = Rule {
    id: "caller-gave-up",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL from the caller before anybody answered, or its BYE while it rang, which says the same.",
    matters: "The call failed because the caller stopped waiting.",
    remedy: "None after ringing. Before ringing, look at why it took so long.",
    silent: "The CANCEL says that the call was answered elsewhere, the platform cancelled, or the call \
             had been answered or refused before.",
    source: "RFC 3261 sections 9 and 15; catalogue X1, X12",
    explains: &[],
    limits: &[],
    check: Check::Call(caller_gave_up),
};

fn caller_gave_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some((hop, cancel)) = callers_cancel(case) else {
        return Vec::new();
    };
    if says_answered_elsewhere(cancel) {
        return Vec::new();
    }
    let invite = hop.first_invite();
    let waited = |from: &Signal| case.lasting(cancel.at().duration_since(from.at()));
    // The called side may have rung although the caller was told by a 183.
    let ringing = case.way().into_iter().find_map(Hop::ringing);
    let after = match (ringing, invite) {
        (Some(ringing), _) => format!("after {} of ringing", waited(ringing)),
        (None, Some(invite)) => {
            format!("{} after the INVITE, before a 180 was seen", waited(invite))
        }
        (None, None) => "before a 180 was seen".into(),
    };
    let did = if cancel.is_request(&Method::Cancel) {
        "cancelled"
    } else {
        "ended the unanswered call by BYE"
    };
    let fact = format!(
        "{} {did} {after} ({}){}.",
        case.name(hop.client),
        case.when(cancel),
        reasons(case, cancel),
    );
    let proof = [invite, ringing, Some(cancel), hop.final_response()];
    rule.finding(
        case,
        proof.into_iter().flatten(),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "The caller, or the caller's own timer, stopped waiting.".into(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(hop.client),
            severity: None,
            next: "Nothing to repair. If many calls end after the same time, it is the caller's timer."
                .into(),
        },
    )
    .into_iter()
    .collect()
}

/// The reasons that a CANCEL gives (RFC 3326), in words.
fn reasons(case: &Case<'_>, cancel: &Signal) -> String {
    let given = cancel.message().reasons();
    let words = given.iter().filter_map(|reason| {
        let cause = reason.cause?;
        let is_q850 = reason.protocol.eq_ignore_ascii_case("Q.850");
        Some(if is_q850 {
            cause_words(reason, case.knowledge)
        } else {
            format!("{} {cause}", reason.protocol)
        })
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(", giving as reason {}", words.join(", "))
    }
}

static ANSWERED_ELSEWHERE: Rule = Rule {
    id: "answered-elsewhere",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL, or a refusal with Q.850 cause 26, that says that another phone took the call.",
    matters: "It is no missed call.",
    remedy: "None.",
    silent: "The CANCEL gives no such reason.",
    source: "RFC 3326 section 3.1; catalogue X5",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let cancelled = callers_cancel(case)
            .filter(|(_, cancel)| says_answered_elsewhere(cancel))
            .map(|(hop, cancel)| {
                let fact = format!(
                    "{} cancelled at {}, giving as reason that another phone had answered.",
                    case.name(hop.client),
                    case.when(cancel)
                );
                (hop.client, fact, vec![cancel])
            });
        let refused = || {
            let refusal = Refusal::of(case)?;
            (refusal.code != 487 && refusal.kind(case) == Kind::AnsweredElsewhere).then(|| {
                let fact = refusal.sentence(case);
                (refusal.origin.by, fact, refusal.proof())
            })
        };
        let refused = || refused().filter(|_| callers_cancel(case).is_none());
        let Some((by, fact, proof)) = cancelled.or_else(refused) else {
            return Vec::new();
        };
        rule.finding(
            case,
            proof,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: String::new(),
                owner: Party::Nobody.into(),
                to_act: None,
                certainty: Certainty::Certain,
                by: Some(by),
                severity: None,
                next: "Nothing to repair.".into(),
            },
        )
        .into_iter()
        .collect()
    }),
};

static PLATFORM_GAVE_UP: Rule = Rule {
    id: "platform-gave-up",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL towards the called side that the caller had not asked for.",
    matters: "A timer of the platform ended the attempt.",
    remedy: "After ringing: none, or a longer ring time.",
    silent: "The caller cancelled, or the caller was told the code of another route.",
    source: "RFC 3261 sections 16.6 and 16.8 (timer C); catalogue X6, T16",
    explains: &[
        "request-timeout",
        "server-failure",
        "other-refusal",
        "cancel-unseen",
    ],
    limits: &[],
    check: Check::Call(platform_gave_up),
};

fn platform_gave_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let is_left = |hop: &&Hop| case.call.withdrawal(hop).is_some();
    let Some(ingress) = case.call.ingress().filter(|hop| !is_left(hop)) else {
        return Vec::new();
    };
    if answered(case).is_some() {
        return Vec::new();
    }
    let is_others = case.origin().is_some_and(|origin| {
        origin.tried == Tried::Nothing
            && origin.answer.message().code() != Some(487)
            && origin.hop.cancel().is_none()
    });
    let cancelled = case
        .call
        .downstream(ingress)
        .filter_map(|hop| Some((hop, hop.cancel()?)));
    let (false, Some((hop, cancel))) = (is_others, cancelled.last()) else {
        return Vec::new();
    };
    let told = ingress.final_response();
    let told_text = told
        .and_then(|told| told.message().code())
        .map_or(String::new(), |code| {
            format!("; the caller was told {code}")
        });
    let since = |from: &Arc<Signal>| cancel.at().duration_since(from.at());
    let (ringing, invite) = (hop.ringing(), hop.first_invite());
    let after = match (ringing, invite) {
        (Some(ringing), _) => format!("after {} of ringing", case.lasting(since(ringing))),
        (None, Some(invite)) => {
            format!(
                "{} after the INVITE, before a 180 was seen",
                case.lasting(since(invite))
            )
        }
        (None, None) => "before a 180 was seen".into(),
    };
    let fact = format!(
        "{} cancelled towards {} {after} ({}), and no CANCEL of the caller was seen{told_text}.",
        case.name(hop.client),
        case.name(hop.server),
        case.when(cancel),
    );
    let rang_long = ringing.is_some_and(|ringing| since(ringing) >= RING_TIME);
    let (owner, to_act, certainty, cause, next): (Owner, Owner, _, _, _) = if rang_long {
        (
            Side::CalledUser.into(),
            Party::Nobody.into(),
            Certainty::Likely,
            "Nobody picked up within the platform's ring time.",
            "Nothing to repair; lengthen the ring time if it is too short.",
        )
    } else {
        // 487 is what a caller's own CANCEL brings.
        let told_487 = told.is_none_or(|told| told.message().code() == Some(487));
        (
            Party::Undecided.into(),
            Side::Platform.into(),
            Certainty::Possible,
            if told_487 {
                "A timer of the platform ended the attempt, or the caller gave up and that was not \
                 seen."
            } else {
                "A timer of the platform ended the attempt: too short, or the called side too slow."
            },
            "Compare with the timers of this route, and look at the caller's leg for a CANCEL.",
        )
    };
    rule.finding(
        case,
        invite
            .into_iter()
            .chain(ringing)
            .chain([cancel])
            .chain(told),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: format!("{cause}{}", timer_c(hop, cancel)),
            owner,
            to_act: Some(to_act),
            certainty,
            by: Some(hop.client),
            severity: None,
            next: next.into(),
        },
    )
    .into_iter()
    .collect()
}

/// Whether the platform cancelled an attempt of its own.
fn platforms_cancel(case: &Case<'_>) -> bool {
    let Some(ingress) = case.call.ingress() else {
        return false;
    };
    case.call
        .downstream(ingress)
        .any(|hop| hop.cancel().is_some())
}

static CANCEL_UNSEEN: Rule = Rule {
    id: "cancel-unseen",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "487 to an INVITE whose CANCEL was not seen.",
    matters: "487 says that somebody cancelled, yet not who.",
    remedy: "Capture where the CANCEL must have passed.",
    silent: "A CANCEL, or a BYE in its place, was seen on the caller's hop, or on one that the platform had tried.",
    source: "RFC 3261 sections 9.2, 16.8, 21.4.25; catalogue S487, T16",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let Some(refusal) = Refusal::of(case).filter(|refusal| refusal.code == 487) else {
            return Vec::new();
        };
        let on_the_way = [case.call.ingress(), Some(refusal.origin.hop)];
        let is_seen = |hop: &Hop| case.call.withdrawal(hop).is_some();
        if on_the_way.into_iter().flatten().any(is_seen) || platforms_cancel(case) {
            return Vec::new();
        }
        rule.finding(
            case,
            refusal.proof(),
            Conclusion {
                fact: refusal.sentence(case),
                fact_certainty: Certainty::Certain,
                cause: format!(
                    "No CANCEL was seen: somebody sent one elsewhere, or the code stands for something else.{}",
                    timer_c(refusal.origin.hop, refusal.origin.answer)
                ),
                owner: Party::Undecided.into(),
                to_act: Some(case.roles.side(refusal.origin.by).into()),
                certainty: Certainty::Possible,
                by: Some(refusal.origin.by),
                severity: None,
                next: "Ask the one who answered who cancelled, with the Call-ID and time.".into(),
            },
        )
        .into_iter()
        .collect()
    }),
};

static ANSWER_CROSSED_CANCEL: Rule = Rule {
    id: "answer-crossed-cancel",
    family: "cancel",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A 2xx to an INVITE that had been cancelled: the answer and the CANCEL crossed, or the called side \
            confirmed the CANCEL, let it ring on for 2 s or more and answered all the same.",
    matters: "The called side is connected, and may be billed, to a caller who has gone.",
    remedy: "Whoever sent the CANCEL sends ACK and BYE to that 2xx; whoever confirmed it refuses the INVITE with 487 \
             at once.",
    silent: "No 2xx came after the CANCEL.",
    source: "RFC 3261 sections 9.1 and 9.2; RFC 5407 section 3.1.2; catalogue X2, X4",
    explains: &[],
    limits: &[&CLEAN_UP],
    check: Check::Call(answer_crossed_cancel),
};

static CLEAN_UP: Limit = Limit {
    key: "answer-crossed-cancel.clean-up",
    what: "within what time after an answer that nobody wants its ACK and BYE must have come; two-answers goes by it too",
    default: Figure::Time(SignedDuration::from_secs(4)),
};

fn answer_crossed_cancel(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut crossed: Vec<(&Hop, &Arc<Signal>, &Arc<Signal>)> = Vec::new();
    for hop in &case.call.hops {
        let answer = hop
            .final_response()
            .filter(|s| matches!(s.message().code(), Some(200..=299)));
        if let (Some(cancel), Some(answer)) = (hop.cancel(), answer)
            && cancel.at() <= answer.at()
        {
            crossed.push((hop, cancel, answer));
        }
    }
    // The hop nearest to the caller: what lies further down only passes on.
    let Some((hop, cancel, answer)) = crossed.first().copied() else {
        return Vec::new();
    };
    let acked = hop.invites.iter().any(|t| !t.acks.is_empty());
    let bye = case.byes().find(|bye| bye.leg == hop.leg);
    let fact = format!(
        "{} answered {} at {}, after {} had cancelled at {}; ACK {}, BYE {}.",
        case.name(hop.server),
        answer.message().code().unwrap_or_default(),
        case.when(answer),
        case.name(hop.client),
        case.when(cancel),
        if acked { "seen" } else { "not seen" },
        if bye.is_some() { "seen" } else { "not seen" },
    );
    let is_ignored = ignored(case, hop, answer);
    let (owner, severity, certainty, cause): (Owner, _, _, _) = if is_ignored
        && acked
        && bye.is_some()
    {
        (
            case.roles.side(hop.server).into(),
            Severity::Warning,
            Certainty::Likely,
            "It had confirmed the CANCEL and rang on: a CANCEL that is confirmed is followed by 487 at once. The call \
             was closed, and may be billed.",
        )
    } else if acked && bye.is_some() {
        (
            Party::Nobody.into(),
            Severity::Info,
            Certainty::Certain,
            "They crossed on the way, and the call was closed as it should be.",
        )
    } else if case.watched_for(answer, case.tuning.time(&CLEAN_UP)) {
        (
            case.roles.side(hop.client).into(),
            Severity::Error,
            Certainty::Likely,
            "Whoever cancelled has to confirm such an answer and hang up at once; the leg may stay \
             up and be billed.",
        )
    } else {
        (
            Party::Undecided.into(),
            Severity::Warning,
            Certainty::Possible,
            "The trace ends before it can be told whether the call was closed.",
        )
    };
    let proof = [cancel, answer]
        .into_iter()
        .chain(bye.and_then(|bye| bye.request()));
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner,
            to_act: None,
            certainty,
            by: Some(if is_ignored { hop.server } else { hop.client }),
            severity: Some(severity),
            next: match severity {
                Severity::Info => "Nothing to repair.",
                _ if is_ignored => {
                    "Report to the one who answered that it confirms a CANCEL and does not act on it; see what it billed."
                }
                _ => "See when the called side's leg ended, and whether it was billed.",
            }
            .into(),
        },
    )
    .into_iter()
    .collect()
}

/// Whether the server of a hop answered 2xx well after it had confirmed the CANCEL: what crosses on the way is as far
/// apart as a trip there and back takes, and a lost copy.
fn ignored(case: &Case<'_>, hop: &Hop, answer: &Signal) -> bool {
    const CROSSES_WITHIN: SignedDuration = SignedDuration::from_secs(2);
    let confirmed = case.call.with_method(Method::Cancel).filter(|cancel| {
        (cancel.leg, cancel.client, cancel.server) == (hop.leg, hop.client, hop.server)
            && matches!(cancel.final_code(), Some(200..=299))
    });
    let mut confirmed = confirmed.filter_map(|cancel| cancel.final_response());
    confirmed.any(|it| answer.at().duration_since(it.at()) >= CROSSES_WITHIN)
}

static CANCEL_UNANSWERED: Rule = Rule {
    id: "cancel-unanswered",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A CANCEL that was sent three times or more and got no answer, while the INVITE that it \
            should end got no final answer either.",
    matters: "The called side may ring on, and may still answer a call that nobody waits for.",
    remedy: "Check whether the silent node can still be reached, and whether it rang on.",
    silent: "Any answer to the CANCEL, or a final one to its INVITE, was seen.",
    source: "RFC 3261 section 9.1; catalogue T9",
    explains: &[],
    limits: &[],
    check: Check::Call(cancel_unanswered),
};

fn cancel_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let is_settled = |cancel: &Transaction| {
        case.call.hops.iter().any(|hop| {
            let same =
                (hop.leg, hop.client, hop.server) == (cancel.leg, cancel.client, cancel.server);
            same && hop.final_response().is_some()
        })
    };
    let finding = |cancel: &Arc<Transaction>| {
        let (first, last) = (cancel.request()?, cancel.requests.last()?);
        let (client, server) = (case.name(cancel.client), case.name(cancel.server));
        let fact = format!(
            "{client} sent CANCEL to {server} {} times (from {} to {}) and got no answer, nor one to \
             its INVITE.",
            cancel.requests.len(),
            case.when(first),
            case.when(last),
        );
        rule.finding(
            case,
            &cancel.requests,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: format!(
                    "{server} did not get it, or its answer did not reach this capture point."
                ),
                owner: Side::Between.into(),
                to_act: Some(case.roles.side(cancel.server).into()),
                certainty: Certainty::Possible,
                by: None,
                severity: None,
                next: format!("Check that {server} can be reached, and that it does not ring on."),
            },
        )
    };
    let unanswered = case.call.with_method(Method::Cancel).filter(|cancel| {
        cancel.requests.len() >= 3 && cancel.responses.is_empty() && !is_settled(cancel)
    });
    unanswered.filter_map(finding).collect()
}
