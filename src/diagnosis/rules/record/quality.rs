//! Media quality as RTCP told it to the platform. Says which figure is bad, and on which leg where the reports
//! name addresses of both; whose the bad direction is these figures alone do not tell.

use super::legs::{Leg, leg_of};
use super::row;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Owner, Proof, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::platform::Sample;
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

static UNUSABLE_MOS: Limit = Limit {
    key: "poor-quality-reported.unusable-mos",
    what: "the lowest MOS with which people can still talk",
    default: Figure::Score(3.1),
};

static UNUSABLE_LOSS: Limit = Limit {
    key: "poor-quality-reported.unusable-loss",
    what: "the highest mean loss with which people can still talk",
    default: Figure::Percent(5.0),
};

static UNUSABLE_ROUND_TRIP: Limit = Limit {
    key: "poor-quality-reported.unusable-round-trip",
    what: "the longest mean round trip with which people can still talk, in ms",
    default: Figure::Score(800.0),
};

pub(super) static POOR_QUALITY_REPORTED: Rule = Rule {
    id: "poor-quality-reported",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "RTCP told the platform of a mean MOS below 3.5, jitter above 30 ms, loss above 1 % or a round \
            trip above 300 ms; or, of ten reports and more, of a MOS below 3.5 in the worst tenth of them. An error \
            where the MOS is below 3.1, the loss above 5 % or the round trip above 800 ms. On which leg, where \
            three reports and more of each name an address of its end alone, and only one leg is bad: also where \
            the other leg makes the mean of all a good one.",
    matters: "People hear it: choppy or robotic sound, or talking over each other.",
    remedy: "Find the bad direction (capture both sides), then move the media zone nearer to it; do not \
             judge by the hops of an MTR.",
    silent: "The figures are good, or no RTCP was exchanged: that proves nothing.",
    source: "The platform's documentation of media quality; catalogue Y1 to Y5",
    explains: &[],
    limits: &[
        &LEAST_MOS,
        &MOST_JITTER,
        &MOST_LOSS,
        &MOST_ROUND_TRIP,
        &UNUSABLE_MOS,
        &UNUSABLE_LOSS,
        &UNUSABLE_ROUND_TRIP,
    ],
    check: Check::Call(|rule, case| poor(rule, case).into_iter().collect()),
};

/// A figure that is worse than it should be.
struct Bad {
    /// What the field is called in a report.
    name: &'static str,
    value: f64,
    words: String,
}

