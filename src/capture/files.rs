//! Which captures are read together: files found under some paths, or bytes in memory.
//! Opens them; reads nothing of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use bytes::Bytes;
use jiff::Timestamp;

use super::file::CaptureFile;
use super::item::Item;
use super::scan::{Event, Flow, Listed, Start, scan};
use super::{CaptureError, walk};

/// Captures in the order that a packet's `place.file` counts.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<CaptureFile>,
    problems: Vec<String>,
}

impl Files {
    /// Captures in memory, each a name and its content.
    #[must_use]
    pub fn in_memory(captures: &[(String, Bytes)]) -> Files {
        let files = captures
            .iter()
            .map(|(name, bytes)| CaptureFile::in_memory(name, bytes.clone()));
        Files {
            files: files.collect(),
            problems: Vec::new(),
        }
    }

    /// Every capture among these files and folders. A folder is searched with all folders in it,
    /// in order of names; captures are told by their contents, and what is not one is passed over
    /// there, while a file that was named itself becomes a problem. A file that is reached twice
    /// is read once.
    #[must_use]
    pub fn find(paths: &[PathBuf]) -> Files {
        let found = walk::captures(paths);
        let files = found.files.into_iter();
        Files {
            files: files
                .map(|file| CaptureFile::new(file.path, file.bytes, file.modified))
                .collect(),
            problems: found.problems,
        }
    }

    /// Takes in the captures of another set after its own.
    pub fn add(&mut self, other: Files) {
        for file in other.files {
            let known = self.files.iter().any(|it| {
                it.path == file.path && it.in_memory.is_some() == file.in_memory.is_some()
            });
            if !known {
                self.files.push(file);
            }
        }
        self.problems.extend(other.problems);
    }

    /// Where they lie, in order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Paths that could not be read, a sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// How many bytes there are in all, packed or not.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(CaptureFile::size).sum()
    }

    /// How many bytes were read in all passes so far.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        let read = self.files.iter().map(|it| it.read.load(Ordering::Relaxed));
        read.sum()
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn get(&self, number: usize) -> Option<&CaptureFile> {
        self.files.get(number)
    }

    pub(super) fn path(&self, number: usize) -> Option<&Path> {
        self.files.get(number).map(|file| file.path.as_path())
    }

    pub(super) fn set_beginning(&mut self, number: usize, at: Timestamp) {
        if let Some(file) = self.files.get_mut(number) {
            file.begins = Some(at);
        }
    }

    /// Reads those for which `wanted` says from where on, in one pass, one after another. Their
    /// numbers are those of the whole set.
    pub(super) fn scan<T: Default + Send>(
        &self,
        wanted: &dyn Fn(usize) -> Option<Start>,
        map: &(dyn Fn(&mut T, Item<'_>) + Sync),
        take: &mut dyn FnMut(Event<T>) -> Flow,
    ) {
        let captures: Vec<Listed<'_>> = self
            .files
            .iter()
            .enumerate()
            .filter_map(|(number, file)| {
                Some(Listed {
                    number,
                    file,
                    begins: None,
                    from: wanted(number)?,
                })
            })
            .collect();
        scan(&captures, map, take);
    }

    /// Reads all of them in one pass, those that overlap in time side by side.
    pub(super) fn scan_by_time<T: Default + Send>(
        &self,
        map: &(dyn Fn(&mut T, Item<'_>) + Sync),
        take: &mut dyn FnMut(Event<T>) -> Flow,
    ) {
        let captures: Vec<Listed<'_>> = self
            .files
            .iter()
            .enumerate()
            .map(|(number, file)| Listed {
                number,
                file,
                begins: file.begins,
                from: Start::Beginning,
            })
            .collect();
        scan(&captures, map, take);
    }
}

/// An error with what the system said about it, where it said something.
pub(super) fn sentence(error: &CaptureError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error} ({source})"),
        None => error.to_string(),
    }
}

/// What a capture that was read has to say for itself.
pub(super) fn report(path: &Path, report: &super::FileReport) -> Vec<String> {
    if report.frames == 0 && report.warnings.is_empty() {
        return vec![format!("{}: a capture without packets", path.display())];
    }
    let warnings = report.warnings.iter();
    warnings
        .map(|it| format!("{}: {it}", path.display()))
        .collect()
}
