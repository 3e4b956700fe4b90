//! Rules on calls that were refused, by the final response code where it was made (RFC 3261
//! section 21) and the Q.850 cause it carries (RFC 3326, RFC 3398 section 7.2.4.1). Each refusal is
//! of one [`Kind`], and one rule speaks of each kind.

use super::{Bearing, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::origin::Tried;
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::knowledge::{self, ReasonOwner};
use crate::sip::{Certainty, Hop, Name};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &REFUSED_BY_PLATFORM,
    &CALL_FORBIDDEN,
    &NUMBER_NOT_FOUND,
    &REQUEST_TIMEOUT,
    &NO_ANSWER,
    &CALLED_UNAVAILABLE,
    &CALLED_BUSY,
    &MEDIA_NOT_ACCEPTABLE,
    &CARRIER_NO_CIRCUIT,
    &SERVER_FAILURE,
    &CALL_DECLINED,
    &CALL_REDIRECTED,
    &REQUEST_REJECTED,
    &OTHER_REFUSAL,
    &ROUTE_FAILED_OVER,
];

/// Shorter ringing is no ring time that ran out.
const RING_TIME: jiff::SignedDuration = jiff::SignedDuration::from_secs(8);

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
    let is_challenge = matches!(refusal.code, 401 | 407) && !answer.message.challenges().is_empty();
    let cancelled = case.call.ingress().and_then(Hop::cancel);
    let is_cancelled = cancelled.is_some_and(|cancel| cancel.at() <= answer.at());
    if is_challenge || is_cancelled || refusal.code == 487 || refusal.kind(case) != kind {
        return Vec::new();
    }
    let mut reading = read(&refusal);
    let blames_the_unseen = refusal.is_behind_unseen(case)
        && kind != Kind::Platform
        && reading.owner == Owner::Side(Side::CalledPeer);
    if blames_the_unseen || refusal.has_platforms_phrase_elsewhere(case) {
        reading.owner = Party::Undecided.into();
        reading.to_act = Some(Side::Platform.into());
        reading.certainty = Certainty::Possible;
        reading.cause = if blames_the_unseen {
            reading.next = "Look for the other leg: same numbers, same second.".into();
            "It rang, so the platform had called somebody; that leg is not in this trace.".into()
        } else {
            "The text is one that the platform's own software writes: an inner server of ours, or \
             a carrier that runs the same software."
                .into()
        };
    }
    for (silent, _) in refusal
        .attempts
        .iter()
        .filter(|(hop, _)| hop.first_response().is_none())
    {
        let name = case.name(silent.server);
        reading.next = format!("{} Also see why {name} sent nothing back.", reading.next);
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

/// Who can look first where nobody can be named: we, where we sent the INVITE or run what is in
/// between; else the one who answered.
fn who_checks(case: &Case<'_>, refusal: &Refusal<'_>) -> Side {
    let is_ours = case.roles.side(refusal.origin.hop.client) == Side::Platform;
    if case.roles.direction == Direction::OneLeg && !is_ours {
        Side::CalledPeer
    } else {
        Side::Platform
    }
}

/// Whether the fast, mute refusal of a next hop leaves its reason open (catalogue, attribution
/// modifier 4): only where there is a platform of ours in between, whose settings could be it.
fn leaves_open(case: &Case<'_>, refusal: &Refusal<'_>) -> bool {
    refusal.is_immediate()
        && refusal.cause().is_none()
        && who_checks(case, refusal) == Side::Platform
}

/// What such a refusal leaves open.
fn at_once(case: &Case<'_>, refusal: &Refusal<'_>, next: &str) -> Reading {
    Reading::undecided(
        case,
        refusal,
        "It came at once and gives no cause of its own: our settings for this route, or a decision \
         of the one who answered. One call cannot tell.",
        next,
    )
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
                .message
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
    Some(Reading::new(
        side,
        Certainty::Likely,
        cause,
        "Ask the one who answered, with its Call-ID and the time.",
    ))
}

static REFUSED_BY_PLATFORM: Rule = Rule {
    id: "refused-by-platform",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform answered with a final code and no INVITE that it sent on was seen.",
    matters: "No carrier was seen to get the call: looking there first is lost time.",
    remedy: "Read the reason text: it names the setting. Simulate the call after changing it.",
    silent: "An INVITE was sent on, it rang, or only one leg was seen and nothing says that the \
             answering node is the platform.",
    source: "connexcs reference 3.3, 4.1, 4.2; catalogue S400, S402, S404a, S480a, B1, Q5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Platform, |refusal| {
            own_decision(case, refusal)
        })
    },
};

