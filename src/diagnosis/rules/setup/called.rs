//! Calls that reached the called side or its network, which had a reason of its own.

use super::{Reading, by_location, how_fast, is_one_party, leaves_open, refused};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::ring_time::{RING_TIME, timer_c};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Name, Signal};

pub(super) static NO_ANSWER: Rule = Rule {
    id: "no-answer",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "It rang, nobody picked up, and a timer or the network ended it: 408 or 480 after \
            ringing, or Q.850 cause 18 or 19.",
    matters: "Nothing is broken.",
    remedy: "None; offer voicemail or a longer ring time.",
    silent: "The caller gave up first.",
    source: "RFC 3261 sections 16.8, 21.4.9, 21.4.18; RFC 6076; catalogue S408a, S480b, T15, T16, I18",
    explains: &["request-timeout", "platform-gave-up"],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::NoAnswer, |refusal| {
            let rang = refusal
                .ringing
                .map(|ringing| refusal.origin.answer.at().duration_since(ringing.at()));
            let (cause, next) = match rang {
                Some(_) if case.call.is_timeless() => (
                    "It rang and nobody picked up; for how long is not known.",
                    "Nothing to repair for one call; if many end so, ask the called party.",
                ),
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
            let cause = format!(
                "{cause}{}",
                timer_c(refusal.origin.hop, refusal.origin.answer)
            );
            Reading::new(Side::CalledUser, Certainty::Likely, &cause, next).acts(Party::Nobody)
        })
    }),
};

pub(super) static CALLED_UNAVAILABLE: Rule = Rule {
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
    limits: &[],
    check: Check::Call(|rule, case| {
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
            if case.roles.calls_a_customer() {
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
    }),
};

pub(super) static CALLED_BUSY: Rule = Rule {
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
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Busy, |refusal| {
            let reading = if refusal.located(case) == Some(Side::CalledPeer) {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Possible,
                    "The called line is busy by the cause; its location is a network on the way, so that it may be a \
                     channel limit there instead.",
                    "Nothing to repair for one call; if many end so, report it to the one who answered.",
                )
            } else if leaves_open(case, refusal) && !is_one_party(case) {
                Reading::new(
                    Side::CalledUser,
                    Certainty::Possible,
                    &format!(
                        "The called line is busy. {}: where most calls end so, it is a channel limit instead.",
                        how_fast(refusal)
                    ),
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
    }),
};

pub(super) static MEDIA_NOT_ACCEPTABLE: Rule = Rule {
    id: "media-not-acceptable",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "488, 606 or 415 to the INVITE, or Q.850 cause 58, 65, 70 or 88: the offered media was \
            refused.",
    matters: "The two sides have no codec, encryption or media type in common.",
    remedy: "Allow one codec that both sides have. Where the platform had taken away what the caller offered, mend that.",
    silent: "A refused re-INVITE: the call went on; or a Q.850 cause says something else.",
    source: "RFC 3261 sections 21.4.13, 21.4.26, 21.6.4; RFC 3264; catalogue S406, S488, V1, I58",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Media, |refusal| media(case, refusal))
    }),
};

/// Whose a refused media description is: the platform's where it had taken away what the caller offered; else which side
/// has to give way is a matter of what was agreed.
pub(super) fn media(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let sent = refusal
        .origin
        .hop
        .decisive()
        .and_then(|invite| invite.request());
    let came = case.call.ingress().and_then(Hop::first_invite);
    let (sent_media, came_media) = (sent.and_then(|it| offer(it)), came.and_then(|it| offer(it)));
    let offered = match (sent, &sent_media) {
        (None, _) => "The offer was not seen.".to_owned(),
        (_, None) => "The INVITE offered no media description.".to_owned(),
        (_, Some(offered)) => format!("Offered was: {}.", words(offered)),
    };
    let warning = refusal.origin.answer.message().header(Name::Warning);
    let warning = warning.map_or(String::new(), |w| format!(" It warns: {w}."));
    let cause = format!("{offered}{warning}");
    if let (Some(came), Some(sent)) = (&came_media, &sent_media)
        && let Some(certainty) = taken_away(came, sent)
    {
        return Reading::new(
            Side::Platform,
            certainty,
            &format!(
                "{cause} The platform had changed that: the caller offered {}.",
                words(came)
            ),
            "See why the platform changes the offer on this route; send on what the caller offers, or add what the \
             refusing side takes.",
        );
    }
    let next = "Compare the offered media with what the refusing side takes, and allow one codec and encryption that \
                both have.";
    match refusal.located(case) {
        Some(side) => Reading::new(side, Certainty::Likely, &cause, next),
        None => Reading::undecided(case, refusal, &cause, next),
    }
}

/// One line of a media description, as far as it can be refused: what it is, over which protocol, in which codecs.
struct Offered {
    kind: String,
    protocol: String,
    codecs: Vec<String>,
}

/// What an INVITE offers; nothing where it describes no media.
fn offer(invite: &Signal) -> Option<Vec<Offered>> {
    let sdp = invite.message().sdp()?;
    let lines = sdp.media.iter().filter(|media| media.port != 0);
    let lines = lines.map(|media| Offered {
        kind: media.kind.clone(),
        protocol: media.protocol.clone(),
        codecs: media.codecs().into_iter().map(str::to_owned).collect(),
    });
    Some(lines.collect())
}

fn words(offered: &[Offered]) -> String {
    let each: Vec<String> = offered
        .iter()
        .map(|it| format!("{} {} {}", it.kind, it.protocol, it.codecs.join(", ")))
        .collect();
    each.join("; ")
}

/// How sure it is that what the platform took away of an offer is what was missed: likely where a line has another
/// protocol or none of the caller's codecs left, possible where some are; nothing where all are still there.
fn taken_away(came: &[Offered], sent: &[Offered]) -> Option<Certainty> {
    let each = came.iter().filter_map(|line| {
        let theirs: Vec<&Offered> = sent.iter().filter(|it| it.kind == line.kind).collect();
        let alike: Vec<&&Offered> = theirs
            .iter()
            .filter(|it| it.protocol.eq_ignore_ascii_case(&line.protocol))
            .collect();
        if theirs.is_empty() {
            return None;
        }
        if alike.is_empty() {
            return Some(Certainty::Likely);
        }
        let is_left = |codec: &&String| {
            let mut codecs = alike.iter().flat_map(|it| &it.codecs);
            codecs.any(|other| other.eq_ignore_ascii_case(codec))
        };
        let all = line.codecs.len();
        match line.codecs.iter().filter(is_left).count() {
            left if left == all => None,
            0 => Some(Certainty::Likely),
            _ => Some(Certainty::Possible),
        }
    });
    each.max()
}
