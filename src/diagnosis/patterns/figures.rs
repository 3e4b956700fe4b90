//! The figures by which telephone traffic is judged, over some calls. Sources: RFC 6076 for the session
//! metrics; ITU-T E.425 for answer seizure and network effectiveness ratio, which RFC 6076 does not have.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::interval::{Share, median};

/// What RFC 6076 section 4.7 counts as effective besides an answer.
const EFFECTIVE: [u16; 4] = [480, 486, 600, 603];

/// What RFC 6076 section 4.8 counts as ineffective.
const INEFFECTIVE: [u16; 4] = [408, 500, 503, 504];

/// Whether a call that was refused so was effective by RFC 6076 section 4.7.
#[must_use]
pub fn is_effective(code: u16) -> bool {
    EFFECTIVE.contains(&code)
}

/// Whether a call that was refused so was ineffective by RFC 6076 section 4.8.
#[must_use]
pub fn is_ineffective(code: u16) -> bool {
    INEFFECTIVE.contains(&code)
}

/// Figures over some calls; percentages are nothing where there is nothing to divide by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many calls.
    pub calls: usize,
    /// How many of them were answered.
    pub answered: usize,
    /// Answer seizure ratio: answered of all, in percent (E.425).
    pub asr: Option<usize>,
    /// Network effectiveness ratio: all but those that the network lost, in percent (E.425): busy, no
    /// answer, a refusal by the called user and a caller who gave up are no loss.
    pub ner: Option<usize>,
    /// Session establishment ratio: answered of all that were not redirected, in percent (section 4.6).
    pub ser: Option<usize>,
    /// Session establishment effectiveness ratio: answered, 480, 486, 600 or 603, of all that were neither
    /// redirected nor asked for credentials at their end, in percent (section 4.7).
    pub seer: Option<usize>,
    /// Ineffective session attempts: 408, 500, 503 or 504, of all, in percent (section 4.8).
    pub isa: Option<usize>,
    /// Successful session request delay: the middle of the time to the first sign of life, in ms (section
    /// 4.3).
    pub srd_ms: Option<i64>,
    /// Session duration time: the middle of the talk times, in ms (section 4.5).
    pub sdt_ms: Option<i64>,
}

impl Figures {
    /// The figures over these.
    #[must_use]
    pub fn of(calls: &[&Entry]) -> Figures {
        let share = |all: &dyn Fn(&Entry) -> bool, part: &dyn Fn(&Entry) -> bool| {
            let share = Share::of(calls.iter().filter(|it| all(it)), |it| part(it));
            (share.whole > 0).then(|| share.percent())
        };
        let any = |_: &Entry| true;
        let answered = |it: &Entry| it.answered;
        let code = |it: &Entry, codes: &[u16]| it.code.is_some_and(|code| codes.contains(&code));
        let redirected = |it: &Entry| matches!(it.code, Some(300..=399));
        let millis = |of: fn(&Entry) -> Option<SignedDuration>| {
            let figures = calls.iter().filter_map(|it| of(it));
            let figures = figures.map(|it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX));
            median(figures.collect())
        };
        Figures {
            calls: calls.len(),
            answered: calls.iter().filter(|it| it.answered).count(),
            asr: share(&any, &answered),
            ner: share(&any, &|it| !it.failed()),
            ser: share(&|it| !redirected(it), &answered),
            seer: share(
                &|it| !redirected(it) && !code(it, &[401, 402, 407]),
                &|it| it.answered || code(it, &EFFECTIVE),
            ),
            isa: share(&any, &|it| code(it, &INEFFECTIVE)),
            srd_ms: millis(|it| it.pdd),
            sdt_ms: millis(|it| it.talk),
        }
    }
}
