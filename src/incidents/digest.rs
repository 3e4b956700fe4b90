//! The day or week of a channel in figures: calls looked into, causes, parties, carriers by failure, time to fix. Pure;
//! off unless it is configured.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::grouping::counted;
use super::life::Incident;
use super::posts::spoken;
use super::signal::Seen;
use crate::diagnosis::patterns::{Share, figures, median};

const HOUR: i64 = 3600;

/// Hours that are kept: eight days.
const HOURS: i64 = 8 * 24;

/// Carriers beyond these are not listed.
const MOST_CARRIERS: usize = 5;

/// What was counted of some calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All calls.
    pub all: usize,
    /// Answered ones.
    pub answered: usize,
    /// Lost ones.
    pub lost: usize,
    /// Redirected ones.
    pub redirected: usize,
    /// Those that ended with a challenge.
    pub challenged: usize,
    /// Not answered and effective all the same (RFC 6076 section 4.7).
    pub effective: usize,
    /// Ineffective ones (RFC 6076 section 4.8).
    pub ineffective: usize,
}

/// Counts by hour and carrier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    hours: BTreeMap<i64, BTreeMap<String, Counts>>,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.all += other.all;
        self.answered += other.answered;
        self.lost += other.lost;
        self.redirected += other.redirected;
        self.challenged += other.challenged;
        self.effective += other.effective;
        self.ineffective += other.ineffective;
    }

    /// Answer seizure ratio (ITU-T E.425).
    #[must_use]
    pub fn asr(&self) -> Share {
        self.share(self.answered, self.all)
    }

    /// Network effectiveness ratio (ITU-T E.425).
    #[must_use]
    pub fn ner(&self) -> Share {
        self.share(self.all.saturating_sub(self.lost), self.all)
    }

    /// Session establishment ratio (RFC 6076 section 4.6).
    #[must_use]
    pub fn ser(&self) -> Share {
        self.share(self.answered, self.all.saturating_sub(self.redirected))
    }

    /// Session establishment effectiveness ratio (RFC 6076 section 4.7).
    #[must_use]
    pub fn seer(&self) -> Share {
        let of = self.all.saturating_sub(self.redirected + self.challenged);
        self.share(self.answered + self.effective, of)
    }

    /// Ineffective session attempts (RFC 6076 section 4.8).
    #[must_use]
    pub fn isa(&self) -> Share {
        self.share(self.ineffective, self.all)
    }

    fn share(&self, part: usize, whole: usize) -> Share {
        Share { part, whole }
    }
}

impl Tally {
    /// Counts a call.
    pub fn note(&mut self, call: &Seen) {
        let hour = call.at.as_second().div_euclid(HOUR);
        let carrier = call.carrier.as_ref().map_or("", |it| it.name.as_str());
        let of_hour = self.hours.entry(hour).or_default();
        if !of_hour.contains_key(carrier) {
            of_hour.insert(carrier.to_owned(), Counts::default());
        }
        let Some(counts) = of_hour.get_mut(carrier) else {
            return;
        };
        let code = |is: fn(u16) -> bool| usize::from(!call.answered && call.code.is_some_and(is));
        counts.add(Counts {
            all: 1,
            answered: usize::from(call.answered),
            lost: usize::from(call.failed()),
            redirected: code(|it| (300..400).contains(&it)),
            challenged: code(|it| matches!(it, 401 | 402 | 407)),
            effective: code(figures::is_effective),
            ineffective: code(figures::is_ineffective),
        });
        while self
            .hours
            .first_key_value()
            .is_some_and(|(first, _)| hour - first > HOURS)
        {
            self.hours.pop_first();
        }
    }

    /// Counts whole hours anew, of all calls since some time: what was counted and not kept is lost with a process.
    pub fn count_anew(&mut self, from: Timestamp, calls: &[Seen]) {
        let first = (from.as_second() + HOUR - 1).div_euclid(HOUR);
        self.hours.retain(|hour, _| *hour < first);
        let mut known = BTreeSet::new();
        for call in calls {
            let hour = call.at.as_second().div_euclid(HOUR);
            if hour >= first && known.insert(call.call_id.as_str()) {
                self.note(call);
            }
        }
    }

