//! IPv4 and IPv6: addresses, protocol and payload of one packet, behind its extension headers. A
//! fragment is told as such; `fragments` puts it together with the others.

use std::net::IpAddr;

use etherparse::{IpNumber, Ipv4HeaderSlice, Ipv6HeaderSlice, ip_number};

/// One IP packet, or the part of it that was captured.
#[derive(Debug, Clone, Copy)]
pub(super) struct IpPacket<'a> {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    /// What the payload is; of a fragment, what the whole is.
    pub(super) protocol: IpNumber,
    /// Where it belongs in the sender's packet, if it is not the whole of it.
    pub(super) fragment: Option<Fragment>,
    /// Without the padding that Ethernet adds to short frames.
    pub(super) payload: &'a [u8],
    /// Payload bytes that were sent and not captured.
    pub(super) missing: usize,
}

/// Which part of the sender's packet this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    /// The same in all fragments of a packet.
    pub(super) id: u32,
    /// Where the payload stands in that of the whole.
    pub(super) offset: usize,
    /// Whether others follow.
    pub(super) more: bool,
}

/// Reads the packet at the beginning of `bytes`; `None` if there is none.
pub(super) fn packet(bytes: &[u8]) -> Option<IpPacket<'_>> {
    match bytes.first()? >> 4 {
        4 => v4(bytes),
        6 => v6(bytes),
        _ => None,
    }
}

fn v4(bytes: &[u8]) -> Option<IpPacket<'_>> {
    let header = Ipv4HeaderSlice::from_slice(bytes).ok()?;
    let length = header.slice().len();
    let declared = match usize::from(header.total_len()) {
        // A network card that cuts packets up itself leaves the length to be filled in.
        0 => None,
        whole => Some(whole.checked_sub(length)?),
    };
    let (payload, missing) = split(bytes.get(length..)?, declared);
    let packet = IpPacket {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: header.protocol(),
        fragment: header.is_fragmenting_payload().then(|| Fragment {
            id: header.identification().into(),
            offset: usize::from(header.fragments_offset().value()) * 8,
            more: header.more_fragments(),
        }),
        payload,
        missing,
    };
    match packet.fragment {
        // Its beginning is that of the payload in the first one only.
        Some(_) => Some(packet),
        None => packet.behind_extensions(),
    }
}

fn v6(bytes: &[u8]) -> Option<IpPacket<'_>> {
    let header = Ipv6HeaderSlice::from_slice(bytes).ok()?;
    let declared = match usize::from(header.payload_length()) {
        0 => None,
        length => Some(length),
    };
    let (payload, missing) = split(bytes.get(header.slice().len()..)?, declared);
    IpPacket {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: header.next_header(),
        fragment: None,
        payload,
        missing,
    }
    .behind_extensions()
}

/// The payload without what stands after it, and how many bytes of it were not captured.
fn split(rest: &[u8], declared: Option<usize>) -> (&[u8], usize) {
    let declared = declared.unwrap_or(rest.len());
    let payload = rest.get(..declared).unwrap_or(rest);
    (payload, declared - payload.len())
}

impl IpPacket<'_> {
    /// The packet with its extension headers passed over, up to one that makes it a fragment.
    /// `None` if they are cut.
    pub(super) fn behind_extensions(mut self) -> Option<Self> {
        loop {
            let length = match self.protocol {
                ip_number::IPV6_HEADER_HOP_BY_HOP
                | ip_number::IPV6_ROUTE_HEADER
                | ip_number::IPV6_DESTINATION_OPTIONS
                | ip_number::MOBILITY_HEADER
                | ip_number::HIP
                | ip_number::SHIM6 => (usize::from(*self.payload.get(1)?) + 1) * 8,
                ip_number::AUTHENTICATION_HEADER => (usize::from(*self.payload.get(1)?) + 2) * 4,
                ip_number::IPV6_FRAGMENTATION_HEADER => {
                    let [_, _, high, low, id @ ..] = *self.payload.first_chunk::<8>()?;
                    let position = u16::from_be_bytes([high, low]);
                    let fragment = Fragment {
                        id: u32::from_be_bytes(id),
                        offset: usize::from(position & !7),
                        more: position & 1 == 1,
                    };
                    // The header may also say that the packet is whole (RFC 6946).
                    if fragment.more || fragment.offset > 0 {
                        self.fragment = Some(fragment);
                    }
                    8
                }
                _ => return Some(self),
            };
            self.protocol = IpNumber(*self.payload.first()?);
            self.payload = self.payload.get(length..)?;
            if self.fragment.is_some() {
                return Some(self);
            }
        }
    }
}
