//! Two calls side by side, and the checks of an address, for the terminal. Every text passes through
//! the page, which lets nothing in a packet move the cursor; decides nothing.

use anstyle::{AnsiColor, Style as Paint};

use super::card::Style;
use super::page::{Page, bold, color};
use crate::diagnosis::TurnUp;
use crate::diagnosis::comparison::{Check, Compared, Comparison, Difference, Missing, Seen, Which};

/// Writes a comparison out, ending with a line break.
#[must_use]
pub fn terminal(comparison: &Comparison, style: Style) -> String {
    let mut page = Page::new(style);
    for (name, call) in [("A", &comparison.a), ("B", &comparison.b)] {
        compared(&mut page, name, call);
    }
    if let Some(twin) = &comparison.twin {
        page.block();
        page.entry("", &twin.sentence, Paint::new());
    }
    page.block();
    page.entry("", &counted(comparison), bold(AnsiColor::Cyan));
    differences(&mut page, &comparison.differences);
    let missing: Vec<String> = comparison.missing.iter().map(lacks).collect();
    page.titled("Could not be compared", &missing, |_| "- ".to_owned());
    page.titled("Note", &comparison.notes, |_| "- ".to_owned());
    page.finish()
}

fn compared(page: &mut Page, name: &str, call: &Compared) {
    let started = call
        .started
        .map_or("at a time that was not recorded".to_owned(), |at| {
            at.strftime("%F %T UTC").to_string()
        });
    let ids = call.call_ids.join(" · ");
    let sign = format!("{name}  ");
    page.marked(&sign, color(AnsiColor::Cyan), &ids);
    page.marked(
        "   ",
        Paint::new(),
        &format!("{started} · {} → {}", call.from, call.to),
    );
    page.marked(
        "   ",
        Paint::new(),
        &format!("{} ({})", call.summary, call.rule),
    );
}

/// How many things differ.
#[must_use]
pub fn counted(comparison: &Comparison) -> String {
    let things = |many: usize| match many {
        1 => "1 thing".to_owned(),
        many => format!("{many} things"),
    };
    let equal = match comparison.equal {
        1 => "1 is the same".to_owned(),
        many => format!("{many} are the same"),
    };
    let differ = things(comparison.differences.len());
    let s = if comparison.differences.len() == 1 {
        "s"
    } else {
        ""
    };
    format!("{differ} differ{s}; {equal} and not listed.")
}

/// Each area with what differs in it: the name in one column, each call in one of its own.
fn differences(page: &mut Page, all: &[Difference]) {
    let labels = all
        .iter()
        .map(|it| it.label.chars().count())
        .max()
        .unwrap_or(0);
    let mut area = None;
    for one in all {
        if area != Some(one.area) {
            area = Some(one.area);
            page.title(one.area.label());
        }
        page.row(&one.label, labels, [&one.a, &one.b]);
    }
}

/// What is known of one call only.
#[must_use]
pub fn lacks(missing: &Missing) -> String {
    let which = match missing.of {
        Which::A => "A",
        Which::B => "B",
    };
    match (missing.area.label(), missing.label.as_str()) {
        (area, "") => format!("{area}: nothing of it was seen of {which}."),
        (area, label) => format!("{area}: {label} is not known of {which}."),
    }
}

/// Writes the checks of an address out, ending with a line break.
#[must_use]
pub fn turn_up(checks: &TurnUp, style: Style) -> String {
    let mut page = Page::new(style);
    let is_wrong = checks.checks.iter().any(|it| it.seen == Seen::Wrong);
    let tone = if is_wrong {
        AnsiColor::Red
    } else {
        AnsiColor::Cyan
    };
    page.entry("", &head(checks), bold(tone));
    page.block();
    let width = checks
        .checks
        .iter()
        .map(|it| it.what.chars().count())
        .max()
        .unwrap_or(0);
    for check in &checks.checks {
        one_check(&mut page, check, width);
    }
    page.titled("Note", &checks.notes, |_| "- ".to_owned());
    page.finish()
}

/// How many checks stand how.
#[must_use]
pub fn head(checks: &TurnUp) -> String {
    let name = checks
        .name
        .as_ref()
        .map(|name| format!("{name} "))
        .unwrap_or_default();
    let of = |seen: Seen| checks.checks.iter().filter(|it| it.seen == seen).count();
    let (good, wrong, open) = (of(Seen::Good), of(Seen::Wrong), of(Seen::NotSeen));
    format!(
        "{name}{}: {good} seen, {wrong} wrong, {open} not seen yet.",
        checks.address
    )
}

fn one_check(page: &mut Page, check: &Check, width: usize) {
    let paint = match check.seen {
        Seen::Good => color(AnsiColor::Green),
        Seen::Wrong => color(AnsiColor::Red),
        Seen::NotSeen => color(AnsiColor::Yellow),
    };
    let sign = format!("{} {:width$}  ", check.seen.sign(), check.what);
    page.marked(&sign, paint, &check.sentence);
}
