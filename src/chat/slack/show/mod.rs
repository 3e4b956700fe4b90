//! What people see in Slack: neutral sheets and forms as blocks and views, and the app home. Pure: sends nothing, reads
//! no clock; decides nothing.

pub mod forms;
mod home;
pub mod limits;
pub mod message;
mod sheet;
pub mod text;

use serde::Serialize;
use slack_morphism::prelude::SlackBlock;

pub use home::home;

/// A message as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shown {
    /// What notifications show, and clients that draw no blocks: plain, at most [`limits::FALLBACK`]
    /// characters.
    pub text: String,
    /// The message, within [`limits`].
    pub blocks: Vec<SlackBlock>,
}
