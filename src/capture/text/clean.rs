//! What terminals and log writers did to a line, undone: colours, escaped line ends, JSON strings.
//! Changes nothing else, and never joins lines.

use std::borrow::Cow;

use memchr::memmem;

const ESCAPE: u8 = 0x1b;

/// The line without terminal colours, a byte order mark, and its own end in any spelling.
pub(super) fn line(line: &[u8]) -> Cow<'_, [u8]> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let mut line = without_end(line);
    if !line.contains(&ESCAPE) {
        return Cow::Borrowed(line);
    }
    let mut plain = Vec::with_capacity(line.len());
    while let Some(at) = memchr::memchr(ESCAPE, line) {
        let (before, rest) = line.split_at(at);
        plain.extend_from_slice(before);
        // ECMA-48: ESC, "[", parameters, and one byte from "@" to "~" that ends them.
        let sequence = match rest.get(1) {
            Some(b'[') => rest
                .iter()
                .skip(2)
                .position(|byte| matches!(byte, b'@'..=b'~'))
                .map_or(rest.len(), |end| end + 3),
            Some(_) => 2,
            None => 1,
        };
        line = rest.get(sequence..).unwrap_or_default();
    }
    plain.extend_from_slice(line);
    let end = without_end(&plain).len();
    plain.truncate(end);
    Cow::Owned(plain)
}

/// Takes off CR as it is, as rsyslog writes it (`#015`), as C and JSON do (`\r\n`), and as `cat -v`
/// does (`^M`).
fn without_end(mut line: &[u8]) -> &[u8] {
    const ENDS: [&[u8]; 6] = [b"\r", b"#015#012", b"#015", b"\\r\\n", b"\\r", b"^M"];
    while let Some(shorter) = ENDS.iter().find_map(|end| line.strip_suffix(*end)) {
        line = shorter;
    }
    line
}

/// The lines that were written into one, where it holds a SIP message that was.
pub(super) fn unescaped(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    memmem::find(line, b"SIP/2.0")?;
    if memmem::find(line, b"#012").is_some() {
        return Some(octal(line));
    }
    memmem::find(line, b"\\n").map(|_| backslashes(line))
}

/// rsyslog's way: `#` and three octal digits for each control character.
fn octal(line: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let code = (*first == b'#').then(|| after.get(..3)).flatten();
        match code {
            Some(b"012") => lines.push(Vec::new()),
            Some(b"015") => {}
            Some(b"011") => push(&mut lines, b'\t'),
            _ => {
                push(&mut lines, *first);
                continue;
            }
        }
        rest = after.get(3..).unwrap_or_default();
    }
    lines
}

/// The way of JSON and C: a string ends at its quote, and what follows it is another line.
fn backslashes(line: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    // Within quotes only where one stands open before the message.
    let start = memmem::find(line, b"SIP/2.0").unwrap_or_default();
    let before = line.get(..start).unwrap_or_default();
    let quotes = before.iter().filter(|byte| **byte == b'"').count()
        - memmem::find_iter(before, b"\\\"").count();
    let mut quoted = quotes % 2 == 1;
    let mut rest = line;
    let mut at = 0;
    while let Some((first, after)) = rest.split_first() {
        let length = match (first, after) {
            (b'\\', [b'n', ..]) => {
                lines.push(Vec::new());
                2
            }
            (b'\\', [b'r', ..]) => 2,
            (b'\\', [b't', ..]) => {
                push(&mut lines, b'\t');
                2
            }
            (b'\\', [b'u', digits @ ..]) if character(digits).is_some() => {
                let c = character(digits).unwrap_or_default();
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    push(&mut lines, byte);
                }
                6
            }
            (b'\\', [byte @ (b'"' | b'\\' | b'/'), ..]) => {
                push(&mut lines, *byte);
                2
            }
            (b'"', _) if quoted && at > start => {
                quoted = false;
                lines.push(Vec::new());
                1
            }
            _ => {
                push(&mut lines, *first);
                1
            }
        };
        at += length;
        rest = rest.get(length..).unwrap_or_default();
    }
    lines
}

fn character(digits: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

fn push(lines: &mut [Vec<u8>], byte: u8) {
    if let Some(line) = lines.last_mut() {
        line.push(byte);
    }
}
