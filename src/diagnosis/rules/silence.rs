//! Rules on calls that nobody answered for: no reply at all, a 100 and then nothing.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::origin::Tried;
use crate::diagnosis::party::{Party, Side};
use crate::sip::{Certainty, Hop, Method, Signal, Transaction, Transport};

/// The rules of this family.
pub const RULES: &[&Rule] = &[&NO_RESPONSE, &STALLED_AFTER_TRYING, &CALL_IN_PROGRESS];

/// A single request over a reliable transport is not sent again: so long it must be watched.
const SHORTEST_GIVE_UP: SignedDuration = SignedDuration::from_secs(1);

/// A sender waits 32 s at the longest by the standard (timer B); its last copy comes at 31.5 s.
const LONGEST_GIVE_UP: SignedDuration = SignedDuration::from_secs(31);

/// The first wait before a request is sent again (T1); each further wait is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_millis(500);

/// The hop whose silence decided the call: of the attempts of the node that answered the last one
/// without a final answer of its own, or the caller's own hop where nothing came back. None where
/// the code that the caller got was made by another attempt: then that refusal tells of both.
pub(super) fn deciding_hop<'a>(case: &Case<'a>) -> Option<&'a Hop> {
    if case.answer().is_some() {
        return None;
    }
    let is_open = |hop: &&Hop| hop.final_response().is_none() || hop.cancel().is_some();
    let mut hop = case.call.ingress()?;
    for _ in 0..case.call.hops.len() {
        let mut attempts = case.call.downstream(hop).collect::<Vec<_>>();
        let last = attempts.last().copied();
        attempts.retain(is_open);
        match attempts.last().copied().or(last) {
            Some(next) => hop = next,
            None => break,
        }
    }
    let is_others = case.origin().is_some_and(|origin| {
        origin.tried == Tried::Nothing
            && origin.hop.id != hop.id
            && origin.answer.message().code() != Some(487)
    });
    (!is_others).then_some(hop)
}

/// Whether later messages of the leg prove that a reply came, though it was not seen.
fn proves_reply(case: &Case<'_>, hop: &Hop) -> bool {
    let has_credentials = |t: &Arc<Transaction>| {
        t.request()
            .is_some_and(|request| !request.message().credentials().is_empty())
    };
    let of_leg = |t: &&Arc<Transaction>| t.leg == hop.leg;
    case.call
        .transactions
        .iter()
        .filter(of_leg)
        .any(|t| t.in_dialog || t.method == Method::Ack)
        || hop.invites.iter().any(|t| !t.acks.is_empty())
        || (hop.invites.len() > 1 && hop.invites.iter().any(has_credentials))
}

static NO_RESPONSE: Rule = Rule {
    id: "no-response",
    family: "silence",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE to which no reply of any kind came: sent again until its sender gave up, or as \
            long as the trace lasts.",
    matters: "Nothing listens there, a firewall drops the packets, or the way back is broken.",
    remedy: "Check address, port, transport and access list of that hop; ask its owner for a \
             capture; fail over sooner.",
    silent: "Any reply came, later messages prove that one came unseen, the caller was told the code \
             of another route, or one INVITE was seen and the trace ends within a second.",
    source: "RFC 3261 section 17.1.1.2 (timers A and B); catalogue T1",
    explains: &[
        "request-timeout",
        "server-failure",
        "other-refusal",
        "caller-gave-up",
        "platform-gave-up",
        "cancel-unseen",
        "cancel-unanswered",
    ],
    limits: &[],
    check: Check::Call(no_response),
};

