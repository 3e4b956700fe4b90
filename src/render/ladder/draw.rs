//! Puts lanes and rows on lines of a fixed width. Every character is one column wide; a line that
//! does not fit is clipped, never wrapped. Chooses how to draw, not what.

use jiff::SignedDuration;

use super::label::LEGS;
use super::lanes::{Lane, Lanes};
use super::rows::Row;
use crate::diagnosis::case::seconds;
use crate::render::clean;

/// More lanes than this are headed by letters and have their labels beside them.
const MOST_HEADED: usize = 4;
/// More lanes than this are not drawn; rows that touch one say so by its letter.
const MOST_DRAWN: usize = 12;
/// The most lanes that are listed by letter.
const MOST_LISTED: usize = 16;
/// Lanes are no farther apart than this, however much room there is.
const WIDEST_PITCH: usize = 26;
/// Lanes are no nearer than this while labels stand on the arrows.
const NARROWEST_PITCH: usize = 12;

/// How the lanes are headed, and so where the labels stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heads {
    /// Name and address above each lane, labels on the arrows.
    Names,
    /// A letter above each lane, labels to the right of all.
    Letters,
}

/// A ladder's measures.
#[derive(Debug)]
pub struct Drawing<'a> {
    lanes: &'a [Lane],
    heads: Heads,
    /// How many lanes are drawn.
    drawn: usize,
    /// The column of the first lane, and from one lane to the next.
    left: usize,
    pitch: usize,
    columns: usize,
    number_width: usize,
    time_width: usize,
    many_legs: bool,
}

impl<'a> Drawing<'a> {
    /// Measures what is to be drawn.
    #[must_use]
    pub fn new(lanes: &'a Lanes, rows: &[Row], legs: usize, columns: usize) -> Drawing<'a> {
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(1);
        let number_width = widest(&mut rows.iter().map(|row| row.number.to_string().len()));
        let time_width = widest(&mut rows.iter().map(|row| time(row.at).len()));
        let many_legs = legs > 1;
        // Mark, number, leg, time, each with its blank.
        let left = 2 + number_width + usize::from(many_legs) + 1 + time_width + 1;
        let mut drawing = Drawing {
            lanes: &lanes.all,
            heads: Heads::Letters,
            drawn: lanes.all.len().min(MOST_DRAWN),
            left,
            pitch: if lanes.all.len() > 8 { 3 } else { 4 },
            columns,
            number_width,
            time_width,
            many_legs,
        };
        if let Some(pitch) = drawing.pitch_for_names(rows) {
            drawing.heads = Heads::Names;
            drawing.pitch = pitch;
        }
        drawing
    }

    /// How far apart the lanes stand if labels are to fit on the arrows; nothing if they cannot.
    fn pitch_for_names(&self, rows: &[Row]) -> Option<usize> {
        let spaces = self.lanes.len().checked_sub(1).filter(|n| *n > 0)?;
        if self.lanes.len() > MOST_HEADED {
            return None;
        }
        let head = |lane: &Lane| width(&lane.address).max(width(&lane.name));
        let heads = self.lanes.iter().map(head).max()?;
        let last_head = head(self.lanes.last()?).min(WIDEST_PITCH - 2);
        let notes = rows.iter().map(|row| width(&note(row))).max()?;
        let right = last_head.div_ceil(2).max(notes + 2);
        let most = (self.columns.checked_sub(self.left + 1 + right)? / spaces).min(WIDEST_PITCH);
        // The lane itself, then at least one dash on each side of the label and the arrow's head.
        let needed = |form: Option<&String>, row: &Row, around: usize| {
            let label = form.map_or(0, |form| width(form));
            (label + around).div_ceil(row.from.abs_diff(row.to).max(1))
        };
        let least = rows
            .iter()
            .map(|row| needed(row.forms.last(), row, 4))
            .max()?;
        if least.max(NARROWEST_PITCH) > most {
            return None;
        }
        let easy = rows
            .iter()
            .map(|row| needed(row.forms.first(), row, 8))
            .max()?;
        Some(easy.max(heads + 2).max(18).min(most))
    }

    /// The lines above the rows.
    #[must_use]
    pub fn head(&self) -> Vec<String> {
        if self.heads == Heads::Letters {
            let listed = self.lanes.iter().enumerate().take(MOST_LISTED);
            let names = listed.clone().map(|(_, lane)| width(&lane.name));
            let name_width = names.max().unwrap_or(0).min(20);
            let mut lines: Vec<String> = listed
                .map(|(at, lane)| {
                    let name = clean::cut(&lane.name, name_width);
                    let line = format!("{} {name:name_width$} {}", letter(at), lane.address);
                    clean::cut(line.trim_end(), self.columns)
                })
                .collect();
            if self.lanes.len() > MOST_LISTED {
                lines.push(format!("… {} more …", self.lanes.len() - MOST_LISTED));
            }
            let mut letters = Line::new(self.columns);
            for at in 0..self.drawn {
                letters.put(self.x(at), &letter(at));
            }
            lines.push(letters.done());
            return lines;
        }
        let (mut names, mut addresses) = (Line::new(self.columns), Line::new(self.columns));
        for (at, lane) in self.lanes.iter().enumerate() {
            let (name, address) = self.shortened(lane);
            names.put(self.head_x(at, &name), &name);
            addresses.put(self.head_x(at, &address), &address);
        }
        vec![names.done(), addresses.done()]
    }

    /// Names and addresses that had to be shortened in the head, in full.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let shown_whole = self.heads == Heads::Letters;
        let cut = self.lanes.iter().filter(move |lane| {
            let (name, address) = self.shortened(lane);
            !shown_whole && (name != lane.name || address != lane.address)
        });
        cut.map(|lane| format!("{} {}", lane.address, lane.name))
    }

