//! The first pass: how many messages each Call-ID has, when it begins, and which Call-IDs are legs
//! of one call. Keeps a few numbers a call.

use std::collections::{HashSet, hash_map};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::gather::Unit;
use super::limits::Limits;
use super::ties::Ties;
use crate::capture::files::{Files, report, sentence};
use crate::capture::item::Item;
use crate::capture::observed::{Beside, Observer, media};
use crate::capture::scan::{Event, Flow, Start};
use crate::capture::spans::Spans;
use crate::sip::endpoints::of_thread;
use crate::sip::join::{Candidate, Found, Match, Settling, Setup, SetupReader, key, matches};
use crate::sip::map::Map;
use crate::sip::{Endpoint, Glance};
use crate::wire::Observations;

/// Which calls are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those under whose Call-IDs there is a REGISTER.
    Registrations,
}

/// How often, in batches, what is long past is settled.
const SETTLED_EVERY: u32 = 64;

/// What a set of captures holds, in numbers.
#[derive(Debug)]
pub struct Plan {
    pub(super) files: Files,
    pub(super) calls: Map<u64, Planned>,
    /// When each Call-ID begins and its key, ascending.
    pub(super) order: Vec<(Timestamp, u64)>,
    /// Calls of several legs.
    pub(super) groups: Vec<Group>,
    pub(super) ties: Ties,
    observer: Observer,
    spans: Spans,
    /// How many frames each file had.
    pub(super) frames: Map<usize, u32>,
    pub(super) limits: Limits,
    problems: Vec<String>,
    warnings: Vec<String>,
}

/// One Call-ID.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) first: Timestamp,
    pub(super) messages: u32,
    /// Its call's place in the groups, where that has several legs.
    pub(super) group: Option<u32>,
    pub(super) registers: bool,
}

/// A call of several legs.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The keys of its Call-IDs.
    pub(super) members: Vec<u64>,
    /// What joins them: places among its members.
    pub(super) matches: Vec<Match>,
}

/// What some frames add.
#[derive(Default)]
struct Counted {
    calls: Map<u64, Count>,
    besides: Vec<Beside>,
    /// The first time and the last.
    span: Option<(Timestamp, Timestamp)>,
}

/// What some frames add to one Call-ID.
struct Count {
    first: Timestamp,
    messages: u32,
    registers: bool,
    /// What may join it to other Call-IDs, where that is asked for.
    setup: SetupReader,
}

impl Plan {
    /// Reads all captures once. `joined` says whether the legs of a call belong together; else
    /// each Call-ID is by itself. `progress` is told how many bytes are read and how many there
    /// are, for two passes.
    #[must_use]
    pub fn of(mut files: Files, joined: bool, progress: &mut dyn FnMut(u64, u64)) -> Plan {
        let all = files.bytes() * 2;
        let mut calls: Map<u64, Planned> = Map::default();
        let mut setups: Map<u64, Settling> = Map::default();
        let mut batches = 0_u32;
        let (mut problems, mut warnings) = (files.problems().to_vec(), Vec::new());
        let mut spans = Spans::default();
        let mut frames: Map<usize, u32> = Map::default();
        let mut begins: Map<usize, Timestamp> = Map::default();
        let mut observer = Observer::default();
        files.scan(
            &|_| Some(Start::Beginning),
            &|all, item| count(all, item, joined),
            &mut |event| {
                match event {
                    Event::Items { number, made, .. } => {
                        let counted: Counted = made;
                        let file = u32::try_from(number).unwrap_or(u32::MAX);
                        for at in counted.span.into_iter().flat_map(<[Timestamp; 2]>::from) {
                            spans.add(file, at);
                        }
                        for beside in counted.besides {
                            observer.add(beside);
                        }
                        for (key, count) in counted.calls {
                            let planned = calls.entry(key).or_insert(Planned {
                                first: count.first,
                                messages: 0,
                                group: None,
                                registers: false,
                            });
                            planned.first = planned.first.min(count.first);
                            planned.messages = planned.messages.saturating_add(count.messages);
                            planned.registers |= count.registers;
                            if joined {
                                match setups.entry(key) {
                                    hash_map::Entry::Vacant(empty) => {
                                        empty.insert(Settling::of(count.setup));
                                    }
                                    hash_map::Entry::Occupied(mut known) => {
                                        known.get_mut().add(count.setup);
                                    }
                                }
                            }
                        }
                    }
                    Event::Reached(number, at) => {
                        let known = begins.entry(number).or_insert(at);
                        *known = at.min(*known);
                        batches = batches.wrapping_add(1);
                        if batches.is_multiple_of(SETTLED_EVERY) {
                            setups.values_mut().for_each(|it| it.settle(at));
                        }
                        progress(files.bytes_read().min(all / 2), all);
                    }
                    Event::Ended(number, Ok(ended)) => {
                        frames.insert(number, ended.frames);
                        if let Some(path) = files.path(number) {
                            warnings.extend(report(path, &ended));
                        }
                    }
                    Event::Ended(_, Err(error)) => problems.push(sentence(&error)),
                }
                Flow::On
            },
        );
        warnings.extend(observer.finish());
        for (number, at) in begins {
            files.set_beginning(number, at);
        }
        let mut order: Vec<(Timestamp, u64)> =
            calls.iter().map(|(key, it)| (it.first, *key)).collect();
        order.sort_unstable();
        let mut plan = Plan {
            files,
            calls,
            order,
            groups: Vec::new(),
            ties: Ties::default(),
            observer,
            spans,
            frames,
            limits: Limits::default(),
            problems,
            warnings,
        };
        plan.join(setups);
        plan
    }

