//! Bytes in order, cut into SIP messages by Content-Length (RFC 3261 section 18.3). Finds its way
//! back at the next start line after a gap or nonsense. Reads no header but Content-Length.

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::super::start_line::{is_start_line, may_become_start_line};
use super::super::warnings::Warning;
use super::{Out, Stamp};

/// The longest head believed.
const LONGEST_HEAD: usize = 64 * 1024;
/// The longest body believed; images in MESSAGE are the largest things met.
const LONGEST_BODY: usize = 1024 * 1024;

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

/// What to do with the first bytes held. To skip none of them is to look again in another state.
enum Step {
    Wait,
    Skip(usize),
    Message(usize),
}

/// The bytes of one direction that are not yet part of a whole message.
pub(super) struct Framer {
    held: Vec<u8>,
    state: State,
    /// The latest segment that added to `held`.
    latest: Option<Stamp>,
    /// Whether a message was found, so that anything else in the stream is worth a warning.
    is_sip: bool,
}

impl Framer {
    /// `from_start`: whether the first byte is the first of the connection.
    pub(super) fn new(from_start: bool) -> Framer {
        let state = if from_start {
            State::Between
        } else {
            State::Lost
        };
        Framer {
            held: Vec::new(),
            state,
            latest: None,
            is_sip: false,
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.held.capacity()
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
            let count = match self.step(rest, stamp, out) {
                Step::Wait => break,
                Step::Skip(count) => count,
                Step::Message(count) => {
                    self.is_sip = true;
                    (out.message)(rest.get(..count).unwrap_or(rest), latest);
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
        self.end(out);
        self.state = State::Lost;
    }

    /// Says that no byte follows: a message that had begun is handed out as far as it goes, for
    /// its head may tell all that is asked.
    pub(super) fn end(&mut self, out: &mut Out<'_>) {
        if let (State::Head { .. } | State::Body { .. }, Some(stamp)) = (self.state, self.latest) {
            out.warnings.add(Warning::CutMessage, stamp.frame);
            (out.message)(&self.held, stamp);
        }
        self.held = Vec::new();
        self.state = State::Between;
    }

    fn step(&mut self, rest: &[u8], stamp: Stamp, out: &mut Out<'_>) -> Step {
        match self.state {
            State::Lost => self.find_start(rest),
            State::Between => self.between(rest, stamp, out),
            State::Head { searched } => self.head(rest, searched, stamp, out),
            State::Body { length } if rest.len() >= length => {
                self.state = State::Between;
                Step::Message(length)
            }
            State::Body { .. } => Step::Wait,
        }
    }

    /// Looks for a start line at the beginning of a line.
    fn find_start(&mut self, rest: &[u8]) -> Step {
        let last_line = memrchr(b'\n', rest).map_or(0, |at| at + 1);
        let whole = rest.get(..last_line).unwrap_or_default();
        // Nearly every segment of a stream that is not SIP ends here.
        if memmem::find(whole, b"2.0").is_some() {
            let mut from = 0;
            for end in memchr_iter(b'\n', whole) {
                if whole.get(from..end).is_some_and(is_start_line) {
                    self.state = State::Head { searched: 0 };
                    return Step::Skip(from);
                }
                from = end + 1;
            }
        }
        match rest.get(last_line..) {
            Some(line) if may_become_start_line(line) && last_line == 0 => Step::Wait,
            Some(line) if may_become_start_line(line) => Step::Skip(last_line),
            _ => Step::Skip(rest.len()),
        }
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

    fn head(&mut self, rest: &[u8], searched: usize, stamp: Stamp, out: &mut Out<'_>) -> Step {
        self.is_sip = true;
        let Some(length) = head_length(rest, searched) else {
            if rest.len() <= LONGEST_HEAD {
                // The last three bytes may be the beginning of the blank line.
                self.state = State::Head {
                    searched: rest.len().saturating_sub(3),
                };
                return Step::Wait;
            }
            self.lose(Warning::NotSip, stamp, out);
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
                self.lose(Warning::BadContentLength, stamp, out);
                return Step::Message(length);
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

/// The length of a head with the blank line that ends it.
fn head_length(bytes: &[u8], searched: usize) -> Option<usize> {
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
