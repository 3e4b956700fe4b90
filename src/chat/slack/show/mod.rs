//! What people see in Slack: replies as blocks and files, forms and the app home. Pure: sends nothing, reads
//! no clock; decides nothing.

pub mod buttons;
mod card;
pub mod forms;
pub mod incident;
pub mod limits;
mod lists;
pub mod message;
pub mod reports;
mod sheet;
pub mod text;

use jiff::tz::TimeZone;
use serde::Serialize;
use slack_morphism::prelude::SlackBlock;

use crate::chat::commands::Table;

/// A message as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shown {
    /// What notifications show, and clients that draw no blocks: plain, at most [`limits::FALLBACK`]
    /// characters.
    pub text: String,
    /// The message, within [`limits`].
    pub blocks: Vec<SlackBlock>,
}

/// A file in the thread of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: lower-case letters, digits and dashes, and an ending that says what it is.
    pub name: String,
    /// What stands above it, at most 255 characters.
    pub title: String,
    /// What it shows, for those who do not see it, at most 1,000 characters
    /// (<https://docs.slack.dev/reference/methods/files.getUploadURLExternal>).
    pub alt: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// For whom and about what a reply is shown.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The id of the job that is answered; blocks with buttons carry it, so that a click tells it.
    pub job: &'a str,
    /// Whether there are buttons: not where a click could not be answered.
    pub buttons: bool,
    /// The zone of those who read it.
    pub zone: &'a TimeZone,
    /// The commands that buttons may stand for.
    pub table: &'a Table,
}
