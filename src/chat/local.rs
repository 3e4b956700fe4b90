//! Replies for a terminal: as text, and as JSON for programs. Translates only; decides nothing.

use std::fmt::Write as _;

use serde_json::json;

use super::reply::NONE_OF_YOURS;
use super::{Offer, Preview, Reply};
use crate::archive::Summary;
use crate::diagnosis::rules::Rule;
use crate::diagnosis::{Brief, Investigation};
use crate::render::card::{self, Card, Style};
use crate::render::{clean, comparison, summary};
use crate::sip::{EndedBy, Facts, Kind};
use crate::sources::Source;

/// What stands at the top of a conversation.
pub async fn welcome(sources: &[Source]) -> String {
    let mut text = "calltriage: paste a Call-ID, a number, or a sentence with one in it.\n\
                    `calls` lists what there is, `help` what can be asked, `quit` ends.\n"
        .to_owned();
    for source in sources {
        let _ = write!(text, "\n{}", source.summary().await);
    }
    text
}

/// A reply as text.
#[must_use]
pub fn text(reply: &Reply, style: Style) -> String {
    match reply {
        Reply::Investigation(investigation, cards) => told(investigation, cards, style),
        Reply::ForCustomer(cards) => for_customer(cards, style),
        Reply::Comparison(compared) => comparison::terminal(compared, style),
        Reply::TurnUp(checks) => comparison::turn_up(checks, style),
        Reply::Ladders(cards) => {
            let drawn: Vec<String> = cards
                .iter()
                .map(|card| match card.ladder.as_str() {
                    "" => [std::slice::from_ref(&card.headline), &card.not_checked]
                        .concat()
                        .iter()
                        .map(|line| clean::line(line))
                        .collect::<Vec<_>>()
                        .join("\n"),
                    ladder => ladder.to_owned(),
                })
                .collect();
            drawn.join("\n\n")
        }
        Reply::Calls {
            about,
            facts,
            left_out,
            problems,
        } => {
            let mut text = if facts.is_empty() && *left_out == 0 && !about.is_empty() {
                format!(
                    "No call matches {}; `calls` lists all there are, `calls --all` keep-alives too.",
                    clean::line(about)
                )
            } else {
                calls(facts, *left_out)
            };
            for problem in problems {
                let _ = write!(text, "\nnot read: {}", clean::line(problem));
            }
            text
        }
        Reply::History {
            about,
            list,
            left_out,
        } => history(about, list, *left_out),
        Reply::Rules(rules) => catalogue(rules),
        Reply::Brief(brief) => known(brief),
        Reply::Files { said, .. } => clean::line(said),
        Reply::Text(text) => clean_lines(text),
        Reply::Question { asked, choices } => {
            let mut text = clean::line(asked);
            for (at, choice) in choices.iter().enumerate() {
                let _ = write!(text, "\n  {}  {}", at + 1, clean::line(&choice.label));
            }
            text.push_str("\nAnswer with the number of your choice.");
            text
        }
        Reply::Offer(offer) => {
            let mut text = offered(offer);
            let _ = write!(
                text,
                "\nAnswer \"yes\" to run it, or write: {}",
                clean::line(&offer.command)
            );
            text
        }
        Reply::Report(preview) => reported(preview),
        Reply::End => String::new(),
    }
}

/// What is offered, without how it is taken up.
#[must_use]
pub fn offered(offer: &Offer) -> String {
    let mut text = clean::line(&offer.does);
    for (name, value) in &offer.values {
        let line = format!("\n  {name:<16} {}", clean::line(value));
        text.push_str(line.trim_end_matches(' '));
    }
    for note in &offer.notes {
        let _ = write!(text, "\n{}", clean::line(note));
    }
    text
}

/// A report: who gets it, as what, and what can be done with it.
fn reported(preview: &Preview) -> String {
    let mut text = format!("{}  {}", clean::line(&preview.id), preview.state);
    for (name, value) in &preview.facts {
        let _ = write!(text, "\n  {name:<12} {}", clean::line(value));
    }
    let _ = write!(text, "\n\n{}\n", clean_lines(preview.text.trim_end()));
    let lists = [
        ("It cannot be sent yet:", &preview.problems),
        ("Support would still ask:", &preview.missing),
        ("So far:", &preview.events),
    ];
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(text, "\n{title}");
        for line in lines {
            let _ = write!(text, "\n  - {}", clean::line(line));
        }
    }
    if let Some(link) = &preview.link {
        let _ = write!(text, "\n{}", clean::line(link));
    }
    if let Some(form) = &preview.form {
        let names: Vec<&str> = form.fields.iter().map(|it| it.name).collect();
        let _ = write!(
            text,
            "\nChange it:\n  report {} --ask\n  report {} --set FIELD TEXT  ({})",
            preview.id,
            preview.id,
            names.join(", ")
        );
    }
    for other in &preview.recipients {
        let _ = write!(
            text,
            "\nTo {}:\n  {}",
            clean::line(&other.label),
            clean::line(&other.command)
        );
    }
    for action in &preview.actions {
        let _ = write!(
            text,
            "\n{}:\n  {}",
            action.label,
            clean::line(&action.command)
        );
    }
    text
}

