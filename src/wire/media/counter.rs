//! Counts one direction of media, packet by packet. Keeps figures and what it takes to go on
//! counting; looks at no payload.

use jiff::Timestamp;

use super::clock;
use super::collector::WantedFormat;
use super::opening::Step;
use super::rtcp::{ReportBlock, Rtcp, SenderTime};
use super::rtp::RtpHeader;
use super::sequence::{Place, Sequence};
use super::stream::{LONG_SILENCE, MediaStream, PayloadCount, Silence};

/// Copies nearer than this are the same packet seen by two taps; as for SIP messages.
const CAPTURE_DUPLICATE_WITHIN_US: i64 = 50_000;
/// A change of the distance between arrival and timestamp by more than this is a new beginning of
/// the timestamps, not jitter.
const NEW_TIMESTAMPS_US: f64 = 2_000_000.0;
/// SSRCs counted side by side; the one unheard for longest is closed for another.
const MOST_SOURCES: usize = 8;
/// How many packets back a copy is looked for: 50 ms of sound, at 10 ms a packet and with some over.
const RECENT: usize = 8;
/// Silences listed one by one.
const MOST_SILENCES: usize = 32;
/// Events whose beginning is kept one by one.
const MOST_EVENT_STARTS: usize = 64;
/// How many sender reports back one is known again: an answer may cross the next one.
const RECENT_REPORTS: usize = 4;
/// A report that answers one from longer ago tells no round trip.
const LONGEST_ROUND_TRIP_US: i64 = 10_000_000;
/// How many events back one is known again, as its packets may come out of order.
const RECENT_EVENTS: usize = 4;

/// What a payload type means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    payload_type: u8,
    clock_rate: u32,
    is_assumed: bool,
    is_event: bool,
}

impl Meaning {
    /// By the descriptions given, else by the static table, else a guess.
    pub(super) fn of(payload_type: u8, described: [&[WantedFormat]; 2]) -> Meaning {
        let mut formats = described.into_iter().flatten();
        let format = formats.find(|format| format.payload_type == payload_type);
        let known = format
            .map(|format| format.clock_rate)
            .filter(|rate| *rate > 0)
            .or_else(|| clock::of_static(payload_type));
        Meaning {
            payload_type,
            clock_rate: known.unwrap_or(clock::ASSUMED),
            is_assumed: known.is_none(),
            is_event: format.is_some_and(|format| format.is_event),
        }
    }
}

/// One SSRC within a stream.
#[derive(Debug)]
struct Source {
    ssrc: u32,
    sequence: Sequence,
    /// When its last packet came, that packet's timestamp and clock.
    before: Option<(i64, u32, u32)>,
    jitter_us: f64,
    events: [Option<u32>; RECENT_EVENTS],
    heard: i64,
}

/// The last packets, to know a copy of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Recent {
    at: i64,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

/// The figures of one direction so far.
#[derive(Debug)]
pub(super) struct Counter {
    stream: MediaStream,
    meaning: Option<Meaning>,
    sources: Vec<Source>,
    recent: [Option<Recent>; RECENT],
    next_recent: usize,
    /// The last sender reports: whose, their time in the words of RFC 3550 (LSR), when they were seen here.
    reports: [Option<(SenderTime, i64)>; RECENT_REPORTS],
    /// What closed sources came to.
    expected: u64,
    lost: u64,
    jitter_sum_us: f64,
    jitter_times: u64,
}

impl Counter {
    pub(super) fn new(stream: MediaStream) -> Counter {
        Counter {
            stream,
            meaning: None,
            sources: Vec::new(),
            recent: [None; RECENT],
            next_recent: 0,
            reports: [None; RECENT_REPORTS],
            expected: 0,
            lost: 0,
            jitter_sum_us: 0.0,
            jitter_times: 0,
        }
    }

    /// When its last packet was seen.
    pub(super) fn last(&self) -> Timestamp {
        self.stream.last
    }

