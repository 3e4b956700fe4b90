//! What a message carries behind its head: one body, or the parts of a multipart body (RFC 2046
//! section 5.1, RFC 5621). Decodes no part, and keeps no digit of DTMF.

use std::borrow::Cow;

use bytes::Bytes;

use super::header::MediaType;
use super::isup::Isup;
use super::message::Message;
use super::name::Name;
use super::sdp::Sdp;
use super::start_line::StartLine;

/// More parts than this are no message and only cost time.
const MOST_PARTS: usize = 64;

/// A body, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is, where it is said.
    pub content_type: Option<MediaType>,
    /// What it is for, where it is said: `session`, `early-session`, `render`, `signal`.
    pub disposition: Option<MediaType>,
    /// Its own Content-Length, where a part of a multipart body has one. The boundary ends it.
    pub length: Option<usize>,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The kinds of content that diagnosis knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// `application/sdp`, or what has no type and begins with `v=0`.
    Sdp,
    /// `application/isup` (RFC 3204).
    Isup,
    /// `message/sipfrag` (RFC 3420).
    Sipfrag,
    /// Digits that someone pressed, in any of the types in use.
    Dtmf,
    /// Parts within a part that were not taken apart.
    Multipart,
    /// Anything else.
    Other,
}

/// The types that carry pressed digits: Cisco's, the plain one, Nortel's, RFC 4733 in a body, and
/// KPML (RFC 4730). `redact` blanks the digits of each.
const DTMF: [&str; 5] = [
    "application/dtmf-relay",
    "application/dtmf",
    "application/vnd.nortelnetworks.digits",
    "audio/telephone-event",
    "application/kpml-response+xml",
];

impl<'a> Part<'a> {
    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> PartKind {
        let Some(content_type) = &self.content_type else {
            let is_sdp = self.bytes.starts_with(b"v=0");
            return if is_sdp {
                PartKind::Sdp
            } else {
                PartKind::Other
            };
        };
        match content_type.kind.as_str() {
            "application/sdp" => PartKind::Sdp,
            "application/isup" => PartKind::Isup,
            "message/sipfrag" => PartKind::Sipfrag,
            kind if DTMF.contains(&kind) => PartKind::Dtmf,
            _ if content_type.is_multipart() => PartKind::Multipart,
            _ => PartKind::Other,
        }
    }

    /// Its content as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }

    fn has_disposition(&self, word: &str) -> bool {
        self.disposition
            .as_ref()
            .is_some_and(|disposition| disposition.kind == word)
    }
}

impl Message {
    /// The body as parts: one where it is not multipart, none where it is empty. A multipart body
    /// within a multipart body is taken apart too, one within that is not.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let whole = Part {
            content_type: self.header(Name::ContentType).map(|v| MediaType::parse(&v)),
            disposition: self
                .header(Name::ContentDisposition)
                .map(|v| MediaType::parse(&v)),
            length: None,
            bytes: self.body(),
        };
        if whole.bytes.is_empty() {
            return Vec::new();
        }
        let mut parts = Vec::new();
        take_apart(whole, 2, &mut parts);
        parts
    }

    /// The first part of a kind.
    #[must_use]
    pub fn part(&self, kind: PartKind) -> Option<Part<'_>> {
        self.parts().into_iter().find(|part| part.kind() == kind)
    }

    /// The ISUP message that the body carries (RFC 3204).
    #[must_use]
    pub fn isup(&self) -> Option<Isup> {
        Isup::parse(self.part(PartKind::Isup)?.bytes)
    }

    /// The first line of the message of which a NOTIFY brings a piece (RFC 3420): how a transfer
    /// is going. Nothing where the piece has no first line.
    #[must_use]
    pub fn sipfrag(&self) -> Option<StartLine> {
        let bytes = self.part(PartKind::Sipfrag)?.bytes;
        let fragment = Message::parse(Bytes::copy_from_slice(bytes));
        Some(fragment.start().clone()).filter(|start| *start != StartLine::Garbled)
    }

    /// Whether the body tells which digit someone pressed. Which, nobody learns from here.
    #[must_use]
    pub fn has_dtmf(&self) -> bool {
        self.part(PartKind::Dtmf).is_some()
    }

    /// The session description among the parts; the one for early media alone (RFC 3959) only
    /// where there is no other.
    pub(super) fn sdp_part(&self) -> Option<Sdp> {
        let mut parts = self.parts();
        parts.retain(|part| part.kind() == PartKind::Sdp && !part.bytes.is_empty());
        let is_session = |part: &&Part<'_>| !part.has_disposition("early-session");
        let part = parts.iter().find(is_session).or_else(|| parts.first())?;
        Some(Sdp::parse(&part.text()))
    }
}

