//! What is acknowledged is answered once, whenever the process dies.

use std::collections::BTreeMap;

use serde_json::json;

use super::{OURS, in_discord};
use crate::support::discord::{ANN, NOC, State};

/// How many are asked in all.
const MANY: usize = 60;

#[tokio::test]
async fn each_acknowledged_command_is_answered_once_across_kills() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    for round in 1..=3 {
        let acked = |state: &State| {
            state
                .asked
                .iter()
                .filter(|it| it.answered.is_some())
                .count()
        };
        let wanted = fake.look(acked) + MANY / 6;
        for _ in 0..MANY / 3 {
            fake.user(ANN)
                .slash(NOC, "explain", &[("rule-code-or-text", json!("486"))]);
        }
        // Not all are acknowledged, and few are answered.
        fake.until("some acknowledged", |state| {
            (acked(state) >= wanted).then_some(())
        })
        .await;
        bot.kill();
        bot.start();
        fake.until("it is back", |state| (state.sessions > round).then_some(()))
            .await;
    }
    let answered = |state: &State| {
        let mut by_asked: BTreeMap<u64, usize> = BTreeMap::new();
        for message in state
            .messages
            .iter()
            .filter(|it| it.readable().contains("Busy"))
        {
            *by_asked
                .entry(message.interaction.unwrap_or_default())
                .or_default() += 1;
        }
        by_asked
    };
    fake.until("all acknowledged are answered", |state| {
        let answers = answered(state);
        let acked = state.asked.iter().filter(|it| it.answered.is_some());
        acked
            .into_iter()
            .all(|it| answers.contains_key(&it.id))
            .then_some(())
    })
    .await;
    fake.look(|state| {
        let answers = answered(state);
        for it in state.asked.iter().filter(|it| it.answered.is_some()) {
            assert_eq!(answers[&it.id], 1);
        }
    });
}
