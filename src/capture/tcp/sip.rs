//! SIP over TCP: bytes in order, cut into messages by Content-Length (RFC 3261 section 18.3). Finds
//! its way back at the next start line after a gap or nonsense. Reads no header but Content-Length.

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::sip::Transport;

use super::super::start_line::{is_start_line, may_become_start_line};
use super::super::warnings::Warning;
use super::framer::{Reader, Step, Times};
use super::unknown::{Seek, Unknown};
use super::{Out, Stamp};

/// The longest head believed.
pub(super) const LONGEST_HEAD: usize = 64 * 1024;
/// The longest body believed; images in MESSAGE are the largest things met.
pub(super) const LONGEST_BODY: usize = 1024 * 1024;

/// What the next byte is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Anything: a start line is looked for.
    Lost,
    /// The space between messages: line ends, then a start line.
    Between,
    /// A head, of which so many bytes have been searched for its end.
    Head { searched: usize },
    /// A message of known length.
    Body { length: usize },
}

/// How far a direction with SIP has been read.
pub(super) struct Sip {
    state: State,
    /// Whether a message was found, so that anything else in the stream is worth a warning.
    is_sip: bool,
}

impl Sip {
    /// At the beginning of a connection that may be SIP.
    pub(super) fn at_start() -> Sip {
        Sip {
            state: State::Between,
            is_sip: false,
        }
    }

    /// At a start line.
    pub(super) fn at_head() -> Sip {
        Sip {
            state: State::Head { searched: 0 },
            is_sip: true,
        }
    }

    pub(super) fn lost(&mut self) {
        self.state = State::Lost;
    }

    /// Hands out the message that had begun, as far as it goes.
    pub(super) fn cut(&mut self, held: &[u8], stamp: Stamp, out: &mut Out<'_>) {
        if let State::Head { .. } | State::Body { .. } = self.state {
            out.warnings.add(Warning::CutMessage, stamp.frame);
            out.message(Transport::Tcp, held, stamp);
        }
    }

    pub(super) fn step(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> Step {
        match self.state {
            State::Lost if !self.is_sip => Step::Become(0, Reader::Unknown(Unknown::seeking())),
            State::Lost => match find(rest) {
                Seek::Found(from) => {
                    self.state = State::Head { searched: 0 };
                    Step::Skip(from)
                }
                Seek::Perhaps(0) => Step::Wait,
                Seek::Perhaps(from) => Step::Skip(from),
            },
            State::Between => self.between(rest, times.now, out),
            State::Head { searched } => self.head(rest, searched, times, out),
            State::Body { length } if rest.len() >= length => {
                self.state = State::Between;
                Sip::hand_out(rest, length, times, out)
            }
            State::Body { .. } => Step::Wait,
        }
    }

    fn hand_out(rest: &[u8], length: usize, times: Times, out: &mut Out<'_>) -> Step {
        let message = rest.get(..length).unwrap_or(rest);
        out.message(Transport::Tcp, message, times.latest);
        Step::Done(length)
    }

    fn between(&mut self, rest: &[u8], stamp: Stamp, out: &mut Out<'_>) -> Step {
        let line_ends = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        if line_ends > 0 {
            return Step::Skip(line_ends);
        }
        let line = memchr(b'\n', rest).map(|end| rest.get(..end).unwrap_or(rest));
        if line.is_none() && may_become_start_line(rest) {
            return Step::Wait;
        }
        if line.is_some_and(is_start_line) {
            self.state = State::Head { searched: 0 };
        } else {
            self.lose(Warning::NotSip, stamp, out);
        }
        Step::Skip(0)
    }

    fn head(&mut self, rest: &[u8], searched: usize, times: Times, out: &mut Out<'_>) -> Step {
        self.is_sip = true;
        let Some(length) = head_length(rest, searched) else {
            if rest.len() <= LONGEST_HEAD {
                // The last three bytes may be the beginning of the blank line.
                self.state = State::Head {
                    searched: rest.len().saturating_sub(3),
                };
                return Step::Wait;
            }
            self.lose(Warning::NotSip, times.now, out);
            return Step::Skip(memchr(b'\n', rest).map_or(rest.len(), |end| end + 1));
        };
        match content_length(rest.get(..length).unwrap_or(rest)) {
            ContentLength::Missing => self.state = State::Body { length },
            ContentLength::Bytes(body) => {
                self.state = State::Body {
                    length: length + body,
                }
            }
            ContentLength::Unusable => {
                self.lose(Warning::BadContentLength, times.now, out);
                return Sip::hand_out(rest, length, times, out);
            }
        }
        Step::Skip(0)
    }

    fn lose(&mut self, warning: Warning, stamp: Stamp, out: &mut Out<'_>) {
        self.state = State::Lost;
        if self.is_sip {
            out.warnings.add(warning, stamp.frame);
        }
    }
}

/// Looks for a start line at the beginning of a line.
pub(super) fn find(rest: &[u8]) -> Seek {
    let last_line = memrchr(b'\n', rest).map_or(0, |at| at + 1);
    let whole = rest.get(..last_line).unwrap_or_default();
    // Nearly every segment of a stream that is not SIP ends here.
    if memmem::find(whole, b"2.0").is_some() {
        let mut from = 0;
        for end in memchr_iter(b'\n', whole) {
            if whole.get(from..end).is_some_and(is_start_line) {
                return Seek::Found(from);
            }
            from = end + 1;
        }
    }
    match rest.get(last_line..) {
        Some(line) if may_become_start_line(line) => Seek::Perhaps(last_line),
        _ => Seek::Perhaps(rest.len()),
    }
}

/// The length of a head with the blank line that ends it.
pub(super) fn head_length(bytes: &[u8], searched: usize) -> Option<usize> {
    let rest = bytes.get(searched..)?;
    memchr_iter(b'\n', rest).find_map(|at| match rest.get(at + 1..)? {
        [b'\n', ..] => Some(searched + at + 2),
        [b'\r', b'\n', ..] => Some(searched + at + 3),
        _ => None,
    })
}

enum ContentLength {
    /// On TCP this means that no body follows.
    Missing,
    Bytes(usize),
    Unusable,
}

fn content_length(head: &[u8]) -> ContentLength {
    let mut rest = head;
    // Each turn stands at the end of a line; so the start line, which comes first, is passed over.
    while let Some(line) = memchr(b'\n', rest).and_then(|end| rest.get(end + 1..)) {
        rest = line;
        if let Some(value) = content_length_value(line) {
            return match std::str::from_utf8(value).map(str::parse::<usize>) {
                Ok(Ok(bytes)) if bytes <= LONGEST_BODY => ContentLength::Bytes(bytes),
                _ => ContentLength::Unusable,
            };
        }
    }
    ContentLength::Missing
}

/// The value, where the first line of `bytes` is this header. It may stand on a folded line.
fn content_length_value(bytes: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"content-length";
    let named = match bytes.split_at_checked(NAME.len()) {
        Some((name, rest)) if name.eq_ignore_ascii_case(NAME) => rest,
        _ => bytes
            .strip_prefix(b"l")
            .or_else(|| bytes.strip_prefix(b"L"))?,
    };
    let spaces = named
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let value = named.get(spaces..)?.strip_prefix(b":")?;
    let end = memchr_iter(b'\n', value)
        .find(|at| !matches!(value.get(at + 1), Some(b' ' | b'\t')))
        .unwrap_or(value.len());
    value.get(..end).map(<[u8]>::trim_ascii)
}
