//! Rules on calls that were refused, by the final response code where it was made (RFC 3261
//! section 21) and the Q.850 cause it carries (RFC 3326, RFC 3398 section 7.2.4.1). What such a
//! refusal is stands in `diagnosis::refusal`; here is whose it is and what to do.

mod called;
mod causes;
mod declined;
mod failover;
mod forbidden;
mod given_up;
mod held_back;
mod message;
mod network;
mod number;
mod platform;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::Rule;
use crate::diagnosis::words::listed;
use crate::sip::Certainty;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &platform::REFUSED_BY_PLATFORM,
    &forbidden::CALL_FORBIDDEN,
    &number::NUMBER_NOT_FOUND,
    &network::REQUEST_TIMEOUT,
    &called::NO_ANSWER,
    &called::CALLED_UNAVAILABLE,
    &called::CALLED_BUSY,
    &called::MEDIA_NOT_ACCEPTABLE,
    &network::CARRIER_NO_CIRCUIT,
    &network::SERVER_FAILURE,
    &declined::CALL_DECLINED,
    &message::CALL_REDIRECTED,
    &message::REQUEST_REJECTED,
    &message::OTHER_REFUSAL,
    &failover::ROUTE_FAILED_OVER,
    &failover::BUSY_FAILED_OVER,
    &failover::LATER_ROUTE_FAILED,
    &given_up::ROUTE_GIVEN_UP,
    &held_back::CALL_HELD_BACK,
    &causes::CODE_CAUSE_MISMATCH,
    &causes::REASONS_DISAGREE,
];

/// The least that a platform waits for a route before it tries the next one.
const FIRST_REPLY: jiff::SignedDuration = jiff::SignedDuration::from_millis(400);

/// What a rule makes of a refusal: who owns it, how sure, who acts, why, what next.
struct Reading {
    owner: Owner,
    to_act: Option<Owner>,
    certainty: Certainty,
    severity: Option<Severity>,
    cause: String,
    next: String,
}

impl Reading {
    fn new(owner: impl Into<Owner>, certainty: Certainty, cause: &str, next: &str) -> Reading {
        Reading {
            owner: owner.into(),
            to_act: None,
            certainty,
            severity: None,
            cause: cause.into(),
            next: next.into(),
        }
    }

    /// Nobody can be named; `cause` says between whom it lies.
    fn undecided(case: &Case<'_>, refusal: &Refusal<'_>, cause: &str, next: &str) -> Reading {
        Reading::new(Party::Undecided, Certainty::Possible, cause, next)
            .acts(who_checks(case, refusal))
    }

    fn acts(mut self, who: impl Into<Owner>) -> Reading {
        self.to_act = Some(who.into());
        self
    }

    fn severity(mut self, severity: Severity) -> Reading {
        self.severity = Some(severity);
        self
    }
}

/// Makes the finding of a refusal of this kind.
fn refused<'a>(
    rule: &Rule,
    case: &Case<'a>,
    kind: Kind,
    read: impl Fn(&Refusal<'a>) -> Reading,
) -> Vec<Finding> {
    let Some(refusal) = Refusal::of(case) else {
        return Vec::new();
    };
    // Challenges and cancellations have families of their own.
    let answer = refusal.origin.answer;
    let is_challenge =
        matches!(refusal.code, 401 | 407) && !answer.message().challenges().is_empty();
    let ingress = case.call.ingress();
    let cancelled = ingress.and_then(|hop| case.call.withdrawal(hop));
    let is_cancelled = cancelled.is_some_and(|cancel| cancel.at() <= answer.at());
    if is_challenge || is_cancelled || refusal.code == 487 || refusal.kind(case) != kind {
        return Vec::new();
    }
    let mut reading = read(&refusal);
    let is_unseen = refusal.is_behind_unseen(case);
    if is_unseen && refusal.ringing.is_none() {
        behind_the_unseen(case, &mut reading);
    } else if is_unseen && reading.owner == Owner::Side(Side::CalledPeer) {
        reading.owner = Party::Undecided.into();
        reading.to_act = Some(Side::Platform.into());
        reading.certainty = Certainty::Possible;
        let (leg, next) = other_leg(case);
        reading.next = next;
        reading.cause = format!("It rang, so the platform had called somebody; {leg}.");
    } else if refusal.has_platforms_phrase_elsewhere(case) {
        reading.owner = Party::Undecided.into();
        reading.to_act = Some(Side::Platform.into());
        reading.certainty = Certainty::Possible;
        reading.cause =
            "The text is one that the platform's own software writes: an inner server of ours, or \
             a carrier that runs the same software."
                .into();
    }
    if let Some(asked) = another_peer_was_asked(case, &refusal) {
        reading.certainty = Certainty::Possible;
        reading.cause = format!(
            "{} The INVITE had gone to {asked}: whose answer this is, is not sure.",
            reading.cause
        );
    }
    for (silent, _) in refusal
        .attempts
        .iter()
        .filter(|(hop, _)| hop.first_response().is_none())
    {
        let name = case.name(silent.server);
        reading.next = format!("{} Also see why {name} sent nothing back.", reading.next);
    }
    let alike = refusal.others_alike(case);
    if reading.owner == Owner::Side(Side::CalledPeer) && !alike.is_empty() {
        reading.next = format!("{} The same goes for {}.", reading.next, listed(&alike));
    }
    rule.finding(
        case,
        refusal.proof(),
        Conclusion {
            fact: refusal.sentence(case),
            fact_certainty: Certainty::Certain,
            cause: reading.cause,
            owner: reading.owner,
            to_act: reading.to_act,
            certainty: reading.certainty,
            by: Some(refusal.origin.by),
            severity: reading.severity,
            next: reading.next,
        },
    )
    .into_iter()
    .collect()
}

