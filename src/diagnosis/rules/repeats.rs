//! Messages that were sent again although they had been answered, or before anything came back:
//! judged for each transaction on its hop, never over several.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;

use super::ending::ended::{answered, side_of};
use super::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::unheard::{CROSSING, Unheard};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Method, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &RESPONSE_LOST,
    &REFUSAL_UNACKNOWLEDGED,
    &REPEATED_ON_STREAM,
    &SLOW_FIRST_RESPONSE,
];

/// A transaction in words: `INVITE`, `re-INVITE`, `BYE`.
fn what(transaction: &Transaction) -> String {
    match (&transaction.method, transaction.in_dialog) {
        (Method::Invite, true) => "re-INVITE".to_owned(),
        (method, _) => method.to_string(),
    }
}

static RESPONSE_LOST: Rule = Rule {
    id: "response-lost",
    family: "repeats",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A request over UDP that was sent again, twice or more and plainly later than its answer \
            passed this capture point (for an INVITE any answer, for others a final one): the answer \
            did not reach who asked, or came from an address that was not asked and was not taken. Only a note where a \
            later answer got there.",
    matters: "Whoever asked believes that nobody is there, while the other side works on the call, \
              and may even have answered it.",
    remedy: "Follow the way back: does the answer go to the address and port that the request came \
             from? Look at Via, rport, firewall and NAT in front of who asked.",
    silent: "The copies came before the answer, or only one near it; or over TCP.",
    source: "RFC 3261 sections 17.1.1.2, 17.1.2.2 and 18.2.2; RFC 3581 section 4; catalogue T4",
    explains: &[
        "missing-ack",
        "missing-prack",
        "refusal-unacknowledged",
        "hung-up",
        "platform-ended-call",
        "bye-unanswered",
        "call-still-up",
        "call-in-progress",
        // Where it decided a call that failed (OUTCOMES).
        "no-answer",
        "request-timeout",
        "server-failure",
        "other-refusal",
        "stalled-after-trying",
        "caller-gave-up",
        "platform-gave-up",
    ],
    limits: &[],
    check: Check::Call(response_lost),
};

fn response_lost(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    // The same request on further hops repeats only because the one before it does.
    let mut told = HashSet::new();
    let deaf = case
        .call
        .transactions
        .iter()
        .filter(|t| t.requests.len() >= 3)
        .filter_map(Unheard::of);
    deaf.filter(|deaf| {
        let request = deaf.request;
        told.insert((
            request.leg,
            request.method.clone(),
            request.cseq,
            &request.from_tag,
        ))
    })
    .filter_map(|deaf| lost_finding(rule, case, &deaf))
    .collect()
}

/// Whether who asked got an answer in the end, as what it sent afterwards shows.
fn was_heard(case: &Case<'_>, unheard: &Unheard<'_>) -> bool {
    let Some(last) = unheard.late.last() else {
        return false;
    };
    match unheard.request.method {
        Method::Invite => unheard.went_on(case.call),
        // Who stops before its time has its answer.
        _ => {
            const TRIED_LONG: SignedDuration = SignedDuration::from_secs(20);
            let tried = last.at().duration_since(unheard.answer.at());
            tried < TRIED_LONG && case.watched_for(last, SignedDuration::from_secs(5))
        }
    }
}

/// What an INVITE that our platform sent and whose answers it did not get makes of a call: whatever it told the caller.
const OUTCOMES: &[&str] = &[
    "no-answer",
    "request-timeout",
    "server-failure",
    "other-refusal",
    "stalled-after-trying",
    "caller-gave-up",
    "platform-gave-up",
];

/// Whether the call failed because of this request: who answered the caller sent it last, and got nothing.
fn decides(case: &Case<'_>, request: &Transaction) -> bool {
    let Some(ingress) = case.call.ingress().filter(|_| case.answer().is_none()) else {
        return false;
    };
    let from = case.origin().map_or(ingress, |origin| origin.hop);
    let last = case.call.downstream(from).last();
    last.is_some_and(|hop| {
        (hop.leg, hop.client, hop.server) == (request.leg, request.client, request.server)
    })
}

