//! Lines that sniffers write before a message: `SOURCE -> DESTINATION`, with what stands around
//! it. Knows sngrep, ngrep, sipgrep, Homer and tcpdump; reads no message.

use memchr::memmem;

use super::envelope::{self, End, Envelope};
use super::time;
use crate::sip::Transport;

/// Between the two ends, the longest first.
const ARROWS: [&str; 7] = [
    " ---> ",
    " --> ",
    " -> ",
    " => ",
    " \u{2192} ",
    " > ",
    "\t->\t",
];

/// What such a line says.
///
/// ```text
/// 2026/01/31 10:00:00.123456 192.0.2.1:5060 -> 192.0.2.2:5060              sngrep
/// proto:UDP 2026-01-31T10:00:00.123456Z  192.0.2.1:5060 ---> 192.0.2.2:5060   Homer
/// U 2026/01/31 10:00:00.123456 192.0.2.1:5060 -> 192.0.2.2:5060 #12        ngrep -t
/// T +0.000123 192.0.2.1:5060 -> 192.0.2.2:5060 [AP]                        ngrep -T
/// 10:00:00.123456 IP 192.0.2.1.5060 > 192.0.2.2.5060: SIP: INVITE …        tcpdump
/// ```
pub(super) fn read(line: &[u8]) -> Option<Envelope> {
    memmem::find(line, b"> ").or_else(|| memmem::find(line, "\u{2192}".as_bytes()))?;
    let line = String::from_utf8_lossy(line);
    ARROWS.iter().find_map(|arrow| {
        let (before, after) = line.split_once(arrow)?;
        read_parts(before, after, *arrow == " > ")
    })
}

fn read_parts(before: &str, after: &str, dotted: bool) -> Option<Envelope> {
    let from = before.split_whitespace().next_back()?;
    let to = after.split_whitespace().next()?;
    let around = before.get(..before.len() - from.len()).unwrap_or_default();
    let first = around.split_whitespace().next().unwrap_or_default();
    let mut written = time::find(before.as_bytes());
    for word in around.split_whitespace() {
        written = written.or_else(|| time::since(word));
    }
    let transport = transport(first);
    let (source, destination) = if dotted {
        (dotted_port(from)?, dotted_port(to.trim_end_matches(':'))?)
    } else {
        (envelope::end(from)?, envelope::end(to)?)
    };
    // Two host names with an arrow between them may stand in any text.
    let named = |end: &End| matches!(end, End::Named(..));
    if (named(&source) || named(&destination)) && written.is_none() && transport.is_none() {
        return None;
    }
    Some(Envelope {
        written,
        source: Some(source),
        destination: Some(destination),
        transport,
    })
}

/// ngrep's letter, Homer's `proto:`.
fn transport(word: &str) -> Option<Transport> {
    match word.split('(').next()? {
        "U" => Some(Transport::Udp),
        "T" => Some(Transport::Tcp),
        word => envelope::transport(word.strip_prefix("proto:")?),
    }
}

/// tcpdump puts a dot before the port.
fn dotted_port(text: &str) -> Option<End> {
    let (host, port) = text.rsplit_once('.')?;
    envelope::end(&format!("[{host}]:{port}")).or_else(|| envelope::end(&format!("{host}:{port}")))
}
