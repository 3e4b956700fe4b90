//! SIP and tel URIs, and the splitting rules that all SIP header values share. Never fails: what
//! cannot be read is empty.

use std::borrow::Cow;

/// A SIP, SIPS or tel URI (RFC 3261 section 19.1, RFC 3966) as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uri {
    /// In lower case: `sip`, `sips`, `tel`, or whatever stood before the colon.
    pub scheme: String,
    /// The part before `@`, or the number of a tel: URI; without its parameters and password, and
    /// with its `%` escapes undone, as RFC 3261 section 19.1.4 compares it.
    pub user: Option<String>,
    /// The parameters within the user part, names in lower case: `rn` and `npdi` of a ported
    /// number (RFC 4694), `tgrp` and `trunk-context` (RFC 4904).
    pub user_params: Vec<(String, String)>,
    /// The host, an IPv6 address without its brackets. Empty for tel:.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The parameters after the host, names in lower case.
    pub params: Vec<(String, String)>,
    /// The header fields that a request to this URI shall bear (RFC 3261 section 19.1.1), names
    /// in lower case, values unescaped. Of those that hold credentials the value is left out.
    pub headers: Vec<(String, String)>,
}

/// Header fields whose value is a credential or proves one.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "authentication-info",
    "proxy-authentication-info",
];

impl Uri {
    /// Reads a URI, with or without angle brackets.
    #[must_use]
    pub fn parse(text: &str) -> Uri {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme, rest) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), text),
        };
        if scheme == "tel" {
            let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
            let user = Some(unescape(number).into_owned()).filter(|number| !number.is_empty());
            return Uri {
                scheme,
                user,
                params: read_params(params),
                ..Uri::default()
            };
        }
        // `http://host` and `soap.beep://host` have their host behind two slashes.
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        // A question mark behind the first @ begins the headers, in which broken messages leave an
        // @ unescaped; one before it is part of the user.
        let from = rest.find('@').unwrap_or_default();
        let question = rest.get(from..).and_then(|after| after.find('?'));
        let (rest, headers) = match question.and_then(|at| rest.split_at_checked(from + at)) {
            Some((rest, headers)) => (rest, headers.trim_start_matches('?')),
            None => (rest, ""),
        };
        // The last @: a user part may hold one unescaped in broken messages.
        let (user, host_part) = match rest.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, rest),
        };
        let (host_port, params) = host_part.split_once(';').unwrap_or((host_part, ""));
        let (host, port) = split_host_port(host_port);
        // Split first, unescape then: an escaped separator separates nothing.
        let user = user.map(|user| user.split_once(':').map_or(user, |(user, _)| user));
        let (user, user_params) = match user.map(|user| user.split_once(';').unwrap_or((user, "")))
        {
            Some((user, params)) => (
                Some(unescape(user).into_owned()).filter(|user| !user.is_empty()),
                unescaped(read_params(params)),
            ),
            None => (None, Vec::new()),
        };
        Uri {
            scheme,
            user,
            user_params,
            host,
            port,
            params: read_params(params),
            headers: read_headers(headers),
        }
    }

    /// A parameter within the user part, as `rn`.
    #[must_use]
    pub fn user_param(&self, name: &str) -> Option<&str> {
        find_param(&self.user_params, name)
    }

    /// The first embedded header field of this name in lower case, as `replaces`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find_param(&self.headers, name)
    }

    /// A parameter's value; empty for one that has none, as `;lr`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        find_param(&self.params, name)
    }
}

/// Whether what stands before a colon is a scheme and no host. RFC 3986 section 3.1 allows dots
/// and the like in it: those are taken for a host name unless two slashes follow.
fn is_scheme(scheme: &str, rest: &str) -> bool {
    let is_wide = rest.starts_with("//");
    scheme
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || (is_wide && b"+-.".contains(&b)))
}

/// The `name=value&name=value` after the question mark.
fn read_headers(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|header| !header.is_empty())
        .map(|header| {
            let (name, value) = header.split_once('=').unwrap_or((header, ""));
            let name = unescape(name).trim().to_ascii_lowercase();
            let is_secret = SECRET_HEADERS.contains(&name.as_str());
            let value = if is_secret { "" } else { value };
            (name, unescape(value).into_owned())
        })
        .collect()
}

fn unescaped(params: Vec<(String, String)>) -> Vec<(String, String)> {
    params
        .into_iter()
        .map(|(name, value)| (name, unescape(&value).into_owned()))
        .collect()
}

/// Undoes `%` escapes (RFC 3261 section 19.1.2). A `%` that is no escape stays as it is, bytes that
/// are no UTF-8 are replaced. The outcome may hold any character, NUL too.
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            out.push(high << 4 | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Splits `host:port`, also with a bracketed IPv6 host.
#[must_use]
pub fn split_host_port(text: &str) -> (String, Option<u16>) {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').unwrap_or((rest, ""));
        return (
            host.to_owned(),
            after
                .strip_prefix(':')
                .and_then(|port| port.trim().parse().ok()),
        );
    }
    match text.split_once(':') {
        // More than one colon and no brackets: a bare IPv6 address.
        Some((_, port)) if port.contains(':') => (text.to_owned(), None),
        Some((host, port)) => (host.trim().to_owned(), port.trim().parse().ok()),
        None => (text.to_owned(), None),
    }
}

/// Reads `;`-separated parameters: names in lower case, values without their quotes.
#[must_use]
pub fn read_params(text: &str) -> Vec<(String, String)> {
    split_outside_quotes(text, ';')
        .map(str::trim)
        .filter(|param| !param.is_empty())
        .map(|param| {
            let (name, value) = param.split_once('=').unwrap_or((param, ""));
            (name.trim().to_ascii_lowercase(), unquote(value))
        })
        .collect()
}

/// Finds a parameter by its lower-case name.
#[must_use]
pub fn find_param<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Takes the quotes off a quoted string and undoes its escapes (RFC 3261 section 25.1).
#[must_use]
pub fn unquote(text: &str) -> String {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// Splits at a separator that stands outside quoted strings and angle brackets.
pub fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    // Nothing can hide a separator where there are neither quotes nor brackets. Looked for once:
    // a header may be all separators.
    let hides_nothing = memchr::memchr2(b'"', b'<', text.as_bytes()).is_none();
    std::iter::from_fn(move || {
        let current = rest?;
        if hides_nothing {
            let (piece, after) = match current.split_once(separator) {
                Some((piece, after)) => (piece, Some(after)),
                None => (current, None),
            };
            rest = after;
            return Some(piece);
        }
        let mut quoted = false;
        let mut escaped = false;
        let mut depth = 0_u32;
        for (at, c) in current.char_indices() {
            if escaped {
                escaped = false;
                continue;
            }
            match c {
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                c if c == separator && !quoted && depth == 0 => {
                    let (piece, after) = current.split_at(at);
                    rest = after.get(c.len_utf8()..);
                    return Some(piece);
                }
                '<' if !quoted => depth += 1,
                '>' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        rest = None;
        Some(current)
    })
}
