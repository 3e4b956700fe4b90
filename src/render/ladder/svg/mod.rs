//! The ladder as a picture: as wide as a phone shows at a readable size, as tall as the call needs
//! up to a bound. Chooses how to draw, not what.

mod canvas;
mod legend;
mod theme;
mod wrap;

use super::draw::{fitting, leg, letter, more, time};
use super::fold::{Entry, entries, most_telling};
use super::lanes::{Lane, Lanes};
use super::rows::{self, Row};
use crate::diagnosis::Case;
use crate::diagnosis::case::seconds;
use crate::render::clean;
use canvas::{Canvas, Style, columns, width};
use theme::Colours;
pub use theme::Theme;
use wrap::wrapped;

const WIDTH: usize = 960;
const MARGIN: usize = 26;
/// Labels and times.
const TEXT: usize = 26;
/// Numbers, addresses, remarks and the legend.
const SMALL: usize = 21;
/// More rows than this are folded in the middle.
const MOST_ROWS: usize = 32;
/// More lanes than this share the last one; rows that touch it say whose they are.
const MOST_LANES: usize = 12;
/// Lanes with room for fewer characters are headed by letters.
const SHORTEST_HEAD: usize = 9;
/// A name or an address takes no more lines than this.
const HEAD_LINES: usize = 3;
/// A ladder of more entries than this has its heads below, too.
const TALL: usize = 20;
const LINE: usize = 27;
const ROW: usize = 70;
const ASIDE: usize = 52;

/// Draws the ladder of a call as SVG. `marked` are the numbers of the messages to point at: those
/// the verdict rests on. Repetitions are one row; of a long call the middle is left out and
/// counted, marked rows last.
#[must_use]
pub fn svg(case: &Case<'_>, marked: &[usize], theme: Theme) -> String {
    drawn(case, &Lanes::of(case), marked, theme)
}

/// The same without any address.
#[must_use]
pub fn svg_of_names(case: &Case<'_>, marked: &[usize], theme: Theme) -> String {
    drawn(case, &Lanes::of(case).without_addresses(), marked, theme)
}

fn drawn(case: &Case<'_>, lanes: &Lanes, marked: &[usize], theme: Theme) -> String {
    let rows = rows::rows(case.call, lanes, marked);
    let entries = entries(&rows, &most_telling(&rows, MOST_ROWS));
    let colours = theme.colours();
    let mut page = Page::new(&lanes.all, &rows, case.call.legs.len() > 1, colours);
    page.heads();
    for entry in &entries {
        match *entry {
            Entry::Row(_, row) => page.row(row),
            Entry::Pause(long) => page.aside(&format!("{} later", seconds(long))),
            Entry::Hole {
                messages,
                keep_alives,
            } => page.aside(&format!("… {} …", more(messages, keep_alives))),
        }
    }
    if entries.len() > TALL {
        page.heads();
    }
    let Page { canvas, y, .. } = page;
    let lettered = page.heads == Heads::Letters;
    legend::add(case, &lanes.all, &rows, lettered, (canvas, y), colours)
}

/// How the lanes are headed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heads {
    Names,
    Letters,
}

/// A ladder being drawn from the top down.
struct Page<'a> {
    canvas: Canvas,
    colours: &'static Colours,
    lanes: &'a [Lane],
    heads: Heads,
    many_legs: bool,
    /// Where the lanes begin, and how wide each is.
    left: usize,
    pitch: usize,
    /// Where the next thing goes.
    y: usize,
}

