//! What one capture holds: all that the index keeps of it, whatever stands beside it. So that a file
//! that did not change is not read again. Knows no number of its own: its place in the set may
//! change.

use std::path::Path;

use jiff::Timestamp;

use super::around::Within;
use super::calls::{Calls, Record};
use crate::capture::container::Mark;
use crate::capture::files::{report, sentence};
use crate::capture::item::Item;
use crate::capture::observed::{Beside, Observer};
use crate::capture::scan::Start;
use crate::capture::{CaptureError, FileReport};
use crate::sip::Glance;
use crate::sip::join::{Settling, Setup, SetupReader};

/// One capture.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) calls: Calls,
    /// How each of its calls opens, where an INVITE does that.
    setups: Vec<Option<Box<Setup>>>,
    pub(super) observer: Observer,
    /// When the first and the last that can be read were seen, messages or not.
    pub(super) span: Option<Span>,
    /// What was wrong inside it, a sentence each.
    pub(super) warnings: Vec<String>,
    /// Why it could not be read, a sentence.
    pub(super) problem: Option<String>,
    /// Where it can be read on from.
    marks: Vec<Mark>,
}

/// What some frames hold.
#[derive(Default)]
pub(super) struct Marked {
    calls: Calls,
    /// How each of the calls opens.
    setups: Vec<SetupReader>,
    besides: Vec<Beside>,
    span: Option<Span>,
}

/// The first time and the last.
type Span = (Timestamp, Timestamp);

fn wider(span: Option<Span>, (first, last): Span) -> Option<Span> {
    let (known_first, known_last) = span.unwrap_or((first, last));
    Some((known_first.min(first), known_last.max(last)))
}

impl Marked {
    /// Takes in what a frame tells; of a message outside the time that is asked for only that there was one.
    pub(super) fn add(&mut self, item: Item<'_>, within: Option<&Within>) {
        self.span = wider(self.span, (item.at(), item.at()));
        let seen = match item {
            Item::Message(seen) => seen,
            other => return self.besides.extend(Beside::of(other)),
        };
        if within.is_some_and(|within| !within.has(&seen)) {
            return;
        }
        let glance = Glance::of(seen.bytes);
        let place = self.calls.add(&seen, &glance);
        if place >= self.setups.len() {
            self.setups
                .resize_with(self.calls.len(), SetupReader::default);
        }
        if let Some(setup) = self.setups.get_mut(place) {
            setup.look(&seen, &glance);
        }
    }
}

/// A capture while it is read.
#[derive(Default)]
pub(super) struct Reading {
    part: Part,
    setups: Vec<Settling>,
    batches: u32,
}

/// How often, in batches, what is long past is settled.
const SETTLED_EVERY: u32 = 64;

impl Reading {
    /// Takes in what some frames hold, which can be read again from a mark on, if each of them
    /// stands alone.
    pub(super) fn add(&mut self, marked: Marked, mark: Option<Mark>) {
        for beside in marked.besides {
            self.part.observer.add(beside);
        }
        let mark = mark.map_or(Record::FROM_START, |mark| self.mark(mark));
        if let Some(span) = marked.span {
            self.part.span = wider(self.part.span, span);
        }
        for (record, setup) in marked.calls.records.iter().zip(marked.setups) {
            let place = self.part.calls.merge(&marked.calls, record, mark);
            match self.setups.get_mut(place) {
                Some(known) => known.add(setup),
                None => self.setups.push(Settling::of(setup)),
            }
        }
    }

    /// A batch was taken in that begins at this time.
    pub(super) fn reached(&mut self, at: Timestamp) {
        self.batches = self.batches.wrapping_add(1);
        if self.batches.is_multiple_of(SETTLED_EVERY) {
            self.setups.iter_mut().for_each(|it| it.settle(at));
        }
    }

    /// What it came to.
    pub(super) fn end(self, path: &Path, ended: Result<FileReport, CaptureError>) -> Part {
        let mut part = self.part;
        match ended {
            Ok(ended) => part.warnings = report(path, &ended),
            Err(error) => part.problem = Some(sentence(&error)),
        }
        let left_out = part.observer.finish();
        let named = left_out.map(|it| format!("{}: {it}", path.display()));
        part.warnings.extend(named);
        part.setups = self.setups.into_iter().map(Settling::setup).collect();
        part.calls.finish();
        part
    }

    /// The number of a mark, which is made where it is new.
    fn mark(&mut self, mark: Mark) -> u32 {
        let marks = &mut self.part.marks;
        if marks.last() != Some(&mark) {
            marks.push(mark);
        }
        u32::try_from(marks.len() - 1).unwrap_or(Record::FROM_START)
    }
}

impl Part {
    /// How the call at this place opens; nothing where no INVITE does that.
    pub(super) fn setup(&self, place: u32) -> Option<&Setup> {
        self.setups.get(place as usize)?.as_deref()
    }

    /// From where on all messages of a call are met.
    pub(super) fn start(&self, record: &Record) -> Start {
        let mark = self.marks.get(record.mark as usize);
        mark.map_or(Start::Beginning, |mark| Start::Mark(*mark))
    }
}
