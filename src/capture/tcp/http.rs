//! The HTTP heads by which a connection becomes WebSocket (RFC 6455 section 4). Reads no other HTTP:
//! what follows another head is looked at as bytes of an unknown protocol.

use super::framer::{Reader, Step};
use super::sip::{LONGEST_HEAD, head_length};
use super::unknown::Unknown;
use super::websocket::WebSocket;

/// A head, of which so many bytes have been searched for its end.
pub(super) struct Http {
    searched: usize,
}

impl Http {
    pub(super) fn new() -> Http {
        Http { searched: 0 }
    }

    pub(super) fn step(&mut self, rest: &[u8]) -> Step {
        let Some(length) = head_length(rest, self.searched) else {
            if rest.len() > LONGEST_HEAD {
                return Step::Become(rest.len(), Reader::Unknown(Unknown::new(false)));
            }
            // The last three bytes may be the beginning of the blank line.
            self.searched = rest.len().saturating_sub(3);
            return Step::Wait;
        };
        let reader = match rest.get(..length).and_then(upgrade) {
            Some(sip) => Reader::WebSocket(WebSocket::upgraded(sip)),
            None => Reader::Unknown(Unknown::new(false)),
        };
        Step::Become(length, reader)
    }
}

/// Whether a head asks for or grants WebSocket: then, whether for SIP (RFC 7118 section 4).
fn upgrade(head: &[u8]) -> Option<bool> {
    let first = head.split(|byte| *byte == b'\n').next()?;
    let asks = first.starts_with(b"GET ");
    let grants = first.starts_with(b"HTTP/1.") && first.get(8..12) == Some(b" 101");
    let any = |name, word| values(head, name).any(|value| value.eq_ignore_ascii_case(word));
    ((asks || grants) && any(b"upgrade", b"websocket"))
        .then(|| any(b"sec-websocket-protocol", b"sip"))
}

/// The values of this header, which may be lists.
fn values<'a>(head: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    head.split(|byte| *byte == b'\n')
        .filter_map(move |line| {
            let (found, value) = line.split_at_checked(name.len())?;
            let value = value.trim_ascii_start().strip_prefix(b":")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}
