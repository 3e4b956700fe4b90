//! Rules on calls that were refused, by the final response code where it was made (RFC 3261
//! section 21) and the Q.850 cause it carries (RFC 3326, RFC 3398 section 7.2.4.1).

use super::{Bearing, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::refusal::Refusal;
use crate::knowledge::ReasonOwner;
use crate::sip::{Certainty, Hop, Name, Signal};

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

/// Q.850 causes that say that circuits or capacity are lacking.
const NO_CIRCUIT: [u16; 4] = [34, 42, 44, 47];
/// Q.850 causes that say that the network behind is broken.
const NETWORK_BROKEN: [u16; 3] = [27, 38, 41];
/// Codes that refuse the message, not the call.
const MESSAGE_REFUSED: [u16; 14] = [
    400, 405, 406, 413, 414, 416, 420, 421, 422, 482, 483, 501, 505, 513,
];

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

    fn acts(mut self, who: impl Into<Owner>) -> Reading {
        self.to_act = Some(who.into());
        self
    }

    fn severity(mut self, severity: Severity) -> Reading {
        self.severity = Some(severity);
        self
    }
}

/// Makes the finding of a refusal that `read` recognises.
fn refused<'a>(
    rule: &Rule,
    case: &Case<'a>,
    read: impl Fn(&Refusal<'a>) -> Option<Reading>,
) -> Vec<Finding> {
    let Some(refusal) = Refusal::of(case) else {
        return Vec::new();
    };
    // Challenges and cancellations have families of their own.
    let is_challenge =
        matches!(refusal.code, 401 | 407) && !refusal.origin.answer.message.challenges().is_empty();
    if is_challenge || refusal.code == 487 {
        return Vec::new();
    }
    let Some(reading) = read(&refusal) else {
        return Vec::new();
    };
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

/// What the fast, mute refusal of a neighbour leaves open (catalogue, attribution modifier 4).
fn undecided(what_to_check: &str) -> Reading {
    Reading::new(
        Party::Undecided,
        Certainty::Possible,
        "It came at once and gives no cause: our settings for this route or the carrier's own \
         decision, one call cannot tell.",
        what_to_check,
    )
    .acts(Side::Platform)
}

/// Whether the fast answer of a next hop leaves its reason open: only where there is a platform
/// of ours in between whose settings could be the reason.
fn leaves_open(case: &Case<'_>, refusal: &Refusal<'_>) -> bool {
    refusal.is_immediate() && refusal.cause().is_none() && case.roles.direction != Direction::OneLeg
}

/// Whether a rule by code should speak: not where our platform decided alone.
fn by_others(case: &Case<'_>, refusal: &Refusal<'_>, codes: &[u16]) -> bool {
    codes.contains(&refusal.code) && !refusal.is_platforms_own(case)
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

static REFUSED_BY_PLATFORM: Rule = Rule {
    id: "refused-by-platform",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform answered with a final code and sent no INVITE on.",
    matters: "No carrier ever saw the call: looking there is lost time.",
    remedy: "Read the reason text: it names the setting. Simulate the call after changing it.",
    silent: "An INVITE was sent on, or only one leg was seen and nothing says that the answering \
             node is the platform.",
    source: "connexcs reference 3.3, 4.1, 4.2; catalogue S404a, B1",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            if !refusal.is_platforms_own(case) {
                return None;
            }
            let reason = refusal.platform_reason();
            let meaning = reason.map_or("", |reason| reason.meaning.as_str());
            Some(
                if reason.is_some_and(|reason| reason.party == ReasonOwner::Platform) {
                    Reading::new(
                        Party::Platform,
                        Certainty::Likely,
                        meaning,
                        "Report it to the platform with this Call-ID.",
                    )
                } else if reason.is_some() {
                    Reading::new(
                        Party::Configuration,
                        Certainty::Certain,
                        meaning,
                        "Correct the setting that the reason names, simulate the call, then call again.",
                    )
                } else {
                    Reading::new(
                        Side::Platform,
                        Certainty::Likely,
                        "The platform decided before any route was tried: number format, routing, \
                     rates, limits or blocks are set there.",
                        "Look up the reason text in the routing log of this call, correct the setting, \
                     simulate the call.",
                    )
                },
            )
        })
    },
};

