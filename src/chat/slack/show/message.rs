//! Replies as messages: which part stands where, what becomes a file. Sends nothing.

use slack_morphism::prelude::*;

use super::buttons::{About, Button, Choice, REPORT, SIMULATE, select};
use super::card;
use super::limits::{BUTTON_VALUE, CONFIRM_BUTTON, CONFIRM_TEXT, CONFIRM_TITLE};
use super::lists;
use super::sheet::{Part, Placed, Rank, Sheet, plain_text, small};
use super::text::{self, Mrkdwn};
use super::{Attachment, Context, Shown};
use crate::chat::reply::NONE_OF_YOURS;
use crate::chat::{Alternative, Given, Offer, Reply, local};
use crate::diagnosis::investigator::progress::Tick;
use crate::diagnosis::{Investigation, StepName};
use crate::render::card::{Card, Style, headline_of};
use crate::render::{clean, picture, summary};

/// How wide the text of a file is.
const FILE_COLUMNS: usize = 100;

/// A notification is no longer than this: no client shows more.
const NOTIFICATION: usize = 300;

/// A file's title and its description.
const FILE_TITLE: usize = 255;
const FILE_ALT: usize = 1_000;

/// More ladders than these are drawn as text alone.
const MOST_PICTURES: usize = 10;

/// What is said where there is no room, and no file either.
const NO_ROOM: &str = "Not all of it stands in a private answer. Asked in a channel that I am in, I show all of it, \
                       with the picture.";

/// What was asked, and how far it is: for the message that becomes the answer.
#[must_use]
pub fn progress(typed: &str, ticks: &[Tick], asker: Option<&str>) -> Shown {
    // What a form fills in is read in the answer.
    let typed = typed.split(" --filled=").next().unwrap_or_default();
    let mut sheet = Sheet::default();
    let who = asker
        .and_then(Mrkdwn::person)
        .map(|it| it.and(&Mrkdwn::ours(" asked: ")));
    let asked = who
        .unwrap_or(Mrkdwn::ours("Asked: "))
        .and(&Mrkdwn::code(typed));
    sheet.line(
        Rank::First,
        Mrkdwn::ours(":hourglass_flowing_sand: ").and(&asked),
    );
    let mut lines: Vec<(Option<StepName>, Mrkdwn)> = Vec::new();
    for tick in ticks {
        let (name, line) = told(tick);
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = line,
            None => lines.push((name, line)),
        }
    }
    let lines = lines.into_iter().map(|(_, line)| line);
    sheet.add(Rank::First, Part::Small(lines.collect()));
    Shown {
        text: notification(&format!("Looking into {}", clean::line(typed))),
        blocks: sheet.place("").blocks,
    }
}

fn told(tick: &Tick) -> (Option<StepName>, Mrkdwn) {
    match tick {
        Tick::Started(name) => {
            let sign = Mrkdwn::ours(":hourglass_flowing_sand: ");
            (Some(*name), sign.and(&Mrkdwn::outside(name.label())))
        }
        Tick::Ended(step) => (Some(step.step), card::step(step)),
        Tick::Judged(verdict) => {
            let said = Mrkdwn::bold(&headline_of(verdict));
            (
                None,
                said.and(&Mrkdwn::ours("; the calls around it are still counted")),
            )
        }
        Tick::Counted { done, all } => {
            let sign = Mrkdwn::ours(":hourglass_flowing_sand: ");
            (
                None,
                sign.and(&Mrkdwn::outside(&format!(
                    "{done} of {all} calls looked at"
                ))),
            )
        }
    }
}

/// A reply as a message. What finds no room in it is in a file of [`files()`].
#[must_use]
pub fn reply(reply: &Reply, context: &Context<'_>) -> Shown {
    let placed = placed(reply, context);
    let mut blocks = placed.blocks;
    if placed.is_cut {
        let notice =
            Mrkdwn::ours(":page_facing_up: Not all of it stands here: the rest is in the file ");
        let notice = notice
            .and(&Mrkdwn::code(&whole_name(context)))
            .and(&Mrkdwn::ours(" below."));
        blocks.push(small(notice.to_string()));
    }
    if blocks.is_empty() {
        // Of a text that nobody can see nothing is drawn.
        blocks.push(small(Mrkdwn::ours("There is nothing to say.").to_string()));
    }
    Shown {
        text: notification(&summed(reply)),
        blocks,
    }
}

/// What goes with the message of a reply into its thread: pictures of ladders, and all of it as text where the message
/// has not room for all. The names are those of no other job.
#[must_use]
pub fn files(reply: &Reply, context: &Context<'_>) -> Vec<Attachment> {
    let mut files = pictures(reply, context);
    files.extend(given(reply));
    if placed(reply, context).is_cut {
        files.push(whole(reply, context));
    }
    files
}

