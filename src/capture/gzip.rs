//! A source of bytes, unpacked on the way where it is gzip. Keeps a few kilobytes, and stops where
//! the bytes unpack to more than any capture would: such a file is made to exhaust its reader.

use std::io::{self, Cursor, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// What gzip begins with, deflate being the only method there is.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// Bytes unpacked from each packed one at most. SIP packs some ten to one, a capture of nothing but
/// one keep-alive a hundred to one; deflate can do a thousand.
const MOST_RATIO: u64 = 256;
/// Bytes to which the ratio does not apply: short files may well be all alike.
const FREE: u64 = 64 * 1024 * 1024;
/// Bytes unpacked from one file at most.
const MOST_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// Why unpacking was given up.
#[derive(Debug, Error)]
#[error("unpacks to more than any capture would")]
struct Bomb;

/// What stopped a source from giving bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The packed bytes end too early.
    Cut,
    /// The packed bytes are no sound gzip.
    Damaged,
    /// They unpack to too much.
    Bomb,
    /// The system.
    System,
}

impl Trouble {
    /// Which one an error of the reader that [`unpacked`] makes means.
    pub(super) fn of(error: &io::Error) -> Trouble {
        if error.get_ref().is_some_and(|inner| inner.is::<Bomb>()) {
            return Trouble::Bomb;
        }
        match error.kind() {
            ErrorKind::UnexpectedEof => Trouble::Cut,
            ErrorKind::InvalidInput | ErrorKind::InvalidData => Trouble::Damaged,
            _ => Trouble::System,
        }
    }
}

/// The source's bytes, unpacked if they are gzip, and whether they are. Gzip within gzip is not
/// unpacked further.
///
/// # Errors
///
/// What the system said instead of the first bytes.
pub(super) fn unpacked<'a>(mut source: impl Read + 'a) -> io::Result<(Box<dyn Read + 'a>, bool)> {
    let mut beginning = Vec::with_capacity(MAGIC.len());
    source
        .by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut beginning)?;
    let packed = beginning == MAGIC;
    let whole = Cursor::new(beginning).chain(source);
    if packed {
        Ok((Box::new(Unpacked::new(whole)), true))
    } else {
        Ok((Box::new(whole), false))
    }
}

/// The content of a gzip file, which may have several members.
struct Unpacked<R> {
    decoder: MultiGzDecoder<Counted<R>>,
    given: u64,
}

impl<R: Read> Unpacked<R> {
    fn new(source: R) -> Unpacked<R> {
        let source = Counted { source, read: 0 };
        Unpacked {
            decoder: MultiGzDecoder::new(source),
            given: 0,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let packed = self.decoder.get_ref().read;
        let most = packed.saturating_mul(MOST_RATIO).saturating_add(FREE);
        if self.given > most.min(MOST_BYTES) {
            return Err(io::Error::other(Bomb));
        }
        let count = self.decoder.read(buffer)?;
        self.given = self.given.saturating_add(count as u64);
        Ok(count)
    }
}

/// A reader that counts.
struct Counted<R> {
    source: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read = self.read.saturating_add(count as u64);
        Ok(count)
    }
}