/// An investigation: the summary first where there are several calls, then each call's card where
/// they are few.
fn told(investigation: &Investigation, cards: &[Card], style: Style) -> String {
    let summary = summary::of(investigation, cards);
    let is_listed = summary.as_ref().is_some_and(|it| !it.calls.is_empty());
    let cards = cards.iter().filter(|_| !is_listed);
    let parts: Vec<String> = summary
        .iter()
        .map(|summary| summary::terminal(summary, style))
        .chain(cards.map(|card| card::terminal(card, style)))
        .collect();
    parts.join("\n\n")
}

/// What a customer is told of these calls.
fn for_customer(cards: &[Card], style: Style) -> String {
    let told: Vec<String> = cards
        .iter()
        .map(|card| card::terminal(card, style))
        .collect();
    if told.is_empty() {
        return NONE_OF_YOURS.to_owned();
    }
    told.join("\n\n")
}

/// The verdict in one line, where a reply is an investigation.
#[must_use]
pub fn headline(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Investigation(investigation, cards) => {
            let headline = match (summary::of(investigation, cards), cards.as_slice()) {
                (Some(summary), _) => summary.headline,
                (None, [card]) => card.headline.clone(),
                (None, _) => return None,
            };
            Some(format!("\n=> {headline}"))
        }
        _ => None,
    }
}

/// A reply as one JSON value, for programs that talk to the chat.
#[must_use]
pub fn json(reply: &Reply) -> serde_json::Value {
    match reply {
        Reply::Investigation(investigation, _) => json!(investigation),
        Reply::ForCustomer(cards) => json!({ "cards": cards }),
        Reply::Comparison(compared) => json!(compared),
        Reply::TurnUp(checks) => json!(checks),
        Reply::Ladders(cards) => {
            json!({ "ladders": cards.iter().map(|card| &card.ladder).collect::<Vec<_>>() })
        }
        Reply::Calls {
            facts,
            left_out,
            problems,
            ..
        } => json!({ "calls": facts, "left_out": left_out, "not_read": problems }),
        Reply::History { list, left_out, .. } => {
            json!({ "history": list, "left_out": left_out })
        }
        Reply::Rules(rules) => {
            json!({ "rules": rules.iter().map(|rule| rule.id).collect::<Vec<_>>() })
        }
        Reply::Brief(brief) => json!(brief),
        Reply::Files { said, files } => {
            let names: Vec<&str> = files.iter().map(|it| it.name.as_str()).collect();
            json!({ "text": said, "files": names })
        }
        Reply::Text(text) => json!({ "text": text }),
        Reply::Question { asked, choices } => {
            let labels: Vec<&str> = choices.iter().map(|it| it.label.as_str()).collect();
            json!({ "question": asked, "choices": labels })
        }
        Reply::Offer(offer) => {
            let values: serde_json::Map<_, _> = offer
                .values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            json!({ "offer": {
                "does": offer.does, "values": values, "notes": offer.notes, "command": offer.command,
            }})
        }
        Reply::Report(preview) => json!({ "report": {
            "id": preview.id, "state": preview.state, "subject": preview.subject, "text": preview.text,
            "problems": preview.problems, "missing": preview.missing, "files": preview.files,
            "events": preview.events, "link": preview.link,
        }}),
        Reply::End => json!({ "text": "" }),
    }
}

/// What is known of something, a line a fact.
fn known(brief: &Brief) -> String {
    let widest = brief.facts.iter().map(|it| it.name.chars().count()).max();
    let width = widest.unwrap_or_default();
    let mut text = clean::line(&brief.title);
    for fact in &brief.facts {
        let (name, value) = (clean::line(&fact.name), clean::line(&fact.value));
        let _ = write!(text, "\n  {name:<width$}  {value}");
    }
    for note in &brief.notes {
        let _ = write!(text, "\n{}", clean::line(note));
    }
    text
}

/// Calls as a table, one line each.
#[must_use]
pub fn calls(facts: &[Facts], left_out: usize) -> String {
    if facts.is_empty() && left_out == 0 {
        return "No calls.".into();
    }
    if facts.is_empty() {
        let calls = counted(left_out, "call");
        return format!("{calls}; `calls --limit N` shows the newest.");
    }
    let mut text = calls_heading();
    for one in facts {
        text.push('\n');
        text.push_str(&call_row(one));
    }
    if left_out > 0 {
        let _ = write!(text, "\n{}; `calls --limit N` shows more.", older(left_out));
    }
    text
}

