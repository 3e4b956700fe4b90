//! The rule on requests whose target could not be looked up in DNS, by the word of the node that tried. Looks nothing
//! up itself; what DNS packets show is for the rules of `dns`.

use super::MOST;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Name, Signal, Transaction};

pub(super) static NAME_UNRESOLVED: Rule = Rule {
    id: "name-unresolved",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A request that was refused with 478, or with 4xx or 5xx and a phrase, Reason or Warning that speaks of DNS \
            or of a destination that cannot be resolved: and the name that it had to go to, where one stands in its \
            Route or Request-URI.",
    matters: "Nothing was sent on: the name has no address, or the node that asked gets no answer from its DNS.",
    remedy: "Look the name up from that node: NAPTR, SRV, then A or AAAA; correct the record, or the name in the route. \
             A capture that holds port 53 beside SIP shows what it was told: dns-lookup-failed.",
    silent: "The refusal does not speak of it: a node that hides it answers 503, 480 or 500 like any other. What DNS \
             packets show is for dns-lookup-failed and srv-points-nowhere, which explain this.",
    source: "RFC 3263 section 4; RFC 3261 section 8.1.3.1; catalogue L6",
    explains: &[
        "refused-by-platform",
        "server-failure",
        "called-unavailable",
        "number-not-found",
        "request-timeout",
        "other-refusal",
        "bye-refused",
        "reinvite-refused",
    ],
    limits: &[],
    check: Check::Call(|rule, case| name_unresolved(rule, case).into_iter().collect()),
};

fn name_unresolved(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Nearest to who could not look it up: what others pass on is later.
    let refused = case.call.transactions.iter().filter_map(|request| {
        let answer = request.final_response()?;
        speaks_of_dns(answer).then_some((request, answer))
    });
    let (request, answer) = refused.take(MOST).min_by_key(|(_, answer)| answer.at())?;
    let first = request.request()?;
    let node = request.server;
    let target = target(first, request);
    let (what, owner): (String, Owner) = match &target {
        // Inside a dialog the other end gave the name, in its Contact.
        Some(name) if request.in_dialog => (
            format!("; it had to go to {name}, which the other end had given"),
            Party::Undecided.into(),
        ),
        Some(name) => (
            format!("; it had to go to {name}"),
            side_of(case, request.client).into(),
        ),
        // It chose the next hop by itself.
        None => (String::new(), side_of(case, node).into()),
    };
    let name = target.unwrap_or_else(|| "the name that its route has".to_owned());
    rule.finding(
        case,
        [first, answer],
        Conclusion {
            fact: format!(
                "{} refused the {} with {} ({}): it could not resolve where to send it{what}.",
                case.name(node),
                request.method,
                code_and_phrase(answer),
                case.when(answer),
            ),
            fact_certainty: Certainty::Certain,
            cause: "The name has no record that serves, or that node's DNS does not answer; which, its word does not tell."
                .to_owned(),
            owner,
            to_act: Some(side_of(case, node).into()),
            certainty: Certainty::Possible,
            by: Some(node),
            severity: None,
            next: format!(
                "On {}: look up {name} (NAPTR, SRV, A, AAAA), and see whether its DNS server answers.",
                case.name(node)
            ),
        },
    )
}

/// Whether a refusal says that a name could not be resolved.
fn speaks_of_dns(answer: &Signal) -> bool {
    /// Unresolvable destination, as SIP proxies answer it; registered by no RFC.
    const UNRESOLVABLE: u16 = 478;
    let message = answer.message();
    let Some(code @ 400..=599) = message.code() else {
        return false;
    };
    let warning = message.header(Name::Warning).unwrap_or_default();
    let reasons = message.reasons();
    let texts = [message.reason_phrase(), &*warning];
    let texts = texts
        .into_iter()
        .chain(reasons.iter().map(|reason| reason.text.as_str()));
    let mut words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    code == UNRESOLVABLE
        || words.any(|word| {
            let word = word.to_ascii_lowercase();
            matches!(
                word.as_str(),
                "dns" | "unresolvable" | "unresolved" | "nxdomain"
            )
        })
}

/// The name that a request had to go to next: of its topmost Route, else of its Request-URI. Nothing where that is an
/// address, or the very node that got it.
fn target(request: &Signal, of: &Transaction) -> Option<String> {
    let message = request.message();
    let host = match message.header(Name::Route) {
        Some(route) => crate::sip::header::NameAddr::parse(&route).uri.host,
        None => message.request_uri()?.host,
    };
    let is_address = host
        .trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
        .is_ok();
    let is_own = host == of.server.ip().to_string();
    (!is_address && !is_own && !host.is_empty()).then_some(host)
}
