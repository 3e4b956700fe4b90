//! The rule on messages that are too big for UDP.

use std::sync::Arc;

use super::{decides, request_words};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Method, Repeat, Signal, Transaction, Transport};

pub(super) static UDP_TOO_BIG: Rule = Rule {
    id: "udp-too-big",
    family: "network",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A message of more than 1300 bytes over UDP. An error where such requests stayed \
            unanswered on a hop on which smaller ones, sent the same way, were answered; a warning \
            where one stayed unanswered, or a 2xx of that size was never acknowledged, and nothing \
            shows that smaller ones pass.",
    matters: "It travels in several IP fragments, which many firewalls and NATs drop, without a word \
              to anybody.",
    remedy: "Send it over TCP, as the RFC demands; else offer fewer codecs and leave out headers \
             that nobody needs.",
    silent: "The message went over TCP, TLS or WebSocket.",
    source: "RFC 3261 section 18.1.1; catalogue H1, H2",
    explains: &[
        "no-response",
        "request-timeout",
        "server-failure",
        "other-refusal",
        "caller-gave-up",
        "platform-gave-up",
        "cancel-unseen",
        "cancel-unanswered",
        "call-in-progress",
        "registration-unanswered",
        "reinvite-unanswered",
        "message-cut-off",
    ],
    limits: &[&MOST_BYTES],
    check: Check::Call(|rule, case| udp_too_big(rule, case).into_iter().collect()),
};

static MOST_BYTES: Limit = Limit {
    key: "udp-too-big.bytes",
    what: "the longest message that is not remarked on; RFC 3261 section 18.1.1 wants TCP above 1300 where the way is not known",
    default: Figure::Count(1300),
};

fn is_big(case: &Case<'_>, signal: &Signal) -> bool {
    let bytes = u64::try_from(signal.message().raw().len()).unwrap_or(u64::MAX);
    signal.packet.transport == Transport::Udp && bytes > case.tuning.count(&MOST_BYTES)
}

fn udp_too_big(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let seen = || {
        let all = case.call.signals.iter().map(|(_, signal)| signal);
        all.filter(|signal| signal.repeat != Repeat::CaptureDuplicate && is_big(case, signal))
    };
    seen().next()?;
    if let Some(lost) = case.call.transactions.iter().find(|t| is_lost(case, t)) {
        return lost_finding(rule, case, lost);
    }
    if let Some((invite, answer)) = case
        .call
        .transactions
        .iter()
        .find_map(|t| unacknowledged(case, t))
    {
        return answer_finding(rule, case, invite, answer);
    }
    let biggest = seen().max_by_key(|signal| (signal.message().raw().len(), -order(signal)))?;
    let conclusion = Conclusion {
        fact: format!(
            "{} sent {} of {} bytes over UDP ({}), which is more than {}.",
            case.name(case.call.node(biggest.source())),
            what(biggest),
            biggest.message().raw().len(),
            case.when(biggest),
            case.tuning.count(&MOST_BYTES),
        ),
        fact_certainty: Certainty::Certain,
        cause: "It did no harm here; where fragments are dropped, such a message is lost.".into(),
        owner: Party::Nobody.into(),
        to_act: None,
        certainty: Certainty::Likely,
        by: Some(case.call.node(biggest.source())),
        severity: None,
        next: String::new(),
    };
    rule.finding(case, [biggest], conclusion)
}

/// Of equals the first.
fn order(signal: &Signal) -> i64 {
    i64::try_from(signal.number).unwrap_or(i64::MAX)
}

fn what(signal: &Signal) -> String {
    match (signal.message().code(), signal.method()) {
        (Some(code), Some(method)) => format!("a {code} to {method}"),
        (Some(code), None) => format!("a {code}"),
        (None, Some(method)) => format!("a request ({method})"),
        (None, None) => "a message".to_owned(),
    }
}

/// A big request that plainly asked again and got no answer of any kind.
fn is_lost(case: &Case<'_>, request: &Transaction) -> bool {
    request.request().is_some_and(|first| is_big(case, first))
        && request.responses.is_empty()
        && is_silent(request, None)
}

