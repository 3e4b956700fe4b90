//! Refusals of the message itself, redirections, and codes that no other rule covers.

use std::sync::Arc;

use super::{Reading, caller_id, refused, who_checks};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::origin::Tried;
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::headers::is_anonymous;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Message, Name, Signal};

pub(super) static CALL_REDIRECTED: Rule = Rule {
    id: "call-redirected",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "3xx to the INVITE that nobody followed, or that leads back to where the call had been: a loop.",
    matters: "The call was sent elsewhere, and nobody went there; or it would go round in a circle.",
    remedy: "Follow the Contact, or settle the forwarding on the platform. A loop is mended where it is made: nobody \
             may follow it.",
    silent: "The redirection was followed and the call went on.",
    source: "RFC 3261 sections 8.1.3.4 and 21.3; catalogue S300 to S380",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Redirected, |refusal| {
            redirected(case, refusal)
        })
    }),
};

fn redirected(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let answer = refusal.origin.answer;
    let contact = answer.message().header(Name::Contact);
    let there = visits(case, answer);
    let (before, after): (Vec<&Arc<Signal>>, Vec<_>) =
        there.iter().partition(|it| it.at() < answer.at());
    let maker = case.roles.side(refusal.origin.by);
    if let (Some(contact), Some(before)) = (&contact, before.first()) {
        // Whoever sends the same request to the same place again gets the same answer (RFC 3261 section 8.1.3.4).
        return Reading::new(
            maker,
            Certainty::Likely,
            &format!(
                "It redirects to {contact}, where the call had been already ({}): a loop.",
                case.when(before)
            ),
            "Have the redirection settled where it is made; whoever follows it goes round in a circle.",
        );
    }
    let (cause, next) = match (&contact, after.first()) {
        (Some(contact), Some(after)) => (
            format!(
                "It redirects to {contact}; the INVITE that went there ({}) did not change what the caller was told.",
                case.when(after)
            ),
            "See what became of the call at the place that it was redirected to.",
        ),
        (Some(contact), None) => (
            format!("It redirects to {contact}; nobody was seen to go there."),
            "Let the sender of the INVITE follow this redirection, or have it settled where it is made.",
        ),
        (None, _) => (
            "It redirects and names no place to go to.".to_owned(),
            "Have the redirection settled where it is made.",
        ),
    };
    Reading::new(maker, Certainty::Likely, &cause, next)
        .acts(case.roles.side(refusal.origin.hop.client))
}

/// The INVITEs of the call to the place that a redirection names: the same user at the same address, whatever its name.
fn visits<'a>(case: &Case<'a>, redirection: &Signal) -> Vec<&'a Arc<Signal>> {
    let Some(contact) = redirection.message().contact().map(|it| it.uri) else {
        return Vec::new();
    };
    const DEFAULT_PORT: u16 = 5060;
    let port = contact.port.unwrap_or(DEFAULT_PORT);
    let goes_there = |invite: &&Arc<Signal>| {
        let Some(uri) = invite.message().request_uri() else {
            return false;
        };
        let by_name = uri.host.eq_ignore_ascii_case(&contact.host)
            && uri.port.unwrap_or(DEFAULT_PORT) == port;
        let to = invite.destination();
        let by_address = to.ip().to_string() == contact.host && to.port() == port;
        uri.user == contact.user && (by_name || by_address)
    };
    let invites = case.call.hops.iter().flat_map(|hop| &hop.invites);
    invites
        .filter_map(|invite| invite.request())
        .filter(goes_there)
        .collect()
}

pub(super) static REQUEST_REJECTED: Rule = Rule {
    id: "request-rejected",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A code that refuses the message itself: 400, 405, 406, 413, 414, 416, 420, 421, 422, \
            482, 483, 501, 505, 513, 555, 580.",
    matters: "What was sent is malformed, too large, loops, or asks for what the other side lacks.",
    remedy: "Compare the message with one that passes; suspect an ALG on the way.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.4; catalogue S400, S405, S413, S416, S420, S421, S422, S482, S555, S580",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Message, |refusal| rejected(case, refusal))
    }),
};

fn rejected(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let said = said(case, refusal);
    if let Some(reading) = about_a_header(case, refusal, &said) {
        return reading;
    }
    let compare = "Compare this INVITE with one that the same node accepted.";
    let next = advice(case, refusal).unwrap_or(compare);
    match refusal.code {
        482 | 483 => Reading::undecided(
            case,
            refusal,
            "The call went round in a circle or over too many nodes.",
            "List the nodes in the Via headers; one that appears twice is on the circle.",
        ),
        405 | 406 | 501 => Reading::new(
            Side::CalledPeer,
            Certainty::Possible,
            &format!("It does not take such a request.{said}"),
            next,
        )
        .acts(who_checks(case, refusal)),
        // What the platform sent it may have built, or passed on as it came.
        _ if case.roles.side(refusal.origin.hop.client) == Side::Platform => Reading::undecided(
            case,
            refusal,
            &format!(
                "{} What is wrong came from the caller, or the platform put it in.{said}",
                meaning(case, refusal)
            ),
            &format!("{next} Compare this INVITE with the caller's."),
        ),
        _ => Reading::new(
            Side::Caller,
            Certainty::Possible,
            &format!("{}{said}", meaning(case, refusal)),
            next,
        ),
    }
}

/// What a code says of the message as it was sent, whoever refused it; nothing for one that leaves room for a decision
/// about the call.
pub(super) fn of_what_was_sent(case: &Case<'_>, refusal: &Refusal<'_>) -> Option<Reading> {
    match refusal.code {
        413 | 414 | 416 | 420 | 421 | 422 | 482 | 483 | 505 | 513 => Some(rejected(case, refusal)),
        433 | 491 => Some(other(case, refusal)),
        _ => None,
    }
}

