//! One call's card, and what of it others show too: steps, ids, judgement. Knows no files.

use super::Context;
use super::buttons::{About, of_card};
use super::sheet::{Part, Rank, Sheet};
use super::text::{Sign, Text};
use crate::diagnosis::{Outcome, Severity, Step};
use crate::render::card::{Card, Fact, Point, Tone};

/// Facts that are read first; the others are small print.
const MAIN_FACTS: [&str; 4] = ["Call", "When", "Took", "Hop"];

/// Facts with lines of their own.
const ONLY_THIS: &str = "Only this?";
const MARKED_WRONG: &str = "Marked wrong";
const READ_MORE: &str = "Read more";

/// The whole card of a call.
pub fn card(sheet: &mut Sheet, card: &Card, about: About<'_>, context: &Context<'_>) {
    lead(sheet, card);
    head(sheet, card);
    let is_main = |fact: &&Fact| MAIN_FACTS.iter().any(|main| fact.label.starts_with(main));
    let is_own = |fact: &Fact| [ONLY_THIS, MARKED_WRONG, READ_MORE].contains(&fact.label.as_str());
    let main = card.facts.iter().filter(is_main).map(fact).collect();
    sheet.add(Rank::Second, Part::Lines(None, main));
    let mut told = vec![Text::outside(&card.summary)];
    let proof = card.findings.iter().filter(|point| point.is_verdict);
    told.extend(proof.map(|point| {
        let proof = Text::outside(&format!(" {} (", point.proof()));
        let rule = Text::code(&point.rule);
        said("Proof:", &proof.and(&rule).and(&Text::ours(")")))
    }));
    sheet.add(Rank::Second, Part::Lines(None, told));
    let others: Vec<Text> = card
        .findings
        .iter()
        .filter(|it| !it.is_verdict)
        .map(point)
        .collect();
    sheet.titled(Rank::Last, "Also found", others);
    sheet.titled(Rank::Last, "Ruled out", bullets(&card.ruled_out));
    let label = |name: &str| card.facts.iter().find(|it| it.label == name);
    let only = label(ONLY_THIS).map(|it| said("Only this call?", &Text::outside(&it.text)));
    let wrong = label(MARKED_WRONG).map(|it| {
        let sign = Text::sign(Sign::Speech).and(&Text::bold("Marked wrong:"));
        sign.and(&Text::ours(" ")).and(&Text::outside(&it.text))
    });
    sheet.add(
        Rank::First,
        Part::Lines(None, wrong.into_iter().chain(only).collect()),
    );
    sheet.titled(
        Rank::Second,
        "Would change this",
        bullets(&card.not_checked),
    );
    sheet.titled(Rank::First, "Do next", numbers(&card.next));
    let page = label(READ_MORE).and_then(|it| Text::address(&it.text));
    let page = page.map(|it| said("Read more:", &it));
    sheet.add(Rank::Second, Part::Lines(None, page.into_iter().collect()));
    sheet.add(Rank::First, Part::Lines(None, ids(&card.ids)));
    let rest = card
        .facts
        .iter()
        .filter(|it| !is_main(it) && !is_own(it))
        .map(fact);
    sheet.add(Rank::Last, Part::Small(rest.collect()));
    steps(sheet, &card.steps);
    if context.buttons {
        sheet.add(Rank::First, Part::Actions(of_card(about, context.table)));
    }
    let hints = card.hints.iter().map(|hint| Text::outside(hint));
    sheet.add(Rank::Last, Part::Small(hints.collect()));
}

/// What comes before everything else.
pub fn lead(sheet: &mut Sheet, card: &Card) {
    if let Some(lead) = &card.lead {
        sheet.line(
            Rank::First,
            Text::sign(Sign::Warning).and(&Text::outside(lead)),
        );
    }
}

/// What happened, who and how sure.
pub fn head(sheet: &mut Sheet, card: &Card) {
    sheet.toned(card.tone);
    let headline = headline(card.tone, &card.headline);
    let judged = card
        .judgement
        .as_ref()
        .map(|it| Text::outside(&it.parts().join(" · ")));
    sheet.add(
        Rank::First,
        Part::Lines(None, std::iter::once(headline).chain(judged).collect()),
    );
}

/// A headline with the sign of its tone.
pub fn headline(tone: Tone, text: &str) -> Text {
    let sign = match tone {
        Tone::Good => Sign::GreenCircle,
        Tone::Warning => Sign::YellowCircle,
        Tone::Bad => Sign::RedCircle,
        Tone::Neutral => Sign::BlueCircle,
    };
    Text::sign(sign).and(&Text::bold(text))
}

fn fact(fact: &Fact) -> Text {
    labelled(&fact.label, &Text::outside(&fact.text))
}

/// A bold label and what it says.
pub fn labelled(label: &str, text: &Text) -> Text {
    Text::bold(label).and(&Text::ours("  ")).and(text)
}

/// What is asked, in bold, and the answer.
fn said(asked: &str, answer: &Text) -> Text {
    Text::bold(asked).and(&Text::ours(" ")).and(answer)
}

fn point(point: &Point) -> Text {
    let sign = match point.severity {
        Severity::Error => Text::sign(Sign::Cross),
        Severity::Warning => Text::sign(Sign::Diamond),
        Severity::Info => Text::ours("• "),
    };
    let text = match point.cause.is_empty() {
        true => format!("{} ({})", point.fact, point.proof()),
        false => {
            let (fact, cause, sure) = (&point.fact, &point.cause, point.certainty.word());
            format!("{fact} {cause} (cause {sure}; {})", point.proof())
        }
    };
    sign.and(&Text::outside(&text))
}

/// Ids to be copied, each whole.
pub fn ids(ids: &[Fact]) -> Vec<Text> {
    let line = |id: &Fact| labelled(&id.label, &Text::code(&id.text));
    ids.iter().map(line).collect()
}

/// Sentences, a point each.
pub fn bullets(texts: &[String]) -> Vec<Text> {
    let line = |text: &String| Text::ours("• ").and(&Text::outside(text));
    texts.iter().map(line).collect()
}

fn numbers(texts: &[String]) -> Vec<Text> {
    let line = |(at, text): (usize, &String)| Text::outside(&format!("{}. {text}", at + 1));
    texts.iter().enumerate().map(line).collect()
}

/// The steps of the flow, small, a line each.
pub fn steps(sheet: &mut Sheet, steps: &[Step]) {
    sheet.add(Rank::Second, Part::Small(steps.iter().map(step).collect()));
}

/// One step as it ended.
pub fn step(step: &Step) -> Text {
    let sign = match step.outcome {
        Outcome::CauseFound => Sign::RedCircle,
        Outcome::Clean => Sign::Check,
        Outcome::NothingFound => Sign::WhiteCircle,
        Outcome::NotChecked => Sign::Dash,
    };
    let mut text = format!("{}: {}", step.step.label(), step.outcome.word());
    if !step.detail.is_empty() {
        text.push_str(&format!(", {}", step.detail));
    }
    Text::sign(sign).and(&Text::outside(&text))
}
