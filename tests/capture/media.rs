//! What looks like RTP or RTCP is told apart from all else on UDP, and only there.

use super::{address, at, request, shown};
use crate::support::capture_writer::{Link, PCAP, Writer, udp};

fn rtp(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| if at == 0 { 0x80 } else { at as u8 })
        .collect()
}

#[test]
fn media_is_told_by_its_version_and_length() {
    let mut writer = Writer::new(PCAP, 1);
    let payloads: [&[u8]; 8] = [
        &rtp(172),
        &rtp(8),
        &rtp(7),
        &[0xbf; 12],
        &[0x00; 20],
        &[0x40; 20],
        &[0xc0; 20],
        &request(1),
    ];
    for payload in payloads {
        let ip = udp(
            address("192.0.2.1:20000"),
            address("192.0.2.2:30000"),
            payload,
        );
        writer.ip(at(0), &ip);
    }
    let shown = shown(&writer.bytes);
    let expected: Vec<_> = [1, 2, 4]
        .map(|frame: u32| (frame, payloads[frame as usize - 1].to_vec(), 0))
        .into();
    assert_eq!(shown.media, expected);
    assert_eq!(shown.packets.len(), 1);
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn bytes_that_the_snap_length_cut_are_counted() {
    let ip = udp(
        address("192.0.2.1:20000"),
        address("192.0.2.2:30000"),
        &rtp(172),
    );
    let mut writer = Writer::new(PCAP, 101);
    writer.frame(at(0), &ip[..28 + 54]);
    writer.frame(at(0), &Link::Raw.frame(&ip));
    let shown = shown(&writer.bytes);
    assert_eq!(
        shown.media,
        [(1, rtp(172)[..54].to_vec(), 172 - 54), (2, rtp(172), 0)]
    );
}
