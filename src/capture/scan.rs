//! Many captures in one pass: their frames are read in batches, each batch is worked on by itself
//! where that can be done, and what comes of it is taken in in order. Memory is bounded by a few
//! batches, whatever the size of the files. Keeps nothing of what it finds.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::batch::Batch;
use super::container::Mark;
use super::item::Item;
use super::layers::Layers;
use super::pool::{Pool, with_pool};
use super::reading::Reading;
pub(super) use super::reading::{Listed, Start};
use super::warnings::Warnings;
use super::{CaptureError, FileReport};

/// Captures open at once, where many overlap in time. Each holds about a megabyte.
const MOST_OPEN: usize = 32;
/// Bytes that are read sooner than threads are started.
const LITTLE: u64 = 512 * 1024;

/// What is told while captures are read.
pub(super) enum Event<T> {
    /// What was made of the next items.
    Items {
        /// Of which capture.
        number: usize,
        /// Where they can be read again, if each frame tells its items alone.
        mark: Option<Mark>,
        made: T,
    },
    /// A batch of this capture, counted from 0, was taken in, which begins at this time.
    Reached(usize, Timestamp),
    /// This capture, counted from 0, has ended.
    Ended(usize, Result<FileReport, CaptureError>),
}

/// Whether reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Enough,
}

/// A batch that was worked on.
struct Worked<T> {
    batch: Batch,
    /// What was made of its items.
    made: T,
    /// The frames that need those before them.
    left: Vec<usize>,
    messages: u64,
    warnings: Warnings,
}

