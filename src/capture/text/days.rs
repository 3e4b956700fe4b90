//! Dates for times that lack them, from the lines before. Makes up no date.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::date::{Day, Either, Order};
use super::time::{When, Written};

/// A time of day this much earlier than the one before it is of the next day; less is disorder.
const ROLLS_OVER: i64 = 12 * 3600;

/// The date and time of day that was met last.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Days {
    last: Option<(Date, Time)>,
    /// The order of day and month, once a date has told it.
    order: Option<Order>,
}

impl Days {
    /// The time with what it lacks of a date, as far as an earlier line had it.
    pub(super) fn complete(&mut self, written: Written) -> Written {
        if let When::Local(Day::Either(either), _) = written.when {
            self.order = self.order.or_else(|| self.order_by_last(either));
        }
        self.order = written.order.or(self.order);
        let mut written = written.ordered(self.order);
        let When::Local(day, time) = written.when else {
            return written;
        };
        let date = match (day, self.last) {
            (Day::Full(date), _) => Some(date),
            (Day::None, Some(last)) => Some(day_of(time, last)),
            (Day::NoYear(month, of_month), Some((last, _))) => beside(month, of_month, last),
            (Day::Either(_), _) | (_, None) => None,
        };
        if let Some(date) = date {
            written.borrowed |= !matches!(day, Day::Full(_));
            written.when = When::Local(Day::Full(date), time);
            self.last = Some((date, time));
        }
        written
    }

    /// The order by which a date is that of the line before.
    fn order_by_last(&self, either: Either) -> Option<Order> {
        let (last, _) = self.last?;
        let mut orders = [Order::DayFirst, Order::MonthFirst].into_iter();
        orders.find(|order| either.date(*order) == last)
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

/// The date of a month and day that stands beside another date: of the same year, but over New Year. Logs run
/// forward, so that half a year back is the next year; forward, only what is nearly a year is the year before.
pub(super) fn beside(month: i8, of_month: i8, other: Date) -> Option<Date> {
    let place = |month: i8, of_month: i8| i16::from(month) * 31 + i16::from(of_month);
    let step = match place(month, of_month) - place(other.month(), other.day()) {
        ..-186 => 1,
        342.. => -1,
        _ => 0,
    };
    // The next year that has 29 February is eight years off at most.
    (0..=8).find_map(|later| Date::new(other.year() + step + later, month, of_month).ok())
}
