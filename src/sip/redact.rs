//! Takes credentials out of a message before it is kept or shown. Changes no length, so that
//! Content-Length and positions stay true.

use bytes::Bytes;

/// What stands where a secret stood.
const BLANK: u8 = b'x';

/// Headers that hold credentials, or a digest made with them (RFC 7616 section 3.5).
const SECRET_HEADERS: [&[u8]; 4] = [
    b"authorization",
    b"proxy-authorization",
    b"authentication-info",
    b"proxy-authentication-info",
];

/// The parameters of a digest from which a password could be guessed, and AKA's (RFC 3310).
const SECRET_PARAMS: [&[u8]; 4] = [b"response", b"cnonce", b"rspauth", b"auts"];

/// Lines of a session description that hold nothing but a key: MIKEY (RFC 4567), ICE (RFC 8839),
/// and the old `k=` line of RFC 4566.
const SECRET_LINES: [&[u8]; 3] = [b"a=key-mgmt:", b"a=ice-pwd:", b"k="];

/// Content types whose whole body is pressed digits: no line of it tells anything else.
const DIGITS: [&[u8]; 3] = [
    b"application/dtmf",
    b"application/vnd.nortelnetworks.digits",
    b"audio/telephone-event",
];

/// KPML (RFC 4730) and MSCML (RFC 5022) have them in an attribute.
const DIGITS_ATTRIBUTE: [&[u8]; 2] = [
    b"application/kpml-response+xml",
    b"application/mediaservercontrol+xml",
];

/// What of a body is pressed digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pressed {
    /// Nothing but what every line is looked at for.
    Nothing,
    /// All of it.
    Everything,
    /// What `digits="..."` holds.
    Attribute,
}

/// Blanks the digest values (`response`, `cnonce`) of Authorization and the headers like it,
/// other schemes' credentials whole, the keys of a session description, and pressed digits: they
/// may be the number of a card.
#[must_use]
pub fn without_credentials(raw: &Bytes) -> Bytes {
    let mut out = raw.to_vec();
    let mut at = 0;
    // What the last Content-Type announced, and what of it has begun with the blank line after it.
    let mut announced = Pressed::Nothing;
    let mut pressed = Pressed::Nothing;
    while at < out.len() {
        let mut end = end_of_line(&out, at);
        let is_secret = out.get(at..end).is_some_and(is_secret_header);
        let is_type = out.get(at..end).is_some_and(is_content_type);
        if is_secret || is_type {
            end = end_of_folded(&out, end);
        }
        let Some(line) = out.get_mut(at..end) else {
            break;
        };
        at = end;
        if is_type {
            announced = pressed_in(line);
        } else if line.trim_ascii().is_empty() {
            pressed = announced;
        } else if line.starts_with(b"--") {
            // The boundary of a multipart body.
            (announced, pressed) = (Pressed::Nothing, Pressed::Nothing);
        } else if pressed == Pressed::Everything {
            blank(line.iter_mut());
            continue;
        } else if pressed == Pressed::Attribute {
            blank_param(line, b"digits");
        }
        // What one leaves may be what another looks for: until nothing changes any more.
        let mut open = usize::MAX;
        while open > shown(line) {
            open = shown(line);
            if is_secret {
                blank_credentials(line);
            } else {
                blank_keys(line);
                blank_signal(line);
            }
            blank_uri_passwords(line);
            blank_embedded(line);
        }
    }
    Bytes::from(out)
}

/// Blanks the digest values of a text that is no SIP message, such as the field of a row or an error: wherever a
/// parameter of such a name has a value, and the credentials of a header that begins a line.
#[must_use]
pub fn without_digests(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let signs = ["auth", "response", "nonce", "auts"];
    // Most texts have none, and some are long.
    if !signs.iter().any(|sign| lower.contains(sign)) {
        return text.to_owned();
    }
    let mut out = without_credentials(&Bytes::copy_from_slice(text.as_bytes())).to_vec();
    for param in SECRET_PARAMS.into_iter().chain([b"nonce".as_slice()]) {
        blank_param(&mut out, param);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How many bytes are not blank. Blanking makes them fewer or changes nothing.
fn shown(line: &[u8]) -> usize {
    line.iter().filter(|byte| **byte != BLANK).count()
}

/// Where the line that begins here ends, its line feed included.
fn end_of_line(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default())
        .map_or(bytes.len(), |length| at + length + 1)
}

/// The end of the last line that continues the one before (RFC 3261 section 7.3.1).
fn end_of_folded(bytes: &[u8], mut end: usize) -> usize {
    while matches!(bytes.get(end), Some(b' ' | b'\t')) {
        end = end_of_line(bytes, end);
    }
    end
}

fn is_secret_header(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    SECRET_HEADERS
        .iter()
        .any(|secret| name.trim_ascii().eq_ignore_ascii_case(secret))
}

fn is_content_type(line: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', line) else {
        return false;
    };
    let name = line.get(..colon).unwrap_or_default().trim_ascii();
    name.eq_ignore_ascii_case(b"content-type") || name.eq_ignore_ascii_case(b"c")
}

/// What of the body that this Content-Type announces is pressed digits.
fn pressed_in(header: &[u8]) -> Pressed {
    let mut parts = header.splitn(2, |byte| *byte == b':');
    let value = parts.nth(1).unwrap_or_default();
    let kind = value.split(|byte| *byte == b';').next().unwrap_or_default();
    let kind = kind.trim_ascii();
    let is_one_of = |kinds: &[&[u8]]| kinds.iter().any(|one| kind.eq_ignore_ascii_case(one));
    if is_one_of(&DIGITS) {
        Pressed::Everything
    } else if is_one_of(&DIGITS_ATTRIBUTE) {
        Pressed::Attribute
    } else {
        Pressed::Nothing
    }
}