    /// Takes in a packet of RTP; `described` are the formats that either side announced.
    pub(super) fn rtp(
        &mut self,
        at: Timestamp,
        header: &RtpHeader,
        answered: Option<Timestamp>,
        described: [&[WantedFormat]; 2],
    ) {
        let now = at.as_microsecond();
        if self.is_copy(now, header) {
            self.stream.capture_duplicates += 1;
            return;
        }
        self.pass(at);
        let stream = &mut self.stream;
        stream.packets += 1;
        if answered.is_some_and(|answered| at < answered) {
            stream.early += 1;
        }
        let count = |counts: &mut Vec<PayloadCount>| {
            let payload_type = header.payload_type;
            match counts.binary_search_by_key(&payload_type, |count| count.payload_type) {
                Ok(here) => counts.get_mut(here).map_or((), |count| count.packets += 1),
                Err(here) => counts.insert(
                    here,
                    PayloadCount {
                        payload_type,
                        packets: 1,
                    },
                ),
            }
        };
        count(&mut stream.payload_types);
        let meaning = match self.meaning {
            Some(meaning) if meaning.payload_type == header.payload_type => meaning,
            _ => Meaning::of(header.payload_type, described),
        };
        self.meaning = Some(meaning);
        if !meaning.is_event {
            self.stream.clock_rate = meaning.clock_rate;
            self.stream.clock_assumed = meaning.is_assumed;
        }
        self.count(now, header, meaning);
    }

    /// Whether two taps recorded this packet.
    fn is_copy(&mut self, at: i64, header: &RtpHeader) -> bool {
        let this = Recent {
            at,
            ssrc: header.ssrc,
            sequence: header.sequence,
            timestamp: header.timestamp,
        };
        let is_copy = self.recent.iter().flatten().any(|before| {
            let same = Recent { at, ..*before } == this;
            same && (at - before.at).abs() < CAPTURE_DUPLICATE_WITHIN_US
        });
        if !is_copy {
            if let Some(place) = self.recent.get_mut(self.next_recent) {
                *place = Some(this);
            }
            self.next_recent = (self.next_recent + 1) % RECENT;
        }
        is_copy
    }

    /// Moves the times of the stream on.
    fn pass(&mut self, at: Timestamp) {
        let stream = &mut self.stream;
        if stream.packets == 0 {
            (stream.first, stream.last) = (at, at);
            return;
        }
        let gap = at.duration_since(stream.last);
        let micros = u64::try_from(gap.as_micros()).unwrap_or(0);
        if micros > stream.longest_gap {
            stream.longest_gap = micros;
            stream.longest_gap_from = Some(stream.last);
        }
        if gap >= LONG_SILENCE && stream.silences.len() < MOST_SILENCES {
            stream.silences.push(Silence {
                from: stream.last,
                to: at,
            });
        }
        stream.first = stream.first.min(at);
        stream.last = stream.last.max(at);
    }

    fn count(&mut self, now: i64, header: &RtpHeader, meaning: Meaning) {
        self.stream.ssrc = header.ssrc;
        let known = self.sources.iter().position(|s| s.ssrc == header.ssrc);
        let (at, is_new) = match known {
            Some(at) => (at, false),
            None => (self.open(now, header), true),
        };
        let Some(source) = self.sources.get_mut(at) else {
            return;
        };
        source.heard = now;
        if !is_new {
            match source.sequence.push(header.sequence) {
                Place::Next | Place::Odd => {}
                Place::Late => self.stream.reordered += 1,
                Place::Again => {
                    self.stream.duplicates += 1;
                    return;
                }
                Place::Restart => {
                    self.stream.resets += 1;
                    source.before = None;
                }
            }
        }
        if meaning.is_event {
            // All packets of an event have the timestamp of its beginning (RFC 4733 section 2.2.2).
            if !source.events.contains(&Some(header.timestamp)) {
                self.stream.events += 1;
                if self.stream.event_starts.len() < MOST_EVENT_STARTS
                    && let Ok(at) = Timestamp::from_microsecond(now)
                {
                    self.stream.event_starts.push(at);
                }
                source.events.rotate_right(1);
                if let Some(newest) = source.events.first_mut() {
                    *newest = Some(header.timestamp);
                }
            }
            return;
        }
        let this = (now, header.timestamp, meaning.clock_rate);
        if let Some(deviation) = source.before.and_then(|before| deviation(before, this)) {
            // RFC 3550 appendix A.8.
            source.jitter_us += (deviation - source.jitter_us) / 16.0;
            self.jitter_sum_us += source.jitter_us;
            self.jitter_times += 1;
            self.stream.jitter_last = whole(source.jitter_us);
            self.stream.jitter_max = self.stream.jitter_max.max(self.stream.jitter_last);
        }
        source.before = Some(this);
    }

