//! The rule on requests inside a call whose CSeq number is not higher than the one before.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Method, Signal, Transaction};

pub(super) static STALE_CSEQ: Rule = Rule {
    id: "stale-cseq",
    family: "dialog",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A request inside a dialog whose CSeq number is not higher than that of an earlier one of the same side, and \
            that was answered 500.",
    matters: "Who gets it must refuse it: hold, refresh, transfer or the end of the call fails.",
    remedy: "Let the device count CSeq up with every new request in a dialog, those with credentials too.",
    silent: "The code is another one, or the number is higher: then the 500 has another reason.",
    source: "RFC 3261 section 12.2.2; catalogue M17",
    explains: &[
        "reinvite-refused",
        "bye-refused",
        "prack-refused",
        "transfer-failed",
    ],
    limits: &[],
    check: Check::Call(|rule, case| stale_cseq(rule, case).into_iter().collect()),
};

/// Which side's requests on which way: leg, From tag, nodes.
type Way<'a> = (usize, Option<&'a str>, SocketAddr, SocketAddr);

fn stale_cseq(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let mut highest: HashMap<Way<'_>, &Arc<Signal>> = HashMap::new();
    for request in &case.call.transactions {
        let (Some(sent), false) = (
            request.request(),
            matches!(request.method, Method::Ack | Method::Cancel),
        ) else {
            continue;
        };
        let way = (
            request.leg,
            request.from_tag.as_deref(),
            request.client,
            request.server,
        );
        let before = highest.get(&way).copied();
        let is_higher = before.is_none_or(|before| before.cseq_number() < sent.cseq_number());
        if let Some(before) = before.filter(|_| !is_higher)
            && request.in_dialog
            && request.final_code() == Some(500)
        {
            return finding(rule, case, request, before);
        }
        if is_higher {
            highest.insert(way, sent);
        }
    }
    None
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    request: &Transaction,
    before: &Arc<Signal>,
) -> Option<Finding> {
    let (sent, answer) = (request.request()?, request.final_response()?);
    let (sender, refuser) = (case.name(request.client), case.name(request.server));
    let fact = format!(
        "{sender} sent {} with CSeq {} ({}) after {} with CSeq {} ({}); {refuser} answered {}.",
        request.method,
        sent.cseq_number(),
        case.when(sent),
        before.method().map_or("a request", Method::as_str),
        before.cseq_number(),
        case.when(before),
        code_and_phrase(answer),
    );
    let blame = Blame {
        cause: "The number has to rise with every new request of a side; one that does not is refused with 500."
            .into(),
        owner: side_of(case, request.client).into(),
        certainty: Certainty::Likely,
        next: format!("Show the owner of {sender} both requests: its SIP software counts wrongly."),
    };
    rule.finding(
        case,
        [before, sent, answer],
        Conclusion::certain(fact, request.client, blame),
    )
}
