//! What a person has to know about a text trace before believing its figures, one sentence a kind.
//! Only words; what they rest on is decided elsewhere.

use std::net::SocketAddr;

/// Something that a text does not say, and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::capture) enum Note {
    /// The bytes could not be read on.
    Stopped,
    /// Lines of which the end was dropped.
    LongLine,
    /// No message has a time.
    NoTimes,
    /// Some have none.
    Untimed,
    /// No message of their call has one, but others have.
    UntimedCall,
    /// Times since an unknown moment.
    Relative,
    /// Times of day, and no date anywhere.
    NoDate,
    /// Dates of which day and month cannot be told apart.
    EitherDate,
    /// Times of day or dates without a year, and a date on another line.
    BorrowedDate,
    /// Dates without a year.
    NoYear,
    /// Times without a zone.
    NoZone,
    /// Times without a fraction.
    WholeSeconds,
    /// Neither end is written.
    Guessed,
    /// Only the far end is written; what was taken as the near one.
    NearSide(SocketAddr),
    /// Only the far end is written, and nothing tells the near one.
    NearUnknown,
    /// Lines that were joined to the one before.
    Joined,
}

impl Note {
    /// The sentence for so many occurrences, the first at this message.
    pub(in crate::capture) fn sentence(self, count: u64, first: u32) -> String {
        let counted = |what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        match self {
            Note::NoTimes => {
                "no time stamps: the order is that of the text, and no duration means anything"
                    .to_owned()
            }
            Note::Untimed => format!(
                "{} without a time, the first is {first}: each was given that of one near it",
                counted("message"),
            ),
            Note::UntimedCall => format!(
                "{} of calls without any time, the first is {first}: no duration of these calls means anything",
                counted("message"),
            ),
            Note::Relative => {
                "times count from an unknown moment: dates and times of day mean nothing".to_owned()
            }
            Note::NoDate => "times without a date: taken as of 1972-01-01".to_owned(),
            Note::EitherDate => {
                "ambiguous dates: nothing tells the day from the month, so that times of day count from 1972-01-01"
                    .to_owned()
            }
            Note::BorrowedDate => {
                "times without a full date: it was taken from the nearest line that has one"
                    .to_owned()
            }
            Note::NoYear => "dates without a year: taken as of 1971 or 1972".to_owned(),
            Note::NoZone => "times without a zone: taken as UTC".to_owned(),
            Note::WholeSeconds => "times in whole seconds: nothing shorter is known".to_owned(),
            Note::Guessed => format!(
                "{} without addresses, the first is {first}: they are guessed from Via, Route and Request-URI",
                counted("message"),
            ),
            Note::NearSide(address) => format!(
                "only the far address of each message is written: the near one is taken to be {address} throughout",
            ),
            Note::NearUnknown => {
                "only the far address of each message is written: 0.0.0.0:0 stands for the near one"
                    .to_owned()
            }
            Note::Joined => format!(
                "{} that looked wrapped, the first in message {first}: each was joined to the one before",
                counted("line"),
            ),
            Note::LongLine => format!(
                "{} of over 256 KiB, the first at message {first}: what is beyond was dropped",
                counted("line"),
            ),
            Note::Stopped => format!(
                "damaged, cut or not readable any more after message {first}: only what stands before was read",
            ),
        }
    }
}
