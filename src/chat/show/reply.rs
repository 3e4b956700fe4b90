//! Replies as sheets: which part stands where. Makes no file; see `files`.

use super::Context;
use super::buttons::{About, Button, Choice, REPORT, SIMULATE, select};
use super::card;
use super::lists;
use super::sheet::{Action, Part, Rank, Sheet};
use super::text::{Sign, Text};
use crate::chat::reply::NONE_OF_YOURS;
use crate::chat::{Alternative, Offer, Reply};
use crate::diagnosis::investigator::progress::Tick;
use crate::diagnosis::{Investigation, StepName};
use crate::render::card::{Card, headline_of};
use crate::render::{clean, summary};

/// What was asked, and how far it is: for the message that becomes the answer.
#[must_use]
pub fn progress(typed: &str, ticks: &[Tick], asker: Option<&str>) -> Sheet {
    let mut sheet = Sheet::default();
    let who = asker.map(|it| Text::person(it).and(&Text::ours(" asked: ")));
    let asked = who
        .unwrap_or(Text::ours("Asked: "))
        .and(&Text::code(asked(typed)));
    sheet.line(Rank::First, Text::sign(Sign::Hourglass).and(&asked));
    let mut lines: Vec<(Option<StepName>, Text)> = Vec::new();
    for tick in ticks {
        let (name, line) = told(tick);
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = line,
            None => lines.push((name, line)),
        }
    }
    let lines = lines.into_iter().map(|(_, line)| line);
    sheet.add(Rank::First, Part::Small(lines.collect()));
    sheet
}

/// What is said in a notification while it is worked on.
#[must_use]
pub fn looking(typed: &str) -> String {
    format!("Looking into {}", clean::line(asked(typed)))
}

/// What was typed, without what a form filled in: that is read in the answer.
fn asked(typed: &str) -> &str {
    typed.split(" --filled=").next().unwrap_or_default()
}

fn told(tick: &Tick) -> (Option<StepName>, Text) {
    match tick {
        Tick::Started(name) => {
            let sign = Text::sign(Sign::Hourglass);
            (Some(*name), sign.and(&Text::outside(name.label())))
        }
        Tick::Ended(step) => (Some(step.step), card::step(step)),
        Tick::Judged(verdict) => {
            let said = Text::bold(&headline_of(verdict));
            (
                None,
                said.and(&Text::ours("; the calls around it are still counted")),
            )
        }
        Tick::Counted { done, all } => {
            let sign = Text::sign(Sign::Hourglass);
            (
                None,
                sign.and(&Text::outside(&format!("{done} of {all} calls looked at"))),
            )
        }
    }
}

/// A reply as a sheet. Without buttons where `context` has none.
#[must_use]
pub fn reply(reply: &Reply, context: &Context<'_>, ladder: Ladder) -> Sheet {
    let mut sheet = Sheet::default();
    fill(&mut sheet, reply, context, ladder);
    sheet
}

/// What is said under a message in which not all has room, of the file that has all.
#[must_use]
pub fn rest_is_in(file: &str) -> Text {
    Text::sign(Sign::Page)
        .and(&Text::ours(
            "Not all of it stands here: the rest is in the file ",
        ))
        .and(&Text::code(file))
        .and(&Text::ours(" below."))
}

/// That somebody may not do this, and whom to ask.
#[must_use]
pub fn denied(sentence: &str) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.line(
        Rank::First,
        Text::sign(Sign::Lock).and(&Text::outside(sentence)),
    );
    sheet
}

/// How ladders are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ladder {
    /// As a picture in a file of its own.
    Picture,
    /// In the message, where no file can be given.
    Text,
}

/// What stands where files cannot be given.
const NO_FILES: &str =
    "Files cannot be given here: invite the bot to the channel, or ask it in a direct message.";

fn fill(sheet: &mut Sheet, reply: &Reply, context: &Context<'_>, ladder: Ladder) {
    match reply {
        Reply::Investigation(investigation, cards) => {
            investigated(sheet, investigation, cards, context, ladder)
        }
        Reply::ForCustomer(cards) => for_customer(sheet, cards, context),
        Reply::Comparison(compared) => lists::comparison(sheet, compared),
        Reply::TurnUp(checks) => lists::turn_up(sheet, checks),
        Reply::Ladders(cards) => ladders(sheet, cards),
        Reply::Calls {
            about,
            facts,
            left_out,
            problems,
        } => {
            lists::calls(sheet, facts, *left_out, about, context);
            let problems = problems
                .iter()
                .map(|it| Text::outside(&format!("not read: {it}")));
            sheet.add(Rank::First, Part::Small(problems.collect()));
        }
        Reply::History {
            about,
            list,
            left_out,
        } => lists::history(sheet, list, *left_out, about, context),
        Reply::Rules(rules) => lists::rules(sheet, rules),
        Reply::Brief(brief) => lists::brief(sheet, brief),
        Reply::Files { said, files } => {
            prose(sheet, said);
            if ladder == Ladder::Text && !files.is_empty() {
                sheet.add(Rank::First, Part::Small(vec![Text::ours(NO_FILES)]));
            }
        }
        Reply::Text(text) => prose(sheet, text),
        Reply::Question { asked, choices } => question(sheet, asked, choices, context),
        Reply::Offer(offer) => offered(sheet, offer, context),
        Reply::Report(preview) => super::reports::report(sheet, preview, context),
        Reply::End => sheet.line(Rank::First, Text::ours("Good bye.")),
    }
}

