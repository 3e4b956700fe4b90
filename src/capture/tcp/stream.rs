//! One direction of one TCP connection: segments in, bytes in order out. Tolerates reordering,
//! repetition, overlap, lost segments and a start in the middle. Knows nothing of
//! what they mean.

use std::collections::BTreeMap;

use super::super::transport::Segment;
use super::framer::Framer;
use super::{Out, Stamp};

/// Segments kept waiting for an earlier one. When more wait, the earlier one is taken for lost:
/// a sender that retransmits does so within its window, which seldom holds more.
const MOST_WAITING: usize = 64;
/// Bytes kept waiting for an earlier segment.
const MOST_WAITING_BYTES: usize = 256 * 1024;
/// A jump further than this belongs to another connection between the same ports.
const FARTHEST_JUMP: u64 = 16 * 1024 * 1024;
/// Positions begin here, so that those a little before the first one do not fall below zero.
const ORIGIN: u64 = 1 << 40;

/// Bytes that came before their turn.
struct Waiting {
    bytes: Vec<u8>,
    missing: usize,
    stamp: Stamp,
}

/// One direction of a connection. Positions are sequence numbers that do not wrap; their low 32
/// bits are the number on the wire.
pub(super) struct Stream {
    /// When it was last written to, on its owner's count.
    pub(super) used: u64,
    /// Whether one end reset the connection, and nothing was sent this way since.
    pub(super) is_reset: bool,
    /// Whether it began with a SYN.
    by_syn: bool,
    /// Where the first byte stood.
    first: u64,
    /// Where the next byte in order stands.
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: usize,
    framer: Framer,
}

impl Stream {
    /// A stream that begins with this segment.
    pub(super) fn new(segment: &Segment<'_>) -> Stream {
        let first = ORIGIN + u64::from(first_byte(segment));
        Stream {
            used: 0,
            is_reset: false,
            by_syn: segment.syn,
            first,
            next: first,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            framer: Framer::new(segment.syn),
        }
    }

    /// Bytes held back.
    pub(super) fn memory(&self) -> usize {
        self.waiting_bytes + self.framer.memory()
    }

    /// Whether nothing was sent but the wish to open a connection.
    pub(super) fn is_only_asked(&self) -> bool {
        self.by_syn && self.next == self.first && self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, segment: &Segment<'_>, stamp: Stamp, out: &mut Out<'_>) {
        let mut position = self.position(first_byte(segment));
        self.is_reset &= segment.rst || (segment.payload.is_empty() && !segment.syn);
        // A SYN elsewhere than where this connection began, or a jump that no window allows: the
        // ports are used again. A SYN at the beginning is only repeated.
        let new_syn = segment.syn && position != self.first;
        let jump = position.abs_diff(self.next) > FARTHEST_JUMP;
        if new_syn || (jump && !segment.payload.is_empty()) {
            self.finish(out);
            out.over();
            let again = Stream::new(segment);
            position = again.first;
            *self = Stream {
                used: self.used,
                ..again
            };
        }
        self.take(position, segment.payload, segment.missing, stamp, out);
        self.drain(out);
        while self.waiting.len() > MOST_WAITING || self.waiting_bytes > MOST_WAITING_BYTES {
            self.skip_gap(out);
        }
        // Nothing follows a FIN, but what stands before it may come late. After an RST nothing does.
        let end = position + segment.payload.len() as u64;
        if segment.rst || (segment.fin && end <= self.next) {
            self.finish(out);
            if segment.rst {
                out.over();
            } else {
                out.closed();
            }
        }
    }

    /// Hands over all that can be had without the segments that did not come.
    pub(super) fn finish(&mut self, out: &mut Out<'_>) {
        while !self.waiting.is_empty() {
            self.skip_gap(out);
        }
        self.framer.end(out);
    }

    fn position(&self, sequence: u32) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits are the wire's number"
        )]
        let distance = sequence.wrapping_sub(self.next as u32).cast_signed();
        self.next.saturating_add_signed(i64::from(distance))
    }

    /// Hands on what is new in these bytes, or keeps them until their turn.
    fn take(
        &mut self,
        position: u64,
        bytes: &[u8],
        missing: usize,
        stamp: Stamp,
        out: &mut Out<'_>,
    ) {
        if position > self.next {
            self.keep(position, bytes, missing, stamp);
            return;
        }
        let known = usize::try_from(self.next - position).unwrap_or(usize::MAX);
        if let Some(fresh) = bytes.get(known..).filter(|fresh| !fresh.is_empty()) {
            self.framer.push(fresh, stamp, out);
            self.next += fresh.len() as u64;
        }
        let end = position + (bytes.len() + missing) as u64;
        if missing > 0 && end > self.next {
            self.framer.gap(out);
            self.next = end;
        }
    }

    fn keep(&mut self, position: u64, bytes: &[u8], missing: usize, stamp: Stamp) {
        if bytes.is_empty() {
            return;
        }
        let known = self.waiting.get(&position).map_or(0, |it| it.bytes.len());
        if known >= bytes.len() {
            return;
        }
        self.waiting_bytes = self.waiting_bytes - known + bytes.len();
        self.waiting.insert(
            position,
            Waiting {
                bytes: bytes.to_vec(),
                missing,
                stamp,
            },
        );
    }

    /// Hands on what waited for its turn and now has it.
    fn drain(&mut self, out: &mut Out<'_>) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.next {
                return;
            }
            let (position, it) = entry.remove_entry();
            self.waiting_bytes -= it.bytes.len();
            self.take(position, &it.bytes, it.missing, it.stamp, out);
        }
    }

    /// Gives up the bytes before the first waiting segment.
    fn skip_gap(&mut self, out: &mut Out<'_>) {
        if let Some((position, _)) = self.waiting.first_key_value() {
            self.framer.gap(out);
            self.next = *position;
            self.drain(out);
        }
    }
}

/// The sequence number of the first byte: a SYN takes one number itself.
fn first_byte(segment: &Segment<'_>) -> u32 {
    segment.sequence.wrapping_add(u32::from(segment.syn))
}
