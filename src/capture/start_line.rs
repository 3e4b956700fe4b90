//! Whether bytes begin a SIP message: the only thing by which SIP is told from all else, on any
//! port. Reads no further than the first line.

use memchr::memchr2;

/// Longer first lines are not believed.
pub(super) const LONGEST_LINE: usize = 4096;
/// Longer methods are not believed; the longest registered one has nine letters.
const LONGEST_METHOD: usize = 32;

const VERSION: &[u8] = b"SIP/2.0";
/// The methods that RFC 3261 and its extensions define.
const METHODS: [&[u8]; 14] = [
    b"INVITE",
    b"ACK",
    b"BYE",
    b"CANCEL",
    b"OPTIONS",
    b"REGISTER",
    b"PRACK",
    b"SUBSCRIBE",
    b"NOTIFY",
    b"PUBLISH",
    b"INFO",
    b"REFER",
    b"MESSAGE",
    b"UPDATE",
];
const SCHEMES: [&[u8]; 3] = [b"sip:", b"sips:", b"tel:"];

/// Whether a datagram holds a SIP message, after any keep-alive line ends (RFC 3261 section 7.5).
/// A first line that the capture cut counts where it clearly begins a request.
pub(super) fn begins_message(payload: &[u8]) -> bool {
    let start = payload
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'));
    let Some(bytes) = start.and_then(|start| payload.get(start..)) else {
        return false;
    };
    // Most of what is not SIP (RTP, RTCP, STUN, DNS) ends here.
    if !bytes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    match memchr2(b'\r', b'\n', bytes) {
        Some(end) => bytes.get(..end).is_some_and(is_start_line),
        None => is_start_line(bytes) || is_cut_request(bytes),
    }
}

/// Whether a line, without its end, is a request line or a status line (RFC 3261 section 7).
pub(super) fn is_start_line(line: &[u8]) -> bool {
    if line.len() > LONGEST_LINE {
        return false;
    }
    let line = line.trim_ascii_end();
    if let Some(rest) = after_version(line) {
        return matches!(rest, [b' ', a, b, c, more @ ..]
            if [a, b, c].iter().all(|digit| digit.is_ascii_digit())
                && more.first().is_none_or(|next| *next == b' '));
    }
    let Some((method, rest)) = split_method(line) else {
        return false;
    };
    let Some(at) = rest.len().checked_sub(VERSION.len()) else {
        return false;
    };
    let (uri, version) = rest.split_at(at);
    is_method(method)
        && version.eq_ignore_ascii_case(VERSION)
        && uri.ends_with(b" ")
        && !uri.trim_ascii().is_empty()
}

/// Whether bytes begin with a whole first line that nobody will take for the end of another one: a status line, or a
/// request with a method that is known.
pub(super) fn begins_plainly(bytes: &[u8]) -> bool {
    let line = memchr2(b'\r', b'\n', bytes).and_then(|end| bytes.get(..end));
    line.is_some_and(|line| {
        let is_known = |(method, _): (&[u8], &[u8])| METHODS.contains(&method);
        is_start_line(line)
            && (after_version(line).is_some() || split_method(line).is_some_and(is_known))
    })
}

/// Whether a line of which the end is still to come may become a start line.
pub(super) fn may_become_start_line(line: &[u8]) -> bool {
    if line.len() > LONGEST_LINE {
        return false;
    }
    match split_method(line) {
        Some((method, _)) if method.eq_ignore_ascii_case(VERSION) => true,
        Some((method, _)) => is_method(method),
        None => {
            line.len() <= LONGEST_METHOD && line.iter().all(|byte| is_token(*byte) || *byte == b'/')
        }
    }
}

fn is_cut_request(line: &[u8]) -> bool {
    split_method(line).is_some_and(|(method, uri)| {
        METHODS.contains(&method)
            && SCHEMES.iter().any(|scheme| {
                uri.get(..scheme.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            })
    })
}

fn after_version(line: &[u8]) -> Option<&[u8]> {
    let (version, rest) = line.split_at_checked(VERSION.len())?;
    version.eq_ignore_ascii_case(VERSION).then_some(rest)
}

fn split_method(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = line
        .iter()
        .take(LONGEST_METHOD + 1)
        .position(|byte| *byte == b' ')?;
    Some((line.get(..space)?, line.get(space + 1..)?))
}

fn is_method(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.len() <= LONGEST_METHOD && bytes.iter().all(|byte| is_token(*byte))
}

/// RFC 3261 section 25.1.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}