    fn shortened(&self, lane: &Lane) -> (String, String) {
        let most = self.pitch.saturating_sub(2);
        (
            clean::cut(&lane.name, most),
            clean::cut_middle(&lane.address, most),
        )
    }

    /// How short the line of a row can be: up to the last lifeline, with the break behind it.
    #[must_use]
    pub fn shortest(&self) -> usize {
        match self.x(self.drawn.saturating_sub(1)) {
            last if self.drawn > 0 && last < self.columns => last + 2,
            _ => 1,
        }
    }

    /// The line of a row.
    #[must_use]
    pub fn row(&self, row: &Row) -> String {
        let mut line = self.lifelines('│');
        let mark = if row.marked { "!" } else { " " };
        let leg = match self.many_legs {
            false => String::new(),
            true => leg(row.leg).to_string(),
        };
        let (number_width, time_width) = (self.number_width, self.time_width);
        let number = row.number;
        let time = time(row.at);
        line.put(
            0,
            &format!("{mark} {number:>number_width$}{leg} {time:>time_width$}"),
        );
        let note = note(row);
        let beside = self.x(self.drawn) - self.pitch + 2;
        let (low, high) = (row.from.min(row.to), row.from.max(row.to));
        let is_drawn = high < self.drawn && low < high;
        if is_drawn {
            self.arrow(&mut line, row, low, high);
        }
        match self.heads {
            Heads::Names if is_drawn => line.put(beside, &note),
            Heads::Names => {
                let room = self.pitch.saturating_sub(3);
                let label = clean::cut(
                    &format!("itself: {}", fitting(row, room.saturating_sub(8))),
                    room,
                );
                let is_last = low + 1 >= self.drawn;
                let x = if is_last {
                    self.x(low).saturating_sub(width(&label) + 1)
                } else {
                    self.x(low) + 2
                };
                line.put(x, &label);
            }
            Heads::Letters => {
                let way = if is_drawn {
                    String::new()
                } else {
                    format!("{}>{} ", letter(row.from), letter(row.to))
                };
                let room = self.columns.saturating_sub(beside + 1);
                let label = format!("{way}{}", fitting(row, room.saturating_sub(width(&way))));
                line.put(beside + 1, &clean::cut(&label, room));
                if width(&label) + 1 + width(&note) <= room {
                    line.put(beside + 2 + width(&label), &note);
                }
            }
        }
        line.done()
    }

    /// The line for the time that passed between two rows, where that was long.
    #[must_use]
    pub fn pause(&self, long: SignedDuration) -> String {
        self.aside(&format!("… {}", seconds(long)))
    }

