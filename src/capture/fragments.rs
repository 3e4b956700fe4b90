//! IP fragments put together, in whatever order they came. Knows nothing of what they carry.
//!
//! The first copy of a byte is kept and later ones must equal it: a receiver throws away a packet of
//! which two fragments say different things, so no message is made of it. What is never completed
//! is handed out as far as it goes from its beginning. Number, bytes and age of what is held are
//! bounded, age by the capture's own clock.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use etherparse::IpNumber;
use jiff::Timestamp;

use super::container::Stamp;
use super::ip::{Fragment, IpPacket};
use super::warnings::{Warning, Warnings};

/// Packets held at once. Beyond this the oldest is given up.
const MOST_OPEN: usize = 16 * 1024;
/// Bytes held for all of them together, with what keeping them costs.
const MOST_MEMORY: usize = 32 * 1024 * 1024;
/// How long the rest of a packet is waited for: as long as Linux does.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long after a packet its copies from other capture points come. Short, since a fragment of
/// a copy must not be joined with those of a packet that bears the same number later.
const LONGEST_ECHO: Duration = Duration::from_secs(1);
/// No IP packet is longer.
const LONGEST: usize = 65_535;
/// About what an open packet and each of its pieces take besides the bytes.
const COST_OF_OPEN: usize = 256;
const COST_OF_PIECE: usize = 64;

/// What the fragments of one packet have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    protocol: IpNumber,
    id: u32,
}

/// A packet put together, or the beginning of one.
pub(super) struct Joined {
    key: Key,
    bytes: Vec<u8>,
    missing: usize,
    /// That of the fragment which came last and was needed.
    pub(super) stamp: Stamp,
}

impl Joined {
    /// What the sender sent; `None` if it makes no sense.
    pub(super) fn packet(&self) -> Option<IpPacket<'_>> {
        IpPacket {
            source: self.key.source,
            destination: self.key.destination,
            protocol: self.key.protocol,
            fragment: None,
            payload: &self.bytes,
            missing: self.missing,
        }
        .behind_extensions()
        // No sender cuts up a fragment.
        .filter(|packet| packet.fragment.is_none())
    }
}

/// All packets of a capture of which fragments were seen.
#[derive(Default)]
pub(super) struct Fragments {
    open: HashMap<Key, Pieces>,
    /// The oldest first.
    order: BTreeMap<u64, Key>,
    opened: u64,
    memory: usize,
}

impl Fragments {
    /// Takes in one fragment and hands out what it completes or shows to be hopeless.
    pub(super) fn push(
        &mut self,
        ip: &IpPacket<'_>,
        fragment: Fragment,
        stamp: Stamp,
        warnings: &mut Warnings,
    ) -> Vec<Joined> {
        let key = Key {
            source: ip.source,
            destination: ip.destination,
            protocol: ip.protocol,
            id: fragment.id,
        };
        let mut out = Vec::new();
        let is_late = |pieces: &Pieces| pieces.is_late(stamp.at);
        while let Some(oldest) = self
            .oldest()
            .filter(|key| self.open.get(key).is_some_and(is_late))
        {
            out.extend(self.close(oldest, Warning::FragmentsMissing, warnings));
        }
        // Time may run backwards between frames, so the oldest need not be the first to be late.
        if self.open.get(&key).is_some_and(is_late) {
            out.extend(self.close(key, Warning::FragmentsMissing, warnings));
        }

        let pieces = self.open.entry(key).or_insert_with(|| {
            self.opened += 1;
            self.order.insert(self.opened, key);
            self.memory += COST_OF_OPEN;
            Pieces::new(self.opened, stamp)
        });
        let before = pieces.memory();
        match pieces.add(fragment, ip.payload, ip.missing, stamp) {
            Added::Waiting => {}
            Added::Contradiction => warnings.add(Warning::FragmentsContradict, stamp.frame),
            Added::Whole(bytes) => out.push(Joined {
                key,
                bytes,
                missing: 0,
                stamp,
            }),
        }
        self.memory = self.memory - before + pieces.memory();

        while self.open.len() > MOST_OPEN || self.memory > MOST_MEMORY {
            let Some(oldest) = self.oldest() else { break };
            out.extend(self.close(oldest, Warning::FragmentsDropped, warnings));
        }
        out
    }

    /// Hands out the beginnings of what will not be completed any more.
    pub(super) fn finish(&mut self, warnings: &mut Warnings) -> Vec<Joined> {
        let mut out = Vec::new();
        while let Some(oldest) = self.oldest() {
            out.extend(self.close(oldest, Warning::FragmentsMissing, warnings));
        }
        out
    }

    fn oldest(&self) -> Option<Key> {
        self.order.first_key_value().map(|(_, key)| *key)
    }

