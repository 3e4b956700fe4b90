//! A packed payload of HEP, zlib (RFC 1950) or gzip (RFC 1952), unpacked. Stops at what no SIP
//! message is as long as.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

/// The longest message believed: the longest body and head that are believed over TCP.
const LONGEST: u64 = 1024 * 1024 + 64 * 1024;

/// What came out.
pub(super) enum Unpacked {
    Whole(Vec<u8>),
    /// The packed bytes end too early, or are damaged from there on.
    Part(Vec<u8>),
    /// More than any message is long.
    Bomb,
}

pub(super) fn unpacked(packed: &[u8]) -> Unpacked {
    if packed.starts_with(&[0x1f, 0x8b]) {
        all(GzDecoder::new(packed))
    } else {
        all(ZlibDecoder::new(packed))
    }
}

fn all(decoder: impl Read) -> Unpacked {
    let mut bytes = Vec::new();
    let outcome = decoder.take(LONGEST + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > LONGEST {
        Unpacked::Bomb
    } else if outcome.is_ok() {
        Unpacked::Whole(bytes)
    } else {
        Unpacked::Part(bytes)
    }
}