/// The files that a reply consists of.
fn given(reply: &Reply) -> impl Iterator<Item = Attachment> {
    let files: &[Given] = match reply {
        Reply::Files { files, .. } => files,
        _ => &[],
    };
    files.iter().map(|file| Attachment {
        name: file.name.clone(),
        title: file.title.clone(),
        alt: file.title.clone(),
        bytes: file.bytes.clone(),
    })
}

fn placed(reply: &Reply, context: &Context<'_>) -> Placed {
    let mut sheet = Sheet::default();
    fill(&mut sheet, reply, context, Ladder::Picture);
    sheet.place(context.job)
}

/// A reply where nothing but one post may be made: no buttons, no files, the ladder as text.
#[must_use]
pub fn plain(reply: &Reply, context: &Context<'_>) -> Shown {
    let mut sheet = Sheet::default();
    let context = Context {
        buttons: false,
        ..*context
    };
    fill(&mut sheet, reply, &context, Ladder::Text);
    let placed = sheet.place(context.job);
    let mut blocks = placed.blocks;
    if placed.is_cut {
        blocks.push(small(NO_ROOM.to_owned()));
    }
    Shown {
        text: notification(&summed(reply)),
        blocks,
    }
}

/// That somebody may not do this, and whom to ask.
#[must_use]
pub fn denied(sentence: &str) -> Shown {
    noted(":lock: ", sentence)
}

fn noted(sign: &'static str, sentence: &str) -> Shown {
    let mut sheet = Sheet::default();
    sheet.line(
        Rank::First,
        Mrkdwn::ours(sign).and(&Mrkdwn::outside(sentence)),
    );
    Shown {
        text: notification(sentence),
        blocks: sheet.place("").blocks,
    }
}

/// How ladders are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ladder {
    Picture,
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
                .map(|it| Mrkdwn::outside(&format!("not read: {it}")));
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
                sheet.add(Rank::First, Part::Small(vec![Mrkdwn::ours(NO_FILES)]));
            }
        }
        Reply::Text(text) => prose(sheet, text),
        Reply::Question { asked, choices } => question(sheet, asked, choices, context),
        Reply::Offer(offer) => offered(sheet, offer, context),
        Reply::Report(preview) => super::reports::report(sheet, preview, context),
        Reply::End => sheet.line(Rank::First, Mrkdwn::ours("Good bye.")),
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
        sheet.line(Rank::First, Mrkdwn::ours("Nothing was found."));
        card::steps(sheet, &investigation.steps);
        let notes = investigation.notes.iter().map(|note| Mrkdwn::outside(note));
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
        sheet.line(Rank::First, Mrkdwn::ours(NONE_OF_YOURS));
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
    let report = has("report").then(|| Button {
        action: REPORT.to_owned(),
        label: "Report".to_owned(),
        command: id.clone(),
    });
    let again = has("again").then(|| Button::say("again", 0, "Run again", format!("again {id}")));
    let buttons = [report, again]
        .into_iter()
        .flatten()
        .map(|it| it.element().into());
    sheet.add(Rank::First, Part::Actions(buttons.collect()));
}

fn drawing(card: &Card) -> Part {
    Part::Drawing(card.ladder.lines().map(ToOwned::to_owned).collect())
}

fn ladders(sheet: &mut Sheet, cards: &[Card]) {
    if cards.is_empty() {
        sheet.line(Rank::First, Mrkdwn::ours("There is no call to draw."));
    }
    for card in cards {
        if card.ladder.is_empty() {
            let lines = std::iter::once(&card.headline).chain(&card.not_checked);
            let lines = lines.map(|line| Mrkdwn::outside(line)).collect();
            sheet.add(Rank::First, Part::Lines(None, lines));
        } else {
            sheet.add(Rank::First, Part::Lines(None, card::ids(&card.ids)));
            sheet.add(Rank::Second, drawing(card));
        }
    }
}

/// A button that offers to look at a call that somebody wrote of.
#[must_use]
pub fn offer(button: &Button) -> Shown {
    let mut sheet = Sheet::default();
    sheet.line(Rank::First, Mrkdwn::ours("That looks like a Call-ID."));
    sheet.add(Rank::First, Part::Actions(vec![button.element().into()]));
    let placed = sheet.place("offer");
    Shown {
        text: notification("That looks like a Call-ID."),
        blocks: placed.blocks,
    }
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
                false => Part::Lines(
                    None,
                    same.iter().map(|line| Mrkdwn::outside(line)).collect(),
                ),
            },
        );
    }
    if text.trim().is_empty() {
        sheet.line(Rank::First, Mrkdwn::ours("There is nothing to say."));
    }
}

