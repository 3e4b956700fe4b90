//! The audio of a call: what was described on each hop of its way, and which streams were seen to
//! go there. Relates and counts; what is wrong with it the rules say.

mod changes;
mod described;
mod pairs;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use self::changes::Change;
use self::described::described;
use super::case::Case;
use crate::sip::{Hop, Signal};
use crate::wire::MediaStream;
use crate::wire::media::{Opening, RtcpCount, Watched};

/// Where no BYE was seen, streams that begin later than this after the last message are taken for
/// another call's on the same ports.
const UNENDED_TAIL: SignedDuration = SignedDuration::from_secs(60);

/// Fewer reports than this tell nothing.
const FEWEST_REPORTS: u64 = 3;

/// The audio between the two sides of a hop. A description that passes several hops unchanged
/// makes them one path.
#[derive(Debug, Clone)]
pub struct MediaPath<'a> {
    /// The hop nearest to the caller.
    pub hop: &'a Hop,
    /// The message with the offer.
    pub offer: &'a Arc<Signal>,
    /// The 2xx that answered the hop.
    pub answer: &'a Arc<Signal>,
    /// From when to when its audio was recorded, whatever was seen of the messages; nothing where none was seen or that
    /// is not known.
    pub watched: Option<Watched>,
    /// Until when both sides wanted to send and to receive: a BYE, a hold, the end of the
    /// evidence or of the recording.
    pub until: Timestamp,
    /// Whether it is the recording of its audio that ends then, and nothing that was seen of the call.
    pub outlasts_recording: bool,
    /// The message that ended that, where it is one.
    pub ended_by: Option<&'a Arc<Signal>>,
    /// Whether not both sides wanted to send and to receive from the beginning.
    pub is_held: bool,
    /// Whether both sides name further addresses to try (ICE), so that audio may go elsewhere.
    pub may_go_elsewhere: bool,
    /// What was agreed anew after the answer, in order.
    pub changes: Vec<Change<'a>>,
    /// From the calling side to the called one.
    pub to_called: Flow<'a>,
    /// From the called side to the calling one.
    pub to_caller: Flow<'a>,
}

/// One direction of a path.
#[derive(Debug, Clone)]
pub struct Flow<'a> {
    /// Who sends, and who is to get it.
    pub from: End,
    /// The same of the receiver.
    pub to: End,
    /// What was seen of it.
    pub streams: Vec<&'a MediaStream>,
    /// What came to the receiver meanwhile from machines that are not its sender.
    pub strangers: Vec<&'a MediaStream>,
    /// What its sender sent to a port of the receiver's machine that the receiver neither announced nor sends from.
    pub astray: Vec<&'a MediaStream>,
}

/// One side of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The node that described it.
    pub node: SocketAddr,
    /// Where it awaits audio: first where it did when the call was answered, then the others in the order in which it
    /// named them.
    pub announced: Vec<SocketAddr>,
    /// The payload types that it announced.
    pub payload_types: Vec<u8>,
    /// Which of them are telephone events (RFC 4733).
    pub event_types: Vec<u8>,
    /// The codecs that it named, by payload type, in upper case.
    pub codecs: Vec<(u8, String)>,
}

