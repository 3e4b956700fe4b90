//! The parameters that are read of every message, found without reading the rest of their header.
//! Says what reading all of it would say, and reads all of it where the form is unusual.

use memchr::{memchr, memchr3};

use super::{NameAddr, Via};

/// One parameter of a name and address, as [`NameAddr::parse`] and [`NameAddr::param`] give it.
/// Nearly all values are of a form in which it can be found without reading the rest.
pub(in crate::sip) fn param_after_address(value: &str, name: &str) -> Option<String> {
    let slowly = || NameAddr::parse(value).param(name).map(str::to_owned);
    let trimmed = value.trim();
    // Behind a display name in quotes, where no quote is escaped.
    let behind_quotes = match trimmed.strip_prefix('"').and_then(|it| it.split_once('"')) {
        Some((display, rest)) if memchr(b'\\', display.as_bytes()).is_none() => rest,
        Some(_) => return slowly(),
        None => trimmed,
    };
    let bytes = behind_quotes.as_bytes();
    let Some(open) = memchr3(b'<', b'>', b'"', bytes).filter(|at| bytes.get(*at) == Some(&b'<'))
    else {
        return slowly();
    };
    let close = bytes.get(open..).and_then(|inner| memchr(b'>', inner));
    match close.and_then(|close| behind_quotes.get(open + close + 1..)) {
        Some(params) if memchr(b'"', bytes).is_none() => plain_param(params, name, slowly),
        _ => slowly(),
    }
}

/// The user part of a name and address, as [`NameAddr::parse`] gives it; empty where there is none.
pub(in crate::sip) fn user(value: &str) -> String {
    let slowly = || NameAddr::parse(value).uri.user.unwrap_or_default();
    let bytes = value.as_bytes();
    // Behind a display name, where there is one, whose quotes hide nothing.
    let Some(open) = memchr(b'<', bytes) else {
        return slowly();
    };
    let quotes = |part: Option<&[u8]>| memchr::memchr_iter(b'"', part.unwrap_or_default()).count();
    if !matches!(quotes(bytes.get(..open)), 0 | 2)
        || memchr(b'\\', bytes.get(..open).unwrap_or_default()).is_some()
    {
        return slowly();
    }
    let address = value.get(open + 1..).unwrap_or_default();
    let Some((user, rest)) = address
        .strip_prefix("sip:")
        .and_then(|it| it.split_once('@'))
    else {
        return slowly();
    };
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_' | b'.');
    let is_closed =
        memchr(b'>', rest.as_bytes()).is_some() && memchr(b'@', rest.as_bytes()).is_none();
    if user.is_empty() || !user.bytes().all(is_plain) || !is_closed {
        return slowly();
    }
    user.to_owned()
}

/// A parameter of a text without quotes; in one with brackets or letters beyond ASCII it is looked
/// for `slowly`.
fn plain_param(
    params: &str,
    name: &str,
    slowly: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let bytes = params.as_bytes();
    let is_odd = |byte: &u8| matches!(byte, b'<' | b'>' | b'"') || !byte.is_ascii();
    if bytes.iter().any(is_odd) {
        return slowly();
    }
    bytes.split(|byte| *byte == b';').find_map(|param| {
        let (key, value) = match param.iter().position(|byte| *byte == b'=') {
            Some(at) => (param.get(..at)?, param.get(at + 1..)?),
            None => (param, &[][..]),
        };
        let is_it = trimmed(key).eq_ignore_ascii_case(name.as_bytes());
        is_it.then(|| String::from_utf8_lossy(trimmed(value)).into_owned())
    })
}

/// ASCII without what `str::trim` takes for white space.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ');
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// The branch of a Via, as [`Via::parse`] and [`Via::branch`] give it.
pub(in crate::sip) fn via_branch(value: &str) -> Option<String> {
    let slowly = || Via::parse(value).branch().map(str::to_owned);
    let plain = value
        .trim_start()
        .strip_prefix("SIP/2.0/")
        .and_then(|rest| rest.split_once(';'))
        .filter(|(sent_by, _)| sent_by.trim().contains(' '));
    match plain {
        Some((_, params)) => plain_param(params, "branch", slowly).filter(|it| !it.is_empty()),
        None => slowly(),
    }
}
