//! One message of a call with what was read from it, and all that share a Call-ID in time order.
//! Tells first sightings from repetitions; draws no other conclusion.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::glance::Glance;
use super::header::CSeq;
use super::map::Map;
use super::message::Message;
use super::name::{Method, Name};
use super::packet::Packet;
use super::points;
use super::start_line::StartLine;
use super::when_asked::WhenAsked;

/// Copies nearer than this are the same packet seen by two taps, not sent twice.
pub const CAPTURE_DUPLICATE_WITHIN: SignedDuration = SignedDuration::from_millis(50);

/// Whether a message was seen before on the same hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// The first of its kind.
    First,
    /// The same packet, recorded twice: less than 50 ms after the copy before it.
    CaptureDuplicate,
    /// Sent again: 50 ms or more after the copy before it.
    Retransmission,
}

/// A message as seen, read, and placed in its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its number in the call it belongs to, from 1 in time order; 0 until it is in one.
    pub number: usize,
    /// When and where it was seen, by the clock of its capture point.
    pub packet: Packet,
    /// When it was seen, once the clocks of all points are set by one.
    at: Timestamp,
    /// Its first line.
    pub start: StartLine,
    /// Its CSeq, where it can be read.
    pub cseq: Option<CSeq>,
    /// Its From tag.
    pub from_tag: Option<String>,
    /// Its To tag.
    pub to_tag: Option<String>,
    /// The branch of its topmost Via.
    pub branch: Option<String>,
    /// Whether it repeats an earlier one.
    pub repeat: Repeat,
    message: WhenAsked<Message>,
}

impl Signal {
    /// A message with as much of it read as places it in a call.
    fn new(packet: Packet) -> (String, Signal) {
        let glance = Glance::of(&packet.bytes);
        let call_id = glance.call_id().into_owned();
        let signal = Signal {
            number: 0,
            at: packet.at,
            start: glance.start_line(),
            cseq: glance.cseq(),
            from_tag: glance.from_tag(),
            to_tag: glance.to_tag(),
            branch: glance.branch(),
            repeat: Repeat::First,
            message: WhenAsked::default(),
            packet,
        };
        (call_id, signal)
    }

    /// What it says. Read when it is first asked for.
    #[must_use]
    pub fn message(&self) -> &Message {
        self.message
            .get(|| Message::parse(self.packet.bytes.clone()))
    }

    /// The status code of a response.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self.start {
            StartLine::Response { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The method of a request.
    #[must_use]
    pub fn request_method(&self) -> Option<&Method> {
        match &self.start {
            StartLine::Request { method, .. } => Some(method),
            _ => None,
        }
    }

    fn is_copy_of(&self, other: &Signal) -> bool {
        self.packet.source == other.packet.source
            && self.packet.destination == other.packet.destination
            && self.branch == other.branch
            && self.to_tag == other.to_tag
            && self.cseq == other.cseq
            && Glance::of(&self.packet.bytes).start == Glance::of(&other.packet.bytes).start
            && self.message().header(Name::CSeq) == other.message().header(Name::CSeq)
    }

    /// When it was seen. Where capture points differ their clocks are set by one another.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// How far the clock of its capture point was ahead of the one that counts.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        self.packet.at.duration_since(self.at)
    }

    /// The clock of its capture point is ahead by so much.
    pub(super) fn set_back(&mut self, ahead: SignedDuration) {
        self.at = self.packet.at.checked_sub(ahead).unwrap_or(self.packet.at);
    }

    /// The address that sent it.
    #[must_use]
    pub fn source(&self) -> SocketAddr {
        self.packet.source
    }

    /// The address it was sent to.
    #[must_use]
    pub fn destination(&self) -> SocketAddr {
        self.packet.destination
    }

    /// Whether it is a request with this method.
    #[must_use]
    pub fn is_request(&self, method: &Method) -> bool {
        self.request_method() == Some(method)
    }

    /// The status code, where it is a response to a request with this method.
    #[must_use]
    pub fn answer_to(&self, method: &Method) -> Option<u16> {
        let code = self.code()?;
        (self.cseq.as_ref().map(|cseq| &cseq.method) == Some(method)).then_some(code)
    }

    /// Whether this ACK confirms a 2xx: it has a branch of its own and not that of its INVITE (RFC 3261 section
    /// 17.1.1.3). Without branches as that RFC has them nobody can tell.
    #[must_use]
    pub fn confirms_success(&self, invite: &Signal) -> bool {
        let is_unique = |branch: &Option<String>| {
            let branch = branch.as_ref();
            branch.is_some_and(|branch| branch.starts_with("z9hG4bK"))
        };
        self.is_request(&Method::Ack)
            && self.to_tag.is_some()
            && is_unique(&self.branch)
            && is_unique(&invite.branch)
            && self.branch != invite.branch
    }

