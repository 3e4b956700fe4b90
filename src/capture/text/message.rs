//! One message that is being put together from lines: head, then body. Mends what made a text of
//! it (line ends, wrapping, ngrep's dots), and changes nothing else.

use super::body::{Body, Expected, Took};
use super::prefix::Prefix;
use super::start;
use super::time;

/// Longer messages are cut: four times what a datagram carries.
const LONGEST: usize = 256 * 1024;

/// The headers of which every message has some (RFC 3261 section 8.1.1), long and compact.
const BASIC: [&[u8]; 9] = [
    b"via", b"v", b"from", b"f", b"to", b"t", b"call-id", b"i", b"cseq",
];

/// How the text around it ended a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By a mark that stands behind each message, so that it is whole.
    Marked,
    /// By something else, or by the end of the text.
    Unmarked,
}

/// A message that is being put together.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) prefix: Prefix,
    /// Its head, each line ended by CRLF.
    head: Vec<u8>,
    /// Lines of the head.
    lines: usize,
    /// Whether each line up to now ended with a dot, which is how ngrep prints CR.
    dotted: bool,
    basic: bool,
    /// Lines that were joined to the one before.
    pub(super) joined: u64,
    body: Option<Body>,
}

impl Draft {
    pub(super) fn new(prefix: Prefix, start: &[u8]) -> Draft {
        let mut draft = Draft {
            prefix,
            head: Vec::new(),
            lines: 0,
            dotted: true,
            basic: false,
            joined: 0,
            body: None,
        };
        draft.push(start);
        draft
    }

    /// Takes a line, if it is one of the message's.
    pub(super) fn take(&mut self, line: &[u8]) -> Took {
        let there = self.head.len() + self.body.as_ref().map_or(0, Body::len);
        if there + line.len() > LONGEST {
            return Took::Over;
        }
        match &mut self.body {
            Some(body) => {
                let dot = self.dotted.then(|| line.strip_suffix(b".")).flatten();
                body.take(dot.unwrap_or(line))
            }
            None => self.take_head(line),
        }
    }

    fn take_head(&mut self, line: &[u8]) -> Took {
        if line.trim_ascii().is_empty() || (self.dotted && line == b".") {
            if self.lines < 2 {
                return Took::Over;
            }
            self.end_head();
            return Took::Taken;
        }
        if start::is_whole(line) || start::is_ruler(line) {
            return Took::Over;
        }
        if time::begins_line(line) {
            return Took::Skipped;
        }
        let header = start::is_header(line);
        if !header && !matches!(line.first(), Some(b' ' | b'\t')) {
            if self.lines < 2 {
                return Took::Over;
            }
            if self.looks_wrapped() {
                self.joined += 1;
                let folded = [b" ", line].concat();
                self.push(&folded);
                return Took::Taken;
            }
        }
        self.basic |= header && is_basic(line);
        self.push(line);
        Took::Taken
    }

    /// Whether the last line goes on: it ends where a mail program or a terminal breaks lines.
    fn looks_wrapped(&self) -> bool {
        let line = self.head.strip_suffix(b"\r\n").unwrap_or(&self.head);
        line.last()
            .is_some_and(|last| matches!(last, b' ' | b',' | b';' | b'='))
    }

    fn push(&mut self, line: &[u8]) {
        self.dotted &= line.ends_with(b".");
        self.head.extend_from_slice(line);
        self.head.extend_from_slice(b"\r\n");
        self.lines += 1;
    }

    fn end_head(&mut self) {
        self.undot();
        self.body = Some(Body::new(self.expected()));
        self.head.extend_from_slice(b"\r\n");
    }

    fn undot(&mut self) {
        if !self.dotted || self.lines < 2 {
            self.dotted = false;
            return;
        }
        let mut plain = Vec::with_capacity(self.head.len());
        for line in self.lines() {
            plain.extend_from_slice(line.strip_suffix(b".").unwrap_or(line));
            plain.extend_from_slice(b"\r\n");
        }
        self.head = plain;
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let lines = self.head.split(|byte| *byte == b'\n');
        lines.filter_map(|line| line.strip_suffix(b"\r"))
    }

    fn expected(&self) -> Expected {
        let mut expected = Expected::default();
        for line in self.lines() {
            let Some(colon) = memchr::memchr(b':', line) else {
                continue;
            };
            let (name, value) = line.split_at(colon);
            let name = name.trim_ascii().to_ascii_lowercase();
            let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default());
            match name.as_slice() {
                b"content-length" | b"l" if expected.length.is_none() => {
                    expected.length = value.trim().parse().ok();
                }
                b"content-type" | b"c" if expected.kind.is_empty() => {
                    expected.kind = value.trim().to_ascii_lowercase();
                }
                _ => {}
            }
        }
        expected
    }

    /// The message, where it is one.
    pub(super) fn finish(mut self, end: End) -> Option<Vec<u8>> {
        if !self.basic {
            return None;
        }
        if self.body.is_none() {
            self.undot();
            // The blank line is the first thing that a chat or a mail drops. A message with its
            // Content-Length is whole without it; others may have been cut before their end.
            if end == End::Marked || self.expected().length.is_some() {
                self.head.extend_from_slice(b"\r\n");
            }
        }
        let mut bytes = self.head;
        if let Some(body) = self.body {
            bytes.extend_from_slice(&body.finish());
        }
        Some(bytes)
    }
}

fn is_basic(line: &[u8]) -> bool {
    let colon = memchr::memchr(b':', line).unwrap_or_default();
    let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
    BASIC.iter().any(|basic| basic.eq_ignore_ascii_case(name))
}
