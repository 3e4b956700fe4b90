//! What is kept of one direction of media: figures, as evidence and for rules. No sound, no digit,
//! no packet. Counts nothing itself.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::opening::Opening;

/// One direction of RTP between two addresses, with the RTCP that its sender sent. Durations are
/// whole microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaStream {
    /// Who sent it.
    pub source: SocketAddr,
    /// Who was to get it.
    pub destination: SocketAddr,
    /// When its first RTP packet was seen; of a stream without any, its first packet of another
    /// kind.
    pub first: Timestamp,
    /// When its last RTP packet was seen; of a stream without any, its last packet of another
    /// kind.
    pub last: Timestamp,
    /// How many RTP packets were seen, each counted once where two taps recorded it.
    pub packets: u64,
    /// How many of them were seen before the call was answered.
    #[serde(default)]
    pub early: u64,
    /// How many packets were recorded twice: the same addresses, SSRC, sequence number and
    /// timestamp within 50 ms. They are in no other figure.
    #[serde(default)]
    pub capture_duplicates: u64,
    /// How many packets carried each payload type, in order of the type.
    #[serde(default)]
    pub payload_types: Vec<PayloadCount>,
    /// The SSRC of the last packet.
    #[serde(default)]
    pub ssrc: u32,
    /// How often another SSRC took over or joined in.
    #[serde(default)]
    pub ssrc_changes: u32,
    /// How many packets the sequence numbers say were sent, from the first seen to the highest
    /// (RFC 3550 appendix A.3).
    #[serde(default)]
    pub expected: u64,
    /// How many of those were not seen here.
    #[serde(default)]
    pub lost: u64,
    /// How many came after one with a higher sequence number.
    #[serde(default)]
    pub reordered: u64,
    /// How many came more than once with the same sequence number, 50 ms apart or more.
    #[serde(default)]
    pub duplicates: u64,
    /// How often the sequence numbers began anew without another SSRC.
    #[serde(default)]
    pub resets: u32,
    /// The clock of the timestamps, in Hz, by the payload type seen last.
    #[serde(default)]
    pub clock_rate: u32,
    /// Whether that clock is a guess, and the jitter with it an estimate: a dynamic payload type
    /// that no description explains.
    #[serde(default)]
    pub clock_assumed: bool,
    /// The interarrival jitter (RFC 3550 section 6.4.1) after the last packet.
    #[serde(default)]
    pub jitter_last: u64,
    /// The mean of the jitter after each packet.
    #[serde(default)]
    pub jitter_mean: u64,
    /// The highest that it was.
    #[serde(default)]
    pub jitter_max: u64,
    /// How many telephone events (RFC 4733) were seen, told apart by their timestamp.
    #[serde(default)]
    pub events: u32,
    /// When the first 64 of them began. Not which keys they were: that is not kept.
    #[serde(default)]
    pub event_starts: Vec<Timestamp>,
    /// The longest time between two packets.
    #[serde(default)]
    pub longest_gap: u64,
    /// When that began.
    #[serde(default)]
    pub longest_gap_from: Option<Timestamp>,
    /// The first times of [`LONG_SILENCE`] and more between two packets, in order.
    #[serde(default)]
    pub silences: Vec<Silence>,
    /// The RTCP that the same side sent.
    #[serde(default)]
    pub rtcp: RtcpCount,
    /// What the same side sent on these ports to open the way.
    #[serde(default)]
    pub opening: Opening,
    /// From when to when the recordings reach that show it; nothing where that is not known.
    #[serde(default)]
    pub watched: Option<Watched>,
}

/// A time in which media was recorded without a gap. What comes outside it was not seen, and may have been there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The first thing recorded.
    pub from: Timestamp,
    /// The last one.
    pub to: Timestamp,
}

/// Shorter times without a packet are not listed one by one.
pub const LONG_SILENCE: SignedDuration = SignedDuration::from_secs(2);

/// How many packets carried one payload type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadCount {
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// How many packets.
    pub packets: u64,
}

