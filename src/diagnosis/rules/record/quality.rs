//! Media quality as RTCP told it to the platform. Says which figure is bad; whose the bad direction is
//! these figures alone do not tell.

use super::row;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::platform::{Quality, Sample};
use crate::sip::{Certainty, Hop};

// Their defaults are the thresholds of the platform's own tools.
static LEAST_MOS: Limit = Limit {
    key: "poor-quality-reported.mos",
    what: "the lowest mean MOS that is good",
    default: Figure::Score(3.5),
};

static MOST_JITTER: Limit = Limit {
    key: "poor-quality-reported.jitter",
    what: "the highest mean jitter that is good, in ms",
    default: Figure::Score(30.0),
};

static MOST_LOSS: Limit = Limit {
    key: "poor-quality-reported.loss",
    what: "the highest mean loss that is good",
    default: Figure::Percent(1.0),
};

static MOST_ROUND_TRIP: Limit = Limit {
    key: "poor-quality-reported.round-trip",
    what: "the longest mean round trip that is good, in ms",
    default: Figure::Score(300.0),
};

pub(super) static POOR_QUALITY_REPORTED: Rule = Rule {
    id: "poor-quality-reported",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "RTCP told the platform of a mean MOS below 3.5, jitter above 30 ms, loss above 1 % or a round \
            trip above 300 ms.",
    matters: "People hear it: choppy or robotic sound, or talking over each other.",
    remedy: "Find the bad direction (capture both sides), then move the media zone nearer to it; do not \
             judge by the hops of an MTR.",
    silent: "The figures are good, or no RTCP was exchanged: that proves nothing.",
    source: "The platform's documentation of media quality",
    explains: &[],
    limits: &[&LEAST_MOS, &MOST_JITTER, &MOST_LOSS, &MOST_ROUND_TRIP],
    check: Check::Call(|rule, case| poor(rule, case).into_iter().collect()),
};

fn poor(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let quality = case.records?.quality.as_ref()?;
    let mean = |of: fn(&Sample) -> Option<f64>| mean(quality, of);
    let figures = [
        ("mos", mean(|it| it.mos), "MOS", ""),
        ("jitter", mean(|it| it.jitter_ms), "jitter", " ms"),
        ("packet_loss", mean(|it| it.loss_percent), "loss", " %"),
        ("rtt", mean(|it| it.rtt_ms), "round trip", " ms"),
    ];
    let is_bad = |name: &str, value: f64| match name {
        "mos" => value < case.tuning.number(&LEAST_MOS),
        "jitter" => value > case.tuning.number(&MOST_JITTER),
        "packet_loss" => value > case.tuning.number(&MOST_LOSS),
        _ => value > case.tuning.number(&MOST_ROUND_TRIP),
    };
    let bad: Vec<_> = figures
        .into_iter()
        .filter_map(|(name, value, words, unit)| Some((name, value?, words, unit)))
        .filter(|(name, value, ..)| is_bad(name, *value))
        .collect();
    let told: Vec<String> = bad
        .iter()
        .map(|(_, value, words, unit)| format!("{words} {value:.1}{unit}"))
        .collect();
    let fields = bad
        .iter()
        .map(|(name, value, ..)| Field::new("RTCP", name, format!("{value:.2}")));
    let grade = if bad.len() == 1 { "fair" } else { "poor" };
    // A long way delays and does no more: that is a matter of where the media goes through.
    let is_far = matches!(bad.as_slice(), [("rtt", ..)]);
    let (party, cause, next) = if is_direct(case) {
        (
            Party::Undecided,
            "The descriptions passed unchanged, so the audio went directly between the two sides and not \
             through the platform.",
            "Take it to the customer and to the carrier, each with the Call-ID of its side; a media zone of \
             the platform changes nothing here.",
        )
    } else if is_far {
        (
            Party::Configuration,
            "The way of the media is long, and loses nothing: the media zone may be far from one side.",
            "Take a nearer media zone; echo is cancelled at the device.",
        )
    } else {
        (
            Party::Undecided,
            "The path to one of the two sides loses or delays media; which one these figures do not tell.",
            "Compare the figures of each direction in the panel, and try a media zone nearer to the worse \
             side.",
        )
    };
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!("RTCP reported {grade} quality: mean {}.", told.join(", ")),
            fact_certainty: Certainty::Certain,
            cause: cause.to_owned(),
            owner: party.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: next.to_owned(),
        },
    )
}

/// Whether both ends of the way were given each other's own addresses for audio.
fn is_direct(case: &Case<'_>) -> bool {
    let way = case.way();
    let ends = |hop: &&Hop| {
        let exchange = hop.decisive()?.offer_answer()?;
        let answer = exchange.answer?;
        let offered = exchange.offer.sdp.audio()?.endpoint()?;
        Some((offered, answer.sdp.audio()?.endpoint()?))
    };
    let at_caller = way.first().and_then(ends);
    way.len() > 1 && at_caller.is_some() && at_caller == way.last().and_then(ends)
}

/// The mean over all reports; the platform's own sum where there are none.
fn mean(quality: &Quality, of: fn(&Sample) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = quality.samples.iter().filter_map(of).collect();
    if values.is_empty() {
        return quality.aggregate.as_ref().and_then(of);
    }
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    Some(values.iter().sum::<f64>() / f64::from(count))
}