    fn close(&mut self, key: Key, why: Warning, warnings: &mut Warnings) -> Option<Joined> {
        let pieces = self.open.remove(&key)?;
        self.order.remove(&pieces.number);
        self.memory -= COST_OF_OPEN + pieces.memory();
        if pieces.state != State::First {
            return None;
        }
        warnings.add(why, pieces.stamp.frame);
        let bytes = pieces.beginning();
        (!bytes.is_empty()).then(|| Joined {
            key,
            missing: pieces.end.map_or(0, |end| end.saturating_sub(bytes.len())),
            bytes,
            stamp: pieces.stamp,
        })
    }
}

/// How far a packet has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is being put together.
    First,
    /// It was handed out; what came after that is a copy, captured at another point. Whether the
    /// copy is complete does not matter.
    Again,
    /// It contradicted itself; nothing more is made of it.
    Refused,
}

/// What came of one fragment.
enum Added {
    Waiting,
    Whole(Vec<u8>),
    Contradiction,
}

/// The fragments of one packet.
struct Pieces {
    /// Counts the packets opened.
    number: u64,
    /// When its state began.
    since: Timestamp,
    state: State,
    /// By where they stand; none overlaps another.
    pieces: BTreeMap<usize, Vec<u8>>,
    received: usize,
    /// Where the whole ends, once its last fragment came.
    end: Option<usize>,
    stamp: Stamp,
}

impl Pieces {
    fn new(number: u64, stamp: Stamp) -> Pieces {
        Pieces {
            number,
            since: stamp.at,
            state: State::First,
            pieces: BTreeMap::new(),
            received: 0,
            end: None,
            stamp,
        }
    }

    fn memory(&self) -> usize {
        self.received + self.pieces.len() * COST_OF_PIECE
    }

    fn is_late(&self, now: Timestamp) -> bool {
        let longest = match self.state {
            State::First | State::Refused => LONGEST_WAIT,
            State::Again => LONGEST_ECHO,
        };
        now.duration_since(self.since).unsigned_abs() > longest
    }

    fn add(&mut self, fragment: Fragment, bytes: &[u8], missing: usize, stamp: Stamp) -> Added {
        if self.state == State::Refused {
            return Added::Waiting;
        }
        let mut agrees = self.take(fragment, bytes, missing, stamp);
        if !agrees && self.state == State::Again {
            // Not a copy, then, but another packet: senders use their few numbers again.
            self.clear();
            agrees = self.take(fragment, bytes, missing, stamp);
        }
        if !agrees {
            self.clear();
            self.state = State::Refused;
            return Added::Contradiction;
        }
        if self.end != Some(self.received) {
            return Added::Waiting;
        }
        let whole = self.beginning();
        self.clear();
        self.state = State::Again;
        self.since = stamp.at;
        Added::Whole(whole)
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.received = 0;
        self.end = None;
    }

    /// Keeps what is new in these bytes. `false` if they contradict what is there.
    fn take(&mut self, fragment: Fragment, bytes: &[u8], missing: usize, stamp: Stamp) -> bool {
        let Fragment { offset, more, .. } = fragment;
        let sent_to = offset + bytes.len() + missing;
        let known_to = self.last_end();
        if !more {
            if self.end.is_some_and(|end| end != sent_to) || known_to > sent_to {
                return false;
            }
            self.end = Some(sent_to);
        }
        if sent_to > self.end.unwrap_or(LONGEST).min(LONGEST) {
            return false;
        }
        // From behind: what stands after each piece that these bytes touch, then that before all.
        let mut fresh = Vec::new();
        let mut to = offset + bytes.len();
        for (at, piece) in self.pieces.range(..to).rev() {
            let piece_end = at + piece.len();
            if piece_end <= offset {
                break;
            }
            let (from, until) = (offset.max(*at), to.min(piece_end));
            if part(bytes, offset, from, until) != part(piece, *at, from, until) {
                return false;
            }
            fresh.push((piece_end, to));
            to = *at;
        }
        fresh.push((offset, to));
        for (from, to) in fresh {
            if let Some(new) = part(bytes, offset, from, to).filter(|new| !new.is_empty()) {
                self.received += new.len();
                self.pieces.insert(from, new.to_vec());
                self.stamp = stamp;
            }
        }
        true
    }

    fn last_end(&self) -> usize {
        let last = self.pieces.last_key_value();
        last.map_or(0, |(at, piece)| at + piece.len())
    }

    /// All bytes from the beginning to the first gap.
    fn beginning(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, piece) in &self.pieces {
            if *at != bytes.len() {
                break;
            }
            bytes.extend_from_slice(piece);
        }
        bytes
    }
}

/// The bytes from one position to another, of bytes that stand at `at`.
fn part(bytes: &[u8], at: usize, from: usize, to: usize) -> Option<&[u8]> {
    bytes.get(from.checked_sub(at)?..to.checked_sub(at)?)
}
