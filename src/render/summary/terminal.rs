//! A summary for the terminal: which part stands where. How lines are written is the page's affair.

use anstyle::{AnsiColor, Style as Paint};

use super::{Row, Summary};
use crate::render::card::{Style, step_marks, tone_color};
use crate::render::clean;
use crate::render::page::{Page, bold, color};

/// The most columns of a number in the list; longer ones are cut, the Call-ID never is.
const WIDEST: usize = 16;

/// Writes a summary out, ending with a line break.
#[must_use]
pub fn terminal(summary: &Summary, style: Style) -> String {
    let mut page = Page::new(style);
    page.entry("", &summary.headline, bold(tone_color(summary.tone)));
    page.block();
    for sentence in &summary.shared {
        page.marked("- ", Paint::new(), sentence);
    }
    page.block();
    for group in &summary.groups {
        if !group.example.is_empty() {
            page.block();
        }
        page.marked(
            &format!("{}  ", group.name),
            color(AnsiColor::Cyan),
            &group.title,
        );
        for line in &group.example {
            page.marked("   ", Paint::new(), line);
        }
        for id in &group.ids {
            page.marked("   ", Paint::new(), &format!("{}  {}", id.label, id.text));
        }
    }
    list(&mut page, &summary.calls);
    page.titled("Not found", &summary.not_found, |_| "- ".to_owned());
    let not_asked = summary.not_asked.iter();
    let not_asked: Vec<String> = not_asked
        .map(|it| format!("{}: {}", it.label, it.text))
        .collect();
    page.titled("Could not be asked", &not_asked, |_| "- ".to_owned());
    step_marks(&mut page, &summary.steps);
    if !summary.hints.is_empty() {
        page.block();
        for hint in &summary.hints {
            page.entry("", hint, Paint::new().dimmed());
        }
    }
    page.finish()
}

fn list(page: &mut Page, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    page.title("Calls, failing ones first (UTC)");
    let widest = |of: fn(&Row) -> &str| {
        let lengths = rows.iter().map(|row| of(row).chars().count());
        lengths.max().unwrap_or(0).min(WIDEST)
    };
    let digits = rows.len().to_string().len();
    let started = rows.iter().map(|row| row.started.len()).max().unwrap_or(0);
    let (from, to) = (widest(|row| &row.from), widest(|row| &row.to));
    let (outcome, group) = (widest(|row| &row.outcome), widest(|row| &row.group));
    for (at, row) in rows.iter().enumerate() {
        let line = format!(
            "  {:digits$}  {:started$}  {:from$} → {:to$}  {:outcome$}  {:group$}  {}",
            at + 1,
            row.started,
            clean::cut(&row.from, from),
            clean::cut(&row.to, to),
            clean::cut(&row.outcome, outcome),
            row.group,
            row.call_id,
        );
        page.write(&[(&clean::drawn(&line), Paint::new())]);
    }
}
