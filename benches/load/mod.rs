//! What the measurements of the running bot share: a platform, channels, the bot itself, and how figures are written.
//! Measures nothing.

#![allow(dead_code, reason = "no measurement needs all of it")]

use std::time::Duration;

use calltriage::demo::{Behaviour, World};
use jiff::Timestamp;

use crate::support::bot::{Bot, Chat};
use crate::support::connexcs;
use crate::support::slack::state::{BOT_USER, Channel};
use crate::support::slack::{ANN, Fake};

/// How long a slow platform takes over every answer.
const SLOW: Duration = Duration::from_millis(500);

/// A platform with the example calls that is slow.
pub async fn slow_platform() -> connexcs::Fake {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    platform.platform.script().everywhere(Behaviour::Slow(SLOW));
    platform
}

/// So many channels of Slack with the bot in them: each takes a message a second.
pub fn channels(fake: &Fake, many: usize) -> Vec<String> {
    let channels: Vec<String> = (0..many).map(|it| format!("C0LOAD{it:04}")).collect();
    fake.arrange(|state| {
        for id in &channels {
            let channel = Channel::new(id, &id.to_lowercase(), &[ANN, BOT_USER]);
            state.channels.insert(id.clone(), channel);
        }
    });
    channels
}

/// The bot in this chat over this platform, with more settings; it logs no more than it does by itself.
pub fn started(chat: &impl Chat, mode: &str, platform: &connexcs::Fake, more: &str) -> Bot {
    let source = format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n\
         [sources.limits]\nspacing = \"1ms\"\nburst = 100\n",
        platform.base_url()
    );
    let mut bot = Bot::configured(chat, mode, &format!("{more}{source}"));
    bot.start_with(|command| {
        command.env_remove("CALLTRIAGE_LOG");
    });
    bot
}

/// What the system says that it takes now, and took at most.
pub fn memory(bot: &Bot) -> String {
    format!(
        "{} kB, at most {} kB",
        bot.figure("VmRSS"),
        bot.figure("VmHWM")
    )
}

/// The times after which something was acknowledged, in short.
pub fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!(
        "acknowledged after: median {:?}, p99 {:?}, last {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    )
}