fn own_decision(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    if let Some(reason) = refusal.platform_reason() {
        // Who is not known may have been spelt wrongly by the caller.
        let is_about_user = reason.text.eq_ignore_ascii_case("unknown user");
        return match reason.party {
            ReasonOwner::Platform => Reading::new(
                Party::Platform,
                Certainty::Likely,
                &reason.meaning,
                "Report it to the platform with this Call-ID.",
            ),
            ReasonOwner::Configuration => Reading::new(
                Party::Configuration,
                if is_about_user {
                    Certainty::Possible
                } else {
                    Certainty::Certain
                },
                &reason.meaning,
                "Correct the setting that the reason names, simulate the call, then call again.",
            ),
        };
    }
    match refusal.code {
        400 => Reading::new(
            Side::Caller,
            Certainty::Likely,
            "The platform refused the INVITE as malformed.",
            "Compare this INVITE with one that the platform accepts; suspect an ALG on the way.",
        ),
        402 => Reading::new(
            Side::Caller,
            Certainty::Likely,
            "402 asks for payment: the account's credit.",
            "Look at the credit of this account.",
        ),
        430 | 480 if case.roles.direction == Direction::Inbound => Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            "Mostly the called user's device is not registered.",
            "Look whether the called user is registered, and where its calls are sent if not.",
        ),
        430 | 480 | 486 | 600 => Reading::undecided(
            case,
            refusal,
            "The platform tried no route that was seen: the called user is not registered or busy, \
             or a setting of ours says so.",
            "Look whether the called user is registered; read the routing log of this call.",
        ),
        408 | 504 => unseen_leg(case, refusal),
        _ if refusal.is_late() => unseen_leg(case, refusal),
        _ => Reading::new(
            Side::Platform,
            Certainty::Likely,
            "The platform decided before any route was tried: number format, routing, rates, limits \
             or blocks are set there.",
            "Read the routing log of this call, correct the setting, simulate the call.",
        ),
    }
}

fn unseen_leg(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    Reading::undecided(
        case,
        refusal,
        "No INVITE to a route is in this trace: the platform tried none, or that leg was not \
         captured.",
        "Look for the other leg: same numbers, same second; read the routing log of this call.",
    )
}

static CALL_FORBIDDEN: Rule = Rule {
    id: "call-forbidden",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "403 to the INVITE, or Q.850 cause 55, 57 or 87 with another code.",
    matters: "Somebody decided not to let this call through; retrying does not help.",
    remedy: "Compare caller ID, number format and prefix with a call that passes on this route; \
             look at credit and limits there; then ask whoever answered.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.4.4; catalogue S403a to S403e, attribution modifiers 4 and 5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Forbidden, |refusal| {
            forbidden(case, refusal)
        })
    },
};

fn forbidden(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    if refusal.speaks_of_signature() {
        return Reading::undecided(
            case,
            refusal,
            "The text speaks of the call's signature (STIR): whoever signed it, or delayed it \
             after that.",
            "See on which leg the Identity header was added, and compare its time with the INVITE's.",
        );
    }
    if refusal.speaks_of_caller_id() {
        return caller_id(
            case,
            refusal,
            "The text speaks of the caller ID.",
            "Send a caller ID that the customer owns, in E.164.",
        );
    }
    if refusal.speaks_of_limit() {
        return over_limit(case, refusal);
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    if refused_alike(case, refusal, &[403]) {
        return caller_id(
            case,
            refusal,
            "Several routes refuse it alike: most often because of the caller ID.",
            "Try the same number with a caller ID that is known to pass.",
        );
    }
    let next = "Compare caller ID, prefix and our credit on this route with a call that passes; \
                then ask the one who answered, with its Call-ID and the time.";
    if leaves_open(case, refusal) {
        return at_once(case, refusal, next);
    }
    Reading::new(
        Side::CalledPeer,
        Certainty::Possible,
        "It does not say why: caller ID, prefix, credit or permission.",
        next,
    )
    .acts(who_checks(case, refusal))
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

static NUMBER_NOT_FOUND: Rule = Rule {
    id: "number-not-found",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "404, 410, 484 or 604 to the INVITE, or Q.850 cause 1 to 5, 22, 23 or 28 with any code.",
    matters: "The number is wrong, dead, misformatted, or this carrier cannot reach it.",
    remedy: "Check the number against its numbering plan; try another carrier.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 sections 21.4.5, 21.4.10, 21.4.22, 21.6.3; RFC 3398 section 7.2.4.1; \
             catalogue S404, S410, S484, S604, I1 to I5, I22, I28, attribution modifiers 1, 4, 5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::NumberNotFound, |refusal| {
            not_found(case, refusal)
        })
    },
};