    /// Keeps to other bounds of memory.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Plan {
        Plan { limits, ..self }
    }

    /// What was seen besides messages, and what of it was not looked at. Media takes passes of its own, where there is any.
    #[must_use]
    pub fn observed(&self) -> (Observations, Option<String>) {
        let mut observed = self.observer.all().clone();
        if self.observer.has_media() {
            let (streams, left_out) = media(&self.files, &|_| true, self.endpoints());
            observed.media = streams;
            return (observed, left_out);
        }
        (observed, None)
    }

    /// Where all calls announced their media.
    fn endpoints(&self) -> Vec<Endpoint> {
        let found: Mutex<Vec<Endpoint>> = Mutex::default();
        let work = |unit: Unit| {
            let (threads, _) = unit.threads();
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.extend(threads.iter().flat_map(of_thread));
            Vec::new()
        };
        // What cannot be read again is said when the calls are gathered for themselves.
        let _ = self.gather(Which::All, &work, &mut |_| true, &mut |_, _| {});
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|it| (it.from, it.address));
        found
    }

    /// Until when calls whose last message came then would have been seen.
    #[must_use]
    pub fn seen_until(&self, last: Timestamp) -> Option<Timestamp> {
        self.spans.until(last)
    }

    /// Paths that could not be read, a sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// What was wrong inside the files that were read, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether nothing at all could be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.len() == 0
    }

    /// Whether any call is a registration.
    #[must_use]
    pub fn has_registrations(&self) -> bool {
        self.calls.values().any(|it| it.registers)
    }

    fn join(&mut self, mut settling: Map<u64, Settling>) {
        let no_call_id = key("");
        let mut setups: Vec<(usize, u64, Box<Setup>)> = Vec::new();
        for (place, (_, key)) in self.order.iter().enumerate() {
            let setup = settling.remove(key).and_then(Settling::setup);
            // What has no Call-ID is many calls, not one.
            let setup = setup.filter(|_| *key != no_call_id);
            setups.extend(setup.map(|setup| (place, *key, setup)));
        }
        let candidates: Vec<Candidate<'_>> = setups.iter().map(Candidate::of).collect();
        let Found { matches, ties } = matches(&candidates, &HashSet::new());
        for found in matches {
            self.add_match(&found);
        }
        let key = |place: usize| self.order.get(place).map(|(_, key)| *key);
        self.ties = Ties::named(&self.files, &ties, key);
    }

    /// Puts two Call-IDs into one group.
    fn add_match(&mut self, found: &Match) {
        let key_at = |place: usize| self.order.get(place).map(|(_, key)| *key);
        let (Some(a), Some(b)) = (key_at(found.a), key_at(found.b)) else {
            return;
        };
        let group_of = |key: u64| self.calls.get(&key).and_then(|it| it.group);
        let group = match (group_of(a), group_of(b)) {
            (Some(one), Some(other)) if one != other => self.unite(one, other),
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => {
                self.groups.push(Group::default());
                u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let (a, b) = (self.member(group, a), self.member(group, b));
        if let Some(group) = self.groups.get_mut(group as usize) {
            group.matches.push(Match { a, b, ..*found });
        }
    }

    /// The place of a Call-ID among the members of a group, made if need be.
    fn member(&mut self, group: u32, key: u64) -> usize {
        if let Some(planned) = self.calls.get_mut(&key) {
            planned.group = Some(group);
        }
        let Some(group) = self.groups.get_mut(group as usize) else {
            return 0;
        };
        if let Some(place) = group.members.iter().position(|it| *it == key) {
            return place;
        }
        group.members.push(key);
        group.members.len() - 1
    }

    /// Moves the members of the second group into the first.
    fn unite(&mut self, one: u32, other: u32) -> u32 {
        let moved = self
            .groups
            .get_mut(other as usize)
            .map(std::mem::take)
            .unwrap_or_default();
        for key in &moved.members {
            if let Some(planned) = self.calls.get_mut(key) {
                planned.group = Some(one);
            }
        }
        if let Some(group) = self.groups.get_mut(one as usize) {
            let shift = group.members.len();
            group.members.extend(moved.members);
            group.matches.extend(moved.matches.iter().map(|it| Match {
                a: it.a + shift,
                b: it.b + shift,
                ..*it
            }));
        }
        one
    }
}

fn count(all: &mut Counted, item: Item<'_>, joined: bool) {
    let at = item.at();
    let (first, last) = all.span.unwrap_or((at, at));
    all.span = Some((first.min(at), last.max(at)));
    let seen = match item {
        Item::Message(seen) => seen,
        // Each Call-ID by itself is only listed, and nothing besides it matters.
        other => return all.besides.extend(Beside::of(other).filter(|_| joined)),
    };
    let glance = Glance::of(seen.bytes);
    let count = all
        .calls
        .entry(key(&glance.call_id()))
        .or_insert_with(|| Count {
            first: seen.at,
            messages: 0,
            registers: false,
            setup: SetupReader::default(),
        });
    count.first = count.first.min(seen.at);
    count.messages = count.messages.saturating_add(1);
    count.registers |= glance.start.starts_with(b"REGISTER ");
    if joined {
        count.setup.look(&seen, &glance);
    }
}
