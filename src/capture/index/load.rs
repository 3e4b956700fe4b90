//! Reading the packets of indexed calls again, from the files that hold them and no others.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use jiff::SignedDuration;

use super::Index;
use crate::capture::files::sentence;
use crate::capture::item::Item;
use crate::capture::observed::media;
use crate::capture::scan::{Event, Flow};
use crate::sip::join::key;
use crate::sip::{Glance, Join, Packet, endpoints, join, threads};
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
        let asked = call_ids
            .iter()
            .filter_map(|it| self.by_call_id.get(&key(it.as_ref())).copied());
        let (places, matches) = self.legs.of(asked);
        let own: HashSet<&str> = places
            .iter()
            .filter_map(|at| Some(&*self.entries.get(*at)?.call_id))
            .collect();
        let neighbours = self.neighbours(&places);
        let places: Vec<usize> = places.into_iter().chain(neighbours).collect();
        let entries = || places.iter().filter_map(|at| self.entries.get(*at));
        let files: HashSet<u32> = entries().flat_map(|it| it.files.iter().copied()).collect();
        let wanted: HashSet<&str> = entries().map(|entry| &*entry.call_id).collect();
        let keys: HashSet<u64> = wanted.iter().map(|call_id| key(call_id)).collect();
        let expected: u64 = entries().map(|entry| entry.messages).sum();
        let mut loaded = Loaded::default();
        let is_wanted = |number: usize| u32::try_from(number).is_ok_and(|it| files.contains(&it));
        let pick = |picked: &mut Vec<Packet>, item: Item<'_>| {
            let Item::Message(seen) = item else { return };
            let call_id = Glance::of(seen.bytes).call_id();
            if keys.contains(&key(&call_id)) && wanted.contains(&*call_id) {
                picked.push(seen.packet());
            }
        };
        if !files.is_empty() {
            self.files.scan(&is_wanted, &pick, &mut |event| {
                match event {
                    Event::Items(picked) => loaded.packets.extend(picked),
                    Event::Ended(_, Err(error)) => loaded.problems.push(sentence(&error)),
                    Event::Ended(_, Ok(_)) | Event::Reached(..) => {}
                }
                if loaded.packets.len() as u64 >= expected {
                    Flow::Enough
                } else {
                    Flow::On
                }
            });
        }
        loaded
            .packets
            .sort_by_key(|packet| (packet.at, packet.place));
        let endpoints = if self.observer.has_media() {
            endpoints(&loaded.packets)
        } else {
            Vec::new()
        };
        let is_own = |packet: &Packet| own.contains(&*Glance::of(&packet.bytes).call_id());
        if places.len() > own.len() {
            loaded.packets.retain(is_own);
        }
        loaded.observed = self.observer.around(&loaded.packets);
        let (streams, left_out) = media(&self.files, &|_| true, endpoints);
        loaded.observed.media = streams;
        loaded.warnings.extend(left_out);
        if !matches.is_empty() {
            loaded.joins = self.joins(&loaded.packets, &matches);
        }
        loaded
    }

    /// Other calls near these in time that share a host with them: whether their media is seen tells
    /// whether these calls' would be. Nothing where there is no media at all.
    fn neighbours(&self, places: &[usize]) -> Vec<usize> {
        if !self.observer.has_media() {
            return Vec::new();
        }
        let own = || places.iter().filter_map(|at| self.entries.get(*at));
        let hosts: HashSet<IpAddr> = own()
            .flat_map(|entry| entry.addresses.iter().map(SocketAddr::ip))
            .collect();
        let (Some(first), Some(last)) = (
            own().map(|entry| entry.first).min(),
            own().map(|entry| entry.last).max(),
        ) else {
            return Vec::new();
        };
        let near = |at: &usize| {
            self.entries.get(*at).is_some_and(|entry| {
                entry.first.duration_since(last) <= NEAR
                    && first.duration_since(entry.last) <= NEAR
                    && entry.addresses.iter().any(|it| hosts.contains(&it.ip()))
            })
        };
        (0..self.entries.len())
            .filter(|at| !places.contains(at))
            .filter(near)
            .take(MOST_NEIGHBOURS)
            .collect()
    }

    /// The joins of matched entries in words, which only their messages have.
    fn joins(&self, packets: &[Packet], matches: &[join::Match]) -> Vec<Join> {
        let threads = threads(packets.to_vec());
        let place = |at: usize| {
            let call_id = &self.entries.get(at)?.call_id;
            threads.iter().position(|it| it.call_id == **call_id)
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
        join::named(&threads, &matches)
    }
}