    /// The line for messages that are left out.
    #[must_use]
    pub fn hole(&self, messages: usize, keep_alives: bool) -> String {
        self.aside(&format!("… {} …", more(messages, keep_alives)))
    }

    /// A remark between two rows: lifelines are dotted, as no message is drawn.
    fn aside(&self, remark: &str) -> String {
        let mut line = self.lifelines(':');
        if width(remark) + 2 < self.left {
            line.put(self.left - 1 - width(remark), remark);
        } else {
            line.put(2, &format!("{remark} "));
        }
        line.done()
    }

    fn arrow(&self, line: &mut Line, row: &Row, low: usize, high: usize) {
        let (dash, crossing) = if row.marked {
            ('═', '╪')
        } else {
            ('─', '┼')
        };
        let (from, to) = (self.x(low) + 1, self.x(high));
        for x in from..to {
            let on_lane = (x - self.left).is_multiple_of(self.pitch);
            line.set(x, if on_lane { crossing } else { dash });
        }
        if self.heads == Heads::Names {
            // Between a dash at the one end, a dash and the arrow's head at the other.
            let room = (to - from).saturating_sub(3);
            let label = fitting(row, room);
            let label = match width(&label) + 2 <= room {
                true => format!(" {label} "),
                false => clean::cut(&label, room),
            };
            let start = from + if row.from < row.to { 1 } else { 2 };
            line.put(start + (room - width(&label)) / 2, &label);
        }
        if row.from < row.to {
            line.set(to - 1, '>');
        } else {
            line.set(from, '<');
        }
    }

    fn lifelines(&self, sign: char) -> Line {
        let mut line = Line::new(self.columns);
        for at in 0..self.drawn {
            line.set(self.x(at), sign);
        }
        line
    }

    fn x(&self, lane: usize) -> usize {
        self.left + lane * self.pitch
    }

    /// Where a head begins: in the middle of its lane, moved where it would leave the page.
    fn head_x(&self, lane: usize, head: &str) -> usize {
        let centred = self.x(lane).saturating_sub(width(head) / 2);
        centred.min(self.columns.saturating_sub(width(head)))
    }
}

/// The longest form of a label that fits, else the shortest.
pub fn fitting(row: &Row, room: usize) -> String {
    let fits = |form: &&String| width(form) <= room;
    let form = row.forms.iter().find(fits).or(row.forms.last());
    form.cloned().unwrap_or_default()
}

/// Until when a repeated message was sent.
fn note(row: &Row) -> String {
    if row.times < 2 {
        return String::new();
    }
    format!("to {}", time(row.last))
}

/// How many messages are left out.
pub fn more(messages: usize, keep_alives: bool) -> String {
    let what = if keep_alives { "keep-alive" } else { "message" };
    let s = if messages == 1 { "" } else { "s" };
    format!("{messages} more {what}{s}")
}

/// The letter of a leg.
pub fn leg(leg: usize) -> char {
    LEGS.chars().nth(leg).unwrap_or('?')
}

/// `+0.612`; whole seconds where the call lasted days.
pub fn time(since: SignedDuration) -> String {
    if since.as_secs() < 100_000 {
        format!("+{}.{:03}", since.as_secs(), since.subsec_millis().abs())
    } else {
        format!("+{}", since.as_secs())
    }
}

/// `A` to `Z`, then `AA` and so on.
pub fn letter(at: usize) -> String {
    let last = char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    match at / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

pub fn width(text: &str) -> usize {
    text.chars().count()
}

/// One line being drawn: what falls beyond its end is lost.
struct Line(Vec<char>);

impl Line {
    fn new(columns: usize) -> Line {
        Line(vec![' '; columns])
    }

    fn set(&mut self, x: usize, sign: char) {
        if let Some(cell) = self.0.get_mut(x) {
            *cell = sign;
        }
    }

    fn put(&mut self, x: usize, text: &str) {
        for (at, sign) in text.chars().enumerate() {
            self.set(x + at, sign);
        }
    }

    fn done(self) -> String {
        self.0.into_iter().collect::<String>().trim_end().to_owned()
    }
}
