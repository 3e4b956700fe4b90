//! Several files as one ZIP archive (PKWARE APPNOTE 6.3, without ZIP64: mail takes no such sizes). Writes alone; reads
//! none.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::attachments::File;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0: deflate.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const DEFLATE: u16 = 8;
/// 1980-01-01 00:00, the first that there is: the same files give the same archive.
const DATE: u16 = (1 << 5) | 1;

/// The files, packed, in their order.
///
/// # Errors
/// Where one is larger than the format holds.
pub(super) fn packed(files: &[File]) -> io::Result<Vec<u8>> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let offset = u32::try_from(out.len()).map_err(io::Error::other)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&file.bytes)?;
        let body = encoder.finish()?;
        let shared = shared(file, &body)?;
        out.extend(LOCAL.to_le_bytes());
        out.extend(&shared);
        out.extend(file.name.as_bytes());
        out.extend(&body);
        directory.extend(CENTRAL.to_le_bytes());
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&shared);
        // No comment, the first disk, no attributes inside or outside.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(file.name.as_bytes());
    }
    let begins = u32::try_from(out.len()).map_err(io::Error::other)?;
    let long = u32::try_from(directory.len()).map_err(io::Error::other)?;
    let count = u16::try_from(files.len()).map_err(io::Error::other)?;
    out.extend(directory);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(long.to_le_bytes());
    out.extend(begins.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}

/// What both headers of a file say alike.
fn shared(file: &File, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    for half in [VERSION, FLAGS, DEFLATE, 0, DATE] {
        header.extend(half.to_le_bytes());
    }
    header.extend(crc32fast::hash(&file.bytes).to_le_bytes());
    for length in [body.len(), file.bytes.len()] {
        header.extend(
            u32::try_from(length)
                .map_err(io::Error::other)?
                .to_le_bytes(),
        );
    }
    let name = u16::try_from(file.name.len()).map_err(io::Error::other)?;
    header.extend(name.to_le_bytes());
    header.extend([0; 2]);
    Ok(header)
}
