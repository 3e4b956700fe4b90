//! Which calls stand in which captures: one pass over many files and folders, then look-ups by
//! Call-ID, number, address, user and time. Keeps no packets; they are read again when asked for.

mod entry;
mod find;
mod load;
mod walk;

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::sip::{Message, Packet};

use super::{CaptureError, open, read_stream};
pub use entry::Entry;
pub use find::Term;
pub use load::Loaded;

/// All calls in a set of captures.
#[derive(Debug, Default)]
pub struct Index {
    files: Vec<Capture>,
    /// In order of their first message.
    entries: Vec<Entry>,
    by_call_id: HashMap<String, usize>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

/// A capture that was indexed: a file, or bytes built into the program.
#[derive(Debug)]
struct Capture {
    /// Where it lies, or what it is called.
    path: PathBuf,
    /// Its content, where it is no file.
    built_in: Option<&'static [u8]>,
}

impl Capture {
    fn open(&self) -> Result<Box<dyn Read>, CaptureError> {
        Ok(match self.built_in {
            Some(bytes) => Box::new(bytes),
            None => Box::new(open::open(&self.path)?),
        })
    }
}

impl Index {
    /// Indexes captures that are built into the program, each a name and its content.
    #[must_use]
    pub fn built_in(captures: &[(&str, &'static [u8])]) -> Index {
        let mut index = Index::default();
        for (name, bytes) in captures {
            let capture = Capture {
                path: PathBuf::from(name),
                built_in: Some(bytes),
            };
            index.take_in(capture, &mut |_| ());
        }
        index.sort();
        index
    }

    /// Reads every capture among these files and folders once. A folder is searched with all
    /// folders in it, in order of names; captures are told by their contents, and what is not one
    /// is passed over there, while a file that was named itself becomes a problem. A file that is
    /// reached twice is read once.
    ///
    /// `progress` is told, now and then, how many bytes are done and how many there are in all. It
    /// reads for as long as the files are large: call it where blocking is allowed.
    #[must_use]
    pub fn build(paths: &[PathBuf], progress: &mut dyn FnMut(u64, u64)) -> Index {
        let mut found = walk::captures(paths);
        let total = found.files.iter().map(|file| file.bytes).sum();
        let mut index = Index {
            problems: std::mem::take(&mut found.problems),
            ..Index::default()
        };
        let mut done = 0;
        progress(done, total);
        for file in found.files {
            let capture = Capture {
                path: file.path,
                built_in: None,
            };
            index.take_in(capture, &mut |read| progress(done + read, total));
            done += file.bytes;
            progress(done, total);
        }
        index.sort();
        index
    }

    /// The files read, in the order that a packet's `place.file` counts.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// All calls in order of their first message.
    #[must_use]
    pub fn calls(&self) -> &[Entry] {
        &self.entries
    }

    /// The call with exactly this Call-ID; "" for the messages that have none.
    #[must_use]
    pub fn call(&self, call_id: &str) -> Option<&Entry> {
        self.by_call_id
            .get(call_id)
            .and_then(|at| self.entries.get(*at))
    }

    /// Paths that could not be read, a sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// What was wrong inside the files that were read, a sentence each, which names the file.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn take_in(&mut self, capture: Capture, tell: &mut dyn FnMut(u64)) {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let outcome = capture.open().and_then(|source| {
            let counted = Counted {
                source,
                read: 0,
                tell,
            };
            read_stream(counted, &capture.path, number, &mut |packet| {
                self.add(&packet)
            })
        });
        match outcome {
            Ok(report) if report.frames == 0 && report.warnings.is_empty() => {
                self.warnings.push(format!(
                    "{}: a capture without packets",
                    capture.path.display()
                ));
            }
            Ok(report) => self.warnings.extend(
                report
                    .warnings
                    .iter()
                    .map(|it| format!("{}: {it}", capture.path.display())),
            ),
            Err(error) => self.problems.push(sentence(&error)),
        }
        // Also where it could not be read, so that the numbers in entries stay right.
        self.files.push(capture);
    }

    fn add(&mut self, packet: &Packet) {
        let message = Message::parse(packet.bytes.clone());
        let call_id = message.call_id();
        let known = self
            .by_call_id
            .get(&*call_id)
            .and_then(|at| self.entries.get_mut(*at));
        match known {
            Some(entry) => entry.add(packet, &message),
            None => {
                self.by_call_id
                    .insert(call_id.to_string(), self.entries.len());
                self.entries.push(Entry::new(packet, &message));
            }
        }
    }

    fn sort(&mut self) {
        self.entries
            .sort_by(|a, b| (a.first, &a.call_id).cmp(&(b.first, &b.call_id)));
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(known) = self.by_call_id.get_mut(&entry.call_id) {
                *known = at;
            }
        }
    }
}

/// An error with what the system said about it, where it said something.
fn sentence(error: &CaptureError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error} ({source})"),
        None => error.to_string(),
    }
}

/// A file that tells how far it was read.
struct Counted<'a> {
    source: Box<dyn Read>,
    read: u64,
    tell: &'a mut dyn FnMut(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        (self.tell)(self.read);
        Ok(count)
    }
}