impl<'a> Flow<'a> {
    /// RTP packets, early ones too.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.streams.iter().map(|stream| stream.packets).sum()
    }

    /// RTP packets once the call was answered.
    #[must_use]
    pub fn since_answer(&self) -> u64 {
        self.streams
            .iter()
            .map(|stream| stream.since_answer())
            .sum()
    }

    /// Telephone events.
    #[must_use]
    pub fn events(&self) -> u32 {
        self.streams.iter().map(|stream| stream.events).sum()
    }

    /// Datagrams of RTCP.
    #[must_use]
    pub fn reports(&self) -> u64 {
        self.streams.iter().map(|stream| stream.rtcp.packets).sum()
    }

    /// What its sender sent to open the way for it.
    #[must_use]
    pub fn opening(&self) -> Opening {
        let mut all = Opening::default();
        for stream in &self.streams {
            all.add(stream.opening);
        }
        all
    }

    /// Packets that should have been there, and how many of them were not.
    #[must_use]
    pub fn expected_and_lost(&self) -> (u64, u64) {
        let sum = |of: fn(&MediaStream) -> u64| self.streams.iter().map(|s| of(s)).sum();
        (sum(|s| s.expected), sum(|s| s.lost))
    }

    /// The stream with the most packets.
    #[must_use]
    pub fn fullest(&self) -> Option<&'a MediaStream> {
        let streams = self.streams.iter().filter(|stream| stream.packets > 0);
        streams.copied().max_by_key(|stream| stream.packets)
    }

    /// What the reports of its receiver say; `back` is the other direction, in which they came.
    #[must_use]
    pub fn received(&self, back: &Flow<'a>) -> Option<&'a RtcpCount> {
        let reports = back.streams.iter().map(|stream| &stream.rtcp);
        reports
            .filter(|rtcp| rtcp.blocks > 0)
            .max_by_key(|rtcp| rtcp.blocks)
    }

    /// How long it takes from this capture point to its sender and back, in whole microseconds: the mean of
    /// what the sender's reports tell, where there are enough of them.
    #[must_use]
    pub fn round_trip(&self) -> Option<u64> {
        let reports = self.streams.iter().map(|stream| &stream.rtcp);
        let fullest = reports.max_by_key(|rtcp| rtcp.round_trips)?;
        (fullest.round_trips >= FEWEST_REPORTS).then_some(fullest.round_trip_mean)
    }

    /// The codec of most of its packets, as its receiver named it, in upper case.
    #[must_use]
    pub fn codec(&self) -> Option<&str> {
        let counts = self.streams.iter().flat_map(|stream| &stream.payload_types);
        let sound = counts.filter(|it| !self.to.event_types.contains(&it.payload_type));
        let most = sound.max_by_key(|it| it.packets)?.payload_type;
        let named = self.to.codecs.iter().find(|(it, _)| *it == most)?;
        Some(named.1.as_str())
    }

    /// The first packet at a time or after it.
    #[must_use]
    pub fn first_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.streams.iter().filter_map(|s| s.first_after(at)).min()
    }

    /// The last packet at a time or before it.
    #[must_use]
    pub fn last_before(&self, at: Timestamp) -> Option<Timestamp> {
        self.streams.iter().filter_map(|s| s.last_before(at)).max()
    }
}

impl<'a> MediaPath<'a> {
    /// Both directions.
    #[must_use]
    pub fn flows(&self) -> [&Flow<'a>; 2] {
        [&self.to_called, &self.to_caller]
    }

    /// The other direction than this one of the path.
    #[must_use]
    pub fn back(&self, flow: &Flow<'a>) -> &Flow<'a> {
        if std::ptr::eq(flow, &self.to_called) {
            &self.to_caller
        } else {
            &self.to_called
        }
    }

    /// How long sound takes to the called end of the path and back to the calling one, in whole microseconds,
    /// by what RTCP tells: at least that, where one of the two ends told nothing.
    #[must_use]
    pub fn round_trip(&self) -> Option<u64> {
        let known = self.flows().map(Flow::round_trip);
        known.into_iter().flatten().reduce(u64::saturating_add)
    }

    /// From when on both sides wanted to send and to receive: the answer, or the beginning of the recording.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        let answered = self.answer.at();
        self.watched.map_or(answered, |it| it.from.max(answered))
    }

    /// How long both sides wanted to talk, as far as it was recorded.
    #[must_use]
    pub fn lasted(&self) -> SignedDuration {
        self.until.duration_since(self.from())
    }

    /// Takes note of what its streams tell of the recording.
    fn watch(&mut self) {
        let streams = self.flows().into_iter().flat_map(|flow| &flow.streams);
        self.watched = streams
            .filter_map(|stream| stream.watched)
            .reduce(Watched::joined);
        if let Some(watched) = self.watched.filter(|it| it.to < self.until) {
            (self.until, self.ended_by, self.outlasts_recording) = (watched.to, None, true);
        }
    }
}

impl Case<'_> {
    /// One end of a path in words: who, and the address at which it awaits audio.
    #[must_use]
    pub fn end_name(&self, end: &End) -> String {
        let who = self.end_who(end);
        match end.announced.first() {
            Some(address) if who.is_empty() => address.to_string(),
            Some(address) => format!("{who} {address}"),
            None => self.name(end.node),
        }
    }

    /// The same without the address. Audio may go to another machine than the messages do: it is
    /// called after the node that named it.
    #[must_use]
    pub fn end_who(&self, end: &End) -> String {
        let ip = end.announced.first().map(|address| address.ip());
        let nodes = || {
            self.call
                .hops
                .iter()
                .flat_map(|hop| [hop.client, hop.server])
        };
        let own = ip.is_none_or(|ip| ip == end.node.ip());
        let servers = self
            .records
            .map(|it| it.servers.as_slice())
            .unwrap_or_default();
        if !own && ip.is_some_and(|ip| servers.contains(&ip)) {
            return "platform".to_owned();
        }
        let known = nodes().find(|node| !own && Some(node.ip()) == ip);
        self.who(known.unwrap_or(end.node))
    }
}

