//! Everything with more than one call in it: the summary of many, lists, two calls side by side, the checks
//! of an address. Knows no files.

use super::Context;
use super::buttons::{Choice, is_sayable, select};
use super::card::{bullets, headline, ids, labelled, steps};
use super::sheet::{Part, Rank, Sheet};
use super::text::{Sign, Text};
use crate::archive;
use crate::chat::local;
use crate::diagnosis::comparison::{Compared, Comparison, Difference, Seen};
use crate::diagnosis::rules::Rule;
use crate::diagnosis::{Brief, Party, TurnUp};
use crate::render::card::Tone;
use crate::render::clean;
use crate::render::comparison::{counted, head, lacks};
use crate::render::summary::{GroupHead, Row, Summary};
use crate::sip::Facts;

/// More calls than these are not listed in the message: a select has them, and the file.
const MOST_LISTED: usize = 10;

/// Columns of a number in the text of an option.
const NUMBER: usize = 16;

/// Many calls: why they failed, the best example of each group, and a select to look at any.
pub fn summary(sheet: &mut Sheet, summary: &Summary, context: &Context<'_>) {
    sheet.toned(summary.tone);
    sheet.line(Rank::First, headline(summary.tone, &summary.headline));
    sheet.add(Rank::First, Part::Lines(None, bullets(&summary.shared)));
    for group in &summary.groups {
        sheet.add(Rank::Second, Part::Lines(None, example(group)));
    }
    let rows = summary.calls.iter().enumerate();
    if context.buttons {
        let choice = |(at, row): (usize, &Row)| Choice {
            label: option(at + 1, [&row.started, &row.from, &row.to, &row.outcome]),
            ..diagnose(&row.call_id, at + 1)
        };
        let select = select(
            "call",
            "Look at one of them",
            rows.clone().map(choice).collect(),
        );
        sheet.add(Rank::First, Part::Actions(select.into_iter().collect()));
    }
    let lines = rows.take(MOST_LISTED).map(|(at, row)| {
        let number = format!("{}. {} · {} → {}", at + 1, row.started, row.from, row.to);
        let said = [&number, &row.outcome, &row.group].map(|it| Text::outside(it));
        spaced(said, &row.call_id)
    });
    sheet.titled(
        Rank::Second,
        "Calls, failing ones first (UTC)",
        lines.collect(),
    );
    if summary.calls.len() > MOST_LISTED {
        sheet.leave_rest();
    }
    let not_found = summary
        .not_found
        .iter()
        .map(|id| Text::ours("• ").and(&Text::code(id)));
    sheet.titled(Rank::Second, "Not found", not_found.collect());
    let not_asked = summary.not_asked.iter().map(|it| {
        Text::ours("• ")
            .and(&Text::code(&it.label))
            .and(&Text::ours(": "))
            .and(&Text::outside(&it.text))
    });
    sheet.titled(Rank::Second, "Could not be asked", not_asked.collect());
    steps(sheet, &summary.steps);
    let hints = summary.hints.iter().map(|hint| Text::outside(hint));
    sheet.add(Rank::Last, Part::Small(hints.collect()));
}

fn example(group: &GroupHead) -> Vec<Text> {
    let title = Text::bold(&group.name)
        .and(&Text::ours("  "))
        .and(&Text::outside(&group.title));
    let lines = group.example.iter().map(|line| Text::outside(line));
    std::iter::once(title)
        .chain(lines)
        .chain(ids(&group.ids))
        .collect()
}

/// What is said to look at a call of a list: its Call-ID, else its number in the list.
fn diagnose(call_id: &str, number: usize) -> Choice {
    let named = is_sayable(call_id).then(|| format!("diagnose {call_id}"));
    let number = number.to_string();
    Choice {
        label: String::new(),
        command: named.unwrap_or_else(|| number.clone()),
        otherwise: Some(number),
    }
}

/// A call in a line of a select.
fn option(number: usize, [started, from, to, outcome]: [&str; 4]) -> String {
    let (from, to) = (clean::cut(from, NUMBER), clean::cut(to, NUMBER));
    let time = started.split(' ').next_back().unwrap_or_default();
    format!(
        "{number}. {time} {from} → {to} · {}",
        clean::cut(outcome, NUMBER + 4)
    )
}