/// Where the leg behind the platform is, as far as that is known, and what is to be done to find it.
fn other_leg(case: &Case<'_>) -> (String, String) {
    let open: Vec<&str> = case.open_legs().collect();
    if open.is_empty() {
        return (
            "the leg behind the platform was not captured".into(),
            "Look for the other leg: same numbers, same second.".into(),
        );
    }
    (
        format!(
            "its own leg is one of those that may be another call's ({})",
            open.join(", ")
        ),
        "Look in the platform's log which of these legs is this call's.".into(),
    )
}

/// A refusal that the platform passed on from a leg that was not captured: who made it cannot be told, and where
/// somebody has something to repair, that leg is looked for first.
fn behind_the_unseen(case: &Case<'_>, reading: &mut Reading) {
    let (leg, next) = other_leg(case);
    reading.owner = Party::Undecided.into();
    reading.certainty = Certainty::Possible;
    if reading.to_act != Some(Party::Nobody.into()) {
        reading.to_act = Some(Side::Platform.into());
        reading.next = next;
    }
    reading.cause = format!("{} Who said so is not known: {leg}.", reading.cause);
}

/// Whom the INVITE had gone to, where the answer came from an address of somebody else.
fn another_peer_was_asked(case: &Case<'_>, refusal: &Refusal<'_>) -> Option<String> {
    let (asked, by) = (refusal.origin.hop.server, refusal.origin.by);
    let is_another = asked.ip() != by.ip() && case.roles.name(asked) != case.roles.name(by);
    is_another.then(|| case.name(asked))
}

/// Who can look first where nobody can be named: we, where we sent the INVITE or run what is in
/// between; else the one who answered.
fn who_checks(case: &Case<'_>, refusal: &Refusal<'_>) -> Side {
    let is_ours = case.roles.side(refusal.origin.hop.client) == Side::Platform
        || case.roles.side(refusal.origin.by) == Side::Platform;
    if case.roles.direction == Direction::OneLeg && !is_ours {
        Side::CalledPeer
    } else {
        Side::Platform
    }
}

/// Whether the fast, mute refusal of a next hop leaves its reason open (catalogue, attribution
/// modifier 4): only where there is a platform of ours in between, whose settings could be it. One
/// of which nobody knows how fast it was leaves no less open.
fn leaves_open(case: &Case<'_>, refusal: &Refusal<'_>) -> bool {
    refusal.may_be_immediate()
        && refusal.cause().is_none()
        && who_checks(case, refusal) == Side::Platform
}

/// What such a refusal leaves open.
fn at_once(case: &Case<'_>, refusal: &Refusal<'_>, next: &str) -> Reading {
    let cause = format!(
        "{} and gives no cause of its own: our settings for this route, or a decision of the one who \
         answered. One call cannot tell.",
        how_fast(refusal)
    );
    Reading::undecided(case, refusal, &cause, next)
}

/// How such a refusal came, as the beginning of a sentence.
fn how_fast(refusal: &Refusal<'_>) -> &'static str {
    if refusal.is_immediate() {
        "It came at once"
    } else {
        "It may have come at once"
    }
}

/// Whether the next hop and the user behind it are one party, so that it need not be told which.
fn is_one_party(case: &Case<'_>) -> bool {
    case.roles.party(Side::CalledPeer) == case.roles.party(Side::CalledUser)
}

/// Whether several nodes refused with these codes, and none otherwise.
fn refused_alike(case: &Case<'_>, refusal: &Refusal<'_>, codes: &[u16]) -> bool {
    refusal.refused_by(case, codes) >= 2 && refusal.all_refused_with(codes)
}

/// A refusal because of the caller ID: its owner is whoever put it in.
fn caller_id(case: &Case<'_>, refusal: &Refusal<'_>, cause: &str, next: &str) -> Reading {
    let owner = refusal
        .introduced(case, |invite| {
            invite
                .message()
                .from_user()
                .trim_start_matches('+')
                .to_owned()
        })
        .unwrap_or(Side::Caller);
    let cause = match owner {
        Side::Platform => format!("{cause} The platform had changed it."),
        _ => cause.to_owned(),
    };
    Reading::new(owner, Certainty::Likely, &cause, next)
}

/// What the ISUP location alone tells.
fn by_location(case: &Case<'_>, refusal: &Refusal<'_>) -> Option<Reading> {
    let side = refusal.located(case)?;
    let cause = match side {
        Side::CalledUser => "The location of the cause is on the called side.",
        _ => "The location of the cause is a network on the way, on the carrier's side.",
    };
    let reading = Reading::new(
        side,
        Certainty::Likely,
        cause,
        "Ask the one who answered, with its Call-ID and the time.",
    );
    Some(reading.acts(Side::CalledPeer))
}

/// A limit on the calls of whoever sent the INVITE.
fn over_limit(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    Reading::new(
        case.roles.side(refusal.origin.hop.client),
        Certainty::Likely,
        "The text speaks of a limit on calls: most often the one agreed with the sender.",
        "Compare the calls at that time with the limit agreed with the one who answered.",
    )
}