fn not_found(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    const CODES: [u16; 4] = [404, 410, 484, 604];
    let cause = refusal.stated_cause();
    let says_dead = matches!(cause, Some(1 | 22 | 23)) || matches!(refusal.code, 410 | 604);
    let says_no_route = matches!(cause, Some(2 | 3));
    let says_misdialled = matches!(cause, Some(4 | 5 | 28)) || refusal.code == 484;
    let check = "Check the number with the person who dialled it.";
    match refusal.located(case) {
        Some(Side::CalledUser) => {
            return Reading::new(
                Side::CalledUser,
                Certainty::Likely,
                "The location of the cause is on the called side.",
                check,
            );
        }
        Some(side) if says_dead => {
            return Reading::new(
                side,
                Certainty::Possible,
                "It says that the number is dead, yet the location is a network on the way: that \
                 network's routing may be wrong.",
                "Check the number; if it works elsewhere, report it to the one who answered.",
            );
        }
        _ => {}
    }
    if matches!(refusal.code, 404 | 484) && leaves_open(case, refusal) {
        return at_once(
            case,
            refusal,
            "Check the number's format on this route, then try it over another carrier.",
        );
    }
    if refusal.refused_by(case, &CODES) >= 2 {
        let sure = if says_no_route || says_misdialled {
            Certainty::Possible
        } else {
            Certainty::Likely
        };
        return Reading::new(
            Side::CalledUser,
            sure,
            "Several routes do not know the number. If its neighbours fail too, suspect our own \
             prefix.",
            "Check the number with the person who dialled it; dial a neighbour.",
        );
    }
    if says_no_route {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            "The cause says that there is no route to the number from there.",
            "Try the number over another carrier; if it passes, open a ticket with this one.",
        );
    }
    if says_misdialled {
        let called = |invite: &crate::sip::Signal| {
            let user = invite.message.request_uri().and_then(|uri| uri.user);
            let user = user.unwrap_or_else(|| invite.message.to_user());
            user.trim_start_matches('+').to_owned()
        };
        let owner = refusal.introduced(case, called);
        let next =
            "Compare the number as sent with its numbering plan and with a call that passes.";
        return match owner {
            Some(Side::Platform) => Reading::undecided(
                case,
                refusal,
                "Digits are missing or the format is wrong; the platform had changed the number.",
                next,
            ),
            _ => Reading::new(
                Side::Caller,
                Certainty::Likely,
                "Digits are missing or the format is wrong.",
                next,
            ),
        };
    }
    if says_dead {
        let is_gone = matches!(cause, Some(22 | 23)) || refusal.code == 410;
        let words = if is_gone {
            "The number was changed or given up."
        } else {
            "The number is not in service, or mistyped."
        };
        return Reading::new(Side::CalledUser, Certainty::Likely, words, check);
    }
    if is_one_party(case) {
        return Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            "The number is not known there.",
            "Check the number, and whether it is sent in the form that is expected there.",
        );
    }
    Reading::undecided(
        case,
        refusal,
        "One route's word: the number is not in service or mistyped, or this carrier cannot reach \
         it.",
        "Check the number; try it over another carrier.",
    )
}

