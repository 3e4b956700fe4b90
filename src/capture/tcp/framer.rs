//! Bytes of one direction in order, led through the reader of the protocol that they turned out to
//! be. Keeps what a reader cannot decide on yet; knows no protocol itself.

use super::hep::Hep;
use super::http::Http;
use super::sip::Sip;
use super::tls::Tls;
use super::unknown::Unknown;
use super::websocket::WebSocket;
use super::{Out, Stamp};

/// The protocol of a direction, each with how far it has been read.
pub(super) enum Reader {
    Unknown(Unknown),
    Sip(Sip),
    Hep(Hep),
    Http(Http),
    WebSocket(WebSocket),
    Tls(Tls),
}

/// What to do with the first bytes held. To skip none of them is to look again in another state.
pub(super) enum Step {
    Wait,
    Skip(usize),
    /// So many bytes were handed out.
    Done(usize),
    /// What follows so many bytes is of another protocol.
    Become(usize, Reader),
}

/// When bytes were seen.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// The segment that came last.
    pub(super) now: Stamp,
    /// The latest one that the first bytes held needed.
    pub(super) latest: Stamp,
}

/// The bytes of one direction that are not yet part of a whole message.
pub(super) struct Framer {
    held: Vec<u8>,
    /// The latest segment that added to `held`.
    latest: Option<Stamp>,
    reader: Reader,
}

impl Framer {
    /// `from_start`: whether the first byte is the first of the connection.
    pub(super) fn new(from_start: bool) -> Framer {
        Framer {
            held: Vec::new(),
            latest: None,
            reader: Reader::Unknown(Unknown::new(from_start)),
        }
    }

    /// Bytes held back.
    pub(super) fn memory(&self) -> usize {
        let within = match &self.reader {
            Reader::WebSocket(it) => it.memory(),
            Reader::Tls(it) => it.memory(),
            _ => 0,
        };
        self.held.capacity() + within
    }

    /// Takes in the next bytes and hands out the messages that they complete.
    pub(super) fn push(&mut self, bytes: &[u8], stamp: Stamp, out: &mut Out<'_>) {
        self.held.extend_from_slice(bytes);
        // A segment repeated out of turn may be older than one that came before it in order.
        let mut latest = match self.latest {
            Some(before) if before.frame > stamp.frame && self.held.len() > bytes.len() => before,
            _ => stamp,
        };
        let held = std::mem::take(&mut self.held);
        let mut done = 0;
        while let Some(rest) = held.get(done..).filter(|rest| !rest.is_empty()) {
            let times = Times { now: stamp, latest };
            let count = match self.reader.step(rest, times, out) {
                Step::Wait => break,
                Step::Skip(count) | Step::Done(count) => count,
                Step::Become(count, reader) => {
                    self.reader = reader;
                    count
                }
            };
            if count > 0 {
                // What is left came with this segment: what was held before it was at most one
                // line or one message, and that is gone.
                latest = stamp;
            }
            done += count;
        }
        // Most segments end with a message: then nothing is kept, not even the room. A message of
        // which more is to come stays where it is, so that a long one is not copied again and again.
        self.held = match done {
            0 => held,
            _ => held.get(done..).map(<[u8]>::to_vec).unwrap_or_default(),
        };
        self.latest = Some(latest);
    }

    /// Says that bytes are missing here.
    pub(super) fn gap(&mut self, out: &mut Out<'_>) {
        self.cut(out);
        match &mut self.reader {
            Reader::Sip(it) => it.lost(),
            Reader::Hep(it) => it.lost(),
            Reader::WebSocket(it) => it.lost(),
            Reader::Tls(it) => it.lost(),
            Reader::Unknown(_) | Reader::Http(_) => {
                self.reader = Reader::Unknown(Unknown::new(false));
            }
        }
    }

    /// Says that no byte follows: a message that had begun is handed out as far as it goes, for
    /// its head may tell all that is asked.
    pub(super) fn end(&mut self, out: &mut Out<'_>) {
        self.cut(out);
        self.reader = Reader::Unknown(Unknown::new(false));
    }

    fn cut(&mut self, out: &mut Out<'_>) {
        let held = std::mem::take(&mut self.held);
        let Some(stamp) = self.latest else { return };
        match &mut self.reader {
            Reader::Sip(it) => it.cut(&held, stamp, out),
            Reader::Hep(it) => it.cut(&held, stamp, out),
            Reader::WebSocket(it) => it.cut(out),
            Reader::Unknown(_) | Reader::Http(_) | Reader::Tls(_) => {}
        }
    }
}

impl Reader {
    fn step(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> Step {
        match self {
            Reader::Unknown(it) => it.step(rest),
            Reader::Sip(it) => it.step(rest, times, out),
            Reader::Hep(it) => it.step(rest, times, out),
            Reader::Http(it) => it.step(rest),
            Reader::WebSocket(it) => it.step(rest, times, out),
            Reader::Tls(it) => it.step(rest, times, out),
        }
    }
}
