//! One capture that can be opened: a file as it was when it was found, or bytes in memory. Reads
//! nothing of it.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use jiff::Timestamp;

use super::container::Mark;
use super::{CaptureError, open};

/// A capture: a file, or bytes in memory.
#[derive(Debug)]
pub(super) struct CaptureFile {
    /// Where it lies, or what it is called.
    pub(super) path: PathBuf,
    /// Its content, where it is no file.
    pub(super) in_memory: Option<Bytes>,
    /// How many bytes it had when it was found. What is added later is not read: so that it holds
    /// the same each time.
    size: u64,
    /// When it was changed last, as far as the system knows.
    modified: Option<SystemTime>,
    /// When its first frame was captured, once that is known.
    pub(super) begins: Option<Timestamp>,
    /// Bytes read of it so far, over all passes.
    pub(super) read: AtomicU64,
}

impl CaptureFile {
    /// A file of this size, changed last at this time.
    pub(super) fn new(path: PathBuf, size: u64, modified: Option<SystemTime>) -> CaptureFile {
        CaptureFile {
            path,
            in_memory: None,
            size,
            modified,
            begins: None,
            read: AtomicU64::new(0),
        }
    }

    /// Bytes in memory.
    pub(super) fn in_memory(name: &str, bytes: Bytes) -> CaptureFile {
        CaptureFile {
            in_memory: Some(bytes.clone()),
            ..CaptureFile::new(PathBuf::from(name), bytes.len() as u64, None)
        }
    }

    /// Whether this is the file that another look found, and nothing shows that it was written to
    /// since.
    pub(super) fn is_unchanged(&self, before: &CaptureFile) -> bool {
        let known = self.in_memory.is_some() || self.modified.is_some();
        known
            && self.path == before.path
            && self.size == before.size
            && self.modified == before.modified
            && self.in_memory.is_some() == before.in_memory.is_some()
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
        let source: Box<dyn Read + Send> = match &self.in_memory {
            Some(bytes) => Box::new(Cursor::new(bytes.clone())),
            None => Box::new(open::open(&self.path)?.take(self.size)),
        };
        Ok(self.counted(source))
    }

    /// Its head, and then its bytes from a mark on, which was set in it unpacked.
    ///
    /// # Errors
    ///
    /// As [`CaptureFile::open`].
    pub(super) fn open_at(&self, mark: &Mark) -> Result<Box<dyn Read + Send + '_>, CaptureError> {
        let source: Box<dyn Read + Send> = match &self.in_memory {
            Some(bytes) => {
                let from = |at: u64| {
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| bytes.split_at_checked(at))
                };
                let (head, _) = from(mark.head).unwrap_or_default();
                let (_, rest) = from(mark.at).unwrap_or_default();
                Box::new(head.chain(rest))
            }
            None => {
                let failed = |error| CaptureError::from_io(&self.path, error);
                let mut file = open::open(&self.path)?;
                let mut head = Vec::new();
                let beginning = file.by_ref().take(mark.head);
                beginning
                    .take(self.size)
                    .read_to_end(&mut head)
                    .map_err(failed)?;
                file.seek(SeekFrom::Start(mark.at)).map_err(failed)?;
                let rest = file.take(self.size.saturating_sub(mark.at));
                Box::new(Cursor::new(head).chain(rest))
            }
        };
        Ok(self.counted(source))
    }

    fn counted<'a>(&'a self, source: Box<dyn Read + Send + 'a>) -> Box<dyn Read + Send + 'a> {
        let read = &self.read;
        Box::new(Counted { source, read })
    }
}

/// A source that counts what is read of it.
struct Counted<'a> {
    source: Box<dyn Read + Send + 'a>,
    read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
