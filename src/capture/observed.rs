//! What captures show besides SIP messages, gathered while they are read: errors, resets, handshakes and DNS
//! in the first pass, media in one of its own, once it is known where media were announced. Judges
//! nothing.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::files::Files;
use super::item::{Datagram, Item};
use super::scan::{Event, Flow, Start};
use crate::sip::{Endpoint, Message, Packet, named};
use crate::wire::dns::concerning;
use crate::wire::media::{Collector, MediaPacket, MediaStream, Wanted, WantedFormat};
use crate::wire::{DnsMessage, IcmpError, Observations, TcpReset, TlsConnection};

/// ICMP errors, TCP resets, TLS connections and DNS messages kept at most, each.
const MOST: usize = 20_000;
/// How far around a call's messages something may lie that concerns it.
const AROUND: SignedDuration = SignedDuration::from_secs(40);
/// Bytes of a packet of media that are kept: all of RTCP, and the header of RTP with one event.
const MEDIA_HEAD: usize = 1500;

/// One thing besides messages, with bytes of its own.
#[derive(Debug)]
pub(super) enum Beside {
    Icmp(IcmpError),
    Reset(TcpReset),
    Tls(TlsConnection),
    Dns(DnsMessage),
    /// There is media.
    Media,
}

impl Beside {
    /// What an item is, where it is no message.
    pub(super) fn of(item: Item<'_>) -> Option<Beside> {
        match item {
            Item::Icmp(error) => Some(Beside::Icmp(error)),
            Item::Reset(reset) => Some(Beside::Reset(reset)),
            Item::Tls(connection) => Some(Beside::Tls(connection)),
            Item::Dns(message) => Some(Beside::Dns(message)),
            Item::Media(_) => Some(Beside::Media),
            Item::Message(_) => None,
        }
    }
}

/// What was seen besides messages in a set of captures.
#[derive(Debug, Default)]
pub(super) struct Observer {
    observed: Observations,
    left_out: u64,
    has_media: bool,
}

impl Observer {
    pub(super) fn add(&mut self, beside: Beside) {
        match beside {
            Beside::Icmp(error) if self.observed.icmp.len() < MOST => {
                self.observed.icmp.push(error);
            }
            Beside::Reset(reset) if self.observed.resets.len() < MOST => {
                self.observed.resets.push(reset);
            }
            Beside::Tls(connection) if self.observed.tls.len() < MOST => {
                self.observed.tls.push(connection);
            }
            Beside::Dns(message) if self.observed.dns.len() < MOST => {
                self.observed.dns.push(message);
            }
            Beside::Media => self.has_media = true,
            Beside::Icmp(_) | Beside::Reset(_) | Beside::Tls(_) | Beside::Dns(_) => {
                self.left_out += 1;
            }
        }
    }

    /// Puts everything into the order of time; says what was left out, where anything was.
    pub(super) fn finish(&mut self) -> Option<String> {
        let observed = std::mem::take(&mut self.observed);
        self.observed.add(observed);
        (self.left_out > 0).then(|| {
            format!(
                "{} ICMP errors, TCP resets, TLS connections and DNS messages beyond the first {MOST} were not kept",
                self.left_out
            )
        })
    }

    /// Whether there is any media.
    pub(super) fn has_media(&self) -> bool {
        self.has_media
    }

    /// Everything but media.
    pub(super) fn all(&self) -> &Observations {
        &self.observed
    }

    /// What may concern calls with these messages: what lies between their addresses, around their
    /// time.
    pub(super) fn around(&self, packets: &[Packet]) -> Observations {
        let hosts: HashSet<IpAddr> = packets
            .iter()
            .flat_map(|packet| [packet.source.ip(), packet.destination.ip()])
            .collect();
        let times = || packets.iter().map(|packet| packet.at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Observations::default();
        };
        let near =
            |at: Timestamp| at.duration_since(last) <= AROUND && first.duration_since(at) <= AROUND;
        let ours = |address: &SocketAddr| hosts.contains(&address.ip());
        let icmp = self.observed.icmp.iter();
        let resets = self.observed.resets.iter();
        let tls = self.observed.tls.iter();
        Observations {
            icmp: icmp
                .filter(|it| near(it.at) && (ours(&it.source) || ours(&it.destination)))
                .cloned()
                .collect(),
            resets: resets
                .filter(|it| near(it.at) && (ours(&it.source) || ours(&it.destination)))
                .cloned()
                .collect(),
            tls: tls
                .filter(|it| near(it.at) && (ours(&it.client) || ours(&it.server)))
                .cloned()
                .collect(),
            dns: self.asked(packets, &hosts, near),
            media: Vec::new(),
        }
    }

