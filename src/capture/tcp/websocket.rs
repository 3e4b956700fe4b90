//! SIP over WebSocket (RFC 6455, RFC 7118): frames in, messages out, one SIP message each. Unmasks
//! and joins fragments; does not unpack compressed messages, but says that they are there.

use memchr::{memchr_iter, memchr3_iter};

use crate::sip::Transport;

use super::super::start_line::{begins_message, is_start_line, may_become_start_line};
use super::super::warnings::Warning;
use super::framer::{Step, Times};
use super::sip::{LONGEST_BODY, LONGEST_HEAD};
use super::unknown::Seek;
use super::{Out, Stamp};

/// The longest message believed.
const LONGEST_MESSAGE: u64 = (LONGEST_HEAD + LONGEST_BODY) as u64;
/// The longest start line looked for where frames are looked for.
const LONGEST_SOUGHT: usize = 1024;
/// The shortest message that has a start line.
const SHORTEST_SOUGHT: u64 = 12;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PONG: u8 = 10;

/// What a frame's header says (RFC 6455 section 5.2).
#[derive(Clone, Copy)]
struct Header {
    fin: bool,
    compressed: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Bytes of payload.
    length: u64,
    /// Bytes of the header itself.
    size: usize,
}

/// The header at the beginning of bytes.
enum Begins {
    /// Its end is still to come.
    Cut,
    /// None can be so.
    Impossible,
    With(Header),
}

/// A frame of which payload is still to come.
struct Frame {
    header: Header,
    /// Bytes of payload that were taken.
    taken: u64,
}

/// What becomes of the message whose fragments come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// There is none.
    Nothing,
    Kept,
    /// Compressed, or too long: passed over to its end.
    PassedOver,
}

/// How far a direction with WebSocket has been read.
pub(super) struct WebSocket {
    frame: Option<Frame>,
    joining: Joining,
    message: Vec<u8>,
    /// The latest segment that the message needed.
    latest: Option<Stamp>,
    lost: bool,
    /// Whether SIP was agreed on or met, so that what cannot be read is worth a warning.
    is_sip: bool,
}

impl WebSocket {
    /// Behind the head that made it WebSocket.
    pub(super) fn upgraded(is_sip: bool) -> WebSocket {
        WebSocket {
            frame: None,
            joining: Joining::Nothing,
            message: Vec::new(),
            latest: None,
            lost: false,
            is_sip,
        }
    }

    /// At a frame with SIP that was found in the middle.
    pub(super) fn found() -> WebSocket {
        WebSocket::upgraded(true)
    }

    pub(super) fn memory(&self) -> usize {
        self.message.capacity()
    }

    pub(super) fn lost(&mut self) {
        self.frame = None;
        self.joining = Joining::Nothing;
        self.message = Vec::new();
        self.lost = true;
    }

    /// Hands out the message that had begun, as far as it goes.
    pub(super) fn cut(&mut self, out: &mut Out<'_>) {
        let message = std::mem::take(&mut self.message);
        if let Some(stamp) = self.latest.take()
            && begins_message(&message)
        {
            out.warnings.add(Warning::CutMessage, stamp.frame);
            out.message(Transport::Ws, &message, stamp);
        }
    }