static CALL_FORBIDDEN: Rule = Rule {
    id: "call-forbidden",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "403 to the INVITE.",
    matters: "Somebody decided not to let this call through; retrying does not help.",
    remedy: "Compare caller ID, number format and prefix with a call that passes on this route; \
             look at credit and limits there; then ask whoever answered.",
    silent: "The platform refused it by itself, or refused the source address.",
    source: "RFC 3261 section 21.4.4; catalogue S403a to S403e",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            if !by_others(case, refusal, &[403]) {
                return None;
            }
            let text = refusal.text();
            if contains_any(
                &text,
                &[
                    "cli",
                    "caller id",
                    "caller-id",
                    "callerid",
                    "ani ",
                    "from header",
                ],
            ) {
                return Some(Reading::new(
                    Side::Caller,
                    Certainty::Likely,
                    "The text speaks of the caller ID.",
                    "Send a caller ID that the customer owns, in E.164.",
                ));
            }
            if contains_any(
                &text,
                &["channel", "cps", "rate", "concurrent", "limit", "capacity"],
            ) {
                return Some(
                    Reading::new(
                        Party::Undecided,
                        Certainty::Likely,
                        "The text speaks of a limit: ours on this route, or the carrier's.",
                        "Compare our peak with the limit agreed on this route.",
                    )
                    .acts(Side::Platform),
                );
            }
            if let Some(side) = refusal.located() {
                return Some(Reading::new(
                    side,
                    Certainty::Likely,
                    "The location of the cause says on which side it was refused.",
                    "Ask there, with this Call-ID and time.",
                ));
            }
            if refusal.refused_by(&[403]) >= 2 && refusal.all_refused_with(&[403]) {
                return Some(Reading::new(
                    Side::Caller,
                    Certainty::Likely,
                    "Several carriers refuse it alike: most often because of the caller ID.",
                    "Try the same number with a caller ID that is known to pass.",
                ));
            }
            if leaves_open(case, refusal) {
                return Some(undecided(
                    "Compare caller ID, prefix and our credit on this route with a call that \
                     passes; then ask the carrier with its Call-ID.",
                ));
            }
            Some(
                Reading::new(
                    Side::CalledPeer,
                    Certainty::Possible,
                    "It gives no cause that can be read.",
                    "Check caller ID, prefix and credit on this route; then ask whoever answered, \
                     with the Call-ID and time.",
                )
                .acts(if case.roles.direction == Direction::OneLeg {
                    Side::CalledPeer
                } else {
                    Side::Platform
                }),
            )
        })
    },
};

static NUMBER_NOT_FOUND: Rule = Rule {
    id: "number-not-found",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "404, 410, 484 or 604 to the INVITE, or Q.850 cause 1, 2, 3, 22 or 28 with any code.",
    matters: "The number is wrong, dead, misformatted, or this carrier cannot reach it.",
    remedy: "Check the number against its numbering plan; try another carrier.",
    silent: "The platform refused it by itself.",
    source: "RFC 3261 sections 21.4.5, 21.4.10, 21.4.22, 21.6.3; RFC 3398 section 7.2.4.1; \
             catalogue S404, S410, S484, S604, I1 to I3",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            const CODES: [u16; 4] = [404, 410, 484, 604];
            let cause = refusal.cause();
            let by_cause = cause.filter(|cause| matches!(cause, 1 | 2 | 3 | 22 | 28));
            if refusal.is_platforms_own(case)
                || (by_cause.is_none() && !CODES.contains(&refusal.code))
            {
                return None;
            }
            if matches!(by_cause, Some(2 | 3)) {
                return Some(Reading::new(
                    Side::CalledPeer,
                    Certainty::Likely,
                    "The cause says that this carrier has no route to the number.",
                    "Move the prefix to another carrier and open a ticket with this one.",
                ));
            }
            if by_cause == Some(28) || (refusal.code == 484 && !leaves_open(case, refusal)) {
                return Some(Reading::new(
                    Side::Caller,
                    Certainty::Likely,
                    "Digits are missing or the format is wrong.",
                    "Compare the number's length with its numbering plan.",
                ));
            }
            if matches!(by_cause, Some(1 | 22)) || matches!(refusal.code, 410 | 604) {
                return Some(Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "The number is not in service, or mistyped.",
                    "Check the number with the person who dialled it.",
                ));
            }
            if refusal.refused_by(&CODES) >= 2 {
                return Some(Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "Several carriers do not know the number. If its neighbours fail too, suspect \
                     our own prefix.",
                    "Check the number with the person who dialled it; dial a neighbour.",
                ));
            }
            if let Some(side) = refusal.located() {
                return Some(Reading::new(
                    side,
                    Certainty::Likely,
                    "The location of the cause says on which side.",
                    "Check the number with the person who dialled it.",
                ));
            }
            if leaves_open(case, refusal) {
                return Some(undecided(
                    "Check the number's format on this route, then try it over another carrier.",
                ));
            }
            Some(Reading::new(
                Side::CalledUser,
                Certainty::Possible,
                "The number is not known there.",
                "Check the number; try it over another carrier.",
            ))
        })
    },
};

