//! Reading the packets of indexed calls again, from the files that hold them and no others.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use jiff::SignedDuration;

use super::{Entry, Index};
use crate::capture::files::sentence;
use crate::capture::item::Item;
use crate::capture::keyed::Keyed;
use crate::capture::observed::media;
use crate::capture::scan::{Event, Flow, Start};
use crate::sip::join::key;
use crate::sip::{Glance, Join, Packet, Tie, endpoints, join, threads};
use crate::wire::Observations;

/// How near in time another call tells something of what a capture point sees.
const NEAR: SignedDuration = SignedDuration::from_mins(10);
/// So many other calls are enough for that.
const MOST_NEIGHBOURS: usize = 20;

/// The packets of some calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// In order of time, then file, then frame.
    pub packets: Vec<Packet>,
    /// What makes some of their Call-IDs legs of one call.
    pub joins: Vec<Join>,
    /// Legs of which it is open whether they are these calls'.
    pub ties: Vec<Tie>,
    /// What was seen besides between their addresses.
    pub observed: Observations,
    /// What was seen and not looked at, a sentence each.
    pub warnings: Vec<String>,
    /// Files that could be read when the index was built and cannot now, a sentence each.
    pub problems: Vec<String>,
}

impl Index {
    /// All packets of the calls with these Call-IDs, with their other legs. Reads whole files: call
    /// it where blocking is allowed.
    #[must_use]
    pub fn load<S: AsRef<str>>(&self, call_ids: &[S]) -> Loaded {
        let asked = call_ids.iter().filter_map(|it| self.place(it.as_ref()));
        let (places, matches) = self.legs().of(asked);
        let own: HashSet<&str> = places
            .iter()
            .filter_map(|at| Some(self.entry(*at)?.call_id()))
            .collect();
        let call_id = |at: usize| Some(self.entry(at)?.call_id().to_owned());
        let ties = self.legs().ties(&places);
        let ties: Vec<Tie> = ties.filter_map(|it| it.named(call_id)).collect();
        let neighbours = self.neighbours(&places);
        let places: Vec<usize> = places.into_iter().chain(neighbours).collect();
        let entries = || places.iter().filter_map(|at| self.entry(*at));
        let files = starts(entries());
        let wanted: HashSet<&str> = entries().map(|entry| entry.call_id()).collect();
        let keys: Keyed<()> = wanted.iter().map(|call_id| (key(call_id), ())).collect();
        let expected = entries().fold(0_u64, |sum, it| sum.saturating_add(it.messages()));
        let mut loaded = Loaded {
            ties,
            ..Loaded::default()
        };
        // Of an index that keeps to a time, messages of these calls may stand anywhere behind it.
        let is_partial = self.within.is_some();
        let from = |number: usize| {
            let start = files.get(&u32::try_from(number).ok()?).copied();
            start.or(is_partial.then_some(Start::Beginning))
        };
        let pick = |picked: &mut Vec<Packet>, item: Item<'_>| {
            let Item::Message(seen) = item else { return };
            let call_id = Glance::of(seen.bytes).call_id();
            if keys.contains_key(&key(&call_id)) && wanted.contains(&*call_id) {
                picked.push(seen.packet());
            }
        };
        if !files.is_empty() {
            self.files.scan(&from, &pick, &mut |event| {
                match event {
                    Event::Items { made, .. } => loaded.packets.extend(made),
                    Event::Ended(_, Err(error)) => loaded.problems.push(sentence(&error)),
                    Event::Ended(_, Ok(_)) | Event::Reached(..) => {}
                }
                if loaded.packets.len() as u64 >= expected && !is_partial {
                    Flow::Enough
                } else {
                    Flow::On
                }
            });
        }
        loaded
            .packets
            .sort_by_key(|packet| (packet.at, packet.place));
        let endpoints = if self.has_media() {
            endpoints(&loaded.packets)
        } else {
            Vec::new()
        };
        let is_own = |packet: &Packet| own.contains(&*Glance::of(&packet.bytes).call_id());
        if places.len() > own.len() {
            loaded.packets.retain(is_own);
        }
        loaded.observed = self.around(&loaded.packets);
        let (streams, left_out) = media(&self.files, &|_| true, endpoints);
        loaded.observed.media = streams;
        loaded.warnings.extend(left_out);
        if !matches.is_empty() {
            loaded.joins = self.joins(&loaded.packets, &matches);
        }
        loaded
    }

    /// What was seen besides messages around these.
    fn around(&self, packets: &[Packet]) -> Observations {
        let mut observed = Observations::default();
        for (part, number) in self.parts.iter().zip(0_u32..) {
            let mut here = part.observer.around(packets);
            here.icmp.iter_mut().for_each(|it| it.file = number);
            here.resets.iter_mut().for_each(|it| it.file = number);
            here.tls.iter_mut().for_each(|it| it.file = number);
            here.dns.iter_mut().for_each(|it| it.file = number);
            observed.add(here);
        }
        observed
    }

    /// Whether there is any media.
    fn has_media(&self) -> bool {
        self.parts.iter().any(|it| it.observer.has_media())
    }

    /// Other calls near these in time that share a host with them: whether their media is seen tells
    /// whether these calls' would be. Nothing where there is no media at all.
    fn neighbours(&self, places: &[usize]) -> Vec<usize> {
        if !self.has_media() {
            return Vec::new();
        }
        let own = || places.iter().filter_map(|at| self.entry(*at));
        let addresses = own().flat_map(|entry| entry.addresses());
        let hosts: HashSet<IpAddr> = addresses.map(|it| it.ip()).collect();
        let (Some(first), Some(last)) = (
            own().map(|entry| entry.first()).min(),
            own().map(|entry| entry.last()).max(),
        ) else {
            return Vec::new();
        };
        let near = |at: &usize| {
            self.entry(*at).is_some_and(|entry| {
                entry.first().duration_since(last) <= NEAR
                    && first.duration_since(entry.last()) <= NEAR
                    && entry.goes_through(&|it| hosts.contains(&it.ip()))
            })
        };
        (0..self.seats.len())
            .filter(|at| !places.contains(at))
            .filter(near)
            .take(MOST_NEIGHBOURS)
            .collect()
    }

    /// The joins of matched entries in words, which only their messages have.
    fn joins(&self, packets: &[Packet], matches: &[join::Match]) -> Vec<Join> {
        let threads = threads(packets.to_vec());
        let place = |at: usize| {
            let entry = self.entry(at)?;
            threads.iter().position(|it| it.call_id == entry.call_id())
        };
        let matches: Vec<join::Match> = matches
            .iter()
            .filter_map(|it| {
                Some(join::Match {
                    a: place(it.a)?,
                    b: place(it.b)?,
                    ..*it
                })
            })
            .collect();
        let found = join::Found {
            matches,
            ties: Vec::new(),
        };
        join::named(&threads, &found).joins
    }
}

/// From where on each file that holds any of these calls is read, by its number.
fn starts<'i>(entries: impl Iterator<Item = Entry<'i>>) -> HashMap<u32, Start> {
    let mut files: HashMap<u32, Start> = HashMap::new();
    for (seat, part, record) in entries.flat_map(|it| it.everywhere()) {
        let here = part.start(record);
        let from = files.entry(seat.part).or_insert(here);
        *from = match (*from, here) {
            (Start::Mark(a), Start::Mark(b)) => Start::Mark(if b.at < a.at { b } else { a }),
            _ => Start::Beginning,
        };
    }
    files
}
