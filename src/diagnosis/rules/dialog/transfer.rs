//! The rule on transfers that did not come about.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{MOST, is_at_the_end};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::{furthest, goes_to_caller, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Method, Signal, StartLine, Transaction};

pub(super) static TRANSFER_FAILED: Rule = Rule {
    id: "transfer-failed",
    family: "dialog",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A REFER that was refused; or accepted, and the NOTIFY that followed says that the call to the target \
            failed (300 or more), or none followed in 32 s: a warning then. On the last hop that it reached.",
    matters: "The caller stays with who wanted to hand the call on, or is lost between both.",
    remedy: "Refused: allow REFER there. Failed at the target: try the target directly. No NOTIFY: ask the owner of \
             the device that was asked.",
    silent: "The REFER was challenged, not known there (dialog-unknown), or tried again and accepted; the call ended \
             before; no NOTIFY was wanted (Refer-Sub: false).",
    source: "RFC 3515 sections 2.4.2 to 2.4.5; RFC 4488; RFC 5589; catalogue M12",
    explains: &[],
    limits: &[],
    check: Check::Call(transfer_failed),
};

/// For so long a NOTIFY may be under way: as long as any request (RFC 3261 section 17.1.2.2, timer F).
const TIMER_F: SignedDuration = SignedDuration::from_secs(32);

fn transfer_failed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let refers = case.call.with_method(Method::Refer);
    let refers: Vec<&Arc<Transaction>> = refers
        .filter(|it| it.request().is_some())
        .take(MOST)
        .collect();
    if refers.is_empty() {
        return Vec::new();
    }
    let last = furthest(case, &refers);
    let is_retried = |refer: &Transaction| {
        last.iter().any(|other| {
            goes_to_caller(case, other) == goes_to_caller(case, refer)
                && other.started() > refer.started()
                && matches!(other.final_code(), Some(200..=299))
        })
    };
    let failed = last.iter().filter(|refer| !is_retried(refer));
    failed
        .filter_map(|refer| {
            let answer = refer.final_response()?;
            match answer.code()? {
                200..=299 => {
                    let told = told(case, refer);
                    let failure = told
                        .last()
                        .and_then(|it| failed_with(it).map(|code| (*it, code)));
                    match failure {
                        Some((notify, said)) => at_target(rule, case, refer, notify, &said),
                        None if told.is_empty() => untold(rule, case, refer, answer),
                        None => None,
                    }
                }
                401 | 407 | 481 | 491 => None,
                _ if is_at_the_end(case, refer) => None,
                _ => refused(rule, case, refer, answer),
            }
        })
        .collect()
}

/// The NOTIFYs in which the side that was asked told how the transfer went, in order.
fn told<'a>(case: &Case<'a>, refer: &Transaction) -> Vec<&'a Arc<Signal>> {
    let is_about = |notify: &&'a Arc<Signal>| {
        let event = notify.message().event();
        event.is_none_or(|event| event.package == "refer")
    };
    let back = case.call.with_method(Method::Notify).filter(|notify| {
        notify.leg == refer.leg
            && notify.client.ip() == refer.server.ip()
            && notify.started() >= refer.started()
    });
    back.filter_map(|notify| notify.request())
        .filter(is_about)
        .take(MOST)
        .collect()
}

/// The code with which the call to the target failed, with its phrase.
fn failed_with(notify: &Signal) -> Option<String> {
    match notify.message().sipfrag()? {
        StartLine::Response { code, reason } if code >= 300 => Some(match reason.as_str() {
            "" => code.to_string(),
            reason => format!("{code} {reason}"),
        }),
        _ => None,
    }
}

/// Whom the REFER named, as written there.
fn target(refer: &Signal) -> String {
    let target = refer.message().refer_to().map(|to| to.address.uri);
    let user = target.and_then(|uri| uri.user.or(Some(uri.host)));
    user.filter(|it| !it.is_empty())
        .map_or("nobody".to_owned(), |it| it)
}

fn refused(
    rule: &Rule,
    case: &Case<'_>,
    refer: &Transaction,
    answer: &Arc<Signal>,
) -> Option<Finding> {
    let request = refer.request()?;
    let (sender, refuser) = (case.name(refer.client), case.name(refer.server));
    let fact = format!(
        "{sender} asked to transfer the call to {} (REFER, {}); {refuser} refused with {}.",
        target(request),
        case.when(request),
        code_and_phrase(answer),
    );
    let cause = match answer.code()? {
        405 | 501 => "It takes no REFER: transfers are switched off there, or not known.",
        400..=499 | 603 => {
            "It does not let the call be transferred so: the target or the right to transfer."
        }
        _ => "Something failed there.",
    };
    let blame = Blame {
        cause: cause.into(),
        owner: side_of(case, refer.server).into(),
        certainty: Certainty::Likely,
        next: format!("Ask the owner of {refuser} whether it takes REFER, and to which targets."),
    };
    rule.finding(
        case,
        [request, answer],
        Conclusion::certain(fact, refer.server, blame),
    )
}

fn at_target(
    rule: &Rule,
    case: &Case<'_>,
    refer: &Transaction,
    notify: &Arc<Signal>,
    said: &str,
) -> Option<Finding> {
    let request = refer.request()?;
    let fact = format!(
        "{} asked to transfer the call to {} (REFER, {}); {} tried and reported {said} ({}).",
        case.name(refer.client),
        target(request),
        case.when(request),
        case.name(refer.server),
        case.when(notify),
    );
    let blame = Blame {
        cause: "The call to the target failed with that code; that call is another one than this."
            .into(),
        owner: Party::Undecided.into(),
        certainty: Certainty::Possible,
        next: format!(
            "Look for the call of {} to the target, and call the target directly.",
            case.name(refer.server)
        ),
    };
    let conclusion = Conclusion {
        to_act: Some(side_of(case, refer.client).into()),
        ..Conclusion::certain(fact, refer.server, blame)
    };
    rule.finding(case, [request, notify], conclusion)
}

fn untold(
    rule: &Rule,
    case: &Case<'_>,
    refer: &Transaction,
    answer: &Arc<Signal>,
) -> Option<Finding> {
    let request = refer.request()?;
    let wants_none = |signal: &Signal| {
        let value = signal.message().other_header("Refer-Sub");
        value.is_some_and(|it| it.trim().to_ascii_lowercase().starts_with("false"))
    };
    // After a BYE nobody owes a NOTIFY that could still be delivered.
    let mut byes = case
        .own_byes()
        .filter(|bye| bye.leg == refer.leg)
        .filter_map(|bye| bye.request());
    let ends_soon = byes.any(|bye| bye.at().duration_since(answer.at()) < TIMER_F);
    if wants_none(request) || wants_none(answer) || ends_soon || !case.watched_for(answer, TIMER_F)
    {
        return None;
    }
    let server = case.name(refer.server);
    let fact = format!(
        "{} asked to transfer the call to {} (REFER, {}); {server} accepted, and no NOTIFY said in 32 s how it went.",
        case.name(refer.client),
        target(request),
        case.when(request),
    );
    let side: Side = side_of(case, refer.server);
    let blame = Blame {
        cause: "It did not try, did not tell, or its NOTIFY did not reach this capture point."
            .into(),
        owner: side.into(),
        certainty: Certainty::Possible,
        next: format!("See in the log of {server} what it did with the REFER."),
    };
    let conclusion = Conclusion {
        severity: Some(Severity::Warning),
        ..Conclusion::certain(fact, refer.server, blame)
    };
    rule.finding(case, [request, answer], conclusion)
}
