//! The header values that diagnosis needs, read by type. Never fails on odd input: a field that
//! cannot be read is empty or absent. Keeps no digest.

use std::net::IpAddr;

mod forwarding;
mod identity;
mod list;
mod media_type;
mod quick;
mod reliable;
mod replaces;
mod subscription;
mod warning;

pub use forwarding::{Diversion, Forwarded, HistoryEntry};
pub use identity::{Identity, Malformed, Party, Passport, Token};
pub use list::tokens;
pub use media_type::MediaType;
pub(in crate::sip) use quick::{param_after_address, user, via_branch};
pub use reliable::RAck;
pub use replaces::{ReferTo, Replaces};
pub use subscription::{Event, SubscriptionState};
pub use warning::{RetryAfter, Warning};

use super::name::Method;
use super::uri::{Uri, find_param, read_params, split_host_port, split_outside_quotes, unquote};

/// CSeq: the number and method that tie responses to requests (RFC 3261 section 20.16).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CSeq {
    /// The sequence number.
    pub number: u32,
    /// The method of the request, also in its responses.
    pub method: Method,
}

impl CSeq {
    /// Reads `314159 INVITE`; nothing where the number cannot be read.
    #[must_use]
    pub fn parse(value: &str) -> Option<CSeq> {
        // Bytes are quicker than letters, and nearly all values have one blank between the two.
        let mut words = value.as_bytes().split(|byte| matches!(byte, b' ' | b'\t'));
        if let (Some(number @ [b'0'..=b'9', ..]), Some(method @ [_, ..]), None) =
            (words.next(), words.next(), words.next())
            && method.iter().all(u8::is_ascii_alphabetic)
        {
            return Some(CSeq {
                number: std::str::from_utf8(number).ok()?.parse().ok()?,
                method: Method::parse(std::str::from_utf8(method).ok()?),
            });
        }
        let mut words = value.split_whitespace();
        let number = words.next()?.parse().ok()?;
        Some(CSeq {
            number,
            method: Method::parse(words.next()?),
        })
    }
}

/// A name and address with parameters: From, To, Contact, Route (RFC 3261 section 20.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name, without quotes; empty where there is none.
    pub display: String,
    /// The address.
    pub uri: Uri,
    /// Header parameters, names in lower case.
    pub params: Vec<(String, String)>,
}

impl NameAddr {
    /// Reads `"Name" <sip:user@host>;tag=x` and `sip:user@host;tag=x`.
    #[must_use]
    pub fn parse(value: &str) -> NameAddr {
        let value = value.trim();
        // A quote that is never closed hides the bracket; the last one is then the address's.
        let open = split_outside_quotes(value, '<').next().map_or(0, str::len);
        let open = Some(open)
            .filter(|open| *open < value.len())
            .or_else(|| value.rfind('<'));
        if let Some(open) = open {
            let (display, rest) = value.split_at(open);
            let inner = rest.get(1..).unwrap_or_default();
            // Where the closing bracket is missing, the header's parameters matter more: the tag.
            let (uri, after) = inner
                .split_once('>')
                .or_else(|| inner.split_once(';'))
                .unwrap_or((inner, ""));
            return NameAddr {
                display: unquote(display),
                uri: Uri::parse(uri),
                params: read_params(after),
            };
        }
        // Without brackets every parameter belongs to the header (RFC 3261 section 20.10).
        let mut parts = split_outside_quotes(value, ';');
        let address = parts.next().unwrap_or_default();
        let params = value.get(address.len()..).unwrap_or_default();
        let (display, uri) = address
            .trim()
            .rsplit_once([' ', '\t'])
            .filter(|(display, _)| !display.contains(':'))
            .unwrap_or(("", address));
        NameAddr {
            display: unquote(display),
            uri: Uri::parse(uri),
            params: read_params(params),
        }
    }

    /// A header parameter, as `tag`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        find_param(&self.params, name)
    }
}

/// What branches of RFC 3261 begin with (section 8.1.1.7).
pub(super) const MAGIC_COOKIE: &str = "z9hG4bK";

/// Via: one hop of the way back (RFC 3261 section 20.42).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// In upper case: `UDP`, `TCP`, `TLS`, `WSS`.
    pub transport: String,
    /// The sent-by host, an IPv6 address without brackets.
    pub host: String,
    /// The sent-by port, where one is written.
    pub port: Option<u16>,
    /// Parameters, names in lower case.
    pub params: Vec<(String, String)>,
}

impl Via {
    /// Reads `SIP/2.0/UDP host:port;branch=...`.
    #[must_use]
    pub fn parse(value: &str) -> Via {
        // RFC 3261 section 25.1 allows white space around the slashes of sent-protocol.
        let (transport, rest) = value
            .splitn(3, '/')
            .nth(2)
            .and_then(|sent| sent.trim().split_once([' ', '\t']))
            .unwrap_or(("", value.trim()));
        let transport = transport.to_ascii_uppercase();
        let (sent_by, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = split_host_port(sent_by);
        Via {
            transport,
            host,
            port,
            params: read_params(params),
        }
    }

    /// The transaction's branch, where it has one.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        find_param(&self.params, "branch").filter(|branch| !branch.is_empty())
    }

