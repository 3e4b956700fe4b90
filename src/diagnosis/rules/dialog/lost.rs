//! The rule on dialogs that one side no longer knows.

use std::sync::Arc;

use super::{MOST, Tags, is_at_the_end, tags};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::ending::ended::{furthest, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method, Transaction};

pub(super) static DIALOG_UNKNOWN: Rule = Rule {
    id: "dialog-unknown",
    family: "dialog",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "481 to a re-INVITE, UPDATE, INFO or REFER inside the call, on the last hop that it \
            reached; and whether its tags are those of the call that was answered.",
    matters: "One side has lost the call: a restart, another node, a changed tag. Its sender must end \
              the call.",
    remedy: "Right tags: ask who answered why the call was gone. Other tags: look at who wrote them.",
    silent: "The request crossed a BYE, or it was a BYE or OPTIONS: those have rules of their own. A \
             second try was accepted.",
    source: "RFC 3261 section 12.2.1.2; catalogue M11, S481",
    explains: &["hung-up", "platform-ended-call"],
    limits: &[],
    check: Check::Call(dialog_unknown),
};

fn dialog_unknown(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let unknown: Vec<&Arc<Transaction>> = case
        .call
        .transactions
        .iter()
        .filter(|t| {
            let kept = matches!(
                t.method,
                Method::Invite | Method::Update | Method::Info | Method::Refer
            );
            kept && t.in_dialog && t.final_code() == Some(481)
        })
        .filter(|t| !is_at_the_end(case, t) && !is_known_later(case, t))
        .take(MOST)
        .collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    furthest(case, &unknown)
        .into_iter()
        .filter_map(|request| finding(rule, case, request))
        .collect()
}

/// Whether the same side asked again and was not told 481.
fn is_known_later(case: &Case<'_>, request: &Transaction) -> bool {
    case.call.transactions.iter().any(|other| {
        other.in_dialog
            && (other.leg, other.client, other.server)
                == (request.leg, request.client, request.server)
            && other.method != Method::Bye
            && matches!(other.final_code(), Some(200..=299))
            && other.started() > request.started()
    })
}

fn finding(rule: &Rule, case: &Case<'_>, request: &Transaction) -> Option<Finding> {
    let (asked, answer) = (request.request()?, request.final_response()?);
    let (sender, refuser) = (case.name(request.client), case.name(request.server));
    let to = side_of(case, request.server);
    let (owner, certainty, cause): (Owner, _, String) = match tags(case, request) {
        Tags::Same => (
            to.into(),
            Certainty::Likely,
            format!("{refuser}, or a node behind it, lost the call: the tags are right."),
        ),
        Tags::Others => (
            side_of(case, request.client).into(),
            Certainty::Likely,
            "Its tags are not those of the call that was answered.".to_owned(),
        ),
        Tags::Unknown => (
            Party::Undecided.into(),
            Certainty::Possible,
            "It lost the call, or the tags are wrong; the 2xx with the tags was not seen."
                .to_owned(),
        ),
    };
    let fact = format!(
        "{refuser} answered the {} of {sender} ({}) with 481: it does not know the call.",
        match request.method {
            Method::Invite => "re-INVITE".to_owned(),
            ref method => method.to_string(),
        },
        case.when(asked),
    );
    let blame = Blame {
        cause,
        owner,
        certainty,
        next: format!(
            "Ask the owner of {refuser} whether it was restarted or another node took over, and \
             compare the tags of this request with those of the answer."
        ),
    };
    let conclusion = Conclusion {
        to_act: matches!(owner, Owner::Party(_)).then_some(to.into()),
        ..Conclusion::certain(fact, request.server, blame)
    };
    rule.finding(case, [asked, answer], conclusion)
}
