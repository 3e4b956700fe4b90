//! Writes ICMP errors as IP packets. Shares no code with the reader that it tests.

use etherparse::{IpNumber, PacketBuilder};

/// The error of a router about a quoted packet; `second` are the four bytes before the quote.
pub fn error(v6: bool, kind: u8, code: u8, second: [u8; 4], quoted: &[u8]) -> Vec<u8> {
    let message = [&[kind, code, 0, 0], &second[..], quoted].concat();
    let mut packet = Vec::new();
    if v6 {
        PacketBuilder::ipv6([0xfd; 16], [0xfc; 16], 64).write(&mut packet, IpNumber(58), &message)
    } else {
        PacketBuilder::ipv4([10, 9, 0, 1], [10, 9, 0, 2], 64).write(
            &mut packet,
            IpNumber(1),
            &message,
        )
    }
    .unwrap();
    packet
}

/// Who reports, in [`error`].
pub fn reporter(v6: bool) -> std::net::IpAddr {
    if v6 {
        [0xfd; 16].into()
    } else {
        [10, 9, 0, 1].into()
    }
}
