//! One capture that can be opened: a file as it was when it was found, or bytes built into the
//! program. Reads nothing of it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use super::{CaptureError, open};

/// A capture: a file, or bytes built into the program.
#[derive(Debug)]
pub(super) struct CaptureFile {
    /// Where it lies, or what it is called.
    pub(super) path: PathBuf,
    /// Its content, where it is no file.
    pub(super) built_in: Option<&'static [u8]>,
    /// How many bytes it had when it was found. What is added later is not read: so that it holds
    /// the same each time.
    size: u64,
    /// When its first frame was captured, once that is known.
    pub(super) begins: Option<Timestamp>,
    /// Bytes read of it so far, over all passes.
    pub(super) read: AtomicU64,
}

impl CaptureFile {
    pub(super) fn new(path: PathBuf, built_in: Option<&'static [u8]>, size: u64) -> CaptureFile {
        CaptureFile {
            path,
            built_in,
            size,
            begins: None,
            read: AtomicU64::new(0),
        }
    }

    /// What errors call it.
    pub(super) fn name(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has, packed or not.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Its bytes.
    ///
    /// # Errors
    ///
    /// One sentence, where it cannot be read.
    pub(super) fn open(&self) -> Result<Box<dyn Read + Send + '_>, CaptureError> {
        let source: Box<dyn Read + Send> = match self.built_in {
            Some(bytes) => Box::new(bytes),
            None => Box::new(open::open(&self.path)?.take(self.size)),
        };
        let read = &self.read;
        Ok(Box::new(Counted { source, read }))
    }
}

/// A source that counts what is read of it.
struct Counted<'a> {
    source: Box<dyn Read + Send>,
    read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
