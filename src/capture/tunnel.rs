//! IP packets inside IP packets: IP in IP, GRE and ERSPAN, VXLAN, Geneve and GTP-U. Takes off one tunnel; what is
//! inside goes through the layers again.

use etherparse::ip_number;

use super::ip::IpPacket;
use super::link;

/// Assigned, and what Linux took before that.
const VXLAN_PORT: u16 = 4789;
const OLD_VXLAN_PORT: u16 = 8472;
const GENEVE_PORT: u16 = 6081;
const GTP_U_PORT: u16 = 2152;

/// GRE flags (RFC 2784, RFC 2890): fields that are there, and what is not read.
const GRE_CHECKSUM: u16 = 0x8000;
const GRE_ROUTING: u16 = 0x4000;
const GRE_KEY: u16 = 0x2000;
const GRE_SEQUENCE: u16 = 0x1000;
const GRE_VERSION: u16 = 0x0007;

/// What GRE calls a mirrored frame.
const ERSPAN: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;

/// The IP packet in one of another protocol than UDP.
pub(super) fn in_ip<'a>(ip: &IpPacket<'a>) -> Option<&'a [u8]> {
    match ip.protocol {
        ip_number::IPV4 | ip_number::IPV6 => Some(ip.payload),
        ip_number::GRE => in_gre(ip.payload),
        _ => None,
    }
}

/// The IP packet in a UDP datagram to this port.
pub(super) fn in_datagram(port: u16, payload: &[u8]) -> Option<&[u8]> {
    match port {
        VXLAN_PORT | OLD_VXLAN_PORT => in_vxlan(payload),
        GENEVE_PORT => in_geneve(payload),
        GTP_U_PORT => in_gtp_u(payload),
        _ => None,
    }
}

fn in_gre(bytes: &[u8]) -> Option<&[u8]> {
    let ([flags @ .., kind_high, kind_low], rest) = bytes.split_first_chunk::<4>()?;
    let flags = u16::from_be_bytes(*flags.first_chunk()?);
    if flags & (GRE_ROUTING | GRE_VERSION) != 0 {
        return None;
    }
    let fields = [GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE];
    let there = fields.iter().filter(|field| flags & **field != 0).count();
    let kind = u16::from_be_bytes([*kind_high, *kind_low]);
    let rest = rest.get(there * 4..)?;
    match kind {
        ERSPAN | ERSPAN_3 => in_erspan(kind, flags, rest),
        kind => link::ip_behind(kind, rest),
    }
}

/// The frame that a switch mirrored: what stands before it depends on the version (draft-foschiano-erspan, section 4).
fn in_erspan(kind: u16, flags: u16, bytes: &[u8]) -> Option<&[u8]> {
    let header = match kind {
        // The first version has no header, and its GRE no sequence number.
        ERSPAN if flags & GRE_SEQUENCE == 0 => 0,
        ERSPAN => 8,
        // The last bit says that eight more bytes follow.
        _ => 12 + 8 * usize::from(bytes.get(11)? & 1),
    };
    link::ip_behind(link::BRIDGED_ETHERNET, bytes.get(header..)?)
}

/// RFC 8926 section 3.4: the length of the options in units of four bytes, and what is carried.
fn in_geneve(bytes: &[u8]) -> Option<&[u8]> {
    let ([first, _, high, low, ..], rest) = bytes.split_first_chunk::<8>()?;
    if first & 0xc0 != 0 {
        return None;
    }
    let options = usize::from(first & 0x3f) * 4;
    link::ip_behind(u16::from_be_bytes([*high, *low]), rest.get(options..)?)
}

/// RFC 7348: eight bytes, of which the first says that there is a network number.
fn in_vxlan(bytes: &[u8]) -> Option<&[u8]> {
    let (header, frame) = bytes.split_first_chunk::<8>()?;
    if header.first()? & 0x08 == 0 {
        return None;
    }
    link::ip_behind(link::BRIDGED_ETHERNET, frame)
}

/// 3GPP TS 29.281, section 5: a user's packet, behind any extension headers.
fn in_gtp_u(bytes: &[u8]) -> Option<&[u8]> {
    const USER_PACKET: u8 = 255;
    let ([flags, kind, ..], rest) = bytes.split_first_chunk::<8>()?;
    // Version 1 of GTP itself, not of its billing sibling.
    if flags & 0xf0 != 0x30 || *kind != USER_PACKET {
        return None;
    }
    if flags & 0x07 == 0 {
        return Some(rest);
    }
    // Sequence number, N-PDU number and type of the extension stand there if any one does.
    let (&[_, _, _, mut extension], mut rest) = rest.split_first_chunk::<4>()?;
    if flags & 0x04 == 0 {
        return Some(rest);
    }
    while extension != 0 {
        // In units of four bytes; the last byte is the type of the next one.
        let length = usize::from(*rest.first()?) * 4;
        extension = *rest.get(length.checked_sub(1)?)?;
        rest = rest.get(length..)?;
    }
    Some(rest)
}
