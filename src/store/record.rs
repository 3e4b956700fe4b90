//! How a value lies in an ordered engine of bytes: keys, checksums, pieces. Pure; does no I/O.
//!
//! A record is a header and, when the value is small, the value. A larger value lies in pieces
//! under keys of their own: sled rewrites up to about twenty neighbours at once and puts what is
//! over a quarter of a segment into a separate file that it never syncs, so no entry may be large.

use jiff::Timestamp;

/// Up to this size a value lies in its record.
const INLINE_BYTES: usize = 4 * 1024;
/// The size of the pieces of a larger value.
const PIECE_BYTES: usize = 16 * 1024;

/// The key of the [`Head`]; sorts before every record.
pub(super) const HEAD_KEY: &[u8] = b"h";
/// All records have keys that begin with this.
pub(super) const RECORDS: &[u8] = b"r";
const PIECES: u8 = b'p';

/// No expiry, on disk. Beyond what a [`Timestamp`] can hold.
const NEVER: i128 = i128::MAX;

/// What the store says of itself, written with every apply: how many applies there were, and what
/// they left. Pages that vanish or turn old change the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub generation: u64,
    pub count: u64,
    pub sum: u64,
}

impl Head {
    pub fn add(&mut self, key: &[u8], record: &[u8]) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(fingerprint(key, record));
    }

    pub fn remove(&mut self, key: &[u8], record: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(fingerprint(key, record));
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(28);
        for number in [self.generation, self.count, self.sum] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        let crc = crc32fast::hash(&out);
        out.extend_from_slice(&crc.to_be_bytes());
        out
    }

    /// Nothing when the bytes are not a head that was written whole.
    pub fn decode(raw: &[u8]) -> Option<Self> {
        let (numbers, crc) = raw.split_last_chunk::<4>()?;
        if crc32fast::hash(numbers) != u32::from_be_bytes(*crc) {
            return None;
        }
        let (generation, rest) = numbers.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (sum, _) = rest.split_first_chunk::<8>()?;
        Some(Head {
            generation: u64::from_be_bytes(*generation),
            count: u64::from_be_bytes(*count),
            sum: u64::from_be_bytes(*sum),
        })
    }
}

fn fingerprint(key: &[u8], record: &[u8]) -> u64 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(record);
    u64::from(hasher.finalize())
}

/// The key under which a record lies. The namespace's length comes first, so that no choice of
/// names makes two namespaces meet, and keys sort as their bytes do.
pub(super) fn record_key(ns: &str, key: &str) -> Vec<u8> {
    let mut out = RECORDS.to_vec();
    out.push(u8::try_from(ns.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(ns.as_bytes());
    out.extend_from_slice(key.as_bytes());
    out
}

/// The namespace of what lies under such a key.
pub(super) fn namespace(record_key: &[u8]) -> &str {
    let (_, rest) = record_key
        .split_at_checked(RECORDS.len())
        .unwrap_or_default();
    let (length, rest) = rest.split_first().unwrap_or((&0, &[]));
    let ns = rest.get(..usize::from(*length)).unwrap_or_default();
    std::str::from_utf8(ns).unwrap_or_default()
}

/// What the keys of all pieces of one record begin with. The length keeps the pieces of "ab" out
/// of those of "a".
pub(super) fn piece_prefix(record_key: &[u8]) -> Vec<u8> {
    let mut out = vec![PIECES];
    out.extend_from_slice(
        &u16::try_from(record_key.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes(),
    );
    out.extend_from_slice(record_key);
    out
}

/// A record without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub version: u64,
    pub expires_at: Option<Timestamp>,
    len: u32,
    crc: u32,
}

impl Header {
    /// The header, and what lies in the record behind it.
    pub fn decode(raw: &[u8]) -> Option<(Self, &[u8])> {
        let (crc, rest) = raw.split_first_chunk::<4>()?;
        let (version, rest) = rest.split_first_chunk::<8>()?;
        let (expiry, rest) = rest.split_first_chunk::<16>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let expires_at = match i128::from_be_bytes(*expiry) {
            NEVER => None,
            nanoseconds => Some(Timestamp::from_nanosecond(nanoseconds).ok()?),
        };
        let header = Header {
            version: u64::from_be_bytes(*version),
            expires_at,
            len: u32::from_be_bytes(*len),
            crc: u32::from_be_bytes(*crc),
        };
        Some((header, rest))
    }

    /// Whether the value counts as absent.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether the value lies in pieces.
    pub fn is_in_pieces(&self) -> bool {
        self.len() > INLINE_BYTES
    }

    /// The length of the value.
    pub fn len(&self) -> usize {
        usize::try_from(self.len).unwrap_or(usize::MAX)
    }

    /// Whether `value` is what was written under `key` with this header.
    pub fn matches(&self, key: &[u8], value: &[u8]) -> bool {
        value.len() == self.len() && self.crc == checksum(key, &self.middle(), value)
    }

    /// Version, expiry and length, as they lie on disk after the checksum.
    fn middle(&self) -> Vec<u8> {
        let expiry = self.expires_at.map_or(NEVER, Timestamp::as_nanosecond);
        let mut out = self.version.to_be_bytes().to_vec();
        out.extend_from_slice(&expiry.to_be_bytes());
        out.extend_from_slice(&self.len.to_be_bytes());
        out
    }
}

fn checksum(key: &[u8], middle: &[u8], value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [key, middle, value] {
        hasher.update(part);
    }
    hasher.finalize()
}

/// A value ready to be written: its record, and its pieces if it is not in the record.
pub(super) struct Encoded {
    pub record: Vec<u8>,
    pub pieces: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Lays a value out. `key` is what [`record_key`] made.
pub(super) fn encode(
    key: &[u8],
    version: u64,
    expires_at: Option<Timestamp>,
    value: &[u8],
) -> Encoded {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let middle = Header {
        version,
        expires_at,
        len,
        crc: 0,
    }
    .middle();
    let mut record = checksum(key, &middle, value).to_be_bytes().to_vec();
    record.extend_from_slice(&middle);
    if value.len() <= INLINE_BYTES {
        record.extend_from_slice(value);
        return Encoded {
            record,
            pieces: Vec::new(),
        };
    }
    let prefix = piece_prefix(key);
    let pieces = (0_u32..)
        .zip(value.chunks(PIECE_BYTES))
        .map(|(number, piece)| {
            let mut piece_key = prefix.clone();
            piece_key.extend_from_slice(&number.to_be_bytes());
            (piece_key, piece.to_vec())
        })
        .collect();
    Encoded { record, pieces }
}
