//! The link layer: takes off what stands before the IP header. Knows nothing of IP itself.

/// LINKTYPE numbers (tcpdump.org/linktypes.html).
const NULL: u16 = 0;
const ETHERNET: u16 = 1;
const LOOP: u16 = 108;
const LINUX_SLL: u16 = 113;
const LINUX_SLL2: u16 = 276;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
/// LINKTYPE_RAW, then the numbers that BSDs wrote for the same in older files.
const RAW: [u16; 3] = [101, 12, 14];

const ETHER_IPV4: u16 = 0x0800;
const ETHER_IPV6: u16 = 0x86dd;
/// 802.1Q, 802.1ad and the older numbers for stacked tags.
const ETHER_VLAN: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];
/// A PPPoE session, and what its PPP calls IP; the leading zero byte may be left out.
const ETHER_PPPOE: u16 = 0x8864;
const PPP_IPV4: u8 = 0x21;
const PPP_IPV6: u8 = 0x57;
/// MPLS (RFC 3032, RFC 5332).
const ETHER_MPLS: [u16; 2] = [0x8847, 0x8848];
/// A whole Ethernet frame, as tunnels carry it.
pub(super) const BRIDGED_ETHERNET: u16 = 0x6558;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// An IP packet, perhaps with padding after it.
    Ip(&'a [u8]),
    /// Something else, or too short to tell.
    Other,
    /// The link layer is not one that we read.
    UnknownLink,
}

/// Finds the IP packet in a frame of this LINKTYPE.
pub(super) fn content(link: u16, frame: &[u8]) -> Content<'_> {
    let found = match link {
        ETHERNET => after(frame, 12).and_then(behind_ether_type),
        LINUX_SLL => after(frame, 14).and_then(behind_ether_type),
        // The type comes first, then 18 bytes of interface and address.
        LINUX_SLL2 => number(frame)
            .zip(after(frame, 20))
            .and_then(|(kind, rest)| ip_behind(kind, rest)),
        // Four bytes of address family, in the recording machine's order and its own numbers: the
        // IP version says the same without doubt.
        NULL | LOOP => after(frame, 4),
        IPV4 | IPV6 => Some(frame),
        raw if RAW.contains(&raw) => Some(frame),
        _ => return Content::UnknownLink,
    };
    found.map_or(Content::Other, Content::Ip)
}

/// What follows a two-byte ether type, which stands first.
fn behind_ether_type(bytes: &[u8]) -> Option<&[u8]> {
    ip_behind(number(bytes)?, after(bytes, 2)?)
}

/// The IP packet in what has this ether type.
pub(super) fn ip_behind(mut kind: u16, mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let skipped = match kind {
            ETHER_IPV4 | ETHER_IPV6 => return Some(rest),
            ETHER_PPPOE => return behind_pppoe(rest),
            mpls if ETHER_MPLS.contains(&mpls) => return behind_mpls(rest),
            // Two addresses.
            BRIDGED_ETHERNET => 12,
            // Number and priority.
            vlan if ETHER_VLAN.contains(&vlan) => 2,
            _ => return None,
        };
        kind = number(after(rest, skipped)?)?;
        rest = after(rest, skipped + 2)?;
    }
}

/// Labels of four bytes, of which the last one says so; what they carry is not said, so that only what looks like IP is
/// taken.
fn behind_mpls(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let ([_, _, bottom, _], rest) = bytes.split_first_chunk()?;
        bytes = rest;
        if bottom & 1 != 0 {
            return Some(bytes).filter(|it| matches!(it.first().map(|it| it >> 4), Some(4 | 6)));
        }
    }
}

/// Six bytes of PPPoE, then the PPP protocol.
fn behind_pppoe(bytes: &[u8]) -> Option<&[u8]> {
    match after(bytes, 6)? {
        [0, PPP_IPV4 | PPP_IPV6, ip @ ..] | [PPP_IPV4 | PPP_IPV6, ip @ ..] => Some(ip),
        _ => None,
    }
}

fn number(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().copied().map(u16::from_be_bytes)
}

fn after(bytes: &[u8], count: usize) -> Option<&[u8]> {
    bytes.get(count..)
}