static REQUEST_TIMEOUT: Rule = Rule {
    id: "request-timeout",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "408, 504 or Q.850 cause 102 to the INVITE without any ringing, or any code of a node \
            whose own last attempt got no final answer.",
    matters: "Something behind the node that answered does not react.",
    remedy: "Find the hop that is silent; fail over sooner.",
    silent: "It rang before: then nobody answered the phone.",
    source: "RFC 3261 sections 16.8, 21.4.9, 21.5.5; catalogue S408b, S504, I102",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Timeout, |refusal| {
            if refusal.is_after_silence() {
                let side = if refusal.is_after_no_reply(case) {
                    Side::Between
                } else {
                    Side::CalledPeer
                };
                return Reading::new(
                    side,
                    Certainty::Likely,
                    "Its own last attempt had got no final answer, so the code is its own.",
                    "See which of its attempts stayed silent.",
                )
                .acts(Side::CalledPeer);
            }
            let sure = if case.roles.direction == Direction::OneLeg {
                Certainty::Possible
            } else {
                Certainty::Likely
            };
            Reading::new(
                Side::CalledPeer,
                sure,
                "It says that something behind it did not answer in time.",
                "Ask it which of its own hops was silent at that time; use another route meanwhile.",
            )
        })
    },
};

static NO_ANSWER: Rule = Rule {
    id: "no-answer",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "It rang, nobody picked up, and a timer or the network ended it: 408 or 480 after \
            ringing, or Q.850 cause 18 or 19.",
    matters: "Nothing is broken.",
    remedy: "None; offer voicemail or a longer ring time.",
    silent: "The caller gave up first.",
    source: "RFC 3261 sections 21.4.9, 21.4.18; RFC 6076; catalogue S408a, S480b, T15, I18",
    explains: &["request-timeout", "platform-gave-up"],
    check: |rule, case| {
        refused(rule, case, Kind::NoAnswer, |refusal| {
            let rang = refusal
                .ringing
                .map(|ringing| refusal.origin.answer.at().duration_since(ringing.at()));
            let (cause, next) = match rang {
                Some(rang) if rang >= RING_TIME => (
                    "The called side rang and nobody picked up.",
                    "Nothing to repair; lengthen the ring time if it is too short.",
                ),
                Some(_) => (
                    "It rang only briefly: the called side turned the call away, does not want to \
                     be disturbed, or went offline.",
                    "Nothing to repair for one call; if many end so, ask the called party.",
                ),
                None if refusal.stated_cause() == Some(18) => (
                    "The cause says that the called line was tried and did not react.",
                    "Nothing to repair for one call; if it stays so, the called party's phone is off.",
                ),
                None => (
                    "The cause says that the called line was alerted and nobody picked up.",
                    "Nothing to repair.",
                ),
            };
            Reading::new(Side::CalledUser, Certainty::Likely, cause, next).acts(Party::Nobody)
        })
    },
};

static CALLED_UNAVAILABLE: Rule = Rule {
    id: "called-unavailable",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "480 to the INVITE without ringing, or Q.850 cause 20.",
    matters: "The called device is offline, or a carrier hides another failure behind 480.",
    remedy: "Check whether the called device is registered; try another route.",
    silent: "It rang before: then nobody answered; or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.4.18; catalogue S480a, S480c, I20, attribution modifier 5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Unavailable, |refusal| {
            if refusal.stated_cause() == Some(20) {
                return Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "The called subscriber is absent: the phone is off or not registered.",
                    "Ask the called party to check the device.",
                )
                .severity(Severity::Warning);
            }
            if let Some(reading) = by_location(case, refusal) {
                return reading;
            }
            if case.roles.direction == Direction::Inbound {
                return Reading::new(
                    Side::CalledPeer,
                    Certainty::Likely,
                    "The called device says that it cannot take the call now: do not disturb, \
                     logged out, or nothing behind it is registered.",
                    "Ask the customer to check the device and what is registered behind it.",
                );
            }
            if refusal.refused_by(case, &[480]) >= 2 {
                return Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "Several routes say the same of this number.",
                    "Ask the called party to check the device.",
                );
            }
            let cause = "Without ringing and without a telling cause 480 may stand for anything: \
                         the called device is offline, or a failure on the way is hidden behind it.";
            let next = "Try the number over another route; ask the one who answered.";
            if is_one_party(case) {
                return Reading::new(Side::CalledPeer, Certainty::Possible, cause, next);
            }
            Reading::undecided(case, refusal, cause, next)
        })
    },
};

