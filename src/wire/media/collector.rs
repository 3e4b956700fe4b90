//! Picks the media of announced addresses out of everything that a capture shows, and has it
//! counted. Costs a look-up for what nobody announced; keeps no packet.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::counter::Counter;
use super::opening::Step;
use super::rtcp::Rtcp;
use super::rtp::{self, MediaKind, RtpHeader};
use super::stream::{LONG_SILENCE, MediaStream, Watched};

/// An address at which media of a call is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where RTP should go.
    pub address: SocketAddr,
    /// Where RTCP should go that does not share the port of RTP; shared it is known by itself.
    pub rtcp: SocketAddr,
    /// From when on. Of two that await media at one address, the one that began later gets it.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// When the call was answered: earlier packets are counted as early.
    pub answered: Option<Timestamp>,
    /// What the payload types mean there.
    pub formats: Vec<WantedFormat>,
}

/// What a payload type means at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedFormat {
    /// The payload type.
    pub payload_type: u8,
    /// The clock of its timestamps in Hz; 0 where it is not known.
    pub clock_rate: u32,
    /// Whether these are telephone events (RFC 4733).
    pub is_event: bool,
    /// Whether it is of the audio: what else shares its port (RFC 9143) is not counted.
    pub is_audio: bool,
}

/// A UDP datagram that may be media.
#[derive(Debug, Clone, Copy)]
pub struct MediaPacket<'a> {
    /// When it was seen.
    pub at: Timestamp,
    /// In which file.
    pub file: u32,
    /// The address that sent it.
    pub source: SocketAddr,
    /// The address it was sent to.
    pub destination: SocketAddr,
    /// What it carries, as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were sent and not captured.
    pub missing: usize,
}

/// Streams counted side by side; packets of further ones are counted as left out.
const MOST_STREAMS: usize = 65_536;
/// Sources of what is no audio that are kept in mind.
const MOST_OTHERS: usize = 65_536;
/// Recordings of one stream that overlap, one a file.
const MOST_TAKES: usize = 8;
/// Calls that follow one another on one port and are looked through for one packet.
const MOST_SPANS: usize = 16;
/// A file that goes on where another ends begins at most this much before that end.
const DISORDER: SignedDuration = SignedDuration::from_millis(50);

/// Source and destination as RTP addresses, and the place of what awaited it.
type Key = (SocketAddr, SocketAddr, usize);

/// Counts the media of wanted addresses.
#[derive(Debug, Default)]
pub struct Collector {
    wanted: Vec<Wanted>,
    rtp: HashMap<SocketAddr, Vec<usize>>,
    rtcp: HashMap<SocketAddr, Vec<usize>>,
    /// The recordings of each stream, with the file of each.
    streams: HashMap<Key, Vec<(u32, Counter)>>,
    /// The sources of what is no audio, with their address: reports on them are not about the audio.
    others: HashSet<(SocketAddr, u32)>,
    watched: Vec<Watched>,
    left_out: u64,
}