/// The paths of an answered call, along its way. Streams that stand in for other calls, by their
/// address or their time, are not among them.
#[must_use]
pub fn paths<'a>(case: &Case<'a>) -> Vec<MediaPath<'a>> {
    if case.observed.media.is_empty() && case.observed.icmp.is_empty() {
        return Vec::new();
    }
    let way = case.way();
    let mut paths: Vec<MediaPath<'a>> = Vec::new();
    for hop in &way {
        let Some(path) = described(case, hop) else {
            continue;
        };
        let same = |other: &&mut MediaPath<'a>| {
            other.to_called.to.announced == path.to_called.to.announced
                && other.to_caller.to.announced == path.to_caller.to.announced
        };
        // The descriptions went through: the far end of the audio is that of the later hop.
        match paths.iter_mut().find(same) {
            Some(other) => {
                other.to_called.to.node = path.to_called.to.node;
                other.to_caller.from.node = path.to_caller.from.node;
            }
            None => paths.push(path),
        }
    }
    let announced: Vec<SocketAddr> = paths
        .iter()
        .flat_map(|path| path.flows().map(|flow| flow.to.announced.clone()))
        .flatten()
        .collect();
    let streams = of_time(case);
    for path in &mut paths {
        for flow in [&mut path.to_called, &mut path.to_caller] {
            let goes_here = |stream: &&MediaStream| {
                flow.to.announced.contains(&stream.destination)
                    || (flow.from.announced.contains(&stream.source)
                        && !announced.contains(&stream.destination))
            };
            flow.streams = streams.iter().copied().filter(goes_here).collect();
        }
        sort_out(path);
        path.watch();
    }
    paths
}

/// Sets apart what goes to a port that nobody awaits it at, and what machines send that are not the sender.
fn sort_out(path: &mut MediaPath<'_>) {
    let sources = |flow: &Flow<'_>| -> Vec<SocketAddr> {
        let sent = flow.streams.iter().filter(|stream| stream.packets > 0);
        sent.map(|stream| stream.source).collect()
    };
    let sent = [sources(&path.to_caller), sources(&path.to_called)];
    for (flow, back) in [&mut path.to_called, &mut path.to_caller]
        .into_iter()
        .zip(sent)
    {
        let is_host = |address: SocketAddr| {
            let mut announced = flow.to.announced.iter();
            announced.any(|it| it.ip() == address.ip())
        };
        // Of a receiver that was not seen to send nobody knows where it takes audio.
        let sends = back.iter().any(|it| is_host(*it));
        let is_astray = |stream: &MediaStream| {
            let to = stream.destination;
            sends && is_host(to) && !flow.to.announced.contains(&to) && !back.contains(&to)
        };
        let own: Vec<&MediaStream> = flow
            .streams
            .iter()
            .copied()
            .filter(|stream| stream.packets > 0 && flow.from.announced.contains(&stream.source))
            .collect();
        let hosts = |stream: &MediaStream| {
            let mut announced = flow.from.announced.iter();
            announced.any(|it| it.ip() == stream.source.ip())
        };
        // Beside what comes from where it was announced, a NAT does not let the same come from elsewhere.
        let is_stranger = |stream: &MediaStream| {
            let meanwhile =
                |own: &&MediaStream| own.first <= stream.last && stream.first <= own.last;
            !hosts(stream) && own.iter().any(meanwhile)
        };
        let all = std::mem::take(&mut flow.streams);
        let (astray, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| is_astray(it));
        let (strangers, kept) = rest.into_iter().partition(|it| is_stranger(it));
        (flow.streams, flow.strangers, flow.astray) = (kept, strangers, astray);
    }
}

/// The streams that began while the call was up.
fn of_time<'a>(case: &Case<'a>) -> Vec<&'a MediaStream> {
    let (Some(from), Some(to)) = (case.call.started(), case.call.ended()) else {
        return Vec::new();
    };
    // What begins after the end of a call is another's.
    let tail = match case.byes().next() {
        Some(_) => SignedDuration::ZERO,
        None => UNENDED_TAIL,
    };
    let to = to.checked_add(tail).unwrap_or(Timestamp::MAX);
    // They stand in order of their first packet.
    let media = &case.observed.media;
    let begin = media.partition_point(|stream| stream.first < from);
    let end = media.partition_point(|stream| stream.first <= to);
    media.get(begin..end).unwrap_or_default().iter().collect()
}
