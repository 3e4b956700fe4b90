//! What was billed against what was spoken: the call detail record beside the messages.

use jiff::SignedDuration;

use super::row;
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Field, Finding, Owner, Proof, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::platform::Cdr;
use crate::sip::{Certainty, Hop, Transaction};

pub(super) static BILLED_LONGER_THAN_TALKED: Rule = Rule {
    id: "billed-longer-than-talked",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "The call detail record has more seconds than lie between the answer and the first BYE, beyond \
            what rounding explains.",
    matters: "Somebody pays for time in which nobody spoke.",
    remedy: "Where the difference is up to 30 s, look at Delayed Bye on the carrier's card; else look who \
             did not answer or pass on the BYE.",
    silent: "The figures agree within 2 s, billing rounds up to the step of the rate card, or answer and \
             BYE were not both seen.",
    source: "The platform's documentation of long calls; catalogue M18",
    explains: &[],
    limits: &[&SLACK, &DELAYED_BYE],
    check: Check::Call(|rule, case| billed_longer(rule, case).into_iter().collect()),
};

static SLACK: Limit = Limit {
    key: "billed-longer-than-talked.slack",
    what: "how much more clocks and rounding explain",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

static DELAYED_BYE: Limit = Limit {
    key: "billed-longer-than-talked.delayed-bye",
    what: "how much longer Delayed Bye makes a call at most",
    default: Figure::Time(SignedDuration::from_secs(30)),
};

fn billed_longer(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let cdr = case.records?.cdr.as_ref()?;
    let answer = case.answer()?;
    let bye = case.own_byes().next()?;
    let request = bye.request()?;
    let talked = request.at().duration_since(answer.at());
    let duration = SignedDuration::from_millis(cdr.duration_ms?);
    let more = duration
        .checked_sub(talked)
        .filter(|more| *more > case.tuning.time(&SLACK))?;
    // Wherever one was left unanswered or refused, there the call may have gone on.
    let is_open = |it: &Transaction| !matches!(it.final_code(), Some(..300));
    let open = case.byes().find(|it| is_open(it));
    let is_on_each_leg = case.way().len() <= case.byes().count();
    let (cause, owner, certainty, look): (String, Owner, Certainty, &str) = match open {
        Some(open) => (
            match open.final_code() {
                Some(code) => format!("{} refused the BYE with {code}.", case.name(open.server)),
                None => format!(
                    "{} did not answer the BYE: it may have kept the call up.",
                    case.name(open.server)
                ),
            },
            side_of(case, open.server).into(),
            Certainty::Likely,
            "ask that side when its leg ended",
        ),
        None if more <= case.tuning.time(&DELAYED_BYE) => (
            "Delayed Bye on the carrier's card makes calls longer by up to 30 s.".to_owned(),
            Party::Configuration.into(),
            Certainty::Possible,
            "look at Delayed Bye on the carrier's card",
        ),
        None if is_on_each_leg => (
            "Every BYE was answered, and Delayed Bye adds no more than 30 s: the messages do not explain it."
                .to_owned(),
            Party::Undecided.into(),
            Certainty::Possible,
            "report the record to the platform's support with these messages",
        ),
        None => (
            "The other leg may have stayed up after the BYE.".to_owned(),
            Side::Platform.into(),
            Certainty::Possible,
            "look when the other leg ended",
        ),
    };
    let proof = [
        Some(answer),
        Some(request),
        open.and_then(|it| it.request()),
    ];
    rule.finding_of(
        case,
        Proof::fields(figures(cdr)).and(proof.into_iter().flatten()),
        Conclusion {
            fact: format!(
                "{} were billed and {} lie between answer and BYE: {} more{}.",
                seconds(duration),
                seconds(talked),
                seconds(more),
                billed(cdr)
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: None,
            certainty,
            by: None,
            severity: None,
            next: format!("Set these figures against the carrier's bill; {look}."),
        },
    )
}

pub(super) static BILLED_UNANSWERED: Rule = Rule {
    id: "billed-unanswered",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The call detail record has talk time, and the messages of the caller's side show no answer.",
    matters: "False answer supervision: the call is billed although nobody took it.",
    remedy: "Prove it with a test call through that carrier, then dispute it with the outgoing Call-ID.",
    silent: "An answer was seen, or the messages of the caller's side were not.",
    source: "The platform's documentation of false answers; catalogue M20",
    explains: &[
        "call-declined",
        "call-forbidden",
        "called-busy",
        "called-unavailable",
        "caller-gave-up",
        "carrier-no-circuit",
        "no-answer",
        "number-not-found",
        "other-refusal",
        "request-timeout",
        "server-failure",
    ],
    limits: &[],
    check: Check::Call(|rule, case| billed_unanswered(rule, case).into_iter().collect()),
};

fn billed_unanswered(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let cdr = case.records?.cdr.as_ref()?;
    let told = case.call.ingress()?.final_response()?;
    let is_failure = told.message().code().is_some_and(|code| code >= 300);
    let failure = Some(told).filter(|_| is_failure && cdr.is_answered() == Some(true))?;
    // The answer of the carrier's side, where it was seen and did not reach the caller.
    let lost = case.answer();
    let (cause, certainty, next) = match lost {
        Some(answer) => (
            format!(
                "The other side answered ({}), and that did not reach the caller.",
                case.when(answer)
            ),
            Certainty::Likely,
            "See why that 200 was not passed on, and when its leg ended; dispute the charge with these \
             messages.",
        ),
        None if is_refused_there(case) => (
            "The messages of the called side show no answer either: the record does not fit them.".to_owned(),
            Certainty::Possible,
            "Set the record against the carrier's own bill; report it to the platform's support with these messages.",
        ),
        None => (
            "The carrier's side answered while the caller's did not hear of it, or the record is wrong."
                .to_owned(),
            Certainty::Possible,
            "Look at the outgoing leg for a 200 that was not passed on; dispute the charge with these \
             messages.",
        ),
    };
    let owner = if lost.is_some() || is_refused_there(case) {
        Party::Undecided.into()
    } else {
        Side::CalledPeer.into()
    };
    rule.finding_of(
        case,
        Proof::fields(figures(cdr)).and([Some(failure), lost].into_iter().flatten()),
        Conclusion {
            fact: format!(
                "{} were billed, and the caller got {} ({}) and no answer.",
                seconds(SignedDuration::from_millis(cdr.duration_ms?)),
                failure.message().code()?,
                case.when(failure)
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: None,
            certainty,
            by: None,
            severity: None,
            next: next.to_owned(),
        },
    )
}

/// Whether the far leg of every attempt was seen to end without an answer.
fn is_refused_there(case: &Case<'_>) -> bool {
    let mut out = case
        .call
        .hops
        .iter()
        .filter(|hop| hop.upstream.is_some())
        .peekable();
    let is_refused = |hop: &Hop| {
        let last = hop.final_response().and_then(|it| it.message().code());
        last.is_some_and(|code| code >= 300)
    };
    out.peek().is_some() && out.all(is_refused)
}

/// What a call detail record has of a call's length.
pub(in crate::diagnosis::rules) fn figures(cdr: &Cdr) -> Vec<Field> {
    let field = |name: &str, ms: Option<i64>| ms.map(|ms| Field::new("CDR", name, ms / 1000));
    [
        field("duration", cdr.duration_ms),
        field("customer_duration", cdr.customer_billed_ms),
        field("provider_duration", cdr.carrier_billed_ms),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What each side was billed, where the record says it.
fn billed(cdr: &Cdr) -> String {
    let said = |who: &str, ms: Option<i64>| {
        ms.map(|ms| format!("{who} {}", seconds(SignedDuration::from_millis(ms))))
    };
    let parts: Vec<String> = [
        said("customer", cdr.customer_billed_ms),
        said("carrier", cdr.carrier_billed_ms),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" (rounded: {})", parts.join(", "))
    }
}