/// A list of calls.
pub fn calls(
    sheet: &mut Sheet,
    facts: &[Facts],
    left_out: usize,
    about: &str,
    context: &Context<'_>,
) {
    if facts.is_empty() && left_out == 0 && !about.is_empty() {
        let about = Text::code(about);
        let said = Text::ours("No call matches ").and(&about);
        let hint = Text::ours("; ")
            .and(&Text::code("calls"))
            .and(&Text::ours(" lists all there are, "))
            .and(&Text::code("calls --all"))
            .and(&Text::ours(" keep-alives too."));
        return sheet.line(Rank::First, said.and(&hint));
    }
    if facts.is_empty() {
        return sheet.line(Rank::First, Text::outside(&local::calls(facts, left_out)));
    }
    let line = |one: &Facts| {
        let started = one.when("%F %T");
        let numbers = format!("{} → {}", one.from, one.to);
        let said = [&started, &numbers, &local::outcome(one)].map(|it| Text::outside(it));
        spaced(said, &one.call_id)
    };
    sheet.titled(
        Rank::First,
        "Calls, the newest last (UTC)",
        facts.iter().map(line).collect(),
    );
    if left_out > 0 {
        let older = format!("{}; calls --limit N shows more.", local::older(left_out));
        sheet.add(Rank::First, Part::Small(vec![Text::outside(&older)]));
    }
    if context.buttons {
        let listed = facts
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, it)| is_sayable(&it.call_id));
        let choice = |(at, one): (usize, &Facts)| Choice {
            label: option(
                at + 1,
                [&one.when("%T"), &one.from, &one.to, &local::outcome(one)],
            ),
            command: format!("diagnose {}", one.call_id),
            otherwise: None,
        };
        let select = select("call", "Diagnose one of them", listed.map(choice).collect());
        sheet.add(Rank::First, Part::Actions(select.into_iter().collect()));
    }
}

/// Past investigations.
pub fn history(
    sheet: &mut Sheet,
    list: &[archive::Summary],
    left_out: usize,
    about: &str,
    context: &Context<'_>,
) {
    if list.is_empty() {
        return sheet.line(
            Rank::First,
            Text::outside(&local::history(about, list, left_out)),
        );
    }
    sheet.titled(
        Rank::First,
        "Past investigations, the newest first (UTC)",
        list.iter().map(past).collect(),
    );
    if left_out > 0 {
        let older = format!("{}; history --limit N shows more.", local::older(left_out));
        sheet.add(Rank::First, Part::Small(vec![Text::outside(&older)]));
    }
    if context.buttons && context.table.named("again").is_some() {
        let choice = |one: &archive::Summary| Choice {
            label: format!("{} {}", one.asked_at.strftime("%F %T"), one.query),
            command: format!("again {}", one.id),
            otherwise: None,
        };
        let select = select("again", "Run one again", list.iter().map(choice).collect());
        sheet.add(Rank::First, Part::Actions(select.into_iter().collect()));
    }
}

/// A past investigation in a line.
pub fn past(one: &archive::Summary) -> Text {
    let more = match one.calls {
        0 | 1 => String::new(),
        many => format!(" (+{} calls)", many - 1),
    };
    let owner = match one.party {
        Party::Nobody => String::new(),
        party => format!(", {}", party.label()),
    };
    let asked_at = one.asked_at.strftime("%F %T").to_string();
    let verdict = format!("{}{owner}", one.rule);
    let asked = format!("{}{more}", one.query);
    spaced(
        [&asked_at, &verdict, &asked].map(|it| Text::outside(it)),
        &one.id,
    )
}

/// A line of a list, the id at its end.
fn spaced(said: [Text; 3], id: &str) -> Text {
    let mut parts: Vec<Text> = said.into_iter().filter(|it| !it.is_empty()).collect();
    parts.push(Text::code(id));
    Text::joined(&parts, " · ")
}

