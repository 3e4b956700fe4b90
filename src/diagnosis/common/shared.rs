//! What failing calls share and good ones do not: each trait with how many of how many, the ones that
//! tell the two apart best first. Concludes no cause: what is shared may be chance, and says so.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::chance::may_be_chance;
use super::once::once;
use super::sentence;
use super::traits::{Aspect, Ended, Traits};
use crate::diagnosis::case::shifted;
use crate::sip::Kind;

/// Fewer failing calls than this share nothing worth telling, unless they are all there are.
const FEWEST: usize = 3;

/// A trait is told where its share among failing calls lies above that among good ones by at least
/// so many thousandths.
const LEAST_APART: i64 = 200;

/// More traits than this are not told.
const MOST_SHARED: usize = 8;

/// What several calls have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// How many calls there are, each counted once; registrations and keep-alives are none.
    pub calls: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How many of them were good.
    pub good: usize,
    /// How many are neither: see [`Ended::Undecided`].
    pub undecided: usize,
    /// The minute in which the first failing call began.
    pub first_failing: Option<Timestamp>,
    /// When the last failing call began.
    pub last_failing: Option<Timestamp>,
    /// When the last good call began.
    pub last_good: Option<Timestamp>,
    /// The Call-ID of the failing call that shows best what is wrong.
    pub example: Option<String>,
    /// What failing calls share, the best at telling them from good ones first.
    pub shared: Vec<Shared>,
}

/// A trait that failing calls share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// What it is about.
    pub aspect: Aspect,
    /// Its value, as in `Acme (#105)` or `4479`.
    pub value: String,
    /// How many failing calls have it.
    pub failing: usize,
    /// Of how many failing calls it is known whether they do.
    pub failing_known: usize,
    /// How many good calls have it.
    pub good: usize,
    /// Of how many good calls it is known whether they do.
    pub good_known: usize,
    /// Whether so few calls may agree in it by chance.
    pub may_be_chance: bool,
    /// All of that in one sentence.
    pub sentence: String,
}

/// What these calls have in common.
#[must_use]
pub fn common(calls: &[Traits]) -> Common {
    let calls: Vec<&Traits> = once(calls)
        .into_iter()
        .filter(|it| it.kind == Kind::Call)
        .collect();
    let of = |ended: Ended| -> Vec<&Traits> {
        calls
            .iter()
            .copied()
            .filter(|call| call.ended == ended)
            .collect()
    };
    let (failing, good) = (of(Ended::Failed), of(Ended::Good));
    let began = |calls: &[&Traits]| -> Vec<Timestamp> {
        let mut all: Vec<Timestamp> = calls.iter().filter_map(|call| call.at).collect();
        all.sort_unstable();
        all
    };
    let (failed_at, good_at) = (began(&failing), began(&good));
    let example = failing
        .iter()
        .max_by_key(|call| (call.worth(), Reverse(call.call_id())));
    Common {
        calls: calls.len(),
        failed: failing.len(),
        good: good.len(),
        undecided: calls.len() - failing.len() - good.len(),
        first_failing: failed_at.first().map(|at| minute(*at)),
        last_failing: failed_at.last().copied(),
        last_good: good_at.last().copied(),
        example: example.map(|call| call.call_id().to_owned()),
        shared: shared(&failing, &good),
    }
}

/// The beginning of a minute.
fn minute(at: Timestamp) -> Timestamp {
    let past = at.as_nanosecond().rem_euclid(60_000_000_000);
    shifted(
        at,
        SignedDuration::from_nanos(-i64::try_from(past).unwrap_or_default()),
    )
}

fn shared(failing: &[&Traits], good: &[&Traits]) -> Vec<Shared> {
    // One call shares nothing with itself.
    if failing.len() < 2 {
        return Vec::new();
    }
    let (of_failing, of_good) = (Counts::of(failing), Counts::of(good));
    let counted = of_failing.having.iter().map(|((aspect, value), failing)| {
        let is_set_against = !aspect.is_outcome();
        let good = of_good.having.get(&(*aspect, *value)).copied();
        let good_known = of_good.known.get(aspect).copied();
        Shared {
            aspect: *aspect,
            value: (*value).to_owned(),
            failing: *failing,
            failing_known: of_failing.known.get(aspect).copied().unwrap_or_default(),
            good: good.filter(|_| is_set_against).unwrap_or_default(),
            good_known: good_known.filter(|_| is_set_against).unwrap_or_default(),
            may_be_chance: false,
            sentence: String::new(),
        }
    });
    let all: Vec<Shared> = counted.filter(|it| is_telling(it, failing.len())).collect();
    let is_closest = |one: &&Shared| !all.iter().any(|other| is_narrower(other, one));
    let mut found: Vec<Shared> = all.iter().filter(is_closest).cloned().collect();
    found.sort_by(|a, b| {
        let order = |it: &Shared| {
            let outcome = it.aspect.is_outcome();
            (outcome, Reverse(apart(it)), Reverse(it.failing), it.aspect)
        };
        order(a).cmp(&order(b)).then_with(|| a.value.cmp(&b.value))
    });
    found.truncate(MOST_SHARED);
    for one in &mut found {
        one.may_be_chance = may_be_chance(one.failing, one.failing_known, one.good, one.good_known);
        one.sentence = sentence::of(one, failing.len(), good.len());
    }
    found
}

/// How many calls have each value, and of how many each aspect is known.
struct Counts<'a> {
    having: BTreeMap<(Aspect, &'a str), usize>,
    known: BTreeMap<Aspect, usize>,
}

impl<'a> Counts<'a> {
    fn of(calls: &[&'a Traits]) -> Counts<'a> {
        let (mut having, mut known) = (BTreeMap::new(), BTreeMap::new());
        for (aspect, values) in calls.iter().flat_map(|call| &call.values) {
            *known.entry(*aspect).or_default() += 1;
            for value in values {
                *having.entry((*aspect, value.as_str())).or_default() += 1;
            }
        }
        Counts { having, known }
    }
}

/// By how many thousandths the share among failing calls lies above that among good ones.
fn apart(one: &Shared) -> i64 {
    let share = |some: usize, all: usize| {
        let thousandths = some.saturating_mul(1000).checked_div(all).unwrap_or(0);
        i64::try_from(thousandths).unwrap_or(i64::MAX)
    };
    share(one.failing, one.failing_known) - share(one.good, one.good_known)
}

/// Whether a trait is worth a sentence: enough failing calls have it, and good ones less often.
/// Without good calls to set them against, at least half of the failing ones.
fn is_telling(one: &Shared, failing: usize) -> bool {
    let supported = one.failing >= FEWEST || one.failing == failing;
    let least = if one.good_known == 0 {
        500
    } else {
        LEAST_APART
    };
    supported && apart(one) >= least
}

/// Whether a trait says the same of the same calls more closely: a number lies in its prefix, a
/// prefix in a shorter one and in its country.
fn is_narrower(narrow: &Shared, wide: &Shared) -> bool {
    use Aspect::{Called, Destination, Prefix};
    let counts = |it: &Shared| (it.failing, it.failing_known, it.good, it.good_known);
    let inside = match (narrow.aspect, wide.aspect) {
        (Called, Prefix | Destination) | (Prefix, Destination) => true,
        (Prefix, Prefix) => {
            narrow.value.len() > wide.value.len() && narrow.value.starts_with(&wide.value)
        }
        _ => false,
    };
    // A number that is not in E.164 has no prefix: then more calls have the number.
    inside && counts(narrow) == counts(wide)
}
