//! The rule on headers that every request needs: one is missing, stands twice, or cannot be read.

use std::sync::Arc;

use super::{MOST, RefusedInvite, writer};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::platform::is_rebuilt;
use crate::sip::{Certainty, Deviation, Message, Method, Name, Signal, Transaction};

pub(super) static HEADER_MISSING: Rule = Rule {
    id: "header-missing",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A request that was refused with 400 or got no answer, and that lacks Via, From, To, Call-ID, \
            CSeq or Max-Forwards (an INVITE also Contact), has one of those that may stand once twice, has no From tag, or a CSeq \
            with another method or no number.",
    matters: "A server cannot tell what such a request belongs to: it refuses it, or drops it without a \
              word.",
    remedy: "Correct the header in the software that writes it; look for an ALG on the way that rewrites \
             messages.",
    silent: "The request was answered otherwise, or the trace holds only a part of the message or builds \
             it from columns.",
    source: "RFC 3261 sections 8.1.1, 8.2.2 and 16.3; catalogue H4",
    explains: &[
        "request-rejected",
        "refused-by-platform",
        "no-response",
        "request-timeout",
        "registration-refused",
        "registration-unanswered",
        "reinvite-refused",
        "reinvite-unanswered",
        "bye-refused",
        "bye-unanswered",
    ],
    limits: &[],
    check: Check::Call(|rule, case| header_missing(rule, case).into_iter().collect()),
};

/// What a request explains whose refusal the call did not end with.
const LATER: &[&str] = &[
    "no-response",
    "request-timeout",
    "registration-refused",
    "registration-unanswered",
    "reinvite-refused",
    "reinvite-unanswered",
    "bye-refused",
    "bye-unanswered",
];

/// Headers that every request has once (RFC 3261 section 8.1.1).
const ONCE: [Name; 5] = [
    Name::From,
    Name::To,
    Name::CallId,
    Name::CSeq,
    Name::MaxForwards,
];

fn header_missing(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = RefusedInvite::of(case, &[400]);
    if let Some(refused) = refused {
        let fault = fault(refused.request.message())?;
        let by = writer(case, refused.hop, |other| {
            self::fault(other).as_ref() == Some(&fault)
        });
        let what = refused.words(case);
        return conclude(
            rule,
            case,
            refused.request,
            Some(refused.answer),
            by,
            &fault,
            &what,
        );
    }
    let harmed = case
        .call
        .transactions
        .iter()
        .filter(|t| is_refused(t) || is_silent(t, None));
    harmed.take(MOST).find_map(|request| {
        let first = request.request()?;
        let fault = fault(first.message())?;
        let answer = request.final_response();
        let what = match answer {
            Some(answer) => format!("it was refused with {}", code_and_phrase(answer)),
            None => format!(
                "it was sent {} and got no answer",
                times(request.requests.len())
            ),
        };
        let found = conclude(rule, case, first, answer, request.client, &fault, &what)?;
        Some(found.explaining(LATER))
    })
}

fn is_refused(request: &Transaction) -> bool {
    request.final_code() == Some(400)
}

/// What is wrong, in words.
pub(super) fn fault(message: &Message) -> Option<String> {
    if message.is_cut() || is_rebuilt(message) {
        return None;
    }
    if message.vias().is_empty() {
        return Some("has no Via".to_owned());
    }
    for name in ONCE {
        match message.headers(name).count() {
            0 => return Some(format!("has no {}", name.as_str())),
            1 => {}
            count => return Some(format!("has {} {}", name.as_str(), times(count))),
        }
    }
    let is_invite = message.is_request(&Method::Invite);
    if is_invite && message.header(Name::Contact).is_none() {
        return Some("has no Contact".to_owned());
    }
    if message.from_tag().is_none_or(|tag| tag.is_empty()) {
        return Some("has no tag in From".to_owned());
    }
    if message.cseq().is_none() {
        return Some("has a CSeq that cannot be read".to_owned());
    }
    let differs = message.deviations().contains(&Deviation::CSeqMethodDiffers);
    differs.then(|| "has another method in CSeq than in its first line".to_owned())
}

fn conclude(
    rule: &Rule,
    case: &Case<'_>,
    request: &Arc<Signal>,
    answer: Option<&Arc<Signal>>,
    by: std::net::SocketAddr,
    fault: &str,
    what: &str,
) -> Option<Finding> {
    let name = case.name(by);
    let method = request
        .request_method()
        .map_or("request".to_owned(), ToString::to_string);
    rule.finding(
        case,
        [request].into_iter().chain(answer),
        Conclusion {
            fact: format!(
                "The {method} of {name} {fault} ({}); {what}.",
                case.when(request)
            ),
            fact_certainty: Certainty::Certain,
            cause: "Without that a server cannot tell what the request belongs to.".to_owned(),
            owner: side_of(case, by).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(by),
            severity: None,
            next: format!(
                "Show this message to who runs {name}; look for an ALG that rewrites it on its way."
            ),
        },
    )
}
