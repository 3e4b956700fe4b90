//! One capture of several that are read at once, batch by batch. Makes nothing of the frames.

use std::io::Read;

use jiff::Timestamp;

use super::batch::Batch;
use super::container::{Container, Mark};
use super::file::CaptureFile;
use super::item::Item;
use super::layers::Layers;
use super::open::{self, Content, Recognised};
use super::window::Window;
use super::{CaptureError, FileReport, text};

/// A capture to be read.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// Its number among all captures.
    pub(super) number: usize,
    pub(super) file: &'a CaptureFile,
    /// When it begins, where that is known and matters: those that overlap are then read side by
    /// side, in the order of time.
    pub(super) begins: Option<Timestamp>,
    pub(super) from: Start,
}

/// From where on a capture is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Beginning,
    /// From here on, and only what each frame tells alone: what the others need stands before it.
    Mark(Mark),
}

/// What is left to read of a capture.
enum Source<'a> {
    Frames(Container<Box<dyn Read + 'a>>),
    /// A text trace, which is read in one go when its turn comes.
    Text(Window<Box<dyn Read + 'a>>),
}

/// A capture that is being read.
pub(super) struct Reading<'a> {
    file: u32,
    source: Source<'a>,
    pub(super) layers: Layers,
    pub(super) report: FileReport,
    /// Whether a place in what is read is a place in the file.
    has_places: bool,
    from: Start,
    /// The batch that is ready; none where nothing follows.
    pub(super) next: Option<Batch>,
    /// The latest time at which a batch began: the order of a capture is kept whatever its clock.
    pub(super) reached: Timestamp,
}

impl<'a> Reading<'a> {
    /// Opens a capture and makes its first batch ready.
    ///
    /// # Errors
    ///
    /// One sentence, where nothing of it can be read.
    pub(super) fn open(capture: &Listed<'a>) -> Result<Reading<'a>, CaptureError> {
        let file = u32::try_from(capture.number).unwrap_or(u32::MAX);
        let bytes = match &capture.from {
            Start::Beginning => capture.file.open()?,
            Start::Mark(mark) => capture.file.open_at(mark)?,
        };
        let Recognised {
            content,
            packed,
            window,
        } = open::recognise(capture.file.name(), bytes)?;
        let source = match content {
            Content::Frames(kind) => {
                let mut container = Container::new(kind, window);
                if let Start::Mark(mark) = &capture.from {
                    container.resume(mark);
                }
                Source::Frames(container)
            }
            Content::Text => Source::Text(window),
        };
        let mut reading = Reading {
            file,
            source,
            layers: Layers::new(file),
            report: FileReport::default(),
            has_places: capture.from == Start::Beginning && !packed,
            from: capture.from,
            next: None,
            reached: Timestamp::MIN,
        };
        reading.advance(Batch::default());
        Ok(reading)
    }

    /// Takes the batch that is ready and makes the one after it ready, in the place of one that is
    /// done with.
    pub(super) fn advance(&mut self, spent: Batch) -> Option<Batch> {
        let ready = self.next.take();
        self.next = match &mut self.source {
            Source::Frames(it) => Batch::fill(it, &mut self.layers.warnings, spent),
            Source::Text(_) => None,
        };
        if let Some(begins) = self.next.as_ref().and_then(Batch::begins) {
            self.reached = self.reached.max(begins);
        }
        ready
    }
}

impl Reading<'_> {
    /// Where a batch begins, if it can be read again from there.
    pub(super) fn mark(&self, batch: &Batch) -> Option<Mark> {
        batch.mark().filter(|_| self.has_places)
    }

    /// Whether all that frames need of those before them is read.
    pub(super) fn is_whole(&self) -> bool {
        self.from == Start::Beginning
    }

    /// Hands out what is left when no batch follows.
    pub(super) fn finish(mut self, sink: &mut dyn FnMut(Item<'_>)) -> FileReport {
        if let Source::Text(window) = self.source {
            return text::read(window, self.file, sink);
        }
        let messages = &mut self.report.sip_messages;
        self.layers.finish(&mut |item| {
            *messages += u64::from(matches!(item, Item::Message(_)));
            sink(item);
        });
        self.report.warnings = self.layers.warnings.sentences();
        self.report
    }
}