fn no_response(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(hop) = deciding_hop(case) else {
        return Vec::new();
    };
    let sends: Vec<&Arc<Signal>> = hop.invites.iter().flat_map(|t| t.requests.iter()).collect();
    let answered = hop.first_response().is_some() || proves_reply(case, hop);
    let (Some(first), Some(last)) = (sends.first(), sends.last()) else {
        return Vec::new();
    };
    if answered {
        return Vec::new();
    }
    let given_up = case.call.upstream(hop).and_then(Hop::final_response);
    let canceled = hop.cancel();
    let gave_up = given_up.or(canceled);
    if sends.len() < 2 && gave_up.is_none() && !case.watched_for(first, SHORTEST_GIVE_UP) {
        return Vec::new();
    }
    let times = match sends.len() {
        1 => "once".to_owned(),
        n => format!(
            "{n} times over {}",
            case.lasting(last.at().duration_since(first.at()))
        ),
    };
    let told = given_up.map_or(String::new(), |told| {
        let code = told
            .message()
            .code()
            .map_or("nothing".into(), |code| code.to_string());
        format!("; the caller was told {code} at {}", case.when(told))
    });
    let fact = format!(
        "{} sent the INVITE to {} {times} from {} on and no reply reached this capture point{told}.",
        case.name(hop.client),
        case.name(hop.server),
        case.when(first),
    );
    let elsewhere = others_were_answered(case, hop);
    let (certainty, cause) = if gave_up.is_some() || ran_out(case, first, &sends) {
        (
            Certainty::Likely,
            "Nothing listens there, or packets are lost on the way there or back.",
        )
    } else {
        (
            Certainty::Possible,
            "The trace ends while the sender may still have waited; a reply may have come later.",
        )
    };
    let next = format!(
        "Ask the owner of {} whether the INVITEs arrive and whether it lets {} in{}; check that it is the right \
         address, port and transport.",
        hop.server,
        hop.client.ip(),
        if elsewhere {
            " (it did answer other requests here)"
        } else {
            ""
        },
    );
    let proof = sends.iter().copied().chain(gave_up);
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner: Side::Between.into(),
            to_act: Some(case.roles.asked_for_silence(case.roles.side(hop.server))),
            certainty,
            by: None,
            severity: None,
            next,
        },
    )
    .into_iter()
    .collect()
}

/// Whether the sender had stopped: no further copy came when it was due, or its timer ran out.
fn ran_out(case: &Case<'_>, first: &Signal, sends: &[&Arc<Signal>]) -> bool {
    let Some(last) = sends.last() else {
        return false;
    };
    if case.watched_for(first, LONGEST_GIVE_UP) {
        return true;
    }
    // A copy that the network lost on the way to the capture point must not look like an end.
    let before = sends.iter().rev().nth(1);
    let wait = before.map_or(FIRST_WAIT, |before| {
        last.at().duration_since(before.at()) * 2
    });
    let is_repeated = last.packet.transport == Transport::Udp && sends.len() > 1;
    is_repeated && case.watched_for(last, wait * 2)
}

/// Whether the silent node answered something else in this call.
fn others_were_answered(case: &Case<'_>, hop: &Hop) -> bool {
    case.call
        .transactions
        .iter()
        .any(|t| t.server == hop.server && !t.responses.is_empty())
}

static STALLED_AFTER_TRYING: Rule = Rule {
    id: "stalled-after-trying",
    family: "silence",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A 100 to the INVITE, then neither ringing nor an answer for four seconds or more, \
            until somebody gave up.",
    matters: "The node that said 100 is alive and stuck on what lies behind it.",
    remedy: "Ask the node's owner what it waited for; fail over sooner.",
    silent: "Ringing, progress or a final answer came first, or it was cancelled sooner.",
    source: "RFC 3261 section 16.7; catalogue T2",
    explains: &[
        "request-timeout",
        "server-failure",
        "other-refusal",
        "caller-gave-up",
        "platform-gave-up",
        "cancel-unseen",
        "cancel-unanswered",
    ],
    limits: &[&PATIENCE],
    check: Check::Call(stalled_after_trying),
};

static PATIENCE: Limit = Limit {
    key: "stalled-after-trying.wait",
    what: "how long nothing may follow the 100 before it is remarked on",
    default: Figure::Time(SignedDuration::from_secs(4)),
};

