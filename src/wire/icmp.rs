//! ICMP errors (RFC 792, RFC 4443): a router or host says that a packet could not be delivered. The
//! packet it quotes was not sent again: it is evidence, not a message. Reads of it no more than who
//! wrote to whom, and which call it was about.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What an ICMP error says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IcmpKind {
    /// There is no way to the network.
    NetworkUnreachable,
    /// There is no way to the host, or it does not answer.
    HostUnreachable,
    /// The host knows no such protocol.
    ProtocolUnreachable,
    /// Nothing listens on the port.
    PortUnreachable,
    /// A filter on the way forbids it.
    Prohibited,
    /// The packet is longer than a link on the way allows, and must not be cut.
    TooBig,
    /// The packet went through more routers than it may: a loop.
    TimeExceeded,
    /// Another error.
    Other,
}

impl IcmpKind {
    /// What a type and a code of ICMP mean (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section
    /// 5.2.7.1); `None` where they are no error. A redirect is none: its packet was passed on.
    #[must_use]
    pub fn of_v4(kind: u8, code: u8) -> Option<IcmpKind> {
        const UNREACHABLE: u8 = 3;
        const SOURCE_QUENCH: u8 = 4;
        const TIME_EXCEEDED: u8 = 11;
        const PARAMETER_PROBLEM: u8 = 12;
        Some(match (kind, code) {
            (UNREACHABLE, 0 | 6 | 11) => IcmpKind::NetworkUnreachable,
            (UNREACHABLE, 1 | 7 | 8 | 12) => IcmpKind::HostUnreachable,
            (UNREACHABLE, 2) => IcmpKind::ProtocolUnreachable,
            (UNREACHABLE, 3) => IcmpKind::PortUnreachable,
            (UNREACHABLE, 4) => IcmpKind::TooBig,
            (UNREACHABLE, 9 | 10 | 13..=15) => IcmpKind::Prohibited,
            // The other code is a host that lacked fragments: no loop.
            (TIME_EXCEEDED, 0) => IcmpKind::TimeExceeded,
            (UNREACHABLE | SOURCE_QUENCH | TIME_EXCEEDED | PARAMETER_PROBLEM, _) => IcmpKind::Other,
            _ => return None,
        })
    }

    /// What a type and a code of ICMPv6 mean (RFC 4443 section 3); `None` where they are no error.
    #[must_use]
    pub fn of_v6(kind: u8, code: u8) -> Option<IcmpKind> {
        const UNREACHABLE: u8 = 1;
        const TOO_BIG: u8 = 2;
        const TIME_EXCEEDED: u8 = 3;
        const PARAMETER_PROBLEM: u8 = 4;
        Some(match (kind, code) {
            (UNREACHABLE, 0) => IcmpKind::NetworkUnreachable,
            (UNREACHABLE, 1 | 5 | 6) => IcmpKind::Prohibited,
            (UNREACHABLE, 3) => IcmpKind::HostUnreachable,
            (UNREACHABLE, 4) => IcmpKind::PortUnreachable,
            (TOO_BIG, _) => IcmpKind::TooBig,
            (TIME_EXCEEDED, 0) => IcmpKind::TimeExceeded,
            // An unknown next header.
            (PARAMETER_PROBLEM, 1) => IcmpKind::ProtocolUnreachable,
            // All numbers below 128 are errors, known or not.
            (0..128, _) => IcmpKind::Other,
            _ => return None,
        })
    }
}

/// An ICMP error about a UDP datagram or a TCP segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IcmpError {
    /// When it was seen.
    pub at: Timestamp,
    /// Which file, counted as `sip::Place` does.
    pub file: u32,
    /// Which frame in that file.
    pub frame: u32,
    /// Who says so: a router on the way, or the host itself.
    pub reporter: IpAddr,
    /// What it says.
    pub kind: IcmpKind,
    /// Who had sent the packet that it quotes.
    pub source: SocketAddr,
    /// Where that packet should have gone.
    pub destination: SocketAddr,
    /// Whether it quotes a UDP datagram; else a TCP segment.
    pub udp: bool,
    /// The Call-ID of the SIP message that it quotes, where the quote reaches so far.
    pub call_id: Option<String>,
}

/// The packet that an error quotes, as far as the quote goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who had sent it.
    pub source: SocketAddr,
    /// Where it should have gone.
    pub destination: SocketAddr,
    /// Whether it is a UDP datagram; else a TCP segment.
    pub udp: bool,
    /// The Call-ID of its SIP message, where the quote reaches beyond it.
    pub call_id: Option<String>,
}

