//! The ladder of a call as text for a chat's code block, a ticket or a terminal (within a width and
//! a length, every line whole), or as a picture. Draws what the call holds; decides nothing.

mod draw;
mod fold;
mod label;
mod lanes;
mod rows;
mod svg;

use super::clean;
use crate::diagnosis::Case;
use crate::sip::Repeat;
use draw::Drawing;
pub use label::LEGS;
use lanes::Lanes;
pub use svg::{Theme, svg, svg_of_names};

/// How wide and how long a ladder may be, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line.
    pub columns: usize,
    /// All of it, line breaks included.
    pub chars: usize,
}

impl Limits {
    /// What a code block in any chat takes.
    pub const CHAT: Limits = Limits {
        columns: 72,
        chars: 2_900,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::CHAT
    }
}

/// Draws the ladder of a call. `marked` are the numbers of the messages to point at: those the
/// verdict rests on. Where all does not fit, messages in the middle are left out and counted;
/// marked ones are the last to go.
#[must_use]
pub fn text(case: &Case<'_>, marked: &[usize], limits: Limits) -> String {
    drawn(case, &Lanes::of(case), marked, limits)
}

/// The same without any address.
#[must_use]
pub fn text_of_names(case: &Case<'_>, marked: &[usize], limits: Limits) -> String {
    drawn(case, &Lanes::of(case).without_addresses(), marked, limits)
}

fn drawn(case: &Case<'_>, lanes: &Lanes, marked: &[usize], limits: Limits) -> String {
    let rows = rows::rows(case.call, lanes, marked);
    let drawing = Drawing::new(lanes, &rows, case.call.legs.len(), limits.columns);
    let head = drawing.head();
    let foot = foot(case, &drawing, &rows, limits.columns);
    fold::fit(&drawing, &rows, &head, &foot, limits)
}

/// What stands below: when it began, what the signs mean, what was left out, ids and names in full.
fn foot(case: &Case<'_>, drawing: &Drawing<'_>, rows: &[rows::Row], columns: usize) -> Vec<String> {
    let notes = notes(case, rows);
    let mut lines = packed(&notes, columns);
    lines.extend(drawing.names());
    if case.call.legs.len() > 1 {
        for (leg, letter) in case.call.legs.iter().zip(LEGS.chars()) {
            let line = format!("leg {letter} {}", clean::columns(&leg.call_id));
            // A shortened Call-ID is of no use to anybody; the card has it whole.
            if line.chars().count() <= columns {
                lines.push(line);
            }
        }
    }
    let cut = lines.iter().map(|line| clean::cut(line, columns));
    cut.collect()
}

/// When it began, what the signs mean, what was left out: one short note each.
fn notes(case: &Case<'_>, rows: &[rows::Row]) -> Vec<String> {
    let mut notes = Vec::new();
    if case.call.is_timeless() {
        notes.push("no times were recorded: those shown are made up".to_owned());
    } else if let Some(started) = case.call.started() {
        notes.push(format!("+0.000 is {}", started.strftime("%F %T%.3f UTC")));
    }
    if rows.iter().any(|row| row.marked) {
        notes.push("! the verdict rests on it".to_owned());
    }
    let copies = case.call.signals.iter();
    match copies
        .filter(|(_, signal)| signal.repeat == Repeat::CaptureDuplicate)
        .count()
    {
        0 => {}
        1 => notes.push("1 capture duplicate left out".to_owned()),
        n => notes.push(format!("{n} capture duplicates left out")),
    }
    notes
}

/// Puts several short notes on a line as long as they fit.
fn packed(notes: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in notes {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + note.chars().count() <= columns => {
                line.push_str(" · ");
                line.push_str(note);
            }
            _ => lines.push(note.clone()),
        }
    }
    lines
}