/// What a code means; nothing for one that is not registered.
fn meaning<'k>(case: &Case<'k>, refusal: &Refusal<'_>) -> &'k str {
    let known = case.knowledge.sip_code(refusal.code);
    known.map_or("The code is none that is registered.", |known| {
        &known.meaning
    })
}

/// What to do about a code, where that is known.
fn advice<'k>(case: &Case<'k>, refusal: &Refusal<'_>) -> Option<&'k str> {
    let known = case.knowledge.sip_code(refusal.code)?;
    Some(known.next.as_str()).filter(|next| !next.is_empty())
}

/// What the header fields of the answer say besides, those that the code tells to look at.
fn said(case: &Case<'_>, refusal: &Refusal<'_>) -> String {
    let message = refusal.origin.answer.message();
    let known = case.knowledge.sip_code(refusal.code);
    let named = known
        .map(|known| known.answer.as_slice())
        .unwrap_or_default();
    let named = named.iter().map(String::as_str).chain(["Warning"]);
    let values = named.filter_map(|name| {
        let value = values(message, name);
        (!value.is_empty()).then(|| format!(" {name}: {value}."))
    });
    values.collect()
}

/// All values of a header field by its name.
fn values(message: &Message, name: &str) -> String {
    match Name::parse(name.as_bytes()) {
        Name::Other => message.other_header(name).unwrap_or_default().into_owned(),
        known => message.headers(known).collect::<Vec<_>>().join(", "),
    }
}

/// The header fields of an INVITE that a code is about, each as it is written there.
fn about(invite: &Message, names: &[String]) -> String {
    let each = names.iter().filter_map(|name| {
        let value = match (name.as_str(), invite.request_uri()) {
            ("Request-URI", Some(uri)) => uri.scheme,
            _ => values(invite, name),
        };
        (!value.is_empty()).then(|| format!("{name}: {value}"))
    });
    each.collect::<Vec<_>>().join("; ")
}

/// A refusal because of header fields that both INVITEs can be compared in: they are whose put them in.
fn about_a_header(case: &Case<'_>, refusal: &Refusal<'_>, said: &str) -> Option<Reading> {
    let known = case.knowledge.sip_code(refusal.code)?;
    let hop = refusal.origin.hop;
    // Of a platform whose own call was not seen, nothing can be said.
    if hop.upstream.is_none() && case.roles.side(hop.client) == Side::Platform {
        return None;
    }
    let sent = about(hop.first_invite()?.message(), &known.request);
    if sent.is_empty() {
        return None;
    }
    let owner = refusal.introduced(case, |invite| about(invite.message(), &known.request))?;
    let changed = match owner {
        Side::Platform => " The platform had changed that.",
        _ => "",
    };
    Some(Reading::new(
        owner,
        Certainty::Likely,
        &format!("{} Sent was {sent}.{said}{changed}", known.meaning),
        &known.next,
    ))
}

pub(super) static OTHER_REFUSAL: Rule = Rule {
    id: "other-refusal",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Any other final code of 400 and above to the INVITE.",
    matters: "The call failed.",
    remedy: "Ask whoever answered, with the Call-ID and time.",
    silent: "A rule for that code or cause speaks.",
    source: "RFC 3261 section 21; catalogue S402, S412 to S494, S430, S433, S440",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Other, |refusal| other(case, refusal))
    }),
};

fn other(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let sender = case.roles.side(refusal.origin.hop.client);
    if refusal.origin.tried == Tried::LastChallenged {
        return Reading::new(
            case.roles.side(refusal.origin.by),
            Certainty::Possible,
            "Its own last attempt was asked for credentials, so the code is its own.",
            "Check the credentials, or the list of addresses, for that route.",
        );
    }
    match refusal.code {
        401 | 407 => Reading::new(
            sender,
            Certainty::Possible,
            "It wants to know who sends the call, yet asks for no credentials: the address or the \
             account is not accepted.",
            "Check credentials and the list of addresses with the one who answered.",
        ),
        402 => Reading::new(
            sender,
            Certainty::Likely,
            "402 asks for payment: the sender's credit with the one who answered.",
            "Look at the credit there.",
        ),
        491 => Reading::undecided(
            case,
            refusal,
            "It takes this INVITE for part of a call that it already has: a Call-ID used twice, or \
             the same call over two ways.",
            "Look for a second INVITE with this Call-ID.",
        ),
        433 if shows_caller(refusal) => Reading::undecided(
            case,
            refusal,
            "It takes no calls without a caller ID, and this INVITE shows one: it does not take that for one, or looks \
             for it elsewhere.",
            "Ask the one who answered in which header field and form it takes a caller ID.",
        ),
        433 => caller_id(
            case,
            refusal,
            "It takes no calls without a caller ID.",
            "Send a caller ID that the customer owns, in E.164.",
        ),
        _ => {
            let said = said(case, refusal);
            let ask = "Ask the one who answered, with its Call-ID and the time.";
            about_a_header(case, refusal, &said).unwrap_or_else(|| {
                let cause = format!("{}{said}", meaning(case, refusal));
                Reading::undecided(case, refusal, &cause, advice(case, refusal).unwrap_or(ask))
            })
        }
    }
}

/// Whether the refused INVITE says who calls, and does not ask to hide it.
fn shows_caller(refusal: &Refusal<'_>) -> bool {
    let invite = refusal.origin.hop.first_invite();
    invite.is_some_and(|invite| {
        let message = invite.message();
        !is_anonymous(message) && message.header(Name::Privacy).is_none()
    })
}