/// A time in which a stream stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The packet before it.
    pub from: Timestamp,
    /// The packet after it.
    pub to: Timestamp,
}

/// The RTCP that one side sent. Its reports tell what that side received: they are about the
/// stream in the other direction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RtcpCount {
    /// Datagrams.
    pub packets: u64,
    /// Datagrams that cannot be read: SRTCP, mostly.
    pub unreadable: u64,
    /// Sender reports.
    pub sender_reports: u64,
    /// Receiver reports.
    pub receiver_reports: u64,
    /// BYE packets.
    pub byes: u64,
    /// Report blocks.
    pub blocks: u64,
    /// The worst part lost between two reports, in 256ths.
    pub worst_fraction_lost: u8,
    /// The packets lost from the beginning, by the last report.
    pub cumulative_lost: i64,
    /// The highest jitter reported, in units of the other direction's timestamps.
    pub worst_jitter: u32,
    /// Reports that tell how long it took from this capture point to their sender and back (RFC 3550
    /// section 6.4.1): both they and the report that they answer were seen here.
    #[serde(default)]
    pub round_trips: u64,
    /// The mean of those times, in whole microseconds.
    #[serde(default)]
    pub round_trip_mean: u64,
    /// The longest of them.
    #[serde(default)]
    pub round_trip_worst: u64,
}

impl Watched {
    /// From the first beginning of two to the last end.
    #[must_use]
    pub fn joined(self, other: Watched) -> Watched {
        Watched {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }
}

impl RtcpCount {
    /// Takes in one more round trip.
    pub(super) fn add_round_trip(&mut self, micros: u64) {
        self.round_trips += 1;
        // A running mean: no sum can overflow, and nothing else is kept.
        let mean = self.round_trip_mean;
        let step = micros.abs_diff(mean) / self.round_trips;
        self.round_trip_mean = if micros > mean {
            mean + step
        } else {
            mean - step
        };
        self.round_trip_worst = self.round_trip_worst.max(micros);
    }
}

impl MediaStream {
    /// A stream of which nothing has been counted yet.
    #[must_use]
    pub fn new(source: SocketAddr, destination: SocketAddr, at: Timestamp) -> MediaStream {
        MediaStream {
            source,
            destination,
            first: at,
            last: at,
            packets: 0,
            early: 0,
            capture_duplicates: 0,
            payload_types: Vec::new(),
            ssrc: 0,
            ssrc_changes: 0,
            expected: 0,
            lost: 0,
            reordered: 0,
            duplicates: 0,
            resets: 0,
            clock_rate: 0,
            clock_assumed: false,
            jitter_last: 0,
            jitter_mean: 0,
            jitter_max: 0,
            events: 0,
            event_starts: Vec::new(),
            longest_gap: 0,
            longest_gap_from: None,
            silences: Vec::new(),
            rtcp: RtcpCount::default(),
            opening: Opening::default(),
            watched: None,
        }
    }

    /// How many packets came once the call was answered.
    #[must_use]
    pub fn since_answer(&self) -> u64 {
        self.packets.saturating_sub(self.early)
    }

    /// The first packet at a time or after it, by the silences that were listed: between two of
    /// those there is always one within [`LONG_SILENCE`].
    #[must_use]
    pub fn first_after(&self, at: Timestamp) -> Option<Timestamp> {
        if self.packets == 0 || self.last < at {
            return None;
        }
        if self.first >= at {
            return Some(self.first);
        }
        let silence = self.silences.iter().find(|s| s.from < at && at <= s.to);
        Some(silence.map_or(at, |silence| silence.to))
    }

    /// The last packet at a time or before it, likewise.
    #[must_use]
    pub fn last_before(&self, at: Timestamp) -> Option<Timestamp> {
        if self.packets == 0 || self.first > at {
            return None;
        }
        if self.last <= at {
            return Some(self.last);
        }
        let silence = self.silences.iter().find(|s| s.from <= at && at < s.to);
        Some(silence.map_or(at, |silence| silence.from))
    }
}