static REQUEST_TIMEOUT: Rule = Rule {
    id: "request-timeout",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "408 or 504 to the INVITE without any ringing.",
    matters: "Something behind the node that answered does not react.",
    remedy: "Find the hop that is silent; fail over sooner.",
    silent: "It rang before: then nobody answered the phone.",
    source: "RFC 3261 sections 16.8, 21.4.9, 21.5.5; catalogue S408b, S504",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            if !by_others(case, refusal, &[408, 504]) || refusal.ringing.is_some() {
                return None;
            }
            if refusal.is_after_silence() {
                return Some(
                    Reading::new(
                        Side::Between,
                        Certainty::Likely,
                        "The node that answered had itself got no answer.",
                        "See which of its attempts stayed silent.",
                    )
                    .acts(Side::CalledPeer),
                );
            }
            Some(Reading::new(
                Side::CalledPeer,
                Certainty::Likely,
                "Its next hop did not answer in time.",
                "Ask it which of its own hops was silent at that time; use another route meanwhile.",
            ))
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
    source: "RFC 3261 sections 21.4.9, 21.4.18; RFC 6076; catalogue S408a, S480b, T15",
    explains: &["request-timeout", "platform-gave-up"],
    check: |rule, case| {
        let nobody_picked_up = |refusal: &Refusal<'_>| {
            let rang = rang(case, refusal);
            match refusal.code {
                408 => rang.is_some(),
                480 => rang.is_some(),
                _ => matches!(refusal.cause(), Some(18 | 19)),
            }
        };
        refused(rule, case, |refusal| {
            (!refusal.is_platforms_own(case) && nobody_picked_up(refusal)).then(|| {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "The called side rang and nobody picked up.",
                    "Nothing to repair; lengthen the ring time if it is too short.",
                )
                .acts(Party::Nobody)
            })
        })
    },
};

/// The first 180 anywhere on the way that failed.
fn rang<'a>(case: &Case<'a>, refusal: &Refusal<'a>) -> Option<&'a std::sync::Arc<Signal>> {
    refusal.ringing.or_else(|| case.call.ingress()?.ringing())
}