    /// The method it belongs to: a request's own, a response's by its CSeq.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.request_method()
            .or_else(|| self.cseq.as_ref().map(|cseq| &cseq.method))
    }

    /// The CSeq number, 0 where it cannot be read.
    #[must_use]
    pub fn cseq_number(&self) -> u32 {
        self.cseq.as_ref().map_or(0, |cseq| cseq.number)
    }

    /// Whether it only keeps a path open: OPTIONS, the NOTIFY `keep-alive` event, PING. The answer
    /// to a NOTIFY does not say.
    #[must_use]
    pub fn is_keep_alive(&self) -> bool {
        match self.method() {
            Some(Method::Options) => true,
            Some(Method::Notify) => self.message().header(Name::Event).is_some_and(|event| {
                let event = event.split(';').next().unwrap_or_default();
                event.trim().eq_ignore_ascii_case("keep-alive")
            }),
            Some(Method::Other(token)) => &**token == "PING",
            _ => false,
        }
    }
}

/// Whether messages only keep a path open, answers included.
pub fn are_keep_alives<'a>(signals: impl Iterator<Item = &'a Signal> + Clone) -> bool {
    // The answer to a NOTIFY does not repeat its Event: the NOTIFY tells for both.
    let notified = signals
        .clone()
        .any(|signal| signal.is_request(&Method::Notify));
    signals.into_iter().all(|signal| {
        let is_answer = notified && signal.answer_to(&Method::Notify).is_some();
        signal.is_keep_alive() || is_answer
    })
}

/// All messages that share one Call-ID, in time order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The Call-ID, empty for messages that have none.
    pub call_id: String,
    /// The messages.
    pub signals: Vec<Signal>,
}

/// Sorts packets into threads, one a Call-ID, in the order in which each begins.
#[must_use]
pub fn threads(packets: Vec<Packet>) -> Vec<Thread> {
    let mut index: Map<String, usize> = Map::default();
    let mut threads: Vec<Thread> = Vec::new();
    for packet in packets {
        let (call_id, signal) = Signal::new(packet);
        let at = *index.entry(call_id.clone()).or_insert(threads.len());
        if at == threads.len() {
            threads.push(Thread {
                call_id,
                signals: Vec::new(),
            });
        }
        if let Some(thread) = threads.get_mut(at) {
            thread.signals.push(signal);
        }
    }
    points::set_clocks(&mut threads);
    for thread in &mut threads {
        thread
            .signals
            .sort_by_key(|signal| (signal.at, signal.packet.place));
        if points::are_several(&thread.signals) {
            points::mark_repeats(&mut thread.signals);
        } else {
            mark_repeats(&mut thread.signals);
        }
    }
    threads.sort_by_key(|thread| thread.signals.first().map(|s| (s.at, s.packet.place)));
    threads
}

/// So many messages are compared with one another sooner than they are sorted.
const FEW: usize = 32;

fn repeat(before: Option<Timestamp>, at: Timestamp) -> Repeat {
    match before.map(|before| at.duration_since(before)) {
        None => Repeat::First,
        Some(apart) if apart < CAPTURE_DUPLICATE_WITHIN => Repeat::CaptureDuplicate,
        Some(_) => Repeat::Retransmission,
    }
}

/// What a message shares with its copies, which is what [`Signal::is_copy_of`] compares.
fn key(signal: &Signal) -> impl Eq + std::hash::Hash {
    (
        (signal.packet.source, signal.packet.destination),
        (signal.branch.as_deref(), signal.to_tag.as_deref()),
        signal.message().start_text(),
        signal.message().header(Name::CSeq),
    )
}

/// A copy has the same addresses, start line, CSeq, top Via branch and To tag.
fn mark_repeats(signals: &mut [Signal]) {
    let repeats: Vec<Repeat> = if signals.len() <= FEW {
        let before = |at: usize| signals.get(..at).unwrap_or_default();
        let copy = |(at, one): (usize, &Signal)| {
            let last = before(at).iter().rev().find(|other| one.is_copy_of(other));
            repeat(last.map(Signal::at), one.at())
        };
        signals.iter().enumerate().map(copy).collect()
    } else {
        let mut last_seen: Map<_, Timestamp> = Map::default();
        let copies = signals.iter();
        copies
            .map(|one| repeat(last_seen.insert(key(one), one.at()), one.at()))
            .collect()
    };
    for (signal, repeat) in signals.iter_mut().zip(repeats) {
        signal.repeat = repeat;
    }
}
