//! Dates as log writers and sniffers write them before a time of day. Says what stands there; chooses
//! neither a year nor an order of day and month.

use jiff::civil::Date;
use jiff::tz::Offset;

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// How much of a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Full(Date),
    /// Two numbers that may each be the day, and a year.
    Either(Either),
    /// Month and day, as syslog writes them.
    NoYear(i8, i8),
    None,
}

/// Which of two numbers before a year is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// A date such as `03/02/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Either {
    pub(super) day_first: Date,
    pub(super) month_first: Date,
    /// The zone of the time behind it, where one is written.
    pub(super) offset: Option<Offset>,
}

impl Either {
    /// The date in this order.
    pub(super) fn date(&self, order: Order) -> Date {
        match order {
            Order::DayFirst => self.day_first,
            Order::MonthFirst => self.month_first,
        }
    }
}

/// A date where it stands in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Where it begins.
    pub(super) start: usize,
    pub(super) day: Day,
    /// The order of day and month, where the numbers tell it.
    pub(super) order: Option<Order>,
}

/// The date at the end of what stands before a time of day.
pub(super) fn at_end(head: &[u8]) -> Option<Found> {
    let head = head.strip_suffix(b"T").unwrap_or(head).trim_ascii_end();
    // As a browser writes it: `2/16/2026, 1:00:22 PM`.
    let head = head.strip_suffix(b",").unwrap_or(head);
    year_first(head)
        .or_else(|| year_last(head))
        .or_else(|| month_and_day(head))
}

/// A number of two digits.
pub(super) fn two(a: u8, b: u8) -> Option<i8> {
    let both = a.is_ascii_digit() && b.is_ascii_digit();
    both.then(|| ((a - b'0') * 10 + (b - b'0')).cast_signed())
}

/// A year of the last century or this one.
pub(super) fn year(digits: &[u8]) -> Option<i16> {
    let [y, yy, yyy, yyyy] = digits else {
        return None;
    };
    let century = two(*y, *yy).filter(|it| matches!(it, 19 | 20))?;
    Some(i16::from(century) * 100 + i16::from(two(*yyy, *yyyy)?))
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'/' | b'.')
}

/// `2026-01-31`, `2026/01/31` or `2026.01.31`.
fn year_first(head: &[u8]) -> Option<Found> {
    let start = head.len().checked_sub(10)?;
    let [y, yy, yyy, yyyy, mark, m, mm, again, d, dd] = head.get(start..)? else {
        return None;
    };
    if mark != again || !is_separator(*mark) {
        return None;
    }
    let year = i16::from(two(*y, *yy)?) * 100 + i16::from(two(*yyy, *yyyy)?);
    let date = Date::new(year, two(*m, *mm)?, two(*d, *dd)?).ok()?;
    Some(Found {
        start,
        day: Day::Full(date),
        order: None,
    })
}

/// `31/01/2026`, `1.31.2026` and the like.
fn year_last(head: &[u8]) -> Option<Found> {
    let (before, digits) = head.split_at_checked(head.len().checked_sub(4)?)?;
    let year = year(digits)?;
    let (before, mark) = separator(before)?;
    let (before, second) = one_or_two(before)?;
    let (before, again) = separator(before)?;
    let (before, first) = one_or_two(before)?;
    // Else the end of a longer number, such as an address.
    let runs_on = |it: &u8| it.is_ascii_alphanumeric() || is_separator(*it);
    if mark != again || before.last().is_some_and(runs_on) {
        return None;
    }
    let (day, order) = match (
        Date::new(year, second, first),
        Date::new(year, first, second),
    ) {
        (Ok(day_first), Ok(month_first)) if day_first == month_first => {
            (Day::Full(day_first), None)
        }
        (Ok(day_first), Ok(month_first)) => {
            let either = Either {
                day_first,
                month_first,
                offset: None,
            };
            (Day::Either(either), None)
        }
        (Ok(date), Err(_)) => (Day::Full(date), Some(Order::DayFirst)),
        (Err(_), Ok(date)) => (Day::Full(date), Some(Order::MonthFirst)),
        (Err(_), Err(_)) => return None,
    };
    Some(Found {
        start: before.len(),
        day,
        order,
    })
}

fn separator(text: &[u8]) -> Option<(&[u8], u8)> {
    let (last, before) = text.split_last()?;
    is_separator(*last).then_some((before, *last))
}

/// The number of one or two digits at the end, and what stands before it.
fn one_or_two(text: &[u8]) -> Option<(&[u8], i8)> {
    let digits = text.iter().rev().take_while(|it| it.is_ascii_digit());
    let (before, digits) = text.split_at_checked(text.len() - digits.count())?;
    match digits {
        [d] => Some((before, two(b'0', *d)?)),
        [d, dd] => Some((before, two(*d, *dd)?)),
        _ => None,
    }
}

/// `Jan 31` or `Jan  1`.
fn month_and_day(head: &[u8]) -> Option<Found> {
    let (before, day) = one_or_two(head)?;
    let month = before.trim_ascii_end();
    let start = month.len().checked_sub(3)?;
    let name = month.get(start..)?;
    let number = MONTHS.iter().position(|it| it.eq_ignore_ascii_case(name))?;
    let month = i8::try_from(number + 1).ok()?;
    // A leap year, so that 29 February passes.
    Date::new(2000, month, day).ok()?;
    Some(Found {
        start,
        day: Day::NoYear(month, day),
        order: None,
    })
}
