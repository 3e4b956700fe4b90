//! The rule on answers whose streams do not stand where the offer has them.

use super::agreed::{Agreed, agreed};
use super::words::short_talk_ended_by;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::Sdp;
use crate::sip::{Certainty, Signal};

pub(super) static ANSWER_LINES_DIFFER: Rule = Rule {
    id: "answer-lines-differ",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An answered call whose answer has not as many streams (m=) as the offer, or streams of another \
            kind in their places. An error where no offered audio meets audio in its place, a warning where \
            the offering side hung up within 3 s, else a note.",
    matters: "The streams of an answer mean those in the same places of the offer: a device that holds to that \
              takes sound for pictures, or ends the call.",
    remedy: "Let the answering side repeat each m= line of the offer in order, with port 0 for what it does not \
             want.",
    silent: "Offer and answer have the same kinds in the same order, whatever their ports; or a message was cut \
             short.",
    source: "RFC 3264 section 6; catalogue V4",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(|rule, case| answer_lines_differ(rule, case).into_iter().collect()),
};

fn answer_lines_differ(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Farthest from the caller: there it was answered first.
    let hops = case.way().into_iter().rev();
    let agreed = hops.filter_map(agreed).find(differs)?;
    let by = agreed.by;
    let fact = format!(
        "{} answered with {} ({}) where the offer has {}.",
        case.name(by),
        streams(&agreed.answer.sdp),
        case.when(agreed.answer.signal),
        streams(&agreed.offer.sdp),
    );
    let left = |bye: &Signal| case.call.node(bye.source()) != by;
    let bye = short_talk_ended_by(case).filter(|bye| left(bye));
    let is_lost = offers_audio(&agreed.offer.sdp) && agreed.audio().next().is_none();
    let (severity, certainty, cause) = if is_lost {
        (
            Severity::Error,
            Certainty::Likely,
            "No audio of the offer has audio in its place of the answer.",
        )
    } else if bye.is_some() {
        (
            Severity::Warning,
            Certainty::Possible,
            "The audio is in its place; a strict device ends the call all the same, and the offering side hung \
             up at once.",
        )
    } else {
        (
            Severity::Info,
            Certainty::Possible,
            "The audio is in its place, so that most devices pass over it.",
        )
    };
    let blame = Blame {
        cause: cause.to_owned(),
        owner: case.roles.side(by).into(),
        certainty,
        next: format!(
            "Show {} both descriptions and have it answer each m= line of the offer in its place.",
            case.name(by)
        ),
    };
    let conclusion = Conclusion {
        severity: Some(severity),
        ..Conclusion::certain(fact, by, blame)
    };
    let proof = [agreed.offer.signal, agreed.answer.signal];
    let finding = rule.finding(case, proof.into_iter().chain(bye), conclusion)?;
    Some(match severity {
        Severity::Info => finding.explaining(&[]),
        _ => finding,
    })
}

fn differs(agreed: &Agreed<'_>) -> bool {
    fn kinds(sdp: &Sdp) -> impl Iterator<Item = &str> {
        sdp.media.iter().map(|media| media.kind.as_str())
    }
    let (offer, answer) = (&agreed.offer.sdp, &agreed.answer.sdp);
    !answer.media.is_empty() && !agreed.is_cut() && !kinds(offer).eq(kinds(answer))
}

fn offers_audio(sdp: &Sdp) -> bool {
    let mut media = sdp.media.iter();
    media.any(|media| media.kind == "audio" && media.port != 0)
}

/// The streams of a description in words: `2 streams (audio, video)`.
fn streams(sdp: &Sdp) -> String {
    const NAMED: usize = 6;
    let kinds = sdp
        .media
        .iter()
        .take(NAMED)
        .map(|media| media.kind.as_str());
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    match sdp.media.len() {
        1 => format!("1 stream ({kinds})"),
        some if some <= NAMED => format!("{some} streams ({kinds})"),
        many => format!("{many} streams ({kinds} and others)"),
    }
}
