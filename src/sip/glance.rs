//! The little of a message that tells which call it belongs to and whose it is, read without reading
//! the rest. Says exactly what [`super::Message`] would say of the same bytes.

use std::borrow::Cow;
use std::ops::Range;

use super::header::{CSeq, param_after_address, user, via_branch};
use super::line::{Lines, leading_blanks, trim, value};
use super::start_line::{StartLine, read_start_line, status_code};
use super::uri::split_outside_quotes;

/// What a first look at a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance<'a> {
    raw: &'a [u8],
    /// The first line, without its end.
    pub start: &'a [u8],
    found: [Option<Range<usize>>; WANTED.len()],
}

/// The headers that are looked for, each with its compact form where it has one.
const WANTED: [(&[u8], &[u8]); 5] = [
    (b"call-id", b"i"),
    (b"cseq", b"cseq"),
    (b"from", b"f"),
    (b"to", b"t"),
    (b"via", b"v"),
];

/// Where the colon of a header line stands, and which of the wanted ones it is; nothing for a line that is no header.
fn header(line: &[u8]) -> Option<(usize, Option<usize>)> {
    let colon = memchr::memchr(b':', line).filter(|colon| *colon > 0)?;
    let name = line.get(trim(line, 0..colon)).unwrap_or_default();
    let is_it = |(long, compact): &(&[u8], &[u8])| {
        name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(compact)
    };
    Some((colon, WANTED.iter().position(is_it)))
}

/// The same of those that are wanted, in the form in which nearly everybody writes them.
fn as_mostly_written(line: &[u8]) -> Option<(usize, Option<usize>)> {
    let (name, wanted): (&[u8], usize) = match line.first()? {
        b'V' => (b"Via:", 4),
        b'F' => (b"From:", 2),
        b'T' => (b"To:", 3),
        b'C' if line.get(1) == Some(&b'a') => (b"Call-ID:", 0),
        b'C' => (b"CSeq:", 1),
        _ => return None,
    };
    line.starts_with(name)
        .then_some((name.len() - 1, Some(wanted)))
}

impl<'a> Glance<'a> {
    /// Looks at any bytes.
    #[must_use]
    pub fn of(raw: &'a [u8]) -> Glance<'a> {
        let mut lines = Lines::new(raw, leading_blanks(raw));
        let start = lines.next().unwrap_or(0..0);
        let mut found: [Option<Range<usize>>; WANTED.len()] = Default::default();
        // Which of them the line before is, so that this one may continue it.
        let mut open: Option<usize> = None;
        let mut any_header = false;
        for line in lines {
            let Some(first) = raw.get(line.start).filter(|_| !line.is_empty()) else {
                break;
            };
            if matches!(first, b' ' | b'\t') && any_header {
                if let Some(Some(value)) = open.and_then(|at| found.get_mut(at)) {
                    value.end = line.end;
                }
                continue;
            }
            let bytes = raw.get(line.clone()).unwrap_or_default();
            // A line without a colon ends no header: what follows it may continue that.
            let is_header = || memchr::memchr(b':', bytes).is_some_and(|colon| colon > 0);
            if found.iter().all(Option::is_some) && (open.is_none() || is_header()) {
                break;
            }
            let may_be_wanted = first.is_ascii_whitespace()
                || matches!(first | 0x20, b'c' | b'i' | b'f' | b't' | b'v');
            // Whether a line is a header matters where the next one may continue it.
            if !may_be_wanted && open.is_none() && any_header {
                continue;
            }
            let Some((colon, wanted)) = as_mostly_written(bytes).or_else(|| header(bytes)) else {
                continue;
            };
            any_header = true;
            open = wanted.filter(|at| found.get(*at) == Some(&None));
            if let Some(value) = open.and_then(|at| found.get_mut(at)) {
                *value = Some(line.start + colon + 1..line.end);
            }
        }
        Glance {
            raw,
            start: raw.get(start).unwrap_or_default(),
            found,
        }
    }

    /// The Call-ID as written, empty where there is none.
    #[must_use]
    pub fn call_id(&self) -> Cow<'a, str> {
        self.value(0).unwrap_or_default()
    }

    /// The CSeq, where it can be read.
    #[must_use]
    pub fn cseq(&self) -> Option<CSeq> {
        CSeq::parse(&self.value(1)?)
    }

    /// The user part of From, empty where there is none.
    #[must_use]
    pub fn from_user(&self) -> String {
        self.value(2).map(|it| user(&it)).unwrap_or_default()
    }

    /// The user part of To, empty where there is none.
    #[must_use]
    pub fn to_user(&self) -> String {
        self.value(3).map(|it| user(&it)).unwrap_or_default()
    }

    /// The From tag.
    #[must_use]
    pub fn from_tag(&self) -> Option<String> {
        param_after_address(&self.value(2)?, "tag")
    }

    /// The To tag.
    #[must_use]
    pub fn to_tag(&self) -> Option<String> {
        param_after_address(&self.value(3)?, "tag")
    }

    /// The branch of the topmost Via, where it has one.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        let value = self.value(4)?;
        via_branch(split_outside_quotes(&value, ',').next()?)
    }

    /// The status code of a response.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        status_code(self.start)
    }

    /// The first line, read.
    #[must_use]
    pub fn start_line(&self) -> StartLine {
        let line = String::from_utf8_lossy(self.start);
        read_start_line(&line, &mut Vec::new())
    }

    fn value(&self, at: usize) -> Option<Cow<'a, str>> {
        let range = self.found.get(at)?.as_ref()?;
        Some(value(self.raw, range))
    }
}