    /// Begins to count an SSRC and says where.
    fn open(&mut self, now: i64, header: &RtpHeader) -> usize {
        if self.stream.packets > 1 {
            self.stream.ssrc_changes = self.stream.ssrc_changes.saturating_add(1);
        }
        let source = Source {
            ssrc: header.ssrc,
            sequence: Sequence::new(header.sequence),
            before: None,
            jitter_us: 0.0,
            events: [None; RECENT_EVENTS],
            heard: now,
        };
        if self.sources.len() < MOST_SOURCES {
            self.sources.push(source);
            return self.sources.len() - 1;
        }
        let oldest = (0..self.sources.len())
            .min_by_key(|at| self.sources.get(*at).map(|source| source.heard))
            .unwrap_or(0);
        if let Some(place) = self.sources.get_mut(oldest) {
            self.expected += place.sequence.expected();
            self.lost += place.sequence.lost();
            *place = source;
        }
        oldest
    }

    /// Moves the times on by what is no RTP: they are its times while there is none.
    fn pass_beside(&mut self, at: Timestamp) {
        if self.stream.packets == 0 {
            self.stream.first = self.stream.first.min(at);
            self.stream.last = self.stream.last.max(at);
        }
    }

    /// Takes in a datagram that opens the way.
    pub(super) fn step(&mut self, at: Timestamp, step: Step) {
        self.pass_beside(at);
        self.stream.opening.count(step);
    }

    /// Takes in a datagram of RTCP, or one that cannot be read.
    pub(super) fn rtcp(&mut self, at: Timestamp, read: Option<&Rtcp>) {
        self.pass_beside(at);
        let count = &mut self.stream.rtcp;
        count.packets += 1;
        let Some(rtcp) = read else {
            count.unreadable += 1;
            return;
        };
        count.sender_reports += u64::from(rtcp.sender_reports);
        count.receiver_reports += u64::from(rtcp.receiver_reports);
        count.byes += u64::from(rtcp.byes);
        for block in &rtcp.blocks {
            count.blocks += 1;
            count.worst_fraction_lost = count.worst_fraction_lost.max(block.fraction_lost);
            count.cumulative_lost = i64::from(block.cumulative_lost);
            count.worst_jitter = count.worst_jitter.max(block.jitter);
        }
        for sent in &rtcp.sent {
            // Two taps may show one report: the first time counts.
            if !self
                .reports
                .iter()
                .flatten()
                .any(|(known, _)| known == sent)
            {
                self.reports.rotate_right(1);
                if let Some(newest) = self.reports.first_mut() {
                    *newest = Some((*sent, at.as_microsecond()));
                }
            }
        }
    }

    /// How long ago a sender report of this direction was seen that a block answers, less the time that the
    /// receiver kept it: from here to the receiver and back, in microseconds.
    pub(super) fn round_trip(&self, at: Timestamp, block: &ReportBlock) -> Option<u64> {
        let answered = SenderTime {
            ssrc: block.ssrc,
            middle: block.last_sender_report,
        };
        let mut reports = self.reports.iter().flatten();
        let (_, seen) = reports.find(|(report, _)| *report == answered)?;
        let kept = i64::from(block.delay_since) * 1_000_000 / 65_536;
        let round_trip = at.as_microsecond() - seen - kept;
        (0..LONGEST_ROUND_TRIP_US)
            .contains(&round_trip)
            .then(|| u64::try_from(round_trip).ok())?
    }

    /// Takes in a round trip that a report of its sender tells.
    pub(super) fn add_round_trip(&mut self, micros: u64) {
        self.stream.rtcp.add_round_trip(micros);
    }

    /// The figures, and where the counting ends.
    pub(super) fn finish(self) -> MediaStream {
        let sum = |of: fn(&Sequence) -> u64| -> u64 {
            self.sources.iter().map(|source| of(&source.sequence)).sum()
        };
        let (expected, lost) = (sum(Sequence::expected), sum(Sequence::lost));
        let mut stream = self.stream;
        stream.expected = self.expected + expected;
        stream.lost = self.lost + lost;
        if self.jitter_times > 0 {
            stream.jitter_mean = whole(self.jitter_sum_us / self.jitter_times as f64);
        }
        stream
    }
}

/// By how much the time between two packets differs from the time between their timestamps, in
/// microseconds; nothing where the timestamps begin anew between them.
fn deviation(before: (i64, u32, u32), this: (i64, u32, u32)) -> Option<f64> {
    if before.2 != this.2 || this.2 == 0 {
        return None;
    }
    // The difference of two that wrapped is still right, and negative for packets out of order.
    let stamps = this.1.wrapping_sub(before.1).cast_signed();
    let media = f64::from(stamps) * 1_000_000.0 / f64::from(this.2);
    let arrival = (this.0 - before.0) as f64;
    let deviation = (arrival - media).abs();
    (deviation < NEW_TIMESTAMPS_US).then_some(deviation)
}

fn whole(micros: f64) -> u64 {
    // Saturates: no jitter is negative or that long.
    micros.round() as u64
}
