//! What stands before each line of a message: quoting, indentation, or a log's time and name.
//! Takes it off, and tells lines of other origin apart; never looks at the message itself.

use std::ops::Range;

use super::start;
use super::time;

/// What stood before a message's first line, and what is known of the others.
#[derive(Debug)]
pub(super) struct Prefix {
    text: Vec<u8>,
    kind: Kind,
    /// Whether further lines had it too.
    repeated: bool,
}

#[derive(Debug)]
enum Kind {
    Nothing,
    Quoting,
    /// What a log writes; where its time stands.
    Log(Option<Range<usize>>),
    /// Blanks as long as the log's prefix, as journald shows further lines.
    Blanks,
}

/// A line seen against the prefix.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stripped<'a> {
    /// It may belong to the message.
    Line(&'a [u8]),
    /// It comes from elsewhere, and the message may go on after it.
    Foreign,
    /// The message is over.
    Over,
}

impl Prefix {
    pub(super) fn new(text: &[u8]) -> Prefix {
        let kind = if text.is_empty() {
            Kind::Nothing
        } else if start::is_quoting(text) {
            Kind::Quoting
        } else {
            Kind::Log(time::locate(text).map(|(at, _)| at))
        };
        Prefix {
            text: text.to_vec(),
            kind,
            repeated: false,
        }
    }

    /// The line without the prefix.
    pub(super) fn strip<'a>(&mut self, line: &'a [u8]) -> Stripped<'a> {
        let stripped = match &self.kind {
            Kind::Nothing => return Stripped::Line(line),
            Kind::Quoting | Kind::Blanks => self.unquoted(line),
            Kind::Log(at) => self.unlogged(line, at.clone()),
        };
        if let Some(rest) = stripped {
            // A blank line may be there in either way.
            self.repeated |= !rest.is_empty();
            return Stripped::Line(rest);
        }
        if !self.repeated && self.shorten(line) {
            return self.strip(line);
        }
        match (&self.kind, self.repeated) {
            (Kind::Log(_), true) => Stripped::Foreign,
            (Kind::Log(_), false) if time::begins_line(line) => Stripped::Foreign,
            (Kind::Log(_), false) if self.is_indented(line) => {
                self.kind = Kind::Blanks;
                self.text = vec![b' '; self.text.len()];
                self.strip(line)
            }
            // Only the first line had it: the others of a log entry have none, nor have those of a
            // paste that began in the middle of a line.
            (_, false) => {
                self.kind = Kind::Nothing;
                Stripped::Line(line)
            }
            (_, true) => Stripped::Over,
        }
    }

    fn unquoted<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        if let Some(rest) = line.strip_prefix(&*self.text) {
            return Some(rest);
        }
        let blank = line.trim_ascii_end();
        (blank.is_empty() || self.text.trim_ascii_end() == blank).then_some(&[])
    }

    fn unlogged<'a>(&self, line: &'a [u8], at: Option<Range<usize>>) -> Option<&'a [u8]> {
        let Some(at) = at else {
            return self
                .unquoted(line)
                .filter(|_| !line.trim_ascii().is_empty());
        };
        let (there, _) = time::locate(line)?;
        if line.get(..there.start) != self.text.get(..at.start) {
            return None;
        }
        let tail = self.text.get(at.end..)?;
        let rest = line.get(there.end..)?;
        rest.strip_prefix(tail).or_else(|| {
            let blank = rest.trim_ascii_end() == tail.trim_ascii_end();
            blank.then_some(&[])
        })
    }

    /// Where a log entry of several lines was split, its own words (`INFO: <script>: `) stand before
    /// the first only, and what the log writer put before each (`Jan  1 10:00:00 host name[1]: `) is
    /// shorter. Whether it was cut to that.
    fn shorten(&mut self, line: &[u8]) -> bool {
        let Kind::Log(at) = &self.kind else {
            return false;
        };
        let (text, there) = match at {
            None => (0, 0),
            Some(at) => match time::locate(line) {
                Some((there, _)) if line.get(..there.start) == self.text.get(..at.start) => {
                    (at.end, there.end)
                }
                _ => return false,
            },
        };
        let tail = self.text.get(text..).unwrap_or_default();
        let rest = line.get(there..).unwrap_or_default();
        let same = tail.iter().zip(rest).take_while(|(a, b)| a == b).count();
        let ends = (1..=same).rev().find(|end| {
            let blank = tail.get(end - 1).is_some_and(|it| *it == b' ');
            blank && rest.get(*end..).is_some_and(start::is_header)
        });
        let shorter = ends.filter(|end| *end < tail.len());
        if let Some(end) = shorter {
            self.text.truncate(text + end);
        }
        shorter.is_some()
    }

    fn is_indented(&self, line: &[u8]) -> bool {
        let blanks = line.iter().take_while(|it| **it == b' ').count();
        blanks >= self.text.len()
    }
}
