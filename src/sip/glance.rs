//! The little of a message that tells which call it belongs to, read without reading the rest.
//! Says exactly what [`super::Message`] would say of the same bytes.

use std::borrow::Cow;
use std::ops::Range;

use super::header::CSeq;
use super::message::{Lines, leading_blanks, text, trim, unfold};

/// What a first look at a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance<'a> {
    /// The first line, without its end.
    pub start: &'a [u8],
    /// The Call-ID as written, empty where there is none.
    pub call_id: Cow<'a, str>,
    /// The value of CSeq, where there is one.
    cseq: Option<Cow<'a, str>>,
}

impl<'a> Glance<'a> {
    /// Looks at any bytes.
    #[must_use]
    pub fn of(raw: &'a [u8]) -> Glance<'a> {
        let mut lines = Lines::new(raw, leading_blanks(raw));
        let start = lines.next().unwrap_or(0..0);
        let (mut call_id, mut cseq): (Option<Range<usize>>, Option<Range<usize>>) = (None, None);
        // Whether the line before is one of the two, which this one may continue.
        let mut open: Option<bool> = None;
        let mut any_header = false;
        for line in lines {
            let Some(first) = raw.get(line.start).filter(|_| !line.is_empty()) else {
                break;
            };
            if matches!(first, b' ' | b'\t') && any_header {
                let continued = match open {
                    Some(true) => call_id.as_mut(),
                    Some(false) => cseq.as_mut(),
                    None => None,
                };
                if let Some(value) = continued {
                    value.end = line.end;
                }
                continue;
            }
            let bytes = raw.get(line.clone()).unwrap_or_default();
            if open.is_some() && call_id.is_some() && cseq.is_some() {
                // A line without a colon ends no header.
                if memchr::memchr(b':', bytes).is_some_and(|colon| colon > 0) {
                    break;
                }
                continue;
            }
            let starts_so =
                matches!(first, b'C' | b'c' | b'I' | b'i') || first.is_ascii_whitespace();
            if !starts_so {
                // A line without a colon is skipped, and one that follows continues the header
                // before it.
                if memchr::memchr(b':', bytes).is_some_and(|colon| colon > 0) {
                    (open, any_header) = (None, true);
                }
                continue;
            }
            let Some(colon) = memchr::memchr(b':', bytes).filter(|colon| *colon > 0) else {
                continue;
            };
            (open, any_header) = (None, true);
            let name_at = trim(raw, line.start..line.start + colon);
            let name = raw.get(name_at).unwrap_or_default();
            let value = line.start + colon + 1..line.end;
            if call_id.is_none()
                && (name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"i"))
            {
                (call_id, open) = (Some(value), Some(true));
            } else if cseq.is_none() && name.eq_ignore_ascii_case(b"cseq") {
                (cseq, open) = (Some(value), Some(false));
            }
        }
        Glance {
            start: raw.get(start).unwrap_or_default(),
            call_id: call_id.map_or(Cow::Borrowed(""), |at| unfold(text(raw, &at))),
            cseq: cseq.map(|at| unfold(text(raw, &at))),
        }
    }

    /// The CSeq, where it can be read.
    #[must_use]
    pub fn cseq(&self) -> Option<CSeq> {
        CSeq::parse(self.cseq.as_ref()?)
    }
}
