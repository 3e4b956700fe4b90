//! Identifiers of single calls, and telling by its shape what one word is (first match wins).
//! Never guesses at short digits or bare words.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::keyed::{self, Key};
use super::{numbers, words};

/// Longest Call-ID the platform accepts.
const MAX_CALL_ID: usize = 255;

/// Something that finds single calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The Call-ID of the incoming leg, exactly as typed.
    CallId(String),
    /// The Call-ID the platform gave the leg it sent out: `CNX`, digits, `_` and the masked id.
    OutgoingCallId(String),
    /// The id of a simulated call: no trace, no media, no carrier.
    Simulated(String),
    /// A phone number, caller or called.
    Number(Number),
    /// The address signalling came from.
    Address {
        /// IPv4 or IPv6.
        ip: IpAddr,
        /// The port, when one was typed.
        port: Option<u16>,
    },
    /// A SIP user name or extension.
    SipUser(String),
}

impl Term {
    /// Whether it is the id of one call.
    #[must_use]
    pub fn is_call_id(&self) -> bool {
        self.call_id().is_some()
    }

    /// The id of one call, where it is one.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        match self {
            Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => Some(id),
            _ => None,
        }
    }

    /// The term in the words of a sentence.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Term::CallId(id) => id.clone(),
            Term::Number(number) => {
                let plus = number.calling_code.map_or("", |_| "+");
                let prefix = number.tech_prefix.as_deref().unwrap_or_default();
                format!("{prefix}{plus}{}", number.digits)
            }
            Term::SipUser(user) => format!("user {user}"),
            other => other.to_string(),
        }
    }

    /// What a device may register as, where it is such a name: a SIP user, or the digits of a number.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Term::SipUser(user) => Some(user),
            Term::Number(number) => Some(&number.digits),
            _ => None,
        }
    }
}

/// A phone number: matched by `digits`, shown as typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Number {
    /// E.164 digits without `+` when the country is known, else just the digits.
    pub digits: String,
    /// The country's calling code; `None` when `digits` may be only the end of a number.
    pub calling_code: Option<u16>,
    /// What was dialled before the number, as in `123*` or `#9`.
    pub tech_prefix: Option<String>,
    /// The number as the person wrote it.
    pub as_typed: String,
}

/// Two writings of one number are the same number.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        (&self.digits, self.calling_code, &self.tech_prefix)
            == (&other.digits, other.calling_code, &other.tech_prefix)
    }
}

impl Eq for Number {}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.digits, self.calling_code, &self.tech_prefix).hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, digits) = (self.tech_prefix.as_deref().unwrap_or(""), &self.digits);
        match self.calling_code {
            Some(_) => write!(f, "{prefix}+{digits}"),
            None => write!(f, "digits:{prefix}{digits}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::CallId(id) if stands_alone(id) => f.write_str(id),
            Term::CallId(id) => keyed::write(f, Key::CallId, id),
            Term::OutgoingCallId(id) | Term::Simulated(id) => f.write_str(id),
            Term::Number(number) => number.fmt(f),
            Term::Address { ip, port: None } => ip.fmt(f),
            Term::Address {
                ip,
                port: Some(port),
            } => SocketAddr::new(*ip, *port).fmt(f),
            Term::SipUser(user) => keyed::write(f, Key::User, user),
        }
    }
}

/// Whether a Call-ID typed by itself is read as that Call-ID.
fn stands_alone(id: &str) -> bool {
    id.is_ascii()
        && !id.contains('<')
        && words::bare(id) == id
        && keyed::split(id).is_none()
        && identify(id) == Some(Term::CallId(id.to_owned()))
}

/// What a word of the text is by its shape alone.
pub(super) fn of_word(word: &words::Word) -> Option<Term> {
    // Two kinds may end in what looks like the punctuation of a sentence: `2001:db8::` and CNX….
    if let Ok(ip) = word.raw.parse::<IpAddr>() {
        return Some(Term::Address { ip, port: None });
    }
    if word.typed.starts_with("CNX") {
        let from = word
            .raw
            .find("CNX")
            .and_then(|at| word.raw.get(at..))
            .unwrap_or("");
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+/.-".contains(c);
        let end = from.find(|c| !legal(c)).unwrap_or(from.len());
        return from.get(..end).and_then(identify);
    }
    identify(&word.typed)
}

/// What a text without spaces is by its shape alone, `None` when that does not decide it.
pub(super) fn identify(word: &str) -> Option<Term> {
    let unlikely = word.contains("://")
        || word.starts_with("SIP/2.0")
        || word.starts_with('/')
        || is_capture_file(word);
    if unlikely {
        return None;
    }
    if is_simulated(word) {
        return Some(Term::Simulated(word.to_owned()));
    }
    if let Some(id) = outgoing(word) {
        return Some(Term::OutgoingCallId(id.to_owned()));
    }
    if let Some(term) = uri(word) {
        return Some(term);
    }
    if is_pair(word) {
        return Some(Term::CallId(word.to_owned()));
    }
    if let Some(address) = address(word) {
        return Some(address);
    }
    (is_long_id(word) || is_three_numbers(word)).then(|| Term::CallId(word.to_owned()))
}