static CALLED_BUSY: Rule = Rule {
    id: "called-busy",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "486 or 600 to the INVITE, or Q.850 cause 17.",
    matters: "The called line is in use; nothing is broken.",
    remedy: "None for one call. If most calls to one carrier are busy at once, suspect its limit.",
    silent: "The platform answered it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 sections 21.4.24, 21.6.1; RFC 3398 section 7.2.4.1; catalogue S486",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Busy, |refusal| {
            let reading = if leaves_open(case, refusal) && !is_one_party(case) {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Possible,
                    "The called line is busy. It came at once: where most calls end so, it is a \
                     channel limit instead.",
                    "Nothing to repair for one call; if many end so at once, compare with the \
                     channels agreed.",
                )
            } else {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "The called line is busy.",
                    "Nothing to repair; call again later.",
                )
            };
            reading.acts(Party::Nobody)
        })
    },
};

static MEDIA_NOT_ACCEPTABLE: Rule = Rule {
    id: "media-not-acceptable",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "488, 606 or 415 to the INVITE, or Q.850 cause 58, 65, 70 or 88: the offered media was \
            refused.",
    matters: "The two sides have no codec, encryption or media type in common.",
    remedy: "Allow one codec that both sides have.",
    silent: "A refused re-INVITE: the call went on; or a Q.850 cause says something else.",
    source: "RFC 3261 sections 21.4.13, 21.4.26, 21.6.4; RFC 3264; catalogue S406, S488, V1, I58",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Media, |refusal| {
            let invite = refusal
                .origin
                .hop
                .decisive()
                .and_then(|invite| invite.request());
            let offered = invite.and_then(|invite| invite.message.sdp()).map(|sdp| {
                sdp.media
                    .iter()
                    .map(|media| {
                        let codecs = media.codecs().join(", ");
                        format!("{} {} {codecs}", media.kind, media.protocol)
                    })
                    .collect::<Vec<_>>()
                    .join("; ")
            });
            let offered = match (invite, offered) {
                (None, _) => "The offer was not seen.".to_owned(),
                (_, None) => "The INVITE offered no media description.".to_owned(),
                (_, Some(offered)) => format!("Offered was: {offered}."),
            };
            let warning = refusal.origin.answer.message.header(Name::Warning);
            let warning = warning.map_or(String::new(), |w| format!(" It warns: {w}."));
            let cause = format!("{offered}{warning}");
            let next = "Compare the offered media with what the refusing side takes, and allow one \
                        codec and encryption that both have.";
            if let Some(side) = refusal.located(case) {
                return Reading::new(side, Certainty::Likely, &cause, next);
            }
            // Which side has to give way is a matter of what was agreed.
            if leaves_open(case, refusal) || refusal.cause().is_some() {
                return Reading::undecided(case, refusal, &cause, next);
            }
            Reading::new(Side::CalledPeer, Certainty::Possible, &cause, next)
                .acts(who_checks(case, refusal))
        })
    },
};

static CARRIER_NO_CIRCUIT: Rule = Rule {
    id: "carrier-no-circuit",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A refusal with Q.850 cause 34, 42, 44 or 47 (no circuit, congestion, no resource), or a \
            503 whose text speaks of a limit.",
    matters: "Capacity is used up, there or in what was agreed for us.",
    remedy: "Move traffic to another route; report it with examples; compare our channel limit.",
    silent: "The same code without such a cause or text.",
    source: "RFC 3398 section 7.2.4.1; catalogue S403c, S503b, I34",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::NoCircuit, |refusal| {
            if refusal.cause().is_none() {
                return over_limit(case, refusal);
            }
            let side = refusal.located(case).unwrap_or(Side::CalledPeer);
            let cause = if side == Side::CalledUser {
                "No free circuit on the called side, by the location of the cause."
            } else {
                "No free circuit there; some carriers say the same when our own channel or \
                 call-rate limit at them is reached."
            };
            Reading::new(
                side,
                Certainty::Likely,
                cause,
                "Report it to the one who answered with this call as example, and compare our \
                 calls at that time with the channels agreed.",
            )
        })
    },
};

