//! Takes credentials out of a message before it is kept or shown. Changes no length, so that
//! Content-Length and positions stay true.

use bytes::Bytes;

/// What stands where a secret stood.
const BLANK: u8 = b'x';

/// Blanks the digest values (`response`, `cnonce`) of Authorization and Proxy-Authorization
/// lines, other schemes' credentials whole, and the keys of SDP `a=crypto` lines.
#[must_use]
pub fn without_credentials(raw: &Bytes) -> Bytes {
    let mut out = raw.to_vec();
    let mut at = 0;
    let mut secret_header = false;
    while at < out.len() {
        let end = memchr::memchr(b'\n', out.get(at..).unwrap_or_default())
            .map_or(out.len(), |length| at + length);
        let Some(line) = out.get_mut(at..end) else {
            break;
        };
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        if !folded {
            secret_header = is_secret_header(line);
        }
        if secret_header {
            blank_credentials(line, folded);
        } else if line.len() >= 9
            && line
                .get(..9)
                .is_some_and(|p| p.eq_ignore_ascii_case(b"a=crypto:"))
        {
            blank_after(line, b"inline:", b" \r|;");
        }
        at = end + 1;
    }
    Bytes::from(out)
}

fn is_secret_header(line: &[u8]) -> bool {
    let name = line
        .split(|b| *b == b':')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    name.eq_ignore_ascii_case(b"authorization") || name.eq_ignore_ascii_case(b"proxy-authorization")
}

fn blank_credentials(line: &mut [u8], folded: bool) {
    let value_at = if folded {
        0
    } else {
        line.iter().position(|b| *b == b':').map_or(0, |c| c + 1)
    };
    let Some(value) = line.get_mut(value_at..) else {
        return;
    };
    let is_digest = value
        .trim_ascii_start()
        .get(..6)
        .is_some_and(|w| w.eq_ignore_ascii_case(b"digest"));
    if folded || is_digest {
        blank_after(value, b"response=", b",\r ");
        blank_after(value, b"cnonce=", b",\r ");
        return;
    }
    // Basic, Bearer and unknown schemes: everything after the colon is the secret.
    for byte in value.iter_mut().filter(|b| !b.is_ascii_whitespace()) {
        *byte = BLANK;
    }
}

/// Blanks what follows each occurrence of `key`, up to one of the `ends`; quotes stay.
fn blank_after(line: &mut [u8], key: &[u8], ends: &[u8]) {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| {
        rest.windows(key.len())
            .position(|w| w.eq_ignore_ascii_case(key))
    }) {
        from += found + key.len();
        for byte in line.iter_mut().skip(from) {
            if ends.contains(byte) {
                break;
            }
            if *byte != b'"' {
                *byte = BLANK;
            }
        }
    }
}
