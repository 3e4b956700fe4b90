//! Sheets as messages within Slack's limits. Sends nothing.

use super::Shown;
use super::sheet::{Placed, place, small};
use super::text::Mrkdwn;
use crate::chat::Reply;
use crate::chat::commands::Table;
use crate::chat::show::buttons::Button;
use crate::chat::show::files::{self, Attachment};
use crate::chat::show::reply::{self as neutral, Ladder};
use crate::chat::show::text::{Text, short};
use crate::chat::show::{Context, incident as incidents};
use crate::diagnosis::investigator::progress::Tick;
use crate::render::incident::IncidentCard;

/// A notification is no longer than this: no client shows more.
const NOTIFICATION: usize = 300;

/// What is said where there is no room, and no file either.
const NO_ROOM: &str = "Not all of it stands in a private answer. Asked in a channel that I am in, I show all of it, \
                       with the picture.";

/// What was asked, and how far it is: for the message that becomes the answer.
#[must_use]
pub fn progress(typed: &str, ticks: &[Tick], asker: Option<&str>) -> Shown {
    Shown {
        text: notification(&neutral::looking(typed)),
        blocks: place(&neutral::progress(typed, ticks, asker), "").blocks,
    }
}

/// A reply as a message. What finds no room in it is in a file of [`files()`].
#[must_use]
pub fn reply(reply: &Reply, context: &Context<'_>) -> Shown {
    let placed = placed(reply, context);
    let mut blocks = placed.blocks;
    if placed.is_cut {
        let notice = neutral::rest_is_in(&files::whole_name(context));
        blocks.push(small(Mrkdwn::from(&notice).to_string()));
    }
    if blocks.is_empty() {
        // Of a text that nobody can see nothing is drawn.
        let nothing = Mrkdwn::from(&Text::ours("There is nothing to say."));
        blocks.push(small(nothing.to_string()));
    }
    Shown {
        text: notification(&neutral::summed(reply)),
        blocks,
    }
}

/// What goes with the message of a reply into its thread.
#[must_use]
pub fn files(reply: &Reply, context: &Context<'_>) -> Vec<Attachment> {
    files::files(reply, context, placed(reply, context).is_cut)
}

fn placed(reply: &Reply, context: &Context<'_>) -> Placed {
    place(
        &neutral::reply(reply, context, Ladder::Picture),
        context.job,
    )
}

/// A reply where nothing but one post may be made: no buttons, no files, the ladder as text.
#[must_use]
pub fn plain(reply: &Reply, context: &Context<'_>) -> Shown {
    let context = Context {
        buttons: false,
        ..*context
    };
    let placed = place(&neutral::reply(reply, &context, Ladder::Text), context.job);
    let mut blocks = placed.blocks;
    if placed.is_cut {
        blocks.push(small(NO_ROOM.to_owned()));
    }
    Shown {
        text: notification(&neutral::summed(reply)),
        blocks,
    }
}

/// That somebody may not do this, and whom to ask.
#[must_use]
pub fn denied(sentence: &str) -> Shown {
    Shown {
        text: notification(sentence),
        blocks: place(&neutral::denied(sentence), "").blocks,
    }
}

/// A button that offers to look at a call that somebody wrote of.
#[must_use]
pub fn offer(button: &Button) -> Shown {
    Shown {
        text: notification(neutral::LOOKS_LIKE_ONE),
        blocks: place(&neutral::offer(button), "offer").blocks,
    }
}

/// An incident as a message; its buttons stand for commands of the table.
#[must_use]
pub fn incident(card: &IncidentCard, table: &Table) -> Shown {
    Shown {
        text: short(&card.headline, NOTIFICATION),
        blocks: place(&incidents::incident(card, table), &card.id).blocks,
    }
}

/// Sentences as a message, a line each.
#[must_use]
pub fn sentences(text: &str) -> Shown {
    Shown {
        text: short(text.lines().next().unwrap_or_default(), NOTIFICATION),
        blocks: place(&incidents::sentences(text), "").blocks,
    }
}

/// The text beside the blocks. Slack reads it as markup.
fn notification(text: &str) -> String {
    let escaped = Mrkdwn::outside(&short(text, NOTIFICATION));
    match escaped.to_string() {
        empty if empty.is_empty() => "Answered".to_owned(),
        text => text,
    }
}
