//! The file format of Kamailio's sipdump module: a block of fields before each message. Reads a
//! field at a time, and no message.

use super::envelope::{self, DEFAULT_PORT, End, Envelope};
use super::time;

/// Takes in a field of the block, if the line is one.
///
/// ```text
/// ====================
/// tag: rcv
/// pid: 1234
/// process: 3
/// time: 1769853600.123456
/// date: Sat Jan 31 10:00:00 2026
/// proto: udp ipv4
/// srcip: 192.0.2.1
/// srcport: 5060
/// dstip: 192.0.2.2
/// dstport: 5060
/// ~~~~~~~~~~~~~~~~~~~~
/// ```
pub(super) fn read(line: &[u8], envelope: &mut Envelope) -> bool {
    let Some((name, value)) = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.split_once(": "))
    else {
        return false;
    };
    let value = value.trim();
    match name {
        "time" => match time::unix(value) {
            Some(written) => envelope.written = Some(written),
            None => return false,
        },
        "proto" => {
            let word = value.split(' ').next().unwrap_or_default();
            match envelope::transport(word) {
                Some(transport) => envelope.transport = Some(transport),
                None => return false,
            }
        }
        "srcip" => set_host(&mut envelope.source, value),
        "dstip" => set_host(&mut envelope.destination, value),
        "srcport" => set_port(&mut envelope.source, value),
        "dstport" => set_port(&mut envelope.destination, value),
        // The time says the same more exactly.
        "tag" | "pid" | "process" | "date" => {}
        _ => return false,
    }
    true
}

fn set_host(end: &mut Option<End>, value: &str) {
    *end = envelope::address(&format!(
        "[{}]:{DEFAULT_PORT}",
        value.trim_matches(['[', ']'])
    ))
    .map(End::Address);
}

fn set_port(end: &mut Option<End>, value: &str) {
    if let (Some(End::Address(address)), Ok(port)) = (end, value.parse()) {
        address.set_port(port);
    }
}
