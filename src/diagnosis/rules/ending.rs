//! How answered calls ended: by a hang-up, by the platform, by a timer, or not at all.

mod ack;
mod ping;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Bearing, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::sip::{Certainty, Hop, Method, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &ack::MISSING_ACK,
    &ping::PING_TIMEOUT,
    &session::SESSION_TIMER_EXPIRED,
    &PLATFORM_ENDED_CALL,
    &BYE_UNANSWERED,
    &HUNG_UP,
    &CALL_STILL_UP,
];

// ---------------------------------------------------------------------------------------------
// What the rules share.

/// Who sent the first BYE of an answered call.
enum Ended<'a> {
    /// A node outside the platform.
    BySide(Side, &'a Arc<Transaction>),
    /// The platform, to both sides, before it got one; the earlier first.
    ByPlatform(&'a Arc<Transaction>, &'a Arc<Transaction>),
    /// The platform, to one side; nothing was seen of the other.
    Unseen(&'a Arc<Transaction>),
}

impl<'a> Ended<'a> {
    /// The first BYE.
    fn bye(&self) -> &'a Arc<Transaction> {
        match self {
            Ended::BySide(_, bye) | Ended::ByPlatform(bye, _) | Ended::Unseen(bye) => bye,
        }
    }
}

/// The 2xx of a call that was answered for its caller too. A 2xx that crossed the CANCEL answers
/// nobody: the caller got another final.
fn answered<'a>(case: &Case<'a>) -> Option<&'a Arc<Signal>> {
    let told = case.call.ingress().and_then(Hop::final_code);
    case.answer().filter(|_| told.is_none_or(|code| code < 300))
}

/// Works out who ended the call. A platform passes a BYE on, so that its own is told from a
/// passed one by whether anybody sent it one before.
fn ended<'a>(case: &Case<'a>) -> Option<Ended<'a>> {
    answered(case)?;
    let byes: Vec<&'a Arc<Transaction>> = case.byes().collect();
    let is_platform = |bye: &Arc<Transaction>| side_of(case, bye.client) == Side::Platform;
    let own = |to_caller: bool| {
        byes.iter()
            .copied()
            .find(|bye| is_platform(bye) && goes_to_caller(case, bye) == to_caller)
    };
    let outside = byes.iter().copied().find(|bye| !is_platform(bye));
    let (to_caller, to_called) = (own(true), own(false));
    if let (Some(to_caller), Some(to_called)) = (to_caller, to_called) {
        // A BYE that crosses the platform's own to the same side ended nothing any more.
        let came_first = outside.is_none_or(|bye| {
            let back = if goes_to_caller(case, bye) {
                to_called
            } else {
                to_caller
            };
            back.started() < bye.started()
        });
        if came_first && to_caller.started() <= to_called.started() {
            return Some(Ended::ByPlatform(to_caller, to_called));
        } else if came_first {
            return Some(Ended::ByPlatform(to_called, to_caller));
        }
    }
    match outside {
        Some(bye) => Some(Ended::BySide(sender(case, bye), bye)),
        None => Some(Ended::Unseen(to_caller.or(to_called)?)),
    }
}

/// The side a node is on; one that sends from another port than it did at setup is known by its
/// address.
fn side_of(case: &Case<'_>, node: SocketAddr) -> Side {
    let exact = case.roles.side(node);
    if exact != Side::Unknown {
        return exact;
    }
    let ends = case.call.hops.iter().flat_map(|h| [h.client, h.server]);
    ends.into_iter()
        .find(|end| end.ip() == node.ip())
        .map_or(Side::Unknown, |end| case.roles.side(end))
}

/// Which way a request inside a dialog goes: the side that sent the INVITE of its leg keeps its
/// From tag.
fn goes_to_caller(case: &Case<'_>, request: &Transaction) -> bool {
    match caller_tag(case, request.leg) {
        Some(tag) => request.from_tag.as_deref() != Some(tag),
        None => side_of(case, request.server) == Side::Caller,
    }
}

/// The From tag of the INVITE that set a leg up.
fn caller_tag<'a>(case: &Case<'a>, leg: usize) -> Option<&'a str> {
    let hop = case.call.hops.iter().find(|hop| hop.leg == leg)?;
    hop.invites.first()?.from_tag.as_deref()
}