static SERVER_FAILURE: Rule = Rule {
    id: "server-failure",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "5xx to the INVITE without a Q.850 cause that says something else, or any code with a \
            cause that says that the network or the service there is broken.",
    matters: "The node that made it, or the network behind it, could not do its work.",
    remedy: "Use another route; report it where it was made.",
    silent: "The platform refused it by itself; 504 without ringing is request-timeout; 501, 505 \
             and 513 refuse the message.",
    source: "RFC 3261 section 21.5; RFC 7339; catalogue S500, S502, S503, I25 to I111",
    explains: &[],
    check: |rule, case| refused(rule, case, Kind::Failure, |refusal| failure(case, refusal)),
};

fn failure(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let report = if case.roles.direction == Direction::Inbound {
        "Report it to the one who answered, with its Call-ID and the time."
    } else {
        "Use another route; report it to the one who answered, with its Call-ID and the time."
    };
    if refusal.is_after_silence() {
        return Reading::new(
            case.roles.side(refusal.origin.by),
            Certainty::Possible,
            "The called side was still ringing: the code was made by the one who answered, and \
             does not say why.",
            "Look in its log for this Call-ID at that time.",
        );
    }
    if let Some(cause) = refusal.cause() {
        let (side, words) = match cause {
            27 => (
                Side::CalledUser,
                "The cause says that the called line or exchange is out of order.",
            ),
            29 | 50 | 63 | 69 | 79 => (
                Side::CalledPeer,
                "The cause says that a service this call asks for is not provided there.",
            ),
            81..=101 | 111 => (
                Side::CalledPeer,
                "The cause says that a network there got a message that it could not use.",
            ),
            25 => (
                Side::CalledPeer,
                "The cause says that the network there routes the call in a circle.",
            ),
            38 | 41 | 6 | 66 => (
                Side::CalledPeer,
                "The cause says that the network there failed.",
            ),
            _ => (Side::CalledPeer, "The cause does not say more."),
        };
        let side = refusal.located(case).unwrap_or(side);
        return Reading::new(side, Certainty::Likely, words, report);
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    let retry = refusal.origin.answer.message.seconds(Name::RetryAfter);
    let asks = retry.map_or(String::new(), |retry| {
        format!(" It asks to be left alone for {retry} s.")
    });
    if refusal.code == 503 && leaves_open(case, refusal) {
        let mut reading = at_once(
            case,
            refusal,
            "See whether every call to it is refused so; compare our limit and address list there; \
             then report it.",
        );
        reading.cause.push_str(&asks);
        return reading;
    }
    if retry.is_some() {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            &format!("Overload or maintenance there.{asks}"),
            "Send calls by another route until then.",
        );
    }
    // Of one leg it is not known whether the one who answered only passed it on.
    let sure = if case.roles.direction == Direction::OneLeg {
        Certainty::Possible
    } else {
        Certainty::Likely
    };
    Reading::new(
        Side::CalledPeer,
        sure,
        "It does not say what failed there.",
        report,
    )
}

static CALL_DECLINED: Rule = Rule {
    id: "call-declined",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "603, 607 or 608 to the INVITE, or Q.850 cause 21 with a code other than 403.",
    matters: "A person, a device or an analytics service did not want this call.",
    remedy: "After ringing: none. Without: look for block lists and the reputation of the caller ID.",
    silent: "The platform declined it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.6.2; RFC 8197; RFC 8688; ATIS-1000099; catalogue S603, S607, S608, \
             I21, attribution modifier 5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Declined, |refusal| {
            declined(case, refusal)
        })
    },
};

