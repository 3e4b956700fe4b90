//! The bot in Discord: the real program against the fake service.

mod both;
mod completing;
mod dialogue;
mod doctor;
mod files;
mod forms;
mod gateway;
mod http;
mod incidents;
mod killed;
mod limits;
mod permissions;
mod platform;
mod privacy;
mod starting;
pub mod talk;
mod threads;
mod tokens;
mod typing;
mod unasked;

use crate::support::bot::Bot;
use crate::support::discord::Fake;

/// A call of the examples that the called party refused as busy.
pub const BUSY: &str = "busy-1@198.51.100.10";

/// What makes the engineers of the fake our own people.
pub const OURS: &str = "staff_roles = [\"1088000000000000110\"]\n";

/// A server with the bot in it, over the gateway.
pub async fn in_discord(own: &str, more: &str) -> (Fake, Bot) {
    let fake = Fake::start().await;
    let mut bot = Bot::configured(&fake, "gateway", &format!("{own}\n{more}"));
    bot.start();
    fake.until_connected().await;
    (fake, bot)
}
