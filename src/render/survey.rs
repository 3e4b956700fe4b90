//! What many calls show together, as text: the figures first, then each pattern. Decides nothing.

use super::clean;
use crate::diagnosis::Survey;
use crate::diagnosis::patterns::{Figures, Pattern};

/// The survey as lines of plain text.
#[must_use]
pub fn lines(survey: &Survey) -> Vec<String> {
    let mut lines = vec![figures(&survey.figures)];
    if survey.patterns.is_empty() {
        lines.push("Nothing that only shows in many calls together.".to_owned());
    }
    for pattern in &survey.patterns {
        lines.push(String::new());
        lines.extend(told(pattern));
    }
    if survey.left_out > 0 {
        lines.push(String::new());
        let left_out = survey.left_out;
        lines.push(format!(
            "{left_out} older calls and registrations were not looked at."
        ));
    }
    lines
}

fn figures(figures: &Figures) -> String {
    let percent = |name: &str, figure: Option<usize>| figure.map(|it| format!("{name} {it} %"));
    let seconds = |name: &str, figure: Option<i64>| {
        let tenths = |ms: i64| format!("{}.{} s", ms / 1000, ms % 1000 / 100);
        figure.map(|it| format!("{name} {}", tenths(it)))
    };
    let told = [
        Some(format!(
            "{} calls, {} answered",
            figures.calls, figures.answered
        )),
        percent("ASR", figures.asr),
        percent("NER", figures.ner),
        percent("SER", figures.ser),
        percent("SEER", figures.seer),
        percent("ISA", figures.isa),
        seconds("SRD", figures.srd_ms),
        seconds("talk", figures.sdt_ms),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn told(pattern: &Pattern) -> Vec<String> {
    let mut judged = format!(
        "{}: {}",
        pattern.severity.word(),
        clean::line(&pattern.fact)
    );
    if !pattern.cause.is_empty() {
        judged = format!("{judged} {}", clean::line(&pattern.cause));
    }
    let times = |at: Option<jiff::Timestamp>| at.map(|it| it.strftime("%F %H:%M:%S").to_string());
    let span = match (times(pattern.first), times(pattern.last)) {
        (Some(first), Some(last)) => format!(", {first} to {last} UTC"),
        _ => String::new(),
    };
    let examples: Vec<String> = pattern.examples.iter().map(|id| clean::line(id)).collect();
    vec![
        judged,
        format!(
            "  cause: {} · to act: {} · {} · {}",
            pattern.party.label(),
            pattern.to_act.label(),
            pattern.certainty.word(),
            pattern.rule
        ),
        format!("  {} of them{span}: {}", pattern.count, examples.join(", ")),
        format!("  Next: {}", clean::line(&pattern.next)),
    ]
}