    /// The port that responses go to where nothing else is said: as written, else the default of
    /// the transport (RFC 3261 section 18.2.2).
    #[must_use]
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(match self.transport.as_str() {
            "TLS" | "WSS" => 5061,
            _ => 5060,
        })
    }

    /// Whether the branch is one of RFC 3261 (section 8.1.1.7), unique by itself. Without the cookie
    /// the sender is one of RFC 2543.
    #[must_use]
    pub fn has_magic_cookie(&self) -> bool {
        self.branch()
            .and_then(|branch| branch.get(..MAGIC_COOKIE.len()))
            .is_some_and(|start| start.eq_ignore_ascii_case(MAGIC_COOKIE))
    }

    /// Whether the client asked for replies to where the request came from (RFC 3581).
    #[must_use]
    pub fn has_rport(&self) -> bool {
        find_param(&self.params, "rport").is_some()
    }

    /// The sent-by host as an address, where it is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// One value of a Reason header (RFC 3326), with the ISUP location of RFC 8606.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// As written: `Q.850`, `SIP`, `STIR`.
    pub protocol: String,
    /// The cause, where it is a number.
    pub cause: Option<u16>,
    /// The text, empty where there is none.
    pub text: String,
    /// ISUP location (RFC 8606): `U`, `LPN`, `LN`, `TN`, `RLN`, `RPN`, `INTL`, `BI`.
    pub location: Option<String>,
}

impl Reason {
    /// Reads `Q.850;cause=34;text="No circuit";location=RLN`.
    #[must_use]
    pub fn parse(value: &str) -> Option<Reason> {
        let (protocol, params) = value.split_once(';').unwrap_or((value, ""));
        let protocol = protocol.trim();
        if protocol.is_empty() {
            return None;
        }
        let params = read_params(params);
        let find = |name: &str| find_param(&params, name).filter(|value| !value.is_empty());
        Some(Reason {
            protocol: protocol.to_owned(),
            cause: find("cause").and_then(|cause| cause.trim().parse().ok()),
            text: find("text").unwrap_or_default().to_owned(),
            location: find("location").map(|at| at.to_ascii_uppercase()),
        })
    }
}

/// A digest challenge (RFC 7616 section 3.3). Its nonce is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The protection domain.
    pub realm: String,
    /// The nonce.
    pub nonce: String,
    /// Whether it says that only the nonce was too old.
    pub stale: bool,
    /// In upper case; `MD5` where none is said.
    pub algorithm: String,
}

impl Challenge {
    /// Reads every digest challenge of one WWW-Authenticate or Proxy-Authenticate line: several
    /// may share it (RFC 7235 section 4.1).
    #[must_use]
    pub fn parse_all(value: &str) -> Vec<Challenge> {
        let mut schemes: Vec<(&str, Vec<&str>)> = Vec::new();
        for element in split_outside_quotes(value, ',').map(str::trim) {
            match (scheme_word(element), schemes.last_mut()) {
                (Some((scheme, first)), _) => schemes.push((scheme, vec![first])),
                (None, Some((_, params))) => params.push(element),
                (None, None) => {}
            }
        }
        schemes
            .into_iter()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("digest"))
            .map(|(_, params)| Challenge::read(&read_digest_params(params.into_iter())))
            .collect()
    }

    fn read(params: &[(String, String)]) -> Challenge {
        let find = |name: &str| find_param(params, name).unwrap_or_default().to_owned();
        Challenge {
            realm: find("realm"),
            nonce: find("nonce"),
            stale: find("stale").eq_ignore_ascii_case("true"),
            algorithm: algorithm(&find("algorithm")),
        }
    }
}

/// Digest credentials (RFC 7616 section 3.4) without the digest: that reaches nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The protection domain it answers for.
    pub realm: String,
    /// The nonce it answers.
    pub nonce: String,
    /// In upper case; `MD5` where none is said.
    pub algorithm: String,
    /// The nonce count as written, empty without qop.
    pub nonce_count: String,
}

impl Credentials {
    /// Reads the value of Authorization or Proxy-Authorization.
    #[must_use]
    pub fn parse(value: &str) -> Credentials {
        let params = read_digest(value);
        let find = |name: &str| find_param(&params, name).unwrap_or_default().to_owned();
        Credentials {
            username: find("username"),
            realm: find("realm"),
            nonce: find("nonce"),
            algorithm: algorithm(&find("algorithm")),
            nonce_count: find("nc"),
        }
    }
}

fn algorithm(written: &str) -> String {
    if written.is_empty() {
        "MD5".to_owned()
    } else {
        written.to_ascii_uppercase()
    }
}

/// The comma-separated parameters after the scheme word `Digest`.
fn read_digest(value: &str) -> Vec<(String, String)> {
    let (_, params) = scheme_word(value.trim()).unwrap_or(("", value));
    read_digest_params(split_outside_quotes(params, ','))
}

fn read_digest_params<'a>(params: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    params
        .filter_map(|param| param.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), unquote(value)))
        .collect()
}

/// A scheme word and what follows it; nothing where the text is a parameter, also one written
/// with white space around its `=`.
fn scheme_word(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let rest = rest.trim_start();
    let is_scheme = !word.contains('=') && !rest.is_empty() && !rest.starts_with('=');
    is_scheme.then_some((word, rest))
}

/// Session-Expires (RFC 4028 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionExpires {
    /// How long the session lasts without a refresh, in seconds.
    pub seconds: u32,
    /// Who refreshes it, where it is said.
    pub refresher: Option<Refresher>,
}

/// Who refreshes a session (RFC 4028): the side that sent the request, or the one that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresher {
    /// The user agent client of the transaction that set it.
    Uac,
    /// The user agent server of that transaction.
    Uas,
}

impl SessionExpires {
    /// Reads `1800;refresher=uac`.
    #[must_use]
    pub fn parse(value: &str) -> Option<SessionExpires> {
        let (seconds, params) = value.split_once(';').unwrap_or((value, ""));
        let refresher = match find_param(&read_params(params), "refresher") {
            Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            _ => None,
        };
        Some(SessionExpires {
            seconds: seconds.trim().parse().ok()?,
            refresher,
        })
    }
}