/// The side that sent a request: by its node, else by its From tag.
fn sender(case: &Case<'_>, request: &Transaction) -> Side {
    match side_of(case, request.client) {
        side @ (Side::Caller | Side::CalledPeer) => side,
        _ if goes_to_caller(case, request) => Side::CalledPeer,
        _ => Side::Caller,
    }
}

/// The same request where the node that got it sent it on.
fn passed_on<'a>(case: &Case<'a>, request: &Transaction) -> Option<&'a Arc<Transaction>> {
    const AT_ONCE: SignedDuration = SignedDuration::from_secs(1);
    case.call.with_method(request.method.clone()).find(|other| {
        let since = since(other.started(), request.started());
        other.client.ip() == request.server.ip()
            && other.server.ip() != request.client.ip()
            && goes_to_caller(case, other) == goes_to_caller(case, request)
            && since.is_some_and(|since| !since.is_negative() && since <= AT_ONCE)
    })
}

/// Whether a request got no final answer although it plainly asked again: over UDP who stops
/// repeating has its answer, seen here or not.
fn is_silent(request: &Transaction, until: Option<Timestamp>) -> bool {
    const SENDS: usize = 3;
    const PATIENCE: SignedDuration = SignedDuration::from_secs(3);
    let Some(first) = request.request() else {
        return false;
    };
    let waited = since(until, Some(first.at())).is_some_and(|waited| waited >= PATIENCE);
    let repeats = !first.packet.transport.is_reliable();
    request.final_response().is_none() && (request.requests.len() >= SENDS || (!repeats && waited))
}

fn since(later: Option<Timestamp>, earlier: Option<Timestamp>) -> Option<SignedDuration> {
    Some(later?.duration_since(earlier?))
}

/// What the Reason headers of a message say, in one sentence; empty where there are none.
fn reason_words(signal: &Signal) -> String {
    let said: Vec<String> = signal
        .message
        .reasons()
        .into_iter()
        .map(|reason| {
            let cause = reason
                .cause
                .map_or(String::new(), |cause| format!(" cause {cause}"));
            let text = match reason.text.as_str() {
                "" => String::new(),
                text => format!(" ({text})"),
            };
            format!("{}{cause}{text}", reason.protocol)
        })
        .collect();
    if said.is_empty() {
        return String::new();
    }
    format!("The BYE gives as its reason {}.", said.join(", "))
}

/// The texts of the Reason headers, in lower case.
fn reason_text(signal: &Signal) -> String {
    let reasons = signal.message.reasons();
    let texts: Vec<String> = reasons.into_iter().map(|reason| reason.text).collect();
    texts.join(" ").to_lowercase()
}

