//! One SIP message read out of bytes. Reads what it can, notes each deviation from RFC 3261 and
//! never fails as a whole. Keeps the bytes; values are decoded only when asked for.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::deviation::{Deviation, note};
use super::header::{
    CSeq, Challenge, Credentials, NameAddr, Reason, SessionExpires, Via, param_after_address, user,
    via_branch,
};
use super::line::{Lines, leading_blanks, slice, text, trim, value};
use super::name::{Method, Name};
use super::sdp::{self, Sdp};
use super::start_line::{StartLine, read_start_line};
use super::uri::{Uri, split_outside_quotes};
use super::when_asked::WhenAsked;
#[derive(Debug, Clone, PartialEq, Eq)]
struct HeaderLine {
    name: Name,
    name_at: Range<usize>,
    value_at: Range<usize>,
}

/// A SIP message with the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    raw: Bytes,
    start: StartLine,
    headers: Vec<HeaderLine>,
    body: Range<usize>,
    deviations: Vec<Deviation>,
    sdp: WhenAsked<Option<Arc<Sdp>>>,
}

const NEEDED: [Name; 5] = [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq];
const SINGLE: [Name; 6] = [
    Name::From,
    Name::To,
    Name::CallId,
    Name::CSeq,
    Name::MaxForwards,
    Name::ContentLength,
];

impl Message {
    /// Reads one message. Takes any bytes; what cannot be read is missing from the result and
    /// listed in [`Message::deviations`].
    #[must_use]
    pub fn parse(raw: Bytes) -> Message {
        let mut deviations = Vec::new();
        let mut lines = Lines::new(&raw, leading_blanks(&raw));
        let start_at = lines.next().unwrap_or(0..0);
        let start = read_start_line(&text(&raw, &start_at), &mut deviations);

        // As many as most messages have.
        let mut headers: Vec<HeaderLine> = Vec::with_capacity(16);
        let mut ended = false;
        for line in lines.by_ref() {
            let bytes = slice(&raw, &line);
            if bytes.is_empty() {
                ended = true;
                break;
            }
            // RFC 3261 section 7.3.1: a line that begins with white space continues the one before.
            if matches!(bytes.first(), Some(b' ' | b'\t'))
                && let Some(last) = headers.last_mut()
            {
                last.value_at.end = line.end;
                continue;
            }
            match memchr::memchr(b':', bytes) {
                Some(colon) if colon > 0 => {
                    let name_at = trim(&raw, line.start..line.start + colon);
                    let value_at = line.start + colon + 1..line.end;
                    let name = Name::parse(slice(&raw, &name_at));
                    headers.push(HeaderLine {
                        name,
                        name_at,
                        value_at,
                    });
                }
                _ => note(&mut deviations, Deviation::HeaderWithoutColon),
            }
        }
        let body_start = lines.at;
        if lines.bare_lf {
            note(&mut deviations, Deviation::BareLineFeed);
        }
        if !ended {
            note(&mut deviations, Deviation::HeadersNotEnded);
        }
        if std::str::from_utf8(slice(&raw, &(0..body_start))).is_err() {
            note(&mut deviations, Deviation::NotUtf8);
        }
        let mut message = Message {
            body: body_start..raw.len(),
            raw,
            start,
            headers,
            deviations,
            sdp: WhenAsked::default(),
        };
        message.measure_body();
        message.check_headers();
        message
    }

    fn measure_body(&mut self) {
        let Some(value) = self.header(Name::ContentLength).map(Cow::into_owned) else {
            return;
        };
        let present = self.body.len();
        match value.parse::<usize>() {
            Err(_) => note(&mut self.deviations, Deviation::ContentLengthUnreadable),
            Ok(said) if said > present => {
                note(&mut self.deviations, Deviation::BodyShort { said, present });
            }
            Ok(said) => {
                if said < present {
                    note(&mut self.deviations, Deviation::BodyLong { said, present });
                    self.body.end = self.body.start + said;
                }
            }
        }
    }

    fn check_headers(&mut self) {
        // A bit for each name: whether it was met, and whether it was met again.
        let (mut met, mut again) = (0_u64, 0_u64);
        for line in &self.headers {
            let bit = bit(line.name);
            again |= met & bit;
            met |= bit;
        }
        let mut found: Vec<Deviation> = Vec::new();
        let missing = NEEDED.into_iter().filter(|n| met & bit(*n) == 0);
        found.extend(missing.map(Deviation::Missing));
        let repeated = SINGLE.into_iter().filter(|n| again & bit(*n) != 0);
        found.extend(repeated.map(Deviation::Repeated));
        if let (Some(method), Some(cseq)) = (self.request_method(), self.cseq())
            && *method != cseq.method
        {
            found.push(Deviation::CSeqMethodDiffers);
        }
        self.deviations.extend(found);
    }

    /// The bytes it was read from, all of them.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The first line.
    #[must_use]
    pub fn start(&self) -> &StartLine {
        &self.start
    }

