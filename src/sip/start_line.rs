//! The first line of a message, read out of its text (RFC 3261 sections 7.1 and 7.2).

use super::deviation::{Deviation, note};
use super::line::text;
use super::name::Method;

/// The first line of a message (RFC 3261 section 7.1 and 7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartLine {
    /// A request: what is asked, and of whom.
    Request {
        /// The method.
        method: Method,
        /// The Request-URI as written.
        uri: String,
    },
    /// A response.
    Response {
        /// The status code as written, also outside 100 to 699.
        code: u16,
        /// The reason phrase, empty where there was none.
        reason: String,
    },
    /// Neither can be read.
    Garbled,
}

/// Reads a first line; what is wrong with it is noted.
pub(super) fn read_start_line(line: &str, deviations: &mut Vec<Deviation>) -> StartLine {
    let line = line.trim();
    if let Some(rest) = strip_version(line) {
        if !line
            .get(..7)
            .is_some_and(|version| version.eq_ignore_ascii_case("SIP/2.0"))
        {
            note(deviations, Deviation::OtherVersion);
        }
        if let Some((code, reason)) = read_status(rest) {
            return StartLine::Response {
                code,
                reason: reason.to_owned(),
            };
        }
    } else if let Some((method, rest)) = line.split_once([' ', '\t']) {
        // The URI may itself hold spaces in broken messages: the version is what stands last.
        let rest = rest.trim();
        let (uri, version) = rest.rsplit_once([' ', '\t']).unwrap_or((rest, ""));
        if is_token(method) && !uri.is_empty() {
            let mut uri = uri.trim();
            if !version
                .get(..4)
                .is_some_and(|v| v.eq_ignore_ascii_case("SIP/"))
            {
                uri = rest;
                note(deviations, Deviation::OtherVersion);
            } else if !version.eq_ignore_ascii_case("SIP/2.0") {
                note(deviations, Deviation::OtherVersion);
            }
            return StartLine::Request {
                method: Method::parse(method),
                uri: uri.to_owned(),
            };
        }
    }
    note(deviations, Deviation::GarbledStartLine);
    StartLine::Garbled
}

/// The status code of a first line, as [`read_start_line`] gives it.
pub(super) fn status_code(line: &[u8]) -> Option<u16> {
    // A request begins with its method: nothing more of it needs to be read.
    let begins = line.first().copied().unwrap_or_default();
    if begins.is_ascii_alphabetic() && !begins.eq_ignore_ascii_case(&b'S') {
        return None;
    }
    if let Some([a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..]) =
        line.strip_prefix(b"SIP/2.0 ")
    {
        let digit = |byte: &u8| u16::from(byte - b'0');
        return Some(digit(a) * 100 + digit(b) * 10 + digit(c));
    }
    let line = text(line, &(0..line.len()));
    let (code, _) = read_status(strip_version(line.trim())?)?;
    Some(code)
}

/// Code and reason phrase, as they follow the version.
fn read_status(rest: &str) -> Option<(u16, &str)> {
    let rest = rest.trim_start();
    let (code, reason) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    Some((code.parse().ok()?, reason.trim()))
}

/// What follows `SIP/x.y ` at the start of a status line.
fn strip_version(line: &str) -> Option<&str> {
    let (version, rest) = line.split_once([' ', '\t'])?;
    version
        .get(..4)?
        .eq_ignore_ascii_case("SIP/")
        .then_some(rest)
}

/// RFC 3261 section 25.1, `token`.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}
