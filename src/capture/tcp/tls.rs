//! TLS over TCP: records (RFC 8446 section 5.1), and of the handshake what is in the clear. Hands
//! events to `connections`; keeps nothing that is encrypted.

use super::super::container::Stamp;
use super::Out;
use super::framer::{Step, Times};
use crate::wire::tls::{ClientHello, ServerHello, certificate_names};

/// The longest handshake message believed; chains of certificates are the longest ones met.
const LONGEST_MESSAGE: usize = 64 * 1024;
/// The longest record, encrypted (RFC 5246 section 6.2.3).
const LONGEST_RECORD: usize = 16_384 + 2048;

const HEADER: usize = 5;
const CHANGE_CIPHER: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

/// What one side of a connection showed.
pub(super) enum Event {
    ClientHello(ClientHello),
    ServerHello(ServerHello),
    Certificate(Vec<String>),
    Alert {
        fatal: bool,
        description: u8,
    },
    /// All that follows from this side is encrypted, up to TLS 1.2.
    ChangeCipher,
    /// A record of application data, or in TLS 1.3 anything encrypted, of so many bytes.
    Data(usize),
    /// The capture begins after the handshake.
    Encrypted,
}

struct Record {
    kind: u8,
    length: usize,
    left: usize,
}

/// How far a direction with TLS has been read.
pub(super) struct Tls {
    record: Option<Record>,
    /// A handshake message or an alert of which more is to come.
    held: Vec<u8>,
    /// Whether handshake messages are encrypted from now on, or were given up.
    hidden: bool,
    lost: bool,
    /// Whether it is still to be said that the beginning was not seen.
    begun_before: bool,
}

/// Whether TLS begins here, and if so whether with its handshake; nothing within where more bytes
/// must tell.
pub(super) fn beginning(rest: &[u8]) -> Option<Option<bool>> {
    match header(rest)? {
        None => Some(None),
        Some(record) if record.kind != HANDSHAKE => Some(Some(false)),
        Some(_) => Some(
            rest.get(HEADER)
                .map(|first| matches!(*first, CLIENT_HELLO | SERVER_HELLO)),
        ),
    }
}

/// The header of a record, if one can begin so; nothing within where more bytes must tell.
fn header(rest: &[u8]) -> Option<Option<Record>> {
    const MAJOR: u8 = 3;
    const LATEST_MINOR: u8 = 4;
    let sound = |at: usize, test: fn(u8) -> bool| rest.get(at).is_none_or(|byte| test(*byte));
    if !sound(0, |kind| (CHANGE_CIPHER..=DATA).contains(&kind))
        || !sound(1, |major| major == MAJOR)
        || !sound(2, |minor| minor <= LATEST_MINOR)
    {
        return None;
    }
    let Some(&[kind, _, _, high, low]) = rest.first_chunk::<HEADER>() else {
        return Some(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    (1..=LONGEST_RECORD)
        .contains(&length)
        .then_some(Some(Record {
            kind,
            length,
            left: length,
        }))
}

impl Tls {
    /// At a record; `from_start`: at the first one of the handshake.
    pub(super) fn new(from_start: bool) -> Tls {
        Tls {
            record: None,
            held: Vec::new(),
            hidden: false,
            lost: false,
            begun_before: !from_start,
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.held.capacity()
    }

    pub(super) fn lost(&mut self) {
        self.record = None;
        self.held = Vec::new();
        self.lost = true;
    }

    pub(super) fn step(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> Step {
        if let Some(record) = &mut self.record {
            let count = record.left.min(rest.len());
            record.left -= count;
            let (kind, length, ended) = (record.kind, record.length, record.left == 0);
            if ended {
                self.record = None;
            }
            self.content(kind, length, rest.get(..count).unwrap_or(rest), times, out);
            return Step::Skip(count);
        }
        match header(rest) {
            Some(None) => Step::Wait,
            Some(Some(record)) => {
                self.lost = false;
                match record.kind {
                    CHANGE_CIPHER => {
                        self.hidden = true;
                        out.tls(Event::ChangeCipher, times.latest);
                    }
                    DATA => {
                        if std::mem::take(&mut self.begun_before) {
                            out.tls(Event::Encrypted, times.latest);
                        }
                        out.tls(Event::Data(record.length), times.latest);
                    }
                    _ => {}
                }
                if record.kind != HANDSHAKE {
                    self.held = Vec::new();
                }
                self.record = Some(record);
                Step::Skip(HEADER)
            }
            // Records begin where segments do, more often than not: so the way is found again.
            None => {
                self.lost();
                Step::Skip(rest.len())
            }
        }
    }

    fn content(&mut self, kind: u8, length: usize, bytes: &[u8], times: Times, out: &mut Out<'_>) {
        match kind {
            HANDSHAKE if !self.hidden => {
                self.held.extend_from_slice(bytes);
                self.handshake(times.latest, out);
            }
            // An encrypted one is longer.
            ALERT if length == 2 => {
                self.held.extend_from_slice(bytes);
                if let [level, description] = *self.held {
                    self.held = Vec::new();
                    let fatal = level == 2;
                    if matches!(level, 1 | 2) {
                        out.tls(Event::Alert { fatal, description }, times.latest);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reads the messages that are whole: type, three bytes of length, body.
    fn handshake(&mut self, stamp: Stamp, out: &mut Out<'_>) {
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        while let Some((&[kind, a, b, c], behind)) = rest.split_first_chunk() {
            let length = u32::from_be_bytes([0, a, b, c]);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > LONGEST_MESSAGE {
                self.hidden = true;
                return;
            }
            let Some((body, behind)) = behind.split_at_checked(length) else {
                break;
            };
            match kind {
                CLIENT_HELLO => {
                    if let Some(hello) = ClientHello::read(body) {
                        out.tls(Event::ClientHello(hello), stamp);
                    }
                }
                SERVER_HELLO => {
                    if let Some(hello) = ServerHello::read(body) {
                        out.tls(Event::ServerHello(hello), stamp);
                    }
                }
                CERTIFICATE => out.tls(Event::Certificate(certificate_names(body)), stamp),
                _ => {}
            }
            rest = behind;
        }
        // A long message stays where it is, so that it is not copied again and again.
        self.held = if rest.len() == held.len() {
            held
        } else {
            rest.to_vec()
        };
    }
}
