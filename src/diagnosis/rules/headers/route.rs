//! The rules on the route that a dialog takes: proxies that name themselves wrongly in Record-Route, and ends
//! that do not follow it.

use std::sync::Arc;

use super::{LOST_IN_DIALOG, Lost, Target, answer, lost_to_client, lost_to_server, no_ack};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{is_silent, lacks_route, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::address::is_private;
use crate::sip::header::NameAddr;
use crate::sip::{Certainty, Method, Name, Signal, Transaction};

pub(super) static RECORD_ROUTE_UNUSABLE: Rule = Rule {
    id: "record-route-unusable",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE or the 2xx to it in which the next node's Record-Route is a private address, though \
            it sends from a public one, or has no ;lr; and the requests that had to go there were lost.",
    matters: "ACK, BYE and re-INVITE go to the Record-Route first: the call is cut off, or never ends.",
    remedy: "Let the proxy write the address at which the next node reaches it, with ;lr.",
    silent: "Nothing was lost, or the next node names itself by a host name.",
    source: "RFC 3261 sections 12.1, 16.6 step 4 and 16.12; catalogue H6",
    explains: LOST_IN_DIALOG,
    limits: &[],
    check: Check::Call(|rule, case| unusable(rule, case).into_iter().collect()),
};

fn unusable(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    case.way().into_iter().find_map(|hop| {
        let of_answer = || {
            let message = answer(hop)?;
            // The route of who asked is read from the end (RFC 3261 section 12.1.2).
            let fault = fault(
                message,
                message.message().elements(Name::RecordRoute).last()?,
            )?;
            let lost = lost_to_server(case, hop, Some(fault.target))?;
            unusable_finding(rule, case, message, &fault, lost)
        };
        let of_invite = || {
            let message = hop.decisive()?.request()?;
            let fault = fault(
                message,
                message.message().elements(Name::RecordRoute).first()?,
            )?;
            let lost = lost_to_client(case, hop, Some(fault.target))?;
            unusable_finding(rule, case, message, &fault, lost)
        };
        of_answer().or_else(of_invite)
    })
}

/// What is wrong with the entry of the node that a message came from.
struct Fault {
    what: String,
    why: &'static str,
    certainty: Certainty,
    /// Where requests go by it.
    target: Target,
}

fn fault(message: &Signal, entry: &str) -> Option<Fault> {
    let uri = NameAddr::parse(entry).uri;
    let source = message.source();
    let host = uri.host.parse().ok()?;
    let has_lr = uri
        .params
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("lr"));
    if is_private(host) && !is_private(source.ip()) {
        return Some(Fault {
            what: format!("the private address {host}, though it came from {source}"),
            why: "The requests inside the call have to go there first, and cannot.",
            certainty: Certainty::Likely,
            target: Target(host, None),
        });
    }
    // Strict routing still works where both ends know it.
    (!has_lr && host == source.ip()).then(|| Fault {
        what: format!("{host}, without ;lr"),
        why: "Without it the requests inside the call are addressed to that node itself, which few still do right.",
        certainty: Certainty::Possible,
        target: Target(host, None),
    })
}

fn unusable_finding(
    rule: &Rule,
    case: &Case<'_>,
    message: &Arc<Signal>,
    fault: &Fault,
    lost: Lost<'_>,
) -> Option<Finding> {
    let by = case.call.node(message.source());
    let name = case.name(by);
    let kind = message
        .code()
        .map_or("INVITE".to_owned(), |code| code.to_string());
    let found = rule.finding(
        case,
        [message].into_iter().chain(lost.proof),
        Conclusion {
            fact: format!(
                "The {kind} that {name} sent on names as the way back {} ({}); {}.",
                fault.what,
                case.when(message),
                lost.words
            ),
            fact_certainty: Certainty::Certain,
            cause: fault.why.to_owned(),
            owner: case.roles.forwarder(by),
            to_act: None,
            certainty: fault.certainty,
            by: Some(by),
            severity: None,
            next: format!("Correct the address that {name} advertises in Record-Route."),
        },
    );
    found.map(|found| found.explaining(lost.seen_as))
}

