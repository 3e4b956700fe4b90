//! The moment at which RTCP began to tell of worse quality. Says when, and what the messages show at that time.

use jiff::SignedDuration;

use super::row;
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::platform::Sample;
use crate::sip::{Certainty, Method};

pub(super) static QUALITY_TURNED: Rule = Rule {
    id: "quality-turned",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "A report of RTCP from which on every MOS is at least 0.5 below each one before it, three reports and more \
            on both sides; and whether the call was changed by a re-INVITE or UPDATE shortly before.",
    matters: "What changed at that moment is where to look: another network, another codec, another way.",
    remedy: "Ask what happened at that time on the side that is worse.",
    silent: "The figures go up and down, or there are less than six reports.",
    source: "The platform's documentation of media quality; catalogue Y7",
    explains: &[],
    limits: &[&STEP],
    check: Check::Call(|rule, case| turned(rule, case).into_iter().collect()),
};

static STEP: Limit = Limit {
    key: "quality-turned.step",
    what: "by how much the MOS must fall and stay down",
    default: Figure::Score(0.5),
};

/// Reports on each side of the step.
const FEWEST: usize = 3;

fn turned(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let quality = case.records?.quality.as_ref()?;
    let told: Vec<(&Sample, f64)> = quality
        .samples
        .iter()
        .filter_map(|sample| Some((sample, sample.mos?)))
        .collect();
    let at = step(
        &told.iter().map(|(_, mos)| *mos).collect::<Vec<_>>(),
        case.tuning.number(&STEP),
    )?;
    let (before, after) = (told.get(..at)?, told.get(at..)?);
    let (first, _) = after.first()?;
    let mean = |told: &[(&Sample, f64)]| Sample::mean(told.iter().map(|(it, _)| *it), |it| it.mos);
    let when = first.at.map(|at| case.at(at));
    let change = first.at.and_then(|at| changed_before(case, at));
    let fact = format!(
        "Quality turned at report {} of {}{}: MOS {:.1} on average before, {:.1} from then on.",
        at + 1,
        told.len(),
        when.map(|when| format!(" ({when})")).unwrap_or_default(),
        mean(before)?,
        mean(after)?,
    );
    let cause = match change {
        Some(request) => format!(
            "The call was changed shortly before ({}).",
            case.when(request)
        ),
        None if case.call.signals.is_empty() || first.at.is_none() => String::new(),
        None => {
            "No change of the call came shortly before: a network or a device changed.".to_owned()
        }
    };
    let fields = [before.last()?, after.first()?].map(|(_, mos)| Field::new("RTCP", "mos", mos));
    rule.finding_of(
        case,
        Proof::fields(fields).and(change),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner: Side::Unknown.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: "Ask both sides what changed at that moment: a handset, a network, a transfer."
                .into(),
        },
    )
}

/// Where a series falls and stays down: the place of the first value that is low.
fn step(series: &[f64], high: f64) -> Option<usize> {
    let lowest_before = series.iter().scan(f64::INFINITY, |lowest, value| {
        *lowest = lowest.min(*value);
        Some(*lowest)
    });
    let lowest_before: Vec<f64> = lowest_before.collect();
    let mut highest_after = f64::NEG_INFINITY;
    let mut found = None;
    for (at, value) in series.iter().enumerate().rev() {
        highest_after = highest_after.max(*value);
        let before = at.checked_sub(1).and_then(|it| lowest_before.get(it));
        let is_step = before.is_some_and(|before| highest_after + high <= *before);
        if is_step && at >= FEWEST && series.len() - at >= FEWEST {
            found = Some(at);
        }
    }
    found
}

/// The last accepted change of the call, not long before a report.
fn changed_before<'a>(
    case: &Case<'a>,
    at: jiff::Timestamp,
) -> Option<&'a std::sync::Arc<crate::sip::Signal>> {
    const SHORTLY: SignedDuration = SignedDuration::from_secs(15);
    let from = shifted(at, -SHORTLY);
    let mut changes = case.call.transactions.iter().filter(|it| {
        it.in_dialog
            && matches!(it.method, Method::Invite | Method::Update)
            && matches!(it.final_code(), Some(200..=299))
            && it
                .started()
                .is_some_and(|started| started >= from && started <= at)
    });
    changes.next_back()?.request()
}
