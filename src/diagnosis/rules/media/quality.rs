//! Rules on audio that came, but badly: loss, jitter, and loss that only the receiver saw.

use jiff::SignedDuration;

use super::words::{millis, percent, proof, voices};
use crate::diagnosis::audio::heard;
use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
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
    limits: &[&MUCH, &TOO_MUCH],
    check: Check::Call(packet_loss),
};

static MUCH: Limit = Limit {
    key: "packet-loss.much",
    what: "the largest part of the packets whose loss is not remarked on",
    default: Figure::Percent(1.0),
};

static TOO_MUCH: Limit = Limit {
    key: "packet-loss.too-much",
    what: "the largest part whose loss is no error",
    default: Figure::Percent(5.0),
};

fn loss(flow: &Flow<'_>) -> (u64, u64) {
    let (expected, lost) = flow.expected_and_lost();
    if expected < ENOUGH {
        (0, 0)
    } else {
        (expected, lost)
    }
}

/// How many percent of a whole a part is.
#[expect(
    clippy::cast_precision_loss,
    reason = "packets of a call are far fewer than 2^52"
)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

fn packet_loss(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let lossy = |flow: &Flow<'_>| {
        let (expected, lost) = loss(flow);
        share(lost, expected) > case.tuning.number(&MUCH)
    };
    voices(&heard(case))
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
            severity: (share(lost, expected) > case.tuning.number(&TOO_MUCH))
                .then_some(Severity::Error),
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
    limits: &[&MEAN, &WORST],
    check: Check::Call(high_jitter),
};

static MEAN: Limit = Limit {
    key: "high-jitter.mean",
    what: "from what mean jitter on it is remarked on",
    default: Figure::Time(SignedDuration::from_millis(5)),
};

static WORST: Limit = Limit {
    key: "high-jitter.worst",
    what: "and from what jitter at its worst on",
    default: Figure::Time(SignedDuration::from_millis(30)),
};

fn high_jitter(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let reaches =
        |limit: &Limit, micros: u64| i128::from(micros) >= case.tuning.time(limit).as_micros();
    voices(&heard(case))
        .iter()
        .filter_map(|voice| {
            voice.iter().find_map(|(path, flow)| {
                let stream = flow.fullest()?;
                let high = stream.packets >= ENOUGH
                    && !stream.clock_assumed
                    && reaches(&MEAN, stream.jitter_mean)
                    && reaches(&WORST, stream.jitter_max);
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
    limits: &[&HERE, &THERE],
    check: Check::Call(loss_behind_capture),
};

static HERE: Limit = Limit {
    key: "loss-behind-capture.here",
    what: "the largest part that may be missing at the capture point itself",
    default: Figure::Percent(1.0),
};

static THERE: Limit = Limit {
    key: "loss-behind-capture.there",
    what: "the smallest part that the receiver has to report as lost",
    default: Figure::Percent(3.0),
};

fn loss_behind_capture(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let paths = heard(case);
    let flows = paths
        .iter()
        .flat_map(|path| path.flows().map(|flow| (path, flow)));
    flows
        .filter_map(|(path, flow)| {
            let (expected, lost) = loss(flow);
            let told = flow.received(path.back(flow))?;
            let reported = u64::try_from(told.cumulative_lost).unwrap_or(0);
            let hidden = expected > 0
                && share(lost, expected) <= case.tuning.number(&HERE)
                && share(reported, expected) >= case.tuning.number(&THERE)
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
