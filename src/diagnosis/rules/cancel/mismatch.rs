//! The rule on CANCELs that fit no INVITE.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method, Signal, Transaction};

pub(super) static CANCEL_MISMATCH: Rule = Rule {
    id: "cancel-mismatch",
    family: "cancel",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A CANCEL that was answered 481, or that did not end its INVITE, and that differs from it in what must be \
            the same: branch, CSeq number or Request-URI; or a CANCEL answered 481 although all of that is the same.",
    matters: "It cancels nothing: the called side rings on, and may be answered and billed.",
    remedy: "Let the CANCEL repeat the Via branch, CSeq number and Request-URI of its INVITE.",
    silent: "The final answer to the INVITE and the CANCEL crossed, or the INVITE ended with 487: then the CANCEL was \
             understood.",
    source: "RFC 3261 section 9.1; catalogue X4, S481",
    explains: &["cancel-unanswered", "platform-gave-up"],
    limits: &[],
    check: Check::Call(|rule, case| {
        let mut cancels = case.call.with_method(Method::Cancel).take(MOST);
        let found = cancels.find_map(|cancel| mismatched(rule, case, cancel));
        found.into_iter().collect()
    }),
};

/// More of one call than these tell nothing new.
const MOST: usize = 64;

fn mismatched(rule: &Rule, case: &Case<'_>, cancel: &Arc<Transaction>) -> Option<Finding> {
    let request = cancel.request()?;
    let hop = case.call.hops.iter().find(|hop| {
        (hop.leg, hop.client, hop.server) == (cancel.leg, cancel.client, cancel.server)
    })?;
    // The one that it fits; else the last one that it can have meant.
    let earlier = || {
        let sent = hop
            .invites
            .iter()
            .filter_map(|invite| Some((invite, invite.request()?)));
        sent.filter(|(_, invite)| invite.number < request.number)
    };
    let fits =
        |(_, invite): &(&Arc<Transaction>, &Arc<Signal>)| differences(invite, request).is_empty();
    let (invite, sent) = earlier().find(fits).or_else(|| earlier().next_back())?;
    let ended = invite.final_response();
    let unknown = cancel.final_response().filter(|it| it.code() == Some(481));
    let differences = differences(sent, request);
    // A final answer that went out before the CANCEL was answered crossed it.
    let until = unknown.map_or(request.number, |unknown| unknown.number);
    let is_final = |it: &Arc<Signal>| it.code().is_some_and(|code| code >= 200);
    let crossed = invite
        .responses
        .iter()
        .any(|it| is_final(it) && it.number < until);
    let is_taken = ended.is_some_and(|it| match it.code() {
        Some(487) => true,
        Some(200..=299) => differences.is_empty(),
        _ => false,
    });
    // Without an answer the CANCEL may not have got there.
    let is_answered = cancel.final_response().is_some();
    let is_odd = unknown.is_some() || !differences.is_empty();
    if crossed || is_taken || !is_answered || !is_odd {
        return None;
    }
    let (client, server) = (case.name(cancel.client), case.name(cancel.server));
    let answer = match unknown {
        Some(_) => format!("{server} answered 481, it knows no such INVITE"),
        None => format!("{server} did not end that INVITE"),
    };
    let (owner, certainty, cause) = if differences.is_empty() {
        let cause = "Branch, CSeq number and Request-URI are those of the INVITE: it lost the INVITE, or another node \
                     got the CANCEL.";
        (cancel.server, Certainty::Possible, cause.to_owned())
    } else {
        let cause = format!(
            "It differs from its INVITE in {}.",
            differences.join(" and ")
        );
        (cancel.client, Certainty::Likely, cause)
    };
    let fact = format!(
        "{client} sent CANCEL ({}) for its INVITE ({}); {answer}.",
        case.when(request),
        case.when(sent),
    );
    let blame = Blame {
        cause,
        owner: case.roles.side(owner).into(),
        certainty,
        next: format!(
            "Compare CANCEL and INVITE of {client} line by line; see how long {server} rang on, and whether it was \
             answered."
        ),
    };
    let proof = [sent, request]
        .into_iter()
        .chain(cancel.final_response())
        .chain(ended);
    rule.finding(case, proof, Conclusion::certain(fact, cancel.client, blame))
}

/// What must be the same in both and is not (RFC 3261 section 9.1). Without the magic cookie a branch says nothing.
fn differences(invite: &Signal, cancel: &Signal) -> Vec<&'static str> {
    let is_branched = |signal: &Signal| {
        let via = signal.message().top_via();
        via.is_some_and(|via| via.has_magic_cookie())
    };
    let uri = |signal: &Signal| signal.message().request_uri();
    let mut found = Vec::new();
    if invite.branch != cancel.branch && is_branched(invite) && is_branched(cancel) {
        found.push("the branch");
    }
    if invite.cseq_number() != cancel.cseq_number() {
        found.push("the CSeq number");
    }
    if uri(invite) != uri(cancel) {
        found.push("the Request-URI");
    }
    found
}
