//! The body of a message, line by line: where it ends, and with which line ends it was written.
//! Trusts Content-Length as long as it fits what stands there; never looks into the head.

use super::start;
use super::time;

/// Lines among SDP that are not SDP, and are passed over, before the body counts as ended.
const MOST_STRAYS: usize = 3;

/// What the head says about the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expected {
    /// Content-Length, where it is a number.
    pub(super) length: Option<usize>,
    /// Content-Type in lower case, empty where there is none.
    pub(super) kind: String,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Took {
    /// It is part of the message.
    Taken,
    /// It is not, and the message goes on.
    Skipped,
    /// It is not, and the message is over.
    Over,
}

/// A body that is being put together.
#[derive(Debug)]
pub(super) struct Body {
    expected: Expected,
    /// Its lines, each ended by CRLF.
    bytes: Vec<u8>,
    lines: usize,
    sdp: bool,
    gap: bool,
    strays: usize,
}

impl Body {
    pub(super) fn new(expected: Expected) -> Body {
        Body {
            sdp: expected.kind.starts_with("application/sdp"),
            expected,
            bytes: Vec::new(),
            lines: 0,
            gap: false,
            strays: 0,
        }
    }

    /// How many bytes are there.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn take(&mut self, line: &[u8]) -> Took {
        let sdp = start::is_sdp(line);
        // A Content-Length too short for its SDP: what is there counts.
        let is_plain = self.expected.kind.starts_with("text/");
        if self.lines == 0 && line.trim_ascii_end() == b"v=0" && !is_plain {
            self.sdp = true;
        }
        if self.sdp {
            return self.take_sdp(line, sdp);
        }
        match self.expected.length {
            Some(_) if self.is_whole() => return Took::Over,
            Some(_) => {
                // A fragment of SIP may well be in a body (RFC 3420).
                let nested = ["message/", "multipart/"]
                    .iter()
                    .any(|kind| self.expected.kind.starts_with(kind));
                if start::is_whole(line) && !nested {
                    return Took::Over;
                }
            }
            None if self.expected.kind.is_empty() => return Took::Over,
            None if line.is_empty() || start::is_whole(line) || start::is_ruler(line) => {
                return Took::Over;
            }
            None => {}
        }
        self.push(line);
        Took::Taken
    }

    fn take_sdp(&mut self, line: &[u8], is_sdp: bool) -> Took {
        if is_sdp {
            // A second "v=0" behind a blank line is another body.
            if self.gap && self.lines > 0 && line.starts_with(b"v=0") {
                return Took::Over;
            }
            (self.gap, self.strays) = (false, 0);
            self.push(line);
            return Took::Taken;
        }
        if self.is_whole() || start::is_whole(line) || start::is_ruler(line) {
            return Took::Over;
        }
        if line.is_empty() {
            self.gap = true;
            return Took::Skipped;
        }
        self.strays += 1;
        let stray = time::begins_line(line) || (!self.gap && self.lines > 0);
        if stray && self.strays <= MOST_STRAYS {
            Took::Skipped
        } else {
            Took::Over
        }
    }

    fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.bytes.extend_from_slice(b"\r\n");
        self.lines += 1;
    }

    /// Whether as many bytes are there as were said, or more, whatever ended the lines.
    pub(super) fn is_whole(&self) -> bool {
        let Some(said) = self.expected.length else {
            return self.sdp && self.gap && self.lines > 0;
        };
        let crlf = self.bytes.len();
        let lf = crlf - self.lines;
        said == crlf || crlf.checked_sub(2) == Some(said) || said <= lf
    }

    /// The bytes, with the line ends that make Content-Length right where some do, else with CRLF.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let Some(said) = self.expected.length else {
            return self.bytes;
        };
        let crlf = self.bytes.len();
        let lf = crlf - self.lines;
        if crlf.checked_sub(2) == Some(said) {
            self.bytes.truncate(said);
        } else if self.lines > 0 && (said == lf || lf.checked_sub(1) == Some(said)) {
            let text = std::mem::take(&mut self.bytes);
            let mut lines = text.as_slice();
            while let Some(end) = memchr::memmem::find(lines, b"\r\n") {
                self.bytes
                    .extend_from_slice(lines.get(..end).unwrap_or_default());
                self.bytes.push(b'\n');
                lines = lines.get(end + 2..).unwrap_or_default();
            }
            self.bytes.truncate(said);
        }
        self.bytes
    }
}
