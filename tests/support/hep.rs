//! Writes HEP packets. Shares no code with the reader that it tests.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use jiff::Timestamp;

use super::capture_writer::gzip;

/// How a payload is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Zlib,
    Gzip,
}

/// One packet of what an agent saw.
#[derive(Debug, Clone, Copy)]
pub struct Hep<'a> {
    pub at: Timestamp,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// The protocol number of IP.
    pub protocol: u8,
    /// The type of the payload: 1 is SIP.
    pub kind: u8,
    pub packing: Packing,
    pub payload: &'a [u8],
}

/// A chunk: vendor, type, value.
pub type Chunk = (u16, u16, Vec<u8>);

impl Hep<'_> {
    /// The chunks of version 3.
    pub fn chunks(&self) -> Vec<Chunk> {
        let seconds = u32::try_from(self.at.as_second()).unwrap();
        let micros = u32::try_from(self.at.subsec_microsecond()).unwrap();
        let mut chunks = vec![(0, 2, vec![self.protocol])];
        match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => chunks.extend([
                (0, 1, vec![2]),
                (0, 3, from.octets().to_vec()),
                (0, 4, to.octets().to_vec()),
            ]),
            (IpAddr::V6(from), IpAddr::V6(to)) => chunks.extend([
                (0, 1, vec![10]),
                (0, 5, from.octets().to_vec()),
                (0, 6, to.octets().to_vec()),
            ]),
            _ => panic!("two families in one packet"),
        }
        chunks.extend([
            (0, 7, self.source.port().to_be_bytes().to_vec()),
            (0, 8, self.destination.port().to_be_bytes().to_vec()),
            (0, 9, seconds.to_be_bytes().to_vec()),
            (0, 10, micros.to_be_bytes().to_vec()),
            (0, 11, vec![self.kind]),
            (0, 12, vec![0, 0, 7, 0xd1]),
            (0, 17, b"a-correlation-id".to_vec()),
            match self.packing {
                Packing::Plain => (0, 15, self.payload.to_vec()),
                Packing::Zlib => (0, 16, zlib(self.payload)),
                Packing::Gzip => (0, 16, gzip(self.payload)),
            },
        ]);
        chunks
    }

    pub fn v3(&self) -> Vec<u8> {
        assemble(&self.chunks())
    }

    /// Version 2; `counted`: whether the time counts as part of the header.
    pub fn v2(&self, counted: bool) -> Vec<u8> {
        let seconds = u32::try_from(self.at.as_second()).unwrap();
        let micros = u32::try_from(self.at.subsec_microsecond()).unwrap();
        let mut packet = self.head(2, if counted { 12 } else { 0 });
        packet.extend(seconds.to_le_bytes());
        packet.extend(micros.to_le_bytes());
        packet.extend([7, 0, 0, 0]);
        packet.extend(self.payload);
        packet
    }

    pub fn v1(&self) -> Vec<u8> {
        [&self.head(1, 0)[..], self.payload].concat()
    }

    fn head(&self, version: u8, more: u8) -> Vec<u8> {
        let (family, addresses) = match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => (2, [from.octets(), to.octets()].concat()),
            (IpAddr::V6(from), IpAddr::V6(to)) => (10, [from.octets(), to.octets()].concat()),
            _ => panic!("two families in one packet"),
        };
        let length = 8 + u8::try_from(addresses.len()).unwrap() + more;
        let mut packet = vec![version, length, family, self.protocol];
        packet.extend(self.source.port().to_be_bytes());
        packet.extend(self.destination.port().to_be_bytes());
        packet.extend(addresses);
        packet
    }
}

/// A packet of version 3 with these chunks.
pub fn assemble(chunks: &[Chunk]) -> Vec<u8> {
    let mut body = Vec::new();
    for (vendor, kind, value) in chunks {
        body.extend(vendor.to_be_bytes());
        body.extend(kind.to_be_bytes());
        body.extend(u16::try_from(value.len() + 6).unwrap().to_be_bytes());
        body.extend(value);
    }
    let length = u16::try_from(body.len() + 6).unwrap().to_be_bytes();
    [b"HEP3", &length[..], &body].concat()
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Zero bytes that pack to very little.
pub fn bomb(length: usize, zipped: bool) -> Vec<u8> {
    let zeros = [0; 4096];
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..length / zeros.len() {
        if zipped {
            zip.write_all(&zeros).unwrap();
        } else {
            zlib.write_all(&zeros).unwrap();
        }
    }
    if zipped {
        zip.finish().unwrap()
    } else {
        zlib.finish().unwrap()
    }
}
