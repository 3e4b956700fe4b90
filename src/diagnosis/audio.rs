//! The audio of a call as plain figures, one entry a direction of a path: what views show and what
//! is kept of it in a diagnosis. Judges nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::media::{End, Flow, MediaPath};
use super::score::{Score, Sound};
use crate::wire::media::{LONG_SILENCE, MediaStream, RtcpCount};

/// One direction of audio. Of several streams the counts add up, and the jitter is that of the
/// longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// Who sends: a role or name, and where it awaits audio itself.
    pub from: String,
    /// Who is to get it, and where.
    pub to: String,
    /// RTP packets seen, early ones too.
    pub packets: u64,
    /// How many of them came once the call was answered.
    pub since_answer: u64,
    /// When the first was seen; nothing where none was.
    pub first: Option<Timestamp>,
    /// When the last was seen.
    pub last: Option<Timestamp>,
    /// How many there should have been, by their sequence numbers.
    pub expected: u64,
    /// How many of those were not seen.
    pub lost: u64,
    /// How many came after one with a higher sequence number.
    #[serde(default)]
    pub reordered: u64,
    /// How many came again with the same sequence number.
    #[serde(default)]
    pub duplicates: u64,
    /// The mean interarrival jitter, in whole milliseconds.
    pub jitter_ms: u64,
    /// The highest, likewise.
    pub jitter_max_ms: u64,
    /// Whether the jitter is an estimate, because the clock of the payload is not known.
    pub jitter_estimated: bool,
    /// The longest time without a packet between two, where it is two seconds or more: on hold and where nobody speaks
    /// a sender may fall silent.
    #[serde(default)]
    pub longest_pause: Option<Pause>,
    /// The payload types seen, in order of the type.
    pub payload_types: Vec<u8>,
    /// The addresses that it came from and that its sender had not announced.
    pub sources: Vec<String>,
    /// How often another SSRC took over or joined in.
    pub ssrc_changes: u32,
    /// How many telephone events (RFC 4733) were seen.
    pub events: u32,
    /// Datagrams of RTCP that the sender sent.
    pub rtcp_packets: u64,
    /// What the receiver says of it in its RTCP reports; nothing where no report was seen.
    #[serde(default)]
    pub reported: Option<Reported>,
    /// How long it takes from this capture point to the sender and back, in whole milliseconds, by the
    /// sender's RTCP reports; nothing where they do not tell.
    #[serde(default)]
    pub round_trip_ms: Option<u64>,
    /// The mean opinion score that the E-model (ITU-T G.107) estimates from codec, loss and delay; nothing
    /// where the codec is not known or too little was seen.
    #[serde(default)]
    pub mos_estimate: Option<Score>,
}

/// What a receiver reports of what it gets (RFC 3550 section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// How many reports were seen.
    pub reports: u64,
    /// How many packets it lacks in all, by the last of them; copies make it negative.
    pub lost: i64,
    /// The worst loss between two reports, in whole percent.
    pub worst_loss_percent: u64,
    /// The highest jitter, in whole milliseconds; nothing where the clock of the payload is not known.
    pub worst_jitter_ms: Option<u64>,
}

/// A time without a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When the packet before it was seen.
    pub from: Timestamp,
    /// How long it took to the next one, in milliseconds.
    pub ms: u64,
}

/// The audio of a call, both directions of each path where either was seen, the caller's path
/// first and there the direction to the called side. Where a side awaited audio at several addresses, one after the
/// other, each pair of addresses stands for itself.
#[must_use]
pub fn audio(case: &Case<'_>) -> Vec<Audio> {
    heard(case)
        .iter()
        .flat_map(|path| path.flows().map(|flow| of(case, path, flow)))
        .collect()
}

/// The paths on which any audio was seen, one each pair of addresses.
#[must_use]
pub fn heard<'a>(case: &Case<'a>) -> Vec<MediaPath<'a>> {
    let is_heard = |path: &MediaPath<'_>| path.flows().iter().any(|flow| flow.packets() > 0);
    let pairs = case.media.iter().flat_map(MediaPath::pairs);
    pairs.filter(is_heard).collect()
}

/// One direction of a path in figures.
#[must_use]
pub fn of<'a>(case: &Case<'a>, path: &MediaPath<'a>, flow: &Flow<'a>) -> Audio {
    let name = |end: &End| case.end_name(end);
    let streams = || flow.streams.iter().filter(|stream| stream.packets > 0);
    let (expected, lost) = flow.expected_and_lost();
    let fullest = flow.fullest();
    let millis = |micros: u64| (micros + 500) / 1000;
    let mut payload_types: Vec<u8> = streams()
        .flat_map(|stream| stream.payload_types.iter().map(|it| it.payload_type))
        .collect();
    payload_types.sort_unstable();
    payload_types.dedup();
    let mut sources: Vec<String> = streams()
        .filter(|stream| !flow.from.announced.contains(&stream.source))
        .map(|stream| stream.source.to_string())
        .collect();
    sources.sort_unstable();
    sources.dedup();
    Audio {
        from: name(&flow.from),
        to: name(&flow.to),
        packets: flow.packets(),
        since_answer: flow.since_answer(),
        first: streams().map(|stream| stream.first).min(),
        last: streams().map(|stream| stream.last).max(),
        expected,
        lost,
        reordered: streams().map(|stream| stream.reordered).sum(),
        duplicates: streams().map(|stream| stream.duplicates).sum(),
        jitter_ms: fullest.map_or(0, |stream| millis(stream.jitter_mean)),
        jitter_max_ms: fullest.map_or(0, |stream| millis(stream.jitter_max)),
        jitter_estimated: fullest.is_some_and(|stream| stream.clock_assumed),
        longest_pause: fullest.and_then(pause),
        payload_types,
        sources,
        ssrc_changes: streams().map(|stream| stream.ssrc_changes).sum(),
        events: flow.events(),
        rtcp_packets: flow.reports(),
        reported: flow
            .received(path.back(flow))
            .map(|told| reported(told, fullest)),
        round_trip_ms: flow.round_trip().map(millis),
        mos_estimate: Sound::of(path, flow, path.back(flow)).and_then(|sound| sound.score()),
    }
}

fn reported(told: &RtcpCount, stream: Option<&MediaStream>) -> Reported {
    let clock = stream.filter(|stream| stream.clock_rate > 0 && !stream.clock_assumed);
    Reported {
        reports: told.blocks,
        lost: told.cumulative_lost,
        worst_loss_percent: (u64::from(told.worst_fraction_lost) * 100 + 128) / 256,
        worst_jitter_ms: clock.map(|stream| {
            let (jitter, rate) = (u64::from(told.worst_jitter), u64::from(stream.clock_rate));
            (jitter * 1000 + rate / 2) / rate
        }),
    }
}

fn pause(stream: &MediaStream) -> Option<Pause> {
    let is_long = u128::from(stream.longest_gap) >= LONG_SILENCE.as_micros().unsigned_abs();
    let from = stream.longest_gap_from.filter(|_| is_long)?;
    Some(Pause {
        from,
        ms: stream.longest_gap / 1000,
    })
}