/// Reads all captures. `map` takes the items of a run of frames, one after another, into a value of
/// its own, on any thread; `take` is told those values, capture by capture, or by time where it is
/// known when they begin. What had to be put together first comes after what stood around it.
pub(super) fn scan<T: Default + Send>(
    captures: &[Listed<'_>],
    map: &(dyn Fn(&mut T, Item<'_>) + Sync),
    take: &mut dyn FnMut(Event<T>) -> Flow,
) {
    let work = |(number, batch): (usize, Batch)| work(number, batch, map);
    let little = captures.iter().map(|it| it.file.size()).sum::<u64>() < LITTLE;
    with_pool(little, &work, |pool| {
        Scan::new(captures).run(pool, map, take);
    });
}

fn work<T: Default>(
    number: usize,
    batch: Batch,
    map: &(dyn Fn(&mut T, Item<'_>) + Sync),
) -> Worked<T> {
    let mut layers = Layers::stateless(u32::try_from(number).unwrap_or(u32::MAX));
    let (mut made, mut left, mut messages) = (T::default(), Vec::new(), 0);
    for (at, frame) in batch.frames().enumerate() {
        let known = layers.push(&frame, &mut |item| {
            messages += u64::from(matches!(item, Item::Message(_)));
            map(&mut made, item);
        });
        if !known {
            left.push(at);
        }
    }
    Worked {
        batch,
        made,
        left,
        messages,
        warnings: layers.warnings,
    }
}

/// What is taken in next.
enum Step {
    Batch(usize),
    End(usize),
    Failed(usize, CaptureError),
}

struct Scan<'a> {
    /// Those not yet opened, the next one last.
    closed: Vec<Listed<'a>>,
    open: Vec<(usize, Reading<'a>)>,
    steps: VecDeque<Step>,
    /// Batches that are done with.
    spent: Vec<Batch>,
}

impl<'a> Scan<'a> {
    fn new(captures: &[Listed<'a>]) -> Scan<'a> {
        let mut closed = captures.to_vec();
        closed.sort_by_key(|it| (it.begins, it.number));
        closed.reverse();
        Scan {
            closed,
            open: Vec::new(),
            steps: VecDeque::new(),
            spent: Vec::new(),
        }
    }

    fn run<T: Default>(
        mut self,
        pool: &mut Pool<'_, (usize, Batch), Worked<T>>,
        map: &(dyn Fn(&mut T, Item<'_>) + Sync),
        take: &mut dyn FnMut(Event<T>) -> Flow,
    ) {
        loop {
            while self.steps.len() < pool.depth() && self.give_next(pool) {}
            let flow = match self.steps.pop_front() {
                None => return,
                Some(Step::Batch(number)) => {
                    let Some(worked) = pool.take() else { return };
                    self.take_in(number, worked, map, take)
                }
                Some(Step::End(number)) => self.end(number, map, take),
                Some(Step::Failed(number, error)) => take(Event::Ended(number, Err(error))),
            };
            if flow == Flow::Enough {
                return;
            }
        }
    }

    /// Gives the pool the batch that comes next in time, or notes what happened instead. `false`
    /// where nothing is left.
    fn give_next<T>(&mut self, pool: &mut Pool<'_, (usize, Batch), Worked<T>>) -> bool {
        if let Some(capture) = self.due() {
            self.closed.pop();
            let number = capture.number;
            match Reading::open(&capture) {
                Ok(reading) => {
                    if reading.next.is_none() {
                        self.steps.push_back(Step::End(number));
                    }
                    self.open.push((number, reading));
                }
                Err(error) => self.steps.push_back(Step::Failed(number, error)),
            }
            return true;
        }
        let ready = self.open.iter_mut().filter(|(_, it)| it.next.is_some());
        let Some((number, reading)) = ready.min_by_key(|(number, it)| (it.reached, *number)) else {
            return false;
        };
        let spent = self.spent.pop().unwrap_or_default();
        if let Some(batch) = reading.advance(spent) {
            pool.give((*number, batch));
            self.steps.push_back(Step::Batch(*number));
        }
        if reading.next.is_none() {
            self.steps.push_back(Step::End(*number));
        }
        true
    }

    /// The capture to be opened now: one that begins before those that are open go on.
    fn due(&self) -> Option<Listed<'a>> {
        let next = *self.closed.last()?;
        let ready = self.open.iter().filter(|(_, it)| it.next.is_some());
        let Some(reached) = ready.map(|(_, it)| it.reached).min() else {
            return Some(next);
        };
        let begins = next.begins?;
        (begins <= reached && self.open.len() < MOST_OPEN).then_some(next)
    }

    fn take_in<T: Default>(
        &mut self,
        number: usize,
        worked: Worked<T>,
        map: &(dyn Fn(&mut T, Item<'_>) + Sync),
        take: &mut dyn FnMut(Event<T>) -> Flow,
    ) -> Flow {
        let Some((_, reading)) = self.open.iter_mut().find(|(it, _)| *it == number) else {
            return Flow::On;
        };
        reading.report.frames = worked.batch.last_number();
        reading.report.sip_messages += worked.messages;
        reading.layers.warnings.merge(worked.warnings);
        let mut flow = take(Event::Items {
            number,
            mark: reading.mark(&worked.batch),
            made: worked.made,
        });
        if !worked.left.is_empty() && reading.is_whole() && flow == Flow::On {
            let mut made = T::default();
            for frame in worked.left.iter().filter_map(|at| worked.batch.frame(*at)) {
                let messages = &mut reading.report.sip_messages;
                reading.layers.push(&frame, &mut |item| {
                    *messages += u64::from(matches!(item, Item::Message(_)));
                    map(&mut made, item);
                });
            }
            let mark = None;
            flow = take(Event::Items { number, mark, made });
        }
        let begins = worked.batch.begins();
        self.spent.push(worked.batch);
        match begins {
            Some(begins) if flow == Flow::On => take(Event::Reached(number, begins)),
            _ => flow,
        }
    }

    fn end<T: Default>(
        &mut self,
        number: usize,
        map: &(dyn Fn(&mut T, Item<'_>) + Sync),
        take: &mut dyn FnMut(Event<T>) -> Flow,
    ) -> Flow {
        let Some(at) = self.open.iter().position(|(it, _)| *it == number) else {
            return Flow::On;
        };
        let (_, reading) = self.open.swap_remove(at);
        let mut made = T::default();
        let report = reading.finish(&mut |item| map(&mut made, item));
        let mark = None;
        if take(Event::Items { number, mark, made }) == Flow::Enough {
            return Flow::Enough;
        }
        take(Event::Ended(number, Ok(report)))
    }
}
