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
            .and_then(|(kind, rest)| by_type(kind, rest)),
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
    by_type(number(bytes)?, after(bytes, 2)?)
}

fn by_type(mut kind: u16, mut rest: &[u8]) -> Option<&[u8]> {
    while ETHER_VLAN.contains(&kind) {
        // A tag is two bytes of number and priority, then the next type.
        kind = number(after(rest, 2)?)?;
        rest = after(rest, 4)?;
    }
    matches!(kind, ETHER_IPV4 | ETHER_IPV6).then_some(rest)
}

fn number(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().copied().map(u16::from_be_bytes)
}

fn after(bytes: &[u8], count: usize) -> Option<&[u8]> {
    bytes.get(count..)
}