impl Collector {
    /// A collector for these addresses.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = Wanted>) -> Collector {
        let mut wanted: Vec<Wanted> = wanted.into_iter().collect();
        wanted.sort_by_key(|wanted| wanted.from);
        let mut collector = Collector::default();
        for (at, wanted) in wanted.iter().enumerate() {
            let spans = collector.rtp.entry(wanted.address).or_default();
            spans.push(at);
            let spans = collector.rtcp.entry(wanted.rtcp).or_default();
            spans.push(at);
        }
        collector.wanted = wanted;
        collector
    }

    /// Whether no address is wanted, so that nothing has to be read for it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// How many packets were not counted because there were too many streams.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes note from when to when a recording reaches that shows media, whosever.
    pub fn watched(&mut self, from: Timestamp, to: Timestamp) {
        self.watched.push(Watched { from, to });
    }

    /// Counts a datagram that goes to a wanted address, or else comes from one. Whatever else it
    /// is, is passed over. Files come one after the other, each in order of time.
    pub fn push(&mut self, packet: &MediaPacket<'_>) {
        match rtp::kind(packet.payload) {
            Some(MediaKind::Rtp) => self.push_rtp(packet),
            Some(MediaKind::Rtcp) => self.push_rtcp(packet),
            None => self.push_step(packet),
        }
    }

    fn push_rtp(&mut self, packet: &MediaPacket<'_>) {
        let (source, destination) = (packet.source, packet.destination);
        let to = self.awaited(&self.rtp, destination, packet.at);
        let from = self.awaited(&self.rtp, source, packet.at);
        let Some(by) = to.or(from) else { return };
        let Some(header) = RtpHeader::parse(packet.payload, packet.missing) else {
            return;
        };
        let formats = |at: Option<usize>| {
            let wanted = at.and_then(|at| self.wanted.get(at));
            wanted.map_or(&[][..], |wanted| &wanted.formats)
        };
        // A payload type means what the side that gets it said of it (RFC 3264 section 5.1).
        let described = [formats(to), formats(from)];
        let mut meanings = described.into_iter().flatten();
        let meaning = meanings.find(|it| it.payload_type == header.payload_type);
        if meaning.is_some_and(|it| !it.is_audio) {
            if self.others.len() < MOST_OTHERS {
                self.others.insert((source, header.ssrc));
            }
            return;
        }
        let answered = self.wanted.get(by).and_then(|wanted| wanted.answered);
        let key = (source, destination, by);
        match counter(&mut self.streams, key, packet) {
            Some(counter) => counter.rtp(packet.at, &header, answered, described),
            None => self.left_out += 1,
        }
    }

    fn push_step(&mut self, packet: &MediaPacket<'_>) {
        let Some((step, (key, _))) = Step::read(packet.payload).zip(self.beside(packet)) else {
            return;
        };
        match counter(&mut self.streams, key, packet) {
            Some(counter) => counter.step(packet.at, step),
            None => self.left_out += 1,
        }
    }

    fn push_rtcp(&mut self, packet: &MediaPacket<'_>) {
        let Some((key, back)) = self.beside(packet) else {
            return;
        };
        let mut read = Rtcp::parse(packet.payload, packet.missing);
        if let Some(rtcp) = &mut read {
            let others = &self.others;
            rtcp.blocks.retain(|it| !others.contains(&(key.1, it.ssrc)));
        }
        let round_trips = self.round_trips(back, packet, read.as_ref());
        match counter(&mut self.streams, key, packet) {
            Some(counter) => {
                counter.rtcp(packet.at, read.as_ref());
                for micros in round_trips {
                    counter.add_round_trip(micros);
                }
            }
            None => self.left_out += 1,
        }
    }

    /// The stream that a packet belongs to which may use the ports of RTP or those of RTCP, and the stream that goes
    /// the other way.
    fn beside(&self, packet: &MediaPacket<'_>) -> Option<(Key, Key)> {
        let both = |address: SocketAddr| {
            let apart = self.awaited(&self.rtcp, address, packet.at);
            apart.or_else(|| self.awaited(&self.rtp, address, packet.at))
        };
        let (to, from) = (both(packet.destination), both(packet.source));
        let address = |at: Option<usize>, seen: SocketAddr, other: SocketAddr| {
            match at.and_then(|at| self.wanted.get(at)) {
                Some(wanted) => wanted.address,
                // Nobody announced this side. Ports apart on the other one are apart here too, by
                // one (RFC 3550 section 11).
                None if seen.port() % 2 == 1 && other.port() % 2 == 1 => {
                    SocketAddr::new(seen.ip(), seen.port() - 1)
                }
                None => seen,
            }
        };
        let (source, destination) = (
            address(from, packet.source, packet.destination),
            address(to, packet.destination, packet.source),
        );
        Some((
            (source, destination, to.or(from)?),
            (destination, source, from.or(to)?),
        ))
    }

    /// The round trips that the blocks of a report tell, where the reports that they answer were seen in the
    /// same file on the way back: two files need not have one clock.
    fn round_trips(&self, back: Key, packet: &MediaPacket<'_>, read: Option<&Rtcp>) -> Vec<u64> {
        let takes = self.streams.get(&back);
        let take = takes.and_then(|it| it.iter().find(|(file, _)| *file == packet.file));
        let (Some((_, sent)), Some(rtcp)) = (take, read) else {
            return Vec::new();
        };
        let blocks = rtcp.blocks.iter();
        blocks
            .filter_map(|block| sent.round_trip(packet.at, block))
            .collect()
    }

    /// Who awaits media at an address at that time.
    fn awaited(
        &self,
        by: &HashMap<SocketAddr, Vec<usize>>,
        address: SocketAddr,
        at: Timestamp,
    ) -> Option<usize> {
        let spans = by.get(&address)?;
        let of = |place: usize| self.wanted.get(place);
        let begun = spans.partition_point(|span| of(*span).is_some_and(|w| w.from <= at));
        let spans = spans.get(..begun)?.iter().rev().take(MOST_SPANS);
        spans
            .copied()
            .find(|span| of(*span).is_some_and(|w| at <= w.to))
    }

    /// The streams, in order of their first packet. Where several files recorded one, the fullest
    /// recording counts.
    #[must_use]
    pub fn finish(self) -> Vec<MediaStream> {
        let watched = joined(self.watched);
        let mut streams = Vec::new();
        for takes in self.streams.into_values() {
            let mut takes: Vec<MediaStream> =
                takes.into_iter().map(|(_, take)| take.finish()).collect();
            takes.sort_by(|a, b| b.packets.cmp(&a.packets).then(a.first.cmp(&b.first)));
            let mut kept: Vec<MediaStream> = Vec::new();
            for take in takes {
                let overlaps =
                    |other: &&mut MediaStream| take.first <= other.last && other.first <= take.last;
                match kept.iter_mut().find(overlaps) {
                    Some(other) => {
                        other.capture_duplicates += take.packets + take.capture_duplicates;
                    }
                    None => kept.push(take),
                }
            }
            streams.extend(kept);
        }
        for stream in &mut streams {
            let shows = |it: &&Watched| it.from <= stream.first && stream.first <= it.to;
            stream.watched = watched.iter().find(shows).copied();
        }
        streams.sort_by_key(|stream| (stream.first, stream.source, stream.destination));
        streams
    }
}

