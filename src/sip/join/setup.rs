//! What a Call-ID shows of itself for joining, small enough to be kept for every call of a large
//! capture. Compares nothing.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use super::reader::SetupReader;
use super::user::User;
use crate::sip::header::NameAddr;
use crate::sip::message::Message;
use crate::sip::name::{Method, Name};
use crate::sip::packet::{Packet, Place};
use crate::sip::signal::{Signal, Thread};

/// A shorter Call-ID could stand in any header by accident.
const SHORTEST_NAMED: usize = 8;

/// More nodes that one Call-ID is passed on by are not kept.
const MOST_PASSED: usize = 16;

/// More headers of one INVITE are not looked at for another Call-ID.
const MOST_NAMED: usize = 32;

/// A text as a number: equal texts have equal ones. 0 stands for none.
#[must_use]
pub fn key(text: &str) -> u64 {
    hash(text).max(1)
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A node by its address in one number: equal addresses have equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot(u64);

impl Spot {
    pub(super) fn of(address: SocketAddr) -> Spot {
        let host = match address.ip() {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            // As much of its hash as there is room for, set apart from the other kind.
            IpAddr::V6(ip) => hash(ip) | 1 << 47,
        };
        Spot(host << 16 | u64::from(address.port()))
    }

    /// The same for all ports of a host.
    pub(super) fn host(self) -> u64 {
        self.0 >> 16
    }
}

/// How a Call-ID opens, and when that was settled.
#[derive(Debug, Clone)]
pub struct Setup {
    /// When its INVITE was seen, or the first answer to it.
    pub(super) opened: Timestamp,
    /// Where that stands.
    pub(super) place: Place,
    /// When the caller stopped waiting: the final response, or the last message.
    pub(super) settled: Timestamp,
    /// Whether it was a final response that settled it.
    pub(super) is_final: bool,
    /// Whether that one says that the call went round in a circle.
    pub(super) is_loop: bool,
    /// Whether an answer opens it, for want of an INVITE.
    pub(super) is_answer: bool,
    pub(super) client: Spot,
    pub(super) server: Spot,
    /// The nodes besides these two to which anything was sent under the Call-ID: a proxy passes it on.
    pub(super) passed: Box<[Spot]>,
    /// Whether a recorder is to get a copy of another call (RFC 7866).
    pub(super) is_recording: bool,
    /// Who calls, by From and by P-Asserted-Identity, and who is called.
    pub(super) callers: [User; 2],
    pub(super) called: User,
    /// Who was called before it was diverted (RFC 5806, RFC 7044).
    pub(super) diverted: Box<[User]>,
    /// The keys of the From tag, the SDP origin and the caller's half of Session-ID.
    pub(super) tag: u64,
    pub(super) origin: u64,
    pub(super) session: u64,
    /// The keys of header values that may be another Call-ID, and the header's place in the order of
    /// the headers that no RFC defines.
    pub(super) named: Box<[(u64, u16)]>,
}

impl Setup {
    /// What an opening message shows, settled as soon as it opens.
    pub(super) fn of(packet: &Packet, message: &Message) -> Setup {
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
        Setup {
            opened: packet.at,
            place: packet.place,
            settled: packet.at,
            is_final: false,
            is_loop: false,
            is_answer: message.code().is_some(),
            client: Spot::of(client),
            server: Spot::of(server),
            passed: Box::default(),
            is_recording: is_recording(message),
            callers: [User::of(&message.from_user()), asserted(message)],
            called: User::of(&called),
            diverted: diverted(message),
            tag: tag.as_deref().map_or(0, some),
            origin: origin.as_deref().filter(|it| is_own(it)).map_or(0, some),
            session: session(message).as_deref().map_or(0, some),
            named: named(message),
        }
    }

    /// Whether the same one calls in both, as far as either says who.
    pub(super) fn has_caller_of(&self, other: &Setup) -> bool {
        self.any_caller(other, User::is)
    }

    /// Whether both say who calls, and surely not the same.
    pub(super) fn has_another_caller_than(&self, other: &Setup) -> bool {
        !self.has_caller_of(other) && self.any_caller(other, User::differs)
    }

    /// Whether it says of the number that the other one called that it was diverted from there.
    pub(super) fn is_diverted_from(&self, other: &Setup) -> bool {
        self.diverted.iter().any(|it| it.is(other.called))
    }

    fn any_caller(&self, other: &Setup, holds: fn(User, User) -> bool) -> bool {
        let mut own = self.callers.iter();
        own.any(|one| other.callers.iter().any(|another| holds(*one, *another)))
    }

    /// When and where it opens: what comes first counts.
    pub(super) fn at(&self) -> (Timestamp, Place) {
        (self.opened, self.place)
    }

    /// In which file it opens.
    #[must_use]
    pub fn file(&self) -> u32 {
        self.place.file
    }

    /// The same in a file of another number.
    #[must_use]
    pub fn in_file(&self, file: u32) -> Setup {
        let place = Place { file, ..self.place };
        Setup {
            place,
            ..self.clone()
        }
    }

    /// Takes note of the nodes that were reached, as far as they are others than its own two.
    pub(super) fn pass(&mut self, mut reached: Vec<Spot>) {
        reached.retain(|it| *it != self.client && *it != self.server);
        reached.sort_unstable();
        reached.dedup();
        reached.truncate(MOST_PASSED);
        self.passed = reached.into();
    }

    /// Takes in what another recording shows of the same Call-ID. An INVITE opens it before any
    /// answer does, and the first of two counts; a final response in either settles it.
    pub fn merge(&mut self, other: Setup) {
        let opens = |it: &Setup| (it.is_answer, it.at());
        let end = |it: &Setup| (it.settled, it.is_final, it.is_loop);
        let (settled, is_final, is_loop) = match (self.is_final, other.is_final) {
            (true, false) => end(self),
            (false, true) => end(&other),
            (true, true) => end(self).min(end(&other)),
            (false, false) => end(self).max(end(&other)),
        };
        let passed: Vec<Spot> = self.passed.iter().chain(&other.passed).copied().collect();
        if opens(&other) < opens(self) {
            *self = other;
        }
        self.pass(passed);
        (self.settled, self.is_final, self.is_loop) = (settled, is_final, is_loop);
    }
}

/// The setup of a thread; nothing for messages without a Call-ID, which are many calls, not one.
pub(super) fn of_thread(thread: &Thread) -> Option<Box<Setup>> {
    if thread.call_id.is_empty() {
        return None;
    }
    let mut reader = SetupReader::default();
    for signal in &thread.signals {
        reader.add(&signal.packet, signal.message());
    }
    reader.setup()
}

/// An origin that one description has and no other: not a number that a device writes into each of them.
fn is_own(origin: &str) -> bool {
    const FEWEST_DIGITS: usize = 4;
    let mut words = origin.split(' ').skip(1);
    let session = words.next().unwrap_or_default().trim_start_matches('0');
    let is_nowhere = matches!(words.next(), Some("127.0.0.1" | "0.0.0.0" | "::1" | "::"));
    session.len() >= FEWEST_DIGITS || !is_nowhere && session.len() > 1
}

/// Whom the network says to be the caller.
fn asserted(message: &Message) -> User {
    let value = message.header(Name::PAssertedIdentity);
    let user = value.and_then(|it| NameAddr::parse(&it).uri.user);
    user.map_or_else(User::default, |it| User::of(&it))
}

/// Who was called before: more than a few divert no call.
fn diverted(message: &Message) -> Box<[User]> {
    const MOST: usize = 8;
    let headers = [Name::Diversion, Name::HistoryInfo].into_iter();
    let values = headers.flat_map(|name| message.elements(name));
    let users = values.filter_map(|it| NameAddr::parse(&it).uri.user);
    users.take(MOST).map(|it| User::of(&it)).collect()
}

fn is_recording(message: &Message) -> bool {
    let required = message.header(Name::Require);
    required.is_some_and(|it| {
        let mut tags = it.split(',');
        tags.any(|tag| tag.trim().eq_ignore_ascii_case("siprec"))
    })
}

/// The values of headers that no RFC defines. Those that the RFCs define mean something else:
/// In-Reply-To names a call that is over.
fn named(message: &Message) -> Box<[(u64, u16)]> {
    unknown_headers(message)
        .zip(0_u16..)
        .filter(|((_, value), _)| value.len() >= SHORTEST_NAMED)
        .flat_map(|((_, value), place)| {
            let bare = bare(&value).filter(|it| it.len() >= SHORTEST_NAMED);
            let keys = [Some(key(&value)), bare.map(key)];
            keys.into_iter().flatten().map(move |key| (key, place))
        })
        .collect()
}

/// A value without what is written around it or behind it: `<a@b>`, `a@b;leg=1`. Nothing where that is all of it.
fn bare(value: &str) -> Option<&str> {
    let bare = value.split(';').next().unwrap_or_default().trim();
    let bare = bare.trim_start_matches('<').trim_end_matches('>');
    (bare.len() < value.len()).then_some(bare)
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
