//! The rules on re-INVITEs and UPDATEs that were refused, that crossed, or that nobody answered.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{accepted_retry, asks_for_fax, challenged, changes, is_at_the_end, reinvites};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::{is_silent, passed_on, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::sdp::Direction;
use crate::sip::{Certainty, Method, Transaction};

pub(super) static REINVITE_REFUSED: Rule = Rule {
    id: "reinvite-refused",
    family: "dialog",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A re-INVITE or UPDATE that was refused, as 488, 403 or 5xx, or challenged and not sent again, on the last \
            hop that it reached. Only a note where a later one was accepted.",
    matters: "Hold, resume, a change of codec or of the media address did not happen: mostly heard \
              as silence or as a transfer that fails.",
    remedy: "Show who refused it the two descriptions; let it take what it took at setup.",
    silent: "It was challenged and came again, crossed another one (491), asked for fax, was refused with 481 or \
             408, or with a Session-Expires that is too small (422); an UPDATE before the call was answered; or the \
             call was being ended.",
    source: "RFC 3261 sections 14.1 and 14.2; RFC 3311 section 5.2; catalogue M9",
    explains: &[],
    limits: &[],
    check: Check::Call(reinvite_refused),
};

fn reinvite_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let is_refused = |invite: &Transaction| {
        let code = invite.final_code().unwrap_or(0);
        match code {
            401 | 407 => !challenged::is_repeated(case, invite),
            408 | 422 | 481 | 487 | 491 => false,
            code => code >= 300,
        }
    };
    changes(case, &CHANGES, is_refused)
        .into_iter()
        .filter(|change| is_after_answer(case, change) && !is_at_the_end(case, change))
        .filter(|invite| {
            !invite
                .described_by_client()
                .is_some_and(|offer| asks_for_fax(&offer))
        })
        .filter_map(|invite| refused_finding(rule, case, invite))
        .collect()
}

/// The requests that change a call that is up (RFC 3311 section 1).
const CHANGES: [Method; 2] = [Method::Invite, Method::Update];

/// What such a request is called.
fn what(change: &Transaction) -> &'static str {
    match change.method {
        Method::Update => "UPDATE",
        _ => "re-INVITE",
    }
}

/// Whether the call was up when it was sent: an UPDATE may come before.
fn is_after_answer(case: &Case<'_>, change: &Transaction) -> bool {
    let answered = case.answer().map(|answer| answer.at());
    change.method != Method::Update || answered.is_some_and(|at| change.started() > Some(at))
}

fn refused_finding(rule: &Rule, case: &Case<'_>, invite: &Transaction) -> Option<Finding> {
    const ENDED_BY_IT: SignedDuration = SignedDuration::from_secs(2);
    let (request, answer) = (invite.request()?, invite.final_response()?);
    let code = answer.message().code()?;
    let retry = accepted_retry(case, invite);
    let (refuser, to) = (case.name(invite.server), side_of(case, invite.server));
    let bye = case
        .own_byes()
        .find_map(|bye| bye.request())
        .filter(|bye| bye.at().duration_since(answer.at()) <= ENDED_BY_IT);
    let after = match (retry.and_then(|retry| retry.request()), bye) {
        (Some(retry), _) => format!("; another one ({}) was accepted", case.when(retry)),
        (None, Some(bye)) => format!("; BYE followed ({})", case.when(bye)),
        (None, None) => "; the call went on as it was".to_owned(),
    };
    let fact = format!(
        "{refuser} refused the {} of {} ({}{}) with {}{after}.",
        what(invite),
        case.name(invite.client),
        case.when(request),
        purpose(invite),
        code_and_phrase(answer),
    );
    let offers = invite.described_by_client().is_some();
    let (owner, certainty, cause): (Owner, _, String) = match code {
        401 | 407 => challenged::unanswered(case, invite),
        // These codes refuse media (RFC 3261 sections 21.4.26 and 21.6.4; RFC 3311 section 5.2).
        415 | 488 | 606 if !offers => (
            to.into(),
            Certainty::Possible,
            "It offers no media that could be refused; why it is not taken, the answer does not say.".into(),
        ),
        // Whether the offer is wrong or too little is allowed, one call does not say.
        415 | 488 | 606 => (
            Party::Undecided.into(),
            Certainty::Possible,
            "The media that it offers are not accepted there.".into(),
        ),
        500..=599 => (
            to.into(),
            Certainty::Likely,
            "Something failed at the one who answered, or behind it.".into(),
        ),
        _ => (
            to.into(),
            Certainty::Possible,
            "Why it allowed the call and not this change, it does not say.".into(),
        ),
    };
    let blame = Blame {
        cause,
        owner,
        certainty,
        next: match offers {
            _ if matches!(code, 401 | 407) => format!(
                "See why {} does not send it again with credentials, and whether {refuser} has to ask for them here.",
                case.name(invite.client)
            ),
            true => {
                format!("Ask the owner of {refuser} why it refuses this change; show both offers.")
            }
            false => format!(
                "Ask the owner of {refuser} why it refuses this {}.",
                what(invite)
            ),
        },
    };
    let conclusion = Conclusion {
        to_act: matches!(owner, Owner::Party(_)).then_some(to.into()),
        severity: retry.is_some().then_some(Severity::Info),
        ..Conclusion::certain(fact, invite.server, blame)
    };
    let retry = retry.and_then(|retry| retry.request());
    let proof = [request, answer].into_iter().chain(retry).chain(bye);
    rule.finding(case, proof, conclusion)
}

