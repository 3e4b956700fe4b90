//! Dates for times that lack them, from the lines before. Makes up no date.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::time::{Day, When, Written};

/// A time of day this much earlier than the one before it is of the next day; less is disorder.
const ROLLS_OVER: i64 = 12 * 3600;

/// The date and time of day that was met last.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Days {
    last: Option<(Date, Time)>,
}

impl Days {
    /// The time with what it lacks of a date, as far as an earlier line had it.
    pub(super) fn complete(&mut self, mut written: Written) -> Written {
        let When::Local(day, time) = written.when else {
            return written;
        };
        let date = match (day, self.last) {
            (Day::Full(date), _) => Some(date),
            (Day::None, Some(last)) => Some(day_of(time, last)),
            (Day::NoYear(month, of_month), Some((last, _))) => {
                // December, then January.
                let rolls = last.month() == 12 && month == 1;
                Date::new(last.year() + i16::from(rolls), month, of_month).ok()
            }
            (_, None) => None,
        };
        if let Some(date) = date {
            written.borrowed |= !matches!(day, Day::Full(_));
            written.when = When::Local(Day::Full(date), time);
            self.last = Some((date, time));
        }
        written
    }
}

/// The date of a time of day that was written after another time.
pub(super) fn day_of(time: Time, (date, before): (Date, Time)) -> Date {
    let seconds = |time: Time| {
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
    };
    if seconds(before) - seconds(time) > ROLLS_OVER {
        date.checked_add(1.day()).unwrap_or(date)
    } else {
        date
    }
}
