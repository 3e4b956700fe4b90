//! One call's card, and what of it others show too: steps, ids, judgement. Knows no files.

use super::Context;
use super::buttons::{About, of_card};
use super::sheet::{Part, Rank, Sheet};
use super::text::Mrkdwn;
use crate::diagnosis::{Outcome, Severity, Step};
use crate::render::card::{Card, Fact, Point, Tone};

/// Facts that are read first; the others are small print.
const MAIN_FACTS: [&str; 4] = ["Call", "When", "Took", "Hop"];

/// Facts with lines of their own.
const ONLY_THIS: &str = "Only this?";
const MARKED_WRONG: &str = "Marked wrong";
const READ_MORE: &str = "Read more";

/// The whole card of a call.
pub(super) fn card(sheet: &mut Sheet, card: &Card, about: About<'_>, context: &Context<'_>) {
    lead(sheet, card);
    head(sheet, card);
    let is_main = |fact: &&Fact| MAIN_FACTS.iter().any(|main| fact.label.starts_with(main));
    let is_own = |fact: &Fact| [ONLY_THIS, MARKED_WRONG, READ_MORE].contains(&fact.label.as_str());
    let main = card.facts.iter().filter(is_main).map(fact).collect();
    sheet.add(Rank::Second, Part::Lines(None, main));
    let mut told = vec![Mrkdwn::outside(&card.summary)];
    let proof = card.findings.iter().filter(|point| point.is_verdict);
    told.extend(proof.map(|point| {
        let proof = Mrkdwn::outside(&format!(" {} (", point.proof()));
        let rule = Mrkdwn::code(&point.rule);
        let label = Mrkdwn::ours("*Proof:* ");
        label.and(&proof).and(&rule).and(&Mrkdwn::ours(")"))
    }));
    sheet.add(Rank::Second, Part::Lines(None, told));
    let others: Vec<Mrkdwn> = card
        .findings
        .iter()
        .filter(|it| !it.is_verdict)
        .map(point)
        .collect();
    sheet.titled(Rank::Last, "Also found", others);
    sheet.titled(Rank::Last, "Ruled out", bullets(&card.ruled_out));
    let label = |name: &str| card.facts.iter().find(|it| it.label == name);
    let only = label(ONLY_THIS)
        .map(|it| Mrkdwn::ours("*Only this call?* ").and(&Mrkdwn::outside(&it.text)));
    let wrong = label(MARKED_WRONG).map(|it| {
        let sign = Mrkdwn::ours(":speech_balloon: *Marked wrong:* ");
        sign.and(&Mrkdwn::outside(&it.text))
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
    let page = label(READ_MORE).and_then(|it| Mrkdwn::address(&it.text));
    let page = page.map(|it| Mrkdwn::ours("*Read more:* ").and(&it));
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
    let hints = card.hints.iter().map(|hint| Mrkdwn::outside(hint));
    sheet.add(Rank::Last, Part::Small(hints.collect()));
}

/// What comes before everything else.
pub(super) fn lead(sheet: &mut Sheet, card: &Card) {
    if let Some(lead) = &card.lead {
        sheet.line(
            Rank::First,
            Mrkdwn::ours(":warning: ").and(&Mrkdwn::outside(lead)),
        );
    }
}

/// What happened, who and how sure.
pub(super) fn head(sheet: &mut Sheet, card: &Card) {
    let headline = headline(card.tone, &card.headline);
    let judged = card
        .judgement
        .as_ref()
        .map(|it| Mrkdwn::outside(&it.parts().join(" · ")));
    sheet.add(
        Rank::First,
        Part::Lines(None, std::iter::once(headline).chain(judged).collect()),
    );
}

/// A headline with the sign of its tone.
pub(super) fn headline(tone: Tone, text: &str) -> Mrkdwn {
    let sign = match tone {
        Tone::Good => ":large_green_circle: ",
        Tone::Warning => ":large_yellow_circle: ",
        Tone::Bad => ":red_circle: ",
        Tone::Neutral => ":large_blue_circle: ",
    };
    Mrkdwn::ours(sign).and(&Mrkdwn::bold(text))
}

fn fact(fact: &Fact) -> Mrkdwn {
    labelled(&fact.label, &Mrkdwn::outside(&fact.text))
}

/// A bold label and what it says.
pub(super) fn labelled(label: &str, text: &Mrkdwn) -> Mrkdwn {
    Mrkdwn::bold(label).and(&Mrkdwn::ours("  ")).and(text)
}

fn point(point: &Point) -> Mrkdwn {
    let sign = match point.severity {
        Severity::Error => ":x: ",
        Severity::Warning => ":small_orange_diamond: ",
        Severity::Info => "• ",
    };
    let text = match point.cause.is_empty() {
        true => format!("{} ({})", point.fact, point.proof()),
        false => {
            let (fact, cause, sure) = (&point.fact, &point.cause, point.certainty.word());
            format!("{fact} {cause} (cause {sure}; {})", point.proof())
        }
    };
    Mrkdwn::ours(sign).and(&Mrkdwn::outside(&text))
}

/// Ids to be copied, each whole.
pub(super) fn ids(ids: &[Fact]) -> Vec<Mrkdwn> {
    let line = |id: &Fact| labelled(&id.label, &Mrkdwn::code(&id.text));
    ids.iter().map(line).collect()
}

/// Sentences, a point each.
pub(super) fn bullets(texts: &[String]) -> Vec<Mrkdwn> {
    let line = |text: &String| Mrkdwn::ours("• ").and(&Mrkdwn::outside(text));
    texts.iter().map(line).collect()
}

fn numbers(texts: &[String]) -> Vec<Mrkdwn> {
    let line = |(at, text): (usize, &String)| Mrkdwn::outside(&format!("{}. {text}", at + 1));
    texts.iter().enumerate().map(line).collect()
}

/// The steps of the flow, small, a line each.
pub(super) fn steps(sheet: &mut Sheet, steps: &[Step]) {
    sheet.add(Rank::Second, Part::Small(steps.iter().map(step).collect()));
}

/// One step as it ended.
pub(super) fn step(step: &Step) -> Mrkdwn {
    let sign = match step.outcome {
        Outcome::CauseFound => ":red_circle: ",
        Outcome::Clean => ":white_check_mark: ",
        Outcome::NothingFound => ":white_circle: ",
        Outcome::NotChecked => ":heavy_minus_sign: ",
    };
    let mut text = format!("{}: {}", step.step.label(), step.outcome.word());
    if !step.detail.is_empty() {
        text.push_str(&format!(", {}", step.detail));
    }
    Mrkdwn::ours(sign).and(&Mrkdwn::outside(&text))
}
