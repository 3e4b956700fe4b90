//! Text for the terminal, line by line. Every text passes through [`clean`], so that nothing in a
//! packet can move the cursor or change colours; escape codes come from here alone.

use anstyle::{AnsiColor, Style as Paint};

use super::clean;
use super::wrap::wrap;

/// How a terminal wants its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
}

/// Narrower terminals get lines of this length, and break them as they please.
const NARROWEST: usize = 30;

/// Text in a colour.
pub(super) fn color(color: AnsiColor) -> Paint {
    Paint::new().fg_color(Some(color.into()))
}

/// Bold text in a colour.
pub(super) fn bold(of: AnsiColor) -> Paint {
    color(of).bold()
}

/// The page being written.
pub(super) struct Page {
    text: String,
    color: bool,
    width: usize,
}

impl Page {
    /// An empty page.
    pub fn new(style: Style) -> Page {
        Page {
            text: String::new(),
            color: style.color,
            width: style.width.max(NARROWEST),
        }
    }

    /// The text, ending with one line break.
    pub fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end_matches('\n').len());
        self.text.push('\n');
        self.text
    }

    /// One line out of painted pieces.
    pub fn write(&mut self, pieces: &[(&str, Paint)]) {
        for (piece, paint) in pieces {
            if self.color && !piece.trim().is_empty() && *paint != Paint::new() {
                self.text.push_str(&format!("{paint}{piece}{paint:#}"));
            } else {
                self.text.push_str(piece);
            }
        }
        self.text.push('\n');
    }

    /// An empty line, unless there is one.
    pub fn block(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    pub fn title(&mut self, title: &str) {
        self.block();
        self.write(&[(title, Paint::new().bold())]);
    }

    /// A paragraph, indented.
    pub fn entry(&mut self, indent: &str, text: &str, paint: Paint) {
        let room = self.width.saturating_sub(indent.len());
        for line in wrap(&clean::line(text), room) {
            self.write(&[(indent, Paint::new()), (&line, paint)]);
        }
    }

    /// A paragraph with a sign before it; further lines stand under its text.
    pub fn marked(&mut self, sign: &str, paint: Paint, text: &str) {
        let sign = format!("  {sign}");
        let width = sign.chars().count();
        let blank = " ".repeat(width);
        let room = self.width.saturating_sub(width);
        for (at, line) in wrap(&clean::line(text), room).iter().enumerate() {
            let before = if at == 0 { &sign } else { &blank };
            self.write(&[(before, paint), (line, Paint::new())]);
        }
    }

    /// A title with a marked paragraph for each text; nothing where there is none.
    pub fn titled(&mut self, title: &str, texts: &[String], sign: impl Fn(usize) -> String) {
        if texts.is_empty() {
            return;
        }
        self.title(title);
        for (at, text) in texts.iter().enumerate() {
            self.marked(&sign(at), Paint::new(), text);
        }
    }

    /// Labels in one column, their texts in another.
    pub fn list<'a>(&mut self, entries: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        let labels = entries.clone().map(|(label, _)| label.chars().count());
        let width = labels.max().unwrap_or(0);
        for (label, text) in entries {
            let label = format!("{:width$}  ", clean::line(label));
            self.marked(&label, Paint::new().dimmed(), text);
        }
    }

    /// A name of `width` columns, and two texts side by side, each broken within its own column.
    pub fn row(&mut self, name: &str, width: usize, texts: [&str; 2]) {
        let room = self.width.saturating_sub(width + 6) / 2;
        let [left, right] = texts.map(|text| wrap(&clean::line(text), room));
        for at in 0..left.len().max(right.len()) {
            let name = if at == 0 {
                clean::line(name)
            } else {
                String::new()
            };
            let of = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            let line = format!("  {name:width$}  {:room$}  {}", of(&left), of(&right));
            self.write(&[(line.trim_end(), Paint::new())]);
        }
    }
}
