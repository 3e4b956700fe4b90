//! Several capture points of the same calls: sets the clock of each by the messages that another saw too, and tells
//! which sightings are of one sending. Judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::SignedDuration;

use super::map::Map;
use super::signal::{CAPTURE_DUPLICATE_WITHIN, Repeat, Signal, Thread};
use super::timeless::is_timeless;

/// Two points see a message no further apart than this once their clocks are set: a sender repeats it after 500 ms at
/// the soonest (T1, RFC 3261 section 17.1.1.2).
const ON_THE_WAY: SignedDuration = SignedDuration::from_millis(400);

/// By fewer messages no clock is set.
const FEWEST: usize = 2;

/// What tells the sendings of one message from those of another.
type Key = (
    SocketAddr,
    SocketAddr,
    Option<String>,
    Option<String>,
    String,
);

/// A message, whenever and wherever it was seen.
fn key(signal: &Signal) -> Key {
    let cseq = signal.cseq.as_ref().map(|it| it.number);
    (
        signal.source(),
        signal.destination(),
        signal.branch.clone(),
        signal.to_tag.clone(),
        format!("{:?} {cseq:?} {:?}", signal.start, signal.method()),
    )
}

/// Whether the messages come from more than one point.
pub(super) fn are_several(signals: &[Signal]) -> bool {
    let mut files = signals.iter().map(|signal| signal.packet.place.file);
    let first = files.next();
    files.any(|file| Some(file) != first)
}

/// Sets the clock of each point by that of the point with the most messages, where both saw at least two messages
/// once. A difference that no duplicate is lost by stays as it is, and so does a text without times.
pub(super) fn set_clocks(threads: &mut [Thread]) {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let all = || threads.iter().flat_map(|thread| &thread.signals);
    for signal in all() {
        *counts.entry(signal.packet.place.file).or_default() += 1;
    }
    if counts.len() > 1 {
        counts.retain(|file, _| {
            let of_file = all().filter(|signal| signal.packet.place.file == *file);
            !is_timeless(of_file.map(|signal| signal.packet.at))
        });
    }
    let most = counts
        .iter()
        .max_by_key(|(file, count)| (**count, std::cmp::Reverse(**file)));
    let Some(reference) = most.map(|(file, _)| *file).filter(|_| counts.len() > 1) else {
        return;
    };
    let seen_once = seen_once(threads);
    for file in counts.into_keys().filter(|file| *file != reference) {
        let Some(ahead) = ahead(&seen_once, file, reference) else {
            continue;
        };
        if ahead.abs() < CAPTURE_DUPLICATE_WITHIN {
            continue;
        }
        let of_file = |signal: &&mut Signal| signal.packet.place.file == file;
        let signals = threads.iter_mut().flat_map(|thread| &mut thread.signals);
        for signal in signals.filter(of_file) {
            signal.set_back(ahead);
        }
    }
}

/// When each point saw a message of which it saw one copy, by message and point.
type Sightings = Map<(usize, Key), BTreeMap<u32, Option<jiff::Timestamp>>>;

fn seen_once(threads: &[Thread]) -> Sightings {
    let mut all = Sightings::default();
    for (at, thread) in threads.iter().enumerate() {
        if !are_several(&thread.signals) {
            continue;
        }
        for signal in &thread.signals {
            let sightings = all.entry((at, key(signal))).or_default();
            sightings
                .entry(signal.packet.place.file)
                .and_modify(|once| *once = None)
                .or_insert(Some(signal.packet.at));
        }
    }
    all
}

/// How far the clock of one point is ahead of another's: the middle of what the messages show. What goes one way shows
/// too much by the time on the way and what goes the other way too little, so that each way counts as much.
fn ahead(all: &Sightings, file: u32, reference: u32) -> Option<SignedDuration> {
    let mut ways: [Vec<SignedDuration>; 2] = Default::default();
    for ((_, (from, to, ..)), sightings) in all {
        let of = |point: u32| sightings.get(&point).copied().flatten();
        let (Some(here), Some(there)) = (of(file), of(reference)) else {
            continue;
        };
        let [out, back] = &mut ways;
        let way = if from < to { out } else { back };
        way.push(here.duration_since(there));
    }
    if ways.iter().map(Vec::len).sum::<usize>() < FEWEST {
        return None;
    }
    let middles: Vec<SignedDuration> = ways.iter_mut().filter_map(|way| middle(way)).collect();
    let sum = middles
        .iter()
        .try_fold(SignedDuration::ZERO, |sum, it| sum.checked_add(*it))?;
    Some(sum / i32::try_from(middles.len()).ok()?)
}

/// The middle one, unless the values are too far apart to mean one difference.
fn middle(values: &mut [SignedDuration]) -> Option<SignedDuration> {
    values.sort_unstable();
    let middle = values.get(values.len() / 2).copied()?;
    let is_near = |it: &&SignedDuration| {
        let apart = it.checked_sub(middle).unwrap_or(SignedDuration::MAX);
        apart.unsigned_abs() < ON_THE_WAY.unsigned_abs()
    };
    let near = values.iter().filter(is_near).count();
    (near * 3 >= values.len() * 2).then_some(middle)
}

/// Marks what one sending is of several points. The signals are in the order of time.
pub(super) fn mark_repeats(signals: &mut [Signal]) {
    struct Sending {
        at: jiff::Timestamp,
        seen_by: BTreeSet<u32>,
    }
    let mut last: Map<Key, Sending> = Map::default();
    for signal in signals {
        let (at, file) = (signal.at(), signal.packet.place.file);
        let key = key(signal);
        let repeat = match last.get_mut(&key) {
            None => Repeat::First,
            Some(sending) => {
                let apart = at.duration_since(sending.at);
                let within = match sending.seen_by.contains(&file) {
                    true => CAPTURE_DUPLICATE_WITHIN,
                    false => ON_THE_WAY,
                };
                if apart < within {
                    sending.seen_by.insert(file);
                    Repeat::CaptureDuplicate
                } else {
                    Repeat::Retransmission
                }
            }
        };
        signal.repeat = repeat;
        if repeat != Repeat::CaptureDuplicate {
            let seen_by = BTreeSet::from([file]);
            last.insert(key, Sending { at, seen_by });
        }
    }
}