/// What stands over a table of calls.
#[must_use]
pub fn calls_heading() -> String {
    format!(
        "{:<19}  {:<16} {:<16} {:<24} {}",
        "started (UTC)", "from", "to", "outcome", "Call-ID"
    )
}

/// One line of a table of calls.
#[must_use]
pub fn call_row(facts: &Facts) -> String {
    format!(
        "{:<19}  {:<16} {:<16} {:<24} {}",
        facts.when("%F %T"),
        clean::cut(&clean::line(&facts.from), 16),
        clean::cut(&clean::line(&facts.to), 16),
        outcome(facts),
        clean::line(&facts.call_id),
    )
}

/// How a call ended, in a few words.
#[must_use]
pub fn outcome(facts: &Facts) -> String {
    let code = facts
        .final_code
        .map_or("no final answer".to_owned(), |code| code.to_string());
    match (facts.kind, facts.talk_ms, facts.ended_by) {
        (Kind::Call, Some(talk), Some(by)) if facts.answered => {
            let by = match by {
                EndedBy::Caller => "caller",
                EndedBy::Callee => "callee",
                EndedBy::Canceled => "cancel",
            };
            format!("talked {:.1} s, {by} ended", precise(talk))
        }
        (Kind::Call, _, _) if facts.answered => "answered, no end seen".into(),
        (Kind::Call, _, Some(EndedBy::Canceled)) => format!("{code} cancelled"),
        (Kind::Registration, _, _) => format!("{code} REGISTER"),
        _ => code,
    }
}

/// Milliseconds as seconds, for printing.
fn precise(millis: i64) -> f64 {
    jiff::SignedDuration::from_millis(millis).as_secs_f64()
}

/// What a list says of those that it leaves out.
#[must_use]
pub fn older(many: usize) -> String {
    match many {
        1 => "1 older one is left out".into(),
        many => format!("{many} older ones are left out"),
    }
}

/// How many of something there are.
fn counted(many: usize, one: &str) -> String {
    format!("{many} {one}{}", if many == 1 { "" } else { "s" })
}

/// Past investigations, a line each.
#[must_use]
pub fn history(about: &str, list: &[Summary], left_out: usize) -> String {
    if list.is_empty() {
        return match (left_out, about) {
            (0, "") => "Nothing has been investigated yet.".into(),
            (0, about) => format!(
                "No past investigation is about {}; `history` lists all that are kept.",
                clean::line(about)
            ),
            (many, _) => {
                let many = counted(many, "past investigation");
                format!("{many}; `history --limit N` shows the newest.")
            }
        };
    }
    let mut lines: Vec<String> = list
        .iter()
        .map(|one| {
            let when = one.asked_at.strftime("%F %T");
            let more = if one.calls > 1 {
                format!(" (+{} calls)", one.calls - 1)
            } else {
                String::new()
            };
            format!(
                "{when}  {}  {}: {}{more}  {}",
                one.id,
                one.rule,
                one.party.label(),
                clean::line(&one.query)
            )
        })
        .collect();
    if left_out > 0 {
        lines.push(format!(
            "{}; `history --limit N` shows more.",
            older(left_out)
        ));
    }
    lines.join("\n")
}

fn catalogue(rules: &[&Rule]) -> String {
    let mut text = String::new();
    let mut family = "";
    for rule in rules {
        if rule.family != family {
            family = rule.family;
            let _ = write!(
                text,
                "{}{family}",
                if text.is_empty() { "" } else { "\n\n" }
            );
        }
        let _ = write!(text, "\n  {:<32} {}", rule.id, first_words(rule));
    }
    text
}

/// What a rule finds, in the few words that a list has room for.
#[must_use]
pub fn first_words(rule: &Rule) -> String {
    let finds = rule.finds;
    let first = finds.split_once(": ").map_or(finds, |(first, _)| first);
    let first = first.split_once(". ").map_or(first, |(first, _)| first);
    clean::cut(first.trim_end_matches('.'), 64)
}

/// An investigation in one line: for lists of many.
#[must_use]
pub fn one_line(investigation: &Investigation) -> String {
    let lines: Vec<String> = investigation
        .calls
        .iter()
        .map(|call| {
            let id = call
                .call_ids
                .first()
                .map_or(String::new(), |id| clean::line(id));
            let verdict = &call.verdict;
            format!(
                "{id}  {}: {} ({})",
                verdict.rule,
                verdict.party.label(),
                clean::line(&verdict.summary)
            )
        })
        .collect();
    lines.join("\n")
}

/// Several lines, each without control characters.
fn clean_lines(text: &str) -> String {
    text.lines()
        .map(clean::drawn)
        .collect::<Vec<_>>()
        .join("\n")
}
