//! What a Call-ID shows of itself for joining, small enough to be kept for every call of a large
//! capture, and read message by message. Compares nothing.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::sip::glance::Glance;
use crate::sip::header::CSeq;
use crate::sip::message::Message;
use crate::sip::name::{Method, Name};
use crate::sip::packet::{Packet, Place, Seen};
use crate::sip::signal::{Signal, Thread};

/// A shorter Call-ID could stand in any header by accident.
const SHORTEST_NAMED: usize = 8;

/// More headers of one INVITE are not looked at for another Call-ID.
const MOST_NAMED: usize = 32;

/// More addresses under one Call-ID are not one call's.
const MOST_ADDRESSES: usize = 256;

/// A text as a number: equal texts have equal ones. 0 stands for none.
#[must_use]
pub fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
}

/// A node by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    pub(super) ip: u64,
    pub(super) port: u16,
}

impl Spot {
    fn of(address: SocketAddr) -> Spot {
        let mut hasher = DefaultHasher::new();
        address.ip().hash(&mut hasher);
        Spot {
            ip: hasher.finish(),
            port: address.port(),
        }
    }
}

/// How a Call-ID opens, and when that was settled.
#[derive(Debug, Clone)]
pub struct Setup {
    /// When its INVITE was seen, or the first answer to it.
    pub(super) opened: Timestamp,
    /// In which file.
    pub(super) file: u32,
    /// When the caller stopped waiting: the final response, or the last message.
    pub(super) settled: Timestamp,
    pub(super) client: Spot,
    pub(super) server: Spot,
    /// The keys of the numbers, the From tag, the SDP origin and the caller's half of Session-ID.
    pub(super) caller: u64,
    pub(super) called: u64,
    pub(super) tag: u64,
    pub(super) origin: u64,
    pub(super) session: u64,
    /// The keys of header values that may be another Call-ID, and the header's place in the order of
    /// the headers that no RFC defines.
    pub(super) named: Box<[(u64, u16)]>,
}

/// What an opening message shows.
#[derive(Debug, Clone)]
struct Opening {
    at: (Timestamp, Place),
    client: SocketAddr,
    server: SocketAddr,
    keys: Setup,
}

/// Reads one Call-ID message by message, in any order.
#[derive(Debug, Clone, Default)]
pub struct SetupReader {
    /// The first INVITE without a To tag.
    invite: Option<Box<Opening>>,
    /// The first answer to any INVITE, with the CSeq number it bears.
    answer: Option<(Box<Opening>, u32)>,
    /// CSeq numbers of the INVITEs seen.
    asked: Vec<u32>,
    /// The first final response to an INVITE at each address.
    finals: Vec<(SocketAddr, (Timestamp, Place))>,
    /// Addresses to which anything was seen sent.
    reached: Vec<SocketAddr>,
    last: Option<Timestamp>,
}

impl SetupReader {
    /// Takes in a message, reading no more of it than is needed.
    pub fn look(&mut self, seen: &Seen<'_>, glance: &Glance<'_>) {
        let at = self.reach(seen.at, seen.place, seen.destination);
        let is_response =
            (glance.start.get(..4)).is_some_and(|it| it.eq_ignore_ascii_case(b"SIP/"));
        if !is_response {
            // An INVITE after the first one opens nothing.
            let is_later = || self.invite.as_ref().is_some_and(|it| at >= it.at);
            if glance.start.starts_with(b"INVITE") && !is_later() {
                self.add(
                    &seen.packet(),
                    &Message::parse(Bytes::copy_from_slice(seen.bytes)),
                );
            }
            return;
        }
        if glance.cseq().is_none_or(|it| it.method != Method::Invite) {
            return;
        }
        if self.invite.is_none() {
            self.add(
                &seen.packet(),
                &Message::parse(Bytes::copy_from_slice(seen.bytes)),
            );
        } else if let Some(code) = status(glance.start) {
            self.answered(code, seen.destination, at);
        }
    }

