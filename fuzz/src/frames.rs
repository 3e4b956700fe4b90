//! Puts bytes into frames and frames into a capture, cheaply and without checksums. Shares no code
//! with the reader.

use std::net::Ipv4Addr;

/// Who talks: the one, the other.
pub const END: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];

/// A pcap file in the making; a frame a millisecond.
pub struct Capture {
    pub bytes: Vec<u8>,
    frames: u32,
}

impl Capture {
    pub fn new(link: u16) -> Capture {
        let mut bytes = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0".to_vec();
        bytes.extend(u32::from(link).to_le_bytes());
        Capture { bytes, frames: 0 }
    }

    /// A frame, without so many of its last bytes.
    pub fn frame(&mut self, frame: &[u8], cut: usize) {
        let captured = &frame[..frame.len().saturating_sub(cut)];
        let second = 1_771_233_000 + self.frames / 1000;
        let micros = self.frames % 1000 * 1000;
        self.frames += 1;
        let lengths = [captured.len(), frame.len()].map(|it| u32::try_from(it).unwrap());
        for word in [second, micros, lengths[0], lengths[1]] {
            self.bytes.extend(word.to_le_bytes());
        }
        self.bytes.extend(captured);
    }
}

/// An IP packet from the one to the other.
pub fn packet(v6: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    between(0, v6, protocol, payload)
}

fn between(by: usize, v6: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(40 + payload.len());
    let length = u16::try_from(payload.len()).unwrap();
    let ends = [END[by], END[1 - by]];
    if v6 {
        packet.extend([0x60, 0, 0, 0]);
        packet.extend(length.to_be_bytes());
        packet.extend([protocol, 64]);
        for end in ends {
            packet.extend(end.to_ipv6_mapped().octets());
        }
    } else {
        packet.extend([0x45, 0]);
        packet.extend((length + 20).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
        for end in ends {
            packet.extend(end.octets());
        }
    }
    packet.extend(payload);
    packet
}

/// A UDP header and its payload.
pub fn udp([from, to]: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    let head = [from, to, length, 0].map(u16::to_be_bytes);
    [head.as_flattened(), payload].concat()
}

/// A UDP datagram as an IP packet.
pub fn datagram(ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    packet(false, 17, &udp(ports, payload))
}

/// A TCP connection: its ports and where the next byte of each side stands.
pub struct Conversation {
    ports: [u16; 2],
    pub next: [u32; 2],
}

impl Conversation {
    pub fn new(ports: [u16; 2]) -> Conversation {
        Conversation {
            ports,
            next: [1000, u32::MAX - 1000],
        }
    }

    /// The next segment of a side as an IP packet. Of the flags the lowest two bits count: nothing,
    /// SYN, FIN, RST.
    pub fn segment(&mut self, by: usize, flags: u8, payload: &[u8]) -> Vec<u8> {
        const ACK: u8 = 0x10;
        let bits = [ACK, 2, ACK | 1, 4][usize::from(flags & 3)];
        let mut segment = Vec::with_capacity(20 + payload.len());
        segment.extend(self.ports[by].to_be_bytes());
        segment.extend(self.ports[1 - by].to_be_bytes());
        segment.extend(self.next[by].to_be_bytes());
        segment.extend([0, 0, 0, 1, 0x50, bits, 0x20, 0, 0, 0, 0, 0]);
        segment.extend(payload);
        let length = u32::try_from(payload.len()).unwrap() + u32::from(bits & 3 != 0);
        self.next[by] = self.next[by].wrapping_add(length);
        between(by, false, 6, &segment)
    }
}

/// The bytes as a gzip file that does not make them shorter.
pub fn stored(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let fast = flate2::Compression::none();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), fast);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