fn question(sheet: &mut Sheet, asked: &str, choices: &[Alternative], context: &Context<'_>) {
    sheet.line(
        Rank::First,
        Mrkdwn::ours(":question: ").and(&Mrkdwn::bold(asked)),
    );
    let numbered = |(at, it): (usize, &Alternative)| format!("{}. {}", at + 1, it.label);
    let lines = choices.iter().enumerate().map(numbered);
    sheet.add(
        Rank::First,
        Part::Lines(None, lines.clone().map(|it| Mrkdwn::outside(&it)).collect()),
    );
    if context.buttons {
        let choice = |(label, it): (String, &Alternative)| Choice {
            label,
            command: it.command.clone(),
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
        .map(|it| Mrkdwn::ours("Or say it, as in ").and(&Mrkdwn::code(&it.command)));
    sheet.add(Rank::Last, Part::Small(typed.into_iter().collect()));
}

fn offered(sheet: &mut Sheet, offer: &Offer, context: &Context<'_>) {
    sheet.line(Rank::First, Mrkdwn::outside(&offer.does));
    let value = |(name, value): &(&str, String)| {
        let value = if value.is_empty() {
            Mrkdwn::ours("–")
        } else {
            Mrkdwn::code(value)
        };
        card::labelled(name, &value)
    };
    sheet.add(
        Rank::First,
        Part::Lines(None, offer.values.iter().map(value).collect()),
    );
    sheet.add(Rank::First, Part::Lines(None, card::bullets(&offer.notes)));
    let fits = text::length(&offer.command) <= BUTTON_VALUE && !offer.command.trim().is_empty();
    if context.buttons && fits {
        let asked = match text::short(&offer.does, CONFIRM_TEXT) {
            empty if empty.is_empty() => "It runs as it is shown.".to_owned(),
            does => does,
        };
        let confirm = SlackBlockConfirmItem::new(
            plain_text("Run this?", CONFIRM_TITLE),
            SlackBlockText::Plain(SlackBlockPlainText::new(asked)),
            plain_text("Run it", CONFIRM_BUTTON),
            plain_text("Not now", CONFIRM_BUTTON),
        );
        let run = Button::say("run", 0, "Run it", offer.command.clone());
        let run = run
            .element()
            .with_confirm(confirm)
            .with_style(SlackBlockButtonStyle::Primary);
        let change = Button {
            action: SIMULATE.to_owned(),
            label: "Change values".to_owned(),
            command: offer.command.clone(),
        };
        let elements = vec![run.into(), change.element().into()];
        sheet.add(Rank::First, Part::Actions(elements));
    }
    let typed = Mrkdwn::ours("Or answer \"yes\", or say: ").and(&Mrkdwn::code(&offer.command));
    sheet.add(Rank::Last, Part::Small(vec![typed]));
}

/// What a reply comes to, in a sentence.
fn summed(reply: &Reply) -> String {
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

/// The text beside the blocks. Slack reads it as markup.
fn notification(text: &str) -> String {
    let escaped = Mrkdwn::outside(&text::short(text, NOTIFICATION));
    match escaped.to_string() {
        empty if empty.is_empty() => "Answered".to_owned(),
        text => text,
    }
}

/// A picture of each ladder.
fn pictures(reply: &Reply, context: &Context<'_>) -> Vec<Attachment> {
    let cards = match reply {
        // Of many calls the examples stand in the summary; each has its picture when it is looked at.
        Reply::Investigation(all, _) if all.calls.len() > summary::MOST_CARDS => &[],
        Reply::Investigation(_, cards) | Reply::Ladders(cards) => cards.as_slice(),
        _ => &[],
    };
    let drawn = cards
        .iter()
        .filter(|card| !card.drawing.is_empty() && !card.ladder.is_empty());
    let picture = |(at, card): (usize, &Card)| {
        let id = card.ids.first().map_or("", |id| id.text.as_str());
        Some(Attachment {
            name: named(&format!("ladder-{}", at + 1), context, "png"),
            title: text::short(&format!("Ladder of {id}"), FILE_TITLE),
            alt: text::short(
                &format!("The messages of the call, in order. {}", card.headline),
                FILE_ALT,
            ),
            // What cannot be painted is none of our drawings; the text has it all the same.
            bytes: picture::png(&card.drawing).ok()?,
        })
    };
    drawn
        .take(MOST_PICTURES)
        .enumerate()
        .filter_map(picture)
        .collect()
}

/// The whole reply as a file of text.
fn whole(reply: &Reply, context: &Context<'_>) -> Attachment {
    let style = Style {
        color: false,
        width: FILE_COLUMNS,
    };
    Attachment {
        name: whole_name(context),
        title: "The whole answer".to_owned(),
        alt: "The whole answer as text.".to_owned(),
        bytes: local::text(reply, style).into_bytes(),
    }
}

fn whole_name(context: &Context<'_>) -> String {
    named("answer", context, "txt")
}

/// The name of a file of this job, of lower-case letters, digits and dashes.
fn named(what: &str, context: &Context<'_>, ending: &str) -> String {
    let dashed = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let job: String = context.job.chars().map(dashed).take(80).collect();
    format!("{what}-{}.{ending}", job.to_ascii_lowercase())
}