fn declined(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    const CODES: [u16; 3] = [603, 607, 608];
    let message = &refusal.origin.answer.message;
    let reasons = message.reasons();
    let is_marked = message
        .reason_phrase()
        .eq_ignore_ascii_case("network blocked")
        && !reasons.is_empty();
    let is_analytics = refusal.code == 608 || (refusal.code == 603 && is_marked);
    if is_analytics {
        let said = || reasons.into_iter().map(|reason| reason.text);
        let contact = match message.header(Name::CallInfo) {
            Some(info) => Some(info.into_owned()),
            None => said().find(|text| !text.is_empty()),
        };
        let contact = contact.map_or(String::new(), |info| format!(" It names: {info}."));
        let next = if contact.is_empty() {
            "The owner of the caller ID asks the one who answered for redress; trying other routes \
             makes it worse."
        } else {
            "The owner of the caller ID seeks redress at the contact given; trying other routes \
             makes it worse."
        };
        return Reading::new(
            Side::Caller,
            Certainty::Likely,
            &format!("A network's analytics blocked the caller ID.{contact}"),
            next,
        );
    }
    if refusal.code == 607 {
        return Reading::new(
            Side::CalledUser,
            Certainty::Likely,
            "The called user marked calls of this caller as unwanted.",
            "The caller should not call this user again.",
        )
        .acts(Side::Caller);
    }
    if refusal.ringing.is_some() {
        return Reading::new(
            Side::CalledUser,
            Certainty::Likely,
            "It rang, and the person or the device declined.",
            "Nothing to repair.",
        )
        .acts(Party::Nobody)
        .severity(Severity::Info);
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    if refused_alike(case, refusal, &CODES) {
        return caller_id(
            case,
            refusal,
            "Several routes decline it alike: most often because of the caller ID.",
            "Check the reputation of the caller ID; try one that is known to pass.",
        );
    }
    if case.roles.direction == Direction::Inbound {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            "The called device declined without ringing: do not disturb, or a block list in it.",
            "Ask the customer to look at do not disturb and block lists of the device.",
        );
    }
    Reading::undecided(
        case,
        refusal,
        "Declined without ringing and without a mark: do not disturb, a block list or the carrier.",
        "Look at block lists; call the number from another caller ID and compare.",
    )
}

static CALL_REDIRECTED: Rule = Rule {
    id: "call-redirected",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "3xx to the INVITE that nobody followed.",
    matters: "The call was sent elsewhere, and nobody went there.",
    remedy: "Follow the Contact, or settle the forwarding on the platform.",
    silent: "The redirection was followed and the call went on.",
    source: "RFC 3261 section 21.3; catalogue S300 to S380",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Redirected, |refusal| {
            let contact = refusal.origin.answer.message.header(Name::Contact);
            let cause = match contact {
                Some(contact) => format!("It redirects to {contact}; nobody was seen to go there."),
                None => "It redirects and names no place to go to.".to_owned(),
            };
            Reading::new(
                case.roles.side(refusal.origin.by),
                Certainty::Likely,
                &cause,
                "Let the sender of the INVITE follow this redirection, or have it settled where it \
                 is made.",
            )
            .acts(case.roles.side(refusal.origin.hop.client))
        })
    },
};

static REQUEST_REJECTED: Rule = Rule {
    id: "request-rejected",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A code that refuses the message itself: 400, 405, 406, 413, 414, 416, 420, 421, 422, \
            482, 483, 501, 505, 513.",
    matters: "What was sent is malformed, too large, loops, or asks for what the other side lacks.",
    remedy: "Compare the message with one that passes; suspect an ALG on the way.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.4; catalogue S400, S405, S413, S416, S420, S482",
    explains: &[],
    check: |rule, case| refused(rule, case, Kind::Message, |refusal| rejected(case, refusal)),
};

fn rejected(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let message = &refusal.origin.answer.message;
    let mut said = String::new();
    for (name, words) in [
        (Name::Unsupported, "It does not support"),
        (Name::Warning, "It warns"),
    ] {
        if let Some(value) = message.header(name) {
            said.push_str(&format!(" {words}: {value}."));
        }
    }
    let compare = "Compare this INVITE with one that the same node accepted.";
    match refusal.code {
        482 | 483 => Reading::undecided(
            case,
            refusal,
            "The call went round in a circle or over too many nodes.",
            "List the nodes in the Via headers; one that appears twice is on the circle.",
        ),
        405 | 406 | 501 => Reading::new(
            Side::CalledPeer,
            Certainty::Possible,
            &format!("It does not take such a request.{said}"),
            "Ask the one who answered what it accepts; compare with an INVITE that it took.",
        )
        .acts(who_checks(case, refusal)),
        // What the platform sent it may have built, or passed on as it came.
        _ if case.roles.side(refusal.origin.hop.client) == Side::Platform => Reading::undecided(
            case,
            refusal,
            &format!(
                "The message was refused, not the call: what is wrong came from the caller, or \
                 the platform put it in.{said}"
            ),
            "Compare this INVITE with the caller's, and with one that the same node accepted.",
        ),
        _ => Reading::new(
            Side::Caller,
            Certainty::Possible,
            &format!("The message was refused, not the call.{said}"),
            compare,
        ),
    }
}