/// A big 2xx that was repeated and never acknowledged.
fn unacknowledged<'t>(
    case: &Case<'_>,
    invite: &'t Arc<Transaction>,
) -> Option<(&'t Arc<Transaction>, &'t Arc<Signal>)> {
    let answer = invite
        .final_response()
        .filter(|answer| is_big(case, answer))?;
    let code = answer
        .message()
        .code()
        .filter(|code| invite.method == Method::Invite && (200..300).contains(code))?;
    (invite.acks.is_empty() && invite.times_answered(code) >= 3).then_some((invite, answer))
}

fn lost_finding(rule: &Rule, case: &Case<'_>, lost: &Arc<Transaction>) -> Option<Finding> {
    let first = lost.request()?;
    let same_way = |t: &&Arc<Transaction>| (t.client, t.server) == (lost.client, lost.server);
    let answered = |t: &&Arc<Transaction>| !t.responses.is_empty();
    let sent = |t: &&Arc<Transaction>, big: bool| {
        t.request().is_some_and(|request| {
            request.packet.transport == Transport::Udp && is_big(case, request) == big
        })
    };
    let others = || {
        case.call
            .transactions
            .iter()
            .filter(same_way)
            .filter(answered)
    };
    // One big request that passed shows that size is not what stops them.
    let passed = others().find(|t| sent(t, true));
    let small = others()
        .find(|t| sent(t, false))
        .filter(|_| passed.is_none());
    let (sender, size) = (case.name(lost.client), first.message().raw().len());
    let contrast = match small.and_then(|small| Some((small, small.request()?))) {
        Some((small, request)) => format!(
            ", while a {} of {} bytes to the same address ({}) was answered",
            request_words(small),
            request.message().raw().len(),
            case.when(request)
        ),
        None => String::new(),
    };
    let fact = format!(
        "{sender} sent its {} of {size} bytes over UDP to {} {} (from {}) and got no answer{contrast}.",
        request_words(lost),
        case.name(lost.server),
        times(lost.requests.len()),
        case.when(first),
    );
    let owner: Owner = side_of(case, lost.client).into();
    let (severity, certainty, cause, explains): (_, _, _, &[&str]) = match (small, passed) {
        (Some(_), _) => (
            if decides(case, lost) {
                Severity::Error
            } else {
                Severity::Warning
            },
            Certainty::Likely,
            "What is larger than about 1300 bytes travels in fragments, and something on the way \
             or at the other end does not let them through; the sender should use TCP for it.",
            UDP_TOO_BIG.explains,
        ),
        (None, None) => (
            Severity::Warning,
            Certainty::Possible,
            "It may have been too large to arrive; nothing shows whether smaller ones do.",
            &[],
        ),
        (None, Some(_)) => (
            Severity::Info,
            Certainty::Possible,
            "Others as large were answered, so that its size is not likely to be why.",
            &[],
        ),
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.into(),
        // Without a smaller one that passed it is the silence of that way, no more.
        owner: if small.is_some() {
            owner
        } else {
            Side::Between.into()
        },
        to_act: Some(owner),
        certainty,
        by: Some(lost.client),
        severity: Some(severity),
        next: format!(
            "Let {sender} send such messages over TCP, or make them smaller: fewer codecs, fewer \
             headers.",
        ),
    };
    let contrast = small.and_then(|small| small.request());
    let finding = rule.finding(case, lost.requests.iter().chain(contrast), conclusion)?;
    Some(finding.explaining(explains))
}

fn answer_finding(
    rule: &Rule,
    case: &Case<'_>,
    invite: &Transaction,
    answer: &Arc<Signal>,
) -> Option<Finding> {
    let sender = case.name(invite.server);
    let conclusion = Conclusion {
        fact: format!(
            "{sender} sent its {} of {} bytes over UDP ({}) and no ACK to it was seen.",
            answer.message().code().unwrap_or(200),
            answer.message().raw().len(),
            case.when(answer),
        ),
        fact_certainty: Certainty::Certain,
        cause: "It may have been too large to arrive.".into(),
        owner: Side::Between.into(),
        to_act: Some(side_of(case, invite.server).into()),
        certainty: Certainty::Possible,
        by: Some(invite.server),
        severity: Some(Severity::Warning),
        next: format!(
            "Capture at {} to see whether that answer arrives.",
            case.name(invite.client)
        ),
    };
    Some(rule.finding(case, [answer], conclusion)?.explaining(&[]))
}
