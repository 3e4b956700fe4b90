//! Rules on what offer and answer say together: descriptions that lack, streams that are refused.

use std::sync::Arc;

use super::is_reliable;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::Sdp;
use crate::sip::{Certainty, Described, Hop, Signal, Transaction};

pub(super) static ANSWER_WITHOUT_SDP: Rule = Rule {
    id: "answer-without-sdp",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE with a session description and a 2xx without one, none having come reliably \
            before; or a 2xx that makes the offer and an ACK that does not answer it.",
    matters: "One side does not know where to send audio: the call is silent.",
    remedy: "Let that side send its description in the 2xx (or in the ACK to an offer in the 2xx).",
    silent: "A reliable 18x carried the description, a body is there that is not a description, or \
             the message was cut short in the trace.",
    source: "RFC 3261 section 13.2.1, RFC 3264 section 5; catalogue V5",
    explains: &[],
    limits: &[],
    check: Check::Call(answer_without_sdp),
};

fn answer_without_sdp(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let lacking = |hop: &&Hop| hop.decisive().is_some_and(|invite| lacks(invite).is_some());
    // A called side without a description is first seen farthest from the caller, a caller's
    // nearest; the first hop that lacks it in travelling order names who left it out.
    let way = case.way();
    let answer = way.iter().rev().copied().find(lacking);
    let Some((hop, invite)) = answer.and_then(|hop| Some((hop, hop.decisive()?))) else {
        return Vec::new();
    };
    let Some(Lack { signal, late }) = lacks(invite) else {
        return Vec::new();
    };
    let (by, hop_at_fault) = if late {
        let first = way.iter().copied().find(lacking).unwrap_or(hop);
        (first.client, first)
    } else {
        (hop.server, hop)
    };
    let signal = hop_at_fault
        .decisive()
        .and_then(|invite| lacks(invite))
        .map_or(signal, |lack| lack.signal);
    let fact = format!(
        "{} sent its {} ({}) without a session description, which it owed.",
        case.name(by),
        signal
            .message()
            .code()
            .map_or("ACK".to_owned(), |code| code.to_string()),
        case.when(signal),
    );
    let early = invite
        .progress()
        .any(|answer| answer.message().sdp().is_some());
    let request = hop_at_fault.decisive().and_then(|invite| invite.request());
    rule.finding(
        case,
        request.into_iter().chain([signal]),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: if early {
                "An 18x without acknowledgement carried one; strict devices do not count that."
                    .into()
            } else {
                "The other side does not know where to send audio.".into()
            },
            owner: case.roles.side(by).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(by),
            severity: early.then_some(Severity::Warning),
            next: format!(
                "Show {} the message and have it send its session description there.",
                case.name(by)
            ),
        },
    )
    .into_iter()
    .collect()
}

/// A message that owes a description.
struct Lack<'a> {
    signal: &'a Arc<Signal>,
    /// Whether the offer came late, in the 2xx, and the ACK owes the answer.
    late: bool,
}

fn lacks(invite: &Transaction) -> Option<Lack<'_>> {
    let request = invite.request()?;
    let ok = invite
        .final_response()
        .filter(|s| matches!(s.message().code(), Some(200..=299)))?;
    let is_bare =
        |signal: &Signal| signal.message().body().is_empty() && !signal.message().is_cut();
    let reliable = |signal: &&Arc<Signal>| is_reliable(signal) && signal.message().sdp().is_some();
    if request.message().sdp().is_some() {
        let settled = invite.progress().any(|answer| reliable(&answer));
        return (is_bare(ok) && !settled).then_some(Lack {
            signal: ok,
            late: false,
        });
    }
    let settled = invite.progress().any(|answer| reliable(&answer));
    let ack = invite.acks.first()?;
    let late = is_bare(request) && ok.message().sdp().is_some() && is_bare(ack) && !settled;
    late.then_some(Lack {
        signal: ack,
        late: true,
    })
}

pub(super) static STREAM_REFUSED: Rule = Rule {
    id: "stream-refused",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A 2xx that accepts the call but sets the port of every audio stream to 0.",
    matters: "The call is answered and billed, and carries no audio.",
    remedy: "Compare the codecs and the transport (RTP or SRTP) that both sides allow.",
    silent: "One of several audio streams was accepted, or no audio was offered.",
    source: "RFC 3264 section 6; catalogue V3",
    explains: &[],
    limits: &[],
    check: Check::Call(stream_refused),
};

fn stream_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    // Farthest from the caller: there it was refused first.
    let refusal = case.way().into_iter().rev().find_map(refusal);
    let Some((hop, offer, answer)) = refusal else {
        return Vec::new();
    };
    let offered: Vec<String> = offer
        .sdp
        .media
        .iter()
        .filter(|media| media.kind == "audio")
        .map(|media| format!("{} {}", media.protocol, media.codecs().join(", ")))
        .collect();
    let fact = format!(
        "{} answered {} ({}) but refused the audio (port 0); offered was {}.",
        case.name(hop.server),
        answer.message().code().unwrap_or(200),
        case.when(answer),
        offered.join(" and ").trim(),
    );
    rule.finding(
        case,
        [offer.signal, answer],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "Mostly no codec in common, or only one side wants encrypted media; which side \
                    is wrong the packets do not say."
                .into(),
            owner: Side::Unknown.into(),
            to_act: Some(case.roles.side(hop.server).into()),
            certainty: Certainty::Possible,
            by: Some(hop.server),
            severity: None,
            next: format!(
                "Ask {} which codecs and which media transport it accepts, and offer one of them.",
                case.name(hop.server)
            ),
        },
    )
    .into_iter()
    .collect()
}

fn refusal(hop: &Hop) -> Option<(&Hop, Described<'_>, &Arc<Signal>)> {
    let invite = hop.decisive()?;
    let offer = invite.offer_answer()?.offer;
    let answer = invite
        .final_response()
        .filter(|s| matches!(s.message().code(), Some(200..=299)))?;
    let reply = answer.message().sdp()?;
    let ports = |sdp: &Sdp| -> Vec<u16> {
        let audio = sdp.media.iter().filter(|media| media.kind == "audio");
        audio.map(|media| media.port).collect()
    };
    let (asked, got) = (ports(&offer.sdp), ports(&reply));
    let refused = !got.is_empty() && got.iter().all(|port| *port == 0);
    (asked.iter().any(|port| *port != 0) && refused).then_some((hop, offer, answer))
}
