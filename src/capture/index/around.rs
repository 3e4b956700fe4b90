//! The index of what large captures hold around some Call-IDs, and of nothing else: so that it does not grow with the
//! captures. A pass looks for when those Call-IDs were met, a second one indexes the time around that.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use memchr::memmem::Finder;

use super::Index;
use crate::capture::files::Files;
use crate::capture::item::Item;
use crate::capture::scan::{Event, Flow, Start};
use crate::sip::{Glance, Seen};

/// From the first time to the last.
type Times = RangeInclusive<Timestamp>;

/// What lies further from a call in time tells nothing of it: its legs begin within three minutes of one another, and
/// neighbours are looked for within ten.
const AROUND: SignedDuration = SignedDuration::from_mins(15);
/// Registrations tell something of calls for as long as they were granted, an hour mostly.
const REGISTERED_BEFORE: SignedDuration = SignedDuration::from_hours(3);

/// The time to which an index keeps.
#[derive(Debug, Clone)]
pub(super) struct Within {
    calls: Times,
    registrations: Times,
}

impl Within {
    fn around(met: Times) -> Within {
        let (first, last) = met.into_inner();
        let before = |long| first.checked_sub(long).unwrap_or(Timestamp::MIN);
        let after = last.checked_add(AROUND).unwrap_or(Timestamp::MAX);
        Within {
            calls: before(AROUND)..=after,
            registrations: before(REGISTERED_BEFORE)..=after,
        }
    }

    /// Whether a message belongs into the index.
    pub(super) fn has(&self, seen: &Seen<'_>) -> bool {
        self.calls.contains(&seen.at)
            || self.registrations.contains(&seen.at) && seen.bytes.starts_with(b"REGISTER ")
    }
}

impl Index {
    /// Indexes what these files and folders hold within a quarter of an hour of the messages with these Call-IDs;
    /// nothing where there is no such message. [`Index::load`] gives the messages of these calls whenever they were
    /// seen. Captures are found and told as by [`Index::build`]; both passes count as progress.
    #[must_use]
    pub fn around_calls(
        paths: &[PathBuf],
        call_ids: &[String],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Option<Index> {
        let files = Files::find(paths);
        let all = files.bytes();
        let met = met(&files, call_ids, &mut |done| {
            progress(done.min(all), all * 2)
        })?;
        let within = Some(Within::around(met));
        let mut second = |done, _| progress(all + done, all * 2);
        Some(Index::within(files, &Index::default(), within, &mut second))
    }

    /// Whether all registrations between these times are in it.
    #[must_use]
    pub fn covers_registrations(&self, from: Timestamp, to: Timestamp) -> bool {
        let has = |within: &Within| {
            within.registrations.contains(&from) && within.registrations.contains(&to)
        };
        self.within.as_ref().is_none_or(has)
    }
}

/// When messages with these Call-IDs were seen.
fn met(files: &Files, call_ids: &[String], progress: &mut dyn FnMut(u64)) -> Option<Times> {
    // Nearly every message is told from these by a look for their letters, where they stand there as they are.
    let is_odd = |it: &String| {
        it.contains(|letter: char| letter.is_whitespace() || letter == char::REPLACEMENT_CHARACTER)
    };
    let has_odd = call_ids.iter().any(is_odd);
    let letters: Vec<Finder<'_>> = call_ids
        .iter()
        .map(|it| Finder::new(it.as_bytes()))
        .collect();
    let look = |met: &mut Option<Times>, item: Item<'_>| {
        let Item::Message(seen) = item else { return };
        let may_be = has_odd || letters.iter().any(|it| it.find(seen.bytes).is_some());
        if may_be
            && call_ids
                .iter()
                .any(|it| *it == Glance::of(seen.bytes).call_id())
        {
            *met = wider(met.take(), seen.at..=seen.at);
        }
    };
    let mut all: Option<Times> = None;
    files.scan(&|_| Some(Start::Beginning), &look, &mut |event| {
        match event {
            Event::Items {
                made: Some(met), ..
            } => all = wider(all.take(), met),
            Event::Reached(..) => progress(files.bytes_read()),
            // What cannot be read is said by the pass that follows.
            Event::Items { .. } | Event::Ended(..) => {}
        }
        Flow::On
    });
    all
}

fn wider(known: Option<Times>, more: Times) -> Option<Times> {
    let (first, last) = more.into_inner();
    Some(match known.map(Times::into_inner) {
        None => first..=last,
        Some((from, to)) => from.min(first)..=to.max(last),
    })
}
