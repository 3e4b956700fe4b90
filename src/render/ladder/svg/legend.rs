//! What stands below the ladder: when it began, what the signs mean, whose lanes they are, and the
//! Call-IDs in full.

use super::canvas::{Canvas, Style, columns, width};
use super::theme::Colours;
use super::wrap::wrapped;
use super::{LINE, MARGIN, SMALL, WIDTH};
use crate::diagnosis::Case;
use crate::render::clean;
use crate::render::ladder::draw::{leg, letter};
use crate::render::ladder::lanes::Lane;
use crate::render::ladder::notes;
use crate::render::ladder::rows::Row;

/// More lanes or legs than this are counted, not listed.
const MOST_LISTED: usize = 26;
/// A Call-ID or a name takes no more lines than this.
const MOST_LINES: usize = 4;

/// Adds the legend below `y` and gives the finished picture.
pub fn add(
    case: &Case<'_>,
    lanes: &[Lane],
    rows: &[Row],
    lettered: bool,
    (canvas, y): (Canvas, usize),
    colours: &'static Colours,
) -> String {
    let faint = Style::new(SMALL, colours.faint);
    let sign = Style::new(SMALL, colours.mark_sign).bold(true);
    let mut legend = Legend {
        canvas,
        y: y + 20,
        text: faint,
    };
    for note in notes(case, rows) {
        match note.strip_prefix("! ") {
            Some(meaning) => legend.item("!", sign, meaning),
            None => legend.item("", faint, &note),
        }
    }
    if lettered {
        let head = Style::new(SMALL, colours.ink).bold(true);
        for (at, lane) in lanes.iter().enumerate().take(MOST_LISTED) {
            let text = format!("{} {}", lane.name, lane.address);
            legend.item(&letter(at), head, &text);
        }
        legend.more(lanes.len());
    }
    let legs = &case.call.legs;
    for (at, one) in legs.iter().enumerate().take(MOST_LISTED) {
        let head = match legs.len() {
            1 => "Call-ID".to_owned(),
            _ => format!("leg {}", leg(at)),
        };
        let style = Style::new(SMALL, colours.leg(at)).bold(true);
        legend.item(&head, style, &clean::columns(&one.call_id));
    }
    legend.more(legs.len());
    let height = legend.y + MARGIN;
    legend.canvas.done((WIDTH, height), colours.paper)
}

struct Legend {
    canvas: Canvas,
    y: usize,
    text: Style,
}

impl Legend {
    /// A word and what it stands for, on as many lines as that needs.
    fn item(&mut self, head: &str, style: Style, text: &str) {
        let mut x = MARGIN;
        if !head.is_empty() {
            self.canvas.text((x, self.y + LINE), style, head);
            x += width(head, SMALL) + 14;
        }
        let room = columns(WIDTH - MARGIN - x, SMALL);
        for line in wrapped(text, room, MOST_LINES) {
            self.y += LINE;
            self.canvas.text((x, self.y), self.text, &line);
        }
        self.y += 4;
    }

    fn more(&mut self, all: usize) {
        if let Some(more @ 1..) = all.checked_sub(MOST_LISTED) {
            self.item("", self.text, &format!("… {more} more …"));
        }
    }
}
