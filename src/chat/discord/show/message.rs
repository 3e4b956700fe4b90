//! Sheets as messages within Discord's limits, with the files that belong to them. Sends nothing.

use serde_json::{Value, json};

use super::Shown;
use super::limits::{CONTENT, FILE_BYTES, FILES};
use super::sheet::{Placed, place};
use super::text::Markdown;
use crate::chat::Reply;
use crate::chat::commands::Table;
use crate::chat::discord::manifest::permission_names;
use crate::chat::discord::presses::{Kept, Question};
use crate::chat::show::buttons::Button;
use crate::chat::show::files::{self, Attachment};
use crate::chat::show::reply::{self as neutral, Ladder};
use crate::chat::show::sheet::Sheet;
use crate::chat::show::text::{Text, short};
use crate::chat::show::{Context, incident as incidents};
use crate::diagnosis::investigator::progress::Tick;
use crate::render::incident::IncidentCard;

/// A notification is no longer than this: no client shows more.
const NOTIFICATION: usize = 300;

/// What was asked, and how far it is: for the message that becomes the answer.
#[must_use]
pub fn progress(typed: &str, ticks: &[Tick], asker: Option<&str>) -> Shown {
    of_sheet(&neutral::progress(typed, ticks, asker))
}

/// A reply as a message with its files. What finds no room in it is in one of them.
#[must_use]
pub fn reply(reply: &Reply, context: &Context<'_>) -> Shown {
    reply_within(reply, context, FILE_BYTES)
}

/// The same where a file may have so many bytes.
#[must_use]
pub fn reply_within(reply: &Reply, context: &Context<'_>, file_bytes: usize) -> Shown {
    let mut placed = place(&neutral::reply(reply, context, Ladder::Picture));
    if placed.is_cut {
        let notice = neutral::rest_is_in(&files::whole_name(context));
        placed.add(&Markdown::from(&notice));
    }
    let (files, too_large) = fitting(files::files(reply, context, placed.is_cut), file_bytes);
    for name in too_large {
        let told = Text::code(&name).and(&Text::ours(
            " is larger than Discord takes; the program itself gives it, as in ",
        ));
        placed.add(&Markdown::from(
            &told.and(&Text::code("calltriage pcap CALL")),
        ));
    }
    let mut embeds = shown_embeds(&mut placed);
    illustrate(&mut embeds, &files);
    Shown {
        content: String::new(),
        embeds,
        components: placed.rows,
        kept: placed.kept,
        files,
    }
}

/// The files that a message takes, and the names of those that are too large. Where there are too many, pictures are
/// missed first: the text has the ladders all the same.
fn fitting(all: Vec<Attachment>, most: usize) -> (Vec<Attachment>, Vec<String>) {
    let (mut fit, large): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|file| file.bytes.len() <= most);
    while fit.len() > FILES {
        let last_picture = fit.iter().rposition(|file| file.name.ends_with(".png"));
        fit.remove(last_picture.unwrap_or(FILES));
    }
    (fit, large.into_iter().map(|file| file.name).collect())
}

/// The embeds; a line where there is nothing to see.
fn shown_embeds(placed: &mut Placed) -> Vec<Value> {
    if placed.texts.is_empty() {
        // Of a text that nobody can see nothing is drawn.
        placed.add(&Markdown::from(&Text::ours("There is nothing to say.")));
    }
    placed.embeds()
}

/// Shows the pictures in the embeds, one each: that of a call in the embed of the call.
fn illustrate(embeds: &mut [Value], files: &[Attachment]) {
    let pictures: Vec<&Attachment> = files
        .iter()
        .filter(|file| file.name.ends_with(".png"))
        .collect();
    // Otherwise which belongs to which is not known: they stand under the message.
    if pictures.len() > 1 && pictures.len() != embeds.len() {
        return;
    }
    for (embed, picture) in embeds.iter_mut().rev().zip(pictures.iter().rev()) {
        if let Some(embed) = embed.as_object_mut() {
            let url = format!("attachment://{}", picture.name);
            embed.insert("image".to_owned(), json!({ "url": url }));
        }
    }
}

/// That somebody may not do this, and whom to ask.
#[must_use]
pub fn denied(sentence: &str) -> Shown {
    of_sheet(&neutral::denied(sentence))
}

/// A button that offers to look at a call that somebody wrote of.
#[must_use]
pub fn offer(button: &Button) -> Shown {
    of_sheet(&neutral::offer(button))
}

/// An incident as a message; its buttons stand for commands of the table.
#[must_use]
pub fn incident(card: &IncidentCard, table: &Table) -> Shown {
    Shown {
        content: notification(&card.headline),
        ..of_sheet(&incidents::incident(card, table))
    }
}

/// Sentences as a message, a line each.
#[must_use]
pub fn sentences(text: &str) -> Shown {
    of_sheet(&incidents::sentences(text))
}

/// Something said to one person at once.
#[must_use]
pub fn said(text: &Text) -> Shown {
    let content = Markdown::from(text);
    let fits = content.length() <= CONTENT;
    let content = match fits {
        true => Some(content),
        false => content.whole_sentences(CONTENT),
    };
    Shown {
        content: content.map_or("…".to_owned(), |it| it.to_string()),
        ..Shown::default()
    }
}

/// The same, told to one person because the bot may not write in this channel.
#[must_use]
pub fn shut_out(channel: u64, shown: Shown) -> Shown {
    let why = format!(
        "I may not write in <#{channel}>, so only you get this. Whoever runs the server lets me do this there: {}.",
        permission_names()
    );
    let content = match shown.content.is_empty() {
        true => why,
        false => format!("{why}\n{}", shown.content),
    };
    Shown { content, ..shown }
}

/// The question that is asked back before a button counts, with the button that does it.
#[must_use]
pub fn question(question: &Question, does: &Kept) -> Shown {
    let asked = Text::bold(&question.title)
        .and(&Text::ours(" "))
        .and(&Text::outside(&question.text));
    let (id, has_to_be_kept) = does.id();
    let button = json!({ "type": 2, "style": 1, "label": question.yes, "custom_id": id });
    Shown {
        components: vec![json!({ "type": 1, "components": [button] })],
        kept: has_to_be_kept.then(|| does.clone()).into_iter().collect(),
        ..said(&asked)
    }
}

fn of_sheet(sheet: &Sheet) -> Shown {
    let mut placed = place(sheet);
    let embeds = shown_embeds(&mut placed);
    Shown {
        embeds,
        components: placed.rows,
        kept: placed.kept,
        ..Shown::default()
    }
}

/// The text that notifications show.
fn notification(text: &str) -> String {
    Markdown::outside(&short(text, NOTIFICATION)).to_string()
}