pub(super) static RECORD_ROUTE_IGNORED: Rule = Rule {
    id: "record-route-ignored",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "The 2xx had a Record-Route, and the end of the call that got or wrote it sent a request inside \
            the dialog without a Route, which was refused with 404, 407 or 481, got no answer, or was an ACK \
            that did not stop the 2xx.",
    matters: "The request takes another way than the call and reaches a node that does not know it.",
    remedy: "Let that end follow the Record-Route of the 2xx.",
    silent: "Nothing was lost, or the request was a BYE that was refused: a rule of its own says so.",
    source: "RFC 3261 section 12.2.1.1; catalogue H6, T6",
    explains: &[
        "missing-ack",
        "hung-up",
        "platform-ended-call",
        "bye-unanswered",
        "hung-leg",
        "reinvite-refused",
        "reinvite-unanswered",
        "dialog-unknown",
    ],
    limits: &[],
    check: Check::Call(|rule, case| ignored(rule, case).into_iter().collect()),
};

/// So many requests inside one call are looked at.
const MOST: usize = 256;

fn ignored(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    ack_astray(rule, case).or_else(|| {
        let inside = case
            .call
            .transactions
            .iter()
            .filter(|request| request.in_dialog && !matches!(request.method, Method::Ack));
        inside
            .take(MOST)
            .find_map(|request| request_astray(rule, case, request))
    })
}

/// An ACK without Route that did not stop the 2xx.
fn ack_astray(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    case.way().into_iter().find_map(|hop| {
        let invite = hop.decisive()?;
        let (ack, lost) = (invite.acks.first()?, no_ack(case, hop)?);
        if !lacks_route(case, invite, ack) {
            return None;
        }
        let (what, proof) = (lost.words, lost.proof);
        ignored_finding(rule, case, invite, ack, &what, proof)
            .map(|found| found.explaining(lost.seen_as))
    })
}

fn request_astray(rule: &Rule, case: &Case<'_>, request: &Transaction) -> Option<Finding> {
    let first = request.request()?;
    let is_bye = request.method == Method::Bye;
    let refusal = request
        .final_response()
        .filter(|answer| !is_bye && matches!(answer.code(), Some(404 | 407 | 481)));
    let is_lost = refusal.is_some() || is_silent(request, None);
    if !is_lost || !lacks_route(case, request, first) {
        return None;
    }
    let what = match refusal {
        Some(answer) => format!("it was refused with {}", code_and_phrase(answer)),
        None => format!(
            "it was sent {} and got no answer",
            times(request.requests.len())
        ),
    };
    let proof = request.requests.iter().chain(refusal).collect();
    let seen_as: &[&str] = match is_bye {
        true => &["bye-unanswered", "hung-leg"],
        false => &["reinvite-refused", "reinvite-unanswered", "dialog-unknown"],
    };
    ignored_finding(rule, case, request, first, &what, proof).map(|found| found.explaining(seen_as))
}

fn ignored_finding(
    rule: &Rule,
    case: &Case<'_>,
    request: &Transaction,
    astray: &Arc<Signal>,
    what: &str,
    proof: Vec<&Arc<Signal>>,
) -> Option<Finding> {
    let name = case.name(request.client);
    let method = astray
        .request_method()
        .map_or("request".to_owned(), ToString::to_string);
    rule.finding(
        case,
        [astray].into_iter().chain(proof),
        Conclusion {
            fact: format!(
                "The {method} of {name} has no Route ({}), though the 2xx had a Record-Route; {what}.",
                case.when(astray)
            ),
            fact_certainty: Certainty::Certain,
            cause: "It took another way than the call.".to_owned(),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: None,
            next: format!("Let {name} send what belongs to the call along the Record-Route of the 2xx."),
        },
    )
}