fn stalled_after_trying(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(hop) = deciding_hop(case) else {
        return Vec::new();
    };
    let Some(invite) = hop.decisive() else {
        return Vec::new();
    };
    let trying = invite
        .responses
        .iter()
        .find(|s| s.message().code() == Some(100));
    let (Some(sent), Some(trying)) = (invite.request(), trying) else {
        return Vec::new();
    };
    if invite.progress().next().is_some() {
        return Vec::new();
    }
    // Its own 487 to our CANCEL, or a 408 that it only gave after waiting itself, is no answer.
    let gave_up = hop.cancel().or_else(|| {
        let told = case.call.upstream(hop)?.final_response()?;
        invite.final_response().is_none().then_some(told)
    });
    let by_itself = invite
        .final_response()
        .is_some_and(|s| s.message().code() == Some(408));
    let until = if by_itself {
        invite.final_response()
    } else {
        gave_up
    };
    let Some(until) = until else {
        return Vec::new();
    };
    let waited = until.at().duration_since(sent.at());
    if waited < case.tuning.time(&PATIENCE)
        || (invite.final_response().is_some_and(|s| s.at() < until.at()))
    {
        return Vec::new();
    }
    let ended = match (by_itself, until.is_request(&Method::Cancel)) {
        (true, _) => "it answered 408 itself".to_owned(),
        (false, true) => format!("{} cancelled", case.name(hop.client)),
        (false, false) => {
            let code = until.message().code().unwrap_or_default();
            format!(
                "{} gave up and told the caller {code}",
                case.name(hop.client)
            )
        }
    };
    // What a platform did with the call may be on a leg that is not in the trace.
    let (certainty, cause) = if case.roles.side(hop.server) == Side::Platform {
        (
            Certainty::Possible,
            "It took the call; what it did with it is not in this trace.",
        )
    } else {
        (
            Certainty::Likely,
            "It took the call, and then it or something behind it got stuck.",
        )
    };
    let fact = format!(
        "{} said 100 at {} and then nothing for {}, until {ended}.",
        case.name(hop.server),
        case.when(trying),
        case.lasting(until.at().duration_since(trying.at())),
    );
    rule.finding(
        case,
        [sent, trying, until],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner: case.roles.side(hop.server).into(),
            to_act: None,
            certainty,
            by: Some(hop.server),
            severity: None,
            next: format!(
                "Ask the owner of {} what it waited for; try the next route sooner.",
                hop.server
            ),
        },
    )
    .into_iter()
    .collect()
}

static CALL_IN_PROGRESS: Rule = Rule {
    id: "call-in-progress",
    family: "silence",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "The trace ends before the INVITE was answered, refused or cancelled.",
    matters: "The call may still be ringing, or the capture stopped too early.",
    remedy: "Look again in a minute.",
    silent: "A final answer or a CANCEL was seen, or nothing came back at all.",
    source: "catalogue Q8",
    explains: &[],
    limits: &[],
    check: Check::Call(call_in_progress),
};

fn call_in_progress(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let unsettled = |hop: &&Hop| hop.final_response().is_none() && hop.cancel().is_none();
    let Some(hop) = case.call.ingress().filter(unsettled) else {
        return Vec::new();
    };
    let last = hop
        .invites
        .iter()
        .filter_map(|invite| invite.responses.last())
        .next_back();
    let (None, Some(last)) = (case.answer(), last) else {
        return Vec::new();
    };
    let fact = format!(
        "The trace ends with the call unsettled: the last word from {} was {} at {}.",
        case.name(hop.server),
        last.message().code().unwrap_or_default(),
        case.when(last),
    );
    rule.finding(
        case,
        [last],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Party::Undecided.into(),
            to_act: Some(Party::Nobody.into()),
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: "Look again in a minute, or get a capture that lasts longer.".into(),
        },
    )
    .into_iter()
    .collect()
}
