//! The lines of a message's head as bytes: where each begins and ends, and what stands in it. Knows no
//! header field.

use std::borrow::Cow;
use std::ops::Range;

/// The lines of a head, each without its end; stops after the blank line or the last byte.
pub(super) struct Lines<'a> {
    raw: &'a [u8],
    /// Where the next one begins.
    pub(super) at: usize,
    /// Whether a line so far ended with LF alone.
    pub(super) bare_lf: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(raw: &'a [u8], at: usize) -> Lines<'a> {
        Lines {
            raw,
            at,
            bare_lf: false,
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let Some(end) = memchr::memchr(b'\n', rest) else {
            self.at = self.raw.len();
            return Some(start..self.raw.len());
        };
        self.at = start + end + 1;
        let line = rest.get(..end).unwrap_or_default();
        if let Some(without) = line.strip_suffix(b"\r") {
            return Some(start..start + without.len());
        }
        self.bare_lf = true;
        Some(start..start + end)
    }
}

/// How many bytes of CR, LF and NUL stand before the start line (RFC 3261 section 7.5).
pub(super) fn leading_blanks(raw: &[u8]) -> usize {
    raw.iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n' | 0))
        .count()
}

/// The bytes of a stretch; none where it lies beyond.
pub(super) fn slice<'a>(raw: &'a [u8], at: &Range<usize>) -> &'a [u8] {
    raw.get(at.clone()).unwrap_or_default()
}

/// A stretch as text; what is no UTF-8 is replaced.
pub(super) fn text<'a>(raw: &'a [u8], at: &Range<usize>) -> Cow<'a, str> {
    let bytes = slice(raw, at);
    // Nearly everything is UTF-8, and this is the quicker way to know it.
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// A stretch without the white space around it.
pub(super) fn trim(raw: &[u8], mut at: Range<usize>) -> Range<usize> {
    let is_space = |at: usize| raw.get(at).is_some_and(u8::is_ascii_whitespace);
    while at.start < at.end && is_space(at.start) {
        at.start += 1;
    }
    while at.start < at.end && is_space(at.end - 1) {
        at.end -= 1;
    }
    at
}

/// The value of a header: trimmed, and its lines joined with one space where it is folded (RFC 3261
/// section 7.3.1).
pub(super) fn value<'a>(raw: &'a [u8], at: &Range<usize>) -> Cow<'a, str> {
    let at = trim(raw, at.clone());
    let value = text(raw, &at);
    if memchr::memchr(b'\n', slice(raw, &at)).is_some() {
        let lines: Vec<&str> = value.lines().map(str::trim).collect();
        return Cow::Owned(lines.join(" ").trim().to_owned());
    }
    // What is left to be trimmed is no ASCII.
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii() && *byte > b' ');
    if ends(value.as_bytes().first()) && ends(value.as_bytes().last()) {
        return value;
    }
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
        Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
    }
}
