//! The rule on calls that were to take the place of another one and could not.

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::header::Replaces;
use crate::sip::{Certainty, Hop, Method};

pub(super) static REPLACES_FAILED: Rule = Rule {
    id: "replaces-failed",
    family: "dialog",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE with Replaces, as an attended transfer or a pick-up sends it, that was answered 481, 486 or 603; \
            and whether the tags in it are those of the call that it names, where that was seen.",
    matters: "The two calls of an attended transfer are not joined: one party hears nothing, or is cut off.",
    remedy: "Let Replaces name the dialog from its receiver's view: to-tag is the receiver's own tag, from-tag the \
             other side's.",
    silent: "Another code: then the INVITE failed as any other.",
    source: "RFC 3891 section 3; RFC 5589 section 7; catalogue M13",
    explains: &["other-refusal", "called-busy", "call-declined"],
    limits: &[],
    check: Check::Call(|rule, case| {
        let hops = case.call.hops.iter();
        let found = hops.rev().find_map(|hop| replaces_failed(rule, case, hop));
        found.into_iter().collect()
    }),
};

/// How the tags of Replaces stand to those of the call that it names.
enum Named {
    /// As they must be.
    Right,
    /// Each in the other's place.
    Swapped,
    /// They are those of no call with that Call-ID.
    Others,
    /// That call was not seen.
    Unseen,
}

fn named(case: &Case<'_>, hop: &Hop, replaces: &Replaces) -> Named {
    let Some(leg) = case
        .call
        .legs
        .iter()
        .position(|leg| leg.call_id == replaces.call_id)
    else {
        return Named::Unseen;
    };
    let (to, from) = (Some(&replaces.to_tag), Some(&replaces.from_tag));
    let mut found = Named::Unseen;
    let invites = case.call.with_method(Method::Invite);
    for invite in invites.filter(|it| it.leg == leg && !it.in_dialog) {
        let tagged = invite.responses.iter().filter(|it| it.to_tag.is_some());
        for answer in tagged {
            let (callers, callees) = (answer.from_tag.as_ref(), answer.to_tag.as_ref());
            let is_callers = invite.client.ip() == hop.server.ip();
            let (own, others) = if is_callers {
                (callers, callees)
            } else {
                (callees, callers)
            };
            if (to, from) == (own, others) {
                return Named::Right;
            }
            if (to, from) == (others, own) {
                return Named::Swapped;
            }
            found = Named::Others;
        }
    }
    found
}

fn replaces_failed(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let invite = hop.decisive()?.request()?;
    let answer = hop.final_response()?;
    let code = answer
        .code()
        .filter(|code| matches!(code, 481 | 486 | 603))?;
    let replaces = invite.message().replaces()?;
    let (sender, server) = (case.name(hop.client), case.name(hop.server));
    let fact = format!(
        "{sender} sent an INVITE ({}) that was to take the place of the call {}; {server} answered {}.",
        case.when(invite),
        replaces.call_id,
        code_and_phrase(answer),
    );
    let (owner, certainty, cause) = match named(case, hop, &replaces) {
        Named::Swapped => (
            hop.client,
            Certainty::Likely,
            "Its two tags stand each in the other's place.",
        ),
        Named::Others => (
            hop.client,
            Certainty::Likely,
            "Its tags are not those of that call.",
        ),
        Named::Right => (
            hop.server,
            Certainty::Likely,
            "Its tags are those of that call: it was gone there, or is kept by another node.",
        ),
        Named::Unseen if code == 481 => (
            hop.client,
            Certainty::Possible,
            "That call is not known there: its tags are swapped or changed on the way, or it was gone.",
        ),
        Named::Unseen if code == 486 => (
            hop.client,
            Certainty::Possible,
            "That call was answered already, and only a ringing one was to be replaced (early-only).",
        ),
        Named::Unseen => (
            hop.client,
            Certainty::Possible,
            "That call had ended there.",
        ),
    };
    let blame = Blame {
        cause: cause.into(),
        owner: case.roles.side(owner).into(),
        certainty,
        next: format!("Compare the tags in Replaces with those of that call as {server} knows it."),
    };
    rule.finding(
        case,
        [invite, answer],
        Conclusion::certain(fact, hop.server, blame),
    )
}
