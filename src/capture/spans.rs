//! From when to when each capture of a set shows anything: until when a call would have been seen.

use jiff::{SignedDuration, Timestamp};

/// A capture that begins later than this after a call says nothing of what came of it.
const FOLLOWS_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// The spans of all captures, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Spans(Vec<Option<(Timestamp, Timestamp)>>);

impl Spans {
    /// Takes in a message of a capture.
    pub(super) fn add(&mut self, file: u32, at: Timestamp) {
        let number = file as usize;
        if self.0.len() <= number {
            self.0.resize(number.saturating_add(1), None);
        }
        if let Some(span) = self.0.get_mut(number) {
            let (first, last) = span.unwrap_or((at, at));
            *span = Some((first.min(at), last.max(at)));
        }
    }

    /// Until when a call whose last message came then would have been seen: to the end of the
    /// captures that begin before it or soon after. One that begins much later, or a text without
    /// times, says nothing of it.
    pub(super) fn until(&self, last: Timestamp) -> Option<Timestamp> {
        let counts = |first: Timestamp| first.duration_since(last) <= FOLLOWS_WITHIN;
        let spans = self.0.iter().flatten();
        spans
            .filter(|(first, _)| counts(*first))
            .map(|(_, last)| *last)
            .max()
    }
}
