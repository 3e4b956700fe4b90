//! A bot that dies at any moment: what was acknowledged is answered once.

use std::collections::BTreeMap;

use super::{Bot, in_slack};
use crate::support::slack::record::Outcome;
use crate::support::slack::state::BOT_USER;
use crate::support::slack::state::Channel;
use crate::support::slack::state::State;
use crate::support::slack::{ANN, Fake};

const COMMANDS: usize = 200;
const ROUNDS: usize = 4;
pub const CHANNELS: usize = 100;

/// How often each question was answered, by its number.
pub fn answers(state: &State) -> BTreeMap<usize, usize> {
    let mut count = BTreeMap::new();
    for message in state.messages.iter().filter(|it| it.is_bots()) {
        let read = message.readable();
        let number = read.split("nobody-").nth(1);
        let digits = number.map(|it| {
            it.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        });
        if let Some(number) = digits.and_then(|it| it.parse::<usize>().ok()) {
            *count.entry(number).or_default() += 1;
        }
    }
    count
}

/// The numbers of the commands that were acknowledged.
pub fn acknowledged(state: &State) -> Vec<usize> {
    let acked = state
        .record
        .envelopes
        .iter()
        .filter(|it| matches!(it.outcome, Outcome::Acked { .. }));
    let texts = acked.filter_map(|it| it.payload["text"].as_str());
    texts
        .filter_map(|it| it.split("nobody-").nth(1)?.split('@').next()?.parse().ok())
        .collect()
}

/// Waits until each command that was acknowledged is answered; none is twice.
pub async fn answered_once(fake: &Fake) {
    fake.until("an answer to each acknowledged command", |state| {
        let answered = answers(state);
        acknowledged(state)
            .iter()
            .all(|it| answered.contains_key(it))
            .then_some(())
    })
    .await;
    let twice: Vec<_> =
        fake.look(|state| answers(state).into_iter().filter(|it| it.1 > 1).collect());
    assert_eq!(
        twice,
        Vec::<(usize, usize)>::new(),
        "answered more than once"
    );
    let acknowledged = fake.look(|state| acknowledged(state).len());
    assert!(acknowledged > 0, "nothing was acknowledged");
    println!("acknowledged: {acknowledged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_acknowledged_command_is_answered_once_however_often_the_bot_is_killed() {
    let (fake, mut bot): (Fake, Bot) = in_slack("").await;
    let channels = many_channels(&fake);
    let mut number = 0;
    for round in 0..ROUNDS {
        fake.until_connected(2).await;
        let before = fake.look(|state| acknowledged(state).len());
        for _ in 0..COMMANDS / ROUNDS {
            let channel = &channels[number % CHANNELS];
            fake.user(ANN)
                .slash(channel, &format!("/triage explain nobody-{number}"));
            number += 1;
        }
        // Killed when so many acknowledgements are in, wherever the bot is then: a few, half, nearly all.
        let wanted = before + (round + 1) * COMMANDS / ROUNDS / (ROUNDS + 1);
        fake.until("some acknowledgements", |state| {
            (acknowledged(state).len() >= wanted).then_some(())
        })
        .await;
        bot.kill();
        // What is sent to a dead connection is no command that was acknowledged.
        fake.until("the death", |state| {
            state.record.open.is_empty().then_some(())
        })
        .await;
        bot.start();
    }
    answered_once(&fake).await;
}

/// One message a second may be posted in a channel: many channels keep a test short.
pub fn many_channels(fake: &Fake) -> Vec<String> {
    let channels: Vec<String> = (0..CHANNELS).map(|it| format!("C0KILL{it:04}")).collect();
    fake.arrange(|state| {
        for id in &channels {
            let channel = Channel::new(id, &id.to_lowercase(), &[ANN, BOT_USER]);
            state.channels.insert(id.clone(), channel);
        }
    });
    channels
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_commands_at_once_are_all_acknowledged_in_time_and_answered() {
    let (fake, _bot) = in_slack("").await;
    let channels = many_channels(&fake);
    for number in 0..COMMANDS {
        let channel = &channels[number % CHANNELS];
        fake.user(ANN)
            .slash(channel, &format!("/triage explain nobody-{number}"));
    }
    fake.until("all acknowledgements and answers", |state| {
        let all = answers(state).len() == COMMANDS && acknowledged(state).len() == COMMANDS;
        all.then_some(())
    })
    .await;
    assert!(fake.look(|state| answers(state).values().all(|it| *it == 1)));
    fake.nothing_refused();
    let mut times: Vec<_> = fake.look(|state| {
        let commands = state.record.envelopes.iter();
        let commands = commands.filter(|it| it.kind == "slash_commands");
        let after = commands.filter_map(|it| match it.outcome {
            Outcome::Acked { after, .. } => Some(after),
            _ => None,
        });
        after.collect()
    });
    times.sort_unstable();
    println!(
        "acknowledged after: median {:?}, p99 {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
}
