//! A direction of which the protocol is not known yet: recognises it by its first bytes, or finds
//! where something readable begins. Never hands anything out.

use super::super::hep::v3;
use super::super::start_line::begins_plainly;
use super::framer::{Reader, Step};
use super::hep::{self, Hep};
use super::http::Http;
use super::sip::{self, Sip};
use super::tls::{self, Tls};
use super::websocket::{self, WebSocket};

/// How far something was looked for in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seek {
    /// It begins here.
    Found(usize),
    /// It may begin from here on, once more bytes are there; not before.
    Perhaps(usize),
}

/// What is known of such a direction.
pub(super) enum Unknown {
    /// The next byte is the first of a connection, or at least of a segment.
    Start { of_connection: bool },
    /// A place somewhere in the stream.
    Seeking,
}

impl Unknown {
    pub(super) fn new(of_connection: bool) -> Unknown {
        Unknown::Start { of_connection }
    }

    pub(super) fn seeking() -> Unknown {
        Unknown::Seeking
    }

    pub(super) fn step(&mut self, rest: &[u8]) -> Step {
        match *self {
            Unknown::Start { of_connection } => self.start(rest, of_connection),
            Unknown::Seeking => self.seek(rest),
        }
    }

    fn start(&mut self, rest: &[u8], of_connection: bool) -> Step {
        let line_ends = line_ends(rest);
        if line_ends > 0 {
            return Step::Skip(line_ends);
        }
        match known(rest) {
            Some(Some(reader)) => Step::Become(0, reader),
            Some(None) => Step::Wait,
            None if of_connection => Step::Become(0, Reader::Sip(Sip::at_start())),
            None => {
                *self = Unknown::Seeking;
                Step::Skip(0)
            }
        }
    }

    fn seek(&mut self, rest: &[u8]) -> Step {
        let found = [sip::find(rest), hep::find(rest), websocket::find(rest)];
        let reader = |which| match which {
            0 => Reader::Sip(Sip::at_head()),
            1 => Reader::Hep(Hep::new()),
            _ => Reader::WebSocket(WebSocket::found()),
        };
        let first = found.iter().enumerate().filter_map(|(which, seek)| {
            let Seek::Found(from) = *seek else {
                return None;
            };
            Some((from, which))
        });
        if let Some((from, which)) = first.min() {
            return Step::Become(from, reader(which));
        }
        let kept = found.iter().map(|seek| match *seek {
            Seek::Found(from) | Seek::Perhaps(from) => from,
        });
        match kept.min() {
            Some(0) => Step::Wait,
            Some(from) if from < rest.len() => Step::Skip(from),
            _ => {
                // The next segment may begin with what only the beginning of one tells.
                *self = Unknown::new(false);
                Step::Skip(rest.len())
            }
        }
    }
}

/// Whether something that can be read begins with the first of these bytes. Line ends may be the last of what went
/// before.
pub(super) fn begins_readable(bytes: &[u8]) -> bool {
    matches!(known(bytes), Some(Some(_)))
        || begins_plainly(bytes)
        || websocket::find(bytes) == Seek::Found(0)
}

/// How many line ends stand before anything else.
fn line_ends(bytes: &[u8]) -> usize {
    let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    bytes.iter().take_while(is_end).count()
}

/// The reader of what begins here, where its first bytes tell; nothing within where more of them must.
fn known(rest: &[u8]) -> Option<Option<Reader>> {
    let known = [
        beginning(rest, v3::MAGIC, || Reader::Hep(Hep::new())),
        beginning(rest, b"GET ", || Reader::Http(Http::new())),
        beginning(rest, b"HTTP/1.", || Reader::Http(Http::new())),
        tls::beginning(rest).map(|it| it.map(|from_start| Reader::Tls(Tls::new(from_start)))),
    ];
    known.into_iter().flatten().next()
}

/// Whether `rest` begins so: the reader for it, nothing within where more bytes must tell.
fn beginning(rest: &[u8], magic: &[u8], reader: impl FnOnce() -> Reader) -> Option<Option<Reader>> {
    if rest.starts_with(magic) {
        Some(Some(reader()))
    } else {
        magic.starts_with(rest).then_some(None)
    }
}