fn lost_finding(rule: &Rule, case: &Case<'_>, deaf: &Unheard<'_>) -> Option<Finding> {
    let (request, answer) = (deaf.request, deaf.answer);
    let (first, last) = (request.request()?, *deaf.late.last()?);
    let (client, server) = (case.name(request.client), case.name(request.server));
    let heard = was_heard(case, deaf);
    let code = answer.message().code().unwrap_or(0);
    let fact = format!(
        "{client} sent its {} to {server} {} more (until {}) after the {code} to it had passed here \
         ({}), so that answer did not reach it{}.",
        what(request),
        times(deaf.late.len()),
        case.when(last),
        case.when(answer),
        if heard { "; a later one did" } else { "" },
    );
    let (from, back_to) = (first.source(), answer.destination());
    let (asked, answered_by) = (first.destination(), answer.source());
    let way_back = format!(
        "Check the way back to {client}: Via and rport, the firewall and the NAT in front of it; capture there."
    );
    let asker = side_of(case, request.client);
    let (cause, owner, to_act, next): (_, Owner, _, _) = if answered_by.ip() != asked.ip() {
        (
            format!(
                "{asked} was asked and {answered_by} answered: a client, or a firewall in front of it, takes answers \
                 only from where it asked."
            ),
            side_of(case, request.server).into(),
            side_of(case, request.server),
            format!(
                "Have {server} answer from the address that was asked (RFC 3581 section 4), or send calls to \
                 {answered_by}."
            ),
        )
    } else if back_to == from {
        (
            format!(
                "The answer was lost between this capture point and {client}, or was not taken."
            ),
            Side::Between.into(),
            asker,
            way_back,
        )
    } else {
        (
            format!(
                "The request came from {from} and the answer went to {back_to}: a NAT in between, \
                 and no rport."
            ),
            Side::Between.into(),
            asker,
            way_back,
        )
    };
    let certainty = Certainty::Likely;
    // Only an answer that should have set up the call loses it.
    let is_setup = request.method == Method::Invite && !request.in_dialog;
    let severity = match (heard, is_setup) {
        (true, _) => Severity::Info,
        (false, true) => Severity::Error,
        (false, false) => Severity::Warning,
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause,
        owner,
        to_act: Some(to_act.into()),
        certainty: if heard {
            certainty.lowered()
        } else {
            certainty
        },
        by: None,
        severity: Some(severity),
        next,
    };
    let proof = deaf.late.iter().copied().chain([first, answer]);
    let mut finding = rule.finding(case, proof, conclusion)?;
    if severity != Severity::Error {
        finding.explains.clear();
    } else if !decides(case, request) {
        finding
            .explains
            .retain(|id| !OUTCOMES.contains(&id.as_str()));
    }
    Some(finding)
}

static REFUSAL_UNACKNOWLEDGED: Rule = Rule {
    id: "refusal-unacknowledged",
    family: "repeats",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A final answer other than 2xx to an INVITE that was sent three times or more, because no \
            ACK to it was seen on that hop, or although one was.",
    matters: "It does not change how the call ended, but packets are lost on that hop, or a device \
              in between breaks the ACK.",
    remedy: "Capture at the side that owes the ACK; look for SIP ALG and for loss on that hop.",
    silent: "It was repeated once: one lost packet proves nothing. Or the INVITE was repeated too: \
             then the answer was lost, not the ACK.",
    source: "RFC 3261 sections 17.1.1.3 and 17.2.1 (timers G and H); catalogue T7",
    explains: &[],
    limits: &[],
    check: Check::Call(refusal_unacknowledged),
};