/// Recordings of which one goes on where another ends, each run of them as one.
fn joined(mut all: Vec<Watched>) -> Vec<Watched> {
    all.sort_by_key(|it| it.from);
    let mut joined: Vec<Watched> = Vec::new();
    for next in all {
        match joined.last_mut() {
            Some(before) if next.from.duration_since(before.to) <= LONG_SILENCE => {
                *before = before.joined(next);
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// The counter that goes on with a packet: that of its file, else one that a file before left off.
fn counter<'a>(
    streams: &'a mut HashMap<Key, Vec<(u32, Counter)>>,
    key: Key,
    packet: &MediaPacket<'_>,
) -> Option<&'a mut Counter> {
    if streams.len() >= MOST_STREAMS && !streams.contains_key(&key) {
        return None;
    }
    let takes = streams.entry(key).or_default();
    // Where two files overlap, the one that begins later goes on where the other ends.
    let goes_on = |(_, take): &&(u32, Counter)| packet.at.duration_since(take.last()) > -DISORDER;
    let furthest = takes
        .iter()
        .filter(goes_on)
        .map(|(_, take)| take.last())
        .max();
    let is_furthest = |(_, take): &(u32, Counter)| Some(take.last()) == furthest;
    let of_file = || takes.iter().position(|(file, _)| *file == packet.file);
    let at = match takes.iter().position(is_furthest).or_else(of_file) {
        Some(at) => at,
        None if takes.len() < MOST_TAKES => {
            let stream = MediaStream::new(key.0, key.1, packet.at);
            takes.push((packet.file, Counter::new(stream)));
            takes.len() - 1
        }
        None => return None,
    };
    let (file, counter) = takes.get_mut(at)?;
    *file = packet.file;
    Some(counter)
}
