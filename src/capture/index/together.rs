//! The parts put together: every call of all captures in order, and where it stands in each. Reads no
//! files.

use std::collections::hash_map;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::Index;
use super::calls::Record;
use super::part::Part;
use crate::capture::files::Files;
use crate::capture::keyed::Keyed;
use crate::capture::spans::Spans;

/// Where a call stands in one part: the number of the part, and its place in that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) part: u32,
    pub(super) call: u32,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seats {
    One(Seat),
    /// In several parts; which, says the list of those.
    Several(u32),
}

/// A call that stands in several parts.
#[derive(Debug)]
pub(super) struct Several {
    /// Where, in the order of the parts.
    pub(super) seats: Vec<Seat>,
    /// Where its first message is.
    pub(super) opens: Seat,
    pub(super) last: Timestamp,
    pub(super) messages: u64,
}

impl Index {
    pub(super) fn together(files: Files, parts: Vec<Arc<Part>>) -> Index {
        let mut index = Index {
            files,
            spans: Spans::default(),
            warnings: parts.iter().flat_map(|it| it.warnings.clone()).collect(),
            seats: Vec::new(),
            several: Vec::new(),
            by_call_id: Keyed::default(),
            legs: OnceLock::new(),
            within: None,
            parts,
        };
        index.seat();
        index.sort();
        let spans = index.parts.iter().zip(0_u32..);
        for (number, (first, last)) in spans.filter_map(|(it, number)| Some((number, it.span?))) {
            index.spans.add(number, first);
            index.spans.add(number, last);
        }
        index
    }

    /// Gives each call its seats.
    fn seat(&mut self) {
        let parts = self.parts.clone();
        let most = parts.iter().map(|it| it.calls.len()).max();
        self.by_call_id.reserve(most.unwrap_or_default());
        for (part, number) in parts.iter().zip(0_u32..) {
            for (record, call) in part.calls.records.iter().zip(0_u32..) {
                let seat = Seat { part: number, call };
                let next = u32::try_from(self.seats.len()).unwrap_or(u32::MAX);
                match self.by_call_id.entry(record.key) {
                    hash_map::Entry::Vacant(empty) => {
                        empty.insert(next);
                        self.seats.push(Seats::One(seat));
                    }
                    hash_map::Entry::Occupied(known) => {
                        let place = *known.get();
                        self.seat_again(place, seat, record);
                    }
                }
            }
        }
    }

    fn seat_again(&mut self, place: u32, seat: Seat, record: &Record) {
        let Some(seats) = self.seats.get(place as usize).copied() else {
            return;
        };
        let number = match seats {
            Seats::Several(number) => number,
            Seats::One(first) => {
                let Some((_, known)) = self.record(first) else {
                    return;
                };
                let several = Several {
                    seats: vec![first],
                    opens: first,
                    last: known.last,
                    messages: known.messages,
                };
                self.several.push(several);
                let number = u32::try_from(self.several.len() - 1).unwrap_or(u32::MAX);
                if let Some(seats) = self.seats.get_mut(place as usize) {
                    *seats = Seats::Several(number);
                }
                number
            }
        };
        let Some(opens) = self.several.get(number as usize).map(|it| it.opens) else {
            return;
        };
        let opened = self.record(opens).map(|(_, opened)| opened.first);
        if let Some(several) = self.several.get_mut(number as usize) {
            several.seats.push(seat);
            several.last = several.last.max(record.last);
            several.messages = several.messages.saturating_add(record.messages);
            if opened.is_some_and(|opened| record.first < opened) {
                several.opens = seat;
            }
        }
    }

    /// Puts all calls in order of their first message.
    fn sort(&mut self) {
        let opens = |seats: &Seats| self.record(self.opens(*seats)?);
        let first = |seats: &Seats| opens(seats).map(|(_, record)| record.first);
        let call_id = |place: u32| {
            let (part, record) = opens(self.seats.get(place as usize)?)?;
            Some(part.calls.call_id(record))
        };
        let mut order: Vec<(Option<Timestamp>, u32)> =
            self.seats.iter().map(first).zip(0_u32..).collect();
        order.sort_by(|(a_first, a), (b_first, b)| {
            a_first
                .cmp(b_first)
                .then_with(|| call_id(*a).cmp(&call_id(*b)))
        });
        let mut places = vec![0_u32; order.len()];
        for ((_, before), now) in order.iter().zip(0_u32..) {
            if let Some(place) = places.get_mut(*before as usize) {
                *place = now;
            }
        }
        let seats = order
            .iter()
            .filter_map(|(_, at)| self.seats.get(*at as usize));
        self.seats = seats.copied().collect();
        for place in self.by_call_id.values_mut() {
            *place = places.get(*place as usize).copied().unwrap_or(*place);
        }
    }

    /// Where a call's first message is.
    pub(super) fn opens(&self, seats: Seats) -> Option<Seat> {
        match seats {
            Seats::One(seat) => Some(seat),
            Seats::Several(number) => Some(self.several.get(number as usize)?.opens),
        }
    }

    /// What a part keeps of a call.
    pub(super) fn record(&self, seat: Seat) -> Option<(&Part, &Record)> {
        let part = self.parts.get(seat.part as usize)?;
        Some((part, part.calls.records.get(seat.call as usize)?))
    }
}
