//! Lines put into the order in which their calls begin, though the calls end in another. Those whose
//! turn is far off wait in a temporary file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use jiff::Timestamp;

use super::gather::Line;

/// Where a waiting line is.
enum Text {
    Here(String),
    InFile { at: u64, length: usize },
}

/// Lines whose turn has not come.
pub(super) struct Order<'a> {
    /// When each Call-ID begins and its key, ascending.
    begins: &'a [(Timestamp, u64)],
    done: Vec<bool>,
    /// How many of the first are all done.
    reached: usize,
    waiting: BTreeMap<(Timestamp, String, u64), Text>,
    bytes: usize,
    /// Bytes of lines that may wait in memory.
    most: usize,
    file: Option<(File, u64)>,
    count: u64,
}

impl<'a> Order<'a> {
    pub(super) fn new(begins: &'a [(Timestamp, u64)], most: usize) -> Order<'a> {
        Order {
            begins,
            done: vec![false; begins.len()],
            reached: 0,
            waiting: BTreeMap::new(),
            bytes: 0,
            most,
            file: None,
            count: 0,
        }
    }

    /// The place of a Call-ID in the order of all.
    pub(super) fn place(&self, first: Timestamp, key: u64) -> Option<usize> {
        self.begins.binary_search(&(first, key)).ok()
    }

    /// Says that no further line comes of the Call-ID at this place.
    pub(super) fn done(&mut self, place: usize) {
        if let Some(done) = self.done.get_mut(place) {
            *done = true;
        }
        while self.done.get(self.reached) == Some(&true) {
            self.reached += 1;
        }
    }

    /// Takes in a line.
    pub(super) fn add(&mut self, line: Line) {
        self.bytes += line.text.len();
        self.count += 1;
        let key = (line.at, line.call_id, self.count);
        self.waiting.insert(key, Text::Here(line.text));
        if self.bytes > self.most {
            self.put_aside();
        }
    }

    /// The next line whose turn has come; with `all`, the next one whatever may still come.
    pub(super) fn next(&mut self, all: bool) -> Option<String> {
        let entry = self.waiting.first_entry()?;
        let until = self.begins.get(self.reached).map(|(at, _)| *at);
        if !all && until.is_some_and(|until| entry.key().0 >= until) {
            return None;
        }
        match entry.remove() {
            Text::Here(text) => {
                self.bytes = self.bytes.saturating_sub(text.len());
                Some(text)
            }
            Text::InFile { at, length } => Some(self.read(at, length).unwrap_or_default()),
        }
    }

    /// Moves what waits in memory to the file. Where that cannot be written, it stays.
    fn put_aside(&mut self) {
        for text in self.waiting.values_mut() {
            let Text::Here(here) = text else { continue };
            if self.file.is_none() {
                self.file = tempfile::tempfile().ok().map(|file| (file, 0));
            }
            let Some((file, end)) = &mut self.file else {
                return;
            };
            let written = file
                .seek(SeekFrom::Start(*end))
                .and_then(|_| file.write_all(here.as_bytes()));
            if written.is_err() {
                return;
            }
            let (at, length) = (*end, here.len());
            *end += length as u64;
            self.bytes = self.bytes.saturating_sub(length);
            *text = Text::InFile { at, length };
        }
    }

    fn read(&mut self, at: u64, length: usize) -> Option<String> {
        let (file, _) = self.file.as_mut()?;
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }
}