    /// Takes in a message that was read.
    pub fn add(&mut self, packet: &Packet, message: &Message) {
        let at = self.reach(packet.at, packet.place, packet.destination);
        let cseq = message.cseq();
        if message.is_request(&Method::Invite) {
            // Asked for only while no opening INVITE is known.
            if let Some(cseq) = cseq.filter(|it| !self.asked.contains(&it.number))
                && self.invite.is_none()
                && self.asked.len() < MOST_ADDRESSES
            {
                self.asked.push(cseq.number);
            }
            let is_first = self.invite.as_ref().is_none_or(|it| at < it.at);
            if is_first && message.to_tag().is_none() {
                self.invite = Some(Box::new(Opening::of(packet, message)));
                // Answers stand for an INVITE only where none was seen.
                (self.answer, self.asked) = (None, Vec::new());
            }
        } else if let Some((code, number)) = answer_to_invite(message, cseq.as_ref()) {
            let is_first = self.answer.as_ref().is_none_or(|(it, _)| at < it.at);
            if self.invite.is_none() && is_first {
                self.answer = Some((Box::new(Opening::of(packet, message)), number));
            }
            self.answered(code, packet.destination, at);
        }
    }

    /// Takes in what another reader read of the same Call-ID.
    pub fn merge(&mut self, other: SetupReader) {
        if let Some(invite) = other.invite
            && self.invite.as_ref().is_none_or(|it| invite.at < it.at)
        {
            self.invite = Some(invite);
        }
        if let Some((answer, number)) = other.answer
            && self.answer.as_ref().is_none_or(|(it, _)| answer.at < it.at)
        {
            self.answer = Some((answer, number));
        }
        for number in other.asked {
            if !self.asked.contains(&number) && self.asked.len() < MOST_ADDRESSES {
                self.asked.push(number);
            }
        }
        for (to, at) in other.finals {
            self.add_final(to, at);
        }
        for address in other.reached {
            self.reach_address(address);
        }
        self.last = self.last.max(other.last);
    }

    fn reach(&mut self, at: Timestamp, place: Place, to: SocketAddr) -> (Timestamp, Place) {
        self.last = self.last.max(Some(at));
        self.reach_address(to);
        (at, place)
    }

    fn reach_address(&mut self, to: SocketAddr) {
        if !self.reached.contains(&to) && self.reached.len() < MOST_ADDRESSES {
            self.reached.push(to);
        }
    }

    /// A challenge is no answer, and a proxy may try others after a refusal.
    fn answered(&mut self, code: u16, to: SocketAddr, at: (Timestamp, Place)) {
        if code >= 200 && code != 401 && code != 407 {
            self.add_final(to, at);
        }
    }

    fn add_final(&mut self, to: SocketAddr, seen: (Timestamp, Place)) {
        if let Some((_, first)) = self.finals.iter_mut().find(|(known, _)| *known == to) {
            *first = (*first).min(seen);
        } else if self.finals.len() < MOST_ADDRESSES {
            self.finals.push((to, seen));
        }
    }

    /// What it came to; nothing where no INVITE opens it.
    #[must_use]
    pub fn setup(self) -> Option<Setup> {
        let opening = self.invite.or_else(|| {
            let (answer, number) = self.answer?;
            (!self.asked.contains(&number)).then_some(answer)
        })?;
        // Where nothing was seen sent to the caller, any hop stands for it.
        let sees_client = self.reached.contains(&opening.client);
        let settled = self
            .finals
            .iter()
            .filter(|(to, _)| !sees_client || *to == opening.client)
            .map(|(_, seen)| *seen)
            .min()
            .map(|(at, _)| at)
            .or(self.last)?;
        Some(Setup {
            settled,
            client: Spot::of(opening.client),
            server: Spot::of(opening.server),
            ..opening.keys
        })
    }
}

/// The setup of a Call-ID while its messages are still read, or all that has to be kept of it.
#[derive(Debug, Clone)]
pub enum Settling {
    /// Messages may still change it.
    Open(Box<SetupReader>),
    /// Its messages are long past; nothing where no INVITE opened it.
    Settled(Option<Box<Setup>>),
}

/// So long after its last message nothing of a Call-ID changes how it was set up: timer C of RFC 3261
/// section 16.6 is above three minutes.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(400);

impl Settling {
    /// What one reader has read.
    #[must_use]
    pub fn of(reader: SetupReader) -> Settling {
        Settling::Open(Box::new(reader))
    }

    /// Takes in what another reader read of the same Call-ID. Of two recordings of which one is
    /// settled already, the one that begins first counts.
    pub fn merge(&mut self, other: SetupReader) {
        match self {
            Settling::Open(reader) => reader.merge(other),
            Settling::Settled(known) => {
                let Some(setup) = other.setup() else { return };
                if known.as_ref().is_none_or(|it| setup.opened < it.opened) {
                    *known = Some(Box::new(setup));
                }
            }
        }
    }