/// What a re-INVITE asked for, where its description says it plainly.
fn purpose(invite: &Transaction) -> &'static str {
    let offer = invite.described_by_client();
    match offer.as_ref().and_then(|offer| offer.sdp.audio()) {
        Some(audio) if matches!(audio.direction, Direction::SendOnly | Direction::Inactive) => {
            ", a hold"
        }
        _ => "",
    }
}

pub(super) static REINVITE_CROSSED: Rule = Rule {
    id: "reinvite-crossed",
    family: "dialog",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A re-INVITE that was answered 491 because both sides sent one at once. A warning where \
            no later one of that side was accepted although the call went on for 5 s; where both got \
            491, no later one of either.",
    matters: "Normal where it is tried again after a random wait; a change that is lost where it is \
              not.",
    remedy: "Let the side that got 491 try again: after 2.1 to 4 s where it made the Call-ID, within \
             2 s where it did not.",
    silent: "The code is another one.",
    source: "RFC 3261 section 14.1; RFC 5407 section 3.2; ITU-T T.38 annex D; catalogue X10, V26",
    explains: &[],
    limits: &[],
    check: Check::Call(reinvite_crossed),
};

fn reinvite_crossed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    const RETRIED_WITHIN: SignedDuration = SignedDuration::from_secs(5);
    let crossed = reinvites(case, |invite| invite.final_code() == Some(491));
    // The other side's, where that was refused for this one: one of both that goes through settles it.
    let twin_of = |invite: &Transaction| {
        crossed.iter().copied().find(|other| {
            let ends = (other.leg, other.client.ip(), other.server.ip());
            ends == (invite.leg, invite.server.ip(), invite.client.ip())
                && other.started() <= invite.final_response().map(|it| it.at())
                && invite.started() <= other.final_response().map(|it| it.at())
        })
    };
    let finding = |invite: &Arc<Transaction>| -> Option<Finding> {
        let (request, answer) = (invite.request()?, invite.final_response()?);
        let own = accepted_retry(case, invite);
        let twin = twin_of(invite);
        let retry = own.or_else(|| accepted_retry(case, twin?));
        let bye = case.own_byes().find_map(|bye| bye.request());
        let was_up = match bye {
            Some(bye) => bye.at().duration_since(answer.at()) >= RETRIED_WITHIN,
            None => case.watched_for(answer, RETRIED_WITHIN),
        };
        let is_lost = retry.is_none() && was_up;
        // Both were told the same, and neither asked again: said once.
        if is_lost
            && twin
                .and_then(|twin| twin.request())
                .is_some_and(|it| it.number < request.number)
        {
            return None;
        }
        let then = match retry.and_then(|retry| retry.request()) {
            Some(retry) if own.is_none() => {
                format!(
                    "so was that of the other side, whose next try ({}) was accepted",
                    case.when(retry)
                )
            }
            Some(retry) => format!("the next try ({}) was accepted", case.when(retry)),
            None if twin.is_some() => {
                "so was that of the other side, and no later one of either was accepted".to_owned()
            }
            None => "no later one of that side was accepted".to_owned(),
        };
        let owner: Owner = match twin {
            Some(_) => Party::Undecided.into(),
            None => side_of(case, invite.client).into(),
        };
        let is_fax = |change: &Transaction| {
            change
                .described_by_client()
                .is_some_and(|offer| asks_for_fax(&offer))
        };
        let cause = match is_fax(invite) && twin.is_none_or(|twin| is_fax(twin)) {
            true => {
                "Both sides wanted to change the call to fax at the same time; the gateway of the called side is the one \
                 to ask for T.38."
            }
            false => "Both sides wanted to change the call at the same time.",
        };
        let conclusion = Conclusion {
            fact: format!(
                "{} answered the re-INVITE of {} ({}) with 491; {then}.",
                case.name(invite.server),
                case.name(invite.client),
                case.when(request),
            ),
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner: if is_lost { owner } else { Party::Nobody.into() },
            to_act: None,
            certainty: if is_lost {
                Certainty::Possible
            } else {
                Certainty::Likely
            },
            by: Some(invite.server),
            severity: is_lost.then_some(Severity::Warning),
            next: if is_lost && twin.is_some() {
                format!(
                    "See why neither {} nor {} repeats its re-INVITE after a 491.",
                    case.name(invite.client),
                    case.name(invite.server),
                )
            } else if is_lost {
                format!(
                    "See why {} does not repeat its re-INVITE after a 491.",
                    case.name(invite.client)
                )
            } else {
                String::new()
            },
        };
        let retry = retry.and_then(|retry| retry.request());
        rule.finding(case, [request, answer].into_iter().chain(retry), conclusion)
    };
    crossed.iter().copied().filter_map(finding).collect()
}