/// How long the call was up until a message.
fn talk(case: &Case<'_>, end: &Signal) -> SignedDuration {
    case.answer().map_or(SignedDuration::ZERO, |answer| {
        end.at().duration_since(answer.at())
    })
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Caller => "the caller",
        Side::Platform => "the platform",
        Side::CalledPeer | Side::CalledUser => "the called side",
        Side::Between | Side::Unknown => "an unknown side",
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

// ---------------------------------------------------------------------------------------------

static HUNG_UP: Rule = Rule {
    id: "hung-up",
    family: "ending",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "Which side sent the first BYE of an answered call, by its node and its From tag, when, \
            after how long, and the reason that the BYE gives. A warning where that reason speaks \
            of a failure.",
    matters: "An ordinary call ends so; a complaint of a dropped call starts with who sent the BYE.",
    remedy: "None where the call was meant to end. Else ask the side that sent the BYE.",
    silent: "The call was not answered, the platform itself sent BYEs to both sides, or no BYE was \
             seen.",
    source: "RFC 3261 section 15, RFC 3326; catalogue M1",
    explains: &[],
    check: hung_up,
};

fn hung_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (side, bye, seen) = match ended(case) {
        Some(Ended::BySide(side, bye)) => (side, bye, true),
        Some(Ended::Unseen(bye)) if !is_platforms_own(case, bye) => (sender(case, bye), bye, false),
        _ => return Vec::new(),
    };
    let (Some(request), Some(answer)) = (bye.request(), case.answer()) else {
        return Vec::new();
    };
    let reply = last_reply(case, bye);
    let ending = match reply.and_then(|reply| reply.message.code()) {
        Some(code) => format!("it was answered {code}"),
        None => "no answer to it was seen".to_owned(),
    };
    let who = capital(side_words(side));
    let fact = if seen {
        format!(
            "{who} hung up: {} sent BYE ({}) after {} of talk; {ending}.",
            case.name(bye.client),
            case.when(request),
            seconds(talk(case, request)),
        )
    } else {
        format!(
            "The BYE came from {who_low} through {} ({}) after {} of talk; {ending}.",
            case.name(bye.client),
            case.when(request),
            seconds(talk(case, request)),
            who_low = side_words(side),
        )
    };
    let failed = speaks_of_failure(request);
    let mut cause = reason_words(request);
    if !seen {
        cause = format!("What lies behind that node was not seen. {cause}");
    }
    let conclusion = Conclusion {
        fact,
        fact_certainty: if seen {
            Certainty::Certain
        } else {
            Certainty::Likely
        },
        cause: cause.trim().to_owned(),
        owner: if failed {
            Party::Undecided.into()
        } else {
            Party::Nobody.into()
        },
        to_act: Some(if failed {
            side.into()
        } else {
            Party::Nobody.into()
        }),
        // Whether a person or a machine ended it does not stand in a BYE.
        certainty: if failed {
            Certainty::Possible
        } else {
            Certainty::Likely
        },
        by: Some(bye.client),
        severity: failed.then_some(Severity::Warning),
        next: if failed {
            format!(
                "Ask {} why it ended the call with that reason; give it the Call-ID and the time.",
                case.name(bye.client)
            )
        } else {
            format!(
                "Nothing, unless the call was not meant to end: then ask {}, which sent the BYE.",
                case.name(bye.client)
            )
        },
    };
    let proof = [Some(answer), Some(request), reply].into_iter().flatten();
    rule.finding(case, proof, conclusion).into_iter().collect()
}

/// The last final answer to a BYE, a repeated one with credentials included.
fn last_reply<'a>(case: &Case<'a>, bye: &Transaction) -> Option<&'a Arc<Signal>> {
    case.byes()
        .filter(|other| {
            (other.client, other.server, &other.from_tag) == (bye.client, bye.server, &bye.from_tag)
        })
        .filter_map(|other| other.final_response())
        .last()
}

/// Whether the reason of a BYE is other than that somebody hung up.
fn speaks_of_failure(bye: &Signal) -> bool {
    const TOLD: &[&str] = &[
        "timeout",
        "timed out",
        "timer",
        "no rtp",
        "expired",
        "failure",
    ];
    let text = reason_text(bye);
    let by_cause = bye.message.reasons().iter().any(|reason| {
        let isup = reason.protocol.eq_ignore_ascii_case("Q.850");
        let sip = reason.protocol.eq_ignore_ascii_case("SIP");
        match reason.cause {
            Some(cause) if isup => !matches!(cause, 16 | 31),
            Some(cause) if sip => cause >= 400 && cause != 487,
            _ => false,
        }
    });
    by_cause || TOLD.iter().any(|words| text.contains(words))
}

// ---------------------------------------------------------------------------------------------

static PLATFORM_ENDED_CALL: Rule = Rule {
    id: "platform-ended-call",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The platform sent BYEs to both sides of an answered call and had got none from either; \
            what its reason says, and whether the talk time is a round value. No more than \
            possible where it sent one to one side only and the other, though captured, shows none.",
    matters: "Neither side hung up: a limit, a missing ping reply, missing media or a person at the \
              panel ended the call.",
    remedy: "Read the platform's release reason for the call, then the limit or timer it names.",
    silent: "A BYE of one side came first, also where the platform's own crosses it; or only one \
             side was captured, so that the other's BYE could not be seen.",
    source: "Catalogue M2, M3, M7; release reasons of the platform",
    explains: &["hung-up"],
    check: platform_ended_call,
};

/// What the platform says of why it ended a call.
struct Told {
    cause: String,
    owner: Owner,
    to_act: Owner,
    certainty: Certainty,
}

