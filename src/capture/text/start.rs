//! Where in a line of text a SIP message may begin, and which lines may belong to one. Looks at one
//! line at a time; whether a message really stands there, the lines after it say.

use memchr::memmem;

use super::super::start_line::is_start_line;
use crate::sip::Method;

const VERSION: &[u8] = b"SIP/2.0";
/// Longer log prefixes are not believed.
const LONGEST_PREFIX: usize = 512;
/// Longer header names are not believed.
const LONGEST_NAME: usize = 64;

/// What may stand before a start line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Quoting, indentation, a log's prefix.
    Prefix,
    /// The same, and what comes before a string in a log of JSON. Not in other text: there, a quote
    /// begins a string in the source of a program.
    Json,
    /// Anything: the message was announced.
    Anything,
}

/// Where a start line begins in a line.
pub(super) fn find(line: &[u8], before: Before) -> Option<usize> {
    memmem::find(line, VERSION)?;
    // What ngrep prints for CR.
    let undotted = line.strip_suffix(b".").unwrap_or(line);
    let begins = |at: usize| {
        let known = at == 0;
        line.get(at..).is_some_and(|it| is_start(it, known))
            || undotted.get(at..).is_some_and(|it| is_start(it, known))
    };
    let mut last = None;
    for at in candidates(line) {
        if begins(at) {
            last = Some(at);
            break;
        }
    }
    last.filter(|at| {
        let text = line.get(..*at).unwrap_or_default();
        match before {
            Before::Prefix => is_prefix(text),
            Before::Json => is_prefix(text) || text.ends_with(b"\""),
            Before::Anything => true,
        }
    })
}

/// Whether a line is a start line and nothing else.
pub(super) fn is_whole(line: &[u8]) -> bool {
    is_start(line, true) || line.strip_suffix(b".").is_some_and(|it| is_start(it, true))
}

/// Places where a word begins that may be a method or the version.
fn candidates(line: &[u8]) -> impl Iterator<Item = usize> {
    let longest = line.len().min(LONGEST_PREFIX * 8);
    (0..longest).filter(move |at| {
        let here = line.get(*at).is_some_and(u8::is_ascii_uppercase);
        let before = at.checked_sub(1).and_then(|before| line.get(before));
        here && before.is_none_or(|it| !it.is_ascii_alphanumeric() && *it != b'-' && *it != b'_')
    })
}

/// A start line whose URI has a scheme; behind something else only with a method that is known.
fn is_start(line: &[u8], any_method: bool) -> bool {
    if !is_start_line(line) {
        return false;
    }
    if line.get(..VERSION.len()).is_some_and(is_version) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return false;
    };
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let (method, uri) = (words.next(), words.next());
    let known = method.is_some_and(|it| !matches!(Method::parse(it), Method::Other(_)));
    let upper = method.is_some_and(|it| !it.bytes().any(|byte| byte.is_ascii_lowercase()));
    (known || (any_method && upper)) && uri.is_some_and(|it| it.contains(':'))
}

fn is_version(bytes: &[u8]) -> bool {
    bytes.eq_ignore_ascii_case(VERSION)
}

/// Whether this may stand before a message: quoting, indentation, or what a log writes before each
/// of its lines. Not a sentence.
fn is_prefix(before: &[u8]) -> bool {
    let ends_like_one = || {
        let last = before.trim_ascii_end().last();
        (super::time::locate(before).is_some() && last != Some(&b'"'))
            || last.is_some_and(|it| matches!(it, b':' | b'|' | b']' | b'>' | b'}'))
    };
    before.len() <= LONGEST_PREFIX && (is_quoting(before) || ends_like_one())
}

/// Whether these are marks of quoting and indentation only.
pub(super) fn is_quoting(before: &[u8]) -> bool {
    before
        .iter()
        .all(|it| matches!(it, b' ' | b'\t' | b'>' | b'|'))
}

/// Whether a line has the form of a header field: a name, perhaps blanks, a colon.
pub(super) fn is_header(line: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', line.get(..LONGEST_NAME).unwrap_or(line)) else {
        return false;
    };
    let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
    let is_token = |it: &u8| it.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(it);
    name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(is_token)
}

/// Whether a line has the form of SDP (RFC 8866 section 5): a letter and an equals sign.
pub(super) fn is_sdp(line: &[u8]) -> bool {
    matches!(line, [letter, b'=', ..] if letter.is_ascii_lowercase())
}

/// Whether a line only separates: dashes and the like, a code fence, chan_sip's counts, PJSIP's end.
pub(super) fn is_ruler(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let drawn = |it: &u8| {
        matches!(
            it,
            b'-' | b'=' | b'~' | b'|' | b'*' | b'#' | b'_' | b'<' | b'>'
        )
    };
    let counts = line.starts_with(b"--- (") && line.ends_with(b") ---");
    counts
        || line == b"--end msg--"
        || line.starts_with(b"```")
        || (line.len() >= 3 && line.iter().all(drawn))
        || (!line.is_empty() && line.iter().all(|it| *it == b'#'))
}