/// The rules of the catalogue, family by family.
pub fn rules(sheet: &mut Sheet, rules: &[&Rule]) {
    for family in rules.chunk_by(|a, b| a.family == b.family) {
        let line = |rule: &&Rule| {
            let says = Text::outside(&local::first_words(rule));
            Text::ours("• ")
                .and(&Text::code(rule.id))
                .and(&Text::ours(" "))
                .and(&says)
        };
        let title = family.first().map_or("", |rule| rule.family);
        let lines = family.iter().map(line).collect();
        sheet.add(Rank::First, Part::Lines(Some(Text::bold(title)), lines));
    }
}

/// What is known of something.
pub fn brief(sheet: &mut Sheet, brief: &Brief) {
    let title = match clean::line(&brief.title) {
        empty if empty.trim().is_empty() => "What is known".to_owned(),
        title => title,
    };
    sheet.line(Rank::First, Text::bold(&title));
    let facts = brief.facts.iter();
    let facts = facts.map(|it| labelled(&it.name, &Text::outside(&it.value)));
    sheet.add(Rank::First, Part::Lines(None, facts.collect()));
    sheet.add(Rank::Last, Part::Small(bullets(&brief.notes)));
}

/// Two calls side by side.
pub fn comparison(sheet: &mut Sheet, comparison: &Comparison) {
    for (name, call) in [("A", &comparison.a), ("B", &comparison.b)] {
        sheet.add(Rank::First, Part::Lines(None, compared(name, call)));
    }
    let twin = comparison
        .twin
        .as_ref()
        .map(|twin| Text::outside(&twin.sentence));
    let count = Text::bold(&counted(comparison));
    sheet.add(
        Rank::First,
        Part::Lines(None, twin.into_iter().chain([count]).collect()),
    );
    for area in comparison.differences.chunk_by(|a, b| a.area == b.area) {
        let line = |one: &Difference| {
            let (a, b) = (value(&one.a), value(&one.b));
            let label = Text::outside(&one.label);
            Text::ours("• ")
                .and(&label)
                .and(&Text::ours(":  A "))
                .and(&a)
                .and(&Text::ours("  ·  B "))
                .and(&b)
        };
        let title = area.first().map_or("", |it| it.area.label());
        let lines = area.iter().map(line).collect();
        sheet.add(Rank::Second, Part::Lines(Some(Text::bold(title)), lines));
    }
    let missing: Vec<String> = comparison.missing.iter().map(lacks).collect();
    sheet.titled(Rank::Second, "Could not be compared", bullets(&missing));
    sheet.add(Rank::Last, Part::Small(bullets(&comparison.notes)));
}

/// What one of two calls has: to be copied, so as code.
fn value(text: &str) -> Text {
    match clean::line(text).as_str() {
        "" => Text::ours("–"),
        text => Text::code(text),
    }
}

fn compared(name: &str, call: &Compared) -> Vec<Text> {
    let started = call
        .started
        .map_or("at a time that was not recorded".to_owned(), |at| {
            at.strftime("%F %T UTC").to_string()
        });
    let ids: Vec<Text> = call.call_ids.iter().map(|id| Text::code(id)).collect();
    let verdict = Text::outside(&format!("{} (", call.summary));
    vec![
        labelled(
            name,
            &Text::outside(&format!("{started} · {} → {}", call.from, call.to)),
        ),
        Text::joined(&ids, " · "),
        verdict.and(&Text::code(&call.rule)).and(&Text::ours(")")),
    ]
}

/// The checks of an address.
pub fn turn_up(sheet: &mut Sheet, checks: &TurnUp) {
    let is_wrong = checks.checks.iter().any(|it| it.seen == Seen::Wrong);
    let tone = if is_wrong { Tone::Bad } else { Tone::Neutral };
    sheet.toned(tone);
    sheet.line(Rank::First, headline(tone, &head(checks)));
    let lines = checks.checks.iter().map(|check| {
        let sign = match check.seen {
            Seen::Good => Sign::Check,
            Seen::Wrong => Sign::Cross,
            Seen::NotSeen => Sign::WhiteCircle,
        };
        Text::sign(sign).and(&labelled(&check.what, &Text::outside(&check.sentence)))
    });
    sheet.add(Rank::First, Part::Lines(None, lines.collect()));
    sheet.add(Rank::Last, Part::Small(bullets(&checks.notes)));
}