fn platform_ended_call(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (first, second) = match ended(case) {
        Some(Ended::ByPlatform(first, second)) => (first, Some(second)),
        Some(Ended::Unseen(bye)) if is_platforms_own(case, bye) => (bye, None),
        _ => return Vec::new(),
    };
    let (Some(request), Some(answer)) = (first.request(), case.answer()) else {
        return Vec::new();
    };
    let length = talk(case, request);
    let other = second.and_then(|bye| bye.request());
    let fact = match second.zip(other) {
        Some((bye, other)) => format!(
            "The platform ended the call: {} sent BYE to {} ({}) and to {} ({}) after {} of talk, \
             and had got none from either.",
            case.name(first.client),
            case.name(first.server),
            case.when(request),
            case.name(bye.server),
            case.when(other),
            seconds(length),
        ),
        None => format!(
            "{} sent BYE to {} ({}) after {} of talk; no BYE from or to the other side was seen.",
            case.name(first.client),
            case.name(first.server),
            case.when(request),
            seconds(length),
        ),
    };
    let told = told(request)
        .or_else(|| other.and_then(|other| told(other)))
        .unwrap_or_else(|| not_told(length));
    let conclusion = Conclusion {
        fact,
        fact_certainty: if second.is_some() {
            Certainty::Certain
        } else {
            Certainty::Possible
        },
        cause: told.cause,
        owner: told.owner,
        to_act: Some(told.to_act),
        certainty: told.certainty,
        by: Some(first.client),
        severity: None,
        next: "Read the platform's release reason for this call.".into(),
    };
    let proof = [Some(answer), Some(request), other].into_iter().flatten();
    rule.finding(case, proof, conclusion).into_iter().collect()
}

/// Whether a BYE from the platform to one side is its own: the other side was captured, in a
/// trace that lacks nothing, and had no part in it, or the reason is one that only the platform gives.
fn is_platforms_own(case: &Case<'_>, bye: &Transaction) -> bool {
    let to_caller = goes_to_caller(case, bye);
    let side = |node: SocketAddr| side_of(case, node);
    let other_side_seen = case.call.hops.iter().any(|hop| {
        if to_caller {
            side(hop.client) == Side::Platform && side(hop.server) == Side::CalledPeer
        } else {
            side(hop.client) == Side::Caller && side(hop.server) == Side::Platform
        }
    });
    (other_side_seen && !case.quality.is_lossy())
        || bye.request().is_some_and(|request| told(request).is_some())
}

/// Reads the reason that the platform writes into its BYE.
fn told(bye: &Signal) -> Option<Told> {
    let text = reason_text(bye);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let settings: Owner = Side::Platform.into();
    let (why, owner, to_act): (&str, Owner, Owner) = if says(&["ping"]) {
        let silent = if says(&["caller"]) {
            Side::Caller
        } else if says(&["callee"]) {
            Side::CalledPeer
        } else {
            Side::Unknown
        };
        let to_act = if silent == Side::Unknown {
            settings
        } else {
            silent.into()
        };
        ("One side did not answer its pings.", silent.into(), to_act)
    } else if says(&["balance", "credit", "funds"]) {
        let customer: Owner = Party::Customer.into();
        ("The customer's credit had run out.", customer, customer)
    } else if says(&["duration", "lifetime", "call limit"]) {
        ("The call reached its maximum duration.", settings, settings)
    } else if says(&["rtp", "media", "mi termination", "mi timeout"]) {
        let open: Owner = Party::Undecided.into();
        (
            "No media was seen, or somebody ended it from the panel.",
            open,
            settings,
        )
    } else {
        return None;
    };
    Some(Told {
        cause: format!("{} {why}", reason_words(bye)),
        owner,
        to_act,
        certainty: Certainty::Likely,
    })
}

/// Without a word from the platform only the length of the call may hint at why.
fn not_told(length: SignedDuration) -> Told {
    const ROUND: &[i64] = &[
        60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400,
    ];
    let round = ROUND
        .iter()
        .find(|round| (length.as_millis() - i128::from(**round) * 1000).abs() <= 1000);
    let cause = match round {
        Some(round) => format!(
            "The talk time is a round {round} s: a possible maximum duration, or the credit check \
             that runs once a minute."
        ),
        None => "The packets do not say why.".to_owned(),
    };
    Told {
        cause,
        owner: Party::Undecided.into(),
        to_act: Side::Platform.into(),
        certainty: Certainty::Possible,
    }
}

// ---------------------------------------------------------------------------------------------