fn refusal_unacknowledged(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let repeated = |t: &&Arc<Transaction>| {
        t.method == Method::Invite && t.responses.len() >= 3 && t.request().is_some()
    };
    let finding = |invite: &Arc<Transaction>| {
        let answer = invite.final_response()?;
        let code = answer.message().code().filter(|code| *code >= 300)?;
        let copies: Vec<&Arc<Signal>> = invite
            .responses
            .iter()
            .filter(|it| it.message().code() == Some(code) && it.to_tag == answer.to_tag)
            .collect();
        let ack = invite.acks.iter().find(|ack| ack.at() >= answer.at());
        let complaints = match ack {
            None => copies.len().saturating_sub(1),
            Some(ack) => copies
                .iter()
                .filter(|copy| copy.at().duration_since(ack.at()) > CROSSING)
                .count(),
        };
        if complaints < 2 || Unheard::of(invite).is_some() {
            return None;
        }
        let (client, server) = (case.name(invite.client), case.name(invite.server));
        let (seen, cause) = match ack {
            None => (
                format!("no ACK from {client} reached this capture point"),
                format!("{client} sent none, or it was lost on the way here; or the {code} was."),
            ),
            Some(ack) => (
                format!("the ACK ({}) did not stop that", case.when(ack)),
                format!("The ACK was lost on its way to {server}, or was not taken there."),
            ),
        };
        let conclusion = Conclusion {
            fact: format!(
                "{server} sent its {code} to the {} {} (from {}), and {seen}.",
                what(invite),
                times(copies.len()),
                case.when(answer),
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner: Side::Between.into(),
            to_act: Some(match ack {
                None => side_of(case, invite.client).into(),
                Some(_) => side_of(case, invite.server).into(),
            }),
            certainty: Certainty::Possible,
            by: Some(invite.server),
            severity: None,
            next: format!("Capture between {client} and {server} to see where the ACK is lost."),
        };
        rule.finding(case, copies.into_iter().chain(ack), conclusion)
    };
    case.call
        .transactions
        .iter()
        .filter(repeated)
        .filter_map(finding)
        .collect()
}

static REPEATED_ON_STREAM: Rule = Rule {
    id: "repeated-on-stream",
    family: "repeats",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "The same request sent again over TCP, TLS or WebSocket, which repeat what was lost by \
            themselves. A warning where it got no answer.",
    matters: "A fault of the software that sends, or a proxy that loses requests behind the \
              connection.",
    remedy: "Show it to the owner of the sender: a transaction over such a transport is sent once.",
    silent: "It came less than 50 ms after the first: then it was recorded twice. A 2xx to an INVITE \
             and a reliable 18x are repeated over any transport.",
    source: "RFC 3261 sections 17.1.1.2 and 17.1.2.2; catalogue T10",
    explains: &[],
    limits: &[],
    check: Check::Call(repeated_on_stream),
};

fn repeated_on_stream(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let repeated = |t: &&Arc<Transaction>| {
        t.requests.len() >= 2
            && t.requests
                .iter()
                .all(|it| it.packet.transport.is_reliable())
    };
    let finding = |request: &Arc<Transaction>| {
        let first = request.request()?;
        let (client, server) = (case.name(request.client), case.name(request.server));
        let answered = request.first_response().is_some();
        let conclusion = Conclusion {
            fact: format!(
                "{client} sent its {} to {server} {} over {}, from {} on.",
                what(request),
                times(request.requests.len()),
                first.packet.transport.name().to_uppercase(),
                case.when(first),
            ),
            fact_certainty: Certainty::Certain,
            cause: "The transport repeats what was lost by itself; its sender should not.".into(),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: (!answered).then_some(Severity::Warning),
            next: format!("Show this to the owner of {client}."),
        };
        rule.finding(case, &request.requests, conclusion)
    };
    case.call
        .transactions
        .iter()
        .filter(repeated)
        .filter_map(finding)
        .collect()
}

static SLOW_FIRST_RESPONSE: Rule = Rule {
    id: "slow-first-response",
    family: "repeats",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "An INVITE that had to be sent again before the first answer of any kind came, more than \
            0.5 s after the first. A warning where the third copy or a later one was answered.",
    matters: "Packets are lost on that hop, or the node that answers is overloaded; the caller waits \
              longer.",
    remedy: "Look at loss on that hop and at the load of the node that answers.",
    silent: "Nothing ever came: then rules on silence speak. Or copies came after an answer: then it \
             was the answer that was lost.",
    source: "RFC 3261 sections 17.1.1.2 and 17.2.1; catalogue T3, T17",
    explains: &[],
    limits: &[&LATE],
    check: Check::Call(slow_first_response),
};

static LATE: Limit = Limit {
    key: "slow-first-response.late",
    what: "the longest time to the first answer that is not remarked on",
    default: Figure::Time(SignedDuration::from_millis(500)),
};

fn slow_first_response(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    const MANY: usize = 3;
    let was_answered = answered(case).is_some();
    let slow =
        case.call.transactions.iter().filter(|t| {
            t.method == Method::Invite && t.requests.len() >= 2 && !t.responses.is_empty()
        });
    let finding = |invite: &Arc<Transaction>| {
        let (first, answer) = (invite.request()?, invite.first_response()?);
        let waited = answer.at().duration_since(first.at());
        let sends: Vec<&Arc<Signal>> = invite
            .requests
            .iter()
            .filter(|copy| copy.at() <= answer.at())
            .collect();
        let is_udp = !first.packet.transport.is_reliable();
        if !is_udp
            || sends.len() < 2
            || waited <= case.tuning.time(&LATE)
            || Unheard::of(invite).is_some()
        {
            return None;
        }
        let (client, server) = (case.name(invite.client), case.name(invite.server));
        let conclusion = Conclusion {
            fact: format!(
                "{client} had to send its {} to {server} {} before the first answer, a {}, came {} \
                 after the first ({}).",
                what(invite),
                times(sends.len()),
                answer.message().code().unwrap_or(100),
                case.lasting(waited),
                case.when(answer),
            ),
            fact_certainty: Certainty::Certain,
            cause: "The first copies were lost on the way, or the node that answers was slow; one \
                    call does not tell which."
                .into(),
            owner: Side::Between.into(),
            to_act: Some(side_of(case, invite.server).into()),
            certainty: Certainty::Possible,
            by: None,
            severity: (sends.len() >= MANY && was_answered).then_some(Severity::Warning),
            next: format!(
                "Look at loss between {client} and {server}, and at the load of {server}."
            ),
        };
        rule.finding(case, sends.into_iter().chain([answer]), conclusion)
    };
    slow.filter_map(finding).collect()
}