static CALLED_UNAVAILABLE: Rule = Rule {
    id: "called-unavailable",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "480 to the INVITE without ringing.",
    matters: "The called device is offline, or a carrier hides another failure behind 480.",
    remedy: "Check whether the called device is registered; try another route.",
    silent: "It rang before: then nobody answered.",
    source: "RFC 3261 section 21.4.18; catalogue S480a, S480c",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            let no_answer = matches!(refusal.cause(), Some(18 | 19));
            if !by_others(case, refusal, &[480]) || rang(case, refusal).is_some() || no_answer {
                return None;
            }
            if refusal.cause() == Some(20) {
                return Some(
                    Reading::new(
                        Side::CalledUser,
                        Certainty::Likely,
                        "The called subscriber is absent: the phone is off or not registered.",
                        "Ask the called party to check the device.",
                    )
                    .severity(Severity::Warning),
                );
            }
            if let Some(side) = refusal.located() {
                return Some(Reading::new(
                    side,
                    Certainty::Likely,
                    "The location of the cause says on which side.",
                    "Ask there, with the Call-ID and time.",
                ));
            }
            if refusal.refused_by(&[480]) >= 2 {
                return Some(Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "Several carriers say the same of this number.",
                    "Ask the called party to check the device.",
                ));
            }
            Some(Reading::new(
                Side::CalledPeer,
                Certainty::Possible,
                "Without ringing and cause, 480 may stand for anything: the called device \
                 offline, or a failure that the network hides behind it.",
                "Try the number over another route; ask the one who answered.",
            ))
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
    silent: "The platform answered it by itself.",
    source: "RFC 3261 sections 21.4.24, 21.6.1; RFC 3398 section 7.2.4.1; catalogue S486",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            let busy = matches!(refusal.code, 486 | 600) || refusal.cause() == Some(17);
            (busy && !refusal.is_platforms_own(case)).then(|| {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Likely,
                    "The called line is busy.",
                    "Nothing to repair; call again later.",
                )
                .acts(Party::Nobody)
            })
        })
    },
};

static MEDIA_NOT_ACCEPTABLE: Rule = Rule {
    id: "media-not-acceptable",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "488, 606 or 415 to the INVITE: the offered media was refused.",
    matters: "The two sides have no codec, encryption or media type in common.",
    remedy: "Allow one codec that both sides have.",
    silent: "A refused re-INVITE: the call went on.",
    source: "RFC 3261 sections 21.4.13, 21.4.26, 21.6.4; RFC 3264; catalogue S488, V1",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            if !by_others(case, refusal, &[488, 606, 415]) {
                return None;
            }
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
            let offered = offered.unwrap_or_else(|| "no session description".into());
            let warning = refusal.origin.answer.message.header(Name::Warning);
            let warning = warning.map_or(String::new(), |w| format!(" It warns: {w}."));
            let mut reading = if leaves_open(case, refusal) {
                undecided("")
            } else {
                Reading::new(Side::CalledPeer, Certainty::Likely, "", "").acts(Side::Platform)
            };
            if case.roles.direction == Direction::OneLeg {
                reading.to_act = Some(Side::CalledPeer.into());
            }
            reading.cause = format!("Offered was: {offered}.{warning}");
            reading.next =
                "Compare the offered codecs with those that the refusing side takes and allow one \
                 that both have."
                    .into();
            Some(reading)
        })
    },
};

static CARRIER_NO_CIRCUIT: Rule = Rule {
    id: "carrier-no-circuit",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A refusal with Q.850 cause 34, 42, 44 or 47: no circuit, congestion, no resource.",
    matters: "Capacity is used up, there or in what was agreed for us.",
    remedy: "Move traffic to another route; report it with examples; compare our channel limit.",
    silent: "The same code without such a cause.",
    source: "RFC 3398 section 7.2.4.1; catalogue S503b, I34",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            refusal.cause().filter(|cause| NO_CIRCUIT.contains(cause))?;
            (!refusal.is_platforms_own(case)).then(|| {
                Reading::new(
                    refusal.located().unwrap_or(Side::CalledPeer),
                    Certainty::Likely,
                    "No free circuit there; some carriers say the same when our own channel or \
                     call-rate limit at them is reached.",
                    "Report it to the one who answered with this call as example, and compare our \
                     calls at that time with the channels agreed.",
                )
            })
        })
    },
};