/// Blanks the digit of `application/dtmf-relay`: `Signal= 5`. Where it stands in another body it is
/// no less a digit.
fn blank_signal(line: &mut [u8]) {
    let indent = line.len() - line.trim_ascii_start().len();
    let rest = line.get(indent..).unwrap_or_default();
    let Some(equals) = memchr::memchr(b'=', rest) else {
        return;
    };
    let name = rest.get(..equals).unwrap_or_default();
    if name.trim_ascii().eq_ignore_ascii_case(b"signal") {
        blank(line.iter_mut().skip(indent + equals + 1));
    }
}

/// Blanks the credentials that a URI bears as a header field of the request to be made, as in
/// `<sip:carol@host?Authorization=Digest%20...>` (RFC 3261 section 19.1.1).
fn blank_embedded(line: &mut [u8]) {
    for name in SECRET_HEADERS {
        let mut from = 0;
        while let Some(after) = find_after(line, from, name) {
            from = after;
            let before = (after - name.len()).checked_sub(1);
            let is_field = matches!(before.and_then(|at| line.get(at)), Some(b'?' | b'&'))
                && line.get(after) == Some(&b'=');
            if is_field {
                let in_value =
                    |byte: &&mut u8| !byte.is_ascii_whitespace() && !b"&<>\"".contains(byte);
                blank(line.iter_mut().skip(after + 1).take_while(in_value));
            }
        }
    }
}

fn blank_credentials(header: &mut [u8]) {
    let colon = memchr::memchr(b':', header).map_or(header.len(), |colon| colon + 1);
    let (name, value) = header.split_at_mut(colon);
    // Authentication-Info has parameters and no scheme word.
    let is_info = find_after(name, 0, b"-info").is_some();
    let is_digest = value.contains(&b'=')
        && value
            .trim_ascii_start()
            .get(..6)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"digest"));
    if !is_info && !is_digest {
        // Basic, Bearer and unknown schemes: everything after the colon is the secret.
        blank(value.iter_mut());
        return;
    }
    for param in SECRET_PARAMS {
        blank_param(value, param);
    }
}

/// Blanks the value of each parameter with this name, whatever quotes it stands in: those of
/// broken messages are not to be trusted.
fn blank_param(value: &mut [u8], name: &[u8]) {
    let mut from = 0;
    while let Some(after) = find_after(value, from, name) {
        from = after;
        let mut rest = value.iter_mut().skip(after).peekable();
        while rest.next_if(|byte| byte.is_ascii_whitespace()).is_some() {}
        if rest.next_if(|byte| **byte == b'=').is_none() {
            continue;
        }
        while rest.next_if(|byte| byte.is_ascii_whitespace()).is_some() {}
        if rest.next_if(|byte| **byte == b'"').is_some() {
            let mut escaped = false;
            blank(rest.take_while(|byte| {
                let ends = **byte == b'"' && !escaped;
                escaped = **byte == b'\\' && !escaped;
                !ends
            }));
        } else {
            blank(rest.take_while(|byte| !byte.is_ascii_whitespace() && **byte != b','));
        }
    }
}

/// Blanks the password of each SIP URI that has one, as in `sip:alice:secret@host` (RFC 3261
/// section 19.1.1).
fn blank_uri_passwords(line: &mut [u8]) {
    for scheme in [b"sip:".as_slice(), b"sips:"] {
        let mut from = 0;
        while let Some(user) = find_after(line, from, scheme) {
            let rest = line.get(user..).unwrap_or_default();
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"@<>\",".contains(byte);
            let end = rest.iter().position(ends).unwrap_or(rest.len());
            // A scheme within what was looked at would end where this one does.
            from = user + end;
            let colon = memchr::memchr(b':', rest.get(..end).unwrap_or_default());
            if let (Some(colon), Some(b'@')) = (colon, rest.get(end)) {
                let password = line.iter_mut().take(user + end).skip(user + colon + 1);
                blank(password);
            }
        }
    }
}

fn blank_keys(line: &mut [u8]) {
    let text = line.trim_ascii_start();
    let indent = line.len() - text.len();
    let key = SECRET_LINES.iter().find(|key| {
        text.get(..key.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(key))
    });
    if let Some(key) = key {
        blank(line.iter_mut().skip(indent + key.len()));
    }
    // SDES (RFC 4568 section 9.2): several keys may stand in one line.
    let mut from = 0;
    while let Some(after) = find_after(line, from, b"inline:") {
        from = after;
        let in_key = |byte: &&mut u8| !b" \t|;".contains(byte);
        blank(line.iter_mut().skip(after).take_while(in_key));
    }
}

/// The place behind the next occurrence of `word`, in any case.
fn find_after(bytes: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    let found = bytes
        .get(from..)?
        .windows(word.len())
        .position(|window| window.eq_ignore_ascii_case(word))?;
    Some(from + found + word.len())
}

/// White space stays: it is what lines are told apart by.
fn blank<'a>(bytes: impl Iterator<Item = &'a mut u8>) {
    for byte in bytes.filter(|byte| !byte.is_ascii_whitespace()) {
        *byte = BLANK;
    }
}