    /// The counts of a stretch of time by carrier.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> BTreeMap<String, Counts> {
        let hour = |at: Timestamp| at.as_second().div_euclid(HOUR);
        let mut sums: BTreeMap<String, Counts> = BTreeMap::new();
        for (carrier, counts) in self
            .hours
            .range(hour(from)..hour(to))
            .flat_map(|(_, it)| it)
        {
            sums.entry(carrier.clone()).or_default().add(*counts);
        }
        sums
    }
}

/// The lines of a digest over the incidents and calls of a stretch of time.
#[must_use]
pub fn lines<'i>(
    incidents: impl Iterator<Item = &'i Incident>,
    tally: &Tally,
    from: Timestamp,
    to: Timestamp,
    time: &dyn Fn(Timestamp) -> String,
) -> Vec<String> {
    let incidents: Vec<&Incident> = incidents
        .filter(|it| it.opened >= from && it.opened < to)
        .collect();
    let carriers = tally.between(from, to);
    let whole = |at: Timestamp| {
        Timestamp::from_second(at.as_second().div_euclid(HOUR) * HOUR).unwrap_or(at)
    };
    let hours = match (whole(from), whole(to)) {
        hours if hours == (from, to) => String::new(),
        (first, last) => format!(" from {} to {}, whole hours", time(first), time(last)),
    };
    let mut all = Counts::default();
    carriers.values().for_each(|it| all.add(*it));
    let percent = |share: Share| match share.whole {
        0 => "–".to_owned(),
        _ => format!("{} %", share.percent()),
    };
    let open = incidents.iter().filter(|it| it.is_open()).count();
    let looked: usize = incidents.iter().map(|it| it.examples.len()).sum();
    let mut lines = vec![
        format!(
            "From {} to {}: {}, {open} of them open; {looked} calls looked into.",
            time(from),
            time(to),
            match incidents.len() {
                1 => "1 incident".to_owned(),
                several => format!("{several} incidents"),
            }
        ),
        format!(
            "{} calls{hours}: {} answered, {} lost. ITU-T E.425: ASR {}, NER {}. RFC 6076: SER {}, SEER {}, ISA {}.",
            all.all,
            all.answered,
            all.lost,
            percent(all.asr()),
            percent(all.ner()),
            percent(all.ser()),
            percent(all.seer()),
            percent(all.isa())
        ),
    ];
    let told = |counts: Vec<(String, usize)>| {
        let told: Vec<String> = counts
            .into_iter()
            .map(|(it, times)| format!("{it} {times}×"))
            .collect();
        told.join(", ")
    };
    let mut largest = incidents.clone();
    largest.sort_by_key(|it| std::cmp::Reverse(it.lost));
    for it in largest.iter().take(MOST_CARRIERS) {
        lines.push(format!(
            "· {} ({}, {})",
            super::posts::headline(it),
            it.id,
            match it.is_open() {
                true => format!("open since {}", time(it.began)),
                false => spoken(it.lasted()),
            }
        ));
    }
    let rules = counted(
        incidents
            .iter()
            .flat_map(|it| it.examples.iter().map(|it| it.rule.clone())),
    );
    let parties = counted(
        incidents
            .iter()
            .filter_map(|it| it.party().map(str::to_owned)),
    );
    for (label, counts) in [
        ("Causes of the calls looked into", rules),
        ("Likely parties", parties),
    ] {
        if !counts.is_empty() {
            lines.push(format!("{label}: {}.", told(counts)));
        }
    }
    let mut worst: Vec<(&String, &Counts)> = carriers
        .iter()
        .filter(|(name, it)| !name.is_empty() && it.all > 0)
        .collect();
    worst.sort_by_key(|(_, it)| std::cmp::Reverse(it.lost * 10_000 / it.all.max(1)));
    let worst: Vec<String> = worst
        .into_iter()
        .take(MOST_CARRIERS)
        .map(|(name, it)| {
            format!(
                "{name} {} of {} ({})",
                it.lost,
                it.all,
                percent(Share {
                    part: it.lost,
                    whole: it.all
                })
            )
        })
        .collect();
    if !worst.is_empty() {
        lines.push(format!(
            "Carriers by share of lost calls: {}.",
            worst.join(", ")
        ));
    }
    let fixed: Vec<SignedDuration> = incidents
        .iter()
        .filter(|it| !it.is_open())
        .map(|it| it.lasted())
        .collect();
    let count = fixed.len();
    if let Some(middle) = median(fixed) {
        lines.push(format!(
            "Time to fix: {} in the middle, of {count} that are over.",
            spoken(middle)
        ));
    }
    lines
}
