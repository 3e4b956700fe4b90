//! What is acknowledged is answered once, whenever the process dies.

use std::collections::BTreeMap;

use serde_json::json;

use super::{OURS, in_discord};
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, Fake, NOC, State};

/// How many are asked in all, and how often it dies meanwhile.
const MANY: usize = 200;
const ROUNDS: usize = 4;

/// Asks what is answered with "Busy"; gives the interaction's id.
pub fn ask(fake: &Fake) -> u64 {
    let options = [("rule-code-or-text", json!("486"))];
    fake.user(ANN).slash(NOC, "explain", &options)
}

/// How many were acknowledged.
pub fn acknowledged(state: &State) -> usize {
    let all = state.asked.iter();
    all.filter(|it| it.answered.is_some()).count()
}

/// Says the same to the bot; gives the message's id.
fn say(fake: &Fake) -> u64 {
    fake.user(ANN).mentions(NOC, "explain 486")
}

/// What an answer answers: an interaction, a message, or neither, where it was given in the channel instead of an answer
/// to an interaction that nobody acknowledged.
fn answered(message: &Message) -> Option<u64> {
    message.interaction.or(message.replies_to)
}

/// Waits until each that was acknowledged is answered; none is twice. What was kept and not acknowledged is answered
/// in the channel, by a message that names no interaction: there are no more of these than of those.
pub async fn answered_once(fake: &Fake) {
    let answers = |state: &State| {
        let mut count: BTreeMap<Option<u64>, usize> = BTreeMap::new();
        let all = state.messages.iter();
        for message in all.filter(|it| it.readable().contains("Busy")) {
            *count.entry(answered(message)).or_default() += 1;
        }
        count
    };
    fake.until("all acknowledged are answered", |state| {
        let answers = answers(state);
        let mut acked = state.asked.iter().filter(|it| it.answered.is_some());
        acked
            .all(|it| answers.contains_key(&Some(it.id)))
            .then_some(())
    })
    .await;
    fake.look(|state| {
        let mut answers = answers(state);
        let in_the_channel = answers.remove(&None).unwrap_or_default();
        let unacknowledged = state.asked.len() - acknowledged(state);
        assert!(
            in_the_channel <= unacknowledged,
            "{in_the_channel} answers to {unacknowledged} unacknowledged"
        );
        answers.retain(|_, count| *count > 1);
        assert!(answers.is_empty(), "answered more than once: {answers:?}");
    });
}

#[tokio::test]
async fn each_acknowledged_command_is_answered_once_however_often_the_bot_is_killed() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    for round in 0..ROUNDS {
        let before = fake.look(acknowledged);
        for number in 0..MANY / ROUNDS {
            ask(&fake);
            if number % 5 == 0 {
                say(&fake);
            }
        }
        // Killed when so many are acknowledged, wherever the bot is then: a few, half, nearly all.
        let wanted = before + (round + 1) * MANY / ROUNDS / (ROUNDS + 1);
        fake.until("some acknowledged", |state| {
            (acknowledged(state) >= wanted).then_some(())
        })
        .await;
        let sessions = fake.look(|state| state.sessions);
        bot.kill();
        bot.start();
        fake.until("it is back", |state| {
            (state.sessions > sessions).then_some(())
        })
        .await;
    }
    let said = say(&fake);
    fake.until("the last one", |state| {
        let mut all = state.of_bot(NOC);
        all.find(|it| it.replies_to == Some(said) && it.readable().contains("Busy"))
            .map(|it| it.id)
    })
    .await;
    answered_once(&fake).await;
    println!("acknowledged: {}", fake.look(acknowledged));
    fake.nothing_refused();
}
