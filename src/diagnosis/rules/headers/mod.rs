//! Rules on what stands in the headers of a message and does harm: what is missing or wrong there, and who
//! wrote it. They speak where a request was refused or lost for it: a fault that nobody minds is no news.

mod agent;
mod body;
mod caller_id;
mod form;
mod gateway;
mod grammar;
mod methods;
mod missing;
mod reply;
mod route;
mod target;
mod unresolved;

pub(super) use caller_id::is_anonymous;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::Rule;
use super::ending::ended::is_silent;
use crate::diagnosis::case::Case;
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Hop, Message, Method, Signal, Transaction};

/// What is only the consequence of a dialog whose requests go where nobody is: which of it, each finding says.
const LOST_IN_DIALOG: &[&str] = &[
    "missing-ack",
    "hung-up",
    "platform-ended-call",
    "bye-unanswered",
    "call-still-up",
    "hung-leg",
    "ping-timeout",
    "keep-alive-unanswered",
    "reinvite-unanswered",
    "session-timer-expired",
];

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &missing::HEADER_MISSING,
    &grammar::MESSAGE_MALFORMED,
    &target::CONTACT_UNREACHABLE,
    &target::CONTACT_TRANSPORT_WRONG,
    &route::RECORD_ROUTE_UNUSABLE,
    &route::RECORD_ROUTE_IGNORED,
    &reply::RPORT_MISSING,
    &reply::BRANCH_REUSED,
    &form::NUMBER_FORM_REFUSED,
    &caller_id::CALLER_ID_ABSENT,
    &methods::METHOD_NOT_ALLOWED,
    &body::BODY_NOT_TAKEN,
    &gateway::ALG_DAMAGE,
    &unresolved::NAME_UNRESOLVED,
    &agent::KNOWN_BAD_AGENT,
];

/// Of the messages of one kind so many are looked at: more of one call tell nothing new.
const MOST: usize = 64;

/// The node that wrote something into an INVITE: the first on the way whose INVITE has it.
pub(super) fn writer<'a>(
    case: &Case<'a>,
    hop: &'a Hop,
    has: impl Fn(&Message) -> bool,
) -> SocketAddr {
    let mut at = hop;
    // Each hop is passed once at most, whatever the links say.
    for _ in 0..case.call.hops.len() {
        let before = case.call.upstream(at);
        let has_it = |hop: &&Hop| {
            let invite = hop.first_invite();
            invite.is_some_and(|invite| has(invite.message()))
        };
        match before.filter(has_it) {
            Some(before) => at = before,
            None => break,
        }
    }
    at.client
}

/// The node that wrote something into the 2xx of a hop: the last one whose 2xx has it.
pub(super) fn answer_writer<'a>(
    case: &Case<'a>,
    hop: &'a Hop,
    has: impl Fn(&Message) -> bool,
) -> SocketAddr {
    let mut at = hop;
    for _ in 0..case.call.hops.len() {
        let has_it = |hop: &&Hop| answer(hop).is_some_and(|answer| has(answer.message()));
        match case.call.downstream(at).find(has_it) {
            Some(next) => at = next,
            None => break,
        }
    }
    at.server
}

/// The 2xx of a hop.
fn answer(hop: &Hop) -> Option<&Arc<Signal>> {
    hop.final_response()
        .filter(|answer| matches!(answer.code(), Some(200..=299)))
}

/// Requests inside a dialog that did not get where the headers said they have to go.
struct Lost<'a> {
    /// What was lost, as the end of a sentence.
    words: String,
    proof: Vec<&'a Arc<Signal>>,
    /// What other rules say of the same, which only follows from it.
    seen_as: &'static [&'static str],
}

/// Where requests inside a dialog have to go: an address, and the port where that matters.
#[derive(Clone, Copy)]
struct Target(IpAddr, Option<u16>);

impl Target {
    fn is_at(self, address: SocketAddr) -> bool {
        address.ip() == self.0 && self.1.is_none_or(|port| port == address.port())
    }
}

/// What was lost on a hop on its way to the end that the answer came from: the ACK, of which nothing was seen,
/// or a request that did go to the target.
fn lost_to_server<'a>(case: &Case<'a>, hop: &'a Hop, target: Option<Target>) -> Option<Lost<'a>> {
    let is_unseen = hop.decisive()?.acks.is_empty();
    let ack = no_ack(case, hop).filter(|_| is_unseen);
    ack.or_else(|| silent_request(case, hop, hop.client, target?))
}