fn take_apart<'a>(part: Part<'a>, levels: usize, into: &mut Vec<Part<'a>>) {
    let boundary = part
        .content_type
        .as_ref()
        .filter(|kind| levels > 0 && kind.is_multipart())
        .map(|kind| kind.param("boundary").unwrap_or_default().as_bytes());
    let Some(boundary) = boundary else {
        into.push(part);
        return;
    };
    let mut pieces = split(part.bytes, boundary);
    if pieces.is_empty()
        && let Some(guess) = guess_boundary(part.bytes)
    {
        pieces = split(part.bytes, guess);
    }
    for piece in pieces {
        if into.len() >= MOST_PARTS {
            return;
        }
        take_apart(read_part(piece), levels - 1, into);
    }
}

/// The lines of some bytes: where each begins, and where the next one does.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        at += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        Some((start, at))
    })
}

/// What stands between the delimiter lines (RFC 2046 section 5.1.1). The last one may be missing.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    if boundary.is_empty() {
        return parts;
    }
    let mut open = None;
    for (start, end) in lines(body) {
        let line = body.get(start..end).unwrap_or_default();
        let Some(is_last) = delimiter(line, boundary) else {
            continue;
        };
        if let Some(from) = open.take() {
            // The line end before a delimiter belongs to the delimiter.
            let part: &[u8] = body.get(from..start).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push(part.strip_suffix(b"\r").unwrap_or(part));
        }
        if is_last || parts.len() >= MOST_PARTS {
            return parts;
        }
        open = Some(end);
    }
    if let Some(from) = open {
        parts.push(body.get(from..).unwrap_or_default());
    }
    parts
}

/// Whether a line is a delimiter, and then whether it is the last one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let rest = rest.trim_ascii_end();
    match rest {
        b"" => Some(false),
        _ => rest.starts_with(b"--").then_some(true),
    }
}

/// The boundary as the first delimiter has it, where Content-Type does not say it or not rightly.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    lines(body)
        .filter_map(|(start, end)| body.get(start..end)?.strip_prefix(b"--"))
        .map(<[u8]>::trim_ascii_end)
        .find(|boundary| !boundary.is_empty())
}

/// A part with its own headers, a blank line, and its content.
fn read_part(bytes: &[u8]) -> Part<'_> {
    let mut fields: Vec<(Name, String)> = Vec::new();
    let mut content = bytes.len();
    for (start, end) in lines(bytes) {
        let line = bytes.get(start..end).unwrap_or_default();
        let text = line.trim_ascii();
        if text.is_empty() {
            content = end;
            break;
        }
        let is_folded = matches!(line.first(), Some(b' ' | b'\t'));
        match (memchr::memchr(b':', text), fields.last_mut()) {
            (_, Some((_, value))) if is_folded => {
                value.push(' ');
                value.push_str(&String::from_utf8_lossy(text));
            }
            (Some(colon), _) if colon > 0 => {
                let (name, value) = text.split_at(colon);
                let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
                fields.push((
                    Name::parse(name.trim_ascii_end()),
                    String::from_utf8_lossy(value).into_owned(),
                ));
            }
            // No header and no blank line before it: the content begins here.
            _ => {
                content = start;
                break;
            }
        }
    }
    let find = |name: Name| {
        let field = fields.iter().find(|(key, _)| *key == name);
        field.map(|(_, value)| value.as_str())
    };
    Part {
        content_type: find(Name::ContentType).map(MediaType::parse),
        disposition: find(Name::ContentDisposition).map(MediaType::parse),
        length: find(Name::ContentLength).and_then(|length| length.parse().ok()),
        bytes: bytes.get(content..).unwrap_or_default(),
    }
}
