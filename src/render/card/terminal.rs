//! A card for the terminal: which part stands where. How lines are written is the page's affair.

use anstyle::{AnsiColor, Style as Paint};

use super::{Card, Tone};
use crate::diagnosis::Severity;
use crate::diagnosis::{Outcome, Step};
use crate::render::clean;
use crate::render::page::{Page, Style, bold, color};

/// Writes a card out, ending with a line break.
#[must_use]
pub fn terminal(card: &Card, style: Style) -> String {
    let mut page = Page::new(style);
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
    page.titled("Ruled out", &card.ruled_out, |_| "- ".to_owned());
    page.titled("Not checked", &card.not_checked, |_| "- ".to_owned());
    page.titled("Do next", &card.next, |at| format!("{}. ", at + 1));
    step_marks(&mut page, &card.steps);
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
    page.finish()
}

/// The proof of the verdict, then what else was found; the verdict's own words stand above.
fn findings(page: &mut Page, card: &Card) {
    for verdict in card.findings.iter().filter(|point| point.is_verdict) {
        let proof = format!("Proof: {} ({}).", verdict.proof(), verdict.rule);
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
        let proof = point.proof();
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

/// The steps of the flow, a line each.
pub(in crate::render) fn step_marks(page: &mut Page, steps: &[Step]) {
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

/// The colour of a tone.
pub(in crate::render) fn tone_color(tone: Tone) -> AnsiColor {
    match tone {
        Tone::Good => AnsiColor::Green,
        Tone::Warning => AnsiColor::Yellow,
        Tone::Bad => AnsiColor::Red,
        Tone::Neutral => AnsiColor::Cyan,
    }
}