fn investigated(
    sheet: &mut Sheet,
    investigation: &Investigation,
    cards: &[Card],
    context: &Context<'_>,
    ladder: Ladder,
) {
    let summary = summary::of(investigation, cards);
    if let Some(summary) = &summary {
        if let Some(first) = cards.first().filter(|_| !summary.calls.is_empty()) {
            card::lead(sheet, first);
        }
        lists::summary(sheet, summary, context);
        if !summary.calls.is_empty() {
            return whole_buttons(sheet, investigation, context);
        }
    }
    let calls = summary::shown(investigation);
    for (nth, card) in cards.iter().enumerate() {
        if nth > 0 || summary.is_some() {
            sheet.add(Rank::Second, Part::Divider);
        }
        let call_id = calls.get(nth).and_then(|call| call.call_ids.first());
        let about = About {
            investigation: &investigation.id,
            call_id: call_id.map_or("", String::as_str),
            is_one_of_several: investigation.calls.len() > 1,
            nth,
            has_ladder: !card.ladder.is_empty(),
            steps: &card.steps,
            to_act: card.judgement.as_ref().map(|it| it.to_act),
        };
        card::card(sheet, card, about, context);
        if ladder == Ladder::Text {
            sheet.add(Rank::Last, drawing(card));
        }
    }
    if cards.is_empty() && summary.is_none() {
        sheet.line(Rank::First, Text::ours("Nothing was found."));
        card::steps(sheet, &investigation.steps);
        let notes = investigation.notes.iter().map(|note| Text::outside(note));
        sheet.add(Rank::Last, Part::Small(notes.collect()));
    }
}

/// What a customer is told: there is nothing to press.
fn for_customer(sheet: &mut Sheet, cards: &[Card], context: &Context<'_>) {
    let context = Context {
        buttons: false,
        ..*context
    };
    if cards.is_empty() {
        sheet.line(Rank::First, Text::ours(NONE_OF_YOURS));
    }
    for (nth, one) in cards.iter().enumerate() {
        if nth > 0 {
            sheet.add(Rank::Second, Part::Divider);
        }
        let about = About {
            investigation: "",
            call_id: "",
            is_one_of_several: cards.len() > 1,
            nth,
            has_ladder: false,
            steps: &[],
            to_act: None,
        };
        card::card(sheet, one, about, &context);
    }
}

/// What can be done with an investigation of many calls as a whole.
fn whole_buttons(sheet: &mut Sheet, investigation: &Investigation, context: &Context<'_>) {
    let id = &investigation.id;
    let has = |verb: &str| context.buttons && context.table.named(verb).is_some();
    let report = has("report").then(|| Button::form(REPORT, 0, "Report", id));
    let again = has("again").then(|| Button::say("again", 0, "Run again", format!("again {id}")));
    let buttons = [report, again].into_iter().flatten().map(Action::Press);
    sheet.add(Rank::First, Part::Actions(buttons.collect()));
}

fn drawing(card: &Card) -> Part {
    Part::Drawing(card.ladder.lines().map(ToOwned::to_owned).collect())
}

fn ladders(sheet: &mut Sheet, cards: &[Card]) {
    let is_blank = |card: &Card| {
        let mut lines = std::iter::once(&card.headline).chain(&card.not_checked);
        card.ladder.is_empty() && lines.all(|line| line.trim().is_empty())
    };
    if cards.iter().all(is_blank) {
        sheet.line(Rank::First, Text::ours("There is no call to draw."));
    }
    for card in cards {
        if card.ladder.is_empty() {
            let lines = std::iter::once(&card.headline).chain(&card.not_checked);
            let lines = lines.map(|line| Text::outside(line)).collect();
            sheet.add(Rank::First, Part::Lines(None, lines));
        } else {
            sheet.add(Rank::First, Part::Lines(None, card::ids(&card.ids)));
            sheet.add(Rank::Second, drawing(card));
        }
    }
}

/// What is said of a call that somebody wrote of.
pub const LOOKS_LIKE_ONE: &str = "That looks like a Call-ID.";

