//! What is acknowledged is answered once, whenever the process dies.

use std::collections::BTreeMap;

use serde_json::json;

use super::{OURS, in_discord};
use crate::support::discord::{ANN, Fake, NOC, State};

/// How many are asked in all.
const MANY: usize = 60;

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

/// Waits until each that was acknowledged is answered; none is twice. What was kept and not acknowledged is answered
/// in the channel, by a message that names no interaction: there are no more of these than of those.
pub async fn answered_once(fake: &Fake) {
    let answers = |state: &State| {
        let mut count: BTreeMap<Option<u64>, usize> = BTreeMap::new();
        let all = state.messages.iter();
        for message in all.filter(|it| it.readable().contains("Busy")) {
            *count.entry(message.interaction).or_default() += 1;
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
async fn each_acknowledged_command_is_answered_once_across_kills() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    for round in 1..=3 {
        let wanted = fake.look(acknowledged) + MANY / 6;
        for _ in 0..MANY / 3 {
            ask(&fake);
        }
        // Not all are acknowledged, and few are answered.
        fake.until("some acknowledged", |state| {
            (acknowledged(state) >= wanted).then_some(())
        })
        .await;
        bot.kill();
        bot.start();
        fake.until("it is back", |state| (state.sessions > round).then_some(()))
            .await;
    }
    answered_once(&fake).await;
}