fn poor(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let quality = case.records?.quality.as_ref()?;
    let samples: Vec<&Sample> = quality.samples.iter().collect();
    let one_leg = one_bad_leg(case, &samples);
    let bad = match &one_leg {
        Some(leg) => bad(case, &leg.reports),
        None if samples.is_empty() => bad(case, &quality.aggregate.iter().collect::<Vec<_>>()),
        None => bad(case, &samples),
    };
    let fields = bad
        .iter()
        .map(|bad| Field::new("RTCP", bad.name, format!("{:.2}", bad.value)));
    let told: Vec<&str> = bad.iter().map(|bad| bad.words.as_str()).collect();
    let is_unusable = bad.iter().any(|bad| is_unusable(case, bad));
    let grade = match bad.as_slice() {
        [_] if !is_unusable => "fair",
        _ => "poor",
    };
    // A long way delays and does no more: that is a matter of where the media goes through.
    let is_far = matches!(bad.as_slice(), [only] if only.name == "rtt");
    let (owner, certainty, cause, next): (Owner, _, String, String) = if is_direct(case) {
        (
            Party::Undecided.into(),
            Certainty::Possible,
            "The descriptions passed unchanged, so the audio went directly between the two sides and not \
             through the platform."
                .to_owned(),
            "Take it to the customer and to the carrier, each with the Call-ID of its side; a media zone of \
             the platform changes nothing here."
                .to_owned(),
        )
    } else if let Some(OneBad { name, side, .. }) = &one_leg {
        (
            (*side).into(),
            Certainty::Likely,
            format!("Only the reports of {name} are bad; those of the other leg are good."),
            format!("Look at the line of {name}, and try a media zone nearer to it."),
        )
    } else if is_far {
        (
                Party::Configuration.into(),
                Certainty::Possible,
                "The way of the media is long, and loses nothing: the media zone may be far from one side."
                    .to_owned(),
                "Take a nearer media zone; echo is cancelled at the device.".to_owned(),
            )
    } else {
        (
                Party::Undecided.into(),
                Certainty::Possible,
                "The path to one of the two sides loses or delays media; which one these figures do not tell."
                    .to_owned(),
                "Compare the figures of each direction in the panel, and try a media zone nearer to the worse \
                 side."
                    .to_owned(),
            )
    };
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!(
                "RTCP reported {grade} quality{}: mean {}.",
                on_leg(one_leg.as_ref()),
                told.join(", ")
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: None,
            certainty,
            by: None,
            severity: is_unusable.then_some(Severity::Error),
            next,
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

/// The figures of some reports that are bad.
fn bad(case: &Case<'_>, samples: &[&Sample]) -> Vec<Bad> {
    let mean = |of| Sample::mean(samples.iter().copied(), of);
    let is_above = |limit| move |value: f64| value > case.tuning.number(limit);
    let of_mean = |name, words: &str, unit: &str, value: Option<f64>| {
        let value = value?;
        let words = format!("{words} {value:.1}{unit}");
        Some(Bad { name, value, words })
    };
    let mos =
        {
            let least = case.tuning.number(&LEAST_MOS);
            match mean(|it| it.mos) {
                Some(mean) if mean >= least => worst_tenth(samples)
                    .filter(|worst| *worst < least)
                    .map(|value| Bad {
                        name: "mos",
                        value,
                        words: format!(
                            "MOS {mean:.1}, {value:.1} in the worst tenth of the reports"
                        ),
                    }),
                mean => of_mean("mos", "MOS", "", mean),
            }
        };
    let rest = [
        (
            "jitter",
            mean(|it| it.jitter_ms),
            "jitter",
            " ms",
            &MOST_JITTER,
        ),
        (
            "packet_loss",
            mean(|it| it.loss_percent),
            "loss",
            " %",
            &MOST_LOSS,
        ),
        (
            "rtt",
            mean(|it| it.rtt_ms),
            "round trip",
            " ms",
            &MOST_ROUND_TRIP,
        ),
    ];
    let rest = rest
        .into_iter()
        .filter_map(|(name, value, words, unit, limit)| {
            of_mean(name, words, unit, value.filter(|it| is_above(limit)(*it)))
        });
    mos.into_iter().chain(rest).collect()
}

fn is_unusable(case: &Case<'_>, bad: &Bad) -> bool {
    match bad.name {
        "mos" => bad.value < case.tuning.number(&UNUSABLE_MOS),
        "packet_loss" => bad.value > case.tuning.number(&UNUSABLE_LOSS),
        "rtt" => bad.value > case.tuning.number(&UNUSABLE_ROUND_TRIP),
        _ => false,
    }
}

/// The leg whose reports are bad while those of the other are good.
struct OneBad<'a> {
    /// Who is at its end.
    name: String,
    side: Side,
    reports: Vec<&'a Sample>,
}

fn on_leg(leg: Option<&OneBad<'_>>) -> String {
    leg.map_or_else(String::new, |it| format!(" on the leg of {}", it.name))
}

fn one_bad_leg<'a>(case: &Case<'_>, samples: &[&'a Sample]) -> Option<OneBad<'a>> {
    const FEWEST: usize = 3;
    let of = |leg: Leg| -> Vec<&'a Sample> {
        let own = samples.iter().filter(|it| leg_of(case, it) == Some(leg));
        own.copied().collect()
    };
    let (caller, called) = (of(Leg::Caller), of(Leg::Called));
    if caller.len().min(called.len()) < FEWEST {
        return None;
    }
    let way = case.way();
    let (node, reports) = match (bad(case, &caller).is_empty(), bad(case, &called).is_empty()) {
        (false, true) => (way.first()?.client, caller),
        (true, false) => (way.last()?.server, called),
        _ => return None,
    };
    Some(OneBad {
        name: case.name(node),
        side: case.roles.side(node),
        reports,
    })
}

/// The MOS below which the worst tenth of the reports lies; nothing of less than ten.
fn worst_tenth(samples: &[&Sample]) -> Option<f64> {
    const FEWEST: usize = 10;
    let mut values: Vec<f64> = samples.iter().filter_map(|it| it.mos).collect();
    values.sort_by(f64::total_cmp);
    if values.len() < FEWEST {
        return None;
    }
    values.get(values.len() / 10 - 1).copied()
}
