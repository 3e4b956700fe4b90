//! Which calls a set of captures holds: one entry a Call-ID, found by Call-ID, number, address or
//! user, and which of them are legs of one call. Keeps no packets; they are read again when asked
//! for.

mod build;
mod entry;
mod find;
mod legs;
mod load;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::files::Files;
use super::observed::Observer;
use super::spans::Spans;
pub use entry::Entry;
pub use find::Term;
pub use load::Loaded;

/// All calls in a set of captures.
#[derive(Debug, Default)]
pub struct Index {
    files: Files,
    /// In order of their first message.
    entries: Vec<Entry>,
    by_call_id: HashMap<u64, usize>,
    legs: legs::Legs,
    observer: Observer,
    spans: Spans,
    warnings: Vec<String>,
    /// Captures that were found and could not be read.
    problems: Vec<String>,
}

impl Index {
    /// Indexes captures that are built into the program, each a name and its content.
    #[must_use]
    pub fn built_in(captures: &[(&str, &'static [u8])]) -> Index {
        Index::of(Files::built_in(captures), &mut |_, _| ())
    }

    /// Reads every capture among these files and folders once, as [`Files::find`] finds them.
    ///
    /// `progress` is told, now and then, how many bytes are done and how many there are in all. It
    /// reads for as long as the files are large: call it where blocking is allowed.
    #[must_use]
    pub fn build(paths: &[PathBuf], progress: &mut dyn FnMut(u64, u64)) -> Index {
        Index::of(Files::find(paths), progress)
    }

    /// The files read, in the order that a packet's `place.file` counts.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.paths()
    }

    /// All calls in order of their first message.
    #[must_use]
    pub fn calls(&self) -> &[Entry] {
        &self.entries
    }

    /// The call with exactly this Call-ID; "" for the messages that have none.
    #[must_use]
    pub fn call(&self, call_id: &str) -> Option<&Entry> {
        let at = *self.by_call_id.get(&crate::sip::join::key(call_id))?;
        self.entries
            .get(at)
            .filter(|entry| &*entry.call_id == call_id)
    }

    /// Until when calls whose last message came then would have been seen.
    #[must_use]
    pub fn seen_until(&self, last: Timestamp) -> Option<Timestamp> {
        self.spans.until(last)
    }

    /// Paths that could not be read, a sentence each.
    pub fn problems(&self) -> impl Iterator<Item = &String> {
        self.files.problems().iter().chain(&self.problems)
    }

    /// What was wrong inside the files that were read, a sentence each, which names the file.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
