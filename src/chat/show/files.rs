//! The files that go with a reply: pictures of ladders, what was asked for as a file, the whole answer where a message
//! has not room for all. Gives none out.

use super::Context;
use super::text::short;
use crate::chat::{Given, Reply, local};
use crate::render::card::{Card, Style};
use crate::render::{picture, summary};

/// How wide the text of a file is.
const FILE_COLUMNS: usize = 100;

/// A file's title, and its description: no longer than the strictest chat takes.
const FILE_TITLE: usize = 255;
const FILE_ALT: usize = 1_000;

/// More ladders than these are drawn as text alone.
const MOST_PICTURES: usize = 10;

/// A file beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: lower-case letters, digits and dashes, and an ending that says what it is.
    pub name: String,
    /// What stands above it, at most 255 characters.
    pub title: String,
    /// What it shows, for those who do not see it, at most 1,000 characters.
    pub alt: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What goes with the message of a reply: pictures of ladders, and all of it as text where `is_cut` says that the message
/// has not room for all. The names are those of no other job.
#[must_use]
pub fn files(reply: &Reply, context: &Context<'_>, is_cut: bool) -> Vec<Attachment> {
    let mut files = pictures(reply, context);
    files.extend(given(reply));
    if is_cut {
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
            title: short(&format!("Ladder of {id}"), FILE_TITLE),
            alt: short(
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

/// What the file with the whole answer is called.
#[must_use]
pub fn whole_name(context: &Context<'_>) -> String {
    named("answer", context, "txt")
}

/// The name of a file of this job, of lower-case letters, digits and dashes.
fn named(what: &str, context: &Context<'_>, ending: &str) -> String {
    let dashed = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let job: String = context.job.chars().map(dashed).take(80).collect();
    format!("{what}-{}.{ending}", job.to_ascii_lowercase())
}
