//! Which calls a set of captures holds: one entry a Call-ID, found by Call-ID, number, address or
//! user, and which of them are legs of one call. Keeps no packets; they are read again when asked
//! for.

mod around;
mod build;
mod calls;
mod entry;
mod find;
mod legs;
mod load;
mod part;
mod together;
mod ways;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::Timestamp;

use super::files::Files;
use super::keyed::Keyed;
use super::spans::Spans;
use crate::sip::join::key;
pub use entry::Entry;
pub use find::Term;
pub use load::Loaded;

/// All calls in a set of captures.
#[derive(Debug, Default)]
pub struct Index {
    files: Files,
    /// What each file holds.
    parts: Vec<Arc<part::Part>>,
    /// Where each call stands, in order of their first message.
    seats: Vec<together::Seats>,
    several: Vec<together::Several>,
    /// The place of each call in that order.
    by_call_id: Keyed<u32>,
    /// Looked for when they are first asked for.
    legs: OnceLock<legs::Legs>,
    spans: Spans,
    warnings: Vec<String>,
    /// The time to which it keeps; all there is where there is none.
    within: Option<around::Within>,
}

impl Index {
    /// Indexes captures in memory, each a name and its content.
    #[must_use]
    pub fn in_memory(captures: &[(String, Bytes)]) -> Index {
        Index::of(
            Files::in_memory(captures),
            &Index::default(),
            &mut |_, _| (),
        )
    }

    /// Reads every capture among these files and folders once, as [`Files::find`] finds them.
    ///
    /// `progress` is told, now and then, how many bytes are done and how many there are in all. It
    /// reads for as long as the files are large: call it where blocking is allowed.
    #[must_use]
    pub fn build(paths: &[PathBuf], progress: &mut dyn FnMut(u64, u64)) -> Index {
        Index::default().renewed(paths, progress)
    }

    /// The same when some of it was read before: reads no more than the files that are new, or that
    /// were written to since. What this index tells of others, and is gone, is not in the new one.
    #[must_use]
    pub fn renewed(&self, paths: &[PathBuf], progress: &mut dyn FnMut(u64, u64)) -> Index {
        Index::of(Files::find(paths), self, progress)
    }

    /// How many bytes of its files were read so far, to index them and to load calls.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.files.bytes_read()
    }

    /// The files read, in the order that a packet's `place.file` counts.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.paths()
    }

    /// All calls in order of their first message.
    pub fn calls(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.seats.len()).filter_map(|place| self.entry(place))
    }

    /// The call with exactly this Call-ID; "" for the messages that have none.
    #[must_use]
    pub fn call(&self, call_id: &str) -> Option<Entry<'_>> {
        let entry = self.entry(self.place(call_id)?)?;
        (entry.call_id() == call_id).then_some(entry)
    }

    fn place(&self, call_id: &str) -> Option<usize> {
        Some(*self.by_call_id.get(&key(call_id))? as usize)
    }

    fn legs(&self) -> &legs::Legs {
        self.legs.get_or_init(|| legs::Legs::join(self))
    }

    /// Until when calls whose last message came then would have been seen.
    #[must_use]
    pub fn seen_until(&self, last: Timestamp) -> Option<Timestamp> {
        self.spans.until(last)
    }

    /// Paths that could not be read, a sentence each.
    pub fn problems(&self) -> impl Iterator<Item = &String> {
        let unread = self.parts.iter().filter_map(|it| it.problem.as_ref());
        self.files.problems().iter().chain(unread)
    }

    /// What was wrong inside the files that were read, a sentence each, which names the file.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
