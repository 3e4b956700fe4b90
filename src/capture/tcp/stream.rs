//! One direction of one TCP connection: segments in, bytes in order out. Tolerates reordering,
//! repetition, overlap, lost segments and a start in the middle. Knows nothing of
//! what they mean.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::transport::Segment;
use super::framer::Framer;
use super::unknown::begins_readable;
use super::{Out, Stamp};

/// Segments kept waiting for an earlier one. When more wait, the earlier one is taken for lost:
/// a sender that retransmits does so within its window, which seldom holds more.
const MOST_WAITING: usize = 64;
/// Bytes kept waiting for an earlier segment.
const MOST_WAITING_BYTES: usize = 256 * 1024;
/// A jump further than this belongs to another connection between the same ports.
const FARTHEST_JUMP: u64 = 16 * 1024 * 1024;
/// Where a stream begins in the middle, so many segments are put in order before the first of them
/// is believed to be the first: what is on its way together comes in any order.
const MOST_EARLY: usize = 8;
/// So far before the segment that came first may stand what was sent before it.
const FARTHEST_EARLY: u64 = 64 * 1024;
/// So long after its end a connection is sent nothing again: ends wait no longer than that before
/// they use their ports for another one (RFC 9293 section 3.6.1, as systems have it).
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_secs(60);
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
    /// How many more segments are kept until it is believed where it begins.
    unsettled: usize,
    /// When it ended, as far as it did.
    ended: Option<Timestamp>,
    /// Where the first byte stood.
    first: u64,
    /// Where the next byte in order stands.
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: usize,
    framer: Framer,
    /// What came late and stands before the first byte.
    early: Option<Box<Stream>>,
}

impl Stream {
    /// A stream that begins with this segment.
    pub(super) fn new(segment: &Segment<'_>) -> Stream {
        let is_settled = segment.syn || segment.fin || begins_readable(segment.payload);
        Stream::at(segment, is_settled)
    }

    fn at(segment: &Segment<'_>, is_settled: bool) -> Stream {
        let first = ORIGIN + u64::from(first_byte(segment));
        let early = if is_settled { 0 } else { FARTHEST_EARLY };
        Stream {
            used: 0,
            is_reset: false,
            by_syn: segment.syn,
            unsettled: if is_settled { 0 } else { MOST_EARLY },
            ended: None,
            first,
            next: first - early,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            framer: Framer::new(segment.syn),
            early: None,
        }
    }

    /// Bytes held back.
    pub(super) fn memory(&self) -> usize {
        let early = self.early.as_ref().map_or(0, |early| early.memory());
        self.waiting_bytes + self.framer.memory() + early
    }

    /// Whether nothing was sent but the wish to open a connection.
    pub(super) fn is_only_asked(&self) -> bool {
        self.by_syn && self.next == self.first && self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, segment: &Segment<'_>, stamp: Stamp, out: &mut Out<'_>) {
        let mut position = self.position(first_byte(segment));
        self.is_reset &= segment.rst || (segment.payload.is_empty() && !segment.syn);
        let end = |position: u64| position + segment.payload.len() as u64;
        // A SYN elsewhere than where this connection began, a jump that no window allows, bytes from before the SYN, or
        // long after the end: the ports are used again. A SYN at the beginning is only repeated.
        let new_syn = segment.syn && position != self.first;
        let jump = position.abs_diff(self.next) > FARTHEST_JUMP;
        let before_syn = self.by_syn && end(position) < self.first;
        let is_over = |ended: Timestamp| stamp.at.duration_since(ended) > LONGEST_REPEAT;
        let other = jump || before_syn || self.ended.is_some_and(is_over);
        if new_syn || (other && !segment.payload.is_empty()) {
            self.finish(out);
            out.over();
            let again = Stream::new(segment);
            position = again.first;
            *self = Stream {
                used: self.used,
                ..again
            };
        }
        if self.unsettled == 0 && position < self.first && !self.by_syn {
            self.early(position, segment, stamp, out);
        }
        self.take(position, segment.payload, segment.missing, stamp, out);
        self.drain(out);
        if self.unsettled > 0 && !segment.payload.is_empty() {
            self.unsettled -= 1;
            if self.unsettled == 0 || segment.fin || segment.rst {
                self.settle(out);
            }
        }
        while self.waiting.len() > MOST_WAITING || self.waiting_bytes > MOST_WAITING_BYTES {
            self.skip_gap(out);
        }
        // Nothing follows a FIN, but what stands before it may come late. After an RST nothing does.
        if segment.rst || (segment.fin && end(position) <= self.next) {
            self.ended = Some(stamp.at);
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
        if let Some(mut early) = self.early.take() {
            early.finish(out);
        }
        self.settle(out);
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

    /// Believes the earliest byte that came to be the first one, if that is still open.
    pub(super) fn settle(&mut self, out: &mut Out<'_>) {
        if std::mem::take(&mut self.unsettled) == 0 {
            return;
        }
        if let Some((position, _)) = self.waiting.first_key_value() {
            self.first = *position;
            self.next = self.next.max(self.first);
        }
        self.drain(out);
    }

    /// Bytes from before what was believed to be the first one: read as a stream of their own.
    fn early(&mut self, position: u64, segment: &Segment<'_>, stamp: Stamp, out: &mut Out<'_>) {
        let room = usize::try_from(self.first - position).unwrap_or(usize::MAX);
        let payload = segment.payload.get(..room).unwrap_or(segment.payload);
        let early = Segment {
            payload,
            fin: false,
            rst: false,
            ..*segment
        };
        // What comes from before that too begins another one: they do not stand in one another, however many there are.
        let is_before =
            |it: &Stream| it.unsettled == 0 && it.position(first_byte(&early)) < it.first;
        if let Some(mut over) = self.early.take_if(|it| is_before(it)) {
            over.finish(out);
        }
        let stream = self
            .early
            .get_or_insert_with(|| Box::new(Stream::at(&early, false)));
        stream.push(&early, stamp, out);
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