    /// What departs from the RFC, in the order in which it was met: as far as reading shows it at
    /// no cost. [`Message::check`] looks closer.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Whether the message ends before its own end: headers not ended or body short.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.deviations.iter().any(|deviation| {
            matches!(
                deviation,
                Deviation::HeadersNotEnded | Deviation::BodyShort { .. }
            )
        })
    }

    /// The body, as long as Content-Length says, or to the end where it says nothing usable.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        slice(&self.raw, &self.body)
    }

    /// The first value of a header: unfolded, trimmed, bytes that are no UTF-8 replaced.
    #[must_use]
    pub fn header(&self, name: Name) -> Option<Cow<'_, str>> {
        self.headers(name).next()
    }

    /// Every line of a header, in order, each as [`Message::header`] gives it.
    pub fn headers(&self, name: Name) -> impl Iterator<Item = Cow<'_, str>> {
        self.headers
            .iter()
            .filter(move |line| line.name == name)
            .map(|line| value(&self.raw, &line.value_at))
    }

    /// The first value of a header that [`Name`] does not list, by its name in any case.
    #[must_use]
    pub fn other_header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers
            .iter()
            .find(|line| slice(&self.raw, &line.name_at).eq_ignore_ascii_case(name.as_bytes()))
            .map(|line| value(&self.raw, &line.value_at))
    }

    /// Every header line with its name as written.
    pub fn all_headers(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.headers.iter().map(|line| {
            (
                text(&self.raw, &line.name_at),
                value(&self.raw, &line.value_at),
            )
        })
    }

    /// Every header line of a name that [`Name`] does not list, with its name as written.
    pub fn unknown_headers(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let unknown = self.headers.iter().filter(|line| line.name == Name::Other);
        unknown.map(|line| {
            (
                text(&self.raw, &line.name_at),
                value(&self.raw, &line.value_at),
            )
        })
    }

    /// The elements of a comma-separated header over all its lines (RFC 3261 section 7.3.1);
    /// commas inside quotes and angle brackets do not separate.
    #[must_use]
    pub fn elements(&self, name: Name) -> Vec<String> {
        self.headers(name)
            .flat_map(|value| {
                split_outside_quotes(&value, ',')
                    .map(|element| element.trim().to_owned())
                    .filter(|element| !element.is_empty())
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The method of a request.
    #[must_use]
    pub fn request_method(&self) -> Option<&Method> {
        match &self.start {
            StartLine::Request { method, .. } => Some(method),
            _ => None,
        }
    }

    /// The status code of a response.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self.start {
            StartLine::Response { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The reason phrase of a response, empty for anything else.
    #[must_use]
    pub fn reason_phrase(&self) -> &str {
        match &self.start {
            StartLine::Response { reason, .. } => reason,
            _ => "",
        }
    }

    /// Whether it is a request with this method.
    #[must_use]
    pub fn is_request(&self, method: &Method) -> bool {
        self.request_method() == Some(method)
    }

    /// The first line as written, for people.
    #[must_use]
    pub fn start_text(&self) -> Cow<'_, str> {
        let at = leading_blanks(&self.raw);
        let mut lines = Lines::new(&self.raw, at);
        text(&self.raw, &lines.next().unwrap_or(0..0))
    }

    /// The method that the message belongs to: the CSeq method, else the request's own.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        self.cseq()
            .map(|cseq| cseq.method)
            .or_else(|| self.request_method().cloned())
    }

    /// The Call-ID as written, empty where there is none.
    #[must_use]
    pub fn call_id(&self) -> Cow<'_, str> {
        self.header(Name::CallId).unwrap_or_default()
    }

    /// The CSeq header, where it can be read.
    #[must_use]
    pub fn cseq(&self) -> Option<CSeq> {
        CSeq::parse(&self.header(Name::CSeq)?)
    }

    /// The From header.
    #[must_use]
    pub fn from(&self) -> Option<NameAddr> {
        Some(NameAddr::parse(&self.header(Name::From)?))
    }

    /// The To header.
    #[must_use]
    pub fn to(&self) -> Option<NameAddr> {
        Some(NameAddr::parse(&self.header(Name::To)?))
    }

    /// The From tag.
    #[must_use]
    pub fn from_tag(&self) -> Option<String> {
        param_after_address(&self.header(Name::From)?, "tag")
    }

    /// The To tag. A request without one is outside any dialog (RFC 3261 section 12).
    #[must_use]
    pub fn to_tag(&self) -> Option<String> {
        param_after_address(&self.header(Name::To)?, "tag")
    }

    /// The user part of From, the number of a tel: URI, empty where there is none.
    #[must_use]
    pub fn from_user(&self) -> String {
        let from = self.header(Name::From);
        from.map(|value| user(&value)).unwrap_or_default()
    }

    /// The user part of To, the number of a tel: URI, empty where there is none.
    #[must_use]
    pub fn to_user(&self) -> String {
        let to = self.header(Name::To);
        to.map(|value| user(&value)).unwrap_or_default()
    }

    /// The Request-URI of a request.
    #[must_use]
    pub fn request_uri(&self) -> Option<Uri> {
        match &self.start {
            StartLine::Request { uri, .. } => Some(Uri::parse(uri)),
            _ => None,
        }
    }

    /// All Via values, the topmost first.
    #[must_use]
    pub fn vias(&self) -> Vec<Via> {
        self.elements(Name::Via)
            .iter()
            .map(|value| Via::parse(value))
            .collect()
    }

    /// The topmost Via: for a request its sender, for a response the one it goes to.
    #[must_use]
    pub fn top_via(&self) -> Option<Via> {
        let value = self.header(Name::Via)?;
        split_outside_quotes(&value, ',').next().map(Via::parse)
    }

    /// The branch of the topmost Via, where it has one.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        let value = self.header(Name::Via)?;
        via_branch(split_outside_quotes(&value, ',').next()?)
    }

    /// The first Contact.
    #[must_use]
    pub fn contact(&self) -> Option<NameAddr> {
        self.elements(Name::Contact)
            .first()
            .map(|value| NameAddr::parse(value))
    }

    /// All Reason values of any protocol (RFC 3326).
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        self.elements(Name::Reason)
            .iter()
            .filter_map(|value| Reason::parse(value))
            .collect()
    }

    /// The Q.850 cause in a Reason header, where there is one.
    #[must_use]
    pub fn q850(&self) -> Option<Reason> {
        self.reasons()
            .into_iter()
            .find(|reason| reason.protocol.eq_ignore_ascii_case("Q.850"))
    }

    /// The digest challenges of a 401 or 407 (RFC 7616, RFC 3261 section 22). Other schemes are
    /// left out.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge> {
        [Name::WwwAuthenticate, Name::ProxyAuthenticate]
            .into_iter()
            .flat_map(|name| {
                self.headers(name)
                    .flat_map(|value| Challenge::parse_all(&value))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The digest credentials of a request, without the digest itself.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credentials> {
        [Name::Authorization, Name::ProxyAuthorization]
            .into_iter()
            .flat_map(|name| {
                self.headers(name)
                    .map(|v| Credentials::parse(&v))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The Session-Expires header (RFC 4028).
    #[must_use]
    pub fn session_expires(&self) -> Option<SessionExpires> {
        SessionExpires::parse(&self.header(Name::SessionExpires)?)
    }

    /// A header that holds seconds, possibly followed by parameters or a comment, as Retry-After,
    /// Min-SE and Expires do.
    #[must_use]
    pub fn seconds(&self, name: Name) -> Option<u32> {
        let value = self.header(name)?;
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// The session description, where the body is one (also as a part of a multipart body, or
    /// under no Content-Type at all).
    #[must_use]
    pub fn sdp(&self) -> Option<Arc<Sdp>> {
        let read = || self.read_sdp().map(Arc::new);
        self.sdp.get(read).clone()
    }

    /// What [`Sdp::origin_key`] says of the session description, found without reading the rest of
    /// a plain one.
    #[must_use]
    pub fn sdp_origin_key(&self) -> Option<String> {
        let kind = self.header(Name::ContentType);
        let is_plain = kind.is_some_and(|it| it.eq_ignore_ascii_case("application/sdp"));
        if !is_plain || !self.body().is_ascii() {
            return self.sdp()?.origin_key();
        }
        let body = std::str::from_utf8(self.body()).ok()?;
        // The last one counts, as it does when all of it is read.
        let begins_line = |at: usize| {
            let before = body.get(..at).unwrap_or_default();
            let before = before.trim_end_matches(['\t', '\u{b}', '\u{c}', '\r', ' ']);
            before.is_empty() || before.ends_with('\n')
        };
        let found = memchr::memmem::find_iter(body.as_bytes(), b"o=");
        let at = found.filter(|at| begins_line(*at)).last()?;
        let value = body.get(at + 2..)?.lines().next()?;
        sdp::origin_key(value)
    }

    fn read_sdp(&self) -> Option<Sdp> {
        if self.body.is_empty() {
            return None;
        }
        let body = String::from_utf8_lossy(self.body());
        let content_type = self
            .header(Name::ContentType)
            .map(|value| value.to_ascii_lowercase());
        match content_type.as_deref() {
            None if body.starts_with("v=0") => Some(Sdp::parse(&body)),
            Some(kind) if kind.starts_with("application/sdp") && !body.is_empty() => {
                Some(Sdp::parse(&body))
            }
            Some(kind) if kind.starts_with("multipart/") => self.sdp_part(),
            _ => None,
        }
    }

    /// User-Agent of a request, Server of a response, whichever there is.
    #[must_use]
    pub fn agent(&self) -> Option<Cow<'_, str>> {
        self.header(Name::UserAgent)
            .or_else(|| self.header(Name::Server))
    }
}

/// A name's own bit; those that nothing is counted of share one.
fn bit(name: Name) -> u64 {
    1_u64.checked_shl(name as u32).unwrap_or(1 << 63)
}
