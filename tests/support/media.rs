//! RTP and RTCP as bytes, and the media of a capture as the program counts it. The bytes are put
//! together here, with no code of the reader.

use std::net::SocketAddr;
use std::path::Path;

use calltriage::capture::{Item, read_items};
use calltriage::sip::{Endpoint, Packet, endpoints};
use calltriage::wire::media::{Collector, MediaPacket, MediaStream, Wanted, WantedFormat};
use jiff::Timestamp;

/// A time of day 2026-02-16, in microseconds after 09:10:00 UTC, where written calls begin.
pub fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(super::trace::START * 1_000_000 + micros).unwrap()
}

/// A packet of RTP with 160 bytes of sound.
pub fn rtp(payload_type: u8, sequence: u16, timestamp: u32, ssrc: u32) -> Vec<u8> {
    [
        &[0x80, payload_type][..],
        &sequence.to_be_bytes(),
        &timestamp.to_be_bytes(),
        &ssrc.to_be_bytes(),
        &[0x55; 160],
    ]
    .concat()
}

/// One report block: SSRC, 256ths lost, lost in all, jitter.
pub type Block = (u32, u8, i32, u32);

/// A sender report with these blocks.
pub fn sender_report(ssrc: u32, blocks: &[Block]) -> Vec<u8> {
    report(200, ssrc, &[7; 20], blocks)
}

/// A receiver report with these blocks.
pub fn receiver_report(ssrc: u32, blocks: &[Block]) -> Vec<u8> {
    report(201, ssrc, &[], blocks)
}

fn report(kind: u8, ssrc: u32, info: &[u8], blocks: &[Block]) -> Vec<u8> {
    let words = 1 + info.len() / 4 + 6 * blocks.len();
    let mut bytes = vec![0x80 | u8::try_from(blocks.len()).unwrap(), kind];
    bytes.extend(u16::try_from(words).unwrap().to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend(info);
    for (ssrc, fraction, lost, jitter) in blocks {
        bytes.extend(ssrc.to_be_bytes());
        bytes.push(*fraction);
        bytes.extend(&lost.to_be_bytes()[1..]);
        bytes.extend(4000_u32.to_be_bytes());
        bytes.extend(jitter.to_be_bytes());
        bytes.extend([1; 8]);
    }
    bytes
}

/// What a source has to want of what the messages announce.
pub fn wanted(endpoint: Endpoint) -> Wanted {
    Wanted {
        address: endpoint.address,
        rtcp: endpoint.rtcp,
        from: endpoint.from,
        to: endpoint.to,
        answered: endpoint.answered,
        formats: endpoint
            .formats
            .into_iter()
            .map(|format| WantedFormat {
                payload_type: format.payload_type,
                clock_rate: format.clock_rate,
                is_event: format.is_event,
                is_audio: format.is_audio,
            })
            .collect(),
    }
}

/// The media of all calls in a capture.
pub fn of_capture(path: &Path) -> (Vec<Packet>, Vec<MediaStream>) {
    let open = || std::fs::File::open(path).unwrap();
    let mut packets = Vec::new();
    read_items(open(), path, 0, &mut |item| {
        if let Item::Message(seen) = item {
            packets.push(seen.packet());
        }
    })
    .unwrap();
    let mut collector = Collector::new(endpoints(&packets).into_iter().map(wanted));
    read_items(open(), path, 0, &mut |item| {
        if let Item::Media(datagram) = item {
            collector.push(&MediaPacket {
                at: datagram.at,
                file: datagram.place.file,
                source: datagram.source,
                destination: datagram.destination,
                payload: datagram.payload,
                missing: datagram.missing,
            });
        }
    })
    .unwrap();
    (packets, collector.finish())
}

/// One address that is wanted from the beginning to the end, PCMU and telephone events.
pub fn always(address: &str) -> Wanted {
    let address: SocketAddr = address.parse().unwrap();
    Wanted {
        address,
        rtcp: SocketAddr::new(address.ip(), address.port() + 1),
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        answered: None,
        formats: vec![
            WantedFormat {
                payload_type: 0,
                clock_rate: 8000,
                is_event: false,
                is_audio: true,
            },
            WantedFormat {
                payload_type: 101,
                clock_rate: 8000,
                is_event: true,
                is_audio: true,
            },
        ],
    }
}
