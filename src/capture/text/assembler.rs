//! Lines in, messages out, each with what the text says around it. Knows where messages begin and
//! end, not what they mean; keeps one message and what was said of the next.

use super::body::Took;
use super::clean;
use super::date::Day;
use super::days::Days;
use super::envelope::Envelope;
use super::markup::Markup;
use super::message::{Draft, End};
use super::prefix::{Prefix, Stripped};
use super::start::Before;
use super::time::{self, When, Written};
use super::{arrows, asterisk, freeswitch, pjsip, sipdump, start};

/// Lines after which what was said of the next message no longer counts.
const OLDEST: u32 = 8;
/// Lines of other origin after which a message is over.
const MOST_FOREIGN: u32 = 200;

/// A message and what is written about it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) envelope: Envelope,
    /// Lines that were joined to the one before.
    pub(super) joined: u64,
}

/// A time of a line that belongs to no message.
#[derive(Debug, Clone, Copy)]
struct Near {
    written: Written,
    /// How many lines ago.
    age: u32,
    /// Whether nothing stands behind the log's prefix there: Asterisk begins what it logs of SIP with a
    /// line end.
    bare: bool,
}

/// Puts messages together.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    markup: Markup,
    /// What is written about the next message, and how many lines ago.
    next: Option<(Envelope, u32)>,
    /// The time of a line shortly before.
    near: Option<Near>,
    days: Days,
    open: Option<(Draft, Envelope)>,
    foreign: u32,
}

impl Assembler {
    pub(super) fn new(markup: Markup) -> Assembler {
        Assembler {
            markup,
            ..Assembler::default()
        }
    }

    /// Takes in the next line of the text; gives the messages that ended with it.
    pub(super) fn line(&mut self, line: &[u8], found: &mut Vec<Found>) {
        let line = self.markup.undo(clean::line(line));
        match clean::unescaped(&line) {
            None => self.plain(&line, Before::Prefix, found),
            Some(lines) => {
                self.close(End::Unmarked, found);
                for line in lines {
                    self.plain(&line, Before::Json, found);
                }
                // Nobody writes half a message into one line.
                self.close(End::Marked, found);
            }
        }
    }

    /// The last message, when the text ends.
    pub(super) fn finish(&mut self, found: &mut Vec<Found>) {
        self.close(End::Unmarked, found);
    }

    fn plain(&mut self, line: &[u8], before: Before, found: &mut Vec<Found>) {
        if let Some(mut envelope) = read_envelope(line) {
            self.close(End::Unmarked, found);
            let before = time::find(line).map(|written| self.days.complete(written));
            // The time of any other line would be that of another event.
            let near = self.near.take().filter(|near| near.bare && near.age == 0);
            let written = envelope.written.or(before);
            let written = written.or(near.map(|near| near.written));
            envelope.written = written.map(|written| self.days.complete(written));
            self.next = Some((envelope, 0));
            return;
        }
        if self.take(line, found) {
            return;
        }
        let before = match self.next {
            Some(_) => Before::Anything,
            None => before,
        };
        match start::find(line, before) {
            Some(at) => self.open(line, at),
            None => self.pass(line),
        }
    }

    /// Gives the line to the message in the works, and whether it is done with.
    fn take(&mut self, line: &[u8], found: &mut Vec<Found>) -> bool {
        let Some((draft, _)) = &mut self.open else {
            return false;
        };
        let mut marked = false;
        let took = match draft.prefix.strip(line) {
            Stripped::Line(line) => {
                marked = start::is_ruler(line);
                draft.take(line)
            }
            Stripped::Over => Took::Over,
            Stripped::Foreign if start::find(line, Before::Prefix).is_some() => Took::Over,
            Stripped::Foreign => Took::Skipped,
        };
        match took {
            Took::Taken => self.foreign = 0,
            Took::Skipped => {
                self.foreign += 1;
                self.note_time(line);
                if self.foreign > MOST_FOREIGN {
                    self.close(End::Unmarked, found);
                }
            }
            Took::Over => {
                self.close(if marked { End::Marked } else { End::Unmarked }, found);
            }
        }
        took != Took::Over
    }

    fn open(&mut self, line: &[u8], at: usize) {
        let (before, start) = line.split_at_checked(at).unwrap_or((&[], line));
        let announced = self.next.is_some();
        let (mut envelope, _) = self.next.take().unwrap_or_default();
        let written = time::find(before).map(|written| self.days.complete(written));
        // A message may be announced by a line with a time and a further one, as "Received:".
        let near = self.near.take().map(|near| near.written);
        envelope.written = match announced {
            true => envelope.written.or(written),
            false => written.or(near),
        };
        self.open = Some((Draft::new(Prefix::new(before), start), envelope));
        self.foreign = 0;
    }

    /// A line that belongs to no message.
    fn pass(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() || start::is_ruler(line) {
            return;
        }
        let mut fields = self.next.take();
        let (envelope, age) = fields.get_or_insert_default();
        if sipdump::read(line, envelope) {
            *age = 0;
        } else {
            *age += 1;
        }
        let fresh = *envelope != Envelope::default() && *age < OLDEST;
        self.next = fields.filter(|_| fresh);
        self.note_time(line);
    }

    /// The time of a line that is not part of a message may be that of the next one, or its date.
    fn note_time(&mut self, line: &[u8]) {
        self.near = match (time::find(line), self.near) {
            (Some(written), _) => Some(Near {
                written: self.days.complete(written),
                age: 0,
                bare: matches!(line.trim_ascii_end(), [.., b':' | b']']),
            }),
            (None, Some(near @ Near { age: 0, .. })) => Some(Near { age: 1, ..near }),
            (None, _) => None,
        };
    }

    fn close(&mut self, end: End, found: &mut Vec<Found>) {
        let Some((draft, envelope)) = self.open.take() else {
            return;
        };
        let joined = draft.joined;
        if let Some(bytes) = draft.finish(end) {
            found.push(Found {
                bytes,
                envelope,
                joined,
            });
        }
    }
}

fn read_envelope(line: &[u8]) -> Option<Envelope> {
    asterisk::read(line)
        .or_else(|| freeswitch::read(line))
        .or_else(|| pjsip::read(line))
        .or_else(|| arrows::read(line))
}

impl Found {
    /// Whether the text says everything about it, so that it need not wait for what comes later.
    pub(super) fn is_complete(&self) -> bool {
        use super::envelope::End::Address;
        let envelope = &self.envelope;
        let dated = envelope.written.is_some_and(|written| match written.when {
            When::Instant(_) => true,
            When::Local(day, _) => matches!(day, Day::Full(_)),
            When::Since(_) => false,
        });
        dated
            && matches!(envelope.source, Some(Address(_)))
            && matches!(envelope.destination, Some(Address(_)))
    }
}
