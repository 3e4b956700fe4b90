//! The app home as a view. Publishes none.

use slack_morphism::prelude::*;

use super::limits::SECTION;
use super::sheet::{button, section, small};
use super::text::Mrkdwn;
use crate::archive::Summary;
use crate::chat::commands::Place;
use crate::chat::show::buttons::{Button, is_sayable};
use crate::chat::show::{Context, past};

/// More past investigations than these do not stand in the app home.
const MOST_RECENT: usize = 15;

/// The app home: what can be said, and what was asked last.
#[must_use]
pub fn home(recent: &[Summary], context: &Context<'_>) -> SlackView {
    let table = context.table;
    let mut blocks = vec![section(
        "*What happened to a call?*\nPaste a Call-ID or a number here under *Messages*, in a channel after `/triage`, or \
         in a thread after `@calltriage`."
            .to_owned(),
    )];
    let usable = table
        .commands()
        .iter()
        .filter(|it| it.available.contains(&Place::Chat) && it.name != "quit");
    let lines = usable.map(|it| {
        Mrkdwn::code(&it.name)
            .and(&Mrkdwn::ours("  "))
            .and(&Mrkdwn::outside(&it.summary))
    });
    let lines: Vec<Mrkdwn> = lines.collect();
    blocks.extend(packed(&lines).into_iter().map(section));
    blocks.push(SlackDividerBlock::new().into());
    if recent.is_empty() {
        blocks.push(section("Nothing has been investigated yet.".to_owned()));
        return SlackView::Home(SlackHomeView::new(blocks));
    }
    blocks.push(section("*Recent investigations (UTC)*".to_owned()));
    for (at, one) in recent.iter().take(MOST_RECENT).enumerate() {
        let line = Mrkdwn::from(&past(one));
        let text = match line.length() <= SECTION {
            true => line,
            // What was asked may be long; the id alone finds it.
            false => Mrkdwn::code(&one.id),
        };
        let again = Button::say("again", at, "Run again", format!("again {}", one.id));
        let button =
            (table.named("again").is_some() && is_sayable(&one.id)).then(|| button(&again));
        let text = SlackBlockMarkDownText::new(text.to_string()).with_verbatim(true);
        let line = SlackSectionBlock::new().with_text(text.into());
        blocks.push(match button {
            Some(button) => line.with_accessory(button.into()).into(),
            None => line.into(),
        });
    }
    if recent.len() > MOST_RECENT {
        blocks.push(small("`history` lists those before.".to_owned()));
    }
    SlackView::Home(SlackHomeView::new(blocks))
}

/// Lines in as few texts as sections take.
fn packed(lines: &[Mrkdwn]) -> Vec<String> {
    let mut texts: Vec<Vec<Mrkdwn>> = vec![Vec::new()];
    let mut used = 0;
    for line in lines.iter().filter(|line| line.length() < SECTION) {
        used += line.length() + 1;
        if used > SECTION {
            texts.push(Vec::new());
            used = line.length() + 1;
        }
        if let Some(last) = texts.last_mut() {
            last.push(line.clone());
        }
    }
    let texts = texts.iter().filter(|it| !it.is_empty());
    texts.map(|it| joined(it)).collect()
}

fn joined(lines: &[Mrkdwn]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