impl<'a> Page<'a> {
    fn new(
        lanes: &'a [Lane],
        rows: &[Row],
        many_legs: bool,
        colours: &'static Colours,
    ) -> Page<'a> {
        let times = rows.iter().map(|row| width(&time(row.at), TEXT)).max();
        let left = MARGIN + times.unwrap_or_default() + 12;
        let drawn = lanes.len().clamp(1, MOST_LANES);
        let pitch = (WIDTH - 8).saturating_sub(left) / drawn;
        let heads = match columns(pitch.saturating_sub(18), SMALL) {
            SHORTEST_HEAD.. => Heads::Names,
            _ => Heads::Letters,
        };
        Page {
            canvas: Canvas::default(),
            colours,
            lanes,
            heads,
            many_legs,
            left,
            pitch,
            y: 16,
        }
    }

    /// A box above each lane with who it is.
    fn heads(&mut self) {
        let room = columns(self.pitch.saturating_sub(18), SMALL);
        let texts: Vec<Vec<String>> = match self.heads {
            Heads::Names => {
                let wrap = |text: &str| wrapped(text, room, HEAD_LINES);
                let text = |lane: &Lane| [wrap(&lane.name), wrap(&lane.address)].concat();
                self.lanes.iter().map(text).collect()
            }
            Heads::Letters => {
                let last = self.drawn() - 1;
                let others = |at| at == last && self.lanes.len() > self.drawn();
                let text = |at| letter(at) + if others(at) { "…" } else { "" };
                (0..self.drawn()).map(|at| vec![text(at)]).collect()
            }
        };
        let lines = texts.iter().map(Vec::len).max().unwrap_or(1);
        let height = lines * LINE + 16;
        for (at, text) in texts.iter().enumerate() {
            let corner = (self.left + at * self.pitch + 4, self.y);
            let size = (self.pitch.saturating_sub(8), height);
            self.canvas.panel(corner, size, 10, self.colours.panel);
            let name_lines = match self.lanes.get(at) {
                Some(lane) if self.heads == Heads::Names => {
                    wrapped(&lane.name, room, HEAD_LINES).len()
                }
                _ => 1,
            };
            let above = (lines - text.len()) * LINE / 2;
            for (line, text) in text.iter().enumerate() {
                let is_name = line < name_lines;
                let style = match is_name {
                    true => Style::new(SMALL, self.colours.ink).bold(true),
                    false => Style::new(SMALL, self.colours.faint),
                };
                let y = self.y + above + line * LINE + 28;
                self.canvas.centred((self.x(at), y), style, text);
            }
        }
        self.y += height;
    }

    /// One message: when, which, and an arrow with what it says above it.
    fn row(&mut self, row: &Row) {
        let repeated = row.times > 1;
        let height = if repeated { ROW + LINE - 6 } else { ROW };
        let (top, colour) = (self.y, self.colours.leg(row.leg));
        let mut paper = self.colours.paper;
        if row.marked {
            paper = self.colours.mark;
            self.canvas
                .panel((0, top + 2), (WIDTH, height - 4), 0, paper);
            let sign = self.colours.mark_sign;
            self.canvas.panel((0, top + 2), (10, height - 4), 0, sign);
        }
        self.lifelines(height, false);
        let ink = Style::new(TEXT, self.colours.ink).bold(row.marked);
        self.canvas.text((MARGIN, top + 32), ink, &time(row.at));
        self.number(row, top + 58);

        let (from, to) = (self.lane(row.from), self.lane(row.to));
        let label = self.label(row);
        let (start, end) = (self.x(from), self.x(to));
        let middle = self.within(usize::midpoint(start, end), width(&label, TEXT));
        self.arrow((start, end), top + 49, colour, row.marked);
        self.canvas.covering((middle, top + 32), ink, paper, &label);
        if repeated {
            let until = Style::new(SMALL, self.colours.faint);
            let text = format!("the last at {}", time(row.last));
            let middle = self.within(middle, width(&text, SMALL));
            self.canvas
                .covering((middle, top + 79), until, paper, &text);
        }
        self.y += height;
    }

    /// The sign of a marked row, its number, and the letter of its leg in the leg's colour.
    fn number(&mut self, row: &Row, y: usize) {
        let mut x = MARGIN;
        if row.marked {
            let style = Style::new(SMALL, self.colours.mark_sign).bold(true);
            self.canvas.text((x, y), style, "!");
            x += width("! ", SMALL);
        }
        let number = row.number.to_string();
        let style = Style::new(SMALL, self.colours.faint);
        self.canvas.text((x, y), style, &number);
        if self.many_legs {
            let style = Style::new(SMALL, self.colours.leg(row.leg)).bold(true);
            x += width(&number, SMALL) + 3;
            self.canvas.text((x, y), style, &leg(row.leg).to_string());
        }
    }

    /// The longest form that the page has room for; with the letters of its lanes where they share
    /// one.
    fn label(&self, row: &Row) -> String {
        let way = if row.from.max(row.to) < self.drawn() {
            String::new()
        } else {
            format!("{}→{} ", letter(row.from), letter(row.to))
        };
        let room = columns(WIDTH.saturating_sub(self.left + 16), TEXT);
        let room = room.saturating_sub(way.chars().count());
        way + &clean::cut(&fitting(row, room), room)
    }

    /// An arrow between two lanes; a loop where it stays on one.
    fn arrow(&mut self, (start, end): (usize, usize), y: usize, colour: &str, marked: bool) {
        let thick = if marked { 6 } else { 3 };
        let (long, half) = if marked { (20, 10) } else { (16, 8) };
        let (low, high) = (y - half, y + half);
        if start == end {
            // Towards the side on which there is room.
            let side = if start + 60 < WIDTH {
                start + 44
            } else {
                start - 44
            };
            let back = if side > start {
                start + long
            } else {
                start - long
            };
            let path = format!("M{start} {} H{side} V{y} H{back}", y - 10);
            self.canvas.stroke(&path, 3, colour, false);
            self.canvas
                .fill(&format!("M{start} {y} L{back} {low} V{high} Z"), colour);
            return;
        }
        let back = if end > start { end - long } else { end + long };
        self.canvas
            .stroke(&format!("M{start} {y} H{back}"), thick, colour, false);
        self.canvas
            .fill(&format!("M{end} {y} L{back} {low} V{high} Z"), colour);
    }

    /// A remark between two rows, where time passed or messages are left out.
    fn aside(&mut self, remark: &str) {
        self.lifelines(ASIDE, true);
        let across = self.left + self.drawn() * self.pitch / 2;
        let wide = width(remark, SMALL) + 36;
        let corner = (across.saturating_sub(wide / 2), self.y + 8);
        self.canvas
            .panel(corner, (wide, ASIDE - 16), 18, self.colours.panel);
        let style = Style::new(SMALL, self.colours.faint);
        self.canvas.centred((across, self.y + 33), style, remark);
        self.y += ASIDE;
    }

    fn lifelines(&mut self, height: usize, dotted: bool) {
        let (top, bottom) = (self.y, self.y + height);
        let line = |at| format!("M{} {top} V{bottom}", self.x(at));
        let path: String = (0..self.drawn()).map(line).collect();
        self.canvas.stroke(&path, 2, self.colours.line, dotted);
    }

    fn drawn(&self) -> usize {
        self.lanes.len().clamp(1, MOST_LANES)
    }

    /// The middle of a text, moved to where all of it is right of the times and on the page.
    fn within(&self, middle: usize, width: usize) -> usize {
        let most = (WIDTH - 8).saturating_sub(width / 2);
        middle.min(most).max(self.left + 8 + width / 2)
    }

    /// The drawn lane of a node: those beyond the last share it.
    fn lane(&self, lane: usize) -> usize {
        lane.min(self.drawn() - 1)
    }

    fn x(&self, lane: usize) -> usize {
        self.left + lane * self.pitch + self.pitch / 2
    }
}