static OTHER_REFUSAL: Rule = Rule {
    id: "other-refusal",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Any other final code of 400 and above to the INVITE.",
    matters: "The call failed.",
    remedy: "Ask whoever answered, with the Call-ID and time.",
    silent: "A rule for that code or cause speaks.",
    source: "RFC 3261 section 21; catalogue S402, S412 to S494",
    explains: &[],
    check: |rule, case| refused(rule, case, Kind::Other, |refusal| other(case, refusal)),
};

fn other(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let sender = case.roles.side(refusal.origin.hop.client);
    if refusal.origin.tried == Tried::LastChallenged {
        return Reading::new(
            case.roles.side(refusal.origin.by),
            Certainty::Possible,
            "Its own last attempt was asked for credentials, so the code is its own.",
            "Check the credentials, or the list of addresses, for that route.",
        );
    }
    match refusal.code {
        401 | 407 => Reading::new(
            sender,
            Certainty::Possible,
            "It wants to know who sends the call, yet asks for no credentials: the address or the \
             account is not accepted.",
            "Check credentials and the list of addresses with the one who answered.",
        ),
        402 => Reading::new(
            sender,
            Certainty::Likely,
            "402 asks for payment: the sender's credit with the one who answered.",
            "Look at the credit there.",
        ),
        491 => Reading::undecided(
            case,
            refusal,
            "It takes this INVITE for part of a call that it already has: a Call-ID used twice, or \
             the same call over two ways.",
            "Look for a second INVITE with this Call-ID.",
        ),
        433 => caller_id(
            case,
            refusal,
            "It takes no calls without a caller ID.",
            "Send a caller ID that the customer owns, in E.164.",
        ),
        _ => {
            let meaning = knowledge::sip_code(refusal.code).map_or("", |code| &code.meaning);
            Reading::undecided(
                case,
                refusal,
                meaning,
                "Ask the one who answered, with its Call-ID and the time.",
            )
        }
    }
}

static ROUTE_FAILED_OVER: Rule = Rule {
    id: "route-failed-over",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "The call was answered on a later route, after an earlier one refused it or stayed \
            silent.",
    matters: "Each dead route costs the caller time, and the call would be lost if the last \
              route failed too.",
    remedy: "Look at the route that failed; take it out if it fails every call.",
    silent: "The call was not answered, the first route answered, or the routes were tried at the \
             same time.",
    source: "catalogue B2",
    explains: &[],
    check: route_failed_over,
};

fn route_failed_over(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (Some(answer), Some(ingress)) = (case.answer(), case.call.ingress()) else {
        return Vec::new();
    };
    let is_success = |hop: &Hop| matches!(hop.final_code(), Some(200..=299));
    let attempts: Vec<&Hop> = case.call.downstream(ingress).collect();
    let Some(won) = attempts.iter().find(|hop| is_success(hop)) else {
        return Vec::new();
    };
    let Some(next_tried) = won.started() else {
        return Vec::new();
    };
    let failed = attempts.iter().filter(|hop| {
        // Branches of a fork start together; the next route starts when the one before has failed.
        let came_before = match (hop.final_response(), hop.started()) {
            (Some(theirs), _) if theirs.message.code() != Some(487) => theirs.at() <= next_tried,
            (None, Some(started)) => {
                hop.first_response().is_none() && next_tried.duration_since(started) >= FIRST_REPLY
            }
            _ => false,
        };
        came_before && !is_success(hop)
    });
    let mut words = Vec::new();
    let mut proof = Vec::new();
    let mut last = None;
    for hop in failed {
        proof.extend(hop.first_invite());
        proof.extend(hop.final_response());
        words.push(match hop.final_code() {
            Some(code) => format!("{} answered {code}", case.name(hop.server)),
            None => format!("{} answered nothing", case.name(hop.server)),
        });
        last = Some(hop.server);
    }
    if words.is_empty() {
        return Vec::new();
    }
    proof.push(answer);
    let fact = format!(
        "{}; {} then took the call.",
        words.join(", "),
        case.name(won.server)
    );
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Side::CalledPeer.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: last,
            severity: None,
            next: "See whether that route fails other calls too; take it out if it does.".into(),
        },
    )
    .into_iter()
    .collect()
}
