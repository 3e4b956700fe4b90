//! A card for the terminal. Every text passes through [`clean`], so that nothing in a packet
//! can move the cursor or change colours; escape codes come from here alone.

use anstyle::{AnsiColor, Style as Paint};

use super::wrap::wrap;
use super::{Card, Tone};
use crate::diagnosis::Severity;
use crate::diagnosis::{Outcome, Step};
use crate::render::clean;

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

/// Writes a card out, ending with a line break.
#[must_use]
pub fn terminal(card: &Card, style: Style) -> String {
    let mut page = Page {
        text: String::new(),
        color: style.color,
        width: style.width.max(NARROWEST),
    };
    if let Some(lead) = &card.lead {
        page.entry("", lead, color(AnsiColor::Yellow));
        page.block();
    }
    page.entry("", &card.headline, bold(tone_color(card.tone)));
    if let Some(judgement) = &card.judgement {
        page.entry("", &judgement.parts().join(" · "), Paint::new().bold());
    }
    page.block();
    let facts = card.facts.iter().chain(&card.ids);
    page.list(facts.map(|fact| (&*fact.label, &*fact.text)));
    page.block();
    if !card.summary.is_empty() {
        page.entry("", &card.summary, Paint::new());
    }
    findings(&mut page, card);
    page.titled("Not checked", &card.not_checked, |_| "- ".to_owned());
    page.titled("Do next", &card.next, |at| format!("{}. ", at + 1));
    steps(&mut page, &card.steps);
    if !card.ladder.is_empty() {
        page.block();
        for line in card.ladder.lines() {
            let paint = if line.starts_with('!') {
                color(AnsiColor::Red)
            } else {
                Paint::new()
            };
            page.write(&[(&clean::drawn(line), paint)]);
        }
    }
    if !card.hints.is_empty() {
        page.block();
        for hint in &card.hints {
            page.entry("", hint, Paint::new().dimmed());
        }
    }
    page.text.truncate(page.text.trim_end_matches('\n').len());
    page.text.push('\n');
    page.text
}

/// The proof of the verdict, then what else was found; the verdict's own words stand above.
fn findings(page: &mut Page, card: &Card) {
    let packets = |packets: &[usize]| {
        let numbers: Vec<String> = packets.iter().map(usize::to_string).collect();
        let noun = if packets.len() == 1 {
            "message"
        } else {
            "messages"
        };
        format!("{noun} {}", numbers.join(", "))
    };
    for verdict in card.findings.iter().filter(|point| point.is_verdict) {
        let proof = format!("Proof: {} ({}).", packets(&verdict.packets), verdict.rule);
        page.entry("", &proof, Paint::new());
    }
    let mut others = card
        .findings
        .iter()
        .filter(|point| !point.is_verdict)
        .peekable();
    if others.peek().is_some() {
        page.title("Also found");
    }
    for point in others {
        let (sign, paint) = match point.severity {
            Severity::Error => ("✗ ", color(AnsiColor::Red)),
            Severity::Warning => ("! ", color(AnsiColor::Yellow)),
            Severity::Info => ("· ", Paint::new().dimmed()),
        };
        let proof = packets(&point.packets);
        let text = match point.cause.is_empty() {
            true => format!("{} ({proof})", point.fact),
            false => {
                let sure = point.certainty.word();
                format!("{} {} (cause {sure}; {proof})", point.fact, point.cause)
            }
        };
        page.marked(sign, paint, &text);
    }
}

fn steps(page: &mut Page, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    page.title("Steps");
    for step in steps {
        let paint = match step.outcome {
            Outcome::CauseFound => color(AnsiColor::Red),
            Outcome::Clean => color(AnsiColor::Green),
            Outcome::NothingFound => Paint::new(),
            Outcome::NotChecked => color(AnsiColor::Yellow),
        };
        let mut text = format!("{}: {}", step.step.label(), step.outcome.word());
        if !step.detail.is_empty() {
            text.push_str(&format!(", {}", step.detail));
        }
        if step.outcome != Outcome::NotChecked {
            text.push_str(&format!(" ({} ms)", step.took_ms));
        }
        page.marked(&format!("{} ", step.outcome.sign()), paint, &text);
    }
}

fn tone_color(tone: Tone) -> AnsiColor {
    match tone {
        Tone::Good => AnsiColor::Green,
        Tone::Warning => AnsiColor::Yellow,
        Tone::Bad => AnsiColor::Red,
        Tone::Neutral => AnsiColor::Cyan,
    }
}

fn color(color: AnsiColor) -> Paint {
    Paint::new().fg_color(Some(color.into()))
}

fn bold(of: AnsiColor) -> Paint {
    color(of).bold()
}

/// The page being written.
struct Page {
    text: String,
    color: bool,
    width: usize,
}

impl Page {
    /// One line out of painted pieces.
    fn write(&mut self, pieces: &[(&str, Paint)]) {
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
    fn block(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn title(&mut self, title: &str) {
        self.block();
        self.write(&[(title, Paint::new().bold())]);
    }

    /// A paragraph, indented.
    fn entry(&mut self, indent: &str, text: &str, paint: Paint) {
        let room = self.width.saturating_sub(indent.len());
        for line in wrap(&clean::line(text), room) {
            self.write(&[(indent, Paint::new()), (&line, paint)]);
        }
    }

    /// A paragraph with a sign before it; further lines stand under its text.
    fn marked(&mut self, sign: &str, paint: Paint, text: &str) {
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
    fn titled(&mut self, title: &str, texts: &[String], sign: impl Fn(usize) -> String) {
        if texts.is_empty() {
            return;
        }
        self.title(title);
        for (at, text) in texts.iter().enumerate() {
            self.marked(&sign(at), Paint::new(), text);
        }
    }

    /// Labels in one column, their texts in another.
    fn list<'a>(&mut self, entries: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        let labels = entries.clone().map(|(label, _)| label.chars().count());
        let width = labels.max().unwrap_or(0);
        for (label, text) in entries {
            let label = format!("{:width$}  ", clean::line(label));
            self.marked(&label, Paint::new().dimmed(), text);
        }
    }
}