static SERVER_FAILURE: Rule = Rule {
    id: "server-failure",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "5xx to the INVITE, without a Q.850 cause that says no circuit.",
    matters: "The node that made it, or the network behind it, could not do its work.",
    remedy: "Use another route; report it where it was made.",
    silent: "The platform refused it by itself; 504 is request-timeout; 501, 505 and 513 refuse \
             the message.",
    source: "RFC 3261 section 21.5; RFC 7339; catalogue S500, S502, S503",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            let other_rules =
                matches!(refusal.code, 504) || MESSAGE_REFUSED.contains(&refusal.code);
            let in_range = (500..600).contains(&refusal.code);
            let cause = refusal.cause();
            let not_ours = cause.is_some_and(|cause| {
                NO_CIRCUIT.contains(&cause) || matches!(cause, 1 | 2 | 3 | 17 | 18 | 19 | 22 | 28)
            });
            if !in_range || other_rules || not_ours || refusal.is_platforms_own(case) {
                return None;
            }
            if refusal.is_after_silence() {
                return Some(
                    Reading::new(
                        Side::Between,
                        Certainty::Likely,
                        "The node that answered had itself got no answer.",
                        "See which of its attempts stayed silent.",
                    )
                    .acts(Side::CalledPeer),
                );
            }
            let retry = refusal.origin.answer.message.seconds(Name::RetryAfter);
            if let Some(retry) = retry {
                return Some(Reading::new(
                    Side::CalledPeer,
                    Certainty::Likely,
                    &format!("It asks for {retry} s of patience: overload or maintenance."),
                    "Send calls by another route until then.",
                ));
            }
            if let Some(cause) = cause.filter(|cause| NETWORK_BROKEN.contains(cause)) {
                let side = if cause == 27 {
                    Side::CalledUser
                } else {
                    Side::CalledPeer
                };
                return Some(Reading::new(
                    refusal.located().unwrap_or(side),
                    Certainty::Likely,
                    "The cause says that the destination or the network to it is out of order.",
                    "Use another route and report it with this call as example.",
                ));
            }
            if let Some(side) = refusal.located() {
                return Some(Reading::new(
                    side,
                    Certainty::Likely,
                    "The location of the cause says on which side.",
                    "Report it there with this call as example.",
                ));
            }
            if refusal.code == 503 && leaves_open(case, refusal) {
                return Some(undecided(
                    "See whether every call to this carrier is refused so; compare our limit and \
                     address list there; then report it.",
                ));
            }
            // Of one leg it is not known whether the one who answered only passed it on.
            let one_leg = case.roles.direction == Direction::OneLeg;
            Some(Reading::new(
                Side::CalledPeer,
                if one_leg {
                    Certainty::Possible
                } else {
                    Certainty::Likely
                },
                "It gives no cause that says more.",
                "Use another route; report it to the one who answered with this Call-ID and time.",
            ))
        })
    },
};