pub(super) static REINVITE_UNANSWERED: Rule = Rule {
    id: "reinvite-unanswered",
    family: "dialog",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A re-INVITE or UPDATE that nobody answered: sent three times or more without a reply, left for 32 s \
            with a provisional one at most, or answered 408; on the last hop that it reached.",
    matters: "Its sender must take the call for dead and end it, though both sides still talk.",
    remedy: "Check that requests inside the call take the way of its Contact and Record-Route, and \
             that the NAT in front of the silent side keeps that way open.",
    silent: "A final answer came, it was cancelled, an UPDATE before the call was answered, or the call was being ended.",
    source: "RFC 3261 sections 12.2.1.2 and 14.1; RFC 3311 section 5.3; catalogue M10",
    explains: &["hung-up", "platform-ended-call"],
    limits: &[],
    check: Check::Call(reinvite_unanswered),
};

fn reinvite_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    const TIMER_B: SignedDuration = SignedDuration::from_secs(32);
    let is_dead = |invite: &Transaction| {
        let no_reply = invite.responses.is_empty() && is_silent(invite, None);
        // What it was sent on as tells where it got stuck.
        let no_final = || {
            let waits = !invite.responses.is_empty()
                || invite
                    .request()
                    .is_some_and(|it| it.packet.transport.is_reliable());
            waits
                && invite.final_response().is_none()
                && invite
                    .requests
                    .iter()
                    .any(|it| case.watched_for(it, TIMER_B))
                && passed_on(case, invite).is_none()
        };
        invite.cancels.is_empty() && (no_reply || no_final() || invite.final_code() == Some(408))
    };
    changes(case, &CHANGES, is_dead)
        .into_iter()
        .filter(|change| is_after_answer(case, change) && !is_at_the_end(case, change))
        .filter_map(|invite| unanswered_finding(rule, case, invite))
        .collect()
}

fn unanswered_finding(rule: &Rule, case: &Case<'_>, invite: &Transaction) -> Option<Finding> {
    const GIVES_UP: SignedDuration = SignedDuration::from_secs(40);
    let request = invite.request()?;
    let (sender, silent) = (case.name(invite.client), case.name(invite.server));
    let trying = invite.first_response();
    let to = side_of(case, invite.server);
    let (what, owner, cause): (String, Owner, String) = match (invite.final_code(), trying) {
        (Some(code), _) => (
            format!("was answered {code}"),
            to.into(),
            format!("Something behind {silent} did not answer in time."),
        ),
        (None, Some(trying)) => (
            format!(
                "got no more than {} ({})",
                trying.message().code().unwrap_or(100),
                case.when(trying)
            ),
            to.into(),
            format!("It arrived at {silent}, and it or something behind it got stuck."),
        ),
        (None, None) => (
            format!("was sent {} and got no reply", times(invite.requests.len())),
            Side::Between.into(),
            format!("{silent} did not get it, or its answer did not reach this capture point."),
        ),
    };
    // Who gave up is who must end the call.
    let bye = case
        .own_byes()
        .filter(|bye| bye.started() > Some(request.at()))
        .find_map(|bye| Some((bye, bye.request()?)));
    let gave_up = bye.filter(|(bye, sent)| {
        side_of(case, bye.client) == side_of(case, invite.client)
            && sent.at().duration_since(request.at()) <= GIVES_UP
    });
    let then = match gave_up {
        Some((bye, sent)) => format!(
            "; {} sent BYE {} after it",
            case.name(bye.client),
            case.lasting(sent.at().duration_since(request.at()))
        ),
        None => String::new(),
    };
    let fact = format!(
        "The {} of {sender} to {silent} ({}{}) {what}{then}.",
        self::what(invite),
        case.when(request),
        purpose(invite),
    );
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause,
        owner,
        to_act: Some(to.into()),
        certainty: if gave_up.is_some() {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        by: None,
        severity: gave_up.is_none().then_some(Severity::Warning),
        next: format!(
            "Check that {silent} can be reached by requests inside the call: its Contact, \
             Record-Route and the NAT in front of it."
        ),
    };
    let proof = invite
        .requests
        .iter()
        .chain(trying)
        .chain(invite.final_response())
        .chain(gave_up.map(|(_, sent)| sent));
    let finding = rule.finding(case, proof, conclusion)?;
    Some(if gave_up.is_some() {
        finding
    } else {
        finding.explaining(&[])
    })
}