/// Reads an ICMP message, or with `v6` an ICMPv6 message, from its type on: what it says, and of
/// which packet. `None` where it is no error, or quotes neither UDP nor TCP with its ports.
#[must_use]
pub fn error(message: &[u8], v6: bool) -> Option<(IcmpKind, Quote)> {
    let (&[kind, code, _, _, first, second, _, _], quoted) = message.split_first_chunk::<8>()?;
    let (what, length) = if v6 {
        let extensible = matches!(kind, 1 | 3);
        let length = extensible.then_some(usize::from(first) * 8);
        (IcmpKind::of_v6(kind, code)?, length)
    } else {
        let extensible = matches!(kind, 3 | 11 | 12);
        let length = extensible.then_some(usize::from(second) * 4);
        (IcmpKind::of_v4(kind, code)?, length)
    };
    // Behind the quote there may be more about the error (RFC 4884 section 4); then its length is
    // given.
    let quoted = match length {
        Some(length) if length > 0 => quoted.get(..length).unwrap_or(quoted),
        _ => quoted,
    };
    Some((what, quote(quoted)?))
}

const TCP: u8 = 6;
const UDP: u8 = 17;

fn quote(bytes: &[u8]) -> Option<Quote> {
    let (source, destination, protocol, rest) = match bytes.first()? >> 4 {
        4 => quoted_v4(bytes)?,
        6 => quoted_v6(bytes)?,
        _ => return None,
    };
    let &[a, b, c, d] = rest.first_chunk()?;
    let data = match protocol {
        UDP => rest.get(8..),
        TCP => rest
            .get(12)
            .and_then(|offset| rest.get(usize::from(offset >> 4) * 4..)),
        _ => return None,
    };
    Some(Quote {
        source: SocketAddr::new(source, u16::from_be_bytes([a, b])),
        destination: SocketAddr::new(destination, u16::from_be_bytes([c, d])),
        udp: protocol == UDP,
        call_id: data.and_then(call_id),
    })
}

/// Addresses, protocol and payload.
type Quoted<'a> = (IpAddr, IpAddr, u8, &'a [u8]);

fn quoted_v4(bytes: &[u8]) -> Option<Quoted<'_>> {
    let header = bytes.first_chunk::<20>()?;
    let &[first, _, high, low, _, _, flags, offset, _, protocol, ..] = header;
    // Ports stand in the first fragment only.
    if u16::from_be_bytes([flags & 0x1f, offset]) != 0 {
        return None;
    }
    let length = usize::from(first & 0x0f) * 4;
    let whole = usize::from(u16::from_be_bytes([high, low]));
    // Padding may follow a short packet. Some senders spoil the length before they quote it.
    let bytes = match bytes.get(..whole) {
        Some(packet) if whole > length => packet,
        _ => bytes,
    };
    let &[.., a, b, c, d, e, f, g, h] = header;
    Some((
        Ipv4Addr::from([a, b, c, d]).into(),
        Ipv4Addr::from([e, f, g, h]).into(),
        protocol,
        bytes.get(length.max(20)..)?,
    ))
}

fn quoted_v6(bytes: &[u8]) -> Option<Quoted<'_>> {
    let (header, mut rest) = bytes.split_first_chunk::<40>()?;
    let &[_, _, _, _, high, low, mut protocol, _, ..] = header;
    let whole = usize::from(u16::from_be_bytes([high, low]));
    if whole > 0 {
        rest = rest.get(..whole).unwrap_or(rest);
    }
    let (_, addresses) = header.split_last_chunk::<32>()?;
    let (source, destination) = addresses.split_first_chunk::<16>()?;
    loop {
        let length = match protocol {
            // Hop by hop, routing, destination options.
            0 | 43 | 60 => (usize::from(*rest.get(1)?) + 1) * 8,
            // A fragment: ports stand in the first one only.
            44 => {
                let &[_, _, high, low, ..] = rest.first_chunk::<8>()?;
                if u16::from_be_bytes([high, low]) >> 3 != 0 {
                    return None;
                }
                8
            }
            // Authentication.
            51 => (usize::from(*rest.get(1)?) + 2) * 4,
            _ => break,
        };
        protocol = *rest.first()?;
        rest = rest.get(length..)?;
    }
    Some((
        Ipv6Addr::from(*source).into(),
        Ipv6Addr::from(*destination.first_chunk::<16>()?).into(),
        protocol,
        rest,
    ))
}

/// The value of the Call-ID header, long or compact (RFC 3261 section 20.8), where the data is SIP
/// and the line ends within it: half of a value names another call, or none.
fn call_id(data: &[u8]) -> Option<String> {
    const VERSION: &[u8] = b"SIP/2.0";
    let mut lines = data
        .split_inclusive(|byte| *byte == b'\n')
        .skip_while(|line| line.trim_ascii().is_empty());
    // A segment may begin within a message, so that any line may tell.
    let mut is_sip = false;
    loop {
        let line = lines.next()?;
        is_sip |= line.windows(VERSION.len()).any(|it| it == VERSION);
        if line.trim_ascii().is_empty() {
            return None;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at_checked(colon)?;
        let name = name.trim_ascii_end();
        if is_sip && (name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"i")) {
            let value = value.strip_prefix(b":")?;
            let whole = value.ends_with(b"\n");
            let value = std::str::from_utf8(value.trim_ascii()).ok()?;
            return (whole && !value.is_empty()).then(|| value.to_owned());
        }
    }
}
