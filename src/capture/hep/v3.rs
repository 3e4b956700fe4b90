//! HEP version 3: a length, then chunks of vendor, type, length and value, in any order
//! (HEP3 network protocol specification, rev. 32). Reads the chunks that a message needs and skips
//! all others.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::sip::Transport;

use super::super::container::timestamp;
use super::super::warnings::Warning;
use super::unpack::{Unpacked, unpacked};
use super::{Copied, transport};

/// What each packet begins with.
pub(in super::super) const MAGIC: &[u8] = b"HEP3";
/// Magic and length; also vendor, type and length of a chunk.
const HEADER: usize = 6;
/// The vendor whose chunks everybody knows.
const GENERIC: u16 = 0;
/// The one type of payload that is read (chunk 11).
const SIP: u8 = 1;
/// RTP, and RTCP in JSON.
const MEDIA: [u8; 2] = [4, 5];
/// `AF_INET6` as agents write it (chunk 1).
const IPV6: u8 = 10;

/// Whether a packet begins here.
pub(in super::super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The length that the packet at the beginning of `bytes` says it has, header included; `None`
/// where that is not there yet.
pub(in super::super) fn length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.first_chunk::<HEADER>()?;
    let &[_, _, _, _, high, low] = header;
    Some(usize::from(u16::from_be_bytes([high, low])))
}

/// The chunks that a message needs, by the names of the specification.
#[derive(Default)]
struct Chunks<'a> {
    family: Option<u8>,
    protocol: Option<u8>,
    ipv4: Pair,
    ipv6: Pair,
    ports: (Option<u16>, Option<u16>),
    seconds: Option<u32>,
    microseconds: Option<u32>,
    kind: Option<u8>,
    payload: Option<&'a [u8]>,
    packed: Option<&'a [u8]>,
}

type Pair = (Option<IpAddr>, Option<IpAddr>);

/// What is copied by the packet at the beginning of `bytes`, and what is wrong with the packet.
/// Where the capture cut it, the payload goes as far as it was captured.
pub(super) fn read(bytes: &[u8]) -> (Option<Copied<'_>>, Option<Warning>) {
    let Some(declared) = length(bytes).filter(|length| *length >= HEADER) else {
        let trouble = match length(bytes) {
            None => Warning::HepCut,
            Some(_) => Warning::HepDamaged,
        };
        return (None, Some(trouble));
    };
    let missing = declared.saturating_sub(bytes.len());
    let packet = bytes.get(..declared).unwrap_or(bytes);
    let mut chunks = Chunks::default();
    let cut = match chunks.take(packet.get(HEADER..).unwrap_or_default(), missing) {
        Ok(cut) => cut,
        Err(Contradiction) => return (None, Some(Warning::HepDamaged)),
    };
    if let Some(kind) = chunks.kind.filter(|kind| *kind != SIP) {
        let is_media = MEDIA.contains(&kind);
        return (None, is_media.then_some(Warning::HepMedia));
    }
    let (copied, trouble) = chunks.copied(cut);
    // What a cut packet lacks is no fault of its own.
    (copied, if cut { Some(Warning::HepCut) } else { trouble })
}

/// A length that cannot be.
struct Contradiction;

impl<'a> Chunks<'a> {
    /// Takes in all chunks, of which so many bytes at the end were not captured; whether that cut
    /// one.
    fn take(&mut self, mut rest: &'a [u8], missing: usize) -> Result<bool, Contradiction> {
        while !rest.is_empty() {
            let Some((&[vendor @ .., a, b, c, d], behind)) = rest.split_first_chunk::<HEADER>()
            else {
                return if missing > 0 {
                    Ok(true)
                } else {
                    Err(Contradiction)
                };
            };
            let length = usize::from(u16::from_be_bytes([c, d]));
            let value = length.checked_sub(HEADER).ok_or(Contradiction)?;
            if length > rest.len() + missing {
                return Err(Contradiction);
            }
            let captured = behind.get(..value).unwrap_or(behind);
            if u16::from_be_bytes(vendor) == GENERIC {
                self.chunk(u16::from_be_bytes([a, b]), captured);
            }
            if captured.len() < value {
                return Ok(true);
            }
            rest = behind.get(value..).unwrap_or_default();
        }
        Ok(missing > 0)
    }

    fn chunk(&mut self, kind: u16, value: &'a [u8]) {
        match kind {
            0x0001 => self.family = value.first().copied(),
            0x0002 => self.protocol = value.first().copied(),
            0x0003 => self.ipv4.0 = ipv4(value),
            0x0004 => self.ipv4.1 = ipv4(value),
            0x0005 => self.ipv6.0 = ipv6(value),
            0x0006 => self.ipv6.1 = ipv6(value),
            0x0007 => self.ports.0 = value.first_chunk().copied().map(u16::from_be_bytes),
            0x0008 => self.ports.1 = value.first_chunk().copied().map(u16::from_be_bytes),
            0x0009 => self.seconds = value.first_chunk().copied().map(u32::from_be_bytes),
            0x000a => self.microseconds = value.first_chunk().copied().map(u32::from_be_bytes),
            0x000b => self.kind = value.first().copied(),
            0x000f => self.payload = Some(value),
            0x0010 => self.packed = Some(value),
            _ => {}
        }
    }

    fn copied(self, cut: bool) -> (Option<Copied<'a>>, Option<Warning>) {
        let (payload, trouble) = match (self.payload, self.packed) {
            (Some(payload), _) => (Cow::Borrowed(payload), None),
            (None, Some(packed)) => match unpacked(packed) {
                Unpacked::Whole(bytes) => (Cow::Owned(bytes), None),
                Unpacked::Part(bytes) if cut => (Cow::Owned(bytes), None),
                Unpacked::Part(_) => return (None, Some(Warning::HepNotUnpacked)),
                Unpacked::Bomb => return (None, Some(Warning::HepBomb)),
            },
            // An agent's keep-alive.
            (None, None) => return (None, None),
        };
        let pairs = match self.family {
            Some(IPV6) => [self.ipv6, self.ipv4],
            _ => [self.ipv4, self.ipv6],
        };
        let addresses = pairs.into_iter().find_map(|(a, b)| a.zip(b));
        let ends = addresses.zip(self.ports.0.zip(self.ports.1));
        let Some(((source, destination), (from, to))) = ends else {
            return (None, Some(Warning::HepIncomplete));
        };
        let copied = Copied {
            at: self.seconds.map(|seconds| {
                let micros = u64::from(self.microseconds.unwrap_or_default());
                timestamp(seconds.into(), micros * 1000).0
            }),
            source: SocketAddr::new(source, from),
            destination: SocketAddr::new(destination, to),
            // Unknown numbers are believed least: on UDP alone does SIP repeat lost messages.
            transport: self.protocol.and_then(transport).unwrap_or(Transport::Udp),
            payload,
        };
        (Some(copied), trouble)
    }
}

fn ipv4(value: &[u8]) -> Option<IpAddr> {
    value.first_chunk::<4>().map(|octets| IpAddr::from(*octets))
}

fn ipv6(value: &[u8]) -> Option<IpAddr> {
    value
        .first_chunk::<16>()
        .map(|octets| IpAddr::from(*octets))
}
