//! Rules on offers and answers that do not fit together although the call was answered: no codec in
//! common, one side encrypted.

use std::net::SocketAddr;

use super::agreed::{Agreed, agreed};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;
use crate::sip::sdp::{Format, Media};

pub(super) static NO_COMMON_CODEC: Rule = Rule {
    id: "no-common-codec",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An answered call in which the answer takes an audio stream and names none of the codecs \
            that the offer named for it.",
    matters: "Neither side can decode what the other sends: silence or noise.",
    remedy: "Let the answering side keep to the codecs of the offer, and allow one that both have.",
    silent: "The stream was refused, or a payload type has no name.",
    source: "RFC 3264 section 6.1; catalogue V1, V2",
    explains: &["unannounced-payload-type", "hung-up"],
    limits: &[],
    check: Check::Call(|rule, case| no_common_codec(rule, case).into_iter().collect()),
};

fn no_common_codec(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let apart = |agreed: &Agreed<'_>| {
        let mut streams = agreed.audio();
        streams.find_map(|(offer, answer)| {
            let named = |media: &Media| media.formats.iter().all(|it| it.codec.is_some());
            let (asked, got) = (sound(offer), sound(answer));
            let is_in_both = || {
                got.iter()
                    .any(|it| asked.iter().any(|own| own.is_same_as(it)))
            };
            let none = !asked.is_empty() && !got.is_empty() && !is_in_both();
            (none && named(offer) && named(answer)).then(|| (listed(&asked), listed(&got)))
        })
    };
    // Farthest from the caller: there it was answered first.
    let hops = case.way().into_iter().rev();
    let (agreed, (asked, got)) = hops
        .filter_map(agreed)
        .find_map(|agreed| apart(&agreed).map(|codecs| (agreed, codecs)))?;
    let fact = format!(
        "{} answered with {got} ({}), of which the offer named none; it named {asked}.",
        case.name(agreed.by),
        case.when(agreed.answer.signal),
    );
    rule.finding(
        case,
        [agreed.offer.signal, agreed.answer.signal],
        conclude(
            case,
            fact,
            agreed.by,
            "An answer has to keep to the codecs of its offer (RFC 3264 section 6.1).",
            format!(
                "Ask {} why it answers with a codec that was not offered.",
                case.name(agreed.by)
            ),
        ),
    )
}

/// The formats of a stream that carry sound.
fn sound(media: &Media) -> Vec<&Format> {
    let codecs = media.codecs();
    let is_sound = |it: &&Format| {
        it.codec
            .as_deref()
            .is_some_and(|name| codecs.contains(&name))
    };
    media.formats.iter().filter(is_sound).collect()
}

/// Formats in words: the clock goes with the name where it is not that of nearly all telephony.
fn listed(formats: &[&Format]) -> String {
    let words = formats.iter().map(|it| match (&it.codec, it.clock) {
        (Some(name), None | Some(8000)) => name.clone(),
        (Some(name), Some(clock)) => format!("{name}/{clock}"),
        (None, _) => it.token.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

pub(super) static SRTP_MISMATCH: Rule = Rule {
    id: "srtp-mismatch",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An answered call in which offer and answer name different transports for the same audio \
            stream, one encrypted (RTP/SAVP and its kin) and one not; or one that is encrypted \
            without keys (a=crypto) or a certificate (a=fingerprint).",
    matters: "One side sends what the other takes for noise.",
    remedy: "Set the same policy for encrypted media on both sides.",
    silent: "The stream was refused, or the message was cut short.",
    source: "RFC 3264 section 6, RFC 4568, RFC 5763; catalogue V18",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(|rule, case| srtp_mismatch(rule, case).into_iter().collect()),
};

fn srtp_mismatch(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let hops = case.way().into_iter().rev();
    hops.filter_map(agreed).find_map(|agreed| {
        if agreed.is_cut() {
            return None;
        }
        let mut streams = agreed.audio();
        let (by, words) = streams.find_map(|(offer, answer)| mismatch(&agreed, offer, answer))?;
        let fact = format!(
            "{} {words} ({}).",
            case.name(by),
            case.when(agreed.answer.signal)
        );
        rule.finding(
            case,
            [agreed.offer.signal, agreed.answer.signal],
            conclude(
                case,
                fact,
                by,
                "Both sides have to encrypt, or neither.",
                format!(
                    "Compare the policy for encrypted media of {} and its peer.",
                    case.name(by)
                ),
            ),
        )
    })
}

/// Who described a stream that does not fit, and how.
fn mismatch(agreed: &Agreed<'_>, offer: &Media, answer: &Media) -> Option<(SocketAddr, String)> {
    if offer.is_srtp() != answer.is_srtp() {
        let words = format!(
            "answered {} to an offer of {}",
            answer.protocol, offer.protocol
        );
        return Some((agreed.by, words));
    }
    let lacks = |media: &Media| {
        media.is_srtp()
            && media.security.crypto.is_empty()
            && media.security.fingerprints.is_empty()
    };
    let words = |media: &Media| {
        format!(
            "names {} and neither keys nor a certificate for it",
            media.protocol
        )
    };
    if lacks(offer) {
        return Some((agreed.offerer(), words(offer)));
    }
    lacks(answer).then(|| (agreed.by, words(answer)))
}

/// What stands in two descriptions is certain; that its writer owns it is likely.
fn conclude(
    case: &Case<'_>,
    fact: String,
    by: SocketAddr,
    cause: &str,
    next: String,
) -> Conclusion {
    let blame = Blame {
        cause: cause.to_owned(),
        owner: case.roles.side(by).into(),
        certainty: Certainty::Likely,
        next,
    };
    Conclusion::certain(fact, by, blame)
}
