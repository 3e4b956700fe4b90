//! The rules on BYEs that were refused, and on those that only crossed.

use std::sync::Arc;

use jiff::SignedDuration;

use super::bye::is_bye_unanswered;
use super::ended::{furthest, lacks_route, passed_on, side_of, since};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::dialog::{MOST, Tags, challenged, tags};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Transaction};

pub(super) static BYE_REFUSED: Rule = Rule {
    id: "bye-refused",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A BYE that was answered with another final code than 2xx, on the last hop that it \
            reached: 481 (the call is not known there), 404 (it went to the wrong place), a challenge \
            that its sender did not answer, or anything else.",
    matters: "For the side that refused it the call may stay up, and be billed.",
    remedy: "Compare the tags, the Request-URI and the Route of the BYE with what the 2xx set up; \
             then see when the other side ended the call.",
    silent: "The other side had sent a BYE of its own, a second BYE was accepted, the code only tells of a further hop \
             that did not answer, or the BYE is of an answer that the caller did not keep (two-answers).",
    source: "RFC 3261 sections 12.2.1.1, 15.1 and 22; catalogue M11, M15, M18",
    explains: &["hung-leg"],
    limits: &[],
    check: Check::Call(bye_refused),
};

fn bye_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let refused: Vec<&Arc<Transaction>> = case
        .own_byes()
        .filter(|bye| is_refused(case, bye))
        .take(MOST)
        .collect();
    furthest(case, &refused)
        .into_iter()
        .filter_map(|bye| refused_finding(rule, case, bye))
        .collect()
}

fn is_final_refusal(bye: &Transaction) -> bool {
    bye.final_code().is_some_and(|code| code >= 300)
}

fn is_refused(case: &Case<'_>, bye: &Transaction) -> bool {
    let accepted_later = case.own_byes().any(|other| {
        (other.leg, other.client, other.server) == (bye.leg, bye.client, bye.server)
            && matches!(other.final_code(), Some(200..=299))
    });
    let further = passed_on(case, bye);
    let only_told = further
        .is_some_and(|next| next.final_response().is_none() || is_bye_unanswered(case, next));
    is_final_refusal(bye) && !accepted_later && !only_told && crossing(case, bye).is_none()
}

/// The BYE of the other side that had ended the same dialog by the time this one was answered.
fn crossing<'a>(case: &Case<'a>, bye: &Transaction) -> Option<&'a Arc<Transaction>> {
    let answered = bye.final_response()?.at();
    case.own_byes().find(|other| {
        (other.leg, other.client.ip(), other.server.ip())
            == (bye.leg, bye.server.ip(), bye.client.ip())
            && other.started() <= Some(answered)
    })
}

fn refused_finding(rule: &Rule, case: &Case<'_>, bye: &Transaction) -> Option<Finding> {
    let (request, answer) = (bye.request()?, bye.final_response()?);
    let code = answer.message().code()?;
    let (sender, refuser) = (case.name(bye.client), case.name(bye.server));
    let (from, to) = (side_of(case, bye.client), side_of(case, bye.server));
    let (owner, certainty, cause): (Owner, _, String) = match (code, tags(case, bye)) {
        (401 | 407, _) => challenged::unanswered(case, bye),
        (_, Tags::Others) => (
            from.into(),
            Certainty::Likely,
            "Its tags are not those of the call that was answered.".to_owned(),
        ),
        _ if lacks_route(case, bye, request) => (
            from.into(),
            Certainty::Likely,
            "The 2xx gave a Record-Route, and the BYE has no Route: it took another way than the \
             call."
                .to_owned(),
        ),
        (481, Tags::Same) => (
            to.into(),
            Certainty::Likely,
            format!("{refuser} no longer knew the call, although the tags are right."),
        ),
        (481, Tags::Unknown) => (
            Party::Undecided.into(),
            Certainty::Possible,
            format!("{refuser} did not know the call: it lost it, or the tags are wrong."),
        ),
        (404, _) => (
            Party::Undecided.into(),
            Certainty::Possible,
            "It went to a place that does not know where to send it on: a wrong Contact or Route."
                .to_owned(),
        ),
        (408 | 504, _) => (
            to.into(),
            Certainty::Possible,
            format!("{refuser} got no answer in time from behind it."),
        ),
        _ => (
            to.into(),
            Certainty::Possible,
            "Why it refuses a BYE the code alone does not say.".to_owned(),
        ),
    };
    let blame = Blame {
        cause: match code {
            408 | 504 => format!("{cause} There the call may run on."),
            _ => format!("{cause} For that side the call may run on."),
        },
        owner,
        certainty,
        next: format!(
            "See when {refuser} ended the call and what it billed after {}; compare the BYE with \
             the Contact, tags and Record-Route of the answer.",
            case.when(request)
        ),
    };
    let fact = format!(
        "{refuser} answered the BYE of {sender} ({}) with {}.",
        case.when(request),
        code_and_phrase(answer),
    );
    let conclusion = Conclusion {
        to_act: matches!(owner, Owner::Party(_)).then_some(to.into()),
        ..Conclusion::certain(fact, bye.server, blame)
    };
    rule.finding(case, [request, answer], conclusion)
}

pub(super) static BYES_CROSSED: Rule = Rule {
    id: "byes-crossed",
    family: "ending",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Both sides of a dialog sent BYE, and one of them was refused because the other had \
            already ended it.",
    matters: "It looks like a failure and is none: both hung up at once.",
    remedy: "None.",
    silent: "Both were accepted, only one side sent one, or the second was sent after the first had been refused.",
    source: "RFC 5407 section 3.1.5; catalogue X11",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| byes_crossed(rule, case).into_iter().collect()),
};

/// Whether a BYE had been refused when the other one was sent: that is an answer to it, no crossing.
fn was_refused_before(first: &Transaction, later: &Transaction) -> bool {
    let refusal = first.final_response().filter(|_| is_final_refusal(first));
    refusal.is_some_and(|it| Some(it.at()) < later.started())
}

fn byes_crossed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (bye, other) = case
        .own_byes()
        .filter(|bye| is_final_refusal(bye))
        .find_map(|bye| Some((bye, crossing(case, bye)?)))
        .filter(|(bye, other)| !was_refused_before(other, bye))?;
    let (request, answer, theirs) = (bye.request()?, bye.final_response()?, other.request()?);
    let apart = since(bye.started(), other.started()).map_or(SignedDuration::ZERO, |it| it.abs());
    let conclusion = Conclusion {
        fact: format!(
            "{} and {} both sent BYE, {} apart; that of {} was answered {}.",
            case.name(other.client),
            case.name(bye.client),
            case.lasting(apart),
            case.name(bye.client),
            code_and_phrase(answer),
        ),
        fact_certainty: Certainty::Certain,
        cause: "The first had ended the call; the second found nothing left to end.".into(),
        owner: Party::Nobody.into(),
        to_act: None,
        certainty: Certainty::Certain,
        by: Some(bye.server),
        severity: None,
        next: String::new(),
    };
    rule.finding(case, [theirs, request, answer], conclusion)
}
