//! Slack at its worst: limits, errors and cut connections on every method, lost acknowledgements, dropped sockets. What
//! was acknowledged is answered once all the same.

use std::time::Duration;

use super::killed::{CHANNELS, answered_once, many_channels};
use super::talk::{answer, said, whisper};
use super::{BUSY, in_slack};
use crate::support::bot::dropped_seconds;
use crate::support::slack::faults::Fault;
use crate::support::slack::state::State;
use crate::support::slack::{ANN, BEN, Fake, NOC};

/// What an answer with a picture takes.
const METHODS: [&str; 8] = [
    "conversations.info",
    "conversations.members",
    "users.list",
    "chat.postMessage",
    "chat.update",
    "files.getUploadURLExternal",
    "/upload",
    "files.completeUploadExternal",
];

/// The cards in the channel itself.
fn cards(state: &State) -> usize {
    let all = said(state, NOC);
    let its = all.iter().filter(|it| it.thread_ts.is_none());
    its.filter(|it| it.readable().contains("486")).count()
}

/// Waits for so many cards, each with its picture.
async fn until_cards(fake: &Fake, count: usize) {
    fake.until("the cards with their pictures", |state| {
        let pictures = said(state, NOC)
            .iter()
            .map(|it| it.files.len())
            .sum::<usize>();
        (cards(state) >= count && pictures >= count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let (fake, bot) = in_slack("").await;
    for method in METHODS.iter().filter(|it| **it != "/upload") {
        fake.faults().script(method, [Fault::TooMany(1)]);
    }
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    until_cards(&fake, 1).await;
    assert_eq!(
        fake.look(|state| state.record.calls_of("chat.postMessage").len()),
        1
    );
    let (_, text) = bot.get("/metrics");
    let waited =
        "calltriage_api_limit_wait_seconds_total{chat=\"slack\",method=\"chat.postMessage\"} 1\n";
    assert!(text.contains(waited), "{text}");
    fake.nothing_refused();
}

#[tokio::test]
async fn errors_and_cut_connections_on_every_method_lose_and_double_nothing() {
    let (fake, _bot) = in_slack("").await;
    let faults = [
        Fault::ServerError,
        Fault::BadGateway,
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::HalfBody,
    ];
    for (nth, fault) in faults.into_iter().enumerate() {
        for method in METHODS {
            fake.faults().script(method, [fault.clone()]);
        }
        fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
        until_cards(&fake, nth + 1).await;
        assert_eq!(fake.look(cards), nth + 1, "{fault:?}");
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn an_event_whose_acknowledgement_was_lost_is_answered_once() {
    let (fake, _bot) = in_slack("").await;
    fake.faults().drop_socket_every(Some(1));
    let root = fake.user(BEN).message(NOC, "calls to our shop fail");
    fake.user(ANN).mention(NOC, Some(&root), BUSY);
    fake.until("a redelivery", |state| {
        let all = state.record.envelopes.iter();
        let mentions = all.filter(|it| it.payload["event"]["type"] == "app_mention");
        mentions.filter(|it| it.sent.len() > 1).map(|_| ()).next()
    })
    .await;
    fake.faults().drop_socket_every(None);
    answer(&fake, NOC, "486").await;
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage help");
    answer(&fake, NOC, "diagnose").await;
    let posts = fake.look(|state| state.record.calls_of("chat.postMessage").len());
    assert_eq!(posts, 2);
    fake.nothing_refused();
}

#[tokio::test]
async fn sockets_that_are_dropped_every_second_lose_nothing_that_was_acknowledged() {
    let (fake, _bot) = in_slack("").await;
    let channels = many_channels(&fake);
    let (seconds, mut number) = (dropped_seconds(), 0);
    let mut ask = || {
        let channel = &channels[number % CHANNELS];
        fake.user(ANN)
            .slash(channel, &format!("/triage explain nobody-{number}"));
        number += 1;
    };
    fake.drop_sockets_every(Duration::from_secs(1), seconds);
    for second in 1..=seconds {
        fake.until("a drop", |state| {
            (state.record.drops >= second).then_some(())
        })
        .await;
        // Into the gap, as soon as it is over, and in the middle of what that brings.
        ask();
        fake.until_connected(1).await;
        ask();
        fake.until_connected(2).await;
        ask();
    }
    fake.until_acked().await;
    answered_once(&fake).await;
}

#[tokio::test]
async fn a_private_answer_whose_address_has_ended_goes_by_direct_message() {
    for expired in [false, true] {
        let (fake, _bot) = in_slack("").await;
        let slow = Fault::Slow(Duration::from_millis(700));
        fake.faults().script("conversations.info", [slow]);
        fake.user(ANN)
            .slash(NOC, &format!("/triage --private {BUSY}"));
        fake.until_acked().await;
        match expired {
            true => fake.expire_addresses(),
            false => fake.use_up_addresses(),
        }
        fake.until("a direct message", |state| {
            let direct = state.direct(ANN)?.id.clone();
            let all = said(state, &direct);
            all.into_iter().find(|it| it.readable().contains("486"))
        })
        .await;
        assert!(fake.look(|state| said(state, NOC).is_empty()));
    }
}

#[tokio::test]
async fn what_was_written_before_the_start_is_not_answered() {
    let (fake, mut bot) = in_slack("").await;
    bot.kill();
    fake.until("the death", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
    let (channel, _) = fake.user(ANN).direct(&format!("why did {BUSY} fail"));
    bot.start();
    fake.until_connected(2).await;
    fake.until_acked().await;
    fake.user(ANN).slash(NOC, "/triage help");
    answer(&fake, NOC, "diagnose").await;
    assert!(fake.look(|state| said(state, &channel).is_empty()));
    fake.nothing_refused();
}

#[tokio::test]
async fn the_shortcut_diagnoses_the_call_in_a_message() {
    let (fake, _bot) = in_slack("").await;
    let ts = fake
        .user(BEN)
        .message(NOC, &format!("this one failed: {BUSY}"));
    fake.user(ANN).message_shortcut(NOC, &ts, "diagnose");
    let card = answer(&fake, NOC, "486").await;
    assert_eq!(card.thread_ts, Some(ts));
    fake.nothing_refused();
}

#[tokio::test]
async fn the_shortcut_runs_no_command_that_somebody_wrote() {
    let (fake, _bot) = in_slack("").await;
    let ts = fake.user(BEN).message(NOC, &format!("trace {BUSY}"));
    fake.user(ANN).message_shortcut(NOC, &ts, "diagnose");
    let card = answer(&fake, NOC, "Do next").await;
    assert_eq!(card.thread_ts, Some(ts));
    fake.nothing_refused();
}

#[tokio::test]
async fn what_was_asked_in_private_is_told_to_its_asker_alone() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage --private {BUSY}"));
    whisper(&fake, ANN, "486").await;
    // Neither to others nor where others read.
    for person in [BEN, ANN] {
        fake.user(person).slash(NOC, "/triage again");
    }
    fake.until("two answers", |state| {
        let all = said(state, NOC);
        let none = all
            .iter()
            .filter(|it| it.readable().contains("nothing to run again"));
        (none.count() == 2).then_some(())
    })
    .await;
    fake.user(BEN).slash(NOC, "/triage --private history");
    whisper(&fake, BEN, "othing").await;
    fake.user(ANN).slash(NOC, "/triage --private history");
    whisper(&fake, ANN, "called-busy").await;
    let told = fake.look(|state| {
        let to_ben = state.ephemerals(NOC, BEN);
        let all = to_ben.into_iter().cloned().chain(said(state, NOC));
        all.filter(|it| it.readable().contains(BUSY)).count()
    });
    assert_eq!(told, 0);
    fake.nothing_refused();
}