    /// What was asked of DNS around that time for names that these messages name, and for SIP services by their hosts.
    fn asked(
        &self,
        packets: &[Packet],
        hosts: &HashSet<IpAddr>,
        near: impl Fn(Timestamp) -> bool,
    ) -> Vec<DnsMessage> {
        let all: Vec<&DnsMessage> = (self.observed.dns.iter())
            .filter(|it| near(it.at))
            .collect();
        if all.is_empty() {
            return Vec::new();
        }
        let named = packets.iter().flat_map(|packet| {
            let message = Message::parse(packet.bytes.clone());
            named(&message)
        });
        // The machine that was captured on may ask itself.
        let is_own = |ip: IpAddr| hosts.contains(&ip) || ip.is_loopback();
        let served = all.iter().filter(|it| is_own(it.client().ip()));
        let served = served.filter_map(|it| Some(it.service_of()?.to_owned()));
        let names: HashSet<String> = named.chain(served).collect();
        concerning(all, names).into_iter().cloned().collect()
    }
}

/// A packet of media with bytes of its own.
struct Heard {
    at: Timestamp,
    file: u32,
    source: SocketAddr,
    destination: SocketAddr,
    payload: Box<[u8]>,
    missing: usize,
}

/// A run of frames: what was heard in it, and from when to when it reaches.
#[derive(Default)]
struct Part {
    heard: Vec<Heard>,
    span: Span,
}

/// From when to when a capture reaches.
#[derive(Default)]
struct Span {
    times: Option<(Timestamp, Timestamp)>,
    has_media: bool,
}

impl Span {
    fn extend(&mut self, at: Timestamp) {
        let (from, to) = self.times.unwrap_or((at, at));
        self.times = Some((from.min(at), to.max(at)));
    }

    fn join(&mut self, other: &Span) {
        if let Some((from, to)) = other.times {
            self.extend(from);
            self.extend(to);
        }
        self.has_media |= other.has_media;
    }
}

/// The media to and from these addresses, counted in a pass over the captures for which `within`
/// says so; and what has to be said where there were more streams than are counted.
pub(super) fn media(
    files: &Files,
    within: &dyn Fn(usize) -> bool,
    endpoints: impl IntoIterator<Item = Endpoint>,
) -> (Vec<MediaStream>, Option<String>) {
    let wanted: Vec<Wanted> = endpoints.into_iter().map(wanted).collect();
    let addresses: HashSet<SocketAddr> =
        wanted.iter().flat_map(|it| [it.address, it.rtcp]).collect();
    let mut collector = Collector::new(wanted);
    if collector.is_empty() {
        return (Vec::new(), None);
    }
    let is_wanted =
        |it: &Datagram<'_>| addresses.contains(&it.destination) || addresses.contains(&it.source);
    let hear = |part: &mut Part, item: Item<'_>| {
        part.span.extend(item.at());
        if let Item::Media(datagram) = item {
            part.span.has_media = true;
            if is_wanted(&datagram) {
                part.heard.push(Heard::of(&datagram));
            }
        }
    };
    let mut spans: HashMap<usize, Span> = HashMap::new();
    let within = |number: usize| within(number).then_some(Start::Beginning);
    files.scan(&within, &hear, &mut |event| {
        let Event::Items { number, made, .. } = event else {
            return Flow::On;
        };
        spans.entry(number).or_default().join(&made.span);
        for heard in made.heard {
            collector.push(&MediaPacket {
                at: heard.at,
                file: heard.file,
                source: heard.source,
                destination: heard.destination,
                payload: &heard.payload,
                missing: heard.missing,
            });
        }
        Flow::On
    });
    for span in spans.values().filter(|span| span.has_media) {
        if let Some((from, to)) = span.times {
            collector.watched(from, to);
        }
    }
    let left_out = match collector.left_out() {
        0 => None,
        many => Some(format!(
            "{many} packets of audio were not counted, since there are too many streams"
        )),
    };
    (collector.finish(), left_out)
}

impl Heard {
    fn of(datagram: &Datagram<'_>) -> Heard {
        let kept = datagram.payload.len().min(MEDIA_HEAD);
        Heard {
            at: datagram.at,
            file: datagram.place.file,
            source: datagram.source,
            destination: datagram.destination,
            payload: datagram.payload.get(..kept).unwrap_or_default().into(),
            missing: datagram.missing + datagram.payload.len() - kept,
        }
    }
}

fn wanted(endpoint: Endpoint) -> Wanted {
    let formats = endpoint.formats.into_iter().map(|format| WantedFormat {
        payload_type: format.payload_type,
        clock_rate: format.clock_rate,
        is_event: format.is_event,
        is_audio: format.is_audio,
    });
    Wanted {
        address: endpoint.address,
        rtcp: endpoint.rtcp,
        from: endpoint.from,
        to: endpoint.to,
        answered: endpoint.answered,
        formats: formats.collect(),
    }
}