    /// Keeps no more than is needed of what was last heard of long before this time.
    pub fn settle(&mut self, now: Timestamp) {
        if let Settling::Open(reader) = self
            && reader
                .last
                .is_some_and(|last| now.duration_since(last) > SETTLED_AFTER)
        {
            let reader = std::mem::take(&mut **reader);
            *self = Settling::Settled(reader.setup().map(Box::new));
        }
    }

    /// What it came to; nothing where no INVITE opens it.
    #[must_use]
    pub fn setup(self) -> Option<Box<Setup>> {
        match self {
            Settling::Open(reader) => reader.setup().map(Box::new),
            Settling::Settled(setup) => setup,
        }
    }
}

/// The setup of a thread; nothing for messages without a Call-ID, which are many calls, not one.
pub(super) fn of_thread(thread: &Thread) -> Option<Setup> {
    if thread.call_id.is_empty() {
        return None;
    }
    let mut reader = SetupReader::default();
    for signal in &thread.signals {
        reader.add(&signal.packet, signal.message());
    }
    reader.setup()
}

/// The code of a status line.
fn status(line: &[u8]) -> Option<u16> {
    let line = String::from_utf8_lossy(line);
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn answer_to_invite(message: &Message, cseq: Option<&CSeq>) -> Option<(u16, u32)> {
    let code = message.code()?;
    let cseq = cseq.filter(|cseq| cseq.method == Method::Invite)?;
    Some((code, cseq.number))
}

impl Opening {
    fn of(packet: &Packet, message: &Message) -> Opening {
        let (client, server) = match message.code() {
            Some(_) => (packet.destination, packet.source),
            None => (packet.source, packet.destination),
        };
        let called = match message.request_uri() {
            Some(uri) => uri.user.unwrap_or_default(),
            None => message.to_user(),
        };
        let some = |text: &str| if text.is_empty() { 0 } else { key(text) };
        let tag = message.from_tag();
        let origin = message.sdp_origin_key();
        Opening {
            at: (packet.at, packet.place),
            client,
            server,
            keys: Setup {
                opened: packet.at,
                file: packet.place.file,
                settled: packet.at,
                client: Spot::of(client),
                server: Spot::of(server),
                caller: some(&number_key(&message.from_user())),
                called: some(&number_key(&called)),
                tag: tag.as_deref().map_or(0, some),
                origin: origin.as_deref().map_or(0, some),
                session: session(message).as_deref().map_or(0, some),
                named: named(message),
            },
        }
    }
}

/// The values of headers that no RFC defines. Those that the RFCs define mean something else:
/// In-Reply-To names a call that is over.
fn named(message: &Message) -> Box<[(u64, u16)]> {
    unknown_headers(message)
        .zip(0_u16..)
        .filter(|((_, value), _)| value.len() >= SHORTEST_NAMED)
        .map(|((_, value), place)| (key(&value), place))
        .collect()
}

fn unknown_headers(
    message: &Message,
) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
    message.unknown_headers().take(MOST_NAMED)
}

/// What the header is called that stands at this place among those that no RFC defines.
pub(super) fn header_name(message: &Message, place: u16) -> Option<String> {
    let (name, _) = unknown_headers(message).nth(place.into())?;
    Some(name.into_owned())
}

/// The INVITE that opens a thread; where only the way back was captured, its first answer.
pub(super) fn opening(thread: &Thread) -> Option<&Signal> {
    let invite = thread
        .signals
        .iter()
        .find(|s| s.is_request(&Method::Invite) && s.to_tag.is_none());
    let answer = || {
        thread
            .signals
            .iter()
            .find(|s| s.answer_to(&Method::Invite).is_some())
    };
    invite.or_else(answer)
}

/// RFC 7989: the caller's half of Session-ID, which goes through unchanged.
fn session(message: &Message) -> Option<String> {
    let value = message.header(Name::SessionId)?;
    let local = value.split(';').next()?.trim().to_ascii_lowercase();
    let is_null = local.bytes().all(|b| b == b'0');
    (local.len() >= 16 && !is_null).then_some(local)
}

/// The end of a number, which survives prefixes being added or taken off; other users as they are.
fn number_key(user: &str) -> String {
    const KEPT: usize = 7;
    let digits: String = user.chars().filter(char::is_ascii_digit).collect();
    let other = user.chars().any(|c| c.is_ascii_alphabetic());
    match digits.len().checked_sub(KEPT) {
        Some(from) if !other => digits.get(from..).unwrap_or_default().to_owned(),
        _ => user.to_ascii_lowercase(),
    }
}