/// What was lost on a hop on its way to the end that the INVITE came from: a request that did go to the target.
/// One that went to where the INVITE had come from was lost for another reason.
fn lost_to_client<'a>(case: &Case<'a>, hop: &'a Hop, target: Option<Target>) -> Option<Lost<'a>> {
    answer(hop)?;
    silent_request(case, hop, hop.server, target?)
}

/// A 2xx that was repeated because no ACK came.
fn no_ack<'a>(case: &Case<'a>, hop: &'a Hop) -> Option<Lost<'a>> {
    const COPIES: usize = 3;
    let first = answer(hop)?;
    let invite = hop.decisive()?;
    let copies: Vec<&Arc<Signal>> = invite
        .responses
        .iter()
        .filter(|copy| copy.code() == first.code() && copy.to_tag == first.to_tag)
        .collect();
    let last = copies.last()?;
    // An ACK that did not end the repeating did not get there either.
    let is_heard = invite.acks.last().is_some_and(|ack| ack.at() >= last.at());
    if copies.len() < COPIES || is_heard {
        return None;
    }
    let ack = invite.acks.first();
    Some(Lost {
        words: format!(
            "{} sent its {} {}, and {}",
            case.name(hop.server),
            first.code().unwrap_or(200),
            times(copies.len()),
            match ack {
                Some(_) => "the ACK did not get there",
                None => "no ACK came",
            }
        ),
        proof: copies.into_iter().chain(ack).collect(),
        seen_as: &[
            "missing-ack",
            "hung-up",
            "platform-ended-call",
            "bye-unanswered",
            "hung-leg",
        ],
    })
}

/// A request inside the dialog of a hop that plainly asked again and got no answer.
fn silent_request<'a>(
    case: &Case<'a>,
    hop: &Hop,
    from: SocketAddr,
    target: Target,
) -> Option<Lost<'a>> {
    let inside = case.call.transactions.iter().filter(|request| {
        request.in_dialog
            && request.leg == hop.leg
            && request.method != Method::Ack
            && request.client.ip() == from.ip()
            && request
                .request()
                .is_some_and(|first| target.is_at(first.destination()))
    });
    let request = inside.take(MOST).find(|request| is_silent(request, None))?;
    Some(Lost {
        words: format!(
            "{} sent {} there {} and got no answer",
            case.name(from),
            method_words(request),
            times(request.requests.len()),
        ),
        proof: request.requests.iter().collect(),
        seen_as: match request.method {
            Method::Bye => &["bye-unanswered", "call-still-up", "hung-leg"],
            Method::Options => &[
                "ping-timeout",
                "platform-ended-call",
                "keep-alive-unanswered",
            ],
            _ => &[
                "reinvite-unanswered",
                "session-timer-expired",
                "platform-ended-call",
                "hung-up",
            ],
        },
    })
}

/// A request in words, with its article.
fn method_words(request: &Transaction) -> String {
    match (&request.method, request.in_dialog) {
        (Method::Invite, true) => "a re-INVITE".to_owned(),
        (Method::Invite, false) => "the INVITE".to_owned(),
        (method, _) => format!("its {method}"),
    }
}

/// An INVITE outside a dialog that was refused with one of these codes, nearest to who refused it.
struct RefusedInvite<'a> {
    hop: &'a Hop,
    request: &'a Arc<Signal>,
    answer: &'a Arc<Signal>,
    code: u16,
}

impl<'a> RefusedInvite<'a> {
    /// The one that the caller's call ended with.
    fn of(case: &Case<'a>, codes: &[u16]) -> Option<RefusedInvite<'a>> {
        case.failure()?;
        let origin = case.origin()?;
        let code = origin.answer.code().filter(|code| codes.contains(code))?;
        Some(RefusedInvite {
            hop: origin.hop,
            request: origin.hop.decisive()?.request()?,
            answer: origin.answer,
            code,
        })
    }

    /// Who refused it, with what and when.
    fn words(&self, case: &Case<'_>) -> String {
        format!(
            "{} refused it with {} ({})",
            case.name(self.hop.server),
            code_and_phrase(self.answer),
            case.when(self.answer),
        )
    }
}