/// A button that offers to look at a call that somebody wrote of.
#[must_use]
pub fn offer(button: &Button) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.line(Rank::First, Text::ours(LOOKS_LIKE_ONE));
    sheet.add(
        Rank::First,
        Part::Actions(vec![Action::Press(button.clone())]),
    );
    sheet
}

/// Plain text: paragraphs, and where columns are made with blanks, as they are.
fn prose(sheet: &mut Sheet, text: &str) {
    let is_drawn = |line: &str| line.contains("  ");
    let lines: Vec<&str> = text.lines().collect();
    for same in lines.chunk_by(|a, b| is_drawn(a) == is_drawn(b)) {
        let drawn = same.first().is_some_and(|line| is_drawn(line));
        sheet.add(
            Rank::First,
            match drawn {
                true => Part::Drawing(same.iter().map(|line| (*line).to_owned()).collect()),
                false => Part::Lines(None, same.iter().map(|line| Text::outside(line)).collect()),
            },
        );
    }
    if text.trim().is_empty() {
        sheet.line(Rank::First, Text::ours("There is nothing to say."));
    }
}

fn question(sheet: &mut Sheet, asked: &str, choices: &[Alternative], context: &Context<'_>) {
    sheet.line(
        Rank::First,
        Text::sign(Sign::Question).and(&Text::bold(asked)),
    );
    let numbered = |(at, it): (usize, &Alternative)| format!("{}. {}", at + 1, it.label);
    let lines = choices.iter().enumerate().map(numbered);
    sheet.add(
        Rank::First,
        Part::Lines(None, lines.clone().map(|it| Text::outside(&it)).collect()),
    );
    if context.buttons {
        let choice = |(label, it): (String, &Alternative)| Choice {
            label,
            command: it.command.clone(),
            otherwise: None,
        };
        let select = select(
            "choice",
            "Choose one",
            lines.zip(choices).map(choice).collect(),
        );
        sheet.add(Rank::First, Part::Actions(select.into_iter().collect()));
    }
    let typed = choices
        .first()
        .map(|it| Text::ours("Or say it, as in ").and(&Text::code(&it.command)));
    sheet.add(Rank::Last, Part::Small(typed.into_iter().collect()));
}

fn offered(sheet: &mut Sheet, offer: &Offer, context: &Context<'_>) {
    sheet.line(Rank::First, Text::outside(&offer.does));
    let value = |(name, value): &(&str, String)| {
        let value = if value.is_empty() {
            Text::ours("–")
        } else {
            Text::code(value)
        };
        card::labelled(name, &value)
    };
    sheet.add(
        Rank::First,
        Part::Lines(None, offer.values.iter().map(value).collect()),
    );
    sheet.add(Rank::First, Part::Lines(None, card::bullets(&offer.notes)));
    if context.buttons && !offer.command.trim().is_empty() {
        let run = Button::say("run", 0, "Run it", offer.command.clone());
        let otherwise = "It runs as it is shown.";
        let run = run.asking("Run this?", &offer.does, otherwise, "Run it");
        let change = Button::form(SIMULATE, 0, "Change values", &offer.command);
        let actions = [run, change].map(Action::Press);
        sheet.add(Rank::First, Part::Actions(actions.to_vec()));
    }
    let typed = Text::ours("Or answer \"yes\", or say: ").and(&Text::code(&offer.command));
    sheet.add(Rank::Last, Part::Small(vec![typed]));
}

/// What a reply comes to, in a sentence.
#[must_use]
pub fn summed(reply: &Reply) -> String {
    match reply {
        Reply::Investigation(investigation, cards) => match summary::of(investigation, cards) {
            Some(summary) => summary.headline,
            None => cards
                .first()
                .map_or("Nothing was found.".to_owned(), |card| {
                    card.headline.clone()
                }),
        },
        Reply::ForCustomer(cards) => cards
            .first()
            .map_or(NONE_OF_YOURS.to_owned(), |card| card.headline.clone()),
        Reply::Comparison(_) => "Two calls side by side".to_owned(),
        Reply::TurnUp(checks) => format!("What {} has shown so far", checks.address),
        Reply::Ladders(cards) => cards
            .first()
            .map_or("No ladder".to_owned(), |card| card.headline.clone()),
        Reply::Calls { facts, .. } => format!("{} calls", facts.len()),
        Reply::History { list, .. } => format!("{} past investigations", list.len()),
        Reply::Rules(rules) => format!("{} rules", rules.len()),
        Reply::Brief(brief) => brief.title.clone(),
        Reply::Files { said, .. } => said.clone(),
        Reply::Text(text) => text
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("Answered")
            .to_owned(),
        Reply::Question { asked, .. } => asked.clone(),
        Reply::Offer(offer) => offer.does.clone(),
        Reply::Report(preview) => format!("Report {}: {}", preview.state, preview.subject),
        Reply::End => "Good bye.".to_owned(),
    }
}
