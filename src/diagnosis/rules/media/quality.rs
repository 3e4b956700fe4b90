//! Rules on audio that came, but badly: loss, jitter, and loss that only the receiver saw.

use super::words::{millis, percent, proof, voices};
use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

/// Fewer packets, five seconds of sound, make no percentage.
const ENOUGH: u64 = 250;

pub(super) static PACKET_LOSS: Rule = Rule {
    id: "packet-loss",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "More than 1 % of at least 250 packets of a direction did not come past this capture \
            point, by their sequence numbers; on the first hop that lacks them. An error above 5 %.",
    matters: "Words are lost; above 5 % people complain.",
    remedy: "Look at the line between the sender and this capture point: Wi-Fi, a full uplink, a \
             bad link.",
    silent: "The hop before lost as much already. No more than possible where both directions lack \
             packets: the recording itself may have lost them.",
    source: "RFC 3550 appendix A.3; catalogue Y2, Y5",
    explains: &["poor-sound-estimated", "poor-quality-reported"],
    limits: &[],
    check: Check::Call(packet_loss),
};

fn loss(flow: &Flow<'_>) -> (u64, u64) {
    let (expected, lost) = flow.expected_and_lost();
    if expected < ENOUGH {
        (0, 0)
    } else {
        (expected, lost)
    }
}

/// Whether a part is more than this many percent of a whole.
fn above(part: u64, whole: u64, percent: u64) -> bool {
    part * 100 > whole * percent
}

fn packet_loss(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let lossy = |flow: &Flow<'_>| {
        let (expected, lost) = loss(flow);
        above(lost, expected, 1)
    };
    voices(case)
        .iter()
        .filter_map(|voice| {
            let (path, flow) = voice.iter().find(|(_, flow)| lossy(flow))?;
            let both = lossy(path.back(flow));
            lost(rule, case, path, flow, both)
        })
        .collect()
}

fn lost<'a>(
    rule: &Rule,
    case: &Case<'a>,
    path: &MediaPath<'a>,
    flow: &Flow<'a>,
    both: bool,
) -> Option<Finding> {
    let (expected, lost) = loss(flow);
    let fact = format!(
        "{} of the audio from {} to {} was lost before this capture point: {} of {} packets.",
        percent(lost, expected),
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        count(lost),
        count(expected),
    );
    let (cause, certainty) = if both {
        (
            "The other direction lacks packets too: a bad line, or the recording itself missed \
             them.",
            Certainty::Possible,
        )
    } else {
        (
            "They were lost on the way from the sender to here.",
            Certainty::Likely,
        )
    };
    rule.finding(
        case,
        proof(path),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.to_owned(),
            owner: Side::Between.into(),
            to_act: Some(case.roles.side(flow.from.node).into()),
            certainty,
            by: None,
            severity: above(lost, expected, 5).then_some(Severity::Error),
            next: format!(
                "Test the line between {} and this capture point for loss.",
                case.end_name(&flow.from)
            ),
        },
    )
}

pub(super) static HIGH_JITTER: Rule = Rule {
    id: "high-jitter",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A direction of at least 250 packets whose interarrival jitter was 5 ms or more on \
            average and 30 ms or more at its worst, on the first hop where it is so.",
    matters: "What comes too late is as good as lost: words break up.",
    remedy: "Look for Wi-Fi, a full uplink, or a line without priority for voice at the sender.",
    silent: "The clock of the payload type is not known, so that the figure is a guess.",
    source: "RFC 3550 section 6.4.1; catalogue Y3, Y5",
    explains: &["poor-sound-estimated", "poor-quality-reported"],
    limits: &[],
    check: Check::Call(high_jitter),
};

fn high_jitter(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    const MEAN: u64 = 5_000;
    const WORST: u64 = 30_000;
    voices(case)
        .iter()
        .filter_map(|voice| {
            voice.iter().find_map(|(path, flow)| {
                let stream = flow.fullest()?;
                let high = stream.packets >= ENOUGH
                    && !stream.clock_assumed
                    && stream.jitter_mean >= MEAN
                    && stream.jitter_max >= WORST;
                high.then_some((path, flow, stream))
            })
        })
        .filter_map(|(path, flow, stream)| {
            let fact = format!(
                "The audio from {} to {} came unevenly: jitter {} on average, {} at its worst.",
                case.end_name(&flow.from),
                case.end_name(&flow.to),
                millis(stream.jitter_mean),
                millis(stream.jitter_max),
            );
            rule.finding(
                case,
                proof(path),
                Conclusion {
                    fact,
                    fact_certainty: Certainty::Certain,
                    cause: "It became uneven on the way from the sender to here, or was sent so."
                        .into(),
                    owner: Side::Between.into(),
                    to_act: Some(case.roles.side(flow.from.node).into()),
                    certainty: Certainty::Possible,
                    by: None,
                    severity: None,
                    next: format!(
                        "Look at the line of {}: Wi-Fi, a full uplink, no priority for voice.",
                        case.end_name(&flow.from)
                    ),
                },
            )
        })
        .collect()
}

pub(super) static LOSS_BEHIND_CAPTURE: Rule = Rule {
    id: "loss-behind-capture",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "Less than 1 % of a direction's packets, at least 250, are missing here, yet the RTCP \
            reports of its receiver count 3 % or more as lost.",
    matters: "The receiver hears gaps that this capture does not show.",
    remedy: "Look at the line between this capture point and the receiver.",
    silent: "No report was seen, or it is encrypted.",
    source: "RFC 3550 section 6.4.1; catalogue Y6, Y5",
    explains: &["poor-sound-estimated", "poor-quality-reported"],
    limits: &[],
    check: Check::Call(loss_behind_capture),
};

fn loss_behind_capture(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let flows = || {
        case.media
            .iter()
            .flat_map(|path| path.flows().map(|flow| (path, flow)))
    };
    flows()
        .filter_map(|(path, flow)| {
            let (expected, lost) = loss(flow);
            let told = flow.received(path.back(flow))?;
            let reported = u64::try_from(told.cumulative_lost).unwrap_or(0);
            let hidden = expected > 0
                && !above(lost, expected, 1)
                && reported * 100 >= expected * 3
                && reported <= expected;
            if !hidden {
                return None;
            }
            let fact = format!(
                "{} reports {} of the {} packets from {} as lost ({}), whereas {} are missing here.",
                case.end_name(&flow.to),
                count(reported),
                count(expected),
                case.end_name(&flow.from),
                percent(reported, expected),
                count(lost),
            );
            rule.finding(
                case,
                proof(path),
                Conclusion {
                    fact,
                    fact_certainty: Certainty::Certain,
                    cause: "They were lost between this capture point and the receiver.".into(),
                    owner: Side::Between.into(),
                    to_act: Some(case.roles.side(flow.to.node).into()),
                    certainty: Certainty::Likely,
                    by: None,
                    severity: None,
                    next: format!(
                        "Test the line between this capture point and {}.",
                        case.end_name(&flow.to)
                    ),
                },
            )
        })
        .collect()
}
