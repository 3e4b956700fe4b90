//! The rule on messages that end before their own end on the wire, and what tells them from those
//! that only the capture cut.

use std::sync::Arc;

use super::{MOST, request_words};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Deviation, Hop, Name, Signal, Transaction, Transport};

pub(super) static MESSAGE_CUT_OFF: Rule = Rule {
    id: "message-cut-off",
    family: "network",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A request that ends before its own end (Content-Length says more than is there, or the \
            headers do not end), and that was refused with 400 or, in every copy, not answered at \
            all: who got it did not get more than the trace shows. An error where the 400 speaks of \
            the length or the body.",
    matters: "The receiver must refuse or drop it: a wrong Content-Length of the sender, a device on \
              the way that rewrites messages, or a lost IP fragment.",
    remedy: "Compare the message at its sender with what arrives; turn off SIP ALG; use TCP for what \
             is large.",
    silent: "The message was answered as a whole one is, or others of the same length were: then \
             only the capture cut it.",
    source: "RFC 3261 sections 18.3 and 20.14; catalogue H2, H3, Q6",
    explains: &["request-rejected"],
    limits: &[],
    check: Check::Call(|rule, case| message_cut_off(rule, case).into_iter().collect()),
};

/// What shows that a message was not whole for its receiver either.
enum Effect<'a> {
    /// The receiver itself refused it with 400.
    Refused(&'a Arc<Signal>),
    /// No copy of it was answered.
    Silence,
}

fn message_cut_off(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (request, effect) = case
        .quality
        .cut
        .iter()
        .take(MOST)
        .find_map(|signal| cut_on_the_wire(case, signal))?;
    let first = request.request()?;
    let (sender, receiver) = (case.name(request.client), case.name(request.server));
    let size = first.message().raw().len();
    let ends = match body_short(first) {
        Some((said, present)) => {
            format!("its body has {present} bytes where Content-Length says {said}")
        }
        None => "its headers do not end".to_owned(),
    };
    let effect_words = match effect {
        Effect::Refused(answer) => format!("{receiver} answered 400 ({})", case.when(answer)),
        Effect::Silence => format!(
            "{receiver} answered none of its {} copies",
            request.requests.len()
        ),
    };
    let fact = format!(
        "The {} from {sender} to {receiver} ({}) ends after {size} bytes, too early: {ends}; \
         {effect_words}.",
        request_words(request),
        case.when(first),
    );
    let from = side_of(case, request.client);
    let (owner, certainty, cause) = match effect {
        Effect::Refused(answer) if speaks_of_length(answer) => (
            from,
            Certainty::Likely,
            "Its sender, or a device on its side that rewrites messages, gave it a wrong length.",
        ),
        Effect::Refused(_) => (
            from,
            Certainty::Possible,
            "A wrong length from its sender, or from a device on its side that rewrites messages, \
             would be refused so; unless only the capture cut it, and the 400 is about something \
             else.",
        ),
        Effect::Silence if looks_like_a_fragment(first) => (
            Side::Between,
            Certainty::Possible,
            "It is as long as one packet can be: its second IP fragment seems to be lost, so that \
             it never was whole at the receiver.",
        ),
        Effect::Silence => (
            Side::Between,
            Certainty::Possible,
            "A receiver drops what is not whole; whether it was so on the wire, or only the capture \
             cut it, cannot be told.",
        ),
    };
    // Silence has many reasons: that one alone is no explanation.
    let decided = match effect {
        Effect::Refused(answer) => {
            speaks_of_length(answer) && case.answer().is_none() && !request.in_dialog
        }
        Effect::Silence => false,
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.into(),
        owner: owner.into(),
        to_act: Some(from.into()),
        certainty,
        by: Some(request.client),
        severity: decided.then_some(Severity::Error),
        next: format!(
            "Capture the message at {sender} itself and compare its length and Content-Length; use \
             TCP if it is larger than a packet.",
        ),
    };
    let answer = match effect {
        Effect::Refused(answer) => Some(answer),
        Effect::Silence => None,
    };
    let finding = rule.finding(case, request.requests.iter().chain(answer), conclusion)?;
    Some(if decided {
        finding
    } else {
        finding.explaining(&[])
    })
}

/// Whether a 400 says that it is about the length or the body.
fn speaks_of_length(answer: &Signal) -> bool {
    let warning = answer.message().header(Name::Warning).unwrap_or_default();
    let text = format!("{} {warning}", answer.message().reason_phrase()).to_ascii_lowercase();
    ["length", "body", "truncat", "incomplete", "content"]
        .iter()
        .any(|word| text.contains(word))
}

fn body_short(signal: &Signal) -> Option<(usize, usize)> {
    signal
        .message()
        .deviations()
        .iter()
        .find_map(|deviation| match deviation {
            Deviation::BodyShort { said, present } => Some((*said, *present)),
            _ => None,
        })
}

/// Whether a cut message was whole at its receiver, as far as the call shows: then the capture
/// alone lacks the rest.
pub fn is_lost_to_the_capture(case: &Case<'_>, signal: &Arc<Signal>) -> bool {
    signal.message().is_cut() && cut_on_the_wire(case, signal).is_none()
}

/// The request that a cut message belongs to, with what shows that its receiver lacked the rest
/// too. Over a stream the rest comes with the next segment: there only the capture can lack it.
fn cut_on_the_wire<'a>(
    case: &Case<'a>,
    signal: &Arc<Signal>,
) -> Option<(&'a Arc<Transaction>, Effect<'a>)> {
    let is_datagram = signal.packet.transport == Transport::Udp && signal.message().is_cut();
    signal.message().request_method().filter(|_| is_datagram)?;
    let call = case.call;
    let is_it = |other: &Arc<Signal>| other.number == signal.number;
    let request = call
        .transactions
        .iter()
        .find(|t| t.requests.iter().any(is_it))?;
    // A length that something else was cut at too, without harm, is the capture's.
    let size = signal.message().raw().len();
    let harmless = case.quality.cut.iter().any(|other| {
        let mine = request
            .requests
            .iter()
            .any(|own| own.number == other.number);
        other.message().raw().len() == size && !mine
    });
    if harmless {
        return None;
    }
    let passed_on = |hop: &Hop| {
        let mine = hop
            .invites
            .iter()
            .any(|invite| Arc::ptr_eq(invite, request));
        mine && call.downstream(hop).next().is_some()
    };
    let refusal = request
        .final_response()
        .filter(|answer| answer.message().code() == Some(400));
    if let Some(answer) = refusal.filter(|_| !call.hops.iter().any(passed_on)) {
        return Some((request, Effect::Refused(answer)));
    }
    let all_cut = request.requests.iter().all(|copy| copy.message().is_cut());
    let silent = request.responses.is_empty() && is_silent(request, None);
    (all_cut && silent).then_some((request, Effect::Silence))
}

/// Whether it is as long as the first of several fragments: an Ethernet packet without its
/// headers, or what a tunnel leaves of one.
fn looks_like_a_fragment(signal: &Signal) -> bool {
    (1300..=1480).contains(&signal.message().raw().len())
}
