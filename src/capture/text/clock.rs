//! From times as written to moments. What the text does not say is replaced by something that
//! keeps the order, and noted; no duration is ever made longer than the text shows.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::sip::timeless::APART;

use super::super::warnings::{Warning, Warnings};
use super::date::{Day, Either, Order};
use super::days::{beside, day_of};
use super::notes::Note;
use super::time::{When, Written};

/// The date where none is written. 1970 is for messages without any time (`sip::timeless`).
const NO_DATE: Date = jiff::civil::date(1972, 1, 1);

/// What stands further on in the text, for messages that come before the first date or time.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Ahead {
    pub(super) day: Option<(Date, Time)>,
    pub(super) written: Option<Written>,
    /// The order of day and month.
    pub(super) order: Option<Order>,
}

impl Ahead {
    /// What the messages to come have.
    pub(super) fn of(messages: impl Iterator<Item = Option<Written>> + Clone) -> Ahead {
        let order = messages.clone().flatten().find_map(|it| it.order);
        let mut written = messages.flatten().map(|it| it.ordered(order));
        Ahead {
            order,
            written: written.clone().next(),
            day: written.find_map(|written| match written.when {
                When::Local(Day::Full(date), time) => Some((date, time)),
                When::Instant(at) => {
                    let civil = Offset::UTC.to_datetime(at);
                    Some((civil.date(), civil.time()))
                }
                _ => None,
            }),
        }
    }
}

/// The clock of one text.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The number of the file, counted from 0.
    file: u32,
    /// The moment of the last message that has a time.
    last: Option<Timestamp>,
    /// The same as written.
    local: Option<(Date, Time)>,
    /// The first date of which day and month cannot be told apart.
    either: Option<Either>,
    /// How many messages were given an artificial time.
    untimed: i32,
    /// `ngrep -TT` counts from the first packet, which it gives as 0; `ngrep -T` from the one before.
    from_first: Option<bool>,
    since: SignedDuration,
}

impl Clock {
    pub(super) fn new(file: u32) -> Clock {
        Clock {
            file,
            ..Clock::default()
        }
    }

    /// A moment of the artificial clock.
    fn artificial(&self, since: SignedDuration) -> Timestamp {
        let files = SignedDuration::from_hours(24 * i64::from(self.file));
        Timestamp::UNIX_EPOCH
            .saturating_add(files.saturating_add(since))
            .unwrap_or(Timestamp::MAX)
    }

    fn next_artificial(&mut self) -> Timestamp {
        let at = self.artificial(APART * self.untimed);
        self.untimed = self.untimed.saturating_add(1);
        at
    }

    /// When the message with this number was seen; nothing is told of that where no message of its call has a time.
    pub(super) fn at(
        &mut self,
        written: Option<Written>,
        is_told: bool,
        number: u32,
        ahead: Ahead,
        warnings: &mut Warnings,
    ) -> Timestamp {
        let mut note = |note| warnings.add(Warning::Text(note), number);
        let Some(written) = written else {
            return match (self.last, ahead.written) {
                (Some(_), _) | (_, Some(_)) if !is_told => {
                    note(Note::UntimedCall);
                    self.next_artificial()
                }
                (Some(last), _) => {
                    note(Note::Untimed);
                    last
                }
                (None, Some(first)) => {
                    note(Note::Untimed);
                    self.moment(first, ahead, &mut |_| ())
                }
                (None, None) => {
                    note(Note::NoTimes);
                    self.next_artificial()
                }
            };
        };
        if !written.exact {
            note(Note::WholeSeconds);
        }
        if written.borrowed {
            note(Note::BorrowedDate);
        }
        let at = self.moment(written, ahead, &mut note);
        self.last = Some(at);
        at
    }

    fn moment(&mut self, written: Written, ahead: Ahead, note: &mut dyn FnMut(Note)) -> Timestamp {
        let (day, time) = match written.ordered(ahead.order).when {
            When::Instant(at) => return at,
            When::Since(since) => {
                note(Note::Relative);
                return self.since(since);
            }
            When::Local(day, time) => (day, time),
        };
        let mut offset = None;
        let date = match day {
            Day::Full(date) => self.either.map_or(date, |first| {
                let same = Either {
                    day_first: date,
                    month_first: date,
                    offset,
                };
                days_since(first, same)
            }),
            Day::Either(either) => {
                note(Note::EitherDate);
                offset = either.offset;
                days_since(*self.either.get_or_insert(either), either)
            }
            Day::NoYear(month, of_month) => {
                note(match ahead.day {
                    Some(_) => Note::BorrowedDate,
                    None => Note::NoYear,
                });
                let other = self.local.or(ahead.day);
                // A log that runs over New Year comes into a year that has 29 February.
                let year = if month > 6 { 1971 } else { 1972 };
                match other {
                    Some((other, _)) => beside(month, of_month, other),
                    None => Date::new(year, month, of_month).ok(),
                }
                .unwrap_or(NO_DATE)
            }
            Day::None => match (self.local, ahead.day) {
                (Some(local), _) => day_of(time, local),
                (None, Some((date, later))) => {
                    note(Note::BorrowedDate);
                    // Before midnight, where the first date stands behind it.
                    let next = day_of(later, (date, time)) != date;
                    if next {
                        date.checked_sub(1.day()).unwrap_or(date)
                    } else {
                        date
                    }
                }
                (None, None) => {
                    note(Note::NoDate);
                    NO_DATE
                }
            },
        };
        if offset.is_none() {
            note(Note::NoZone);
        }
        self.local = Some((date, time));
        offset
            .unwrap_or(Offset::UTC)
            .to_timestamp(date.to_datetime(time))
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn since(&mut self, since: SignedDuration) -> Timestamp {
        let from_first = *self.from_first.get_or_insert(since.is_zero());
        self.since = if from_first {
            since
        } else {
            self.since.saturating_add(since)
        };
        self.artificial(self.since)
    }
}

/// The date that stands for one whose day and month cannot be told apart, or for one behind it: as many days after
/// 1972-01-01 as it is after the first such date, in the order in which that is fewer.
fn days_since(first: Either, date: Either) -> Date {
    let by_day = date.day_first.duration_since(first.day_first);
    let by_month = date.month_first.duration_since(first.month_first);
    let fewer =
        if by_day.abs() < by_month.abs() || by_month < by_day && by_day.abs() == by_month.abs() {
            by_day
        } else {
            by_month
        };
    NO_DATE.checked_add(fewer).unwrap_or(NO_DATE)
}