static CALL_DECLINED: Rule = Rule {
    id: "call-declined",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "603, 607 or 608 to the INVITE, or Q.850 cause 21.",
    matters: "A person, a device or an analytics service did not want this call.",
    remedy: "After ringing: none. Without: look for block lists and the reputation of the caller ID.",
    silent: "The platform declined it by itself.",
    source: "RFC 3261 section 21.6.2; RFC 8197; RFC 8688; ATIS-1000099; catalogue S603, S607, S608",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            const CODES: [u16; 3] = [603, 607, 608];
            let by_cause = refusal.cause() == Some(21) && refusal.code != 403;
            if !(by_cause || CODES.contains(&refusal.code)) || refusal.is_platforms_own(case) {
                return None;
            }
            let analytics = refusal.code == 608
                || (refusal.code == 603 && refusal.text().contains("network blocked"));
            if analytics {
                let contact = refusal.origin.answer.message.header(Name::CallInfo);
                let contact = contact.map_or(String::new(), |info| format!(" It names: {info}."));
                return Some(Reading::new(
                    Side::Caller,
                    Certainty::Likely,
                    &format!("A network's analytics blocked the caller ID.{contact}"),
                    "The owner of the caller ID seeks redress at the contact given; trying \
                         other routes makes it worse.",
                ));
            }
            if refusal.code == 607 {
                return Some(
                    Reading::new(
                        Side::CalledUser,
                        Certainty::Certain,
                        "The called user marked calls of this caller as unwanted.",
                        "The caller should not call this user again.",
                    )
                    .acts(Side::Caller),
                );
            }
            if rang(case, refusal).is_some() {
                return Some(
                    Reading::new(
                        Side::CalledUser,
                        Certainty::Likely,
                        "It rang, and the person or the device declined.",
                        "Nothing to repair.",
                    )
                    .acts(Party::Nobody)
                    .severity(Severity::Info),
                );
            }
            if let Some(side) = refusal.located() {
                return Some(Reading::new(
                    side,
                    Certainty::Likely,
                    "The location of the cause says on which side.",
                    "Ask there, with the Call-ID and time.",
                ));
            }
            if refusal.refused_by(&CODES) >= 2 {
                return Some(Reading::new(
                    Side::Caller,
                    Certainty::Likely,
                    "Several carriers decline it alike: most often because of the caller ID.",
                    "Check the reputation of the caller ID; try one that is known to pass.",
                ));
            }
            Some(
                Reading::new(
                    Party::Undecided,
                    Certainty::Possible,
                    "Declined without ringing and without a mark: do not disturb, a block list or \
                     the carrier.",
                    "Call the number from another caller ID and compare.",
                )
                .acts(if case.roles.direction == Direction::OneLeg {
                    Side::CalledPeer
                } else {
                    Side::Platform
                }),
            )
        })
    },
};

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
        refused(rule, case, |refusal| {
            if !(300..400).contains(&refusal.code) {
                return None;
            }
            let contact = refusal.origin.answer.message.header(Name::Contact);
            let to = contact.map_or("nowhere".to_owned(), |contact| contact.into_owned());
            let side = case.roles.side(refusal.origin.by);
            Some(
                Reading::new(
                    side,
                    Certainty::Likely,
                    &format!("It redirects to {to}."),
                    "Let the platform follow this redirection, or have it settled where it is made.",
                )
                .acts(if case.roles.direction == Direction::OneLeg {
                    Side::Caller
                } else {
                    Side::Platform
                }),
            )
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
    silent: "The platform refused it by itself.",
    source: "RFC 3261 section 21.4; catalogue S400, S405, S413, S416, S420, S482",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            if !by_others(case, refusal, &MESSAGE_REFUSED) {
                return None;
            }
            let unsupported = refusal.origin.answer.message.header(Name::Unsupported);
            let unsupported =
                unsupported.map_or(String::new(), |what| format!(" It lacks: {what}."));
            // Whoever sent the message on that hop built it as it is.
            let sender = case.roles.side(refusal.origin.hop.client);
            Some(Reading::new(
                sender,
                Certainty::Possible,
                &format!("The message was refused, not the call.{unsupported}"),
                "Compare this INVITE with one that the same node accepted.",
            ))
        })
    },
};

static OTHER_REFUSAL: Rule = Rule {
    id: "other-refusal",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Any other final code of 400 and above to the INVITE.",
    matters: "The call failed.",
    remedy: "Ask whoever answered, with the Call-ID and time.",
    silent: "A rule for that code speaks.",
    source: "RFC 3261 section 21",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, |refusal| {
            let covered = [
                403, 404, 408, 410, 415, 480, 484, 486, 488, 504, 600, 603, 604, 606, 607, 608,
            ]
            .contains(&refusal.code)
                || (300..400).contains(&refusal.code)
                || MESSAGE_REFUSED.contains(&refusal.code)
                || ((500..600).contains(&refusal.code))
                || refusal.cause().is_some_and(|cause| {
                    NO_CIRCUIT.contains(&cause)
                        || matches!(cause, 1 | 2 | 3 | 17 | 18 | 19 | 21 | 22 | 28)
                });
            if covered || refusal.is_platforms_own(case) {
                return None;
            }
            Some(Reading::new(
                case.roles.side(refusal.origin.by),
                Certainty::Possible,
                "",
                "Ask whoever answered, with the Call-ID and time.",
            ))
        })
    },
};

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
    silent: "The call was not answered, the first route answered, or the platform itself \
             cancelled the other branches of a fork.",
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
    let failed = attempts.iter().filter(|hop| {
        let is_earlier = hop.started() < won.started();
        let refused = hop
            .final_code()
            .is_some_and(|code| code >= 300 && code != 487);
        is_earlier && !is_success(hop) && (refused || hop.first_response().is_none())
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