/// `busy-486.pcap`, `/x/y.pcapng.gz`.
pub(super) fn is_capture_file(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let name = lower.strip_suffix(".gz").unwrap_or(&lower);
    !lower.contains('@')
        && [".pcap", ".pcapng", ".cap"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// A value that stands behind a Call-ID key: its prefix may still say that it is of another kind.
pub(super) fn call_id(value: &str) -> Option<Term> {
    if value.is_empty() || value.len() > MAX_CALL_ID || !value.chars().all(is_call_id_char) {
        return None;
    }
    Some(match outgoing(value) {
        Some(id) if id == value => Term::OutgoingCallId(value.to_owned()),
        _ if is_simulated(value) => Term::Simulated(value.to_owned()),
        _ => Term::CallId(value.to_owned()),
    })
}

/// Whether a character may stand in a Call-ID (RFC 3261 25.1, `word` and the `@` between two).
pub(super) fn is_call_id_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-.!%*_+`'~()<>:\\\"/[]?{}@".contains(c)
}

/// The first id of a simulated call that stands in a text.
#[must_use]
pub fn simulated_id(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    text.split(|c: char| !is_part(c))
        .find(|word| is_simulated(word))
}

/// `SIM-` and 32 characters, though only the prefix is promised; "SIM-card" is none.
fn is_simulated(word: &str) -> bool {
    let Some(rest) = word.strip_prefix("SIM") else {
        return false;
    };
    let body = rest.strip_prefix(['-', '_']).unwrap_or(rest);
    let marked = body.len() < rest.len();
    let odd = body.bytes().any(|b| b.is_ascii_digit());
    let long = body.len() >= 12;
    let legal = body
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    legal && ((marked && (odd || long)) || (odd && long))
}

/// `CNX\d+_` and a base64-like body, whose length is a multiple of four: so a full stop that makes
/// it one too long belongs to the sentence.
fn outgoing(word: &str) -> Option<&str> {
    let rest = word.strip_prefix("CNX")?;
    let (server, body) = rest.split_once('_')?;
    let legal = |c: char| c.is_ascii_alphanumeric() || "+/.-".contains(c);
    let fits = !server.is_empty()
        && server.bytes().all(|b| b.is_ascii_digit())
        && !body.is_empty()
        && body.chars().all(legal);
    if !fits {
        return None;
    }
    if body.len() % 4 == 0 {
        Some(word)
    } else {
        Some(word.trim_end_matches('.'))
    }
}

/// What `sip:`, `sips:` and `tel:` wrap: the user part decides, else the host.
fn uri(word: &str) -> Option<Term> {
    let (scheme, rest) = word.split_once(':')?;
    if !["sip", "sips", "tel"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let (user, host) = rest
        .split_once('@')
        .map_or((None, rest), |(u, h)| (Some(u), h));
    let plain = |part: &str| part.split([';', '?', '>']).next().unwrap_or("").to_owned();
    if scheme.eq_ignore_ascii_case("tel") {
        return numbers::digits_only(&plain(rest)).map(Term::Number);
    }
    let Some(user) = user else {
        let host = plain(host);
        return address(&host).or_else(|| numbers::digits_only(&host).map(Term::Number));
    };
    // A password may follow the user; it is nobody's business.
    let user = plain(user).split(':').next().unwrap_or("").to_owned();
    if user.is_empty() {
        return address(&plain(host));
    }
    let long = user.bytes().filter(u8::is_ascii_digit).count() >= numbers::MIN_DIGITS;
    let number = if long {
        numbers::digits_only(&user)
    } else {
        None
    };
    Some(number.map_or(Term::SipUser(user), Term::Number))
}

/// `word@word`, the commonest form of a Call-ID.
fn is_pair(word: &str) -> bool {
    let (left, right) = word.split_once('@').unwrap_or_default();
    !left.is_empty()
        && !right.is_empty()
        && !right.contains('@')
        && word.len() <= MAX_CALL_ID
        && word.chars().all(is_call_id_char)
}

/// An address, with a port perhaps, IPv6 also in brackets.
fn address(word: &str) -> Option<Term> {
    if let Ok(ip) = word.parse::<IpAddr>() {
        return Some(Term::Address { ip, port: None });
    }
    if let Ok(socket) = word.parse::<SocketAddr>() {
        return Some(Term::Address {
            ip: socket.ip(),
            port: Some(socket.port()),
        });
    }
    let inner = word.strip_prefix('[')?.strip_suffix(']')?;
    let ip = inner.parse::<Ipv6Addr>().ok()?;
    Some(Term::Address {
        ip: ip.into(),
        port: None,
    })
}

/// Sixteen or more characters with both letters and digits; a date is none.
fn is_long_id(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.bytes().any(|b| test(&b));
    let dated = word
        .get(..10)
        .is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok());
    (16..=MAX_CALL_ID).contains(&word.len())
        && word.chars().all(is_call_id_char)
        && !word.contains('@')
        && has(u8::is_ascii_alphabetic)
        && has(u8::is_ascii_digit)
        && !dated
}

/// Three numbers joined by dashes with more digits than any phone number has.
fn is_three_numbers(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(digits) && word.len() - 2 > numbers::MAX_DIGITS
}
