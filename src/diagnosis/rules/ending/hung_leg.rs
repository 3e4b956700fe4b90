//! The rule on legs that outlived the call: one side hung up, and the other was told late or never.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::ended::{Ended, answered, ended, side_of};
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Hop, Method, Transaction};

pub(super) static HUNG_LEG: Rule = Rule {
    id: "hung-leg",
    family: "ending",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "One side sent BYE and had it accepted, and the node in between sent its BYE to the other \
            side more than 2 s later, or not at all although the trace goes on for 5 s. A warning \
            where it came within 30 s, or where nothing more was seen of that leg.",
    matters: "The other side still thinks that the call is up: it is billed, and its user hears \
              nothing.",
    remedy: "Ask the owner of the node in between why it did not end the other leg; compare what was \
             billed.",
    silent: "The first BYE was refused or not answered, the call was transferred or went on to \
             somebody else, the other leg was not answered, or the trace lacks messages.",
    source: "RFC 3261 section 15, RFC 7092; catalogue M16, M18",
    explains: &[],
    limits: &[&AT_ONCE],
    check: Check::Call(|rule, case| hung_leg(rule, case).into_iter().collect()),
};

static AT_ONCE: Limit = Limit {
    key: "hung-leg.apart",
    what: "how much later than the first leg the other may end",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

/// What was not sent on by then was not sent on.
const WATCHED: SignedDuration = SignedDuration::from_secs(5);
/// Some platforms end the other leg late on purpose, within this.
const DELAYED: SignedDuration = SignedDuration::from_secs(30);

fn hung_leg(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    answered(case)?;
    let Ended::BySide(_, bye) = ended(case)? else {
        return None;
    };
    let accepted = bye
        .final_response()
        .filter(|answer| matches!(answer.message().code(), Some(200..=299)))?;
    let first = bye.request()?;
    if case.quality.is_lossy() || goes_on_elsewhere(case, bye) {
        return None;
    }
    // A BYE past the node in between, straight to the other end, ends both.
    if side_of(case, bye.server) != Side::Platform {
        return None;
    }
    let other = other_hop(case, bye)?;
    let middle = bye.server;
    let peer = if other.client.ip() == middle.ip() {
        other.server
    } else {
        other.client
    };
    let end = end_of(case, bye, other.leg, peer);
    let ended_at = end.and_then(|end| end.request());
    let late = ended_at.map(|end| end.at().duration_since(first.at()));
    let (what, severity, certainty) = match late {
        Some(late) if late <= case.tuning.time(&AT_ONCE) => return None,
        Some(late) => (
            format!(
                "the leg to {} ended {} later",
                case.name(peer),
                case.lasting(late)
            ),
            if late <= DELAYED {
                Severity::Warning
            } else {
                Severity::Error
            },
            Certainty::Likely,
        ),
        None if !case.watched_for(first, WATCHED) => return None,
        None if other.leg != bye.leg
            && lives_on(
                case,
                other.leg,
                shifted(first.at(), case.tuning.time(&AT_ONCE)),
            ) =>
        {
            (
                format!("the leg to {} went on without a BYE", case.name(peer)),
                Severity::Error,
                Certainty::Likely,
            )
        }
        // That it passed by another way cannot be ruled out.
        None => (
            format!("no BYE on the leg to {} was seen after it", case.name(peer)),
            Severity::Warning,
            Certainty::Possible,
        ),
    };
    let fact = format!(
        "{} hung up ({}), {} accepted that, and {what}.",
        case.name(bye.client),
        case.when(first),
        case.name(middle),
    );
    let blame = Blame {
        cause: format!(
            "{} did not pass the end of the call on at once; the other leg may be billed longer.",
            case.name(middle)
        ),
        owner: side_of(case, middle).into(),
        certainty,
        next: format!(
            "Ask why {} did not end the leg to {} with the call, and compare the billed times.",
            case.name(middle),
            case.name(peer)
        ),
    };
    let conclusion = Conclusion {
        severity: Some(severity),
        fact_certainty: if late.is_some() {
            Certainty::Certain
        } else {
            Certainty::Likely
        },
        ..Conclusion::certain(fact, middle, blame)
    };
    rule.finding(
        case,
        [first, accepted].into_iter().chain(ended_at),
        conclusion,
    )
}

/// The answered hop on the other side of the node that took the BYE.
fn other_hop<'a>(case: &Case<'a>, bye: &Transaction) -> Option<&'a Hop> {
    let middle = bye.server.ip();
    case.way().into_iter().find(|hop| {
        let ends = [hop.client.ip(), hop.server.ip()];
        matches!(hop.final_code(), Some(200..=299))
            && ends.contains(&middle)
            && !ends.contains(&bye.client.ip())
    })
}

/// The BYE that ended the other leg: any in a Call-ID of its own, as its Contact may lead elsewhere;
/// in the same one that which its far end sent or got.
fn end_of<'a>(
    case: &Case<'a>,
    bye: &Transaction,
    leg: usize,
    peer: SocketAddr,
) -> Option<&'a Arc<Transaction>> {
    let is_peers =
        |other: &Transaction| [other.client.ip(), other.server.ip()].contains(&peer.ip());
    case.byes()
        .find(|other| other.leg == leg && (leg != bye.leg || is_peers(other)))
}

/// Whether anything but the end of the call was seen of a leg after a time.
fn lives_on(case: &Case<'_>, leg: usize, after: Timestamp) -> bool {
    let later = case.call.signals.iter().rev();
    later
        .take_while(|(_, signal)| signal.at() > after)
        .any(|(of, _)| *of == leg)
}

/// Whether the call was meant to go on without who hung up: a transfer, a REFER or another INVITE.
fn goes_on_elsewhere(case: &Case<'_>, bye: &Transaction) -> bool {
    let later_invite = case.call.with_method(Method::Invite).any(|invite| {
        invite.started() >= bye.started()
            || invite
                .request()
                .is_some_and(|request| request.message().other_header("Replaces").is_some())
    });
    later_invite || case.call.with_method(Method::Refer).next().is_some()
}
