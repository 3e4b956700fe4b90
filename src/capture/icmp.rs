//! ICMP errors as they are found in IP packets. Hands out no message that one quotes: it was not
//! sent again. What an error says is read in `wire::icmp`.

use etherparse::ip_number;

use crate::wire::IcmpError;
use crate::wire::icmp;

use super::container::Stamp;
use super::ip::IpPacket;

/// Whether the packet is one of ICMP, whatever it says.
pub(super) fn is_icmp(ip: &IpPacket<'_>) -> bool {
    matches!(ip.protocol, ip_number::ICMP | ip_number::IPV6_ICMP)
}

/// The error that the packet is, where it is one about UDP or TCP.
pub(super) fn error(ip: &IpPacket<'_>, stamp: Stamp, file: u32) -> Option<IcmpError> {
    let (kind, quote) = match ip.protocol {
        ip_number::ICMP => icmp::error(ip.payload, false)?,
        ip_number::IPV6_ICMP => icmp::error(ip.payload, true)?,
        _ => return None,
    };
    Some(IcmpError {
        at: stamp.at,
        file,
        frame: stamp.frame,
        reporter: ip.source,
        kind,
        source: quote.source,
        destination: quote.destination,
        udp: quote.udp,
        call_id: quote.call_id,
    })
}
