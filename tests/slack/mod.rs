//! The bot in Slack: the real program against the fake workspace.

mod dialogue;
mod doctor;
mod faults;
mod files;
mod http;
pub mod incidents;
pub mod killed;
mod outages;
pub mod platform;
pub mod reports;
mod running;
mod starting;
pub mod talk;
mod watch;

pub use crate::support::bot::{Bot, fetched};
use crate::support::slack::{Fake, PATIENCE};

/// A call of the examples that the called party refused as busy.
pub const BUSY: &str = "busy-1@198.51.100.10";

/// A workspace with the bot in it, over Socket Mode.
pub async fn in_slack(more: &str) -> (Fake, Bot) {
    let fake = Fake::fast().await;
    let mut bot = Bot::configured(&fake, "socket", more);
    bot.start();
    fake.until_connected(2).await;
    (fake, bot)
}

/// Waits for what no change of the workspace tells.
pub async fn until(holds: impl Fn() -> bool) {
    let held = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, held).await.unwrap();
}