static BYE_UNANSWERED: Rule = Rule {
    id: "bye-unanswered",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A BYE that got no final answer although it was sent three times or more, or for 32 s \
            over a transport that does not repeat; on the last hop that it reached.",
    matters: "The other side may think that the call is up: billing may run on.",
    remedy: "Check whether the silent node can be reached at the address that the BYE went to, and \
             compare the billed time.",
    silent: "The BYE was sent once or twice over UDP (who stops repeating has its answer, or the \
             trace ended), or that side had sent a BYE of its own.",
    source: "RFC 3261 sections 15 and 17.1.2; catalogue T9",
    explains: &[],
    check: bye_unanswered,
};

fn bye_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    case.byes()
        .filter(|bye| is_bye_unanswered(case, bye))
        .filter(|bye| passed_on(case, bye).is_none_or(|next| !is_bye_unanswered(case, next)))
        .filter_map(|bye| unanswered_finding(rule, case, bye))
        .collect()
}

fn is_bye_unanswered(case: &Case<'_>, bye: &Transaction) -> bool {
    const TIMER_F: SignedDuration = SignedDuration::from_secs(32);
    let Some(first) = bye.request() else {
        return false;
    };
    let is_own_ended = case
        .byes()
        .any(|other| (other.leg, other.client, other.server) == (bye.leg, bye.server, bye.client));
    let reliable = first.packet.transport.is_reliable();
    let enough = if reliable {
        case.watched_for(first, TIMER_F)
    } else {
        is_silent(bye, None)
    };
    bye.final_response().is_none() && enough && !is_own_ended
}

fn unanswered_finding(rule: &Rule, case: &Case<'_>, bye: &Transaction) -> Option<Finding> {
    let (first, last) = (bye.request()?, bye.requests.last()?);
    let times = match bye.requests.len() {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let fact = format!(
        "{} sent BYE to {} {times} (from {} to {}) and got no final answer.",
        case.name(bye.client),
        case.name(bye.server),
        case.when(first),
        case.when(last),
    );
    rule.finding(
        case,
        &bye.requests,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: format!(
                "{} did not get it or its answer did not reach this capture point; for that side \
                 the call may run on.",
                case.name(bye.server)
            ),
            owner: Side::Between.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(bye.server),
            severity: None,
            next: format!(
                "Check that {} can be reached where the BYE went, and that nothing is billed after \
                 {}.",
                case.name(bye.server),
                case.when(first)
            ),
        },
    )
}

// ---------------------------------------------------------------------------------------------

static CALL_STILL_UP: Rule = Rule {
    id: "call-still-up",
    family: "ending",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "An answered call of which no BYE was seen until the trace ends.",
    matters: "Nothing can be said of how the call ended: it may still be up.",
    remedy: "Look again later; if the caller says that it ended, compare the dialog list.",
    silent: "A BYE, or an answer to one, was seen; or the call was not answered.",
    source: "Catalogue Q8 and M19",
    explains: &[],
    check: call_still_up,
};

fn call_still_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    const LIVE: SignedDuration = SignedDuration::from_secs(60);
    let over = case.call.with_method(Method::Bye).next().is_some();
    let (Some(answer), Some((_, last))) = (answered(case), case.call.signals.last()) else {
        return Vec::new();
    };
    if over {
        return Vec::new();
    }
    let until = case.seen_until.unwrap_or(last.at()).max(last.at());
    let quiet = until.duration_since(last.at());
    let is_live = quiet <= LIVE;
    let fact = format!(
        "The call was answered ({}) and no BYE was seen until the trace ends, {} after the answer.",
        case.when(answer),
        seconds(until.duration_since(answer.at())),
    );
    let cause = if is_live {
        "It may still be up: how it ends is not in this trace.".to_owned()
    } else {
        format!(
            "Nothing was seen for the last {}: it is still up, or its end did not pass here.",
            seconds(quiet)
        )
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause,
        owner: if is_live {
            Party::Nobody.into()
        } else {
            Party::Undecided.into()
        },
        to_act: Some(Party::Nobody.into()),
        certainty: Certainty::Likely,
        by: None,
        severity: None,
        next: "Look again when the call is over; if it is said to be over, compare the platform's \
               list of live calls."
            .into(),
    };
    rule.finding(case, [answer, last], conclusion)
        .into_iter()
        .collect()
}
