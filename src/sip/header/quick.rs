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

/// A parameter of a text without quotes; in one with brackets it is looked for `slowly`.
fn plain_param(
    params: &str,
    name: &str,
    slowly: impl FnOnce() -> Option<String>,
) -> Option<String> {
    if memchr3(b'<', b'>', b'"', params.as_bytes()).is_some() {
        return slowly();
    }
    params.split(';').find_map(|param| {
        let (key, value) = param.split_once('=').unwrap_or((param, ""));
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
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
