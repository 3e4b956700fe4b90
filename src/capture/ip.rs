//! IPv4 and IPv6: addresses and payload of one packet. Does not put fragments together.

use std::net::IpAddr;

use etherparse::{
    IpNumber, Ipv6FragmentHeader, Ipv6FragmentHeaderSlice, LaxIpSlice, LaxIpv6Slice, ip_number,
};

/// One IP packet, or the part of it that was captured.
#[derive(Debug, Clone, Copy)]
pub(super) struct IpPacket<'a> {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: IpNumber,
    pub(super) part: Part,
    /// Without the padding that Ethernet adds to short frames.
    pub(super) payload: &'a [u8],
    /// Payload bytes that were sent and not captured.
    pub(super) missing: usize,
}

/// Which part of the sender's packet this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    FirstFragment,
    LaterFragment,
}

/// Reads the packet at the beginning of `bytes`; `None` if there is none.
pub(super) fn packet(bytes: &[u8]) -> Option<IpPacket<'_>> {
    let (ip, trouble) = LaxIpSlice::from_slice(bytes).ok()?;
    if trouble.is_some() {
        return None;
    }
    let (declared, part) = match &ip {
        LaxIpSlice::Ipv4(it) => {
            let header = it.header();
            let extensions = it.extensions().auth.map_or(0, |auth| auth.slice().len());
            let whole = usize::from(header.total_len());
            let part = match (
                header.is_fragmenting_payload(),
                header.fragments_offset().value(),
            ) {
                (false, _) => Part::Whole,
                (true, 0) => Part::FirstFragment,
                (true, _) => Part::LaterFragment,
            };
            (
                whole.saturating_sub(header.slice().len() + extensions),
                part,
            )
        }
        LaxIpSlice::Ipv6(it) => {
            let whole = usize::from(it.header().payload_length());
            (
                whole.saturating_sub(it.extensions().slice().len()),
                part_of_v6(it),
            )
        }
    };
    let payload = ip.payload();
    Some(IpPacket {
        source: ip.source_addr(),
        destination: ip.destination_addr(),
        protocol: payload.ip_number,
        part,
        payload: payload.payload,
        missing: if payload.incomplete {
            declared.saturating_sub(payload.payload.len())
        } else {
            0
        },
    })
}

fn part_of_v6(ip: &LaxIpv6Slice<'_>) -> Part {
    if !ip.is_payload_fragmented() {
        return Part::Whole;
    }
    // The fragment header is the first extension or, after those for every hop, the last one.
    let extensions = ip.extensions();
    let bytes = extensions.slice();
    let header = if extensions.first_header() == Some(ip_number::IPV6_FRAG) {
        Some(bytes)
    } else {
        bytes
            .len()
            .checked_sub(Ipv6FragmentHeader::LEN)
            .and_then(|from| bytes.get(from..))
    };
    match header.map(Ipv6FragmentHeaderSlice::from_slice) {
        Some(Ok(it)) if it.fragment_offset().value() == 0 => Part::FirstFragment,
        _ => Part::LaterFragment,
    }
}
