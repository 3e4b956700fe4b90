//! The good twin of a call: a good call so like it that what differs may be why. Chooses among calls
//! that it is given; says of which kind the twin is and how far off in time.

use std::cmp::Reverse;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::call::located;
use crate::diagnosis::case::seconds;
use crate::diagnosis::common::{Aspect, Ended, Traits};

/// A twin from so near in time is better than any from farther off.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// Numbers that begin with so many equal digits of E.164 share a prefix.
const PREFIX: usize = 5;

/// What makes a call the twin of another, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TwinKind {
    /// The same number, called by another customer.
    SameNumber,
    /// The same customer, the same first digits, the same carrier.
    SameRoute,
    /// The same customer, another carrier.
    OtherCarrier,
}

/// How the twin was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// Of which kind it is.
    pub kind: TwinKind,
    /// How much later than the call it began, in milliseconds; negative where it was before.
    pub later_ms: Option<i64>,
    /// Both in one sentence.
    pub sentence: String,
}

/// Chooses the good twin of a call: within 24 hours first, then by kind, then the nearest in time.
/// Gives its place among the calls.
#[must_use]
pub fn twin(of: &Traits, among: &[Traits]) -> Option<(usize, Twin)> {
    let is_it = |other: &Traits| other.call_ids.iter().any(|id| of.call_ids.contains(id));
    let candidates = among.iter().enumerate().filter_map(|(at, other)| {
        let kind = kind(of, other).filter(|_| other.ended == Ended::Good && !is_it(other))?;
        Some((at, other, kind, later(of, other)))
    });
    let (at, other, kind, later) = candidates.min_by_key(|(_, other, kind, later)| {
        let apart = later.map_or(SignedDuration::MAX, |it| it.abs());
        (
            apart > NEAR,
            *kind,
            apart,
            Reverse(other.call_id().to_owned()),
        )
    })?;
    let later_ms = later.and_then(|it| i64::try_from(it.as_millis()).ok());
    let sentence = sentence(kind, other.carrier.as_deref(), later);
    Some((
        at,
        Twin {
            kind,
            later_ms,
            sentence,
        },
    ))
}

fn later(of: &Traits, other: &Traits) -> Option<SignedDuration> {
    Some(other.at?.duration_since(of.at?))
}

fn kind(of: &Traits, other: &Traits) -> Option<TwinKind> {
    let is_known = |call: &Traits, aspect| call.of(aspect).next().is_some();
    let same_customer = of.shares(Aspect::Customer, other);
    let both_known = is_known(of, Aspect::Customer) && is_known(other, Aspect::Customer);
    // Of several the last one tried: that one had the call.
    let same_carrier = match (&of.carrier, &other.carrier) {
        (Some(one), Some(two)) => one == two,
        _ => of.shares(Aspect::Carrier, other),
    };
    if same_number(&of.to, &other.to) && both_known && !same_customer {
        Some(TwinKind::SameNumber)
    } else if same_customer && same_carrier && same_prefix(&of.to, &other.to) {
        Some(TwinKind::SameRoute)
    } else if same_customer && !same_carrier && is_known(other, Aspect::Carrier) {
        Some(TwinKind::OtherCarrier)
    } else {
        None
    }
}

/// Whether two numbers are one, however they are written.
fn same_number(one: &str, two: &str) -> bool {
    match (located(one), located(two)) {
        (Some((one, _)), Some((two, _))) => one == two,
        _ => one == two && !one.is_empty(),
    }
}

fn same_prefix(one: &str, two: &str) -> bool {
    let prefix = |number: &str| Some(located(number)?.0.get(..PREFIX)?.to_owned());
    matches!((prefix(one), prefix(two)), (Some(one), Some(two)) if one == two)
}

fn sentence(kind: TwinKind, carrier: Option<&str>, later: Option<SignedDuration>) -> String {
    let what = match kind {
        TwinKind::SameNumber => "a good call to the same number from another customer",
        TwinKind::SameRoute => {
            "a good call of the same customer to the same prefix through the same carrier"
        }
        TwinKind::OtherCarrier => "a good call of the same customer through another carrier",
    };
    let when = match later {
        None => "at a time that is not known".to_owned(),
        Some(later) if later.is_negative() => format!("{} earlier", age(later.abs())),
        Some(later) => format!("{} later", age(later)),
    };
    let carrier = carrier.filter(|_| kind != TwinKind::SameNumber);
    let carrier = carrier.map_or_else(String::new, |it| format!(", {it}"));
    format!("B is {what}{carrier}, {when}.")
}

/// A duration as people say it of days.
fn age(apart: SignedDuration) -> String {
    match apart.as_hours() {
        0 => seconds(apart),
        hours @ 1..48 => format!("{hours} h"),
        hours => format!("{} days", hours / 24),
    }
}
