//! SIP and tel URIs, and the splitting rules that all SIP header values share. Never fails: what
//! cannot be read is empty.

/// A SIP, SIPS or tel URI (RFC 3261 section 19.1, RFC 3966) as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uri {
    /// In lower case: `sip`, `sips`, `tel`, or whatever stood before the colon.
    pub scheme: String,
    /// The part before `@`, or the number of a tel: URI; without its parameters and password.
    pub user: Option<String>,
    /// The host, an IPv6 address without its brackets. Empty for tel:.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The parameters after the host, names in lower case.
    pub params: Vec<(String, String)>,
}

impl Uri {
    /// Reads a URI, with or without angle brackets.
    #[must_use]
    pub fn parse(text: &str) -> Uri {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                (scheme.to_ascii_lowercase(), rest)
            }
            _ => (String::new(), text),
        };
        if scheme == "tel" {
            let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
            let user = Some(number.to_owned()).filter(|number| !number.is_empty());
            return Uri {
                scheme,
                user,
                params: read_params(params),
                ..Uri::default()
            };
        }
        // The last @: a user part may hold one unescaped in broken messages.
        let (user, host_part) = match rest.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, rest),
        };
        let host_part = host_part
            .split_once('?')
            .map_or(host_part, |(before, _)| before);
        let (host_port, params) = host_part.split_once(';').unwrap_or((host_part, ""));
        let (host, port) = split_host_port(host_port);
        let user = user
            .map(|user| user.split([';', ':']).next().unwrap_or_default().to_owned())
            .filter(|user| !user.is_empty());
        Uri {
            scheme,
            user,
            host,
            port,
            params: read_params(params),
        }
    }

    /// A parameter's value; empty for one that has none, as `;lr`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        find_param(&self.params, name)
    }
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
    std::iter::from_fn(move || {
        let current = rest?;
        // Nothing can hide a separator where there are neither quotes nor brackets.
        if memchr::memchr2(b'"', b'<', current.as_bytes()).is_none() {
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