    pub(super) fn step(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> Step {
        if self.lost {
            return match find(rest) {
                Seek::Found(from) => {
                    self.lost = false;
                    Step::Skip(from)
                }
                Seek::Perhaps(0) => Step::Wait,
                Seek::Perhaps(from) => Step::Skip(from),
            };
        }
        if self.frame.is_some() {
            return Step::Skip(self.payload(rest, times, out));
        }
        match header(rest) {
            Begins::Cut => Step::Wait,
            Begins::With(header) if self.accepts(header, times, out) => {
                self.frame = Some(Frame { header, taken: 0 });
                if header.length == 0 {
                    self.payload(&[], times, out);
                }
                Step::Skip(header.size)
            }
            _ => {
                if self.is_sip {
                    out.warnings.add(Warning::NotWebSocket, times.now.frame);
                }
                self.cut(out);
                self.lost();
                Step::Skip(0)
            }
        }
    }

    /// Whether a frame may stand here; then what becomes of its message is settled.
    fn accepts(&mut self, header: Header, times: Times, out: &mut Out<'_>) -> bool {
        match (header.opcode, self.joining) {
            (CLOSE..=PONG, _) => return true,
            (TEXT | BINARY, Joining::Nothing) => self.joining = Joining::Kept,
            (CONTINUATION, Joining::Kept | Joining::PassedOver) => {}
            _ => return false,
        }
        if header.compressed {
            if self.is_sip {
                out.warnings.add(Warning::Compressed, times.now.frame);
            }
            self.joining = Joining::PassedOver;
        }
        if header.length.saturating_add(self.message.len() as u64) > LONGEST_MESSAGE {
            if self.is_sip {
                out.warnings.add(Warning::LongMessage, times.now.frame);
            }
            self.message = Vec::new();
            self.joining = Joining::PassedOver;
        }
        true
    }

    /// Takes the payload that is there, and hands out the message if that was the last of it.
    fn payload(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> usize {
        let Some(frame) = &mut self.frame else {
            return 0;
        };
        let header = frame.header;
        let left = header.length - frame.taken;
        let count = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
        let is_data = header.opcode <= BINARY;
        if is_data && self.joining == Joining::Kept {
            let payload = rest.get(..count).unwrap_or(rest);
            self.message
                .extend(unmasked(payload, header.mask, frame.taken));
            let earlier = self.latest.filter(|it| it.frame > times.latest.frame);
            self.latest = Some(earlier.unwrap_or(times.latest));
        }
        frame.taken += count as u64;
        if frame.taken < header.length {
            return count;
        }
        self.frame = None;
        if is_data && header.fin {
            self.joining = Joining::Nothing;
            let message = std::mem::take(&mut self.message);
            if let Some(stamp) = self.latest.take()
                && begins_message(&message)
            {
                self.is_sip = true;
                out.message(Transport::Ws, &message, stamp);
            }
        }
        count
    }
}

/// Looks for a frame whose payload begins with the start line of a SIP message.
pub(super) fn find(rest: &[u8]) -> Seek {
    const LAST: u8 = 0x80;
    let whole = memchr3_iter(LAST | TEXT, LAST | BINARY, TEXT, rest);
    let first_fragments = memchr_iter(BINARY, rest);
    match (find_at(rest, whole), find_at(rest, first_fragments)) {
        (Seek::Found(one), Seek::Found(other)) => Seek::Found(one.min(other)),
        (Seek::Found(one), _) | (_, Seek::Found(one)) => Seek::Found(one),
        (Seek::Perhaps(one), Seek::Perhaps(other)) => Seek::Perhaps(one.min(other)),
    }
}

fn find_at(rest: &[u8], places: impl Iterator<Item = usize>) -> Seek {
    for from in places {
        match rest.get(from..).map(begins_sip) {
            Some(Some(true)) => return Seek::Found(from),
            // Those behind it have their turn when this one is decided. So each byte that comes
            // makes no more than one of them be looked at again.
            Some(None) => return Seek::Perhaps(from),
            _ => {}
        }
    }
    Seek::Perhaps(rest.len())
}

/// Whether a frame with the beginning of a SIP message begins here; `None` where more bytes must
/// tell.
fn begins_sip(bytes: &[u8]) -> Option<bool> {
    let header = match header(bytes) {
        Begins::Cut => return None,
        Begins::Impossible => return Some(false),
        Begins::With(header) => header,
    };
    if header.compressed || !(SHORTEST_SOUGHT..=LONGEST_MESSAGE).contains(&header.length) {
        return Some(false);
    }
    let longest =
        usize::try_from(header.length).map_or(LONGEST_SOUGHT, |it| it.min(LONGEST_SOUGHT));
    let payload = bytes.get(header.size..).unwrap_or_default();
    let payload = payload.get(..longest).unwrap_or(payload);
    // Nearly all that is not SIP ends here.
    let beginning: Vec<u8> = unmasked(payload, header.mask, 0).take(8).collect();
    if !may_become_start_line(&beginning) {
        return Some(false);
    }
    let mut line: Vec<u8> = unmasked(payload, header.mask, 0)
        .take_while(|byte| *byte != b'\n')
        .collect();
    if line.len() < payload.len() {
        return Some(is_start_line(&line));
    }
    let text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r');
    if payload.len() == longest || !line.iter().all(text) {
        return Some(false);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if may_become_start_line(&line) {
        None
    } else {
        Some(false)
    }
}

fn header(bytes: &[u8]) -> Begins {
    const FIN: u8 = 0x80;
    const COMPRESSED: u8 = 0x40;
    const RESERVED: u8 = 0x30;
    const MASKED: u8 = 0x80;
    let Some(&first) = bytes.first() else {
        return Begins::Cut;
    };
    let (fin, opcode) = (first & FIN != 0, first & 0x0f);
    let control = matches!(opcode, CLOSE..=PONG);
    // RFC 7692: only the first frame of a message says that it is compressed.
    let compressed = first & COMPRESSED != 0;
    let known = opcode <= BINARY || control;
    if first & RESERVED != 0 || !known || (compressed && !matches!(opcode, TEXT | BINARY)) {
        return Begins::Impossible;
    }
    let Some(&second) = bytes.get(1) else {
        return Begins::Cut;
    };
    let (length, more) = match second & 0x7f {
        126 => {
            let Some(length) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                return Begins::Cut;
            };
            (u64::from(u16::from_be_bytes(*length)), 2)
        }
        127 => {
            let Some(length) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                return Begins::Cut;
            };
            (u64::from_be_bytes(*length), 8)
        }
        short => (u64::from(short), 0),
    };
    if length >> 63 != 0 || (control && (!fin || more > 0)) {
        return Begins::Impossible;
    }
    let mut size = 2 + more;
    let mut mask = [0; 4];
    if second & MASKED != 0 {
        let Some(key) = bytes.get(size..).and_then(<[u8]>::first_chunk) else {
            return Begins::Cut;
        };
        mask = *key;
        size += mask.len();
    }
    Begins::With(Header {
        fin,
        compressed,
        opcode,
        mask,
        length,
        size,
    })
}

/// Payload bytes, of which the first is that many bytes behind the header. Without a mask the key
/// is zero.
fn unmasked(payload: &[u8], mask: [u8; 4], from: u64) -> impl Iterator<Item = u8> {
    let turn = usize::try_from(from % 4).unwrap_or_default();
    let key = mask.into_iter().cycle().skip(turn);
    payload.iter().zip(key).map(|(byte, key)| byte ^ key)
}
